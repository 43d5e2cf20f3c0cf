// The first view: a photo and a document, in any order.

import * as api from "./api.js";
import { open_camera } from "./camera.js";
import { announce, h, icon, put } from "./dom.js";
import { document_panel } from "./documents.js";
import { add_photo, draw, go, problem_box, ready, studio } from "./main.js";
import { kilobytes, t } from "./words.js";

const ACCEPTED = "image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif,image/tiff,image/bmp,.heic,.heif";

export function show_start(main) {
  if (studio.start.keys && !api.key.get()) {
    put(main, key_panel());
    return;
  }
  const photo = h("section", { class: "panel photo-panel", "aria-labelledby": "photo-title" });
  const side = h("section", { class: "panel document-panel", "aria-labelledby": "document-title" });
  put(
    main,
    h(
      "div",
      { class: "intro" },
      h("h1", { tabindex: -1 }, t("headline")),
      h("p", { class: "lead" }, t("lead"))
    ),
    h("div", { class: "start" }, photo, side)
  );
  draw_photo(photo);
  document_panel(side, { on_choice: chosen });
}

function chosen(card) {
  studio.document = card;
  if (studio.current) studio.current.change_document(card);
  proceed();
}

/** Go on as soon as nothing is missing. */
function proceed() {
  const person = studio.current;
  if (person && studio.document && !person.document) person.document = studio.document;
  if (ready() && person.shown) {
    person.result = null;
    go("result");
  }
}

function draw_photo(panel) {
  const person = studio.current;
  const title = h("h2", { id: "photo-title" }, h("span", { class: "number", "aria-hidden": "true" }, "1"), t("photo-title"));
  if (person?.problem) {
    put(panel, title, problem_box(person.problem), picker(panel));
  } else if (person && person.shown === null) {
    put(
      panel,
      title,
      h("div", { class: "working" }, h("span", { class: "spinner" }), h("p", {}, t("looking-at-photo")), h("p", { class: "muted" }, kilobytes(person.file.size)))
    );
  } else if (person?.must_choose) {
    put(panel, title, h("p", { class: "notice ask", role: "status" }, icon("people"), t("several-people")), chooser(person), replace_button());
  } else if (person) {
    put(
      panel,
      title,
      h("img", { class: "given", src: person.picture, alt: t("your-photo") }),
      h("p", { class: "good" }, icon("check"), t("photo-ready")),
      replace_button()
    );
  } else put(panel, title, picker(panel));
}

function replace_button() {
  return h(
    "button",
    {
      type: "button",
      class: "quiet",
      onclick: () => {
        studio.people = studio.people.filter((other) => other !== studio.current);
        studio.current.end();
        studio.current = null;
        draw();
      },
    },
    t("other-photo")
  );
}

/** The picture with a button on each face. */
function chooser(person) {
  const [width, height] = person.shown.size;
  return h(
    "div",
    { class: "chooser" },
    h("img", { src: person.picture, alt: t("your-photo") }),
    person.shown.people.map(([x, y, w, k], index) =>
      h(
        "button",
        {
          type: "button",
          class: "face",
          "aria-label": t("person-number", { number: index + 1 }),
          style: {
            left: `${(100 * x) / width}%`,
            top: `${(100 * y) / height}%`,
            width: `${(100 * w) / width}%`,
            height: `${(100 * k) / height}%`,
          },
          onclick: () => {
            person.fields.face = String(index + 1);
            if (ready()) proceed();
            else draw();
          },
        },
        h("span", {}, index + 1)
      )
    )
  );
}

function picker(panel) {
  const input = h("input", {
    type: "file",
    accept: ACCEPTED,
    class: "unseen",
    id: "file",
    "aria-label": t("choose-photo"),
    onchange: (event) => event.target.files[0] && take(event.target.files[0], panel),
  });
  const zone = h(
    "div",
    {
      class: "drop",
      ondragover: (event) => {
        event.preventDefault();
        zone.classList.add("over");
      },
      ondragleave: () => zone.classList.remove("over"),
      ondrop: (event) => {
        event.preventDefault();
        zone.classList.remove("over");
        const file = event.dataTransfer.files[0];
        if (file) take(file, panel);
      },
    },
    icon("upload"),
    h("p", { class: "strong" }, t("drop-here")),
    h(
      "div",
      { class: "row center" },
      h("button", { type: "button", class: "primary", onclick: () => input.click() }, t("choose-photo")),
      h("button", { type: "button", onclick: () => open_camera((file) => take(file, panel)) }, icon("camera"), t("use-camera"))
    ),
    h("p", { class: "muted small" }, t("formats", { megabytes: studio.start.megabytes })),
    input
  );
  return [zone, h("ul", { class: "tips" }, ["tip-light", "tip-distance", "tip-wall"].map((name) => h("li", {}, t(name))))];
}

/** Take a photo that was chosen, dropped, pasted or taken. */
export async function take(file, panel) {
  const person = add_photo(file);
  if (studio.document) person.document = studio.document;
  const redraw = () => (panel?.isConnected ? draw_photo(panel) : studio.view === "start" && draw());
  redraw();
  announce(t("looking-at-photo"));
  try {
    await person.open();
  } catch (problem) {
    person.problem = problem;
    studio.people = studio.people.filter((other) => other !== person);
    if (studio.current === person) redraw();
    studio.current = studio.current === person ? null : studio.current;
    return;
  }
  if (studio.current !== person) return;
  redraw();
  proceed();
}

window.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
  if (file && studio.view === "start") take(file, document.querySelector(".photo-panel"));
});
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());

function key_panel() {
  const field = h("input", { type: "password", id: "key", autocomplete: "off", required: true, spellcheck: "false" });
  const told = h("div", {});
  return h(
    "form",
    {
      class: "panel key-panel",
      onsubmit: async (event) => {
        event.preventDefault();
        api.key.set(field.value.trim());
        try {
          await api.find_documents("");
          draw();
        } catch (problem) {
          api.key.forget();
          put(told, problem_box({ ...problem, code: problem.code, status: 0 }));
        }
      },
    },
    h("h1", { tabindex: -1 }, t("key-title")),
    h("p", {}, t("key-text")),
    h("label", { for: "key" }, t("key-label")),
    field,
    told,
    h("button", { class: "primary" }, t("key-use"))
  );
}
