"""Coded interviews at the size of a large project: 200 transcripts, 20,000 segments, two coders.

    python -m benchmarks.coding

No peer does these on one table, so there is a limit in seconds instead: matrix, saturation and
agreement together in 5.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from surveykit.coding.agreement import coder_agreement
from surveykit.coding.codebook import Codebook, read_codebook
from surveykit.coding.comparison import compare_codes
from surveykit.coding.matrices import case_ordered, co_occurrence, code_matrix, saturation
from surveykit.coding.propositions import proposition_matrix
from surveykit.coding.segments import Segments, check_segments

INTERVIEWS, WORDS, SEGMENTS, CODES = 200, 20_000, 20_000, 60
LIMIT = 5.0
COUNTED = ("code matrix", "saturation", "agreement")
LEXICON = (
    "trust",
    "partner",
    "quality",
    "visit",
    "culture",
    "share",
    "price",
    "idea",
    "신뢰",
    "協力",
    "価格",
)


def transcripts(seed: int = 1) -> dict[str, str]:
    """One text a respondent, of so many words."""
    rng = np.random.default_rng(seed)
    words = np.array(LEXICON)
    return {
        f"R{number:03}": " ".join(words[rng.integers(0, len(words), WORDS)])
        for number in range(1, INTERVIEWS + 1)
    }


def codebook(folder: Path) -> Codebook:
    """Codes of two levels, respondents of ten companies in two countries, four propositions."""
    code = "name: {id}, definition: d, when: w, when_not: n"
    lines = ["codebook: large", 'version: "1.0.0"', "codes:"]
    lines += [f"  a{at}: {{{code.format(id=f'a{at}')}, level: axial}}" for at in range(6)]
    lines += [f"  c{at}: {{{code.format(id=f'c{at}')}, parent: a{at % 6}}}" for at in range(CODES)]
    lines.append("respondents:")
    lines += [
        f"  - {{id: R{number:03}, company: Firm {number % 10}, country: {'JP' if number % 2 else 'KR'}}}"
        for number in range(1, INTERVIEWS + 1)
    ]
    lines.append("propositions:")
    lines += [f"  P{at}: {{text: {{en: Proposition {at}}}, elements: [a{at}]}}" for at in range(1, 5)]
    path = folder / "codebook.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_codebook(path)


def coded(texts: dict[str, str], seed: int = 2) -> pd.DataFrame:
    """So many segments, each seen by two coders who agree on four in five."""
    rng = np.random.default_rng(seed)
    who = np.array(list(texts))[rng.integers(0, len(texts), SEGMENTS)]
    start = rng.integers(0, 80_000, SEGMENTS)
    end = start + rng.integers(20, 400, SEGMENTS)
    first = rng.integers(0, CODES, SEGMENTS)
    second = np.where(rng.random(SEGMENTS) < 0.8, first, rng.integers(0, CODES, SEGMENTS))
    stance = np.array(["supports", "qualified", "contradicts", ""])[rng.integers(0, 4, SEGMENTS)]
    common = pd.DataFrame(
        {
            "segment": [f"S{at:05}" for at in range(SEGMENTS)],
            "respondent": who,
            "start": start.astype(str),
            "end": end.astype(str),
            "stance": stance,
            "proposition": np.where(stance == "", "", [f"P{at % 4 + 1}" for at in range(SEGMENTS)]),
            "passage": [texts[one][a:b] for one, a, b in zip(who, start, end, strict=True)],
        }
    )
    codes = {"first": first, "second": second}
    return pd.concat(
        [common.assign(coder=name, code=[f"c{one}" for one in own]) for name, own in codes.items()],
        ignore_index=True,
    )


def timed(task: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = task()
    return time.perf_counter() - start, result


def main() -> None:
    texts = transcripts()
    with tempfile.TemporaryDirectory() as folder:
        book = codebook(Path(folder))
    table = coded(texts)
    words = sum(text.count(" ") + 1 for text in texts.values())
    print(f"{len(texts)} transcripts of {words:,} words, {SEGMENTS:,} segments, two coders")
    seconds, checked = timed(lambda: check_segments(table, book, texts))
    assert isinstance(checked, Segments)
    if checked.notes or len(checked.frame) != len(table):
        raise SystemExit("rows were left out: the benchmark measures something else")
    tasks: dict[str, Callable[[], object]] = {
        "code matrix": lambda: code_matrix(checked, book),
        "case-ordered display": lambda: case_ordered(checked, book),
        "co-occurrence": lambda: co_occurrence(checked, book),
        "saturation": lambda: saturation(checked, book),
        "comparison by country": lambda: compare_codes(checked, book),
        "proposition matrix": lambda: proposition_matrix(checked, book),
        "agreement": lambda: coder_agreement(checked, book),
    }
    taken = {"checked against the texts": seconds} | {name: timed(task)[0] for name, task in tasks.items()}
    for name, value in taken.items():
        print(f"{name:<28}{value:>8.2f} s")
    total = sum(taken[name] for name in COUNTED)
    print(f"{' + '.join(COUNTED)}: {total:.2f} s (limit {LIMIT:g} s)")


if __name__ == "__main__":
    main()
