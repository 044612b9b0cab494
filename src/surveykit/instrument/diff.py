"""Two versions of an instrument: what changed, and what that does to comparability and scoring.

Comparability of answers given on the two versions:

- "same": they may be pooled;
- "check": they may be, if someone judges that the question still asks the same;
- "broken": they may not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from surveykit.errors import Note, SurveykitError, note
from surveykit.instrument.item_diff import Asked, Change, change_of, compare_items, reworded, tidy
from surveykit.instrument.model import Instrument, Item, Scale, Section, Text
from surveykit.results import Result
from surveykit.wording import told

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("none", "patch", "minor", "major")
SAME, CHECK, BROKEN = ("same", "same"), ("check", "same"), ("broken", "same")


@dataclass(frozen=True)
class InstrumentDiff(Result):
    """What became of an instrument.

    Attributes
    ----------
    old_version, new_version : str
    same_content : bool
        Whether a respondent meets exactly the same (equal content hashes).
    changes : tuple of Change
    item_map : mapping
        Old item id -> new item id, for the items whose answers may be pooled, at least after a check.
    recommended : {"none", "patch", "minor", "major"}
        The part of the version that these changes should raise.
    notes : tuple of Note
        I095 the version was raised by less than that.
    """

    old_version: str
    new_version: str
    same_content: bool
    changes: tuple[Change, ...]
    item_map: Mapping[str, str]
    recommended: str
    notes: tuple[Note, ...] = ()

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row a change: `subject id change before after comparability scoring text`."""
        import pandas as pd

        columns = ["subject", "id", "change", "before", "after", "comparability", "scoring", "text"]
        rows = [[*(getattr(one, name) for name in columns[:-1]), one.note.text(lang)] for one in self.changes]
        return pd.DataFrame(rows, columns=columns)

    def summary(self, lang: str = "en") -> str:
        """The changes in words, one a line, after the two versions."""
        lines = [
            f"{self.old_version} -> {self.new_version} ({told('diff', 'level', self.recommended, lang)})"
        ]
        lines += [
            f"[{told('diff', 'answers', one.comparability, lang)}] {one.note.text(lang)}"
            for one in self.changes
        ]
        return "\n".join([*lines, *(one.full(lang) for one in self.notes)])


def diff(old: Instrument, new: Instrument) -> InstrumentDiff:
    """What changed between two versions of an instrument, item by item.

    An item is followed by its id; a removed and a new item with the same
    source text, type and codes count as one that was renamed.

    Parameters
    ----------
    old, new : Instrument
        With the same id.

    Raises
    ------
    SurveykitError
        I078 they are different instruments.

    Examples
    --------
    >>> inst = read_instrument("instruments/partnership.yaml")
    >>> diff(inst, inst).changes
    ()
    """
    if old.instrument != new.instrument:
        raise SurveykitError("I078", old=old.instrument, new=new.instrument)
    names = _followed(old, new)
    languages = tuple(one for one in new.languages if one in old.languages)
    changes = (
        *_around(old, new, languages),
        *_items(old, new, names, languages),
        *_scales(old, new, names),
    )
    broken = {one.id for one in changes if one.subject == "item" and one.comparability == "broken"}
    recommended = _recommended(changes)
    return InstrumentDiff(
        old_version=old.version,
        new_version=new.version,
        same_content=old.content_hash == new.content_hash,
        changes=changes,
        item_map={before: after for before, after in names.items() if after not in broken},
        recommended=recommended,
        notes=_version_notes(old.version, new.version, recommended),
    )


def _followed(old: Instrument, new: Instrument) -> dict[str, str]:
    """Old id -> new id of the items that are in both versions."""
    before, after = ({item.id: item for item in one.items} for one in (old, new))
    fresh = {_question(item, new): name for name, item in after.items() if name not in before}
    names = {}
    for name, item in before.items():
        followed = name if name in after else fresh.pop(_question(item, old), None)
        if followed is not None:
            names[name] = followed
    return names


def _question(item: Item, instrument: Instrument) -> tuple[str, ...]:
    return (item.type, tidy(item.text[instrument.languages[0]]), Asked(item, instrument, ()).codes())


def _around(old: Instrument, new: Instrument, languages: tuple[str, ...]) -> Iterator[Change]:
    """Languages, cover, and what stands over the sections."""
    here = ("instrument", new.instrument)
    if set(old.languages) != set(new.languages):
        yield change_of("I079", here, "languages", (", ".join(old.languages), ", ".join(new.languages)), SAME)
    for key in ("title", "instructions", "consent"):
        yield from _heading(here, key, (getattr(old, key), getattr(new, key)), languages)
    before: Mapping[str, Section] = {section.id: section for section in old.sections}
    for section in new.sections:
        known, there = before.get(section.id), ("section", section.id)
        if known is None:
            continue
        for key in ("title", "instructions"):
            yield from _heading(there, key, (getattr(known, key), getattr(section, key)), languages)
        if known.randomize != section.randomize:
            texts = str(known.randomize).lower(), str(section.randomize).lower()
            yield change_of("I099", there, "order", texts, CHECK)


def _heading(
    subject: tuple[str, str], part: str, texts: tuple[Text | None, Text | None], languages: tuple[str, ...]
) -> Iterator[Change]:
    before, after = (dict.fromkeys(languages, "") | dict(text or {}) for text in texts)
    found = reworded(before, after, languages)
    if found:
        pair = before[found[0]], after[found[0]]
        yield change_of("I098", subject, "wording", pair, CHECK, part=part, languages=", ".join(found))


def _items(
    old: Instrument, new: Instrument, names: Mapping[str, str], languages: tuple[str, ...]
) -> Iterator[Change]:
    for item in old.items:
        if item.id not in names:
            yield change_of("I081", ("item", item.id), "removed", (item.text[old.languages[0]], ""), BROKEN)
    moved = _moved(old, new, names)
    origin = {after: before for before, after in names.items()}
    for item in new.items:
        subject = ("item", item.id)
        if item.id not in origin:
            yield change_of("I080", subject, "new", ("", item.text[new.languages[0]]), BROKEN)
            continue
        if origin[item.id] != item.id:
            yield change_of("I082", subject, "renamed", (origin[item.id], item.id), SAME)
        if item.id in moved:
            yield change_of("I083", subject, "moved", moved[item.id], CHECK)
        before = Asked(old.item(origin[item.id]), old, languages)
        yield from compare_items(before, Asked(item, new, languages))


def _moved(old: Instrument, new: Instrument, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Items that left the others of their section, or changed their order among items of both versions."""
    was = [names[item.id] for item in old.items if item.id in names]
    kept = set(was)
    now = [item.id for item in new.items if item.id in kept]
    blocks = SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks()
    stayed = {now[block.b + offset] for block in blocks for offset in range(block.size)}
    before = {names.get(name, name): place for name, place in _places(old).items()}
    after = _places(new)
    went: dict[str, Counter[str]] = {}
    for name in now:
        went.setdefault(before[name][0], Counter())[after[name][0]] += 1
    return {
        name: (" ".join(before[name]), " ".join(after[name]))
        for name in now
        if name not in stayed or after[name][0] != went[before[name][0]].most_common(1)[0][0]
    }


def _places(instrument: Instrument) -> dict[str, tuple[str, str]]:
    """Section and position (counted from 1) of each item."""
    return {
        item.id: (section.id, str(position))
        for section in instrument.sections
        for position, item in enumerate(section.items, 1)
    }


def _scales(old: Instrument, new: Instrument, names: Mapping[str, str]) -> Iterator[Change]:
    for name, scale in old.scales.items():
        if name not in new.scales:
            yield change_of("I097", ("scale", name), "removed", (", ".join(scale.items), ""), BROKEN)
    for name, scale in new.scales.items():
        before, subject = old.scales.get(name), ("scale", name)
        if before is None:
            yield change_of("I096", subject, "new", ("", ", ".join(scale.items)), BROKEN)
            continue
        if {names.get(item, item) for item in before.items} != set(scale.items):
            lists = ", ".join(before.items), ", ".join(scale.items)
            yield change_of("I094", subject, "items", lists, ("check", "changed"))
        if _rule(before) != _rule(scale):
            yield change_of("I094", subject, "score", (_rule(before), _rule(scale)), ("same", "changed"))


def _rule(scale: Scale) -> str:
    return f"{scale.score}, {scale.min_valid:g}"


def _recommended(changes: tuple[Change, ...]) -> str:
    """Semantic versioning: major where old answers cannot be used or scored as before."""
    if any(
        one.scoring == "changed" or (one.comparability == "broken" and one.change != "new") for one in changes
    ):
        return "major"
    if any(one.comparability != "same" for one in changes):
        return "minor"
    return "patch" if changes else "none"


def _version_notes(old: str, new: str, recommended: str) -> tuple[Note, ...]:
    before, after = _numbers(old), _numbers(new)
    raised = next((LEVELS[3 - at] for at in range(3) if after[at] != before[at]), "none")
    if after >= before and LEVELS.index(raised) >= LEVELS.index(recommended):
        return ()
    return (note("I095", old=old, new=new, least=_raised(before, recommended)),)


def _numbers(version: str) -> tuple[int, int, int]:
    numbers = [int(one) for one in re.findall(r"\d+", version.split("-")[0])]
    major, minor, patch = [*numbers, 0, 0][:3]
    return major, minor, patch


def _raised(version: tuple[int, int, int], level: str) -> str:
    major, minor, patch = version
    raised = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
        "none": version,
    }
    return ".".join(str(number) for number in raised[level])
