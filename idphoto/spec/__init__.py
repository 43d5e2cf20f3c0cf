"""The rules that an authority sets for the photo of a document, read from ``specs/``.

``models`` has the models, ``store`` finds and merges documents, ``search`` finds them by the words that people use,
``custom`` builds one from numbers of the user, ``reference`` reads papers and colours.
"""

from __future__ import annotations

from idphoto.spec.colours import (
    ColourClass,
    find_shade,
    list_shades,
    load_colours,
    load_shades,
    measure_shade_distance,
)
from idphoto.spec.custom import build_custom_spec
from idphoto.spec.models import (
    MAX_SIDE_PX,
    AppearanceRule,
    BackgroundRule,
    Confidence,
    EditingRule,
    EditPermission,
    OtherReading,
    PartRule,
    RuleSource,
    Spec,
    Submission,
    require_photo,
)
from idphoto.spec.reference import Paper, load_papers, specs_folder
from idphoto.spec.search import FoundSpecs, find_specs, name_country
from idphoto.spec.store import Country, all_specs, limited_fields, load_spec, spec_ids, validate_file

__all__ = [
    "MAX_SIDE_PX",
    "AppearanceRule",
    "BackgroundRule",
    "ColourClass",
    "Confidence",
    "Country",
    "EditPermission",
    "EditingRule",
    "FoundSpecs",
    "OtherReading",
    "Paper",
    "PartRule",
    "RuleSource",
    "Spec",
    "Submission",
    "all_specs",
    "build_custom_spec",
    "find_shade",
    "find_specs",
    "limited_fields",
    "list_shades",
    "load_colours",
    "load_papers",
    "load_shades",
    "load_spec",
    "measure_shade_distance",
    "name_country",
    "require_photo",
    "spec_ids",
    "specs_folder",
    "validate_file",
]
