"""Parse, refuse and convert quantities."""

from __future__ import annotations

import math
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from idphoto.units import MM_PER_INCH, Band, ByteBand, Extent, Period, Ratio, Size, mm_to_px, px_to_mm

LENGTHS = ("mm", "cm", "in")
UNITS = (*LENGTHS, "px", "%", "dpi", "deg", "L*", "C*")

# What authorities print has few digits; these are the numbers that ":g" writes without loss.
numbers = st.integers(0, 99_999).map(lambda n: n / 10)
units = st.sampled_from(UNITS)
lengths = st.sampled_from(LENGTHS)


@st.composite
def ends(draw: st.DrawFn) -> tuple[float, float]:
    low, high = sorted((draw(numbers), draw(numbers)))
    return low, high


@st.composite
def bands(draw: st.DrawFn, unit: st.SearchStrategy[str] = units) -> Band:
    low, high = draw(ends())
    shape = draw(st.sampled_from(("both", "floor", "ceiling", "exact")))
    low = -math.inf if shape == "ceiling" else low
    high = math.inf if shape == "floor" else low if shape == "exact" else high
    return Band(low, high, draw(unit).lower())


# --- bands


@given(bands())
def test_a_band_is_read_back_from_its_own_text(band: Band) -> None:
    assert Band.parse(str(band)) == band


@given(ends(), units)
def test_a_text_is_kept_word_for_word(pair: tuple[float, float], unit: str) -> None:
    text = f"{pair[0]:g}..{pair[1]:g} {unit}"
    assert str(Band.parse(f"  {text} ")) == text


@given(numbers, numbers, units)
def test_a_tolerance_reaches_equally_far_to_both_sides(middle: float, tolerance: float, unit: str) -> None:
    band = Band.parse(f"{middle:g} +/- {tolerance:g} {unit}")
    assert band == Band.parse(f"{middle:g} ± {tolerance:g} {unit}")
    assert band.middle == pytest.approx(middle)
    assert band.high - band.low == pytest.approx(2 * tolerance)


@given(bands(lengths), lengths)
def test_there_and_back_between_units_changes_nothing(band: Band, unit: str) -> None:
    back = band.to(unit).to(band.unit)
    assert (back.low, back.high) == pytest.approx((band.low, band.high))


@given(ends(), numbers, numbers)
def test_both_ends_belong_to_a_band(pair: tuple[float, float], beyond: float, slack: float) -> None:
    band = Band(*pair, "mm")
    assert band.contains(band.low)
    assert band.contains(band.middle)
    assert band.contains(band.high)
    assert band.contains(band.high + beyond, slack) == (beyond <= slack or band.high + beyond <= band.high + slack)
    assert not band.contains(band.low - beyond - 0.1)


@given(bands())
def test_the_middle_lies_inside(band: Band) -> None:
    assert band.contains(band.middle, slack=1e-9)


@given(st.integers(0, 20), st.integers(0, 63), st.sampled_from([2, 4, 8, 16, 32, 64]))
def test_fractions_of_an_inch(whole: int, part: int, of: int) -> None:
    exact = float(whole + Fraction(part, of))
    assert Band.parse(f"{whole} {part}/{of} in") == Band(exact, exact, "in")
    assert Band.parse(f"<= {whole} {part}/{of} in").to("mm").high == pytest.approx(exact * MM_PER_INCH)


def test_the_band_of_the_us_passport() -> None:
    band = Band.parse("1 1/8..1 3/8 in")
    assert (band.low, band.high) == (1.125, 1.375)
    assert band.to("mm").text == "28.575..34.925 mm"


def test_an_offset_may_be_negative() -> None:
    assert Band.parse("0 +/- 21 px") == Band(-21, 21, "px")


def test_a_share_has_no_length_without_a_picture() -> None:
    with pytest.raises(ValueError, match="without a picture"):
        Band.parse("70..80 %").to("mm")


@pytest.mark.parametrize(
    "text",
    [
        "", "mm", "32", "32..36", "36..32 mm", "32..36 pt", "about 32 mm", "32,555 mm", ">= mm", "=> 3 mm",
        "1/0 mm", "3 +/- mm", "..3 mm", "-3 mm", "32..36 mm of 45", "9" * 400 + " mm",
    ],
)  # fmt: skip
def test_bad_bands_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|ends before"):
        Band.parse(text)


# --- extents


@given(numbers, numbers, st.sampled_from(("mm", "cm", "in", "px")))
def test_an_extent_is_read_back_from_its_own_text(width: float, height: float, unit: str) -> None:
    extent = Extent.parse(f"{width:g} x {height:g} {unit}")
    assert extent.exact
    assert Extent.parse(str(extent)) == extent == Extent(extent.width, extent.height)
    assert Extent.parse(str(Extent(extent.width, extent.height))) == extent
    assert (extent.width.middle, extent.height.middle, extent.unit) == (width, height, unit)


def test_extents_as_authorities_write_them() -> None:
    assert Extent.parse("2 x 2 in").mm == (50.8, 50.8)
    assert Extent.parse("1.5 x 1.8 in").mm == (38.1, 45.72)
    assert Extent.parse("35×45mm") == Extent.parse("35 x 45 mm")
    least = Extent.parse(">= 715 x 951 px")
    assert not least.exact
    assert least.contains(Size(715, 951))
    assert not least.contains(Size(2000, 950))
    assert Extent.parse("<= 500 x 500 px").contains(Size(1, 500))
    span = Extent.parse("600..1200 x 600..1200 px")
    assert (span.width.low, span.height.high, span.exact) == (600, 1200, False)


@pytest.mark.parametrize("text", ["", "35 x 45", "35 mm", "35 x mm", "a x b mm", "35 x 45 %"])
def test_bad_extents_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        Extent.parse(text)


# --- file sizes


@given(ends(), st.sampled_from(("KB", "MB")), st.integers(0, 20_000_000))
def test_a_file_meets_its_limits_in_both_readings_of_a_kilobyte(
    pair: tuple[float, float], unit: str, length: int
) -> None:
    low, high = pair
    try:
        band = ByteBand.parse(f"{low:g}..{high:g} {unit}")
    except ValueError:
        assert high < 1.05 * low  # 1000 and 1024 leave nothing between so close limits
        return
    power = {"KB": 1, "MB": 2}[unit]
    for size in (length, band.floor, band.ceiling or 0):
        if band.contains(size):
            for base in (1000, 1024):
                assert low * base**power <= size <= high * base**power


@given(st.integers(1, 900), st.integers(1, 99))
def test_the_unit_may_change_between_the_limits(low: int, high: int) -> None:
    band = ByteBand.parse(f"{low} KB..{high} MB")
    assert (band.floor, band.ceiling) == (low * 1024, high * 1_000_000)
    assert ByteBand.parse(str(band)) == band


def test_file_sizes_as_authorities_write_them() -> None:
    assert ByteBand.parse("<= 240 KB") == ByteBand(0, 240_000)
    assert ByteBand.parse(">= 50 KB") == ByteBand(51_200, None)
    assert ByteBand.parse("<= 2.5 MB").ceiling == 2_500_000
    assert ByteBand.parse("12 B") == ByteBand(12, 12)
    assert ByteBand.parse("<= 1 KiB").ceiling == 1024
    assert ByteBand.parse(">= 50 KB").contains(10**9)


@pytest.mark.parametrize(
    "text", ["", "240", "<= 240 GB", "300..10 KB", "240 KB..", "1 KB..2 mm", "1 mm..2 KB", "100..101 KB"]
)
def test_bad_file_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a file size|leaves no file size"):
        ByteBand.parse(text)


# --- ratios and periods


@given(st.integers(0, 999), st.integers(1, 999))
def test_ratios(first: int, second: int) -> None:
    ratio = Ratio.parse(f"{first}:{second}")
    assert Ratio.parse(str(ratio)) == ratio
    assert ratio.value == pytest.approx(first / second)


@pytest.mark.parametrize("text", ["", "3", "3/4", "3:0", "-3:4", "a:b"])
def test_bad_ratios_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a ratio"):
        Ratio.parse(text)


@given(st.integers(0, 400), st.sampled_from(("day", "week", "month", "year")), st.sampled_from(("", "s")))
def test_periods(count: int, unit: str, plural: str) -> None:
    period = Period.parse(f"{count} {unit}{plural}")
    assert Period.parse(str(period)) == period
    assert period.duration == timedelta(days=period.days)


def test_lengths_of_periods() -> None:
    assert Period.parse("2 weeks").days == 14
    assert Period.parse("12 months").days == pytest.approx(Period.parse("1 year").days)
    assert Period.parse("6 months").duration.days == 182


@pytest.mark.parametrize("text", ["", "6", "six months", "6 fortnights", "-1 day", "6months ago"])
def test_bad_periods_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


# --- pixels


@given(st.floats(0, 1e4), st.floats(1, 5000))
def test_millimetres_and_pixels_are_inverse(mm: float, dpi: float) -> None:
    assert px_to_mm(mm_to_px(mm, dpi), dpi) == pytest.approx(mm)


def test_an_inch_has_as_many_pixels_as_the_dpi() -> None:
    assert mm_to_px(25.4, 300) == 300
    assert round(mm_to_px(35, 300)) == 413


# --- in models


class Sheet(BaseModel):
    head: Band
    size: Extent


def test_a_model_takes_texts_and_quantities_and_gives_texts_back() -> None:
    sheet = Sheet.model_validate({"head": "32..36 mm", "size": Extent.parse("35 x 45 mm")})
    assert sheet.head == Band(32, 36, "mm")
    assert sheet.model_dump(mode="json") == {"head": "32..36 mm", "size": "35 x 45 mm"}


def test_a_model_says_how_to_write_a_quantity() -> None:
    with pytest.raises(ValidationError, match=r"with its unit, such as '32\.\.36 mm'.*not 413"):
        Sheet.model_validate({"head": 413, "size": "35 x 45 mm"})


def test_the_schema_has_examples() -> None:
    schema = Sheet.model_json_schema()
    assert schema["properties"]["head"]["type"] == "string"
    assert "32..36 mm" in schema["properties"]["head"]["examples"]
