"""Docs that cannot go stale: README's Python runs, every command is named, every study is listed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
