// Find a document, look at its card, describe a size of one's own, and see what the photo fits.

import * as api from "./api.js";
import { announce, h, icon, put } from "./dom.js";
import { explain, problem_box, studio } from "./main.js";
import { t } from "./words.js";

const RECENT_NAME = "idphoto-recent";
const RECENT_COUNT = 5;

const recent = {
  get: () => JSON.parse(localStorage.getItem(RECENT_NAME) ?? "[]"),
  add: (id) =>
    localStorage.setItem(RECENT_NAME, JSON.stringify([id, ...recent.get().filter((other) => other !== id)].slice(0, RECENT_COUNT))),
};

/** Fill a panel with the search for a document, or with the card of the chosen one. */
export function document_panel(panel, { on_choice }) {
  const title = h("h2", { id: "document-title" }, h("span", { class: "number", "aria-hidden": "true" }, "2"), t("document-title"));
  if (studio.document) {
    put(
      panel,
      title,
      card_of(studio.document),
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: () => {
            studio.document = null;
            studio.current?.change_document(null);
            document_panel(panel, { on_choice });
            panel.querySelector("input").focus();
          },
        },
        t("other-document")
      )
    );
    return;
  }
  const told = h("div", { class: "told" });
  const choose = async (id) => {
    try {
      const card = await api.get_document(id);
      recent.add(id);
      announce(t("document-chosen", { title: card.title }));
      studio.document = card;
      document_panel(panel, { on_choice });
      on_choice(card);
    } catch (problem) {
      put(told, problem_box(problem));
    }
  };
  const take_size = async (own) => {
    try {
      const card = { ...(await api.get_own_size(own)), own };
      studio.document = card;
      document_panel(panel, { on_choice });
      on_choice(card);
    } catch (problem) {
      put(told, problem_box(problem));
    }
  };
  put(panel, title, search(choose), told, own_size(take_size), studio.current?.shown ? fit_list(choose) : null);
}

function search(choose) {
  const list = h("ul", { id: "documents", role: "listbox", class: "options", "aria-label": t("documents") });
  const state = h("p", { class: "muted small", id: "found" });
  let rows = [];
  let active = -1;
  let running = null;
  const input = h("input", {
    type: "search",
    id: "query",
    role: "combobox",
    placeholder: t("search-placeholder"),
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "true",
    "aria-controls": "documents",
    "aria-autocomplete": "list",
    "aria-describedby": "found",
    oninput: () => look_up(),
    onkeydown: (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        mark(Math.min(Math.max(active + (event.key === "ArrowDown" ? 1 : -1), 0), rows.length - 1));
      } else if (event.key === "Enter" && rows.length > 0) {
        event.preventDefault();
        const row = rows[Math.max(active, 0)];
        if (row.takes_photo) choose(row.id);
      }
    },
  });

  function mark(index) {
    active = index;
    [...list.querySelectorAll("[role=option]")].forEach((option, number) => {
      option.setAttribute("aria-selected", number === index ? "true" : "false");
      if (number === index) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
  }

  async function look_up() {
    running?.abort();
    running = new AbortController();
    const query = input.value.trim();
    try {
      const { documents: found, count, nearest } = await api.find_documents(query, running.signal);
      const names = recent.get();
      const rank = (row) => (names.includes(row.id) ? names.indexOf(row.id) : RECENT_COUNT);
      rows = query ? found : found.sort((a, b) => rank(a) - rank(b));
      active = -1;
      put(list, rows.map((row, index) => option(row, index, names.includes(row.id) && !query)));
      state.textContent = nearest ? t("no-document") : t("documents-found", { count });
    } catch (problem) {
      if (problem.name !== "AbortError") put(list, h("li", { class: "muted" }, explain(problem)[0]));
    }
  }

  function option(row, index, is_recent) {
    return h(
      "li",
      {
        id: `document-${index}`,
        "data-document": row.id,
        role: "option",
        "aria-selected": "false",
        "aria-disabled": row.takes_photo ? undefined : "true",
        onclick: () => row.takes_photo && choose(row.id),
      },
      h("span", { class: "flag", "aria-hidden": "true" }, row.country === "ZZ" ? "—" : row.country),
      h("span", { class: "what" }, h("span", { class: "strong" }, row.country_name), h("span", {}, row.title)),
      h("span", { class: "size" }, row.size || row.pixels),
      is_recent ? h("span", { class: "tag" }, t("recent")) : null,
      row.takes_photo ? null : h("span", { class: "tag warn" }, t("takes-no-photo"))
    );
  }

  look_up();
  return h("div", { class: "search" }, h("label", { for: "query" }, t("search-label")), h("div", { class: "field" }, icon("search"), input), state, list);
}

/** A form for a size that no document has. */
function own_size(take) {
  const field = (name, label, properties, value = "") =>
    h("div", { class: "setting" }, h("label", { for: name }, t(label)), h("input", { id: name, type: "number", value, ...properties }));
  const unit = h("select", { id: "own-unit" }, ["mm", "px", "in"].map((name) => h("option", { value: name }, name)));
  const background = h("select", { id: "own-background" }, ["white", "light-grey", "light-blue", "blue", "red"].map((name) => h("option", { value: name }, t(`colour-${name}`))), h("option", { value: "keep" }, t("background-keep")));
  const form = h(
    "form",
    {
      class: "own-size",
      onsubmit: (event) => {
        event.preventDefault();
        const value = (name) => form.querySelector(`#${name}`).value;
        take({
          size: `${value("own-width")}x${value("own-height")}${unit.value}`,
          background: background.value,
          ...(value("own-kb") ? { kb: value("own-kb") } : {}),
          ...(value("own-dpi") && unit.value !== "px" ? { dpi: Number(value("own-dpi")) } : {}),
        });
      },
    },
    h("p", { class: "muted small" }, t("own-size-text")),
    h(
      "div",
      { class: "three" },
      field("own-width", "width", { min: 0.4, max: 6000, step: "any", required: true }, 35),
      field("own-height", "height", { min: 0.4, max: 6000, step: "any", required: true }, 45),
      h("div", { class: "setting" }, h("label", { for: "own-unit" }, t("unit")), unit),
      field("own-dpi", "own-dpi", { min: 72, max: 1200, placeholder: "300" }),
      field("own-kb", "own-kb", { min: 3, max: 100000, placeholder: t("automatic") }),
      h("div", { class: "setting" }, h("label", { for: "own-background" }, t("own-background")), background)
    ),
    h("button", { type: "submit" }, t("own-use"))
  );
  return h("details", { class: "own" }, h("summary", {}, t("own-size")), form);
}

/** The card of a document: what it asks for, and where that was read. */
export function card_of(card) {
  const notes = [card.by_photographer ? t("only-photographer") : null, card.whole ? t("wants-original") : null];
  return h(
    "article",
    { class: "card" },
    h("h3", {}, h("span", { class: "muted" }, card.country_name), " ", card.title),
    notes.filter(Boolean).map((text) => h("p", { class: "notice warn" }, icon("warn"), h("span", {}, text))),
    h(
      "dl",
      { class: "facts" },
      card.rules.map((rule) => [
        h("dt", {}, t(`field-${rule.field.replaceAll("_", "-")}`)),
        h(
          "dd",
          {},
          h("span", { class: "value" }, rule.value),
          rule.advice ? h("span", { class: "tag" }, t("advice-only")) : null,
          rule.source ? source_of(rule.source) : null
        ),
      ])
    ),
    card.notes.length || card.disputed
      ? h("details", {}, h("summary", {}, t("notes")), h("ul", { class: "notes", lang: "en" }, [...card.notes, card.disputed].filter(Boolean).map((note) => h("li", {}, note))))
      : null
  );
}

function source_of(source) {
  const label = t("source-read", { day: source.read });
  const named = `${source.title} - ${t(`confidence-${source.confidence}`)}`;
  return source.url
    ? h("a", { class: "source", href: source.url, target: "_blank", rel: "noopener noreferrer", title: named }, label)
    : h("span", { class: "source", title: named }, label);
}

/** The documents that the photo fits, on request. */
function fit_list(choose) {
  const list = h("div", {});
  const button = h("button", {
    type: "button",
    class: "quiet",
    onclick: async () => {
      button.disabled = true;
      put(list, h("p", { class: "working" }, h("span", { class: "spinner" }), t("matching")));
      try {
        const person = studio.current;
        const { matches } = await person.with_session((token) => api.match_photo(token, { ...person.fields }));
        put(list, fits(matches, choose));
      } catch (problem) {
        put(list, problem_box(problem));
      } finally {
        button.disabled = false;
      }
    },
  }, t("what-fits"));
  return h("div", { class: "fits" }, button, list);
}

function fits(matches, choose) {
  const groups = [
    ["fits", t("fits-as-it-is")],
    ["fits after steps", t("fits-after-steps")],
  ];
  return groups.map(([fit, title]) => {
    const rows = matches.filter((row) => row.fit === fit);
    return h(
      "details",
      { open: fit === "fits" || rows.length < 12 },
      h("summary", {}, `${title} (${rows.length})`),
      rows.length
        ? h("ul", { class: "options" }, rows.map((row) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => choose(row.spec) }, row.title))))
        : h("p", { class: "muted" }, t("none"))
    );
  });
}
