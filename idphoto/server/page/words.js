// The texts of the page, in the language that the server sent.

let words = {};
let titles = {};
export let language = "en";

/** Take the texts of a language. */
export function use_words(start) {
  words = start.words;
  titles = start.titles;
  language = start.language;
  document.documentElement.lang = start.language;
  document.documentElement.dir = start.rtl ? "rtl" : "ltr";
}

/** Return a text, filled with values: t("documents-found", {count: 8}). */
export function t(name, values = {}) {
  const text = words[name];
  if (text === undefined) throw new Error(`no text '${name}'`);
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** Return the name of a check. */
export function check_title(check) {
  return titles[check] ?? check;
}

/** Return a number as people of the language write it. */
export function number(value, digits = 1) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits, numberingSystem: "latn" }).format(value);
}

/** Return a length of a file as people read it. */
export function kilobytes(bytes) {
  return bytes < 1e6 ? `${number(bytes / 1000, 1)} KB` : `${number(bytes / 1e6, 1)} MB`;
}
