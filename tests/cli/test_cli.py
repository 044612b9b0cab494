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
    assert shown.returncode == 1
    assert "[K002]" in shown.stderr


def test_wrong_usage_ends_with_two() -> None:
    assert surveykit("form").returncode == 2
    assert surveykit("nosuch").returncode == 2


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
