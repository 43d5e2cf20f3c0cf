// The page: header, views, and what all views share.

import * as api from "./api.js";
import { announce, h, icon, put } from "./dom.js";
import { Person } from "./person.js";
import { show_files } from "./files.js";
import { show_result } from "./result.js";
import { show_start } from "./start.js";
import { language, t, use_words } from "./words.js";

const LANGUAGE_NAME = "idphoto-language";
const app = document.getElementById("app");

/** All that the page knows. Nothing of it is stored but the language and the names of recent documents. */
export const studio = {
  start: null,
  people: [],
  current: null,
  document: null, // the card that the next photo is made for
  view: "start",
};

const VIEWS = { start: show_start, result: show_result, files: show_files };

/** Go to a view and tell screen readers its heading. */
export function go(view) {
  studio.view = view;
  draw();
  window.scrollTo(0, 0);
  const heading = app.querySelector("h1");
  heading?.focus({ preventScroll: true });
}

/** Draw the current view anew. */
export function draw() {
  const main = h("main", { id: "main", class: `view view-${studio.view}` });
  const strip = h("section", { class: "strip", "aria-label": t("people") });
  put(app, header(), strip, main, footer());
  draw_people();
  VIEWS[studio.view](main);
}

/** Draw the strip of people anew. */
export function draw_people() {
  const strip = app.querySelector(".strip");
  if (strip) put(strip, people_strip());
}

/** Begin with a photo. The rest of the way needs a document, too. */
export function add_photo(file) {
  const person = new Person(file);
  if (studio.current && studio.current.result === null) {
    studio.people = studio.people.filter((other) => other !== studio.current);
    studio.current.end();
  }
  studio.people.push(person);
  studio.current = person;
  return person;
}

/** Forget a person. */
export function remove_person(person) {
  person.end();
  studio.people = studio.people.filter((other) => other !== person);
  studio.current = studio.people.at(-1) ?? null;
}

/** Forget all people: the next customer. */
export function clear_all() {
  for (const person of studio.people) person.end();
  studio.people = [];
  studio.current = null;
  studio.document = null;
  announce(t("cleared"));
  go("start");
}

/** Return the message for a refusal of the server, in the page's language where the page has one. */
export function explain(problem) {
  const own = {
    connection: ["error-connection", "error-connection-fix"],
    "input.no-face": ["error-no-face", "error-no-face-fix"],
    "input.unreadable": ["error-unreadable", "error-unreadable-fix"],
    "input.too-small": ["error-too-small", "error-too-small-fix"],
    "request.file-too-large": ["error-too-large", "error-too-large-fix"],
    "request.body-too-large": ["error-too-large", "error-too-large-fix"],
    "request.no-key": ["error-key", "error-key-fix"],
    "request.locked-key": ["error-key", "error-key-fix"],
    "request.no-credits": ["error-credits", "error-credits-fix"],
    "request.overloaded": ["error-busy", "error-busy-fix"],
    "request.too-many-requests": ["error-busy", "error-busy-fix"],
  }[problem.code];
  if (own) return own.map((name) => t(name, { megabytes: studio.start.megabytes }));
  if (problem.message && problem instanceof api.Refused) return [problem.message, problem.advice];
  return [t("error-internal"), t("error-internal-fix")];
}

/** A box that tells of a refusal, with a way to try again. */
export function problem_box(problem, again) {
  const [message, fix] = explain(problem);
  announce(message);
  if (problem.status === 401) {
    api.key.forget();
    queueMicrotask(draw);
  }
  return h(
    "div",
    { class: "notice fail", role: "alert" },
    icon("cross"),
    h("div", {}, h("p", { class: "strong" }, message), fix ? h("p", {}, fix) : null),
    again ? h("button", { type: "button", onclick: again }, t("try-again")) : null
  );
}

function header() {
  const steps = [
    ["start", t("step-start")],
    ["result", t("step-result")],
    ["files", t("step-files")],
  ];
  const reachable = { start: true, result: ready(), files: ready() && studio.current.result !== null };
  const here = steps.findIndex(([name]) => name === studio.view);
  return h(
    "header",
    { class: "top" },
    h("a", { class: "skip", href: "#main" }, t("skip-to-content")),
    h("div", { class: "brand" }, h("img", { src: "page/icon.svg", alt: "", width: 28, height: 28 }), "idphoto"),
    h(
      "nav",
      { class: "steps", "aria-label": t("steps") },
      h(
        "ol",
        {},
        steps.map(([name, text], index) =>
          h(
            "li",
            { class: index < here ? "done" : "" },
            h(
              "button",
              {
                type: "button",
                disabled: !reachable[name],
                "aria-current": name === studio.view ? "step" : undefined,
                onclick: () => go(name),
              },
              h("span", { class: "dot", "aria-hidden": "true" }, index < here ? icon("check") : index + 1),
              h("span", { class: "name" }, text)
            )
          )
        )
      )
    ),
    h(
      "label",
      { class: "language" },
      icon("globe"),
      h("span", { class: "unseen" }, t("language")),
      h(
        "select",
        { onchange: (event) => change_language(event.target.value) },
        Object.entries(studio.start.languages).map(([code, name]) =>
          h("option", { value: code, selected: code === language, lang: code }, name)
        )
      )
    )
  );
}

/** True if a photo and a document are there, and one person is chosen. */
export function ready() {
  const person = studio.current;
  return person !== null && person.document !== null && !person.must_choose;
}

function people_strip() {
  const made = studio.people.filter((person) => person.result);
  if (made.length === 0) return null;
  return h(
    "div",
    { class: "people" },
    h(
      "ul",
      {},
      studio.people.map((person, index) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "thumb",
              "aria-pressed": person === studio.current ? "true" : "false",
              "aria-label": t("person-number", { number: index + 1 }),
              onclick: () => {
                studio.current = person;
                studio.document = person.document;
                go(person.result ? (studio.view === "start" ? "result" : studio.view) : "start");
              },
            },
            h("img", { src: person.result?.url ?? person.picture ?? "page/icon.svg", alt: "" })
          )
        )
      )
    ),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        onclick: () => {
          studio.current = null;
          go("start");
        },
      },
      icon("plus"),
      h("span", {}, t("add-person"))
    ),
    h("button", { type: "button", class: "quiet danger", onclick: clear_all }, icon("cross"), h("span", {}, t("next-customer")))
  );
}

function footer() {
  return h("footer", { class: "foot" }, icon("lock"), h("p", {}, t("privacy")), h("p", { class: "version" }, `idphoto ${studio.start.version}`));
}

async function change_language(code) {
  localStorage.setItem(LANGUAGE_NAME, code);
  studio.start = await api.start(code);
  use_words(studio.start);
  const again = async (card) => (card?.own ? { ...(await api.get_own_size(card.own)), own: card.own } : card && api.get_document(card.id));
  for (const person of studio.people) person.document = await again(person.document);
  studio.document = await again(studio.document);
  draw();
  const person = studio.current;
  if (person?.result) {
    await person.make();
    draw();
  }
}

function wanted_languages() {
  const chosen = localStorage.getItem(LANGUAGE_NAME);
  return (chosen ? [chosen] : navigator.languages.map((name) => name.slice(0, 2))).join(",");
}

async function begin() {
  try {
    studio.start = await api.start(wanted_languages());
    use_words(studio.start);
    app.removeAttribute("aria-busy");
    draw();
  } catch {
    put(app, h("p", { class: "notice fail", role: "alert" }, "The server cannot be reached. Load the page again."));
  }
}

window.addEventListener("pagehide", (event) => {
  if (!event.persisted) for (const person of studio.people) if (person.token) api.end_photo(person.token);
});
window.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && /^[1-9]$/.test(event.key) && studio.people[Number(event.key) - 1]) {
    studio.current = studio.people[Number(event.key) - 1];
    studio.document = studio.current.document;
    go(studio.current.result ? "result" : "start");
    event.preventDefault();
  }
});

begin();
