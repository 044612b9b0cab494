"""Notes of results as lines under a table, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from surveykit.errors import Note, catalogue, without_gaps
from surveykit.report.document import Table
from surveykit.report.names import Names

SHOWN = 6  # places that are named then; the rest is in the results
MANY = 3  # more notes of one code than this are told once, without the facts of each


class _Gaps(dict[str, str]):
    """Stands for the fields of a sentence that differ from case to case."""

    def __missing__(self, key: str) -> str:
        return "…"


def kind_of(code: str, lang: str) -> str:
    """What a code means, without the facts of one case."""
    says = catalogue()[code]["says"]
    return without_gaps(str(says.get(lang, says["en"])), {}).format_map(_Gaps())


def note_lines(notes: Iterable[Note], names: Names) -> tuple[str, ...]:
    """Each note once, in the order found, with its code at the end so that it can be looked up."""
    lines = (f"{_called(one, names).text(names.lang)} [{one.code}]" for one in notes)
    return tuple(dict.fromkeys(lines))


def notes_by_place(notes: Mapping[str, Iterable[Note]], names: Names) -> tuple[str, ...]:
    """The notes of several results, each with the place it belongs to; many of one code in one line.

    `notes`: the place in words (``"Trust (Japan)"``) -> its notes.
    """
    by_code: dict[str, list[tuple[str, Note]]] = {}
    for place, own in notes.items():
        for one in own:
            by_code.setdefault(one.code, []).append((place, one))
    lines: list[str] = []
    for code, found in by_code.items():
        if len(found) > MANY:
            places = dict.fromkeys(place for place, _ in found)
            text = f"{kind_of(code, names.lang)} [{code}]"
            named = "; ".join(list(places)[:SHOWN]) + ("; …" if len(places) > SHOWN else "")
            lines.append(names.text("note_many", text=text, count=len(places), places=named))
        else:
            told = ((place, _called(one, names).text(names.lang)) for place, one in found)
            lines += [f"{names.text('about', what=place, text=text)} [{code}]" for place, text in told]
    return tuple(dict.fromkeys(lines))


def _called(one: Note, names: Names) -> Note:
    """The note with the group's label in place of its value in the data (``where`` holds " (JP)")."""
    fields = dict(one.fields)
    if isinstance(fields.get("group"), str):
        fields["group"] = names.groups.get(fields["group"], fields["group"])
    where = str(fields.get("where", ""))
    if where.startswith(" (") and where[2:-1] in names.groups:
        fields["where"] = f" ({names.groups[where[2:-1]]})"
    return replace(one, fields=fields)


def with_notes(table: Table, notes: Iterable[Note], names: Names) -> Table:
    """The table with a result's notes below its own."""
    return replace(table, notes=(*table.notes, *note_lines(notes, names)))
