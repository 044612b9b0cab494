"""Heights of rows: enough lines for every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveykit.form.look import font, height, line_count


@pytest.mark.parametrize(
    ("text", "columns", "lang", "lines"),
    [
        ("", 20, "en", 1),
        ("one", 20, "en", 1),
        ("one\ntwo\n\nfour", 20, "en", 4),
        ("word word word word", 12, "en", 2),
        ("x" * 40, 20, "en", 3),
        ("あ" * 19, 44, "ja", 1),
        ("あ" * 20, 22, "ja", 3),
        ("가나다 라마바 사아자", 20, "ko", 2),
        ("ㄱ" * 10, 12, "ko", 3),
    ],
)
def test_lines(text: str, columns: float, lang: str, lines: int) -> None:
    assert line_count(text, columns, lang) == lines


@given(
    st.text(alphabet="ab 가나あ漢\n", max_size=200), st.floats(5, 100), st.sampled_from(["en", "ja", "ko"])
)
def test_a_wider_cell_never_needs_more_room(text: str, columns: float, lang: str) -> None:
    assert height(text, columns * 2, lang) <= height(text, columns, lang)


@given(st.text(max_size=200), st.sampled_from(["en", "ja", "ko"]))
def test_more_text_never_needs_less_room(text: str, lang: str) -> None:
    assert height(text + " 末", 30, lang) >= height(text, 30, lang)


@pytest.mark.parametrize(("lang", "name"), [("en", "Calibri"), ("ja", "Yu Gothic"), ("ko", "Malgun Gothic")])
def test_each_language_has_a_font_of_its_own(lang: str, name: str) -> None:
    assert font(lang).name == name
    assert not (font("ja", italic=True).italic)
    assert not (font("ko", italic=True).italic)
