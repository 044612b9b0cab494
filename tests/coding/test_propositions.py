"""The proposition matrix: stances, verdicts by the rule, links, and the archived study."""

from pathlib import Path

import pandas as pd
import pytest
from coding_example import CODEBOOK, codebook, segments

from surveykit.archive.claims import read_claims
from surveykit.archive.verdict import judge
from surveykit.coding.codebook import read_codebook
from surveykit.coding.propositions import count_respondents, proposition_matrix
from surveykit.coding.segments import check_segments, read_segments
from surveykit.errors import SurveykitError
from surveykit.results import plain

STUDY = Path(__file__).parents[2] / "analyses" / "lee_trim_interviews"


@pytest.mark.parametrize(
    ("rows", "verdict", "stance"),
    [
        ([], "silent", "silent"),
        (["s1 J1 visits X supports P1"], "supported", "supports"),
        (["s1 J1 visits X supports P1", "s2 J2 price X supports P1"], "fully supported", "supports"),
        (["s1 J1 visits X supports P1", "s2 J2 price X qualified P1"], "supported", "qualified"),
        (["s1 J1 visits X qualified P1"], "supported", "qualified"),
        (["s1 J1 visits X supports P1", "s2 J1 price X contradicts P1"], "supported", "qualified"),
        (["s1 J1 visits X supports P1", "s2 J2 price X contradicts P1"], "inconclusive", "qualified"),
        (["s1 J1 visits X contradicts P1"], "contradicted", "contradicts"),
    ],
)
def test_the_rule(tmp_path: Path, rows: list[str], verdict: str, stance: str) -> None:
    book = codebook(tmp_path)
    cell = proposition_matrix(segments(book, *rows), book).frame.iloc[0]
    assert (cell["verdict"], cell["stance"]) == (verdict, stance)


def test_a_stricter_rule_is_followed_and_stated(tmp_path: Path) -> None:
    strict = CODEBOOK.replace("{least_respondents: 1, qualified_counts: true}",
                              "{least_respondents: 2, qualified_counts: false}")  # fmt: skip
    book = codebook(tmp_path, strict)
    rows = ["s1 J1 visits X supports P1", "s2 J2 price X qualified P1"]
    found = proposition_matrix(segments(book, *rows), book)
    assert found.frame.loc[0, "verdict"] == "inconclusive"
    assert found.notes[0].code == "C031"
    assert "at least 2 respondent(s)" in found.notes[0].text()


def test_a_cell_leads_back_to_its_segments(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    coded = segments(book, "s1 J1 visits X supports P1", "s1 J1 visits Y supports P1",
                     "s2 J2 price X contradicts P1", "s3 K1 trust X qualified P1")  # fmt: skip
    found = proposition_matrix(coded, book)
    alpha, beta = found.frame.to_dict("records")[:2]
    assert (alpha["segments"], alpha["n_segments"], alpha["n_of_N"]) == ("s1; s2", 2, "2 of 2")
    assert (alpha["negative_cases"], alpha["elements_missing"]) == ("J2", "price")
    assert alpha["summary"] == "ours"
    assert beta["n_of_N"] == "1 of 2"
    assert [one.code for one in found.notes] == ["C030", "C032", "C033"]
    assert found.table().loc["P1"].tolist() == ["inconclusive (2 of 2)", "supported (1 of 2)"]
    assert len(found.evidence) == 4


def test_other_cases_than_company_and_country_are_refused(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    with pytest.raises(SurveykitError, match="O001"):
        proposition_matrix(segments(book), book, by="respondent")
    assert proposition_matrix(segments(book), book, by="country").frame["country"].unique().tolist() == [
        "JP",
        "KR",
    ]


def lee_trim(leave_out: str = "") -> dict[str, object]:
    book = read_codebook(STUDY / "codebook.yaml")
    coded = read_segments(STUDY / "segments.csv", book)
    assert coded.notes == ()
    if leave_out:
        coded = check_segments(coded.frame[coded.frame["segment"] != leave_out], book)
    found = {"matrix": proposition_matrix(coded, book), "respondents": count_respondents(coded, book)}
    return {"propositions": {name: plain(one) for name, one in found.items()}}


def test_the_archived_study_reproduces_what_the_paper_states() -> None:
    verdict = judge(read_claims(STUDY / "claims.yaml"), lee_trim())
    assert verdict.outcome == "full reproduction", verdict.summary()
    frame = pd.DataFrame(lee_trim()["propositions"]["matrix"]["frame"])  # type: ignore[index]
    full = frame[frame["verdict"] == "fully supported"]
    # What the paper does not call fully supported is not so here either.
    assert full[["proposition", "company"]].agg(" ".join, axis=1).tolist() == [
        "P1 Japanese",
        "P2 Japanese",
        "P2 South Korean",
    ]


@pytest.mark.parametrize("segment", ["S01", "S02", "S03", "S05", "S06", "S13", "S14"])
def test_taking_one_segment_away_is_seen_by_the_verdict(segment: str) -> None:
    assert judge(read_claims(STUDY / "claims.yaml"), lee_trim(segment)).outcome == "partial reproduction"


@pytest.mark.parametrize("segment", [f"S{number:02}" for number in range(1, 15)])
def test_taking_any_segment_away_changes_a_cell(segment: str) -> None:
    assert lee_trim(segment) != lee_trim()
