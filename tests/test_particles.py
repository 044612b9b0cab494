"""Korean particles fit the word before them; nothing is left open where that word is Korean."""

import pytest

from surveykit.errors import note, with_particles


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
    assert with_particles(open_) == closed


def test_a_note_in_korean_reads_as_written_by_hand() -> None:
    told = note("G003", column="신뢰").text("ko")
    assert "(가)" not in told
    assert "'신뢰'가" in told
    assert "column '신뢰'" in note("G003", column="신뢰").text("en")
