// Keep or remove parts of the person's outline with a brush, at 400 %.

import * as api from "./api.js";
import { h, icon, load_image, put } from "./dom.js";
import { apply, invert, scale_of } from "./geometry.js";
import { problem_box } from "./main.js";
import { draw_strokes } from "./mask.js";
import { t } from "./words.js";

const ZOOMS = [1, 2, 4];
const DEFAULT_ZOOM = 4;
const DEFAULT_RADIUS = 0.018; // of the photo's height

let zoom = DEFAULT_ZOOM;
let keeps = true;
let share = DEFAULT_RADIUS;
let scroll = null;

export async function brush_stage(body, page) {
  const { person } = page;
  const { overlay } = person.result;
  const [width, height] = overlay.size;
  const back = invert(overlay.view);
  const strokes = [...person.strokes];
  const canvas = h("canvas", { class: "brush", width, height, tabindex: 0, "aria-label": t("brush-help"), role: "application" });
  const waiting = h("p", { class: "working" }, h("span", { class: "spinner" }), t("looking-at-photo"));
  const pane = h("div", { class: "pane", "aria-busy": "true", tabindex: 0, role: "group", "aria-label": t("tool-brush") }, waiting, canvas);
  const undo = h("button", { type: "button", class: "quiet", disabled: strokes.length === 0, onclick: () => take_back() }, icon("undo"), t("undo"));
  const apply_button = h("button", { type: "button", class: "primary", disabled: true, onclick: () => finish() }, t("apply"));
  const choice = (name, is_on, act) =>
    h("button", { type: "button", "aria-pressed": is_on ? "true" : "false", id: `brush-${name}`, onclick: () => { act(); controls(); } }, t(`brush-${name}`));
  const bar = h("div", { class: "row brush-bar", role: "toolbar", "aria-label": t("tool-brush") });

  function controls() {
    put(
      bar,
      h("div", { class: "segments" }, choice("keep", keeps, () => (keeps = true)), choice("remove", !keeps, () => (keeps = false))),
      h(
        "label",
        { class: "range small-range" },
        h("span", {}, t("brush-size")),
        h("input", { type: "range", min: 0.004, max: 0.06, step: 0.002, value: share, oninput: (event) => (share = Number(event.target.value)) })
      ),
      h(
        "div",
        { class: "segments" },
        ZOOMS.map((value) => h("button", { type: "button", "aria-pressed": value === zoom ? "true" : "false", onclick: () => { zoom = value; controls(); size_up(); } }, `${value * 100} %`))
      ),
      undo,
      apply_button
    );
  }

  function size_up() {
    // One pixel of the photo is `zoom` pixels of the screen where 100 % fills the pane.
    const fit = Math.min(pane.clientWidth / width, (0.62 * window.innerHeight) / height);
    canvas.style.width = `${width * fit * zoom}px`;
    canvas.style.height = `${height * fit * zoom}px`;
    pane.style.height = `${height * fit}px`;
    const top = Math.min(...overlay.marks.map((mark) => (mark.left + mark.right) / 2), height);
    const [x, y] = scroll ?? [0.5, top / height];
    pane.scrollLeft = x * canvas.clientWidth - pane.clientWidth / 2;
    pane.scrollTop = y * canvas.clientHeight - pane.clientHeight / 2;
  }
  pane.addEventListener("scroll", () => {
    scroll = [(pane.scrollLeft + pane.clientWidth / 2) / canvas.clientWidth, (pane.scrollTop + pane.clientHeight / 2) / canvas.clientHeight];
  });

  put(body, pane, bar, h("p", { class: "muted small" }, t("brush-help")));
  controls();
  size_up();

  let found;
  try {
    found = await person.with_session((token) => api.make_photo(token, person.job(), { matte: true, mask: undefined }));
  } catch (problem) {
    put(body, problem_box(problem));
    return;
  }
  const url = URL.createObjectURL(found.files.map(api.decode_file).find((file) => file.suffix === ".matte.png").blob);
  const [matte, source] = await Promise.all([load_image(url), load_image(person.picture)]);
  URL.revokeObjectURL(url);
  waiting.remove();
  pane.removeAttribute("aria-busy");
  size_up();
  const layer = h("canvas", { width, height });
  const context = canvas.getContext("2d");

  function draw() {
    const drawing = layer.getContext("2d");
    drawing.globalCompositeOperation = "source-over";
    drawing.drawImage(matte, 0, 0);
    draw_strokes(drawing, strokes, overlay.view);
    // Brightness becomes opacity: what is removed is shown in a colour that no person has.
    const pixels = drawing.getImageData(0, 0, width, height);
    for (let index = 0; index < pixels.data.length; index += 4) {
      const removed = 255 - pixels.data[index];
      pixels.data.set([210, 0, 140, removed * 0.62], index);
    }
    drawing.putImageData(pixels, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const [a, b] = overlay.view;
    const factor = person.shown.size[0] / source.naturalWidth;
    context.setTransform(a[0] * factor, b[0] * factor, a[1] * factor, b[1] * factor, a[2], b[2]);
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(layer, 0, 0);
    undo.disabled = strokes.length === 0;
    apply_button.disabled = strokes.length === person.strokes.length && strokes.every((stroke, index) => stroke === person.strokes[index]);
  }

  function take_back() {
    strokes.pop();
    draw();
  }

  function finish() {
    page.update(() => (person.strokes = strokes));
  }

  let stroke = null;
  let frame = 0;
  const fingers = new Map(); // two of them move the picture in place of painting
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
    return apply(back, [x - 0.5, y - 0.5]).map((value) => Math.round(value * 100) / 100);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size > 1) {
      if (stroke) strokes.pop();
      stroke = null;
      draw();
      return;
    }
    stroke = { keep: keeps, radius: (share * height) / scale_of(overlay.view), points: [place(event)] };
    strokes.push(stroke);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before && fingers.size > 1) {
      pane.scrollLeft -= (event.clientX - before[0]) / fingers.size;
      pane.scrollTop -= (event.clientY - before[1]) / fingers.size;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
    }
    if (!stroke) return;
    stroke.points.push(place(event));
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      stroke = null;
    });
  }
  body.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") take_back();
    else if (event.key === "x") {
      keeps = !keeps;
      controls();
    }
  });
  draw();
}
