"""What is asked: the questionnaire as plain, frozen values.

The reader (`reader.py`) makes them from YAML; forms, responses and scoring
read them. Text for people is a mapping language -> text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from surveykit.errors import SurveykitError
from surveykit.options import nearest

Text = Mapping[str, str]


@dataclass(frozen=True)
class ResponseScale:
    """Codes with their labels: the answers of a Likert, single or multiple choice item.

    `labels` is ordered as shown to the respondent; `missing_codes` may be
    answered but count as missing (for example 99: do not know).
    """

    id: str
    labels: Mapping[int, Text]
    missing_codes: Mapping[int, Text] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[int, ...]:
        """The valid codes, without the missing ones."""
        return tuple(self.labels)

    @property
    def low(self) -> int:
        return min(self.labels)

    @property
    def high(self) -> int:
        return max(self.labels)


@dataclass(frozen=True)
class Item:
    """One question. `reverse`: a high answer means little of what its scale measures."""

    id: str
    type: str
    text: Text
    response_scale: str | None = None
    required: bool = False
    reverse: bool = False
    show_if: str | None = None
    probes: tuple[Text, ...] = ()
    proposition: tuple[str, ...] = ()
    note: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    unit: Text | None = None
    missing_codes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """A block of items under one heading. `randomize`: item order is drawn for each form and recorded."""

    id: str
    title: Text
    items: tuple[Item, ...]
    instructions: Text | None = None
    randomize: bool = False


@dataclass(frozen=True)
class Scale:
    """Items that measure one construct. `min_valid`: share of answered items a score needs."""

    id: str
    title: Text
    items: tuple[str, ...]
    score: str = "mean"
    min_valid: float = 0.5


@dataclass(frozen=True)
class Source:
    """Where the instrument comes from, and whether its wording is the original."""

    kind: str
    citation: str
    note: Text


@dataclass(frozen=True)
class Instrument:
    """A questionnaire in all its languages. `content_hash` changes with anything a respondent sees."""

    instrument: str
    version: str
    languages: tuple[str, ...]
    title: Text
    source: Source
    sections: tuple[Section, ...]
    response_scales: Mapping[str, ResponseScale]
    scales: Mapping[str, Scale]
    content_hash: str
    instructions: Text | None = None
    consent: Text | None = None
    propositions: Mapping[str, Text] = field(default_factory=dict)
    quasi_identifiers: tuple[str, ...] = ()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item in the order asked."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def _by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    def item(self, item_id: str) -> Item:
        """The item of this id; KeyError where there is none."""
        return self._by_id[item_id]

    def response_scale_of(self, item: Item) -> ResponseScale | None:
        """The response scale an item is answered on; None for numbers, dates and text."""
        return self.response_scales[item.response_scale] if item.response_scale is not None else None

    def measurement_model(self, scales: str | Iterable[str] | None = None) -> str:
        """The scales as lavaan syntax, a line each: ``trust =~ trust_1 + trust_2``.

        Parameters
        ----------
        scales : str or iterable of str, optional
            Names of scales, in the order wanted; by default all, in report order.

        Raises
        ------
        SurveykitError
            I058 there is no scale of a name.
        """
        if isinstance(scales, str):
            scales = (scales,)
        names = tuple(self.scales if scales is None else scales)
        for name in names:
            if name not in self.scales:
                close = nearest(name, self.scales) or ", ".join(self.scales) or "–"
                raise SurveykitError("I058", value=name, instrument=self.instrument, nearest=close)
        return "\n".join(f"{name} =~ {' + '.join(self.scales[name].items)}" for name in names)
