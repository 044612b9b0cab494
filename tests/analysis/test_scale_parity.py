"""Every number of every reliability, EFA, ICC, kappa, polychoric and descriptive case is compared, and equal.

`python tests/analysis/scale_parity_table.py [case ...]` prints the columns with how many of their
numbers are equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatch

import agreement_parity
import dimension_parity
import pytest
import reliability_parity
from scale_audit import Audit, leaves

from reference_data import FOLDER, case

AUDITS = reliability_parity.AUDITS | dimension_parity.AUDITS | agreement_parity.AUDITS
EXCUSED = reliability_parity.EXCUSED | dimension_parity.EXCUSED | agreement_parity.EXCUSED
KINDS = ("reliability", "correlation", "efa", "descriptive")


@pytest.mark.parametrize(("case_id", "audit"), AUDITS.items(), ids=AUDITS)
def test_every_number_of_the_record_is_compared_and_equal(case_id: str, audit: Callable[[], Audit]) -> None:
    found = audit()
    assert [str(cell) for cell in found.cells if not cell.ok] == []
    assert found.left(EXCUSED.get(case_id, {})) == []
    assert len(found.cells) > 100


def test_no_case_of_these_kinds_is_left_out() -> None:
    index = json.loads((FOLDER / "index.json").read_text("utf-8"))
    of_these_kinds = {one["id"] for one in index if one["kind"] in KINDS}
    assert of_these_kinds == set(AUDITS)


@pytest.mark.parametrize("case_id", EXCUSED)
def test_what_is_excused_is_there(case_id: str) -> None:
    paths = [path for path, _ in leaves(case(case_id)["results"])]
    for pattern in EXCUSED[case_id]:
        assert any(fnmatch(path, pattern) for path in paths), pattern
