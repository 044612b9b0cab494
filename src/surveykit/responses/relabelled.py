"""Items whose answers had other labels in the form's version: an answer means its words, not its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from surveykit.errors import LANGUAGES, Place, note
from surveykit.form.layout import LISTS_SHEET, all_codes, label_text
from surveykit.form.texts import languages_of, ui
from surveykit.instrument.model import Item, ResponseScale
from surveykit.responses.book import RawCell, Workbook
from surveykit.responses.expected import Expected
from surveykit.responses.parse import Parsed, Reading, letters, seen, tidy

# On the codebook sheet: ``1 = Disagree; 2 = Agree``; within a value the blanks do not break.
VALUE = re.compile(r"(?:^|;\s)\s*(-?\d{1,9})\s=\s(.*?)(?=;\s-?\d{1,9}\s=\s|$)", re.ASCII | re.DOTALL)
OPTION = re.compile(r"-?\d{1,9} – (.*)", re.ASCII | re.DOTALL)
ITEM, VALUES = "A", ("E", "F")
Labels = Mapping[int, str]


@dataclass(frozen=True)
class Relabelled:
    """How an item was answered in the form: its labels then, and the code that says the same words now.

    `labels` is empty where the form does not tell.
    """

    labels: Labels
    now: Mapping[int, int]
    language: str

    def parse(self, how: Reading, cell: RawCell) -> Parsed:
        """Read an answer by the form's own labels, and give it the code that its words have now."""
        lost = Parsed(None, "other_labels", note("R047", how.place(cell), item=how.item.id, raw=seen(cell)))
        if how.scale is None or how.item.type == "multiple" or not self.labels:
            return lost
        words = {code: {self.language: label} for code, label in self.labels.items()}
        then = Reading(how.item, ResponseScale(how.scale.id, words)).parse(cell)
        if not isinstance(then.value, int):
            return then
        code = self.now.get(then.value)
        if code is None:
            return lost
        label = self.labels[then.value]
        said = note(
            "R076", Place(sheet=cell.sheet), item=how.item.id, raw=seen(cell), label=label, value=code
        )
        return Parsed(code, "by_label", said)


def relabelled(book: Workbook, items: Iterable[Item], expected: Expected, lang: str) -> dict[str, Relabelled]:
    """The items whose labels differ between a form and the instrument; also where that cannot be told."""
    rated = [item for item in items if expected.readings[item.id].scale is not None]
    told, listed = _codebook(book), _lists(book)
    scales = expected.inst.response_scales.values()
    found = {}
    for item in rated:
        how = expected.readings[item.id]
        known = _labels_now(how.scale, lang)
        then = told.get(item.id) or _only(listed, known, [_labels_now(one, lang) for one in scales])
        if not _same(then, known):
            now = {code: meant for code, label in then.items() for meant in _meant(known, code, label)}
            found[item.id] = Relabelled(then, now, languages_of(lang)[0])
    return found


def _labels_now(scale: ResponseScale | None, lang: str) -> Labels:
    """The labels of today's scale in the language of the form; without words where it has none."""
    if scale is None:
        return {}
    offered = [scale.labels.get(code) or scale.missing_codes[code] for code in all_codes(scale)]
    if not all(one in label for label in offered for one in languages_of(lang)):
        return dict.fromkeys(all_codes(scale), "")
    return {code: label_text(scale, code, lang) for code in all_codes(scale)}


def _same(then: Labels, now: Labels) -> bool:
    return then.keys() == now.keys() and all(_alike(label, now[code]) for code, label in then.items())


def _alike(one: str, other: str) -> bool:
    """Whether two labels are the same words, whatever their signs and capitals."""
    if letters(one) and letters(other):
        return letters(one) == letters(other) and _signs(one) == _signs(other)
    return tidy(one) == tidy(other)


def _signs(label: str) -> str:
    """What makes numbers and comparisons differ though their letters are the same."""
    return "".join(char for char in tidy(label) if char in "+-−<>≤≥=")


def _meant(now: Labels, code: int, label: str) -> Iterator[int]:
    """The one code that has these words now; the same code where it has them still."""
    if _alike(label, now.get(code, "")):
        yield code
        return
    codes = [one for one, words in now.items() if _alike(label, words)]
    if len(codes) == 1:
        yield codes[0]


def _codebook(book: Workbook) -> dict[str, Labels]:
    """What the form's codebook sheet says of each item's answers."""
    names = {ui("sheet_codebook", lang) for lang in LANGUAGES}
    found: dict[str, dict[int, str]] = {}
    for name in names & set(book.sheet_members):
        cells = book.sheet(name).cells
        for (row, column), cell in cells.items():
            item = cells.get((row, ITEM))
            if column in VALUES and item is not None:
                values = {int(code): _plain(label) for code, label in VALUE.findall(_plain(cell.raw))}
                found.setdefault(item.raw, {}).update(values)
    return {item: labels for item, labels in found.items() if labels}


def _lists(book: Workbook) -> list[Labels]:
    """The labels behind the drop-downs: a pair of columns a scale, which do not say whose it is."""
    if LISTS_SHEET not in book.sheet_members:
        return []
    by_row: dict[int, list[tuple[int, RawCell]]] = {}
    cells = book.sheet(LISTS_SHEET).cells
    for (row, letter), cell in cells.items():
        if letter not in ("A", "B", "C"):
            by_row.setdefault(row, []).append((_number(letter), cell))
    found: dict[int, dict[int, str]] = {}
    for line in by_row.values():
        there = dict(line)
        for column, code in there.items():
            text = there.get(column + 1)
            label = OPTION.fullmatch(text.raw) if text is not None else None
            if code.kind == "number" and code.number is not None and label is not None:
                found.setdefault(column, {})[int(code.number)] = _plain(label[1])
    return list(found.values())


def _only(listed: list[Labels], now: Labels, scales: list[Labels]) -> Labels:
    """The labels of the list with these codes; none where several could be meant.

    A list with the words of this scale as they are now is taken for it, one with those of another for that.
    """
    fitting = [labels for labels in listed if labels.keys() == now.keys()]
    same = [one for one in fitting if _same(one, now)]
    others = [one for one in fitting if not any(_same(one, scale) for scale in scales)]
    if same or len(others) != 1:
        return same[0] if same else {}
    return others[0]


def _number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def _plain(text: str) -> str:
    return " ".join(text.split())
