"""How many numbers of each reference fit are equal: ``python tests/analysis/parity_table.py [case ...]``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]


def rows(names: list[str]) -> Iterator[tuple[str, int, int, str]]:
    """(fit, equal cells, cells, where they are not equal or why there are none)."""
    from case_parity import comparison_cells, result_cells
    from sem_parity import NO_UNIQUE_SOLUTION, Cell, all_cells, records

    from sem_reference import sem_cases

    def counted(name: str, cells: list[Cell]) -> tuple[str, int, int, str]:
        wrong = Counter(cell.section for cell in cells if not cell.ok)
        where = ", ".join(f"{section} {count}" for section, count in wrong.items())
        return name, sum(cell.ok for cell in cells), len(cells), where

    for case_id in names or sem_cases():
        for record in records(case_id):
            if record.get("outcome") == "error":
                continue
            name, code = f"{case_id} {record['name']}", NO_UNIQUE_SOLUTION.get(record["name"])
            yield (
                (name, 0, 0, f"no unique solution: {code}")
                if code
                else counted(name, all_cells(case_id, record))
            )
        for title, cells in (("comparisons", comparison_cells), ("results", result_cells)):
            found = list(cells(case_id))
            if found:
                yield counted(f"{case_id} ({title})", found)


def main(names: list[str]) -> int:
    equal = total = 0
    for name, good, count, where in rows(names):
        equal, total = equal + good, total + count
        print(f"{name:50} {good:6} of {count:6} equal  {where}".rstrip(), flush=True)
    print(f"{'all':50} {equal:6} of {total:6} equal")
    return 0 if equal == total else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
