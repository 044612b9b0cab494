"""A column of groups that is missing is told where the forms are made and where they are collected."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from surveykit.errors import LANGUAGES

ROOT = Path(__file__).parents[2]
INSTRUMENT = ROOT / "instruments" / "alliance_search.yaml"
PLAN = """\
study: pilot
version: "1.0.0"
title: {en: Pilot}
instrument: ../../instruments/alliance_search.yaml
groups: {column: land, order: [JP, KR]}
data: {kind: returned}
steps:
  - {id: answers, step: %s}
"""


def surveykit(*words: object, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from surveykit.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "SURVEYKIT_LANG": lang, "PYTHONWARNINGS": "default"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("instruments", "analyses/pilot"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "instruments" / INSTRUMENT.name).write_bytes(INSTRUMENT.read_bytes())
    (tmp_path / "analyses/pilot/study.yaml").write_text(PLAN % "describe", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("frame", "step", "lang", "told"),
    [
        ("respondent,country\nA,JP\n", "describe", "en", "[F027]"),
        ("respondent\nA\n", "describe", "ja", "[F027]"),
        ("respondent,land\nA,JP\n", "describe", "en", ""),
        ("respondent,land\nA,JP\nB,Japan\nC,\n", "describe", "en", "[F033]"),
        ("respondent,land\nA,JP\nB,Japan\n", "describe", "ko", "[F033]"),
        ("respondent,land\nA,JP\nB,Japan\n", "forms", "ja", ""),
        ("respondent,country\nA,JP\n", "forms", "en", ""),  # no step that tells groups apart
        ("respondent\nA\n", "forms", "en", ""),
        ("respondent\nA\n", None, "ko", "[F028]"),
        ("respondent,country\nA,JP\n", None, "en", ""),
    ],
)
def test_form_tells_what_the_list_lacks(
    house: Path, frame: str, step: str | None, lang: str, told: str
) -> None:
    plan = house / "analyses/pilot/study.yaml"
    plan.unlink() if step is None else plan.write_text(PLAN % step, "utf-8")
    (house / "frame.csv").write_text(frame, "utf-8")
    arguments = ("--respondents", house / "frame.csv", "--out", house / "forms", "--lang", "en")
    shown = surveykit("form", house / "instruments" / INSTRUMENT.name, *arguments, lang=lang)
    assert shown.returncode == 0, shown.stderr
    assert [code for code in ("[F027]", "[F028]", "[F033]") if code in shown.stderr] == (
        [told] if told else []
    )
    assert ("'pilot'" in shown.stderr or "「pilot」" in shown.stderr) == (told in ("[F027]", "[F033]"))
    assert ("'Japan' (1)" in shown.stderr) == (told == "[F033]")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_collect_tells_that_the_forms_lack_it(house: Path, lang: str) -> None:
    study = house / "analyses/pilot"
    surveykit("simulate", INSTRUMENT, "--n", "JP=2", "--out", house)
    shown = surveykit("collect", house / "returned", "--study", study, lang=lang)
    assert shown.returncode == 0, shown.stderr
    last = shown.stdout.strip().splitlines()[-2]
    assert last.startswith("[R079]")
    assert "land" in last
    assert "country" in last
    notes = json.loads(surveykit("collect", house / "returned", "--study", study, "--json").stdout)["notes"]
    assert [one["code"] for one in notes] == ["R106", "R079"]
    plan = study / "study.yaml"
    plan.write_text(plan.read_text("utf-8").replace("land", "country"), "utf-8")
    assert "R079" not in surveykit("collect", house / "returned", "--study", study).stdout


def test_simulated_returns_are_called_so_in_an_ordinary_study(house: Path) -> None:
    study = house / "analyses/pilot"
    plan = study / "study.yaml"
    plan.write_text(plan.read_text("utf-8").replace("land", "country"), "utf-8")
    surveykit("simulate", INSTRUMENT, "--n", "JP=3", "--n", "KR=3", "--out", house)
    collected = surveykit("collect", house / "returned", "--study", study).stdout
    assert "[R106] SIMULATED: nobody was asked in 6 of the 6 returns" in collected
    ran = surveykit("run", study, "--out", house / "report")
    assert ran.stdout.startswith("These answers are SIMULATED: no one was asked.\nReport: ")
    assert (
        json.loads(surveykit("run", study, "--out", house / "report", "--json").stdout)["simulated"] is True
    )


def test_collect_tells_which_groups_the_plan_does_not_name(house: Path) -> None:
    study = house / "analyses/pilot"
    plan = study / "study.yaml"
    plan.write_text((PLAN % "describe").replace("land", "country"), "utf-8")
    surveykit("simulate", INSTRUMENT, "--n", "JP=2", "--n", "Japan=1", "--out", house)
    shown = surveykit("collect", house / "returned", "--study", study)
    assert "[R107]" in shown.stdout
    assert "1 of 3 collected forms" in shown.stdout
    assert "'country': 'Japan' (1)" in shown.stdout
    assert "The plan's groups: JP, KR." in shown.stdout
    assert "R079" not in shown.stdout
    plan.write_text(plan.read_text("utf-8").replace("KR", "Japan"), "utf-8")
    assert "R107" not in surveykit("collect", house / "returned", "--study", study).stdout


@pytest.mark.parametrize(
    ("frame", "kind", "told"),
    [
        ("Respondent,Language,Country\nA,EN,JP\n", "returned", "[F034]"),
        ("Respondent,Language,Land\nA,EN,JP\n", "returned", "Columns there: Respondent, Language, Land."),
        ("respondent,language\nA,en\n", "returned", "Columns there: respondent, language."),
        ("respondent,language\nA,en\n", "simulated, n: {JP: 5, KR: 5}", "[F028]"),
        ("respondent,land\nA,JP\n", "simulated, n: {JP: 5, KR: 5}", ""),
    ],
)
def test_what_is_said_of_the_lists_columns(house: Path, frame: str, kind: str, told: str) -> None:
    plan = house / "analyses/pilot/study.yaml"
    text = (PLAN % "describe").replace("kind: returned", f"kind: {kind}").replace("land", "country")
    plan.write_text(text, "utf-8")
    (house / "frame.csv").write_text(frame, "utf-8")
    arguments = ("--respondents", house / "frame.csv", "--out", house / "forms", "--lang", "en")
    shown = surveykit("form", house / "instruments" / INSTRUMENT.name, *arguments)
    assert shown.returncode == 0, shown.stderr
    assert told in shown.stderr
    assert len(re.findall(r"\[F0(?:27|28|33|34)\]", shown.stderr)) == (1 if told else 0)
