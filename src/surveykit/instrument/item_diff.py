"""One question in two versions: every aspect that changed, with its consequence."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from surveykit.errors import Note
from surveykit.instrument.model import Instrument, Item, ResponseScale, Text
from surveykit.instrument.show_if import parse_show_if
from surveykit.instrument.source import short


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes
    ----------
    subject : {"instrument", "section", "item", "scale"}
    id : str
        Of the new version; of the old one for what was removed.
    change : str
        "new", "removed", "renamed", "moved", "wording", "type", "codes", "labels", "show_if", "limits",
        "required", "reverse", "missing codes", "probes"; of a scale "items", "score"; of a section "order";
        of the instrument "languages".
    before, after : str
    comparability : {"same", "check", "broken"}
        Of answers given on the two versions.
    scoring : {"same", "changed"}
        Whether the same answers come to another score.
    note : Note
        The change and its consequence in words, in three languages.
    """

    subject: str
    id: str
    change: str
    before: str
    after: str
    comparability: str
    scoring: str
    note: Note


def change_of(
    code: str,
    subject: tuple[str, str],
    change: str,
    texts: tuple[str, str],
    consequence: tuple[str, str],
    **more: str,
) -> Change:
    """A change whose note has the code and the facts of the change."""
    before, after = texts
    facts = {"id": subject[1], "change": change, "before": short(before), "after": short(after), **more}
    return Change(*subject, change, before, after, *consequence, Note(code, facts))


@dataclass(frozen=True)
class Asked:
    """An item as one version asks it, in the languages that both versions have."""

    item: Item
    instrument: Instrument
    languages: tuple[str, ...]

    @property
    def scale(self) -> ResponseScale | None:
        return self.instrument.response_scale_of(self.item)

    def codes(self) -> str:
        return ", ".join(str(code) for code in sorted(self.scale.codes)) if self.scale else ""

    def labels(self) -> str:
        """The answers in the order shown."""
        if self.scale is None:
            return ""
        labels = (*self.scale.labels.items(), *self.scale.missing_codes.items())
        return " / ".join(f"{code} = {self.words(label)}" for code, label in labels)

    def missing_codes(self) -> str:
        codes = {*self.item.missing_codes, *(self.scale.missing_codes if self.scale else ())}
        return ", ".join(str(code) for code in sorted(codes))

    def show_if(self) -> str:
        return "" if self.item.show_if is None else str(parse_show_if(self.item.show_if))

    def limits(self) -> str:
        bounds = (self.item.minimum, self.item.maximum, self.item.max_length)
        shown = ["–" if bound is None else f"{bound:g}" for bound in bounds]
        return " ".join([*shown, self.words(self.item.unit or {})]).strip()

    def probes(self) -> str:
        return " / ".join(self.words(probe) for probe in self.item.probes)

    def words(self, text: Text) -> str:
        return " | ".join(tidy(text[language]) for language in self.languages if language in text)


# What can change besides the wording: name, how it looks, code, consequence (comparability, scoring).
ASPECTS: tuple[tuple[str, Callable[[Asked], str], str, tuple[str, str]], ...] = (
    ("type", lambda one: one.item.type, "I088", ("broken", "changed")),
    ("codes", Asked.codes, "I087", ("broken", "changed")),
    ("labels", Asked.labels, "I086", ("check", "same")),
    ("show_if", Asked.show_if, "I089", ("check", "same")),
    ("limits", Asked.limits, "I090", ("check", "same")),
    ("required", lambda one: str(one.item.required).lower(), "I077", ("same", "same")),
    ("reverse", lambda one: str(one.item.reverse).lower(), "I091", ("same", "changed")),
    ("missing codes", Asked.missing_codes, "I092", ("same", "changed")),
    ("probes", Asked.probes, "I093", ("check", "same")),
)


def compare_items(before: Asked, after: Asked) -> Iterator[Change]:
    """Everything that differs between one question in two versions."""
    name = ("item", after.item.id)
    languages = reworded(before.item.text, after.item.text, after.languages)
    if languages:
        texts = before.item.text[languages[0]], after.item.text[languages[0]]
        code = "I084" if after.instrument.languages[0] in languages else "I085"
        yield change_of(code, name, "wording", texts, ("check", "same"), languages=", ".join(languages))
    for aspect, look, code, consequence in ASPECTS:
        texts = look(before), look(after)
        implied = aspect == "labels" and before.codes() != after.codes()
        if texts[0] != texts[1] and not implied:
            yield change_of(code, name, aspect, texts, consequence)


def reworded(before: Text, after: Text, languages: Iterable[str]) -> list[str]:
    """Languages in which both have a text and the two differ by more than blanks."""
    both = [language for language in languages if language in before and language in after]
    return [language for language in both if tidy(before[language]) != tidy(after[language])]


def tidy(text: str) -> str:
    """A text on one line, composed (NFC)."""
    return " ".join(unicodedata.normalize("NFC", text).split())
