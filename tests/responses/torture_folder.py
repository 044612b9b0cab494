"""Writes the torture folder, for looking at: ``python tests/responses/torture_folder.py FOLDER``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from torture import Case, identity, pasted, programs, structure
from torture_hostile import hostile, odd_files


def cases() -> list[Case]:
    """Every case that needs no other program, no name twice."""
    return [*pasted(), *structure(), *identity(), *programs(), *hostile(), *odd_files()]


def main() -> None:
    folder = Path(sys.argv[1])
    for number, case in enumerate(cases()):
        case.write(folder / f"{number:03d} {re.sub(r'[^0-9A-Za-z가-힣 ]', '_', case.name)}")
    print(f"{len(cases())} cases in {folder}")


if __name__ == "__main__":
    main()
