"""How the report of coded interviews calls things, and where its cells lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from surveykit.coding.codebook import Codebook
from surveykit.coding.propositions import PropositionMatrix
from surveykit.errors import Note
from surveykit.report.names import Names
from surveykit.report.notes import note_lines
from surveykit.wording import pick, wording


@dataclass(frozen=True)
class InterviewNames:
    """The report's names with those of codes; `id` goes before every anchor of the step."""

    names: Names
    id: str
    codes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Names, id: str, codebook: Codebook | None) -> InterviewNames:
        specs = {} if codebook is None else codebook.codes
        return cls(
            names,
            id,
            {code: pick({"en": one.name, **(one.labels or {})}, names.lang) for code, one in specs.items()},
        )

    @property
    def lang(self) -> str:
        return self.names.lang

    def say(self, key: str, **fields: Any) -> str:
        return wording("interviews", key, self.lang, **fields)

    def case(self, case: object) -> str:
        return self.names.group(case)

    def lines(self, notes: Iterable[Note], **said: str) -> tuple[str, ...]:
        """Notes as lines, with cases by their labels; `said` takes the place of facts of that name."""
        own = []
        for one in notes:
            fields = {name: said.get(name, value) for name, value in one.fields.items()}
            if "case" in fields:
                fields["case"] = self.case(fields["case"])
            own.append(replace(one, fields=fields))
        return note_lines(own, self.names)

    def code(self, code: str) -> str:
        """A code's name, with the id by which the tables of segments know it."""
        return f"{self.codes[code]} [{code}]" if code in self.codes else code

    def code_name(self, code: str) -> str:
        return self.codes.get(code, code)

    def n_of(self, n: int, size: int) -> str:
        return self.say("n_of_N", n=n, N=size)

    def cell(self, matrix: PropositionMatrix, proposition: str, case: object) -> str:
        """The anchor of the segments behind a cell of the proposition matrix."""
        cases = list(matrix.frame[matrix.by].unique())
        return f"{self.id}-{proposition}-{cases.index(case) + 1}"

    def segment(self, segment: str) -> str:
        """The anchor of a coded segment."""
        return f"{self.id}-segment-{segment}"
