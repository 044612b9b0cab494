"""Korean particles fit the word before them; nothing is left open where that word is Korean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveykit.errors import filled, note


@pytest.mark.parametrize(
    ("open_", "closed"),
    [
        ("신뢰은(는)", "신뢰는"),
        ("일본이(가)", "일본이"),
        ("'척도'을(를)", "'척도'를"),
        ("일본(n = 240)과(와) 한국", "일본(n = 240)과 한국"),
        ("서울(으)로, 한국(으)로, 일본어(으)로", "서울로, 한국으로, 일본어로"),
        ("문항 3을(를), 5이(가), 10은(는)", "문항 3을, 5가, 10은"),
        ("'기준'(이)라는 옵션", "'기준'이라는 옵션"),
        ("'trust'이(가)", "'trust'이(가)"),
        ("은(는)", "은(는)"),
    ],
)
def test_the_particle_follows_the_last_sound(open_: str, closed: str) -> None:
    assert filled(open_, "ko", {}) == closed


@pytest.mark.parametrize(
    ("template", "fields", "closed"),
    [
        ("'{a}'이(가)", {"a": "학교은(는) 좋다"}, "'학교은(는) 좋다'가"),
        ("{a}을(를) {b}(으)로", {"a": "이(가)", "b": "을(를)"}, "이(가)를 을(를)로"),
        ("{a}{b}", {"a": "학교", "b": "은(는)"}, "학교은(는)"),
        ("{a}은(는)", {"a": "{b}"}, "{b}은(는)"),
        ("{{{a}}}을(를)", {"a": "값"}, "{값}을(를)"),
        (
            "{a:.1f}을(를), {b!r}이(가), {c[0]}와(과)",
            {"a": 2.04, "b": "값", "c": ["하나"]},
            "2.0을, '값'이, 하나와",
        ),
        ("", {}, ""),
    ],
)
def test_only_the_templates_own_particles_are_chosen(
    template: str, fields: dict[str, Any], closed: str
) -> None:
    assert filled(template, "ko", fields) == closed


@given(st.text(), st.sampled_from(["문항 '{x}'에 텍스트 '{x}'이(가)", "{x}은(는) {x}", "({x})을(를)"]))
def test_what_a_person_wrote_stands_as_written(written: str, template: str) -> None:
    assert filled(template, "ko", {"x": written}).count(written) >= 2 - (template[0] == "(")


def test_a_finding_quotes_a_respondent_letter_for_letter() -> None:
    told = note("R090", item="학교", text="학교은(는) 좋다").text("ko")
    assert "학교은(는) 좋다" in told


def test_a_note_in_korean_reads_as_written_by_hand() -> None:
    told = note("G003", column="신뢰").text("ko")
    assert "(가)" not in told
    assert "'신뢰'가" in told
    assert "column '신뢰'" in note("G003", column="신뢰").text("en")
