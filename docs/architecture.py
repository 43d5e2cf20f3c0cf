"""Draw the packages of idphoto and their imports, as docs/pictures/architecture.svg.

make pictures

The arrows are the imports that the source files really have, except for type checking. An arrow is left out
if a longer way along other arrows says the same, or if it leads to the foundation, which everything may import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "idphoto"
PICTURE = Path(__file__).parent / "pictures/architecture.svg"

FOUNDATION = "foundation"
BANDS = {
    "front ends": ("__main__", "cli", "server"),
    "public API": ("batch", "match", "overlay", "api", "analysis"),
    "pipelines": ("pipeline", "stages", "photo"),
    "algorithms": ("people", "faces", "segmentation", "matting", "parts", "ink", "checks", "output", "testing"),
    "measures": ("quality", "resample", "geometry", "layout", "backends", "background_fill", "portrait"),
    "data": ("spec", "job", "decode", "messages", "report"),
    FOUNDATION: ("colour", "colour_profile", "face_mesh", "units", "yamlfile", "errors", "version"),
}
"""Modules and packages from top to bottom; imports go downwards only."""

WIDTH_PX, TITLE_WIDTH_PX = 960, 130
BOX_HEIGHT_PX, ROW_HEIGHT_PX, BAND_GAP_PX, BOX_GAP_PX, MARGIN_PX = 28, 62, 14, 26, 16
CHARACTER_PX, PADDING_PX, FONT_PX = 7.8, 11, 13
INK, PAPER, BAND, BOX, RIM, ARROW = "#222222", "#FFFFFF", "#F3F5F7", "#FFFFFF", "#9AACBD", "#7A8794"

Graph = dict[str, set[str]]


class Box(NamedTuple):
    """Place of a package in the picture, in pixels."""

    left: float
    top: float
    width: float

    @property
    def middle(self) -> float:
        """X of the middle."""
        return self.left + self.width / 2


def read_imports(names: set[str]) -> Graph:
    """Return for each name the other names that its files import, except for type checking."""
    graph: Graph = {name: set() for name in names}
    for path in sorted(PACKAGE.rglob("*.py")):
        owner = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if owner in names:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            graph[owner] |= {target for target in _targets(tree) if target in names and target != owner}
    return graph


def _targets(tree: ast.AST) -> Iterator[str]:
    """Yield the module or package below `idphoto` that each import names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "idphoto":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("idphoto."):
            yield (node.module or "").split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("idphoto."))
        yield from _targets(node)


def reduce_graph(graph: Graph) -> Graph:
    """Remove every arrow for which there is a longer way along other arrows."""

    def reach(start: str, seen: set[str]) -> set[str]:
        for target in graph[start] - seen:
            seen.add(target)
            reach(target, seen)
        return seen

    beyond = {name: set().union(*(reach(target, set()) for target in targets)) for name, targets in graph.items()}
    return {name: targets - beyond[name] for name, targets in graph.items()}


def split_rows(band: tuple[str, ...], graph: Graph) -> list[list[str]]:
    """Divide a band into rows, so that imports within it go downwards as well."""

    def depth(name: str) -> int:
        return max((1 + depth(other) for other in band if name in graph[other]), default=0)

    rows: dict[int, list[str]] = {}
    for name in band:
        rows.setdefault(depth(name), []).append(name)
    return [rows[number] for number in sorted(rows)]


def place_row(row: list[str], top: float, graph: Graph, boxes: dict[str, Box]) -> dict[str, Box]:
    """Place the boxes of a row, each as near as possible to the middle of its importers above."""
    middle = (TITLE_WIDTH_PX + WIDTH_PX) / 2
    wanted = {}
    for name in row:
        above = [boxes[other].middle for other in boxes if name in graph[other]]
        wanted[name] = sum(above) / len(above) if above else middle
    widths = {name: len(name) * CHARACTER_PX + 2 * PADDING_PX for name in row}
    order = sorted(row, key=lambda name: (wanted[name], name))
    left, places = 0.0, {}
    for name in order:
        left = max(left, wanted[name] - widths[name] / 2)
        places[name] = left
        left += widths[name] + BOX_GAP_PX
    # Boxes that are too near to each other have moved to the right: the row is shifted back by the mean.
    shift = sum(places[name] + widths[name] / 2 - wanted[name] for name in row) / len(row)
    last = max(places[name] + widths[name] for name in row)
    shift = min(max(shift, last - WIDTH_PX + 2 * MARGIN_PX), min(places.values()) - TITLE_WIDTH_PX)
    places = {name: place - shift for name, place in places.items()}
    return {name: Box(places[name], top, widths[name]) for name in order}


def draw() -> str:
    """Return the picture as SVG."""
    graph = read_imports({name for band in BANDS.values() for name in band})
    arrows = reduce_graph(graph)
    boxes: dict[str, Box] = {}
    bands, top = [], float(MARGIN_PX)
    for title, band in BANDS.items():
        rows = [list(band)] if title == FOUNDATION else split_rows(band, graph)
        height = len(rows) * ROW_HEIGHT_PX
        bands.append(
            f'<rect x="{MARGIN_PX / 2:.0f}" y="{top:.0f}" width="{WIDTH_PX - MARGIN_PX}" height="{height}" rx="8" '
            f'fill="{BAND}"/><text x="{MARGIN_PX}" y="{top + 22:.0f}" fill="{INK}" font-style="italic">{title}</text>'
        )
        for number, row in enumerate(rows):
            place = top + number * ROW_HEIGHT_PX + (ROW_HEIGHT_PX - BOX_HEIGHT_PX) / 2
            boxes |= place_row(row, place, arrows, boxes)
        top += height + BAND_GAP_PX
    height = top - BAND_GAP_PX + MARGIN_PX
    lines = [
        _arrow(boxes[name], boxes[target])
        for name, targets in sorted(arrows.items())
        for target in sorted(targets - set(BANDS[FOUNDATION]))
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH_PX} {height:.0f}" font-family="monospace" font-size="{FONT_PX}">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{ARROW}"/></marker></defs>',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
    )
    return "\n".join([*head, *bands, *lines, *(_box(name, box) for name, box in boxes.items()), "</svg>"]) + "\n"


def _box(name: str, box: Box) -> str:
    """Return a box with its name."""
    return (
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{BOX_HEIGHT_PX}" rx="5" '
        f'fill="{BOX}" stroke="{RIM}"/>'
        f'<text x="{box.middle:.1f}" y="{box.top + 19:.1f}" text-anchor="middle" fill="{INK}">{name}</text>'
    )


def _arrow(start: Box, end: Box) -> str:
    """Return a curve from the lower edge of a box to the upper edge of another."""
    top, bottom = start.top + BOX_HEIGHT_PX, end.top
    bend = (bottom - top) / 2
    return (
        f'<path d="M{start.middle:.1f} {top:.1f}C{start.middle:.1f} {top + bend:.1f} {end.middle:.1f} '
        f'{bottom - bend:.1f} {end.middle:.1f} {bottom:.1f}" fill="none" stroke="{ARROW}" marker-end="url(#tip)"/>'
    )


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
