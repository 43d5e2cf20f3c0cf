"""Parse quantities as authorities write them, and convert them to pixels.

Spec files contain ``32..36 mm``, ``2 x 2 in``, ``70..80 %`` or ``<= 240 KB``, and never a number without
a unit. Each type here parses such a text, keeps the text for the report, and converts the value. All types
are immutable and can be fields of a pydantic model. What people type in other ways, such as ``35mm*45mm``,
``2 inches``, ``20-25 mm`` or ``max. 240 kB``, is read as the same quantity and kept in the notation above.

Notes
-----
An inch is 25.4 mm exactly (international yard and pound agreement, 1959). Here dpi means pixels per
inch.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from typing_extensions import Self

__all__ = [
    "MM_PER_INCH",
    "Band",
    "ByteBand",
    "ColourTarget",
    "Extent",
    "Period",
    "Ratio",
    "Size",
    "complete_unit",
    "mm_to_px",
    "px_to_mm",
]

MM_PER_INCH = 25.4

_MM = {"mm": 1.0, "cm": 10.0, "in": MM_PER_INCH}
_BYTES = {"B": (1, 1), "KB": (1000, 1024), "MB": (1000**2, 1024**2), "KiB": (1024, 1024), "MiB": (1024**2, 1024**2)}
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}

_NUMBER = r"(?:\d+\s+\d+/\d+|\d+/\d+|\d+(?:\.\d+)?)"
_BAND = re.compile(
    rf"^\s*(?:(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})"
    rf"|(?P<mid>{_NUMBER})\s*(?:\+/-|±)\s*(?P<tol>{_NUMBER})"
    rf"|(?P<op>>=|<=)\s*(?P<limit>{_NUMBER})"
    rf"|(?P<exact>{_NUMBER}))\s*(?P<unit>[A-Za-z%*]+)?\s*$"
)
_UNITS_ON_BOTH_ENDS = re.compile(
    rf"^\s*(?P<low>{_NUMBER})\s*(?P<unit>[A-Za-z%]+)\s*\.\.\s*(?P<high>{_NUMBER})\s*(?P=unit)\s*$"
)
# The two ends of a file size may have different units: 50 KB..6 MB.
_BYTE_BAND = re.compile(
    rf"^\s*(?P<low>{_NUMBER})\s*(?P<low_unit>[A-Za-z]+)\s*\.\.\s*(?P<high>{_NUMBER})\s*(?P<unit>[A-Za-z]+)\s*$"
)


_TYPED = (
    (r"(?<=\d),(?=\d{1,2}(?!\d))", "."),
    (r"[\u2033\u201d\"]|''|(?<![a-z])(?:inch(?:es)?|in\.)(?![a-z])", " in"),
    (r"(?<![a-z])(?:millimet(?:re|er)s?|mm\.)(?![a-z])", "mm"),
    (r"(?<![a-z])(?:centimet(?:re|er)s?|cm\.)(?![a-z])", "cm"),
    (r"(?<![a-z])pixels?(?![a-z])", "px"),
    (r"(?<![a-z])(?:kilobytes?|kbytes?|kb)(?![a-z])", "KB"),
    (r"(?<![a-z])(?:megabytes?|mbytes?|mb)(?![a-z])", "MB"),
    (r"(?<![a-z])(mm|cm|in|px|dpi|deg)(?![a-z])", lambda found: found[0].lower()),
    (r"(?<![a-z])percent(?![a-z])", "%"),
    (r"^\s*(?:≤|<(?!=)|max(?:imum|\.)?|up to|at most)\s*(?=\d)", "<= "),
    (r"^\s*(?:≥|>(?!=)|min(?:imum|\.)?|at least)\s*(?=\d)", ">= "),
    (r"(?<=[\d.a-z%])\s*(?:-|\u2013|\u2014|\bto\b)\s*(?=\d)", ".."),
)
"""Patterns of what people type, in any case, and what is written for it in the notation of spec files."""


def _tidy(text: str) -> str:
    """Return a quantity in the notation of spec files, with single spaces."""
    for pattern, replacement in _TYPED:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    return " ".join(text.split())


def complete_unit(text: str, unit: str) -> str:
    """Return a quantity with `unit` behind it if it has no unit."""
    return f"{text} {unit}" if unit and re.fullmatch(r"[\d\s.,/*x×<>=≤≥+-]+", text, re.IGNORECASE) else text


def mm_to_px(mm: float, dpi: float) -> float:
    """Convert a length in millimetres to pixels at `dpi`, without rounding."""
    return mm / MM_PER_INCH * dpi


def px_to_mm(px: float, dpi: float) -> float:
    """Convert a length in pixels at `dpi` to millimetres."""
    return px / dpi * MM_PER_INCH


class Size(NamedTuple):
    """Width and height in pixels, in that order."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def _number(text: str) -> float:
    """Parse ``7``, ``1.5``, ``3/8`` or ``1 3/8``."""
    try:
        return float(sum((Fraction(part) for part in text.split()), Fraction(0)))
    except (ZeroDivisionError, OverflowError):
        raise ValueError(f"'{text}' is not a number") from None


class _Quantity:
    """Base of all quantities: parsing, and the methods that pydantic calls."""

    examples: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the quantity from its text; raise `ValueError` if the text is something else."""
        raise NotImplementedError

    @classmethod
    def _validate(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        wanted = " or ".join(f"'{example}'" for example in cls.examples)
        raise ValueError(f"write a quantity with its unit, such as {wanted}, not {value!r}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "title": cls.__name__, "examples": list(cls.examples)}


@dataclass(frozen=True, slots=True)
class Band(_Quantity):
    """A range of one physical quantity; either end may be open.

    Parameters
    ----------
    low, high : float
        Ends of the range in `unit`; ``-inf`` and ``inf`` where open. Both ends belong to it.
    unit : str
        ``mm``, ``cm``, ``in``, ``px``, ``%``, ``dpi``, ``deg``, or ``l*`` and ``c*`` (CIELAB lightness
        and chroma).
    text : str
        The range as the source writes it.

    Examples
    --------
    >>> Band.parse("1 1/8..1 3/8 in").to("mm")
    Band(low=28.575, high=34.925, unit='mm', text='28.575..34.925 mm')
    >>> Band.parse("34 +/- 2 mm").middle
    34.0
    >>> Band.parse(">= 300 dpi").contains(299)
    False
    >>> str(Band.parse("20mm - 25mm"))
    '20..25 mm'
    """

    low: float
    high: float
    unit: str
    text: str = field(default="", compare=False)

    examples: ClassVar[tuple[str, ...]] = ("32..36 mm", ">= 90 px", "34 +/- 2 mm", "70..80 %")

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"the range {self.text or (self.low, self.high)} ends before it begins")
        if not self.text:
            object.__setattr__(self, "text", self._write())

    @classmethod
    def parse(cls, text: str) -> Band:
        """Read ``32..36 mm``, ``34 +/- 2 mm``, ``>= 90 px``, ``<= 36 mm`` or ``5 mm``."""
        typed, text = text, _tidy(text)
        both = _UNITS_ON_BOTH_ENDS.match(text)
        match = _BAND.match(text if both is None else f"{both['low']}..{both['high']} {both['unit']}")
        if match is None or match["unit"] is None:
            raise ValueError(f"'{typed}' is not a range with a unit, such as '32..36 mm' or '>= 90 px'")
        low, high = _ends(match)
        unit = match["unit"].lower()
        if unit not in {"mm", "cm", "in", "px", "%", "dpi", "deg", "l*", "c*"}:
            raise ValueError(f"'{match['unit']}' is not a unit of length, share, resolution or angle (in '{text}')")
        return cls(low, high, unit, text if both is None else match.string)

    def _write(self) -> str:
        if self.low == self.high:
            number = f"{self.low:g}"
        elif math.isinf(self.high):
            number = f">= {self.low:g}"
        elif math.isinf(self.low):
            number = f"<= {self.high:g}"
        else:
            number = f"{self.low:g}..{self.high:g}"
        return f"{number} {self.unit}"

    def __str__(self) -> str:
        return self.text

    @property
    def middle(self) -> float:
        """Middle of the range; if one end is open, the other end."""
        if math.isinf(self.low) or math.isinf(self.high):
            return self.high if math.isinf(self.low) else self.low
        return (self.low + self.high) / 2

    def contains(self, value: float, slack: float = 0.0) -> bool:
        """Return True if `value`, in the unit of the band, is inside the band or at most `slack` outside."""
        return self.low - slack <= value <= self.high + slack

    def to(self, unit: str) -> Band:
        """Convert the band to another unit of length.

        Raises
        ------
        ValueError
            If either unit is not one of mm, cm and in.
        """
        if unit == self.unit:
            return self
        if self.unit not in _MM or unit not in _MM:
            raise ValueError(f"{self.unit} cannot be turned into {unit} without a picture")
        return self.scaled(_MM[self.unit] / _MM[unit], unit)

    def scaled(self, factor: float, unit: str) -> Band:
        """Multiply both ends by `factor` and return the band in `unit`."""
        return Band(self.low * factor, self.high * factor, unit)


def _ends(match: re.Match[str]) -> tuple[float, float]:
    if match["low"] is not None:
        return _number(match["low"]), _number(match["high"])
    if match["mid"] is not None:
        middle, tolerance = _number(match["mid"]), _number(match["tol"])
        return middle - tolerance, middle + tolerance
    if match["op"] is not None:
        limit = _number(match["limit"])
        return (limit, math.inf) if match["op"] == ">=" else (-math.inf, limit)
    exact = _number(match["exact"])
    return exact, exact


@dataclass(frozen=True, slots=True)
class Extent(_Quantity):
    """Width and height of a frame, each exact or a range, in one unit.

    Examples
    --------
    >>> Extent.parse("35 x 45 mm").exact
    True
    >>> Extent.parse("600..1200 x 600..1200 px").width.high
    1200.0
    >>> Extent.parse("2 x 2 in").mm
    (50.8, 50.8)
    >>> str(Extent.parse("35mm*45mm"))
    '35 x 45 mm'
    """

    width: Band
    height: Band
    text: str = field(default="", compare=False)

    examples: ClassVar[tuple[str, ...]] = ("35 x 45 mm", "413 x 531 px", ">= 715 x 951 px")

    @classmethod
    def parse(cls, text: str, unit: str = "") -> Extent:
        """Read ``35 x 45 mm``, ``600..1200 x 600..1200 px`` or ``>= 715 x 951 px``; `unit` is for texts without one."""
        typed = text
        text = complete_unit(text, unit)
        # 35*45, 35 by 45, and 35mm x 45mm, where both sides have the same unit.
        text = re.sub(r"\s*(?:[*×]|\bby\b)\s*", " x ", _tidy(text), flags=re.IGNORECASE)
        text = re.sub(r"\s*(mm|cm|in|px)\s*x\s*(.+?)\s*\1\s*$", r" x \2 \1", text, flags=re.IGNORECASE)
        parts = re.fullmatch(r"\s*(>=|<=)?\s*(.+?)\s*x\s*(.+?)\s*(mm|cm|in|px)\s*", text, re.IGNORECASE)
        if parts is not None:
            op, width, height, unit = parts.group(1) or "", *parts.groups()[1:]
            with suppress(ValueError):
                bands = Band.parse(f"{op}{width} {unit}"), Band.parse(f"{op}{height} {unit}")
                return cls(*bands, " ".join(text.split()))
        raise ValueError(f"'{typed}' is not a size with a unit, such as '35 x 45 mm' or '413 x 531 px'")

    def __str__(self) -> str:
        return self.text or f"{self.width.middle:g} x {self.height.middle:g} {self.unit}"

    @property
    def unit(self) -> str:
        """Unit of both sides."""
        return self.width.unit

    @property
    def exact(self) -> bool:
        """True if both sides are single values."""
        return self.width.low == self.width.high and self.height.low == self.height.high

    @property
    def mm(self) -> tuple[float, float]:
        """Width and height in millimetres; the middle of a range."""
        return round(self.width.to("mm").middle, 6), round(self.height.to("mm").middle, 6)

    def contains(self, size: Size) -> bool:
        """Return True if a size in the unit of the extent is inside it."""
        return self.width.contains(size.width) and self.height.contains(size.height)


@dataclass(frozen=True, slots=True)
class ByteBand(_Quantity):
    """Limits of a file's length.

    Authorities do not say if a KB has 1000 or 1024 bytes. A file must therefore keep the limits in
    both readings: `ceiling` counts 1000 bytes, `floor` counts 1024. ``KiB`` always has 1024.

    Examples
    --------
    >>> ByteBand.parse("10..300 KB").floor, ByteBand.parse("10..300 KB").ceiling
    (10240, 300000)
    """

    floor: int
    ceiling: int | None
    text: str = field(default="", compare=False)

    examples: ClassVar[tuple[str, ...]] = ("<= 240 KB", "10..300 KB", "50 KB..6 MB")

    @classmethod
    def parse(cls, text: str) -> ByteBand:
        """Read ``<= 240 KB``, ``10..300 KB``, ``50 KB..6 MB`` or ``>= 50 KB``."""
        typed, text = text, _tidy(text)
        match = _BYTE_BAND.match(text) or _BAND.match(text)
        unit = match["unit"] if match is not None else None
        low_unit = match.groupdict().get("low_unit", unit) if match is not None else None
        if match is None or unit not in _BYTES or low_unit not in _BYTES:
            raise ValueError(f"'{typed}' is not a file size, such as '<= 240 KB' or '10..300 KB'")
        low, high = _ends(match)
        floor = 0 if math.isinf(low) else math.ceil(low * _BYTES[low_unit][1])
        ceiling = None if math.isinf(high) else math.floor(high * _BYTES[unit][0])
        if ceiling is not None and ceiling < floor:
            reason = (
                f"is a single length; write '<= {text}'" if low == high else "leaves no file size between its limits"
            )
            raise ValueError(f"'{typed}' {reason}")
        return cls(floor, ceiling, text)

    def __str__(self) -> str:
        return self.text

    def contains(self, length: int) -> bool:
        """Return True if a file of `length` bytes keeps both limits."""
        return self.floor <= length and (self.ceiling is None or length <= self.ceiling)


@dataclass(frozen=True, slots=True)
class ColourTarget(_Quantity):
    """A colour that an authority gives by its sRGB levels, with the tolerance of each level.

    Examples
    --------
    >>> ColourTarget.parse("#BEBEBE +/- 10").contains((181, 190, 200))
    True
    """

    paint: str
    tolerance: int
    text: str = field(default="", compare=False)

    examples: ClassVar[tuple[str, ...]] = ("#BEBEBE +/- 10",)

    @classmethod
    def parse(cls, text: str) -> ColourTarget:
        """Read ``#BEBEBE +/- 10``: six hexadecimal digits, and levels of 0 to 255."""
        match = re.fullmatch(r"\s*(#[0-9A-Fa-f]{6})\s*(?:\+/-|±)\s*(\d{1,3})\s*", text)
        if match is None:
            raise ValueError(f"'{text}' is not a colour with a tolerance, such as '#BEBEBE +/- 10'")
        return cls(match[1].upper(), int(match[2]), " ".join(text.split()))

    def __str__(self) -> str:
        return self.text or f"{self.paint} +/- {self.tolerance}"

    @property
    def levels(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255."""
        return int(self.paint[1:3], 16), int(self.paint[3:5], 16), int(self.paint[5:7], 16)

    def contains(self, colour: tuple[int, int, int]) -> bool:
        """Return True if no level of `colour` is further from the target than the tolerance."""
        return all(abs(level - wanted) <= self.tolerance for level, wanted in zip(colour, self.levels, strict=True))


@dataclass(frozen=True, slots=True)
class Ratio(_Quantity):
    """Proportion of two numbers, such as ``3:4`` (width to height) or ``20:1`` (compression)."""

    first: float
    second: float
    text: str = field(default="", compare=False)

    examples: ClassVar[tuple[str, ...]] = ("3:4", "20:1")

    @classmethod
    def parse(cls, text: str) -> Ratio:
        """Read ``3:4``."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*", text)
        if match is None or float(match[2]) == 0:
            raise ValueError(f"'{text}' is not a ratio, such as '3:4'")
        return cls(float(match[1]), float(match[2]), text.strip())

    def __str__(self) -> str:
        return self.text

    @property
    def value(self) -> float:
        """First divided by second."""
        return self.first / self.second


@dataclass(frozen=True, slots=True)
class Period(_Quantity):
    """A length of time, such as the greatest age of a photo: ``6 months``, ``30 days``, ``2 weeks``."""

    days: float
    text: str = field(default="", compare=False)

    examples: ClassVar[tuple[str, ...]] = ("6 months", "30 days")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a number of days, weeks, months or years."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(day|week|month|year)s?\s*", text)
        if match is None:
            raise ValueError(f"'{text}' is not a period, such as '6 months'")
        return cls(float(match[1]) * _DAYS[match[2]], " ".join(text.split()))

    def __str__(self) -> str:
        return self.text

    @property
    def duration(self) -> timedelta:
        """The period as a time difference (a month is a twelfth of a Gregorian year)."""
        return timedelta(days=self.days)
