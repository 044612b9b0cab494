"""A small codebook and coded segments to test with."""

from pathlib import Path

import pandas as pd

from surveykit.coding.codebook import Codebook, read_codebook
from surveykit.coding.segments import Segments, check_segments

CODEBOOK = """\
codebook: example
version: "1.0.0"
codes:
  bond: {name: Bond, definition: d, when: w, when_not: n, level: selective}
  trust: {name: 신뢰 信頼, definition: d, when: w, when_not: n, level: axial, parent: bond,
          relation: condition}
  visits: {name: Visits, definition: d, when: w, when_not: n, example: e, parent: trust, relation: action,
           memos: [{date: "2026-01-05", text: "first seen", author: K}]}
  price: {name: Price, definition: d, when: w, when_not: n}
respondents:
  - {id: J1, company: Alpha, country: JP}
  - {id: J2, company: Alpha, country: JP, minutes: 120, language: ja, recorded: true}
  - {id: K1, company: Beta, country: KR}
  - {id: K2, company: Beta, country: KR}
propositions:
  P1: {text: {en: Trust and price matter}, elements: [trust, price], summary: {Alpha: ours}}
  P2: {text: {en: Visits matter}}
verdict: {least_respondents: 1, qualified_counts: true}
"""
COLUMNS = ["segment", "respondent", "code", "coder", "stance", "proposition"]


def codebook(tmp_path: Path, text: str = CODEBOOK) -> Codebook:
    path = tmp_path / "codebook.yaml"
    path.write_text(text, encoding="utf-8")
    return read_codebook(path)


def segments(book: Codebook, *rows: str) -> Segments:
    """Rows such as ``s1 J1 visits X supports P1``; a dash is an empty cell."""
    cells = [["" if cell == "-" else cell for cell in row.split()] for row in rows]
    return check_segments(pd.DataFrame(cells, columns=COLUMNS), book)
