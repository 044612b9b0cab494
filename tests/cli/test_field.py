"""The commands around a collection, as a person types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTNERSHIP = ROOT / "instruments" / "partnership.yaml"
PLAN = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot}}
instrument: "{PARTNERSHIP}"
groups: {{column: country, order: [JP, KR]}}
data: {{kind: returned}}
fieldwork: {{respondents: frame.csv}}
steps:
  - {{id: answers, step: describe}}
"""


def surveykit(*words: object, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from surveykit.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "SURVEYKIT_LANG": lang, "PYTHONWARNINGS": "default"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, encoding="utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(PLAN, encoding="utf-8")
    frame = "respondent,country\nSIM-JP-0001,JP\nSIM-JP-0002,JP\nSIM-KR-0001,KR\nSIM-KR-0002,KR\n"
    (folder / "frame.csv").write_text(frame, encoding="utf-8")
    surveykit("simulate", PARTNERSHIP, "--n", "JP=2", "--n", "KR=1", "--out", folder, "--seed", 3)
    assert surveykit("collect", folder / "returned", "--study", folder).returncode == 0
    return folder


@pytest.mark.parametrize(
    ("lang", "least", "mark", "told"),
    [
        ("en", "minor", "check", "Judge whether it still asks the same before pooling."),
        ("ja", "マイナー", "要確認", "回答を合わせて使う前に"),
        ("ko", "마이너", "확인 필요", "합치기 전에"),
    ],
)
def test_diff_says_what_changed_and_what_it_means(
    tmp_path: Path, lang: str, least: str, mark: str, told: str
) -> None:
    text = PARTNERSHIP.read_text(encoding="utf-8")
    newer = text.replace("keeps the promises it makes to our firm", "keeps every promise to our firm")
    newer = newer.replace("years_partnership", "years_together").replace('"1.0.0"', '"1.0.1"', 1)
    (tmp_path / "new.yaml").write_text(newer, encoding="utf-8")
    shown = surveykit("diff", PARTNERSHIP, tmp_path / "new.yaml", lang=lang)
    assert shown.returncode == 0, shown.stderr
    assert f"1.0.0 -> 1.0.1 ({least})" in shown.stdout
    assert f"[{mark}]" in shown.stdout
    assert "[I095]" in shown.stdout
    assert told in shown.stdout
    machine = json.loads(surveykit("diff", PARTNERSHIP, tmp_path / "new.yaml", "--json").stdout)
    assert machine["item_map"]["years_partnership"] == "years_together"
    assert {one["change"] for one in machine["changes"]} == {"renamed", "wording"}


def test_diff_of_two_instruments_is_refused() -> None:
    shown = surveykit("diff", PARTNERSHIP, ROOT / "instruments" / "kam_coordination.yaml")
    assert shown.returncode == 1
    assert "[I078]" in shown.stderr


@pytest.mark.parametrize(("lang", "word"), [("en", "Expected 4"), ("ja", "未回収 1"), ("ko", "미회수 1")])
def test_status(study: Path, lang: str, word: str) -> None:
    shown = surveykit("status", study, lang=lang)
    assert shown.returncode == 0, shown.stderr
    assert word in shown.stdout
    machine = json.loads(surveykit("status", study, "--json").stdout)
    assert (machine["expected"], machine["returned"]) == (4, 3)
    assert [row["respondent"] for row in machine["missing"]] == ["SIM-KR-0002"]


@pytest.mark.parametrize(("lang", "word"), [("en", "k = 1"), ("ja", "名未満"), ("ko", "미만")])
def test_disclosure(study: Path, lang: str, word: str) -> None:
    shown = surveykit("disclosure", study, lang=lang)
    assert shown.returncode == 0, shown.stderr
    assert word in shown.stdout
    machine = json.loads(surveykit("disclosure", study, "--json").stdout)
    assert machine["k"] == 1
    assert machine["small_cells"]
    assert "T021" in {one["code"] for one in machine["notes"]}


@pytest.mark.parametrize("command", ["status", "disclosure"])
def test_no_study_no_answer(tmp_path: Path, command: str) -> None:
    shown = surveykit(command, tmp_path)
    assert shown.returncode == 1
    assert "[T001]" in shown.stderr


@pytest.mark.parametrize(("lang", "label"), [("ja", "取引していますか"), ("ko", "거래해 왔습니까")])
def test_export_writes_every_format(study: Path, tmp_path: Path, lang: str, label: str) -> None:
    every = "csv,parquet,sav,codebook,datapackage,psych-ds,ddi"
    shown = surveykit("export", study, "--to", tmp_path, "--format", every, "--lang", lang)
    assert shown.returncode == 0, shown.stderr
    names = {Path(line).name for line in shown.stdout.splitlines() if line.startswith(str(tmp_path))}
    assert {"responses.csv", "responses.sav", "responses.parquet", "ddi-codebook.xml"} <= names
    assert label in (tmp_path / "datapackage.json").read_text(encoding="utf-8")
    machine = json.loads(surveykit("export", study, "--to", tmp_path, "--json").stdout)
    assert [Path(one).name for one in machine["files"]] == ["responses.csv", "codebook.csv", "codebook.html"]


def test_a_format_that_is_not_offered_is_refused(study: Path, tmp_path: Path) -> None:
    shown = surveykit("export", study, "--to", tmp_path, "--format", "csv,stata")
    assert shown.returncode == 2
    assert "[O001]" in shown.stderr


@pytest.mark.parametrize(
    ("to", "name", "start"),
    [("xlsform", "form.xlsx", b"PK"), ("redcap", "form.csv", b"Variable / Field Name")],
)
def test_convert_writes_for_other_systems(tmp_path: Path, to: str, name: str, start: bytes) -> None:
    shown = surveykit("convert", PARTNERSHIP, "--to", to, "--out", tmp_path / name)
    assert shown.returncode == 0, shown.stderr
    assert (tmp_path / name).read_bytes().startswith(start)
    assert surveykit("convert", PARTNERSHIP, "--to", "word", "--out", tmp_path / name).returncode == 2


def test_pseudonyms_names_both_files_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text("name,country\nSato,JP\nKim,KR\n", encoding="utf-8")
    words = ("pseudonyms", tmp_path / "contacts.csv", "--key", tmp_path / "key.csv")
    shown = surveykit(*words, "--frame", tmp_path / "frame.csv", "--prefix", "country")
    assert shown.returncode == 0, shown.stderr
    assert "2 people" in shown.stdout
    assert "Sato" not in (tmp_path / "frame.csv").read_text(encoding="utf-8")
