"""Checks and the numbers they are about: one copy, or two that are held against one another."""

from pathlib import Path

import pytest

from surveykit.archive.claims import read_claims
from surveykit.archive.consistency import check_consistency
from surveykit.errors import SurveykitProblems

PAPER = Path(__file__).parents[2] / "analyses" / "smith_sivo_2012" / "claims.yaml"
CLAIMS = """\
claims: c
version: "1.0.0"
citation: c
numbers:
  - {{id: chisq, where: fit, kind: chisq, printed: "{chisq}", compute: m.fit.chisq}}
  - {{id: p, where: fit, kind: p, printed: ".144", compute: m.fit.p}}
checks:
  - {{id: p_of_chisq, where: fit, check: chisq, {given}}}
"""
COPIED = 'values: {chisq: "9.567", df: "6", p: "0.144"}'
NAMED = 'numbers: {chisq: chisq, p: p}, values: {df: "6"}'


def claims(folder: Path, chisq: str, given: str) -> Path:
    path = folder / "claims.yaml"
    path.write_text(CLAIMS.format(chisq=chisq, given=given), encoding="utf-8")
    return path


@pytest.mark.parametrize("given", [COPIED, NAMED])
def test_numbers_that_agree_are_consistent(tmp_path: Path, given: str) -> None:
    found = check_consistency(claims(tmp_path, "9.567", given))
    assert found.consistent
    assert found.notes == ()
    assert found.frame["status"].tolist() == ["consistent"]


def test_a_changed_number_contradicts_the_check_that_names_it(tmp_path: Path) -> None:
    found = check_consistency(claims(tmp_path, "19.567", NAMED))
    assert found.frame["status"].tolist() == ["inconsistent"]
    assert not found.consistent


def test_a_copy_that_is_not_its_number_is_told(tmp_path: Path) -> None:
    found = check_consistency(claims(tmp_path, "19.567", COPIED))
    assert not found.consistent
    assert [(one.code, one.fields["copy"], one.fields["printed"]) for one in found.notes] == [
        ("A067", "9.567", "19.567")
    ]
    assert "[A067]" in found.summary()


def test_a_number_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitProblems, match=r"A068.*nosuch"):
        read_claims(claims(tmp_path, "9.567", "numbers: {chisq: nosuch}"))


@pytest.mark.parametrize(
    ("old", "new"), [('"9.567"', '"19.567"'), ('".144"', '".044"'), ('".034"', '".134"')]
)
def test_a_changed_number_of_the_shipped_paper_is_seen(tmp_path: Path, old: str, new: str) -> None:
    text = PAPER.read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "claims.yaml").write_text(text.replace(old, new), encoding="utf-8")
    assert check_consistency(PAPER).consistent
    assert not check_consistency(tmp_path / "claims.yaml").consistent
