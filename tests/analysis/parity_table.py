"""How many numbers of each reference fit are equal: ``python tests/analysis/parity_table.py [case ...]``."""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

from sem_parity import Cell, all_cells, records  # noqa: E402

from sem_reference import sem_cases  # noqa: E402


def main(names: list[str]) -> int:
    total, equal = 0, 0
    for case_id in names or sem_cases():
        for record in records(case_id):
            if record.get("outcome") == "error":
                continue
            try:
                cells = all_cells(case_id, record)
            except Exception:  # noqa: BLE001  (a crash is a row of the table)
                traceback.print_exc(limit=-2)
                cells = [Cell("crash", "crash", None, None, False)]
            good = sum(cell.ok for cell in cells)
            total, equal = total + len(cells), equal + good
            wrong = Counter(cell.section for cell in cells if not cell.ok)
            shown = ", ".join(f"{section} {count}" for section, count in wrong.items())
            print(f"{case_id + ' ' + record['name']:48} {good:6} of {len(cells):6} equal  {shown}")
    print(f"{'all':48} {equal:6} of {total:6} equal")
    return 0 if equal == total else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
