"""What a study lays out beside its propositions: characteristics by company, and the chain of the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field, ValidationError

from surveykit.coding.codebook import Codebook
from surveykit.coding.propositions import CASES, by_language
from surveykit.coding.schema import QcaSpec
from surveykit.coding.segments import Segments
from surveykit.errors import Note, SurveykitProblems, note
from surveykit.instrument.refusal import refusal
from surveykit.instrument.schema import Id, LocalText, Spec, Str, Version
from surveykit.instrument.source import Source
from surveykit.instrument.yaml_tree import read_yaml
from surveykit.options import check_choice
from surveykit.results import Result
from surveykit.wording import pick


class CharacteristicSpec(Spec):
    """One row of the table of characteristics: what each company does, and the codes that speak of it."""

    title: LocalText
    codes: list[Id] = Field(default_factory=list, description="codes; the codes below them count too")
    summary: dict[Str, LocalText] = Field(description="company: the researcher's words")


class StageSpec(Spec):
    """One box of the figure."""

    id: Id
    title: LocalText
    lines: list[LocalText] = Field(default_factory=list)
    codes: list[Id] = Field(default_factory=list, description="codes; the codes below them count too")


class DisplaysSpec(Spec):
    """What is shown beside the propositions."""

    displays: Id
    version: Version
    note: LocalText | None = None
    characteristics: dict[Id, CharacteristicSpec] = Field(default_factory=dict)
    qca: QcaSpec | None = None
    chain_title: LocalText | None = None
    chain: dict[Str, list[StageSpec]] = Field(
        default_factory=dict, description="company: its boxes, each leading to the next"
    )


@dataclass(frozen=True)
class Characteristics(Result):
    """Characteristic by company, a row a cell.

    `frame`: ``characteristic``, the case column, ``n_respondents`` with a segment under its codes,
    ``n_cases`` interviewed, ``n_of_N``, ``respondents``, ``segments`` (ids), ``summary`` (English where
    there is one). `titles` and `summaries`: the wording by language.
    """

    frame: pd.DataFrame
    titles: dict[str, dict[str, str]]
    summaries: dict[str, dict[str, dict[str, str]]]
    by: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


@dataclass(frozen=True)
class Chain(Result):
    """The figure of a study: boxes in order, case by case.

    `frame`: the case column, ``place`` (from 1), ``stage``, ``n_respondents`` with a segment under the
    box's codes, ``n_cases`` interviewed, ``n_of_N``, ``n_next``: respondents who speak of this box and
    of the next (missing for the last), ``respondents``, ``segments``. `stages`: by case, the wording of
    each box. `title`: of the figure, by language.
    """

    frame: pd.DataFrame
    stages: dict[str, tuple[StageSpec, ...]]
    title: dict[str, str]
    by: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def to_dict(self) -> dict[str, Any]:
        return {
            **super().to_dict(),
            "stages": {case: [one.model_dump() for one in own] for case, own in self.stages.items()},
        }


def read_displays(path: str | Path, codebook: Codebook, by: str = "company") -> DisplaysSpec:
    """The displays.yaml of a study.

    Raises
    ------
    SurveykitError
        I001-I016 the file cannot be read; O001 an unknown `by`.
    SurveykitProblems
        I020-I059 what the schema refuses; C100 a code, C101 a company that the codebook does not have.
    """
    check_choice("by", by, CASES)
    source = Source(read_yaml(path), str(path))
    try:
        spec = DisplaysSpec.model_validate(source.tree)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise SurveykitProblems(tuple(refusal(one, source, _keys_at) for one in found)) from error
    problems = tuple(_problems(spec, source, codebook, by))
    if problems:
        raise SurveykitProblems(problems)
    return spec


def _keys_at(path: Sequence[str | int]) -> Sequence[str]:
    """The keys that the mapping at this path may have."""
    if not path:
        return list(DisplaysSpec.model_fields)
    kinds: dict[str | int, type[Spec]] = {
        "characteristics": CharacteristicSpec,
        "chain": StageSpec,
        "qca": QcaSpec,
    }
    kind = kinds.get(path[0])
    return list(kind.model_fields) if kind is not None else ()


def _problems(spec: DisplaysSpec, source: Source, codebook: Codebook, by: str) -> Iterator[Note]:
    cases = list(codebook.people[by].unique())
    known = {"known": ", ".join(cases)}
    places: list[tuple[tuple[str | int, ...], list[str]]] = [
        (("characteristics", id, "codes"), one.codes) for id, one in spec.characteristics.items()
    ]
    for id, one in spec.characteristics.items():
        for case in one.summary:
            if case not in cases:
                yield note(
                    "C101",
                    source.place(("characteristics", id, "summary", case), key=True),
                    case=case,
                    **known,
                )
    for case, stages in spec.chain.items():
        if case not in cases:
            yield note("C101", source.place(("chain", case), key=True), case=case, **known)
        places += [(("chain", case, index, "codes"), one.codes) for index, one in enumerate(stages)]
    if spec.qca is not None:
        places.append((("qca", "conditions"), spec.qca.conditions))
        outcome = spec.qca.outcome.removeprefix("~")
        if outcome not in codebook.codes:
            shown = ", ".join(codebook.codes)
            yield note("C100", source.place(("qca", "outcome")), id=outcome, known=shown)
    for place, codes in places:
        for index, code in enumerate(codes):
            if code not in codebook.codes:
                shown = ", ".join(codebook.codes)
                yield note("C100", source.place((*place, index)), id=code, known=shown)


def characteristics(
    spec: DisplaysSpec, segments: Segments, codebook: Codebook, by: str = "company"
) -> Characteristics:
    """What is characteristic of each company, and how many of its respondents speak of it.

    Returns
    -------
    Characteristics
        `notes`: C102 characteristics on which no coded segment bears.
    """
    voices = _Voices(segments, codebook, by)
    rows = [
        {"characteristic": id, by: case}
        | voices.of(case, one.codes)
        | {"summary": pick(one.summary.get(case), "en")}
        for id, one in spec.characteristics.items()
        for case in voices.sizes
    ]
    frame = pd.DataFrame(rows)
    spoken = set(frame.loc[frame["n_respondents"] > 0, "characteristic"]) if rows else set()
    silent = [id for id in spec.characteristics if id not in spoken]
    notes = (note("C102", count=len(silent), ids=", ".join(silent)),) if silent else ()
    titles = {id: by_language(one.title) for id, one in spec.characteristics.items()}
    summaries = {
        id: {case: by_language(text) for case, text in one.summary.items()}
        for id, one in spec.characteristics.items()
    }
    return Characteristics(frame, titles, summaries, by, notes)


def chain(spec: DisplaysSpec, segments: Segments, codebook: Codebook, by: str = "company") -> Chain:
    """The boxes of the figure with the respondents who speak of each, and of each and the next."""
    voices = _Voices(segments, codebook, by)
    rows = []
    for case, stages in spec.chain.items():
        said = [voices.people(case, one.codes) for one in stages]
        following: list[float] = [len(one & other) for one, other in pairwise(said)]
        for place, (one, n_next) in enumerate(zip(stages, [*following, float("nan")], strict=True), 1):
            row = {by: case, "place": place, "stage": one.id} | voices.of(case, one.codes)
            rows.append(row | {"n_next": n_next})
    stages_by = {case: tuple(own) for case, own in spec.chain.items()}
    return Chain(pd.DataFrame(rows), stages_by, by_language(spec.chain_title or {}), by)


class _Voices:
    """Who speaks of which codes, company by company."""

    def __init__(self, segments: Segments, codebook: Codebook, by: str) -> None:
        coded = segments.frame[segments.frame["code"] != ""]
        self.rows = coded.merge(codebook.people[["respondent", by]], on="respondent", how="left")
        self.by = by
        self.sizes = {str(case): int(n) for case, n in codebook.people[by].value_counts(sort=False).items()}
        self.above = {code: set(codebook.lineage(code)) for code in self.rows["code"].unique()}

    def _own(self, case: str, codes: Sequence[str]) -> pd.DataFrame:
        wanted = [code for code, above in self.above.items() if above & set(codes)]
        return self.rows[(self.rows[self.by] == case) & self.rows["code"].isin(wanted)]

    def people(self, case: str, codes: Sequence[str]) -> set[str]:
        return set(self._own(case, codes)["respondent"])

    def of(self, case: str, codes: Sequence[str]) -> dict[str, Any]:
        own = self._own(case, codes)
        people = list(dict.fromkeys(own["respondent"]))
        size = self.sizes[case]
        return {
            "n_respondents": len(people),
            "n_cases": size,
            "n_of_N": f"{len(people)} of {size}",
            "respondents": "; ".join(people),
            "segments": "; ".join(dict.fromkeys(own["segment"])),
        }
