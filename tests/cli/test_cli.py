"""The commands as a person types them: output, exit status, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTNERSHIP = ROOT / "instruments" / "partnership.yaml"


def surveykit(*words: object, lang: str = "en", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from surveykit.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "SURVEYKIT_LANG": lang, "PYTHONWARNINGS": "default"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd, encoding="utf-8")


def test_help_names_every_command() -> None:
    shown = surveykit("--help")
    assert shown.returncode == 0
    for command in ("check", "form", "collect", "codebook", "simulate", "run", "demo"):
        assert command in shown.stdout


def test_shipped_instruments_and_studies_have_no_problem() -> None:
    studies = sorted(path.parent for path in (ROOT / "analyses").glob("*/study.yaml"))
    shown = surveykit("check", "instruments", *studies)
    assert shown.returncode == 0, shown.stdout
    assert "0 problems" in shown.stdout


def test_from_simulated_workbooks_to_a_collection(tmp_path: Path) -> None:
    made = surveykit("simulate", PARTNERSHIP, "--n", "JP=3", "--n", "KR=2", "--out", tmp_path, "--seed", 2)
    assert made.returncode == 0, made.stderr
    assert "SIMULATED" in made.stderr
    (tmp_path / "study.yaml").write_text(f'instrument: "{PARTNERSHIP}"\n', encoding="utf-8")
    taken = surveykit("collect", tmp_path / "returned", "--study", tmp_path, "--json")
    assert taken.returncode == 0, taken.stderr
    assert len(json.loads(taken.stdout)["accepted"]) == 5


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "There is no such file"), ("ja", "ファイル"), ("ko", "파일")]
)
def test_a_refusal_is_a_code_and_a_sentence_in_the_readers_language(lang: str, word: str) -> None:
    shown = surveykit("form", "nowhere.yaml", lang=lang)
    assert shown.returncode == 1
    assert "[I001]" in shown.stderr
    assert word in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("n", ["JP", "JP=", "=3", "JP=0", "JP=x"])
def test_a_group_without_a_number_is_refused(tmp_path: Path, n: str) -> None:
    shown = surveykit("simulate", PARTNERSHIP, "--n", n, "--out", tmp_path)
    assert shown.returncode == 2
    assert "[K002]" in shown.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("form",),
        ("nosuch",),
        ("form", PARTNERSHIP, "--lang", "fr"),
        ("form", PARTNERSHIP, "--lang=fr"),
        ("form", PARTNERSHIP, "--layout", "odt"),
        ("convert", PARTNERSHIP, "--to", "sav"),
        ("translation", PARTNERSHIP, "--to", "fr"),
        ("qda", "analyses/trim_lee_learning"),
    ],
    ids=lambda words: " ".join(str(one) for one in words if one != PARTNERSHIP),
)
def test_wrong_usage_ends_with_two(words: tuple[object, ...]) -> None:
    shown = surveykit(*words)
    assert shown.returncode == 2, shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_collection_of_which_nothing_could_be_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(f'instrument: "{PARTNERSHIP}"\n', encoding="utf-8")
    (tmp_path / "returned").mkdir()
    collect = ("collect", tmp_path / "returned", "--study", tmp_path)
    assert surveykit(*collect).returncode == 1  # nothing came
    (tmp_path / "returned" / "letter.xlsx").write_text("Dear colleagues", encoding="utf-8")
    shown = surveykit(*collect)
    assert (shown.returncode, "[R003]" in shown.stdout) == (1, True)
    surveykit("simulate", PARTNERSHIP, "--n", "JP=1", "--out", tmp_path)
    assert surveykit(*collect).returncode == 0  # one was taken, the other is named


def test_commands_do_not_write_over_what_somebody_changed(tmp_path: Path) -> None:
    made = ("--n", "JP=2", "--out", tmp_path / "pilot")
    runs: list[tuple[tuple[object, ...], Path, str]] = [
        (("codebook", PARTNERSHIP, "--out", tmp_path), tmp_path / "partnership_codebook.csv", "F029"),
        (
            ("convert", PARTNERSHIP, "--to", "xlsform", "--out", tmp_path / "x.xlsx"),
            tmp_path / "x.xlsx",
            "F029",
        ),
        (
            ("translation", PARTNERSHIP, "--to", "ko", "--out", tmp_path / "ko.xlsx"),
            tmp_path / "ko.xlsx",
            "F029",
        ),
        (("simulate", PARTNERSHIP, *made), tmp_path / "pilot/simulated_answers.csv", "F029"),
        (
            ("simulate", PARTNERSHIP, *made),
            tmp_path / "pilot/returned/JP/partnership_SIM-JP-0001.xlsx",
            "F025",
        ),
    ]
    for words, path, code in runs:
        first, again = surveykit(*words), surveykit(*words)
        assert (first.returncode, again.returncode) == (0, 0), again.stderr
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        refused = surveykit(*words)
        assert (refused.returncode, code in refused.stderr) == (1, True), refused.stderr
        assert path.read_bytes() == before + b" "
        path.write_bytes(before)


def test_a_fault_of_ours_is_no_traceback_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import surveykit.cli.questionnaire as q, surveykit.instrument.reader as r\n"
        "def broken(path): raise ZeroDivisionError('boom')\n"
        "r.read_instrument = broken\n"
        "from surveykit.cli import main; main()"
    )
    for flags, traceback in (([], False), (["--debug"], True)):
        shown = subprocess.run(
            [sys.executable, "-c", script, "form", str(PARTNERSHIP), *flags], capture_output=True, text=True
        )
        assert shown.returncode == 1
        assert ("Traceback" in shown.stderr) is traceback
        assert traceback or "[K001]" in shown.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("codebook", PARTNERSHIP, "--out"),
        ("form", PARTNERSHIP, "--out"),
        ("simulate", PARTNERSHIP, "--n", "JP=1", "--out"),
        ("export", ROOT / "analyses" / "partnership_demo", "--to"),
    ],
)
@pytest.mark.parametrize(("name", "there"), [("cb.xlsx", False), ("CB.CSV", False), ("plain", True)])
def test_a_file_is_no_folder(tmp_path: Path, words: tuple[object, ...], name: str, there: bool) -> None:
    target = tmp_path / name
    if there:
        target.write_text("mine", "utf-8")
    shown = surveykit(*words, target)
    assert shown.returncode == 2
    assert f"[K021] {words[-1]} takes a folder" in shown.stderr
    assert [path.name for path in tmp_path.iterdir()] == ([name] if there else [])


def test_a_folder_may_be_called_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "v1.csv").mkdir()
    assert surveykit("codebook", PARTNERSHIP, "--out", tmp_path / "v1.csv").returncode == 0
