// Requests to the server that the page came from. No other server is ever asked.

import { language } from "./words.js";

const KEY_NAME = "idphoto-key";

/** A refusal of the server, or a connection that failed. */
export class Refused extends Error {
  constructor(code, message, advice, status) {
    super(message);
    Object.assign(this, { code, advice, status });
  }
}

export const key = {
  get: () => sessionStorage.getItem(KEY_NAME) ?? "",
  set: (text) => sessionStorage.setItem(KEY_NAME, text),
  forget: () => sessionStorage.removeItem(KEY_NAME),
};

async function ask(path, options = {}) {
  const headers = key.get() ? { "ailabapi-api-key": key.get() } : {};
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...headers, ...options.headers }, cache: "no-store" });
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw new Refused("connection", "", "", 0);
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(problem.code ?? "internal", problem.detail ?? "", problem.advice ?? "", response.status);
  }
  return response;
}

const json = async (path, options) => (await ask(path, options)).json();

/** What the page needs before anything else. */
export const start = (wanted) => json(`studio/start?lang=${encodeURIComponent(wanted)}`);

/** Documents that words find; all for none. */
export const find_documents = (query, signal) =>
  json(`studio/documents?lang=${language}&query=${encodeURIComponent(query)}`, { signal });

/** The card of one document. */
export const get_document = (id) => json(`studio/documents/${encodeURIComponent(id)}?lang=${language}`);

/** The card of a size of one's own. */
export const get_own_size = (job) => json(`studio/sizes?lang=${language}`, form({ job: JSON.stringify(job) }));

function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each instanceof Blob) data.append(name, each, name);
      else if (each !== undefined && each !== null) data.append(name, each);
    }
  }
  return { method: "POST", body: data };
}

/** Open a photo: it is analysed, and kept in the server's memory until the page closes. */
export const open_photo = (photo, job) => json("studio/sessions", form({ photo, job: JSON.stringify(job) }));

const of_session = (token, name) => `studio/sessions/${encodeURIComponent(token)}/${name}`;

/** Make the photo of a document from an open photo. */
export const make_photo = (token, job, { mask, matte, signal } = {}) =>
  json(of_session(token, "photos"), { ...form({ job: JSON.stringify(job), mask, matte: matte ? "true" : undefined }), signal });

/** Make a photo with all its files, as one ZIP. */
export const make_archive = async (token, job, mask) =>
  (await ask(of_session(token, "photos"), {
    ...form({ job: JSON.stringify(job), mask }),
    headers: { accept: "application/zip" },
  })).blob();

/** Cut the person out of the whole picture. */
export const cut_out = async (token) => (await ask(of_session(token, "cutout"), form({ job: "{}" }))).blob();

/** Which documents an open photo fits. */
export const match_photo = (token, job) => json(of_session(token, "matches"), form({ job: JSON.stringify(job) }));

/** Judge one frame of the camera. */
export const judge_frame = (photo, job) => json("studio/frames", form({ photo, job: JSON.stringify(job) }));

/** Lay finished photos out on paper. Returns files with their bytes. */
export const lay_out = async (photos, fields) =>
  (await json("v1/sheets?response=base64", form({ photo: photos, ...fields }))).files.map(decode_file);

/** Forget an open photo, also while the tab closes. */
export const end_photo = (token) => navigator.sendBeacon(of_session(token, "end"));

/** Turn a file of an answer into a Blob. */
export function decode_file(file) {
  return { ...file, blob: decode(file.base64, MEDIA[file.suffix?.split(".").pop() ?? file.name.split(".").pop()]) };
}

/** Turn Base64 into a Blob. */
export function decode(text, type = "image/jpeg") {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return new Blob([bytes], { type });
}

const MEDIA = { jpg: "image/jpeg", png: "image/png", pdf: "application/pdf", json: "application/json", heic: "image/heic" };
