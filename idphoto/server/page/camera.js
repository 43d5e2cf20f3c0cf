// Take the photo with a camera: an oval to fit the face in, hints from the server, and a shot when all is right.

import * as api from "./api.js";
import { announce, h, icon, put, s } from "./dom.js";
import { distance, middle } from "./geometry.js";
import { explain, studio } from "./main.js";
import { language, t } from "./words.js";

const FRAME_SIDE_PX = 640; // of the frames that the server judges
const FRAME_PAUSE_MS = 150;
const STEADY_MS = 1000; // for which all must be right
const COUNTDOWN_S = 3;
const GUIDE_HEIGHT = 0.86; // of the frame of the photo, as a share of the picture's height
const DEFAULT_GUIDE = { aspect: 35 / 45, head: 0.72, eyes: 0.56, spec: "zz-icao-9303" };

/** Open the camera over the page; `taken` gets the photo as a file. */
export async function open_camera(taken) {
  const guide = { ...DEFAULT_GUIDE, ...studio.document?.guide };
  const video = h("video", { autoplay: true, playsinline: true, muted: true, "aria-label": t("camera-picture") });
  video.muted = true;
  const hint = h("p", { class: "hint", role: "status" }, t("camera-starting"));
  const counter = h("div", { class: "countdown", "aria-hidden": "true" });
  const auto = h("input", { type: "checkbox", id: "auto", checked: true });
  const shoot = h("button", { type: "button", class: "shutter", "aria-label": t("take-photo"), disabled: true, onclick: () => count_down() }, icon("camera"));
  const stage = h("div", { class: "camera-stage" }, video, overlay(guide), counter);
  const dialog = h(
    "dialog",
    { class: "camera", "aria-label": t("use-camera"), onclose: () => close(), oncancel: () => close() },
    stage,
    hint,
    h(
      "div",
      { class: "row center camera-row" },
      h("label", { class: "check", for: "auto" }, auto, t("camera-auto")),
      shoot,
      h("button", { type: "button", onclick: () => dialog.close() }, t("close"))
    )
  );
  let stream = null;
  let over = false;
  let right_since = null;
  let counting = false;

  function close() {
    if (over) return;
    over = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
    dialog.remove();
  }

  async function grab(longest, quality) {
    const factor = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
    const canvas = h("canvas", { width: Math.round(video.videoWidth * factor), height: Math.round(video.videoHeight * factor) });
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
  }

  async function take_it() {
    const blob = await grab(Infinity, 0.95);
    dialog.close();
    taken(new File([blob], "camera.jpg", { type: "image/jpeg" }));
  }

  async function count_down() {
    if (counting) return;
    counting = true;
    for (let left = COUNTDOWN_S; left > 0 && !over; left -= 1) {
      counter.textContent = left;
      announce(String(left));
      await new Promise((done) => setTimeout(done, 1000));
    }
    counter.textContent = "";
    counting = false;
    if (!over) await take_it();
  }

  async function watch() {
    while (!over) {
      if (!counting && video.videoWidth > 0) {
        try {
          const frame = await grab(FRAME_SIDE_PX, 0.8);
          const told = advise(await api.judge_frame(frame, { ...(studio.document?.own ?? { spec: [guide.spec] }), language }), guide);
          if (over) return;
          dialog.dataset.state = told ? "wrong" : "right";
          if (hint.textContent !== (told ?? t("camera-right"))) hint.textContent = told ?? t("camera-right");
          if (told || !auto.checked) right_since = null;
          else {
            right_since ??= performance.now();
            if (performance.now() - right_since >= STEADY_MS) return void take_it();
          }
        } catch (problem) {
          hint.textContent = explain(problem)[0];
          right_since = null;
          await new Promise((done) => setTimeout(done, 1000));
        }
      }
      await new Promise((done) => setTimeout(done, FRAME_PAUSE_MS));
    }
  }

  document.body.append(dialog);
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 4096 }, height: { ideal: 2160 } },
      audio: false,
    });
    video.srcObject = stream;
    await video.play();
    stage.style.setProperty("--ratio", video.videoWidth / video.videoHeight);
    shoot.disabled = false;
    watch();
  } catch (cause) {
    put(hint, cause.name === "NotAllowedError" ? t("camera-denied") : t("camera-missing"));
  }
}

/** Return the one thing to change, or null if all is right. */
export function advise(found, guide) {
  if (found.people > 1) return t("camera-one-person");
  if (!found.head) return found.hints[0]?.message ? t("camera-no-face") : null;
  const [width, height] = found.size;
  const eyes = middle(found.head.left_eye, found.head.right_eye);
  const head = distance(found.head.crown, found.head.chin);
  const wanted = guide.head * GUIDE_HEIGHT * height;
  const eye_height = height * ((1 + GUIDE_HEIGHT) / 2 - GUIDE_HEIGHT * guide.eyes);
  if (head < 0.7 * wanted) return t("camera-closer");
  if (head > 1.25 * wanted) return t("camera-farther");
  // The picture is shown mirrored, so that left is the person's own left.
  if (eyes[0] < 0.38 * width || eyes[0] > 0.62 * width) return t("camera-centre");
  if (eyes[1] < eye_height - 0.14 * height) return t("camera-lower");
  if (eyes[1] > eye_height + 0.14 * height) return t("camera-higher");
  const worst = found.hints[0];
  return worst ? worst.fix || worst.message : null;
}

/** The oval of the head and the line of the eyes, within the frame of the photo. */
function overlay(guide) {
  const height = 100 * GUIDE_HEIGHT;
  const top = (100 - height) / 2;
  const eyes = top + height * (1 - guide.eyes);
  const head = height * guide.head;
  // The eyes lie about in the middle of the head, from the crown to the chin.
  const centre = eyes;
  return s(
    "svg",
    { class: "guide", viewBox: "-100 0 200 100", preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" },
    s("rect", { x: (-height * guide.aspect) / 2, y: top, width: height * guide.aspect, height, class: "guide-frame" }),
    s("ellipse", { cx: 0, cy: centre, rx: head * 0.37, ry: head / 2, class: "guide-oval" }),
    s("line", { x1: -head * 0.3, x2: head * 0.3, y1: eyes, y2: eyes, class: "guide-eyes" })
  );
}
