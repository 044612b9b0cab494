"""What is allowed but rarely meant: hints of `surveykit check`; none keeps an instrument out of use."""

from __future__ import annotations

from collections.abc import Iterator

from surveykit.instrument.checks import Problem, problem
from surveykit.instrument.model import Instrument, ResponseScale, Scale
from surveykit.instrument.texts import texts
from surveykit.instrument.translations import LABEL_LIMIT, TranslationLog, translation_report

FEWEST_ITEMS = 3
CELL_LIMIT = 32_767


def advice(instrument: Instrument, log: TranslationLog | None = None) -> Iterator[Problem]:
    """All hints, with the path in the file that each concerns."""
    for scale in instrument.scales.values():
        yield from _scale(scale, instrument)
    for one in instrument.response_scales.values():
        yield from _labels(one)
    yield from _lengths(instrument)
    yield from _translations(instrument, log)


def _scale(scale: Scale, instrument: Instrument) -> Iterator[Problem]:
    path = ("scales", scale.id)
    items = [instrument.item(name) for name in scale.items]
    if len(items) < FEWEST_ITEMS:
        yield problem("I061", path, scale=scale.id, count=len(items), least=FEWEST_ITEMS)
    if all(item.type == "likert" for item in items) and not any(item.reverse for item in items):
        yield problem("I060", path, scale=scale.id)
    used = [instrument.response_scale_of(item) for item in items]
    points = sorted({len(one.codes) for one in used if one is not None})
    if len(points) > 1 or (points and None in used):
        shown = ", ".join(dict.fromkeys("–" if one is None else one.id for one in used))
        yield problem("I062", path, scale=scale.id, response_scales=shown)


def _labels(scale: ResponseScale) -> Iterator[Problem]:
    """Answers that read alike in one language, or too long for a drop-down."""
    seen: dict[tuple[str, str], int] = {}
    for part, labels in (("labels", scale.labels), ("missing_codes", scale.missing_codes)):
        for code, label in labels.items():
            for language, text in label.items():
                path = ("response_scales", scale.id, part, code, language)
                if len(text) > LABEL_LIMIT:
                    yield problem("I064", path, length=len(text), limit=LABEL_LIMIT)
                first = seen.setdefault((language, " ".join(text.split()).casefold()), code)
                if first != code:
                    yield problem("I065", path, value=code, first=first, language=language)


def _lengths(instrument: Instrument) -> Iterator[Problem]:
    for at in texts(instrument):
        for language, text in at.text.items():
            if len(text) > CELL_LIMIT:
                yield problem("I066", (*at.path, language), length=len(text), limit=CELL_LIMIT)


def _translations(instrument: Instrument, log: TranslationLog | None) -> Iterator[Problem]:
    paths = {at.key: at.path for at in texts(instrument)}
    for row in translation_report(instrument, log).rows:
        path = (*paths[row.key], row.language)
        if row.status == "missing" or not row.text:
            yield problem("I063", paths[row.key], key=row.key, language=row.language)
        elif row.status == "stale":
            yield problem("I067", path, key=row.key, language=row.language)
        elif row.status == "edited":
            yield problem("I068", path, key=row.key, language=row.language)
        elif row.text == row.source and " " in row.source:
            yield problem("I069", path, key=row.key, language=row.language)
