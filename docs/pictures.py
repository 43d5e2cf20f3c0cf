"""Draw the pictures of the README from the sample.

make pictures
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import idphoto

FOLDER = Path(__file__).parent / "pictures"
SAMPLE = Path(__file__).parents[1] / "samples/astronaut.jpg"
PICTURE_HEIGHT_PX, GAP_PX, CAPTION_HEIGHT_PX = 420, 18, 30
INK, PAPER, RIM = "#333333", "#FFFFFF", "#C8C8C8"


def place_side_by_side(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """Place pictures side by side, scaled to one height, each with a caption."""
    scaled = [
        (text, picture.resize((round(picture.width * PICTURE_HEIGHT_PX / picture.height), PICTURE_HEIGHT_PX)))
        for text, picture in pictures
    ]
    width = sum(picture.width for _, picture in scaled) + GAP_PX * (len(scaled) + 1)
    sheet = Image.new("RGB", (width, PICTURE_HEIGHT_PX + 2 * GAP_PX + CAPTION_HEIGHT_PX), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    x = GAP_PX
    for text, picture in scaled:
        sheet.paste(picture, (x, GAP_PX))
        draw.rectangle((x - 1, GAP_PX - 1, x + picture.width, GAP_PX + PICTURE_HEIGHT_PX), outline=RIM)
        draw.text(
            (x + picture.width / 2, GAP_PX + PICTURE_HEIGHT_PX + CAPTION_HEIGHT_PX / 2), text, INK, font, anchor="mm"
        )
        x += picture.width + GAP_PX
    return sheet


def draw_chequerboard(size: tuple[int, int], cell: int = 16) -> Image.Image:
    """Draw the pattern that stands for transparency."""
    board = Image.new("RGB", size, "#FFFFFF")
    pen = ImageDraw.Draw(board)
    for x in range(0, size[0], cell):
        for y in range(x // cell % 2 * cell, size[1], 2 * cell):
            pen.rectangle((x, y, x + cell - 1, y + cell - 1), fill="#D8D8D8")
    return board


def make_sample(spec: str, **choices: object) -> idphoto.Photo:
    """Make the photo of a document from the sample."""
    return idphoto.make(SAMPLE, spec, **choices)


def draw_overview() -> Image.Image:
    """Draw the sample, the photos of two documents, and a print sheet."""
    studio = make_sample("cn-1inch", sheet="4x6in", sheet_format="both")
    return place_side_by_side(
        [
            ("the photo", Image.open(SAMPLE)),
            ("schengen-visa: background kept", Image.fromarray(make_sample("schengen-visa").picture)),
            ("cn-1inch: white", Image.fromarray(studio.picture)),
            ("print sheet, 4x6 in", Image.open(BytesIO(studio.files[".sheet.jpg"]))),
        ]
    )


def draw_cutouts() -> Image.Image:
    """Draw the forms of a cutout."""
    tiles = []
    for form in ("rgba", "mask", "white", "blur"):
        picture = Image.open(BytesIO(next(iter(idphoto.cutout(SAMPLE, form).files.values()))))
        if picture.mode == "RGBA":
            board = draw_chequerboard(picture.size)
            board.paste(picture, mask=picture.getchannel("A"))
            picture = board
        tiles.append((f"--form {form}", picture.convert("RGB")))
    return place_side_by_side(tiles)


def main() -> None:
    """Draw and write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    draw_overview().save(FOLDER / "overview.jpg", quality=88)
    draw_cutouts().save(FOLDER / "cutout.jpg", quality=88)
    verdict = make_sample("schengen-visa", annotate=True).files[".annotated.png"]
    Image.open(BytesIO(verdict)).save(FOLDER / "verdict.jpg", quality=88)


if __name__ == "__main__":
    main()
