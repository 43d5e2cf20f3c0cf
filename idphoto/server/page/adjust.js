// Move, zoom and tilt the photo by mouse, touch and keyboard, with the limits of the document shown meanwhile.

import { announce, h, icon, load_image, put } from "./dom.js";
import { apply, correction, invert, measure, middle, multiply, without_correction } from "./geometry.js";
import { draw_source } from "./result.js";
import { number, t } from "./words.js";

const SETTLE_MS = 450; // after the last change, until the photo is made again
const STEP_SHIFT = 0.25; // % of the height
const STEP_ZOOM = 1.01;
const STEP_TILT = 0.25; // degrees
export const BOUNDS = { shift: 50, zoom: [0.5, 2], tilt: 20 };

export async function adjust_stage(body, page) {
  const { person } = page;
  const { overlay, url } = person.result;
  const [width, height] = overlay.size;
  const found = without_correction(overlay.view, middle(overlay.head.left_eye, overlay.head.right_eye), person.fields, height);
  const eyes = apply(found, middle(overlay.head.left_eye, overlay.head.right_eye));
  const made_view = overlay.view;
  const now = { shift: [...(person.fields.shift ?? [0, 0])], zoom: person.fields.zoom ?? 1, tilt: person.fields.tilt ?? 0 };
  const may_turn = person.document.may_turn || Boolean(person.fields.allow_editing);

  const canvas = h("canvas", {
    class: "adjust",
    width,
    height,
    tabindex: 0,
    id: "adjust-canvas",
    role: "application",
    "aria-label": t("adjust-help"),
  });
  const zoom = range("zoom", Math.log2(BOUNDS.zoom[0]), Math.log2(BOUNDS.zoom[1]), 0.005, () => Math.log2(now.zoom), (value) => (now.zoom = 2 ** value));
  const tilt = range("tilt", -BOUNDS.tilt, BOUNDS.tilt, 0.1, () => now.tilt, (value) => (now.tilt = value));
  const told = h("ul", { class: "limits", "aria-label": t("limits") });
  put(
    body,
    h("div", { class: "frame adjusting", style: { "--w": width, "--h": height } }, canvas),
    h("div", { class: "controls" }, zoom.row, may_turn ? tilt.row : null),
    h(
      "div",
      { class: "row spread" },
      h("span", { class: "muted small" }, t("adjust-help-short")),
      h("button", { type: "button", class: "quiet", onclick: reset }, icon("undo"), t("reset"))
    ),
    told
  );

  const [source, made] = await Promise.all([load_image(person.picture), load_image(url)]);
  const context = canvas.getContext("2d");
  let frame = 0;
  let settle = 0;
  let changed = false;

  function draw() {
    frame = 0;
    const view = multiply(correction(eyes, now, height), found);
    context.fillStyle = "#888";
    context.fillRect(0, 0, width, height);
    draw_source(context, source, person.shown.size, view);
    if (person.result.painted) {
      const [a, b] = multiply(view, invert(made_view));
      const shift = (row) => row[2] + 0.5 - 0.5 * (row[0] + row[1]);
      context.setTransform(a[0], b[0], a[1], b[1], shift(a), shift(b));
      context.drawImage(made, 0, 0, width, height);
      context.setTransform(1, 0, 0, 1, 0, 0);
    }
    guides(view);
    show_limits(view);
  }

  function guides(view) {
    const level = apply(view, middle(overlay.head.left_eye, overlay.head.right_eye))[1];
    context.lineWidth = Math.max(1, height / 500);
    context.strokeStyle = "rgba(255,255,255,.85)";
    context.setLineDash([height / 80, height / 120]);
    for (const y of [apply(view, overlay.head.crown)[1], level, apply(view, overlay.head.chin)[1]]) {
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
    }
    context.setLineDash([]);
  }

  const rows = new Map(
    overlay.limits.map((limit) => {
      const value = h("span", { class: "value" });
      const needle = h("i", { class: "needle" });
      const row = h("li", {}, h("span", { class: "name" }, limit.title), h("span", { class: "gauge" }, h("i", { class: "allowed" }), needle), value);
      told.append(row);
      return [limit.check, { row, value, needle, limit }];
    })
  );

  function show_limits(view) {
    const values = measure(view, overlay.head, overlay.size);
    for (const [check, { row, value, needle, limit }] of rows) {
      const px = values[check];
      const high = limit.high ?? Math.max(2 * limit.low, 1);
      const is_right = px >= limit.low && (limit.high === null || px <= limit.high);
      row.className = is_right ? "pass" : "fail";
      const span = high - limit.low || 1;
      const place = Math.min(Math.max((px - limit.low) / span, -0.5), 1.5);
      needle.style.insetInlineStart = `${25 + 50 * place}%`;
      value.textContent = `${number(px / limit.unit_px, limit.unit === "px" ? 0 : 1)} ${limit.unit}`;
    }
  }

  function change() {
    changed = true;
    frame ||= requestAnimationFrame(draw);
    zoom.show();
    tilt.show();
    clearTimeout(settle);
    settle = setTimeout(finish, SETTLE_MS);
  }

  function finish() {
    if (!changed || pointers.size > 0 || !canvas.isConnected) return;
    changed = false;
    const round = (value, digits) => Number(value.toFixed(digits));
    const shift = now.shift.map((value) => round(value, 2));
    page.update(() =>
      Object.assign(person.fields, {
        shift: shift.some((value) => value !== 0) ? shift : undefined,
        zoom: round(now.zoom, 3) !== 1 ? round(now.zoom, 3) : undefined,
        tilt: round(now.tilt, 2) !== 0 ? round(now.tilt, 2) : undefined,
      })
    );
  }

  function clamp() {
    now.shift = now.shift.map((value) => Math.min(Math.max(value, -BOUNDS.shift), BOUNDS.shift));
    now.zoom = Math.min(Math.max(now.zoom, BOUNDS.zoom[0]), BOUNDS.zoom[1]);
    now.tilt = may_turn ? Math.min(Math.max(now.tilt, -BOUNDS.tilt), BOUNDS.tilt) : 0;
    change();
  }

  function reset() {
    Object.assign(now, { shift: [0, 0], zoom: 1, tilt: 0 });
    announce(t("reset-done"));
    change();
  }

  const pointers = new Map();
  const share = (px) => ((px / canvas.clientHeight) * 100);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    canvas.classList.add("held");
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const after = [event.clientX, event.clientY];
    if (pointers.size === 1) {
      now.shift = [now.shift[0] + share(after[0] - before[0]), now.shift[1] + share(after[1] - before[1])];
    } else {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const [a, b] = [before, after].map(([x, y]) => [x - other[0], y - other[1]]);
      now.zoom *= Math.hypot(...b) / Math.max(Math.hypot(...a), 1);
      let turn = ((Math.atan2(b[1], b[0]) - Math.atan2(a[1], a[0])) * 180) / Math.PI;
      turn -= 360 * Math.round(turn / 360);
      now.tilt += turn;
    }
    pointers.set(event.pointerId, after);
    clamp();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      canvas.classList.toggle("held", pointers.size > 0);
      if (pointers.size === 0 && changed) change();
    });
  }
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      now.zoom *= STEP_ZOOM ** (-event.deltaY / 25);
      clamp();
    },
    { passive: false }
  );
  canvas.addEventListener("keydown", (event) => {
    const factor = event.shiftKey ? 5 : 1;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (moves) now.shift = now.shift.map((value, axis) => value + moves[axis] * STEP_SHIFT * factor);
    else if (event.key === "+" || event.key === "=") now.zoom *= STEP_ZOOM ** factor;
    else if (event.key === "-" || event.key === "_") now.zoom /= STEP_ZOOM ** factor;
    else if (event.key === "]" || event.key === ".") now.tilt += STEP_TILT * factor;
    else if (event.key === "[" || event.key === ",") now.tilt -= STEP_TILT * factor;
    else if (event.key === "0") return void reset();
    else return;
    event.preventDefault();
    clamp();
  });

  function range(name, low, high, step, read, write) {
    const value = h("output", { for: `range-${name}` });
    const input = h("input", {
      type: "range",
      id: `range-${name}`,
      min: low,
      max: high,
      step,
      oninput: () => {
        write(Number(input.value));
        clamp();
      },
    });
    const show = () => {
      input.value = read();
      value.textContent = name === "zoom" ? `${number(now.zoom * 100, 0)} %` : `${number(now.tilt, 1)}°`;
    };
    show();
    return { row: h("div", { class: "range" }, h("label", { for: `range-${name}` }, t(name)), input, value), show };
  }

  draw();
}
