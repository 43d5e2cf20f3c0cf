// Make elements of the document. Nothing here parses markup, so no text can become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "indeterminate") node[name] = value;
    else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Return an HTML element: h("button", {class: "primary", onclick: go}, "Text"). */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Return an SVG element. */
export function s(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Return an icon: a path on a square of 24 units. */
export function icon(name) {
  return s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
}

/** Put new children into an element. */
export function put(node, ...children) {
  node.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Tell a screen reader something. */
export function announce(text) {
  document.getElementById("live").textContent = text;
}

/** Wait until an image is decoded, and return it. */
export async function load_image(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

const ICONS = {
  upload: "M12 16V4m0 0L7 9m5-5 5 5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3",
  camera: "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zm8 9a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zm5-1.500L20 20",
  check: "M5 12.500 10 17.500 19.500 7",
  cross: "M6 6l12 12M18 6 6 18",
  warn: "M12 4 2.800 20h18.400zM12 10v4.500m0 2.500v.5",
  ask: "M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400m0 3v.5",
  skip: "M6 12h12",
  back: "M14 6l-6 6 6 6",
  next: "M10 6l6 6-6 6",
  plus: "M12 5v14M5 12h14",
  undo: "M9 7 5 11l4 4M5 11h9a5 5 0 0 1 0 10h-3",
  download: "M12 4v11m0 0 5-5m-5 5-5-5M4 20h16",
  print: "M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z",
  move: "M12 3v18M3 12h18M12 3 9.500 5.500M12 3l2.500 2.500M12 21l-2.500-2.500M12 21l2.500-2.500M3 12l2.500-2.500M3 12l2.500 2.500M21 12l-2.500-2.500M21 12l-2.500 2.500",
  points: "M12 2v6m0 8v6M2 12h6m8 0h6M12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  brush: "M14 4l6 6-8 8H6v-6zM6 18l-3 3",
  compare: "M12 3v18M4 6h5v12H4zM15 6h5v12h-5z",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zm-6.500 9c.3-4 3-6 6.500-6s6.200 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500m2 3.500c2 .8 3.300 2.600 3.500 5.500",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  sheet: "M4 4h16v16H4zM4 12h16M12 4v16",
};
