"""Make the pictures of the README from the sample.

make pictures
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import idphoto

HOME = Path(__file__).parent / "pictures"
SAMPLE = Path(__file__).parents[1] / "samples/astronaut.jpg"
HEIGHT, GAP, LINE = 420, 18, 30
INK, PAPER, RIM = "#333333", "#FFFFFF", "#C8C8C8"


def strip(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """Pictures of one height side by side, each with a caption."""
    scaled = [
        (text, picture.resize((round(picture.width * HEIGHT / picture.height), HEIGHT))) for text, picture in pictures
    ]
    width = sum(picture.width for _, picture in scaled) + GAP * (len(scaled) + 1)
    sheet = Image.new("RGB", (width, HEIGHT + 2 * GAP + LINE), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    x = GAP
    for text, picture in scaled:
        sheet.paste(picture, (x, GAP))
        draw.rectangle((x - 1, GAP - 1, x + picture.width, GAP + HEIGHT), outline=RIM)
        draw.text((x + picture.width / 2, GAP + HEIGHT + LINE / 2), text, INK, font, anchor="mm")
        x += picture.width + GAP
    return sheet


def chequered(size: tuple[int, int], cell: int = 16) -> Image.Image:
    """The pattern that stands for transparency."""
    board = Image.new("RGB", size, "#FFFFFF")
    pen = ImageDraw.Draw(board)
    for x in range(0, size[0], cell):
        for y in range(x // cell % 2 * cell, size[1], 2 * cell):
            pen.rectangle((x, y, x + cell - 1, y + cell - 1), fill="#D8D8D8")
    return board


def made(spec: str, **choices: object) -> idphoto.Photo:
    """The sample as a document."""
    return idphoto.make(SAMPLE, spec, **choices)


def main() -> None:
    """Write all pictures."""
    HOME.mkdir(exist_ok=True)
    studio = made("cn-1inch", sheet="4x6in", sheet_format="both")
    sheet = Image.open(BytesIO(studio.files[".sheet.jpg"]))
    strip(
        [
            ("the photo", Image.open(SAMPLE)),
            ("schengen-visa: background kept", Image.fromarray(made("schengen-visa").picture)),
            ("cn-1inch: white", Image.fromarray(studio.picture)),
            ("print sheet, 4x6 in", sheet),
        ]
    ).save(HOME / "overview.jpg", quality=88)
    forms = ("rgba", "mask", "white", "blur")
    tiles = []
    for form in forms:
        data = next(iter(idphoto.cutout(SAMPLE, form).files.values()))
        picture = Image.open(BytesIO(data))
        if picture.mode == "RGBA":
            board = chequered(picture.size)
            board.paste(picture, mask=picture.getchannel("A"))
            picture = board
        tiles.append((f"--form {form}", picture.convert("RGB")))
    strip(tiles).save(HOME / "cutout.jpg", quality=88)
    verdict = made("schengen-visa", annotate=True).files[".annotated.png"]
    Image.open(BytesIO(verdict)).save(HOME / "verdict.jpg", quality=88)


if __name__ == "__main__":
    main()
