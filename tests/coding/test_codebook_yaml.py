"""Codebooks: what is read, what is refused and where."""

from pathlib import Path

import pytest
from coding_example import CODEBOOK, codebook

from surveykit.coding.schema import json_schema
from surveykit.errors import SurveykitError, SurveykitProblems


def test_a_codebook_keeps_levels_relations_memos_and_interview_order(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    assert list(book.respondents) == ["J1", "J2", "K1", "K2"]
    assert list(book.lineage("visits")) == ["visits", "trust", "bond"]
    row = book.to_frame().set_index("code").loc["visits"]
    assert (row["level"], row["parent"], row["relation"], row["memos"]) == (
        "open",
        "trust",
        "action",
        "2026-01-05: first seen",
    )
    assert book.respondents["J2"].minutes == 120
    assert "codes" in json_schema()["properties"]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("parent: bond", "parent: bnod", "C001", 5),
        ("elements: [trust, price]", "elements: [trust, prices]", "C002", 16),
        ("level: selective}", "level: selective, parent: trust}", "C003", 4),
        ("parent: trust, relation: action", "parent: price, level: axial", "C004", 7),
        ("- {id: J2,", "- {id: J1,", "C005", 12),
        ("parent: trust, relation: action", "relation: action", "C006", 7),
        ("summary: {Alpha: ours}", "summary: {Alfa: ours}", "C007", 16),
        ('date: "2026-01-05"', 'date: "2026-02-30"', "E012", 8),
        ("level: axial", "level: axail", "I033", 5),
        ("when_not: n, example: e", "example: e", "I020", 7),
    ],
)
def test_a_broken_codebook_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, code: str, line: int
) -> None:
    assert old in CODEBOOK
    with pytest.raises(SurveykitProblems) as caught:
        codebook(tmp_path, CODEBOOK.replace(old, new, 1))
    found = {problem.code: problem.place for problem in reversed(caught.value.problems)}
    assert code in found
    place = found[code]
    assert place is not None
    assert place.line == line


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError) as caught:
        codebook(tmp_path, "")
    assert caught.value.code == "I005"


def test_changes_are_logged_by_version(tmp_path: Path) -> None:
    log = 'changes: [{date: "2026-01-05", version: "1.0.0", what: first}]\n'
    book = codebook(tmp_path, CODEBOOK + log)
    assert [(one.date, one.version, one.what) for one in book.changes] == [("2026-01-05", "1.0.0", "first")]
    assert book.notes == ()
    later = codebook(tmp_path, CODEBOOK.replace('"1.0.0"', '"1.1.0"', 1) + log)
    assert [(one.code, one.place.line) for one in later.notes if one.place] == [("C008", 2)]
    assert codebook(tmp_path).notes == ()  # without a log nothing is missing from it
