"""A codebook.yaml as typed values: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from surveykit.coding.schema import (
    ChangeSpec,
    CodebookSpec,
    CodeSpec,
    MemoSpec,
    PropositionSpec,
    RespondentSpec,
    RuleSpec,
)
from surveykit.errors import Note, SurveykitProblems, note
from surveykit.instrument.refusal import refusal
from surveykit.instrument.source import Source
from surveykit.instrument.texts import Path as KeyPath
from surveykit.instrument.yaml_tree import read_yaml
from surveykit.results import Result

LEVELS = ("open", "axial", "selective")


@dataclass(frozen=True)
class Codebook(Result):
    """The codes of a study in the file's order, its respondents in interview order, its propositions."""

    codebook: str
    version: str
    codes: dict[str, CodeSpec]
    respondents: dict[str, RespondentSpec]
    propositions: dict[str, PropositionSpec]
    verdict: RuleSpec
    changes: tuple[ChangeSpec, ...] = ()
    citation: str | None = None
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """A row per code: ``code name level parent relation definition when when_not example memos``."""
        columns = ("name", "level", "parent", "relation", "definition", "when", "when_not", "example")
        rows = []
        for id, code in self.codes.items():
            memos = "\n".join(f"{memo.date}: {memo.text}" for memo in code.memos)
            rows.append({"code": id, **{key: getattr(code, key) for key in columns}, "memos": memos})
        return pd.DataFrame(rows, columns=["code", *columns, "memos"])

    def to_dict(self) -> dict[str, Any]:
        """Codes, respondents and propositions by id, as plain values."""
        parts = {name: getattr(self, name) for name in ("codes", "respondents", "propositions")}
        specs = {
            name: {id: one.model_dump(exclude_none=True) for id, one in part.items()}
            for name, part in parts.items()
        }
        rest = {"verdict": self.verdict.model_dump(), "changes": [one.model_dump() for one in self.changes]}
        return {
            "codebook": self.codebook,
            "version": self.version,
            "citation": self.citation,
            **specs,
            **rest,
        }

    @cached_property
    def people(self) -> pd.DataFrame:
        """A row per respondent: ``respondent company country``, in interview order."""
        rows = [(one.id, one.company, one.country) for one in self.respondents.values()]
        return pd.DataFrame(rows, columns=["respondent", "company", "country"])

    def lineage(self, code: str) -> Iterator[str]:
        """The code, its parent, the parent's parent, ..."""
        step: str | None = code
        while step is not None:
            yield step
            step = self.codes[step].parent


def read_codebook(path: str | Path) -> Codebook:
    """The codebook of an interview study.

    Returns
    -------
    Codebook
        `notes`: C008 the log of changes does not name the codebook's version.

    Raises
    ------
    SurveykitError
        I001-I016 the file cannot be read.
    SurveykitProblems
        E012 a date that is no day; I020-I059 what the schema refuses; C001 a parent, C002 an element of
        a proposition that is no code; C003 a code above itself; C004 a parent on a lower level; C005 a
        respondent twice; C006 a relation without a parent; C007 a summary for an unknown company.

    Examples
    --------
    >>> import surveykit as sk
    >>> book = sk.read_codebook("analyses/trim_lee_learning/codebook.yaml")
    >>> book.to_frame()["level"].value_counts().to_dict()
    {'open': 13, 'axial': 4, 'selective': 1}
    >>> list(book.lineage("informal_talk"))
    ['informal_talk', 'interactive_communication', 'lasting_relationships']
    """
    source = Source(read_yaml(path), str(path))
    try:
        spec = CodebookSpec.model_validate(source.tree)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise SurveykitProblems(tuple(refusal(one, source, _keys_at) for one in found)) from error
    problems = (*_code_problems(spec, source), *_other_problems(spec, source))
    if problems:
        raise SurveykitProblems(problems)
    return Codebook(
        codebook=spec.codebook,
        version=spec.version,
        codes=spec.codes,
        respondents={one.id: one for one in spec.respondents},
        propositions=spec.propositions,
        verdict=spec.verdict,
        changes=tuple(spec.changes),
        citation=spec.citation,
        notes=tuple(_unlogged(spec, source)),
    )


def _unlogged(spec: CodebookSpec, source: Source) -> Iterator[Note]:
    """A version that the log of changes does not name."""
    if spec.changes and all(one.version != spec.version for one in spec.changes):
        yield note("C008", source.place(("version",)), version=spec.version, last=spec.changes[-1].version)


def _keys_at(path: KeyPath) -> Iterable[str]:
    match path:
        case ():
            return CodebookSpec.model_fields
        case ("codes", str()):
            return CodeSpec.model_fields
        case ("codes", str(), "memos", int()):
            return MemoSpec.model_fields
        case ("respondents", int()):
            return RespondentSpec.model_fields
        case ("propositions", str()):
            return PropositionSpec.model_fields
        case ("verdict",):
            return RuleSpec.model_fields
        case ("changes", int()):
            return ChangeSpec.model_fields
    return ()


def _code_problems(spec: CodebookSpec, source: Source) -> Iterator[Note]:
    known = ", ".join(spec.codes)
    for id, code in spec.codes.items():
        if code.parent is None:
            if code.relation is not None:
                yield note("C006", source.place(("codes", id, "relation")), id=id, relation=code.relation)
            continue
        place = source.place(("codes", id, "parent"))
        above = spec.codes.get(code.parent)
        if above is None:
            yield note("C001", place, id=id, parent=code.parent, known=known)
        elif _above_itself(spec, id):
            yield note("C003", place, id=id)
        elif LEVELS.index(above.level) < LEVELS.index(code.level):
            yield note("C004", place, id=id, level=code.level, parent=code.parent, parent_level=above.level)


def _above_itself(spec: CodebookSpec, code: str) -> bool:
    seen: set[str] = set()
    step: str | None = code
    while step is not None and step in spec.codes and step not in seen:
        seen.add(step)
        step = spec.codes[step].parent
    return step == code


def _other_problems(spec: CodebookSpec, source: Source) -> Iterator[Note]:
    seen: set[str] = set()
    for index, one in enumerate(spec.respondents):
        if one.id in seen:
            yield note("C005", source.place(("respondents", index, "id")), id=one.id)
        seen.add(one.id)
    companies = {one.company for one in spec.respondents}
    for id, proposition in spec.propositions.items():
        for index, element in enumerate(proposition.elements):
            if element not in spec.codes:
                place = source.place(("propositions", id, "elements", index))
                yield note("C002", place, proposition=id, element=element, known=", ".join(spec.codes))
        for company in proposition.summary:
            if company not in companies:
                place = source.place(("propositions", id, "summary", company), key=True)
                yield note("C007", place, company=company, known=", ".join(sorted(companies)))
