"""The examples of codebooks, transcripts, coding sheets, agreement and exchange run."""

import doctest
from pathlib import Path

import pytest

from surveykit.coding import (
    agreement,
    boundaries,
    codebook,
    contacts,
    guide_items,
    refi_qda,
    sheets,
    transcripts,
)

MODULES = (agreement, boundaries, codebook, contacts, guide_items, refi_qda, sheets, transcripts)


@pytest.mark.filterwarnings("ignore::surveykit.errors.SurveykitWarning")
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_of_interviews_run(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)  # type: ignore[arg-type]
    assert found.attempted > 0
    assert found.failed == 0
