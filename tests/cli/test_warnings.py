"""A warning comes in the reader's language, without the place in our code."""

import pickle
import warnings

import pytest

from surveykit.cli.told import show_warning
from surveykit.errors import SurveykitWarning, Told, note


@pytest.mark.parametrize(("lang", "word"), [("en", "text"), ("ja", "文字"), ("ko", "문자")])
def test_a_warning_is_told_in_the_readers_language(
    lang: str, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SURVEYKIT_LANG", lang)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda message, *where: show_warning(message))
        warnings.warn(str(note("G003", column="x")), SurveykitWarning, stacklevel=2)
        warnings.warn("another program's words", UserWarning, stacklevel=2)
    told = capsys.readouterr().err
    assert "[G003]" in told
    assert word in told
    assert "another program's words" in told
    assert ".py" not in told


def test_the_words_of_a_note_stay_words() -> None:
    words = str(note("G003", column="x"))
    assert isinstance(words, Told)
    again = pickle.loads(pickle.dumps(words))
    assert (again, again.note.code, type(f"{words}!")) == (words, "G003", str)
