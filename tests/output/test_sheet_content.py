"""Letter sheets with the characters that the built-in fonts have."""

from __future__ import annotations

import pytest

from idphoto.output.sheet_content import to_windows_1252


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("de-passport 35 x 45 mm", "de-passport 35 x 45 mm"),
        ("Müller", "Müller"),
        ("Łukasz Nguyễn İpek", "Lukasz Nguyen Ipek"),
        ("e\u0301", "é"),
        ("\ufb01n", "fin"),
        ("2 x 王小明 35 x 45 mm", "2 x 35 x 45 mm"),
        ("Иванов-2", ""),
        ("a\x00b", ""),
        (" a \n b ", "a b"),
        ("", ""),
    ],
)
def test_other_letters_are_replaced_or_left_out(text: str, shown: str) -> None:
    assert to_windows_1252(text) == shown
