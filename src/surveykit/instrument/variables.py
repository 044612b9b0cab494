"""Every variable of an instrument: its question, its values and, where there are answers, how they fall."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surveykit.errors import Note
from surveykit.instrument.model import Instrument, Item, Text
from surveykit.instrument.show_if import is_answered
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd

BINS = 10
NUMERIC = ("likert", "single", "number")


@dataclass(frozen=True)
class Distribution:
    """The answers to one item.

    Attributes
    ----------
    n, missing : int
        Respondents with and without a valid answer.
    counts : mapping of int to int
        Respondents by code, for items with a response scale; a several-choice answer counts once a code.
    bins : tuple of (low, high, count)
        Ten intervals of equal width, for numbers.
    mean, sd : float or None
        Of rating scales and numbers; `sd` with n - 1, None for fewer than two answers.
    low, high : float, str or None
        The smallest and largest answer; of dates the first and last.
    """

    n: int
    missing: int
    counts: Mapping[int, int] = field(default_factory=dict)
    bins: tuple[tuple[float, float, int], ...] = ()
    mean: float | None = None
    sd: float | None = None
    low: float | str | None = None
    high: float | str | None = None


@dataclass(frozen=True)
class Variable:
    """One item as a variable of the data; texts by language."""

    name: str
    position: int
    section: str
    type: str
    text: Text
    response_scale: str
    values: Mapping[int, Text]
    missing_values: Mapping[int, Text]
    minimum: float | None
    maximum: float | None
    unit: Text
    max_length: int | None
    required: bool
    show_if: str
    reverse: bool
    scales: tuple[str, ...]
    proposition: tuple[str, ...]
    probes: tuple[Text, ...]
    note: str
    distribution: Distribution | None


@dataclass(frozen=True)
class Codebook(Result):
    """All variables of an instrument, in the order asked."""

    instrument: str
    version: str
    languages: tuple[str, ...]
    rows: tuple[Variable, ...]
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """A row a variable; the columns of `codebook.csv`."""
        import pandas as pd

        return pd.DataFrame(self.records())

    def records(self) -> list[dict[str, Any]]:
        """The rows flat: a column a language where a text has several; None where there is nothing."""
        return [_record(one, self.languages) for one in self.rows]


def codebook(instrument: Instrument, responses: Any = None) -> Codebook:
    """The codebook of an instrument.

    Parameters
    ----------
    instrument : Instrument
    responses : Responses or DataFrame, optional
        Answers, a column an item (codes as answered, never reversed); several-choice as ``"1;3"``.
        Items without a column have no distribution. Texts are counted, never quoted.

    Returns
    -------
    Codebook
        `.rows`, `.to_frame()`; `codebook_csv` and `codebook_html` write it out.

    Examples
    --------
    >>> book = codebook(read_instrument("instruments/partnership.yaml"))
    >>> book.rows[0].name
    'main_partner_industry'
    """
    frame = getattr(responses, "frame", responses)
    scales: dict[str, list[str]] = {}
    for scale in instrument.scales.values():
        for name in scale.items:
            scales.setdefault(name, []).append(scale.id)
    rows: list[Variable] = []
    for section in instrument.sections:
        for item in section.items:
            answers = None if frame is None or item.id not in frame else list(frame[item.id])
            place = (len(rows) + 1, section.id)
            rows.append(_variable(instrument, item, place, tuple(scales.get(item.id, ())), answers))
    return Codebook(instrument.instrument, instrument.version, instrument.languages, tuple(rows))


def _variable(
    instrument: Instrument,
    item: Item,
    place: tuple[int, str],
    scales: tuple[str, ...],
    answers: list[Any] | None,
) -> Variable:
    scale = instrument.response_scale_of(item)
    labels: dict[int, Text] = {**scale.labels, **scale.missing_codes} if scale else {}
    missing = {*item.missing_codes, *(scale.missing_codes if scale else ())}
    valid = {code: text for code, text in labels.items() if code not in missing}
    return Variable(
        name=item.id,
        position=place[0],
        section=place[1],
        type=item.type,
        text=item.text,
        response_scale=item.response_scale or "",
        values=valid,
        missing_values={code: labels.get(code, {}) for code in sorted(missing)},
        minimum=item.minimum,
        maximum=item.maximum,
        unit=item.unit or {},
        max_length=item.max_length,
        required=item.required,
        show_if=item.show_if or "",
        reverse=item.reverse,
        scales=scales,
        proposition=item.proposition,
        probes=item.probes,
        note=item.note or "",
        distribution=None if answers is None else _distribution(item, answers, valid, missing),
    )


def _distribution(
    item: Item, answers: list[Any], valid: Mapping[int, Text], missing: set[int]
) -> Distribution:
    given = [one for one in answers if is_answered(one)]
    if item.type == "multiple":
        chosen = [codes for codes in (_codes(one) for one in given) if codes and not codes & missing]
        each = Counter(code for codes in chosen for code in codes)
        return Distribution(len(chosen), len(answers) - len(chosen), {code: each[code] for code in valid})
    if item.type not in NUMERIC:
        low, high = (
            (min(map(str, given)), max(map(str, given))) if item.type == "date" and given else (None, None)
        )
        return Distribution(len(given), len(answers) - len(given), low=low, high=high)
    numbers = [number for number in map(float, given) if number not in missing]
    counts: Counter[float] = Counter(numbers)
    plain = item.type != "single" and bool(numbers)
    return Distribution(
        n=len(numbers),
        missing=len(answers) - len(numbers),
        counts={code: counts[code] for code in valid},
        bins=_bins(numbers) if item.type == "number" else (),
        mean=statistics.fmean(numbers) if plain else None,
        sd=statistics.stdev(numbers) if plain and len(numbers) > 1 else None,
        low=min(numbers) if plain else None,
        high=max(numbers) if plain else None,
    )


def _codes(answer: Any) -> set[int]:
    """The codes of a several-choice answer: ``"1;3"`` or a collection."""
    several: Iterable[Any] = answer.split(";") if isinstance(answer, str) else answer
    return {int(one) for one in several}


def _bins(numbers: list[float]) -> tuple[tuple[float, float, int], ...]:
    """Counts in ten intervals of equal width; one interval where all numbers are equal."""
    if not numbers:
        return ()
    low, high = min(numbers), max(numbers)
    if low == high:
        return ((low, high, len(numbers)),)
    width = (high - low) / BINS
    counts = Counter(min(BINS - 1, math.floor((number - low) / width)) for number in numbers)
    return tuple((low + at * width, low + (at + 1) * width, counts[at]) for at in range(BINS))


def _record(one: Variable, languages: tuple[str, ...]) -> dict[str, Any]:
    spread = one.distribution
    return {
        "position": one.position,
        "name": one.name,
        "section": one.section,
        "type": one.type,
        **{f"text_{language}": one.text.get(language) for language in languages},
        "response_scale": one.response_scale or None,
        **{f"values_{language}": _listed(one.values, language) for language in languages},
        **{f"missing_{language}": _listed(one.missing_values, language) for language in languages},
        "minimum": one.minimum,
        "maximum": one.maximum,
        **{f"unit_{language}": one.unit.get(language) for language in languages},
        "max_length": one.max_length,
        "required": one.required,
        "show_if": one.show_if or None,
        "reverse": one.reverse,
        "scales": " ".join(one.scales) or None,
        "proposition": " ".join(one.proposition) or None,
        **{f"probes_{language}": _together(one.probes, language) for language in languages},
        "note": one.note or None,
        "n": spread.n if spread else None,
        "n_missing": spread.missing if spread else None,
        "mean": spread.mean if spread else None,
        "sd": spread.sd if spread else None,
        "low": spread.low if spread else None,
        "high": spread.high if spread else None,
        "counts": "; ".join(f"{code}: {n}" for code, n in spread.counts.items()) or None if spread else None,
    }


def _listed(labels: Mapping[int, Text], language: str) -> str | None:
    """``1 = Strongly disagree; 2 = ...``"""
    parts = (f"{code} = {text[language]}" if language in text else str(code) for code, text in labels.items())
    return "; ".join(parts) or None


def _together(several: tuple[Text, ...], language: str) -> str | None:
    return "; ".join(text[language] for text in several if language in text) or None
