"""From what stands in a cell to a value: gently, and never by guessing.

Every value carries the rule by which it was read. What could mean two things
is a finding, not a value: a date in a rating item, a formula, an error, a
number outside the scale.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from surveykit.errors import Note, Place, note
from surveykit.form.layout import all_codes, label_text, option_text
from surveykit.form.texts import BESIDE
from surveykit.instrument.model import Instrument, Item, ResponseScale
from surveykit.responses.book import RawCell
from surveykit.responses.dates import date_of_serial, date_of_text

Value = int | float | str | tuple[int, ...] | None
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
NOT_LETTERS = re.compile(r"[\W_]+")
INTEGER = re.compile(r"[+-]?\d{1,9}(?:\.0*)?", re.ASCII)
DASHES = r"\-\u2010-\u2015\u2212\u30fc"
CODE_AND_LABEL = re.compile(rf"([+-]?\d{{1,9}})[\s{DASHES}.:,;=)\]、。]*(\D.*)", re.ASCII | re.DOTALL)
COUNTERS = frozenset("点 番 점 번".split())  # noqa: SIM905 (a word list)
# Blanks that part groups of three digits and nothing else; an ordinary blank may part two numbers.
GROUP_BLANK = re.compile("(?<=\\d)[\u00a0\u2007\u2009\u202f](?=\\d{3}(?!\\d))")
MINUS = "\u2212"
DECIMAL = re.compile(r"[+-]?(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3}){1,4})(?:\.\d{1,15})?", re.ASCII)
# One mark with three digits behind it parts thousands in some countries and a fraction in others.
TWO_READINGS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
MARKS = frozenset("✓ ✔ ☑ ✅ x v ○ 〇 ◯ ● ◎ レ 1 true yes はい 예 네".split())  # noqa: SIM905
NO_MARKS = frozenset("0 false no - – いいえ 아니요 아니오 ☐ □".split())  # noqa: SIM905
SHOWN = 60


@dataclass(frozen=True)
class Parsed:
    """A value and the rule it was read by; where there is none, the finding that says why."""

    value: Value
    rule: str
    finding: Note | None = None


BLANK = Parsed(None, "blank")


def tidy(text: str) -> str:
    """A text as it is compared: full width made half, invisible characters and outer blanks gone."""
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def letters(text: str) -> str:
    """A label as it is compared: letters and digits only, whatever the case."""
    return NOT_LETTERS.sub("", tidy(text).casefold())


def plain(cell: RawCell) -> str:
    """What a person sees in a cell, or had typed."""
    if cell.kind == "boolean":
        return "TRUE" if cell.raw in ("1", "true") else "FALSE"
    if cell.number is None:
        return cell.raw
    day = date_of_serial(cell.number) if cell.kind == "date" else None
    return f"{cell.number:.15g}" if day is None else day.isoformat()


def shown(raw: str) -> str:
    """What stands in a cell as a finding quotes it."""
    line = " ".join(raw.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def seen(cell: RawCell) -> str:
    """What stands in a cell, as a finding quotes it."""
    return shown(plain(cell))


@dataclass(frozen=True)
class Reading:
    """How the cells of one item are read. `texts`: further wordings of its answers, by code."""

    item: Item
    scale: ResponseScale | None

    @cached_property
    def codes(self) -> frozenset[int]:
        """Every code that may be answered."""
        return frozenset(all_codes(self.scale)) if self.scale is not None else frozenset()

    @cached_property
    def missing(self) -> frozenset[int]:
        """The codes that may be answered but count as missing."""
        own = frozenset(self.item.missing_codes)
        return own | frozenset(self.scale.missing_codes) if self.scale is not None else own

    @cached_property
    def labels(self) -> Mapping[str, frozenset[int]]:
        """The codes that a label stands for, in any of the instrument's languages or any two of them."""
        return _by_text(self.scale, label_text, letters)

    @cached_property
    def options(self) -> Mapping[str, frozenset[int]]:
        """The codes of what a drop-down shows, in any of the instrument's languages."""
        return _by_text(self.scale, option_text, lambda text: tidy(text).casefold())

    @property
    def allowed(self) -> str:
        """The codes as a finding lists them."""
        return ", ".join(str(code) for code in sorted(self.codes))

    def parse(self, cell: RawCell | None) -> Parsed:
        """Read the item's cell; cells of several-choice items are read by `parse_mark`."""
        if cell is None or (cell.kind == "text" and not tidy(cell.raw)):
            return BLANK
        if cell.kind == "formula":
            return self._refuse("formula", note("R043", self.place(cell), item=self.item.id, raw=seen(cell)))
        if cell.kind == "error":
            return self._refuse("error", note("R044", self.place(cell), item=self.item.id, raw=seen(cell)))
        if self.item.type == "date":
            return self._date(cell)
        if cell.kind == "date":
            return self._refuse("date", note("R042", self.place(cell), item=self.item.id, raw=seen(cell)))
        if self.scale is not None:
            return self._code(cell)
        return self._number(cell) if self.item.type == "number" else self._text(cell)

    def parse_mark(self, cell: RawCell | None, option: int) -> Parsed:
        """Read the cell of one option: value 1 chosen, 0 not."""
        if cell is None or (cell.kind == "text" and not tidy(cell.raw)):
            return Parsed(0, "blank")
        if cell.kind == "boolean":
            return Parsed(int(cell.raw in ("1", "true")), "mark")
        text = tidy(cell.raw).casefold()
        if cell.kind in ("text", "number"):
            if (text in MARKS or text == str(option)) and text not in NO_MARKS:
                return Parsed(1, "mark")
            if text in NO_MARKS and text != str(option):
                return Parsed(0, "mark")
            if option in self.labels.get(letters(cell.raw), ()):
                return Parsed(1, "label")
        finding = note("R056", self.place(cell), item=self.item.id, option=option, raw=seen(cell))
        return Parsed(None, "unclear", finding)

    def place(self, cell: RawCell) -> Place:
        """Where the cell stands in its workbook, or in its table, which has no sheets."""
        return Place(sheet=cell.sheet or None, cell=cell.address)

    def _refuse(self, rule: str, finding: Note) -> Parsed:
        return Parsed(None, rule, finding)

    def _not_an_answer(self, cell: RawCell) -> Parsed:
        finding = note("R040", self.place(cell), item=self.item.id, raw=seen(cell), allowed=self.allowed)
        return Parsed(None, "not_an_answer", finding)

    def _code(self, cell: RawCell) -> Parsed:
        if cell.kind == "number" and cell.number is not None:
            if not cell.number.is_integer():
                return self._not_an_answer(cell)
            return self._checked(cell, int(cell.number), "number")
        if cell.kind != "text":
            return self._not_an_answer(cell)
        text = tidy(cell.raw)
        if INTEGER.fullmatch(text):
            rule = "digits" if text == cell.raw.strip() else "full_width"
            return self._checked(cell, int(float(text)), rule)
        for rule, codes in (
            ("option", self.options.get(text.casefold())),
            ("label", self.labels.get(letters(cell.raw))),
        ):
            if codes is not None:
                return self._one_of(cell, codes, rule)
        return self._code_and_label(cell, text)

    def _checked(self, cell: RawCell, code: int, rule: str) -> Parsed:
        """A bare number: a code of the scale, and no other code's label."""
        meant = self.labels.get(letters(str(code)), frozenset((code,)))
        if meant != {code}:
            return self._one_of(cell, meant | {code}, rule)
        if code not in self.codes:
            finding = note("R041", self.place(cell), item=self.item.id, value=code, allowed=self.allowed)
            return Parsed(None, "out_of_range", finding)
        return Parsed(code, rule)

    def _one_of(self, cell: RawCell, codes: Iterable[int], rule: str) -> Parsed:
        several = sorted(codes)
        if len(several) == 1:
            return Parsed(several[0], rule)
        listed = ", ".join(str(code) for code in several)
        finding = note("R049", self.place(cell), item=self.item.id, raw=seen(cell), codes=listed)
        return Parsed(None, "ambiguous", finding)

    def _code_and_label(self, cell: RawCell, text: str) -> Parsed:
        match = CODE_AND_LABEL.fullmatch(text)
        if match is None:
            return self._not_an_answer(cell)
        code, label = int(match[1]), match[2].strip()
        meant = self.labels.get(letters(label))
        if label in COUNTERS:
            return self._checked(cell, code, "code_and_label")
        if meant is None:
            return self._not_an_answer(cell)
        if code in meant:
            return Parsed(code, "code_and_label")
        listed = ", ".join(str(one) for one in sorted(meant))
        finding = note("R048", self.place(cell), item=self.item.id, raw=seen(cell), value=code, codes=listed)
        return Parsed(None, "contradiction", finding)

    def _number(self, cell: RawCell) -> Parsed:
        value, rule, doubt = cell.number, "number", None
        if cell.kind == "text":
            text = tidy(GROUP_BLANK.sub(",", cell.raw)).replace(MINUS, "-")
            for unit in (self.item.unit or {}).values():
                text = text.removesuffix(tidy(unit)).rstrip()
            if TWO_READINGS.fullmatch(text) and GROUP_BLANK.search(cell.raw) is None:
                value, doubt = self._of_two_readings(cell, text)
                if value is None:
                    return Parsed(None, "ambiguous", doubt)
            elif DECIMAL.fullmatch(text):
                value = float(text.replace(",", ""))
            rule = "digits" if text == cell.raw.strip() else "full_width_or_unit"
        if value is None:
            finding = note("R051", self.place(cell), item=self.item.id, raw=seen(cell))
            return Parsed(None, "not_a_number", finding)
        if value in self.missing:  # a code such as 999, whatever the limits
            return Parsed(int(value), rule, doubt)
        if not self._may_be(value):
            finding = note("R050", self.place(cell), item=self.item.id, value=f"{value:.15g}", **self._limits)
            return Parsed(None, "out_of_range", finding)
        return Parsed(int(value) if value.is_integer() and abs(value) < 1e15 else value, rule, doubt)

    def _of_two_readings(self, cell: RawCell, text: str) -> tuple[float | None, Note]:
        """What a mark with three digits behind it means, and what is told of it.

        Where one reading alone may be answered, it is that one; else a comma parts thousands and a dot means
        nothing certain. A comma is never read as the mark before a fraction, as in ``1,5``: no language here
        writes so, and a number beyond the limits would become one within.
        """
        dotted = "." in text
        thousand, fraction = text.replace(",", "").replace(".", ""), text.replace(",", ".")
        fits = self._may_be(float(thousand)), self._may_be(float(fraction))
        facts = {"item": self.item.id, "raw": seen(cell)}
        if fits == (True, False) or (dotted and fits == (False, True)):
            value, other = (thousand, fraction) if fits[0] else (fraction, thousand)
            facts |= {"value": f"{float(value):.15g}", "other": other, **self._limits}
            return float(value), note("R101", self.place(cell), **facts)
        if dotted or fits == (False, True):
            facts |= {"thousand": thousand, "fraction": fraction, **self._limits}
            return None, note("R100", self.place(cell), **facts)
        facts |= {"value": f"{float(thousand):.15g}", "fraction": fraction}
        return float(thousand), note("R101", self.place(cell), **facts)

    def _may_be(self, value: float) -> bool:
        """Whether a number may be answered: a missing code, or one within the limits."""
        low, high = self.item.minimum, self.item.maximum
        return value in self.missing or ((low is None or value >= low) and (high is None or value <= high))

    @cached_property
    def _limits(self) -> Mapping[str, str]:
        """The limits as a finding tells them; nothing where there are none."""
        low, high = self.item.minimum, self.item.maximum
        if low is None and high is None:
            return {}
        return {"minimum": _bound(low, "−∞"), "maximum": _bound(high, "∞")}

    def _date(self, cell: RawCell) -> Parsed:
        if cell.kind == "date" and cell.number is not None:
            day, rule = date_of_serial(cell.number), "date"
        elif cell.kind == "boolean":
            day, rule = None, ""
        else:
            day, rule = date_of_text(tidy(cell.raw)), "date_text"
        if day is None:
            finding = note("R052", self.place(cell), item=self.item.id, raw=seen(cell))
            return Parsed(None, "not_a_date", finding)
        return Parsed(day.isoformat(), rule)

    def _text(self, cell: RawCell) -> Parsed:
        text = cell.raw
        if cell.kind == "number" and cell.number is not None:
            text = f"{cell.number:.15g}"
        elif cell.kind == "boolean":
            text = "TRUE" if cell.raw in ("1", "true") else "FALSE"
        limit = self.item.max_length
        if limit is not None and len(text) > limit:
            finding = note("R053", self.place(cell), item=self.item.id, length=len(text), limit=limit)
            return Parsed(text, "text", finding)
        return Parsed(text, "text")


def reading(inst: Instrument, item: Item) -> Reading:
    """How an item of an instrument is read."""
    return Reading(item, inst.response_scale_of(item))


def _form_languages(label: Mapping[str, str]) -> Iterator[str]:
    """The languages in which a form can show a label: each, and any two side by side (``ja+en``)."""
    yield from label
    yield from ("+".join(pair) for pair in permutations(label, BESIDE))


def _by_text(scale: ResponseScale | None, text_of: object, key: object) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    if scale is not None:
        for code in all_codes(scale):
            for lang in _form_languages(scale.labels.get(code) or scale.missing_codes[code]):
                found.setdefault(key(text_of(scale, code, lang)), set()).add(code)  # type: ignore[operator]
    return {text: frozenset(codes) for text, codes in found.items() if text}


def _bound(value: float | None, none: str) -> str:
    return none if value is None else f"{value:.15g}"
