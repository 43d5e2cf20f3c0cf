"""Make six documents from every portrait of the shared folder and count how many are right.

    python -m benchmarks.portraits ../shared/portraits OUT [--documents a,b] [--landmarks]

Prints a table with a line for each document: photos, crashes, sources that have room, and of those the share in which
head height, eye line, roll and centring are right when they are measured again on the finished file. With
``--landmarks``, dlib's 68-point detector, an independent model, measures the distance of its eyes and chin from ours,
in head heights. The finished photos and a CSV file go to OUT.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
from collections import defaultdict
from pathlib import Path

import numpy as np

import idphoto
from idphoto.checks import Measurements, Subject
from idphoto.checks.framing import measure_framing

DOCUMENTS = ("us-visa-digital", "schengen-visa", "uk-passport-print", "nl-passport", "ca-passport", "cn-visa-print")


def load_dlib():
    """Load dlib's detector as a function: RGB picture to left eye, right eye and chin (x, y), or None."""
    import dlib

    home = Path(importlib.util.find_spec("face_recognition_models").submodule_search_locations[0])
    detect = dlib.get_frontal_face_detector()
    predict = dlib.shape_predictor(str(home / "models/shape_predictor_68_face_landmarks.dat"))

    def find_landmarks(rgb):
        boxes = detect(rgb, 0) or detect(rgb, 1)
        if not boxes:
            return None
        points = predict(rgb, max(boxes, key=lambda box: box.area())).parts()
        xy = np.array([(point.x, point.y) for point in points], dtype=float)
        return xy[36:42].mean(axis=0), xy[42:48].mean(axis=0), xy[8]

    return find_landmarks


def measure_photo(photo, find_landmarks=None) -> dict:
    """Measure a finished photo; return a row of the CSV file."""
    spec, finished = photo.spec, photo.finished
    subject = Subject(Measurements(finished), spec)
    if finished.head is None:
        return {"room": not any(photo.view.missing), "face": False}
    values = measure_framing(subject)
    size = finished.source.size
    row = {
        "room": not any(photo.view.missing),
        "missing": max(photo.view.missing),
        "face": True,
        "roll": abs(finished.face.roll),
        "centre": abs(values["centring"]) / size.width,
        "status": photo.report.status.value,
    }
    for quantity, name in (("head_height", "head-height"), ("eye_line", "eye-line"), ("top_margin", "top-margin")):
        band = getattr(spec, quantity)
        if band is not None and quantity not in spec.inherited:
            # The finished file cannot resolve half a pixel.
            row[quantity] = subject.to_px(band, "height").contains(values[name], 0.5)
    found = None if find_landmarks is None else find_landmarks(finished.source.pixels(1.0)[0])
    if found is not None:
        left, right, chin = found
        height = finished.head.height("skull")
        face = finished.face
        row["eyes_off"] = max(np.hypot(*(left - face.eye_left)), np.hypot(*(right - face.eye_right))) / height
        row["chin_off"] = abs(chin[1] - face.chin.y) / height
    return row


def print_table(rows: list[dict], documents: list[str]) -> None:
    """Print a line for each document, and the number of errors by code."""
    print(
        f"{'document':20} photos crash  room | with room: head   eyes    top  roll<1 centre<2%"
        "  | dlib: eyes<3% chin<3% both"
    )
    for document in documents:
        mine = [row for row in rows if row["document"] == document]
        made = [row for row in mine if row.get("face")]
        room = [row for row in made if row["room"]]

        def share(field, good, among=room):
            asked = [row for row in among if field in row]
            return f"{100 * sum(good(row[field]) for row in asked) / len(asked):5.1f}%" if asked else "     -"

        both = [row for row in made if "eyes_off" in row]
        agree = [row["eyes_off"] < 0.03 and row["chin_off"] < 0.03 for row in both]
        print(
            f"{document:20} {len(mine):6} {len(mine) - len(made):5} {len(room):5} |"
            f"           {share('head_height', bool)} {share('eye_line', bool)} {share('top_margin', bool)}"
            f" {share('roll', lambda v: v < 1)} {share('centre', lambda v: v < 0.02)}  |"
            f"      {share('eyes_off', lambda v: v < 0.03, made)} {share('chin_off', lambda v: v < 0.03, made)}"
            f" {100 * np.mean(agree) if agree else float('nan'):5.1f}%"
        )
    errors = defaultdict(int)
    for row in rows:
        errors[row.get("error", "")] += 1
    print({code: count for code, count in errors.items() if code})


def make_documents(path: Path, documents: list[str], out: Path, find_landmarks=None) -> list[dict]:
    """Make all documents of one portrait, write the photos and return their rows."""
    try:
        results = list(idphoto.make_each(path, spec=documents))
    except idphoto.IdPhotoError as error:
        results = [error] * len(documents)
    rows = []
    for name, photo in zip(documents, results, strict=True):
        row = {"folder": path.parent.name, "photo": path.stem, "document": name}
        if isinstance(photo, idphoto.IdPhotoError):
            rows.append({**row, "error": photo.code})
            continue
        (out / f"{path.stem}.{name}.jpg").write_bytes(photo.files[".jpg"])
        rows.append({**row, **measure_photo(photo, find_landmarks)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--documents", default=",".join(DOCUMENTS))
    parser.add_argument("--landmarks", action="store_true", help="compare with dlib's landmarks")
    parser.add_argument("--every", type=int, default=1, help="use only every Nth portrait, for a quick trial")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    find_landmarks = load_dlib() if arguments.landmarks else None
    documents = arguments.documents.split(",")
    paths = [path for folder in ("scenes", "studio") for path in sorted((arguments.portraits / folder).glob("*.jpg"))]
    rows = []
    for path in paths[:: arguments.every]:
        rows += make_documents(path, documents, arguments.out, find_landmarks)
    fields = list(dict.fromkeys(field for row in rows for field in row))
    with (arguments.out / "portraits.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(rows)
    print_table(rows, documents)


if __name__ == "__main__":
    main()
