"""What somebody may have filled in is not written over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hand_made import sample
from surveykit.coding.codebook import read_codebook
from surveykit.coding.sheets import text_units, write_coding_sheet
from surveykit.errors import SurveykitError
from surveykit.form.entry_grid import write_entry_grid
from surveykit.form.excel import write_forms
from surveykit.form.pseudonyms import make_pseudonyms
from surveykit.form.redcap import write_redcap
from surveykit.form.translation_sheet import write_translation_workbook
from surveykit.form.word import write_word_form
from surveykit.form.writing import made_beside, write_page_with
from surveykit.form.xlsform import write_xlsform
from surveykit.instrument.reader import read_instrument

ROOT = Path(__file__).parents[2]
PATH = ROOT / "instruments" / "alliance_search.yaml"
INSTRUMENT = read_instrument(PATH)
CODEBOOK = read_codebook(ROOT / "analyses/trim_lee_learning/codebook.yaml")
UNITS = text_units({"SIM-A1/q05": "저녁 자리에서 듣습니다."}, {"q05": "Which channels?"})
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


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda out: write_xlsform(INSTRUMENT, out / "x.xlsx"), "F029"),
        (lambda out: write_redcap(INSTRUMENT, out / "r.csv", "ko"), "F029"),
        (lambda out: write_translation_workbook(PATH, "ja", out / "ja.xlsx"), "F029"),
        (lambda out: write_coding_sheet(CODEBOOK, UNITS, "second", out / "s.xlsx"), "F025"),
    ],
    ids=["xlsform", "redcap", "translation", "coding sheet"],
)
def test_what_others_work_on_is_not_written_over(
    tmp_path: Path, write: Callable[[Path], Path], code: str
) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    assert write(tmp_path).read_bytes() == before
    path.write_bytes(before + b"worked on")
    with pytest.raises(SurveykitError, match=code):
        write(tmp_path)
    assert path.read_bytes() == before + b"worked on"


def test_what_is_made_for_other_programs_may_be_replaced_if_one_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "x.xlsx", tmp_path / "r.csv", tmp_path / "s.xlsx"):
        path.write_text("old", "utf-8")
    write_xlsform(INSTRUMENT, tmp_path / "x.xlsx", replace=True)
    write_redcap(INSTRUMENT, tmp_path / "r.csv", replace=True)
    write_coding_sheet(CODEBOOK, UNITS, "second", tmp_path / "s.xlsx", replace=True)
    assert all(path.read_bytes() != b"old" for path in tmp_path.iterdir())


def test_a_page_and_its_table_are_made_anew_while_nobody_changed_either(tmp_path: Path) -> None:
    page, table = tmp_path / "c.html", tmp_path / "c.csv"
    write_page_with(page, "<p>1</p>", {table: b"1"})
    assert page.read_text("utf-8").startswith("<p>1</p>")
    write_page_with(page, "<p>2</p>", {table: b"2"})
    assert (page.read_text("utf-8")[:8], table.read_bytes()) == ("<p>2</p>", b"2")
    for changed in (page, table):
        kept = page.read_bytes(), table.read_bytes()
        changed.write_bytes(changed.read_bytes().replace(b"2", b"two"))
        before = page.read_bytes(), table.read_bytes()
        with pytest.raises(SurveykitError, match="F029"):
            write_page_with(page, "<p>3</p>", {table: b"3"})
        assert (page.read_bytes(), table.read_bytes()) == before
        page.write_bytes(kept[0])
        table.write_bytes(kept[1])
    page.unlink()
    with pytest.raises(SurveykitError, match="F029"):  # a table of this name that no page knows
        write_page_with(page, "<p>3</p>", {table: b"3"})


def test_a_file_made_beside_takes_the_place_of_the_same_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for text in ("one", "one"):
        with made_beside(path) as place:
            place.write_text(text, "utf-8")
    with pytest.raises(SurveykitError, match="F029"), made_beside(path) as place:
        place.write_text("two", "utf-8")
    assert [(one.name, one.read_text("utf-8")) for one in tmp_path.iterdir()] == [("a.txt", "one")]


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
