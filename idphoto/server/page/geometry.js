// The same measures of a crop as the server's, so that limits can be shown while somebody drags.

export const multiply = (a, b) =>
  a.map((row) => [0, 1, 2].map((column) => row[0] * b[0][column] + row[1] * b[1][column] + row[2] * b[2][column]));

export function invert([[a, b, x], [c, d, y]]) {
  const area = a * d - b * c;
  const [p, q, r, w] = [d / area, -b / area, -c / area, a / area];
  return [
    [p, q, -p * x - q * y],
    [r, w, -r * x - w * y],
    [0, 0, 1],
  ];
}

export const move = (x, y) => [
  [1, 0, x],
  [0, 1, y],
  [0, 0, 1],
];

export const apply = (m, [x, y]) => [m[0][0] * x + m[0][1] * y + m[0][2], m[1][0] * x + m[1][1] * y + m[1][2]];

export const scale_of = (m) => Math.hypot(m[0][0], m[1][0]);

export const distance = ([a, b], [c, d]) => Math.hypot(a - c, b - d);

export const middle = ([a, b], [c, d]) => [(a + c) / 2, (b + d) / 2];

/** The matrix of a correction about a point of the photo: zoom and tilt about it, then the shift, in % of the height. */
export function correction([x, y], { shift = [0, 0], zoom = 1, tilt = 0 }, height) {
  const angle = (tilt * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom];
  const turn = [
    [cos, -sin, 0],
    [sin, cos, 0],
    [0, 0, 1],
  ];
  const [dx, dy] = shift.map((share) => (share * height) / 100);
  return multiply(move(x + dx, y + dy), multiply(turn, move(-x, -y)));
}

/** The view before a correction, from the view with it. */
export function without_correction(view, eyes, fields, height) {
  const [x, y] = apply(view, eyes);
  const [dx, dy] = (fields.shift ?? [0, 0]).map((share) => (share * height) / 100);
  return multiply(invert(correction([x - dx, y - dy], fields, height)), view);
}

/** What the limits are about, in pixels of the photo, for a view. */
export function measure(view, head, [width, height]) {
  const scale = scale_of(view);
  const source_eyes = middle(head.left_eye, head.right_eye);
  const [x, y] = apply(view, source_eyes);
  const crown = distance(head.crown, source_eyes) * scale;
  const chin = distance(head.chin, source_eyes) * scale;
  return {
    "head-height": crown + chin,
    "eye-line": height - 0.5 - y,
    "top-margin": y + 0.5 - crown,
    "chin-margin": height - 0.5 - y - chin,
    centring: x - (width - 1) / 2,
    "face-width": head.face_width * scale,
    "eye-distance": distance(head.left_eye, head.right_eye) * scale,
    "chin-to-eyes": chin,
  };
}
