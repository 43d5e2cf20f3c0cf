// From a matte and strokes of the brush to a mask in the proportions of the upload.

import { load_image } from "./dom.js";
import { invert, scale_of } from "./geometry.js";

const OVERSAMPLING = 2; // pixels of the mask per pixel of the photo, so that hair stays fine

/** Draw the strokes. `matrix` leads from pixels of the upload to those of the canvas. */
export function draw_strokes(context, strokes, matrix) {
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.setTransform(matrix[0][0], matrix[1][0], matrix[0][1], matrix[1][1], matrix[0][2], matrix[1][2]);
    context.strokeStyle = context.fillStyle = stroke.keep ? "#fff" : "#000";
    context.lineWidth = 2 * stroke.radius;
    context.beginPath();
    const [first, ...rest] = stroke.points;
    context.moveTo(first[0], first[1]);
    for (const [x, y] of rest.length ? rest : [[first[0] + 0.01, first[1]]]) context.lineTo(x, y);
    context.stroke();
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** Return the matte with the strokes as a PNG in the proportions of the upload. */
export async function mask_of(matte, view, size, strokes) {
  const url = URL.createObjectURL(matte);
  try {
    const image = await load_image(url);
    const ratio = Math.min(1, scale_of(view) * OVERSAMPLING);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = size.map((side) => Math.round(side * ratio));
    const context = canvas.getContext("2d");
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    // Pixel centres: the point (x, y) of the upload lies at ((x + 0.5) * ratio) of the canvas's edge.
    const edge = ([a, b, c]) => [a * ratio, b * ratio, c * ratio];
    const back = invert(view).map((row) => [...row]);
    const place = [0, 1].map((row) => edge([back[row][0], back[row][1], back[row][2] + 0.5 - 0.5 * (back[row][0] + back[row][1])]));
    context.imageSmoothingQuality = "high";
    context.setTransform(place[0][0], place[1][0], place[0][1], place[1][1], place[0][2], place[1][2]);
    context.drawImage(image, 0, 0);
    draw_strokes(context, strokes, [
      [ratio, 0, 0.5 * ratio],
      [0, ratio, 0.5 * ratio],
      [0, 0, 1],
    ]);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}
