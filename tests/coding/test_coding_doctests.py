"""The examples in the docstrings of the coding layer run, from the folder of the project."""

import doctest
from pathlib import Path

import pytest

from surveykit.coding import (
    comparison,
    matrices,
    propositions,
    qca_cases,
    qca_minimize,
    qca_necessity,
    qca_sets,
    qca_solution,
    qca_table,
    study,
)

MODULES = (
    comparison, matrices, propositions, qca_cases, qca_minimize, qca_necessity, qca_sets, qca_solution,
    qca_table, study,
)  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)  # type: ignore[arg-type]
    assert found.attempted > 0
    assert found.failed == 0
