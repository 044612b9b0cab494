"""The proposition matrix: proposition by company, each cell with its verdict, its people and its segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.schema import RuleSpec
from surveykit.coding.segments import Segments, without_na
from surveykit.errors import Note, note
from surveykit.options import check_choice
from surveykit.results import Result, plain
from surveykit.wording import pick

CASES = ("company", "country")
VERDICTS = ("fully supported", "supported", "inconclusive", "contradicted", "silent")


@dataclass(frozen=True)
class PropositionMatrix(Result):
    """Proposition by company (or country), a row a cell.

    `frame`: ``proposition``, the case column, ``verdict`` (one of "fully supported", "supported",
    "inconclusive", "contradicted", "silent"), ``supported`` (either of the first two), ``stance``
    ("supports", "qualified", "contradicts", "silent": what its respondents say taken together),
    ``n_supports n_qualified n_contradicts`` (respondents, each counted once), ``n_respondents`` who
    speak to it, ``n_cases`` interviewed, ``n_of_N`` as printed, ``negative_cases`` (the respondents
    who contradict), ``elements_missing`` for full support, ``summary`` in the researcher's words,
    ``respondents`` and ``segments`` (ids). `evidence`: the segments behind it, a row a segment and code.
    `texts`: the wording of each proposition by language; `summaries`: that of each cell that has a
    summary of the researcher's, by proposition and case. `notes` states the rule and what a reader must
    be told.
    """

    frame: pd.DataFrame
    evidence: pd.DataFrame
    by: str
    notes: tuple[Note, ...] = ()
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    summaries: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "evidence": plain(without_na(self.evidence))}

    def table(self) -> pd.DataFrame:
        """Propositions down, cases across: the verdict with *n of N*."""
        text = self.frame["verdict"] + " (" + self.frame["n_of_N"] + ")"
        wide = self.frame.assign(cell=text).pivot(index="proposition", columns=self.by, values="cell")
        rows, columns = self.frame["proposition"].unique(), self.frame[self.by].unique()
        return wide.loc[list(rows), list(columns)]


@dataclass(frozen=True)
class Respondents(Result):
    """Who was interviewed: ``n_respondents`` by company or country, and how many are cited in a segment."""

    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def count_respondents(segments: Segments, codebook: Codebook, by: str = "company") -> Respondents:
    """Respondents by company or country: interviewed, and cited in a coded segment.

    Raises
    ------
    SurveykitError
        O001 `by` is neither "company" nor "country".

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> sk.count_respondents(coded, book).frame
            company  n_respondents  n_cited respondents
    0      Japanese              2        2      A1; A2
    1  South Korean              3        2  B1; B2; B3
    """
    check_choice("by", by, CASES)
    people = codebook.people.assign(
        cited=codebook.people["respondent"].isin(set(segments.frame["respondent"]))
    )
    groups = people.groupby(by, sort=False)
    frame = groups.agg(n_respondents=("respondent", "size"), n_cited=("cited", "sum")).reset_index()
    return Respondents(frame.assign(respondents=list(groups["respondent"].agg("; ".join))))


def proposition_matrix(segments: Segments, codebook: Codebook, by: str = "company") -> PropositionMatrix:
    """What each proposition rests on, company by company.

    A respondent counts once: as supporting if all of his or her segments support, as contradicting if all
    contradict, as qualified otherwise. The rule of the verdict is the codebook's (`verdict`) and is
    stated in `notes`. Several coders' rows of one segment count as one voice of its respondent.

    Parameters
    ----------
    segments : Segments
        Rows without a proposition or a stance say nothing here.
    codebook : Codebook
    by : {"company", "country"}, default "company"

    Returns
    -------
    PropositionMatrix

    Raises
    ------
    SurveykitError
        O001 `by` is neither "company" nor "country".

    References
    ----------
    Miles, Huberman & Saldana (2014), Qualitative data analysis, on case-ordered matrices and negative cases.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> found = sk.proposition_matrix(coded, book)
    >>> found.table()
    company                      Japanese              South Korean
    proposition
    P1           fully supported (1 of 2)        supported (1 of 3)
    P2           fully supported (1 of 2)  fully supported (1 of 3)
    P3                 supported (1 of 2)        supported (2 of 3)
    P4                 supported (1 of 2)        supported (1 of 3)
    >>> found.frame.loc[0, ["stance", "n_of_N", "segments"]].tolist()
    ['supports', '1 of 2', 'S01; S02']
    """
    check_choice("by", by, CASES)
    rule = codebook.verdict
    evidence = segments.frame[(segments.frame["proposition"] != "") & (segments.frame["stance"] != "")]
    evidence = evidence.merge(codebook.people[["respondent", by]], on="respondent", how="left")
    cells = dict(iter(evidence.groupby(["proposition", by], sort=False)))
    sizes = codebook.people[by].value_counts(sort=False)
    rows = [
        _cell(proposition, case, by, int(size), cells.get((proposition, case), evidence[:0]), codebook)
        for proposition in codebook.propositions
        for case, size in sizes.items()
    ]
    code = "C030" if rule.qualified_counts else "C031"
    stated = Note(code, {"least": rule.least_respondents})
    notes = (stated, *_cautions(rows, by))
    specs = codebook.propositions
    texts = {id: by_language(spec.text) for id, spec in specs.items()}
    summaries = {
        id: {case: by_language(text) for case, text in spec.summary.items()} for id, spec in specs.items()
    }
    return PropositionMatrix(pd.DataFrame(rows), evidence, by, notes, texts, summaries)


def by_language(text: Mapping[Any, str]) -> dict[str, str]:
    """A text in its languages as plain values."""
    return {str(lang): words for lang, words in text.items()}


def _cell(
    proposition: str, case: Any, by: str, size: int, evidence: pd.DataFrame, codebook: Codebook
) -> dict[str, Any]:
    stances = evidence.groupby("respondent", sort=False)["stance"].agg(_one_stance)
    counts = {name: int((stances == name).sum()) for name in ("supports", "qualified", "contradicts")}
    missing = _missing_elements(proposition, evidence, codebook)
    complete = bool(codebook.propositions[proposition].elements) and not missing
    verdict = _verdict(counts, complete, codebook.verdict)
    spec = codebook.propositions[proposition]
    own = "; ".join(dict.fromkeys(text.rstrip(".。") for text in evidence["summary"] if text))
    return {
        "proposition": proposition,
        by: case,
        "verdict": verdict,
        "supported": verdict in VERDICTS[:2],
        "stance": _one_stance(stances) if len(stances) else "silent",
        **{f"n_{name}": count for name, count in counts.items()},
        "n_respondents": len(stances),
        "n_cases": size,
        "n_of_N": f"{len(stances)} of {size}",
        "n_segments": int(evidence["segment"].nunique()),
        "negative_cases": "; ".join(stances.index[stances == "contradicts"]),
        "elements_missing": "; ".join(missing),
        "summary": pick(spec.summary.get(str(case)), "en") or own,
        "respondents": "; ".join(stances.index),
        "segments": "; ".join(dict.fromkeys(evidence["segment"])),
    }


def _one_stance(stances: pd.Series[str]) -> str:
    """One voice from several."""
    said = set(stances)
    return str(said.pop()) if len(said) == 1 else "qualified"


def _missing_elements(proposition: str, evidence: pd.DataFrame, codebook: Codebook) -> list[str]:
    """The elements that no supporting segment speaks to, by itself or through a code below it."""
    supporting = evidence.loc[(evidence["stance"] == "supports") & (evidence["code"] != ""), "code"].unique()
    reached = {above for code in supporting for above in codebook.lineage(str(code))}
    return [element for element in codebook.propositions[proposition].elements if element not in reached]


def _verdict(counts: dict[str, int], complete: bool, rule: RuleSpec) -> str:
    supports, qualified, against = counts["supports"], counts["qualified"], counts["contradicts"]
    if supports + qualified + against == 0:
        return "silent"
    least = rule.least_respondents
    if complete and supports >= least and qualified == against == 0:
        return "fully supported"
    favour = supports + (qualified if rule.qualified_counts else 0)
    if favour >= least and favour > against:
        return "supported"
    return "contradicted" if against >= least and against > supports + qualified else "inconclusive"


def _cautions(rows: list[dict[str, Any]], by: str) -> Iterator[Note]:
    for row in rows:
        where = {"proposition": row["proposition"], "case": row[by]}
        if row["supported"] and row["n_supports"] == 0:
            yield note("C032", **where)
        if row["n_respondents"] == 1 and row["n_cases"] > 1:
            yield note("C033", **where, respondent=row["respondents"])
