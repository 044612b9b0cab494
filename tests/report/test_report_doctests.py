"""The examples in the docstrings of the report layer run."""

import doctest

import pytest

from surveykit.report import cells, inline, machine, word_link


@pytest.mark.parametrize("module", [cells, inline, machine, word_link], ids=lambda module: module.__name__)
def test_examples_run(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted > 0
    assert found.failed == 0
