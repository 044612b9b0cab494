"""How many numbers of each column are equal: ``python tests/analysis/scale_parity_table.py [case ...]``."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]


def main(names: list[str]) -> int:
    from test_scale_parity import AUDITS, EXCUSED

    equal = total = 0
    for case_id in names or AUDITS:
        audit = AUDITS[case_id]()
        cells, good = Counter(), Counter()
        for cell in audit.cells:
            cells[cell.column] += 1
            good[cell.column] += cell.ok
        for column, count in cells.items():
            print(f"{case_id:24} {column:58} {good[column]:5} of {count:5}")
        for path in audit.left(EXCUSED.get(case_id, {})):
            print(f"{case_id:24} {path:58}   NOT COMPARED")
        for pattern, reason in EXCUSED.get(case_id, {}).items():
            print(f"{case_id:24} {pattern:58}   left out: {reason}")
        equal, total = equal + sum(good.values()), total + sum(cells.values())
    print(f"{'all':83} {equal:5} of {total:5} equal")
    return 0 if equal == total else 1


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # items keyed against their scale are part of the cases
    raise SystemExit(main(sys.argv[1:]))
