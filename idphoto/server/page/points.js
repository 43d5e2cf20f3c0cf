// Own points for crown, chin and eyes, where the finder was wrong.

import { announce, h, icon, load_image, put } from "./dom.js";
import { distance, middle } from "./geometry.js";
import { t } from "./words.js";

const NAMES = ["crown", "left_eye", "right_eye", "chin"];
const ROOM = 0.35; // around the head, as a share of its height
const LONGEST_PX = 900;

export async function points_stage(body, page) {
  const { person } = page;
  const { head } = person.result.overlay;
  const now = Object.fromEntries(NAMES.map((name) => [name, [...(person.fields.points?.[name] ?? head[name])]]));
  const tall = distance(head.crown, head.chin);
  const centre = middle(head.crown, head.chin);
  const [width, height] = person.shown.size;
  const half = tall * (0.5 + ROOM);
  const left = Math.max(centre[0] - half, 0);
  const top = Math.max(centre[1] - half, 0);
  const size = [Math.min(centre[0] + half, width) - left, Math.min(centre[1] + half, height) - top];
  const factor = Math.min(LONGEST_PX / Math.max(...size), 4);
  const canvas = h("canvas", { width: Math.round(size[0] * factor), height: Math.round(size[1] * factor), "aria-hidden": "true" });
  const handles = NAMES.map(handle);
  const stage = h("div", { class: "points", style: { "--ratio": size[0] / size[1] } }, canvas, handles);
  put(
    body,
    stage,
    h(
      "div",
      { class: "row spread" },
      h("span", { class: "muted small" }, t("points-help")),
      h("button", { type: "button", class: "quiet", onclick: () => page.update(() => (person.fields.points = undefined)) }, icon("undo"), t("reset"))
    )
  );
  const image = await load_image(person.picture);
  const scale = image.naturalWidth / width;
  canvas.getContext("2d").drawImage(image, left * scale, top * scale, size[0] * scale, size[1] * scale, 0, 0, canvas.width, canvas.height);

  function place(node, [x, y]) {
    node.style.left = `${(100 * (x - left)) / size[0]}%`;
    node.style.top = `${(100 * (y - top)) / size[1]}%`;
  }

  function handle(name) {
    const label = t(`point-${name.replace("_", "-")}`);
    let held = false;
    let settle = 0;
    const node = h("button", {
      type: "button",
      class: `point point-${name}`,
      id: `point-${name}`,
      "aria-label": label,
      onpointerdown: (event) => {
        held = true;
        node.setPointerCapture(event.pointerId);
        event.preventDefault();
        node.focus();
      },
      onpointermove: (event) => {
        if (!held) return;
        const box = stage.getBoundingClientRect();
        move_to([left + ((event.clientX - box.left) / box.width) * size[0], top + ((event.clientY - box.top) / box.height) * size[1]]);
      },
      onpointerup: () => {
        held = false;
        finish();
      },
      onkeydown: (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (!step) return;
        event.preventDefault();
        const px = (tall / 300) * (event.shiftKey ? 5 : 1);
        move_to([now[name][0] + step[0] * px, now[name][1] + step[1] * px]);
        clearTimeout(settle);
        settle = setTimeout(finish, 600);
      },
    }, h("span", {}, label));
    function move_to([x, y]) {
      now[name] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
      place(node, now[name]);
    }
    function finish() {
      if (!node.isConnected) return;
      const [x, y] = now[name].map((value) => Number(value.toFixed(1)));
      announce(`${label}: ${Math.round(x)}, ${Math.round(y)}`);
      page.update(() => (person.fields.points = { ...person.fields.points, [name]: [x, y] }));
    }
    place(node, now[name]);
    return node;
  }
}
