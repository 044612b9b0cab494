"""The catalogue of codes: complete in three languages, used, and each code seen in a test."""

import re
from pathlib import Path
from string import Formatter

import pytest

from surveykit.errors import LANGUAGES, Place, SurveykitError, SurveykitProblems, catalogue, note

ROOT = Path(__file__).parent.parent
CODES = sorted(catalogue())


def fields_of(template: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name}


@pytest.fixture(scope="module")
def sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src").rglob("*.py")))


@pytest.fixture(scope="module")
def tests() -> str:
    here = Path(__file__)
    return "\n".join(path.read_text("utf-8") for path in sorted(here.parent.rglob("*.py")) if path != here)


@pytest.mark.parametrize("code", CODES)
def test_an_entry_says_the_same_in_every_language(code: str) -> None:
    entry = catalogue()[code]
    assert set(entry) <= {"says", "remedy"}
    for part in entry.values():
        assert set(part) == set(LANGUAGES)
        assert all(text.strip() for text in part.values())
        assert len({frozenset(fields_of(text)) for text in part.values()}) == 1


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_raised_somewhere(code: str, sources: str) -> None:
    assert f'"{code}"' in sources


@pytest.mark.parametrize("code", CODES)
def test_every_code_stands_in_a_test(code: str, tests: str) -> None:
    assert code in tests


def test_every_code_raised_is_in_the_catalogue(sources: str) -> None:
    raised = set(
        re.findall(r'(?:SurveykitError|Note|note|finding|refuse|problem)\(\s*"([A-Z]\d{3})"', sources)
    )
    assert raised <= set(CODES)


def test_a_refusal_says_code_place_fact_and_remedy() -> None:
    place = Place(file="plan.yaml", line=3, column=7)
    error = SurveykitError("O001", place=place, option="lang", value="'jp'", allowed="'ja'", nearest="'ja'")
    assert str(error) == (
        "[O001] plan.yaml:3:7: Option 'lang' is 'jp'. Allowed: 'ja'.\n  Perhaps you meant 'ja'."
    )
    assert "使えるのは" in error.text("ja")
    assert "사용할 수 있는 값" in error.text("ko")


def test_several_problems_are_told_at_once() -> None:
    problems = (note("O002", option="conf_level", value=95), note("O002", option="conf_level", value=0))
    assert str(SurveykitProblems(problems)).count("[O002]") == 2
