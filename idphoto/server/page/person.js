// One person on the page: the photo as given, what was asked for, and the latest result.

import * as api from "./api.js";
import { mask_of } from "./mask.js";
import { language } from "./words.js";

/** Fields of a job that a person sets by hand to correct a photo. */
export const CORRECTIONS = ["shift", "zoom", "tilt", "points"];

let count = 0;

export class Person {
  constructor(file) {
    count += 1;
    this.id = count;
    this.file = file;
    this.token = null;
    this.shown = null; // size, people and picture of the upload
    this.picture = null; // address of the picture of the upload
    this.document = null; // card of the document
    this.fields = {}; // fields of the job, but document and language
    this.strokes = []; // of the brush, in pixels of the upload
    this.result = null;
    this.running = null;
  }

  /** Several people are in the picture, and none of them was chosen. */
  get must_choose() {
    return this.shown !== null && this.shown.people.length > 1 && !this.fields.face;
  }

  /** True if a person corrected something. */
  get corrected() {
    return CORRECTIONS.some((name) => this.fields[name] !== undefined) || this.strokes.length > 0;
  }

  /** Make the photo for another document; what was asked for by the rules of the former one is forgotten. */
  change_document(card) {
    if (this.document?.id !== card?.id || card?.own) {
      const { face, points } = this.fields;
      this.fields = { ...(face ? { face } : {}), ...(points ? { points } : {}) };
      this.strokes = [];
    }
    this.document = card;
  }

  /** Send the photo, unless the server has it. */
  async open() {
    if (this.token) return;
    this.opening ??= (async () => {
      try {
        const face = this.fields.face ? { face: this.fields.face } : {};
        const { token, ...shown } = await api.open_photo(this.file, face);
        if (this.ended) return void api.end_photo(token);
        if (this.picture === null) this.picture = URL.createObjectURL(api.decode(shown.picture));
        this.token = token;
        this.shown = { ...shown, picture: undefined };
      } finally {
        this.opening = null;
      }
    })();
    await this.opening;
  }

  /** The job as the server takes it. */
  job(more = {}) {
    return { ...(this.document.own ?? { spec: [this.document.id] }), language, ...this.fields, ...more };
  }

  /** Do something with the open photo. If the server has forgotten it, send it once more. */
  async with_session(work) {
    await this.open();
    try {
      return await work(this.token);
    } catch (problem) {
      if (problem.code !== "request.no-session") throw problem;
      this.token = null;
      await this.open();
      return work(this.token);
    }
  }

  /** Make the photo. A newer call replaces one that still runs. */
  async make() {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    try {
      const mask = await this.mask(running.signal);
      const result = await this.with_session((token) =>
        api.make_photo(token, this.job(), { mask, signal: running.signal })
      );
      if (running.signal.aborted) return null;
      this.take(result, mask);
      return this.result;
    } catch (problem) {
      if (problem.name === "AbortError") return null;
      throw problem;
    } finally {
      if (this.running === running) this.running = null;
    }
  }

  /** The mask that the strokes of the brush make of the matte; undefined without strokes. */
  async mask(signal) {
    if (this.strokes.length === 0) return undefined;
    const found = await this.with_session((token) => api.make_photo(token, this.job(), { matte: true, signal }));
    const matte = found.files.map(api.decode_file).find((file) => file.suffix === ".matte.png");
    return mask_of(matte.blob, found.overlay.view, this.shown.size, this.strokes);
  }

  take(result, mask) {
    const files = result.files.map(api.decode_file);
    const photo = files.find((file) => file.suffix.lastIndexOf(".") === 0);
    if (this.result) URL.revokeObjectURL(this.result.url);
    const blob = result.picture ? api.decode(result.picture) : photo.blob;
    this.result = { ...result, files, photo, mask, url: URL.createObjectURL(blob) };
  }

  /** Forget everything, here and on the server. */
  end() {
    this.ended = true;
    this.running?.abort();
    if (this.token) api.end_photo(this.token);
    for (const url of [this.picture, this.result?.url]) if (url) URL.revokeObjectURL(url);
    this.token = null;
  }
}
