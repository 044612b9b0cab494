"""What somebody may have filled in is not written over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hand_made import sample
from surveykit.errors import SurveykitError
from surveykit.form.entry_grid import write_entry_grid
from surveykit.form.excel import write_forms
from surveykit.form.pseudonyms import make_pseudonyms
from surveykit.form.word import write_word_form

WRITERS: list[Callable[[Path], Path]] = [
    lambda out: write_forms(sample(), out, "ja")[0],
    lambda out: write_entry_grid(sample(), out, "ja")[0],
    lambda out: write_word_form(sample(), out, "ja"),
]


@pytest.mark.parametrize("write", WRITERS)
def test_a_filled_form_is_not_written_over(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    assert write(tmp_path).read_bytes() == before
    path.write_bytes(before + b"filled in")
    with pytest.raises(SurveykitError, match="F025"):
        write(tmp_path)
    assert path.read_bytes() == before + b"filled in"


def test_forms_that_a_run_made_are_made_anew(tmp_path: Path) -> None:
    (path,) = write_forms(sample(), tmp_path, "ja")
    before = path.read_bytes()
    path.write_bytes(b"of an earlier run")
    write_forms(sample(), tmp_path, "ja", replace=True)
    assert path.read_bytes() == before


def people(path: Path, *names: str, country: str = "JP") -> Path:
    path.write_text("name,country\n" + "".join(f"{one},{country}\n" for one in names), encoding="utf-8")
    return path


@pytest.mark.parametrize("key", ["key.csv", "key2.csv"])
def test_a_sampling_frame_and_a_key_lose_nobody(tmp_path: Path, key: str) -> None:
    frame, first = tmp_path / "frame.csv", tmp_path / "key.csv"
    make_pseudonyms(people(tmp_path / "a.csv", "Abe", "Baba", "Chiba"), frame, first)
    kept = frame.read_bytes(), first.read_bytes()
    with pytest.raises(SurveykitError, match="F026"):
        make_pseudonyms(people(tmp_path / "b.csv", "Abe", "Doi"), frame, tmp_path / key)
    assert (frame.read_bytes(), first.read_bytes()) == kept
    assert not (tmp_path / "key2.csv").exists()
    with pytest.raises(SurveykitError, match="F026"):
        make_pseudonyms(tmp_path / "b.csv", tmp_path / "other.csv", first)
    assert first.read_bytes() == kept[1]


def test_a_sampling_frame_may_grow(tmp_path: Path) -> None:
    frame, key = tmp_path / "frame.csv", tmp_path / "key.csv"
    make_pseudonyms(people(tmp_path / "a.csv", "Abe", "Baba"), frame, key)
    made = make_pseudonyms(people(tmp_path / "a.csv", "Abe", "Baba", "Chiba"), frame, key)
    assert (made.n, made.new) == (3, 1)
