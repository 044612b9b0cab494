"""The plan of a stranger's archive may name files of the archive only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from surveykit.errors import Place, SurveykitError
from surveykit.instrument.yaml_tree import read_yaml

PLAN = "study.yaml"
# Texts of a plan that are written for people or for the model; all others may name a file.
WORDS = frozenset({"title", "question", "source", "obtain", "labels", "model", "models", "population"})


def refuse_outside(study: Path) -> None:
    """Look through the plan before anything that it names is opened.

    Raises
    ------
    SurveykitError
        T045 a text that is a path leads out of the study's folder.
    """
    path = study if study.is_file() else study / PLAN
    home = path.parent.resolve()
    for text in _texts(read_yaml(path)):
        named = text.replace("\\", "/")
        away = PurePosixPath(named).is_absolute() or ":" in named[:3] or ".." in PurePosixPath(named).parts
        if away or not (home / named).resolve().is_relative_to(home):
            raise SurveykitError("T045", place=Place(file=str(path)), path=text[:200])


def _texts(node: Any) -> Iterator[str]:
    """Every text of the plan on one line that could be a path."""
    if isinstance(node, dict):
        for key, value in node.items():
            if str(key) not in WORDS:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str) and ("/" in node or "\\" in node or node.startswith("..")):
        yield str(node)
