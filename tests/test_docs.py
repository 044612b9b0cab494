"""Docs that cannot go stale: README's Python runs, every command is named, every study is listed."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import surveykit as sk

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        needed = re.search(r'"(\.\./shared/[^"]+)"', block)
        if needed and not (ROOT / needed[1]).exists():
            continue  # data that stay outside the project
        done = subprocess.run(
            [sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-500:]


def test_every_command_stands_in_the_readme() -> None:
    environment = {**os.environ, "COLUMNS": "200"}
    command = [sys.executable, "-m", "surveykit", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    commands = re.findall(r"^  ([a-z]+)  ", shown.partition("Commands:")[2], re.MULTILINE)
    assert len(commands) > 8
    for name in commands:
        assert f"surveykit {name}" in README or f"make {name}" in README, name


@pytest.mark.parametrize(
    "study", sorted(path.parent.name for path in (ROOT / "analyses").glob("*/study.yaml"))
)
def test_every_study_is_listed(study: str) -> None:
    assert f"`{study}`" in (ROOT / "analyses" / "README.md").read_text(encoding="utf-8")


MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
FROM_R = (ROOT / "docs" / "coming_from_r.md").read_text(encoding="utf-8")
CALLS = [row.rsplit("|", 2)[1].strip(" `") for row in FROM_R.splitlines() if row.rstrip().endswith("` |")]


@pytest.fixture(scope="module")
def at_hand() -> dict[str, Any]:
    """What the page speaks of: data, models, fits, ratings."""
    data = pd.read_csv(ROOT / "tests" / "reference" / "data" / "hs1939.csv")
    data["grade_sex"] = data["sex"].astype(str) + data["school"].str[0]
    items = data[[f"x{at}" for at in range(1, 10)]]
    answers = items[["x1", "x3", "x4"]].round().astype(int)
    a, b = (answers[name].clip(2, 5) for name in ("x1", "x4"))
    rated = [9, 6, 8, 7, 10, 6, 2, 1, 4, 1, 5, 2, 5, 3, 6, 2, 6, 4]
    ratings = {"target": [*range(6)] * 3, "judge": [1] * 6 + [2] * 6 + [3] * 6, "rating": rated}
    return {
        "sk": sk,
        "data": data,
        "items": items,
        "answers": answers,
        "model": MODEL,
        "population": "visual =~ 1*x1 + .8*x2 + .8*x3\ntextual =~ 1*x4 + .8*x5 + .8*x6\nvisual ~~ .3*textual",
        "fit": sk.cfa(MODEL, data),
        "other": sk.cfa(f"{MODEL}\nvisual ~~ 0*textual", data),
        "labelled": sk.cfa("visual =~ x1 + l2*x2 + l3*x3", data),
        "S": items.cov(),
        "a": a,
        "b": b,
        "judged": pd.DataFrame({"a": a, "b": b}),
        "ratings": pd.DataFrame(ratings),
    }


@pytest.mark.parametrize("call", CALLS)
def test_what_an_r_user_is_told_to_type_runs(call: str, at_hand: dict[str, Any]) -> None:
    given = dict(at_hand)
    if "ordered=True" in call:
        given["data"] = pd.concat(
            [pd.cut(given["items"][f"x{at}"], 3).cat.codes for at in range(1, 7)], axis=1
        )
        given["data"].columns = [f"x{at}" for at in range(1, 7)]
    assert eval(call, given) is not None or call.startswith("print(")


def test_the_page_for_r_users_has_its_rows() -> None:
    assert len(CALLS) > 50
