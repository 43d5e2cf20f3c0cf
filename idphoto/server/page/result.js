// The result: before and after, lines with their lengths, verdicts, background, and the ways to correct.

import { adjust_stage } from "./adjust.js";
import { brush_stage } from "./brush.js";
import { announce, h, icon, put, s } from "./dom.js";
import { draw_people, go, problem_box, studio } from "./main.js";
import { points_stage } from "./points.js";
import { check_title, kilobytes, number, t } from "./words.js";

const RANK = ["fail", "warn", "ask", "skip", "pass"];
const ICON = { fail: "cross", warn: "warn", ask: "ask", skip: "skip", pass: "check" };
const STAGES = { compare: compare_stage, adjust: adjust_stage, points: points_stage, brush: brush_stage };
const STAGE_ICON = { compare: "compare", adjust: "move", points: "points", brush: "brush" };

let stage_name = "compare";

export function show_result(main) {
  const person = studio.current;
  const stage = h("section", { class: "panel stage-panel", "aria-label": t("step-result") });
  const side = h("div", { class: "side" });
  put(
    main,
    h("h1", { tabindex: -1, class: "unseen" }, t("step-result")),
    h("div", { class: "result" }, stage, side)
  );
  const page = { person, stage, side, update, refresh };
  stage_name = "compare";

  /** Make the photo again after a change, and show it. */
  async function update(change = () => {}) {
    change();
    stage.classList.add("busy");
    stage.setAttribute("aria-busy", "true");
    try {
      const made = await person.make();
      if (!made || !stage.isConnected) return;
      page.problem = null;
      draw_people();
      announce(t(`headline-${made.report.status}`));
    } catch (problem) {
      if (!stage.isConnected) return;
      page.problem = problem;
    }
    stage.classList.remove("busy");
    stage.removeAttribute("aria-busy");
    refresh();
  }

  function refresh() {
    const focused = document.activeElement?.id;
    if (page.problem) {
      put(stage, problem_box(page.problem, () => update()), person.result ? null : back_button());
      if (!person.result) put(side);
      if (!person.result) return;
    } else draw_stage(page);
    draw_side(page);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  if (person.result) refresh();
  else {
    put(stage, waiting(person));
    put(side, h("div", { class: "panel skeleton", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
    update();
  }
}

function back_button() {
  return h("button", { type: "button", onclick: () => go("start") }, icon("back"), t("back"));
}

function waiting(person) {
  return h(
    "div",
    { class: "making" },
    person.picture ? h("img", { src: person.picture, alt: "" }) : null,
    h("p", { class: "working", role: "status" }, h("span", { class: "spinner" }), t("making"))
  );
}

function draw_stage(page) {
  const { person, stage } = page;
  const made = person.result;
  const possible = {
    compare: true,
    adjust: made.overlay.view !== null && made.overlay.head !== null,
    points: made.overlay.head !== null,
    brush: made.painted && made.overlay.view !== null,
  };
  if (!possible[stage_name]) stage_name = "compare";
  const body = h("div", { class: `stage stage-${stage_name}`, id: "stage", role: "tabpanel", "aria-labelledby": `tab-${stage_name}` });
  const tabs = Object.keys(STAGES).filter((name) => possible[name]);
  put(
    stage,
    h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": t("tools"), onkeydown: (event) => turn_tabs(event, tabs, page) },
      tabs.map((name) =>
        h(
          "button",
          {
            type: "button",
            role: "tab",
            id: `tab-${name}`,
            "aria-controls": "stage",
            "aria-selected": name === stage_name ? "true" : "false",
            tabindex: name === stage_name ? 0 : -1,
            onclick: () => show_stage(name, page),
          },
          icon(STAGE_ICON[name]),
          h("span", {}, t(`tool-${name}`))
        )
      )
    ),
    body,
    h("div", { class: "shade", "aria-hidden": "true" }, h("span", { class: "spinner" }))
  );
  STAGES[stage_name](body, page);
}

function show_stage(name, page) {
  stage_name = name;
  page.refresh();
}

function turn_tabs(event, tabs, page) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const forward = document.documentElement.dir === "rtl" ? -step : step;
  const next = tabs[(tabs.indexOf(stage_name) + forward + tabs.length) % tabs.length];
  show_stage(next, page);
  document.getElementById(`tab-${next}`).focus();
}

/** Before and after with a slider, and the lines. */
function compare_stage(body, { person }) {
  const made = person.result;
  const [width, height] = made.overlay.size;
  const lines = overlay_of(made);
  const slider = h("input", {
    type: "range",
    class: "slider",
    id: "slider",
    min: 0,
    max: 100,
    value: 0,
    "aria-label": t("before-after"),
    oninput: () => photo.style.setProperty("--before", `${slider.value}%`),
  });
  const show_lines = h("input", { type: "checkbox", id: "lines", checked: true, onchange: () => frame.classList.toggle("plain", !show_lines.checked) });
  const photo = h(
    "div",
    { class: "photo", style: { "--before": "0%", "aspect-ratio": `${width} / ${height}` } },
    h("img", { class: "after", src: made.url, alt: t("finished-photo") }),
    before_of(person),
    h("span", { class: "handle", "aria-hidden": "true" })
  );
  const frame = h("div", { class: "frame", style: { "--w": width, "--h": height } }, photo, lines, slider);
  put(
    body,
    frame,
    h(
      "div",
      { class: "row spread" },
      h("label", { class: "check", for: "lines" }, show_lines, t("show-lines")),
      h("span", { class: "muted small" }, `${width} × ${height} px · ${kilobytes(made.photo.bytes)}`)
    ),
    h(
      "ul",
      { class: "legend" },
      made.overlay.marks.map((mark) => h("li", { class: `mark-${mark.status}` }, mark.label))
    )
  );
}

/** The upload in the same place as the photo. */
export function before_of(person) {
  const { view, size } = person.result.overlay;
  if (view === null) return h("img", { class: "before", src: person.picture, alt: "" });
  const canvas = h("canvas", { class: "before", width: size[0], height: size[1], "aria-hidden": "true" });
  const image = new Image();
  image.onload = () => draw_source(canvas.getContext("2d"), image, person.shown.size, view);
  image.src = person.picture;
  return canvas;
}

/** Draw the picture of the upload through a view onto a canvas of the photo's size. */
export function draw_source(context, image, source_size, view) {
  const factor = source_size[0] / image.naturalWidth;
  const [a, b] = view;
  // Edges of pixels: the upload's first pixel has its centre at (0, 0) for the server and at (0.5, 0.5) here.
  const shift = (row) => row[2] + 0.5 - 0.5 * (row[0] + row[1]);
  context.setTransform(a[0] * factor, b[0] * factor, a[1] * factor, b[1] * factor, shift(a), shift(b));
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** Lines, bands and lengths over the photo, with room for the lengths at both sides. */
function overlay_of(made) {
  const { marks, strips, size } = made.overlay;
  const [width, height] = size;
  const room = height * GUTTER;
  const main = marks.filter((mark) => mark.main);
  const length = (name) => made.report.measures.find((measure) => measure.name === name);
  const written = (measure) => `${number(measure.value, measure.unit === "px" ? 0 : 1)} ${measure.unit}`;
  const parts = [];
  const band = (strip, name) =>
    strip && s("rect", { class: `band ${name}`, x: 0, width, y: Math.max(strip[0], 0), height: Math.max(Math.min(strip[1], height) - Math.max(strip[0], 0), 0) });
  parts.push(band(strips.eyes, "eyes"), band(strips.crown, "crown"));
  for (const mark of marks) {
    parts.push(s("line", { class: `line mark-${mark.status} ${mark.main ? "" : "side"}`, x1: 0, x2: width, y1: mark.left, y2: mark.right }));
  }
  if (main.length === 3) {
    const [crown, eyes, chin] = main.map((mark) => (mark.left + mark.right) / 2);
    const status = (index) => main[index].status;
    parts.push(
      dimension(width + room * 0.42, crown, chin, length("head-height"), status(2)),
      dimension(-room * 0.42, eyes, height, length("eye-line"), status(1)),
      dimension(-room * 0.42, 0, crown, length("top-margin"), status(0))
    );
  }
  function dimension(x, from, to, measure, of_status) {
    if (!measure || to - from < height * 0.02) return null;
    const tick = room * 0.16;
    const text = written(measure);
    const middle = (from + to) / 2;
    return s(
      "g",
      { class: `dimension mark-${of_status}` },
      s("path", { d: `M${x} ${from}V${to}M${x - tick} ${from}h${2 * tick}M${x - tick} ${to}h${2 * tick}` }),
      s("text", { transform: `translate(${x + room * (x < 0 ? -0.14 : 0.42)} ${middle}) rotate(-90)`, "font-size": height * (to - from > height * 0.16 ? 0.036 : 0.026) }, text)
    );
  }
  const regions = h_regions(made);
  return s(
    "svg",
    { class: "lines", viewBox: `${-room} ${-height * 0.01} ${width + 2 * room} ${height * 1.02}`, "aria-hidden": "true" },
    parts.filter(Boolean),
    regions
  );
}

export const GUTTER = 0.14; // of the photo's height, at each side

function h_regions(made) {
  return made.report.findings.map((finding, index) =>
    finding.region ? s("rect", { class: `region mark-${finding.status}`, id: `region-${index}`, x: finding.region[0], y: finding.region[1], width: finding.region[2], height: finding.region[3], rx: 6 }) : null
  ).filter(Boolean);
}

function draw_side(page) {
  const { person, side } = page;
  const { report } = person.result;
  const findings = report.findings.map((finding, index) => ({ ...finding, index })).sort((a, b) => RANK.indexOf(a.status) - RANK.indexOf(b.status));
  const against = findings.filter((finding) => ["fail", "warn", "ask"].includes(finding.status));
  const rest = findings.filter((finding) => !["fail", "warn", "ask"].includes(finding.status));
  put(
    side,
    h(
      "section",
      { class: `panel verdict ${report.status}` },
      h("span", { class: "seal" }, icon(ICON[report.status])),
      h("div", {}, h("h2", {}, t(`headline-${report.status}`)), h("p", {}, t(`verdict-${report.status}`)), h("p", { class: "muted small" }, report.title))
    ),
    h("button", { type: "button", class: "primary wide", onclick: () => go("files") }, t("to-files"), icon("next")),
    against.length
      ? h("section", { class: "panel" }, h("h2", {}, t("findings")), h("ul", { class: "findings" }, against.map((finding) => finding_row(finding, page))))
      : null,
    background_panel(page),
    h(
      "details",
      { class: "panel" },
      h("summary", {}, t("all-checks", { count: rest.length })),
      h("ul", { class: "findings calm" }, rest.map((finding) => finding_row(finding, page)))
    ),
    report.operations.length
      ? h("details", { class: "panel" }, h("summary", {}, t("what-was-done")), h("ul", { class: "notes", lang: "en" }, report.operations.map((operation) => h("li", {}, operation.detail))))
      : null
  );
}

function finding_row(finding, page) {
  const lit = (on) => document.getElementById(`region-${finding.index}`)?.classList.toggle("lit", on);
  const blames = ["fail", "warn", "ask"].includes(finding.status);
  const can_accept = ["warn", "ask"].includes(finding.status);
  return h(
    "li",
    {
      class: `finding ${finding.status}`,
      tabindex: finding.region ? 0 : undefined,
      onmouseenter: () => lit(true),
      onmouseleave: () => lit(false),
      onfocusin: () => lit(true),
      onfocusout: () => lit(false),
    },
    h("span", { class: "badge" }, icon(ICON[finding.status]), h("span", { class: "unseen" }, t(`status-${finding.status}`))),
    h(
      "div",
      {},
      h("p", { class: "strong" }, check_title(finding.check)),
      h("p", {}, finding.message),
      blames && finding.fix ? h("p", { class: "fix" }, finding.fix) : null,
      finding.accepted ? h("p", { class: "muted small" }, t("accepted-because", { reason: finding.accepted })) : null,
      h(
        "p",
        { class: "row small" },
        /^https?:/.test(finding.source) ? h("a", { class: "source", href: finding.source, target: "_blank", rel: "noopener noreferrer" }, t("rule-source")) : null,
        can_accept ? accept_button(finding, page) : null
      )
    )
  );
}

/** Let a warning or question pass, with a reason that the report keeps. */
function accept_button(finding, page) {
  const box = h("span", {});
  const ask = () => {
    const reason = h("input", { type: "text", maxlength: 200, "aria-label": t("reason"), placeholder: t("reason"), required: true });
    put(
      box,
      h(
        "form",
        {
          class: "inline",
          onsubmit: (event) => {
            event.preventDefault();
            page.update(() => (page.person.fields.accept = { ...page.person.fields.accept, [finding.check]: reason.value.trim() }));
          },
        },
        reason,
        h("button", {}, t("accept"))
      )
    );
    reason.focus();
  };
  return put(box, h("button", { type: "button", class: "link", onclick: ask }, t("accept-this")));
}

/** The background as the document allows, or the reason why it stays and the way to order another one. */
function background_panel(page) {
  const { person } = page;
  const card = person.document;
  if (card.whole || !card.takes_photo) return null;
  const ordered = Boolean(person.fields.allow_editing);
  const chosen = person.fields.background ?? "auto";
  const choose = (value) => page.update(() => (person.fields.background = value));
  const title = h("h2", {}, t("field-background"));
  if (!card.may_paint && !ordered) {
    const reason = h("input", { type: "text", id: "order-reason", maxlength: 200, required: true });
    return h(
      "section",
      { class: "panel" },
      title,
      h("p", {}, t("background-kept", { colours: card.background })),
      card.editing_says ? h("p", { class: "muted small", lang: "en" }, card.editing_says) : null,
      h(
        "details",
        {},
        h("summary", {}, t("order-anyway")),
        h("p", { class: "notice warn" }, icon("warn"), h("span", {}, t("order-warning"))),
        h(
          "form",
          {
            onsubmit: (event) => {
              event.preventDefault();
              page.update(() => Object.assign(person.fields, { allow_editing: reason.value.trim(), background: "auto" }));
            },
          },
          h("label", { for: "order-reason" }, t("reason")),
          reason,
          h("button", { type: "submit" }, t("order"))
        )
      )
    );
  }
  const custom = h("input", { type: "color", id: "custom-colour", value: chosen.startsWith("#") ? chosen : "#dfe3e8", onchange: () => choose(custom.value), "aria-label": t("own-colour") });
  const option = (value, text, swatch) =>
    h(
      "button",
      { type: "button", class: "swatch", id: `background-${value}`, "aria-pressed": chosen === value ? "true" : "false", onclick: () => choose(value) },
      swatch ? h("span", { class: "colour", style: { "--colour": swatch }, "aria-hidden": "true" }) : null,
      text
    );
  return h(
    "section",
    { class: "panel" },
    title,
    ordered ? h("p", { class: "notice warn" }, icon("warn"), h("span", {}, t("ordered-because", { reason: person.fields.allow_editing }))) : null,
    h(
      "div",
      { class: "swatches" },
      option("auto", t("background-auto", { colour: card.background })),
      option("keep", t("background-keep")),
      h("label", { class: "swatch", for: "custom-colour" }, custom, t("own-colour"))
    ),
    ordered
      ? h("button", { type: "button", class: "link", onclick: () => page.update(() => Object.assign(person.fields, { allow_editing: undefined, background: undefined })) }, t("take-back"))
      : null
  );
}
