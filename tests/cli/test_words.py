"""Translation, layouts and hints about forms, as a person types them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from instrument_example import EXAMPLE, edited
from surveykit.form.translation_layout import COLUMN_OF

ROOT = Path(__file__).parents[2]
PARTNERSHIP = ROOT / "instruments" / "partnership.yaml"
PARTLY = edited("title: {en: Firm, ja: 会社}", "title: {en: Firm}")


def surveykit(*words: object, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from surveykit.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "SURVEYKIT_LANG": lang, "PYTHONWARNINGS": "default"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, encoding="utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "example.yaml"
    path.write_text(PARTLY, "utf-8")
    return path


@pytest.mark.parametrize(
    ("lang", "first", "last"),
    [
        ("en", "ja  missing  sections.firm.title: Firm", "Japanese: no record"),
        ("ja", "ja  未訳  sections.firm.title: Firm", "日本語：記録なし"),
        ("ko", "ja  없음  sections.firm.title: Firm", "일본어: 기록 없음"),
    ],
)
def test_what_is_missing_in_the_readers_language(example: Path, lang: str, first: str, last: str) -> None:
    shown = surveykit("translation", example, lang=lang)
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[0] == first
    assert lines[-1].startswith(last)


def test_a_workbook_goes_out_and_comes_back(example: Path, tmp_path: Path) -> None:
    out = tmp_path / "ja.xlsx"
    assert surveykit("translation", example, "--to", "ja", "--out", out).stdout.strip() == str(out)
    book = openpyxl.load_workbook(out)
    sheet = book.worksheets[0]
    row = next(cell.row for cell in sheet["A"] if cell.value == "sections.firm.title")
    sheet[f"{COLUMN_OF['adjudication']}{row}"].value = "会社"
    sheet[f"{COLUMN_OF['adjudication']}{row + 1}"].value = "=1"
    book.save(out)
    shown = surveykit("translation", example, "--take", out, "--json")
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["texts"] == ["sections.firm.title"]
    assert [one["code"] for one in told["findings"]] == ["F041"]
    assert "会社" in example.read_text("utf-8")
    again = surveykit("translation", example, "--take", out, lang="ja")
    assert "[F041]" in again.stdout
    rows = json.loads(surveykit("translation", example, "--json").stdout)
    assert {row["status"] for row in rows} == {"done", "not logged"}


@pytest.mark.parametrize(
    ("layout", "name"),
    [("excel", "partnership_1.0.0_ja+en.xlsx"), ("word", "partnership_1.0.0_ja+en.docx")],
)
def test_bilingual_layouts(tmp_path: Path, layout: str, name: str) -> None:
    shown = surveykit("form", PARTNERSHIP, "--lang", "ja+en", "--layout", layout, "--out", tmp_path)
    assert shown.stdout.strip() == str(tmp_path / name)
    assert (tmp_path / name).exists()


def test_large_print_and_the_grid(tmp_path: Path) -> None:
    for words, name in (
        (("--layout", "word", "--large"), "partnership_1.0.0_ko_large.docx"),
        (("--layout", "grid"), "partnership_1.0.0_entry_ko.xlsx"),
    ):
        shown = surveykit("form", PARTNERSHIP, "--lang", "ko", *words, "--out", tmp_path)
        assert shown.stdout.strip() == str(tmp_path / name)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_a_pdf(tmp_path: Path) -> None:
    shown = surveykit("form", PARTNERSHIP, "--lang", "en", "--layout", "pdf", "--out", tmp_path)
    assert shown.stdout.strip() == str(tmp_path / "partnership_1.0.0_en.pdf")


def test_a_layout_that_is_not_there_is_refused(tmp_path: Path) -> None:
    shown = surveykit("form", PARTNERSHIP, "--layout", "paper", "--out", tmp_path)
    assert (shown.returncode, "[O001]" in shown.stderr) == (2, True)


def test_check_says_what_cannot_be_a_form(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(edited("id: remark", "id: respondent", EXAMPLE), "utf-8")
    shown = surveykit("check", path)
    assert shown.returncode == 0
    assert "[F018]" in shown.stdout
    assert "0 problems, 1 hints" in shown.stdout
