"""Which text is translated, by which steps, and whether its source has changed since.

The translation log (TRAPD: two translations, review, adjudication, with a
back-translation and the reason) stands beside the instrument, in
``translations/<instrument>.yaml``::

    instrument: partnership
    entries:
      - key: items.trust_1.text          # as `texts` names it
        language: ja
        source_hash: 5f0c6a1e2b7d9c34    # of the source text that was translated
        translation_1: ...
        translation_2: ...
        review: ...
        adjudication: ...                # the text agreed on; it stands in the instrument
        back_translation: ...
        reason: ...

Everything but `key`, `language` and `source_hash` may still be absent.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from surveykit.errors import Note
from surveykit.instrument.model import Instrument
from surveykit.instrument.texts import TextAt, item_texts, texts
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd

STEPS = ("translation_1", "translation_2", "review", "adjudication", "back_translation", "reason")


@dataclass(frozen=True)
class LogEntry:
    """What was done for one text in one language; "" where a step has not been taken."""

    key: str
    language: str
    source_hash: str
    translation_1: str = ""
    translation_2: str = ""
    review: str = ""
    adjudication: str = ""
    back_translation: str = ""
    reason: str = ""


@dataclass(frozen=True)
class TranslationLog:
    """All entries, by text and language."""

    instrument: str
    entries: Mapping[tuple[str, str], LogEntry] = field(default_factory=dict)


@dataclass(frozen=True)
class TranslatedText:
    """One text in one target language: what a row of the translators' workbook holds.

    Attributes
    ----------
    key, item : str
        The text's name (``items.trust_1.text``) and, where it belongs to one, its item.
    role : str
        "title", "note", "instructions", "consent", "proposition", "label", "section", "question", "probe",
        "unit" or "scale".
    context : str
        In the source language: the section's title, the answers offered with a question, or the items that
        use a label.
    limit : int or None
        Characters that fit; None where length does not matter.
    source, source_hash : str
        The text to translate, and its fingerprint.
    text : str
        What stands in the instrument now; "" where nothing does.
    status : {"missing", "stale", "edited", "in work", "not logged", "done"}
        "stale": the source changed after the translation; "edited": the instrument differs from what was
        agreed; "in work": begun, not adjudicated.
    log : LogEntry
    note : str
        The researchers' note on the item.
    """

    key: str
    item: str
    role: str
    language: str
    context: str
    limit: int | None
    source: str
    source_hash: str
    text: str
    status: str
    log: LogEntry
    note: str = ""


@dataclass(frozen=True)
class TranslationReport(Result):
    """The state of every text in every target language."""

    instrument: str
    rows: tuple[TranslatedText, ...]
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """A row a text and language: `key item language status source text`."""
        import pandas as pd

        columns = ["key", "item", "language", "status", "source", "text"]
        return pd.DataFrame([[getattr(row, name) for name in columns] for row in self.rows], columns=columns)

    def to_do(self) -> tuple[TranslatedText, ...]:
        """Texts that are missing, stale, edited or in work."""
        return tuple(row for row in self.rows if row.status not in ("done", "not logged"))

    def summary(self) -> str:
        """How many texts of each status, by language."""
        counts = Counter((row.language, row.status) for row in self.rows)
        lines = [f"{language}  {status}: {count}" for (language, status), count in counts.items()]
        return "\n".join([self.instrument, *lines, *(str(one) for one in self.notes)])


def source_hash(text: str) -> str:
    """Fingerprint of a source text: 16 hexadecimal digits of SHA-256 over its words (NFC)."""
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(tidy.encode("utf-8")).hexdigest()[:16]


def log_path(instrument_path: str | FilePath) -> FilePath:
    """Where the log of an instrument file stands."""
    path = FilePath(instrument_path)
    return path.parent / "translations" / path.name


def missing_translations(instrument: Instrument, lang: str | None = None) -> tuple[TranslatedText, ...]:
    """Every text without a translation (item × language), in one language or all.

    Examples
    --------
    >>> inst = read_instrument("instruments/partnership.yaml")
    >>> missing_translations(inst)
    ()
    """
    rows = translation_report(instrument).rows
    return tuple(row for row in rows if row.status == "missing" and lang in (None, row.language))


def translation_report(instrument: Instrument, log: TranslationLog | None = None) -> TranslationReport:
    """The state of every text in every language but the first, which is the source.

    Parameters
    ----------
    instrument : Instrument
    log : TranslationLog, optional
        From `read_log`; without it a translation is "not logged" or "missing".

    Returns
    -------
    TranslationReport
        `.rows` in the order of the file, language by language; they are also the translators' worklist.
    """
    log = log or TranslationLog(instrument.instrument)
    contexts = _contexts(instrument)
    notes = {item.id: item.note for item in instrument.items if item.note is not None}
    found = tuple(texts(instrument))
    rows = [
        _row(at, (instrument.languages[0], language), log, contexts, notes)
        for language in instrument.languages[1:]
        for at in found
    ]
    return TranslationReport(instrument.instrument, tuple(rows))


def _row(
    at: TextAt,
    direction: tuple[str, str],
    log: TranslationLog,
    contexts: Mapping[str, str],
    notes: Mapping[str, str],
) -> TranslatedText:
    source_language, language = direction
    source = at.text[source_language]
    fingerprint = source_hash(source)
    entry = log.entries.get((at.key, language))
    text = at.text.get(language, "")
    role = role_of(at.key)
    return TranslatedText(
        key=at.key,
        item=at.item or "",
        role=role,
        language=language,
        context=contexts.get(at.key, ""),
        limit=LABEL_LIMIT if role == "label" else None,
        source=source,
        source_hash=fingerprint,
        text=text,
        status=_status(text, fingerprint, entry),
        log=entry or LogEntry(at.key, language, fingerprint),
        note=notes.get(at.item or "", ""),
    )


# An entry of an Excel drop-down holds 255 characters, the code before the label included.
LABEL_LIMIT = 240


def _status(text: str, fingerprint: str, entry: LogEntry | None) -> str:
    if entry is not None and entry.source_hash != fingerprint:
        return "stale" if text else "missing"
    if entry is not None and not entry.adjudication:
        return "in work"
    if not text:
        return "missing"
    if entry is None:
        return "not logged"
    return "done" if source_hash(entry.adjudication) == source_hash(text) else "edited"


def role_of(key: str) -> str:
    """What a text is for, from its key."""
    parts = key.split(".")
    match parts:
        case ["source", "note"]:
            return "note"
        case ["propositions", _]:
            return "proposition"
        case ["response_scales", *_]:
            return "label"
        case ["sections", _, "title"]:
            return "section"
        case ["scales", *_]:
            return "scale"
        case ["items", _, "text"]:
            return "question"
        case ["items", _, "probes", _]:
            return "probe"
    return parts[-1]  # title, instructions, consent, unit


def _contexts(instrument: Instrument) -> dict[str, str]:
    """What surrounds a text, by its key: the section and answers of a question, the questions of a label."""
    source = instrument.languages[0]
    contexts: dict[str, str] = {}
    asked: dict[str, list[str]] = {}
    for section in instrument.sections:
        for item in section.items:
            scale = instrument.response_scale_of(item)
            answers = " / ".join(label[source] for label in scale.labels.values()) if scale else ""
            for at in item_texts(item):
                contexts[at.key] = section.title[source]
            contexts[f"items.{item.id}.text"] += f" | {answers}" if answers else ""
            asked.setdefault(item.response_scale or "", []).append(item.text[source])
    for scale in instrument.response_scales.values():
        using = "; ".join(asked.get(scale.id, [])[:3])
        for part, codes in (("labels", scale.labels), ("missing_codes", scale.missing_codes)):
            contexts |= {f"response_scales.{scale.id}.{part}.{code}": using for code in codes}
    return contexts
