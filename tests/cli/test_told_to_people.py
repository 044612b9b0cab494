"""Small things that people read: languages that are none, long lists, sections of one kind."""

import pandas as pd
import pytest

from surveykit.cli.output import reader_language, tell_unknown_language
from surveykit.study.disclosure import Disclosure
from surveykit.wording import wording


@pytest.mark.parametrize(
    ("asked", "told"), [("jp", True), ("kr", True), ("ja", False), ("ko_KR", False), ("", False)]
)
def test_a_language_that_is_none_is_told(
    asked: str, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SURVEYKIT_LANG", asked)
    tell_unknown_language()
    assert ("[K090]" in capsys.readouterr().err) == told


def test_a_long_list_of_combinations_is_cut_with_its_count() -> None:
    table = pd.DataFrame({"role": [float(n) for n in range(500)], "respondents": 1})
    shown = Disclosure(1, 500, ("role",), (), table).summary()
    assert len(shown.splitlines()) < 30
    assert "480 more" in shown
    assert "--json" in shown
    assert "1.0" not in shown


def test_no_answers_are_not_counted() -> None:
    assert Disclosure(0, 0, ("role",), (), pd.DataFrame()).summary("ja") == wording(
        "exchange", "disclosure_empty", "ja"
    )


@pytest.mark.parametrize(("lang", "word"), [("en", "SIMULATED"), ("ja", "模擬"), ("ko", "모의")])
def test_simulated_is_said_in_the_reader_s_language(lang: str, word: str) -> None:
    assert word in wording("study", "simulated_line", lang)


@pytest.mark.parametrize(
    ("system", "lang"),
    [("Japanese_Japan", "ja"), ("ko_KR", "ko"), ("Korean_Korea", "ko"), ("de_DE", "en"), (None, "en")],
)
def test_the_system_s_language_is_the_reader_s(
    system: str | None, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SURVEYKIT_LANG", raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (system, "UTF-8"))
    assert reader_language() == lang
