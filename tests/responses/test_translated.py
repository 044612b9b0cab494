"""The translators' workbook out and back: what was agreed stands in the YAML, every step in the log."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from instrument_example import edited
from surveykit.errors import SurveykitError
from surveykit.form.translation_layout import COLUMN_OF, HEADER_ROW, lost_placeholders
from surveykit.form.translation_sheet import write_translation_workbook
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.translation_log import read_log
from surveykit.instrument.translations import STEPS, log_path, translation_report
from surveykit.responses.translated import TakenTranslations, take_translations

# Comments stay; one text lacks, one has a word that a program fills in.
SOURCE = edited(
    "title: {en: Firm, ja: 会社}",
    "title: {en: Firm}  # no translation yet",
    edited("text: {en: Tell, ja: 話}", 'text: {en: "Tell {firm} all", ja: 話}'),
)


class Desk:
    """An instrument, and what translators do with its workbook."""

    def __init__(self, folder: Path, text: str = SOURCE) -> None:
        self.path = folder / "example.yaml"
        self.path.write_text(text, "utf-8")
        self.workbook = folder / "ja.xlsx"
        write_translation_workbook(self.path, "ja", self.workbook)

    def edit(self, change: Callable[[Any, Callable[[str], int]], None]) -> None:
        book = openpyxl.load_workbook(self.workbook)
        sheet = book.worksheets[0]

        def row_of(key: str) -> int:
            return next(cell.row for cell in sheet["A"] if cell.value == key)

        change(sheet, row_of)
        book.save(self.workbook)

    def enter(self, key: str, **steps: Any) -> None:
        def change(sheet: Any, row_of: Callable[[str], int]) -> None:
            for step, text in steps.items():
                sheet[f"{COLUMN_OF[step]}{row_of(key)}"].value = text

        self.edit(change)

    def take(self) -> TakenTranslations:
        return take_translations(self.path, self.workbook)

    def status(self, key: str) -> str:
        inst = read_instrument(self.path)
        report = translation_report(inst, read_log(log_path(self.path), inst))
        return next(row.status for row in report.rows if row.key == key)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


FIRM, STORY = "sections.firm.title", "items.story.text"


def test_every_text_has_a_row_with_what_a_translator_needs(desk: Desk) -> None:
    sheet = openpyxl.load_workbook(desk.workbook).worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True) if row[0]]
    inst = read_instrument(desk.path)
    assert [row[0] for row in rows] == [row.key for row in translation_report(inst).rows]
    label = next(row for row in rows if row[0] == "response_scales.agree5.labels.1")
    assert label[3:9] == ("選択肢", "One; Two; Three", "Disagree", "反対", "記録なし", 240)
    assert next(row for row in rows if row[0] == FIRM)[5:8] == ("Firm", None, "未訳")
    open_cells = {
        cell.column_letter for row in sheet.iter_rows() for cell in row if not cell.protection.locked
    }
    assert open_cells == {COLUMN_OF[step] for step in STEPS}
    assert sheet.protection.sheet


def test_the_same_workbook_is_written_each_time(desk: Desk, tmp_path: Path) -> None:
    again = write_translation_workbook(desk.path, "ja", tmp_path / "again.xlsx")
    assert again.read_bytes() == desk.workbook.read_bytes()


def test_agreed_texts_enter_the_yaml_and_every_step_the_log(desk: Desk) -> None:
    steps = {
        "translation_1": "企業", "translation_2": "会社", "review": "企業か会社か",
        "adjudication": "会社について", "back_translation": "About the firm", "reason": "やわらかい表現",
    }  # fmt: skip
    desk.enter(FIRM, **steps)
    desk.enter("items.trust_1.text", translation_1="一つ目")
    taken = desk.take()
    assert (taken.texts, taken.logged, taken.notes) == ((FIRM,), ("items.trust_1.text",), ())
    assert taken.summary().startswith("example, Japanese: 1 texts put into the questionnaire, 1 further ones")
    assert taken.summary("ko").startswith("example, 일본어: 설문지에 넣은 번역 1건")
    text = desk.path.read_text("utf-8")
    assert "title: {en: Firm, ja: 会社について}" in text
    assert "# no translation yet" in text
    inst = read_instrument(desk.path)
    entry = read_log(log_path(desk.path), inst).entries[FIRM, "ja"]
    assert {step: getattr(entry, step) for step in STEPS} == steps
    assert (desk.status(FIRM), desk.status("items.trust_1.text")) == ("done", "in work")
    assert list(taken.to_frame()["outcome"]) == ["in the instrument", "logged"]


def test_taking_the_same_workbook_twice_changes_nothing(desk: Desk) -> None:
    desk.enter(FIRM, adjudication="会社")
    desk.take()
    before = desk.path.read_bytes(), log_path(desk.path).read_bytes()
    assert desk.take().texts == ()
    assert (desk.path.read_bytes(), log_path(desk.path).read_bytes()) == before


def test_an_untouched_workbook_changes_nothing(desk: Desk) -> None:
    before = desk.path.read_bytes()
    taken = desk.take()
    assert (taken.texts, taken.logged, taken.notes) == ((), (), ())
    assert desk.path.read_bytes() == before
    assert not log_path(desk.path).exists()


@pytest.mark.parametrize(
    ("key", "entered", "code", "column"),
    [
        (FIRM, "=1+1", "F041", "N"),
        (FIRM, True, "F041", "N"),
        ("response_scales.agree5.labels.1", "長" * 241, "F042", "N"),
        (STORY, "話", "F043", "N"),
    ],
)
def test_what_cannot_be_taken_is_a_finding_at_its_cell(
    desk: Desk, key: str, entered: Any, code: str, column: str
) -> None:
    before = desk.path.read_bytes()
    desk.enter(key, adjudication=entered)
    taken = desk.take()
    assert [one.code for one in taken.notes] == [code]
    place = taken.notes[0].place
    assert place is not None
    assert re.fullmatch(rf"{column}\d+", place.cell or "")
    assert desk.path.read_bytes() == before
    for lang in ("en", "ja", "ko"):
        assert key in taken.notes[0].text(lang)


def test_one_bad_row_does_not_keep_the_others_out(desk: Desk) -> None:
    desk.enter(STORY, adjudication="話")
    desk.enter(FIRM, adjudication="会社")
    taken = desk.take()
    assert taken.texts == (FIRM,)
    assert [one.code for one in taken.notes] == ["F043"]


def test_a_source_that_changed_meanwhile_is_not_given_the_old_translation(desk: Desk) -> None:
    desk.enter(FIRM, adjudication="会社")
    desk.path.write_text(edited("{en: Firm}", "{en: Company}", SOURCE), "utf-8")
    assert [one.code for one in desk.take().notes] == ["I074"]
    assert "会社" not in desk.path.read_text("utf-8")


def test_a_stale_row_goes_out_blank_and_comes_back_done(desk: Desk) -> None:
    desk.enter(FIRM, adjudication="会社")
    desk.take()
    desk.path.write_text(desk.path.read_text("utf-8").replace("en: Firm,", "en: Your firm,"), "utf-8")
    assert desk.status(FIRM) == "stale"
    desk.workbook.unlink()  # taken in; as it is, it would not be written over
    write_translation_workbook(desk.path, "ja", desk.workbook)
    assert desk.take().texts == ()
    assert desk.status(FIRM) == "stale"
    desk.enter(FIRM, adjudication="貴社")
    assert desk.take().texts == (FIRM,)
    assert desk.status(FIRM) == "done"


def _twice(sheet: Any, row_of: Callable[[str], int]) -> None:
    sheet[f"A{row_of(STORY)}"].value = FIRM


def _mixed(sheet: Any, row_of: Callable[[str], int]) -> None:
    one, other = row_of(FIRM), row_of("items.trust_1.text")
    for column in "CDEFGN":  # as after sorting only the columns that can be seen
        first, second = sheet[f"{column}{one}"], sheet[f"{column}{other}"]
        first.value, second.value = second.value, first.value


def _nameless(sheet: Any, row_of: Callable[[str], int]) -> None:
    row = row_of(FIRM)
    sheet[f"A{row}"].value = sheet[f"B{row}"].value = None


def _unknown(sheet: Any, row_of: Callable[[str], int]) -> None:
    sheet[f"A{row_of(FIRM)}"].value = "items.gone.text"


@pytest.mark.parametrize(
    ("damage", "codes"),
    [(_twice, ["F045", "F045"]), (_mixed, ["F044", "F044"]), (_nameless, ["F046"]), (_unknown, ["I073"])],
)
def test_damaged_rows_are_findings(
    desk: Desk, damage: Callable[[Any, Callable[[str], int]], None], codes: list[str]
) -> None:
    before = desk.path.read_bytes()
    desk.enter(FIRM, adjudication="会社")
    desk.edit(damage)
    assert sorted(one.code for one in desk.take().notes) == codes
    assert desk.path.read_bytes() == before


def test_moved_and_inserted_columns_and_rows_are_followed(desk: Desk) -> None:
    desk.enter(FIRM, adjudication="会社")

    def move(sheet: Any, row_of: Callable[[str], int]) -> None:
        sheet.insert_cols(5)
        sheet.insert_rows(HEADER_ROW + 3)

    desk.edit(move)
    assert desk.take().texts == (FIRM,)


def test_a_workbook_of_another_kind_is_refused(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(SurveykitError, match=r"\[F040\]"):
        take_translations(desk.path, tmp_path / "other.xlsx")
    other = tmp_path / "other.yaml"
    other.write_text(edited("instrument: example", "instrument: another"), "utf-8")
    with pytest.raises(SurveykitError, match=r"\[F040\].*example"):
        take_translations(other, desk.workbook)

    def drop(sheet: Any, row_of: Callable[[str], int]) -> None:
        sheet.delete_cols(14)

    desk.edit(drop)
    with pytest.raises(SurveykitError, match=r"\[F047\].*adjudication"):
        desk.take()


def test_the_source_language_is_not_translated_into(desk: Desk) -> None:
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        write_translation_workbook(desk.path, "en", desk.workbook)


@pytest.mark.parametrize(
    ("source", "text", "lost"),
    [
        ("{a} and {a}", "{a}", ["{a}"]),
        ("${name}", "名前 ${name}", []),
        ("%s of %(total)s", "%(total)s", ["%s"]),
        ("100% sure, {not one}", "", []),
    ],
)
def test_placeholders(source: str, text: str, lost: list[str]) -> None:
    assert lost_placeholders(source, text) == lost


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("kind", ["xlsx:Calc MS Excel 2007 XML", "ods"])
def test_saved_by_libreoffice(desk: Desk, tmp_path: Path, kind: str) -> None:
    desk.enter(FIRM, adjudication="会社\n二行目", translation_1="企業")
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, str(desk.workbook)], check=True, capture_output=True, timeout=120)
    desk.workbook = tmp_path / "out" / f"ja.{kind.split(':')[0]}"
    taken = desk.take()
    assert (taken.texts, taken.notes) == ((FIRM,), ())
    assert read_instrument(desk.path).sections[1].title["ja"] == "会社\n二行目"
