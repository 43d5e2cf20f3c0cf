// The files: the photo, a print sheet of one or several people, report, cutout, job file, and all as one ZIP.

import * as api from "./api.js";
import { h, icon, load_image, put } from "./dom.js";
import { clear_all, go, problem_box, studio } from "./main.js";
import { kilobytes, number, t } from "./words.js";

const PREVIEW_DPI = 110;
const PRINT_DPI = 300;
const LIGHT = 700; // ms after the last change of a field
const sheet = { paper: null, gap: "", turn: false, copies: new Map() };

export function show_files(main) {
  const made = studio.people.filter((person) => person.result);
  const person = studio.current;
  put(
    main,
    h("h1", { tabindex: -1 }, t("files-title")),
    h(
      "div",
      { class: "files" },
      h("div", { class: "column" }, photo_card(person), more_card(person)),
      person.document.whole ? null : sheet_card(made)
    ),
    h(
      "div",
      { class: "row spread end-row" },
      h("button", { type: "button", onclick: () => go("result") }, icon("back"), t("back-to-result")),
      h("button", { type: "button", class: "quiet danger", onclick: clear_all }, t("next-customer"))
    )
  );
}

/** Name of a file that belongs to a person, without its suffix. */
function stem_of(person) {
  return `${person.file.name.replace(/\.[^.]*$/, "") || "photo"}.${person.result.slug}`;
}

/** Let the browser save a file. */
function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function photo_card(person) {
  const { photo, overlay, report, url } = person.result;
  const file = report.files.find((each) => each.name === photo.suffix) ?? {};
  const facts = [
    `${overlay.size[0]} × ${overlay.size[1]} px`,
    kilobytes(photo.bytes),
    person.document.mm ? `${number(person.document.mm[0])} × ${number(person.document.mm[1])} mm` : null,
    file.dpi ? `${number(file.dpi, 0)} dpi` : null,
  ];
  const archive = h("button", { type: "button", onclick: () => busy(archive, () => save_archive(person)) }, icon("download"), t("all-as-zip"));
  return h(
    "section",
    { class: `panel file-card ${report.status}` },
    h("img", { src: url, alt: t("finished-photo") }),
    h(
      "div",
      {},
      h("h2", {}, person.document.country_name, ": ", person.document.title),
      h("p", { class: "status-line" }, icon({ fail: "cross", warn: "warn", ask: "ask" }[report.status] ?? "check"), t(`headline-${report.status}`)),
      h("p", { class: "muted" }, facts.filter(Boolean).join(" · ")),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "primary", id: "save-photo", onclick: () => save(photo.blob, stem_of(person) + photo.suffix) }, icon("download"), t("save-photo")),
        archive
      )
    )
  );
}

async function save_archive(person) {
  const blob = await person.with_session((token) => api.make_archive(token, person.job(archive_fields(person)), person.result.mask));
  save(blob, `${stem_of(person)}.zip`);
}

function archive_fields(person) {
  if (person.document.whole) return { pdf: true, annotate: true };
  const copies = Number(sheet.copies.get(person));
  return { pdf: true, annotate: true, sheet: paper_name(person), ...(copies ? { copies } : {}), ...(sheet.gap === "" ? {} : { gap: Number(sheet.gap) }) };
}

function more_card(person) {
  const told = h("div", {});
  const action = (name, symbol, text, work) => {
    const button = h("button", { type: "button", class: "line", id: name, onclick: () => busy(button, work, told) }, icon(symbol), h("span", {}, text), icon("download"));
    return h("li", {}, button);
  };
  const make = async (more, suffix) => {
    const result = await person.with_session((token) => api.make_photo(token, person.job(more), { mask: person.result.mask }));
    const file = result.files.map(api.decode_file).find((each) => each.suffix === suffix);
    save(file.blob, stem_of(person) + suffix);
  };
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("more-files")),
    h(
      "ul",
      { class: "lines-list" },
      action("save-report", "file", t("report-pdf"), () => make({ pdf: true }, ".report.pdf")),
      action("save-annotated", "compare", t("report-picture"), () => make({ annotate: true }, ".annotated.png")),
      action("save-cutout", "people", t("cutout-png"), async () => save(await person.with_session(api.cut_out), `${stem_of(person)}.cutout.png`)),
      action("save-job", "file", t("job-file"), async () => save_job(person))
    ),
    told
  );
}

/** The job file repeats the photo on the command line; a mask of the brush is a second file beside it. */
function save_job(person) {
  save(new Blob([person.result.job], { type: "application/yaml" }), `${stem_of(person)}.job.yaml`);
  if (person.result.mask) save(person.result.mask, person.result.mask_name);
}

function paper_name(person) {
  sheet.paper ??= studio.start.papers.find((paper) => paper.name === (/^(us|ca)-/.test(person.document.id) ? "4x6in" : "10x15cm"))?.name ?? studio.start.papers[0].name;
  return sheet.paper;
}

function sheet_card(made) {
  const preview = h("div", { class: "preview", "aria-live": "polite" });
  const told = h("div", {});
  const field = (name, label, input) => h("div", { class: "setting" }, h("label", { for: name }, label), input);
  let timer = 0;
  let turn_number = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, LIGHT);
  };
  const paper = h(
    "select",
    { id: "paper", onchange: () => { sheet.paper = paper.value; show(); } },
    studio.start.papers.map((each) => h("option", { value: each.name, selected: each.name === paper_name(studio.current) }, `${each.title} (${number(each.mm[0])} × ${number(each.mm[1])} mm)`))
  );
  const gap = h("input", { type: "number", id: "gap", min: 0, max: 100, step: 0.5, placeholder: t("automatic"), value: sheet.gap, oninput: () => { sheet.gap = gap.value; later(); } });
  const turned = h("input", { type: "checkbox", id: "turn", checked: sheet.turn, onchange: () => { sheet.turn = turned.checked; show(); } });
  const copies = made.map((person, index) => {
    const input = h("input", {
      type: "number",
      id: `copies-${index}`,
      min: made.length > 1 ? 0 : 1,
      max: 500,
      placeholder: t("as-many-as-fit"),
      value: sheet.copies.get(person) ?? (made.length > 1 ? String(person.document.copies || 2) : ""),
      oninput: () => { sheet.copies.set(person, input.value); later(); },
    });
    if (made.length > 1 && !sheet.copies.has(person)) sheet.copies.set(person, input.value);
    return field(`copies-${index}`, made.length > 1 ? t("copies-of", { number: index + 1 }) : t("copies"), input);
  });

  const wanted = () => made.filter((person) => sheet.copies.get(person) !== "0");
  const fields = () => {
    const numbers = wanted().map((person) => sheet.copies.get(person) ?? "");
    return {
      sheet: sheet.paper,
      gap: sheet.gap === "" ? undefined : sheet.gap,
      turn: sheet.turn ? "true" : undefined,
      copies: numbers.every((count) => count !== "") ? numbers : undefined,
    };
  };
  const lay_out = (more) => api.lay_out(wanted().map((person) => person.result.photo.blob), { ...fields(), ...more });
  const mm = () => studio.start.papers.find((each) => each.name === sheet.paper).mm;

  async function show() {
    clearTimeout(timer);
    turn_number += 1;
    const own = turn_number;
    preview.classList.add("busy");
    try {
      const pages = await lay_out({ sheet_format: "jpeg", sheet_dpi: PREVIEW_DPI });
      if (own !== turn_number || !preview.isConnected) return;
      put(told);
      const images = await Promise.all(pages.map(async (page) => load_image(URL.createObjectURL(page.blob))));
      for (const image of images) {
        image.alt = t("sheet-preview");
        image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
      }
      put(preview, images, h("p", { class: "muted small" }, t("sheet-size", { size: `${number(mm()[0])} × ${number(mm()[1])} mm`, pages: pages.length })));
    } catch (problem) {
      if (own !== turn_number) return;
      put(preview);
      put(told, problem_box(problem));
    } finally {
      if (own === turn_number) preview.classList.remove("busy");
    }
  }

  async function print() {
    const pages = await lay_out({ sheet_format: "jpeg", sheet_dpi: PRINT_DPI });
    await print_pages(pages, PRINT_DPI);
  }

  async function download() {
    const [file] = await lay_out({ sheet_format: "pdf" });
    save(file.blob, `${wanted().length === 1 ? stem_of(wanted()[0]) : "idphoto"}.sheet.pdf`);
  }

  const print_button = h("button", { type: "button", class: "primary", id: "print-sheet", onclick: () => busy(print_button, print, told) }, icon("print"), t("print"));
  const pdf_button = h("button", { type: "button", id: "save-sheet", onclick: () => busy(pdf_button, download, told) }, icon("download"), t("sheet-pdf"));
  queueMicrotask(show);
  return h(
    "section",
    { class: "panel sheet-card" },
    h("h2", {}, t("sheet-title")),
    h(
      "div",
      { class: "sheet-body" },
      h(
        "div",
        { class: "settings" },
        field("paper", t("paper"), paper),
        copies,
        field("gap", t("gap-mm"), gap),
        h("label", { class: "check", for: "turn" }, turned, t("turn-photos")),
        h("div", { class: "row" }, print_button, pdf_button),
        h("p", { class: "muted small" }, t("print-hint")),
        told
      ),
      preview
    )
  );
}

let page_rule = null;

/** Print pictures of pages in true size: the page of the printer gets the size of the paper. */
async function print_pages(pages, dpi) {
  const home = document.getElementById("print");
  const images = await Promise.all(pages.map((page) => load_image(URL.createObjectURL(page.blob))));
  const to_mm = (px) => `${(px / dpi) * 25.4}mm`;
  const [width, height] = [images[0].naturalWidth, images[0].naturalHeight].map(to_mm);
  for (const image of images) {
    image.style.width = width;
    image.style.height = height;
  }
  put(home, images);
  page_rule ??= new CSSStyleSheet();
  page_rule.replaceSync(`@page { size: ${width} ${height}; margin: 0; }`);
  if (!document.adoptedStyleSheets.includes(page_rule)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, page_rule];
  window.print();
  for (const image of images) URL.revokeObjectURL(image.src);
}

/** Show that a button works, and what went wrong. */
async function busy(button, work, told) {
  button.disabled = true;
  button.classList.add("busy");
  if (told) put(told);
  try {
    await work();
  } catch (problem) {
    if (told) put(told, problem_box(problem));
    else button.after(problem_box(problem));
  } finally {
    button.disabled = false;
    button.classList.remove("busy");
  }
}
