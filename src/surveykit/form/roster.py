"""The sampling frame: who gets a form, in which language, and of which groups.

Names and addresses never leave the frame: only the pseudonymous id, the
language and the group columns enter a form.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, SurveykitWarning, note
from surveykit.form.encodings import NAMES, decode, delimiter
from surveykit.form.texts import is_form_language
from surveykit.instrument.model import Instrument

if TYPE_CHECKING:
    import pandas as pd

ID_COLUMNS = ("respondent", "respondent_id", "id")
LANGUAGE_COLUMNS = ("language", "lang", "言語", "언어")
# Columns of every table of responses; no item and no group may be called the same.
RESERVED = ("respondent", "language", "form_version", "content_hash")
# How the ids of made-up respondents begin, so that they are known for what they are wherever they turn up.
SIMULATED = "SIM-"
ID_LIMIT = 60
ID_FORBIDDEN = re.compile(r'[\\/:*?"<>|@\x00-\x1f\x7f]')
# Letters of any writing but A-Z, or two words.
LIKE_A_NAME = re.compile(r"(?![A-Za-z])[^\W\d_]|[A-Za-z]{2,}\s+[A-Za-z]{2,}")
PERSONAL = re.compile(
    r"(^|[\W_])(e-?mail|mail|phone|tel|telephone|mobile|fax|address|((first|last|family|given|full|sur)[\W_]?)?name|"
    r"contact|person)([\W_]|$)|氏名|名前|姓名|電話|携帯|住所|メール|担当者|이름|성명|성함|전화|휴대|주소|메일|담당자",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
SHOWN = 5


@dataclass(frozen=True)
class Respondent:
    """One row of the frame."""

    id: str
    language: str
    groups: Mapping[str, str]


def read_roster(
    source: pd.DataFrame | str | Path, inst: Instrument, default_language: str
) -> tuple[Respondent, ...]:
    """The respondents of a sampling frame.

    Parameters
    ----------
    source : DataFrame, or path of a CSV file (UTF-8, UTF-16, cp932 or cp949)
        A column `respondent` (or `respondent_id`, `id`) with a pseudonymous id, unique; `language`
        (or `lang`, 言語, 언어) where not all get the same; further columns are groups, such as country.
    inst : Instrument
    default_language : str
        Where the frame has no language column, or a row leaves it empty.

    Raises
    ------
    SurveykitError
        F010 no column of ids; F011 an id is empty or stands twice; F012 an id that cannot be used;
        F013 a language the instrument does not have; F015 a column with the name of an item or of a
        column of the responses; F016 the file is missing, not a table or empty; E070, E071 its encoding
        cannot be told.

    Warns
    -----
    SurveykitWarning
        F014 columns that look like names or addresses are left out of the forms; F024 ids that may be
        names; E072 the file was read as cp932 or cp949.
    """
    columns, file = _columns(source)
    ids = _take(columns, ID_COLUMNS)
    if ids is None:
        raise SurveykitError("F010", place=file, columns=", ".join(columns) or "–")
    languages = _take(columns, LANGUAGE_COLUMNS)
    spoken = [(one or default_language).lower() for one in languages or [""] * len(ids)]
    _check_ids(ids, file)
    problems = [
        note("F013", file, respondent=who, value=lang, allowed=", ".join(inst.languages))
        for who, lang in zip(ids, spoken, strict=True)
        if not is_form_language(lang, inst.languages)
    ]
    if problems:
        raise SurveykitProblems(tuple(problems[:SHOWN]))
    odd = [one for one in ids if LIKE_A_NAME.search(one)]
    if odd:
        shown = ", ".join(odd[:SHOWN]) + (" …" if len(odd) > SHOWN else "")
        warnings.warn(str(note("F024", file, count=len(odd), ids=shown)), SurveykitWarning, stacklevel=3)
    groups = _groups(columns, inst, file)
    return tuple(
        Respondent(who, lang, {name: values[row] for name, values in groups.items()})
        for row, (who, lang) in enumerate(zip(ids, spoken, strict=True))
    )


def group_values(source: str | Path, inst: Instrument) -> dict[str, list[str]]:
    """The columns of a sampling frame that come back with the answers, such as country, with their values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)  # said by `read_roster`
        people = read_roster(source, inst, inst.languages[0])
    return {name: [one.groups[name] for one in people] for name in people[0].groups}


def column_names(source: str | Path) -> tuple[str, ...]:
    """All columns of a sampling frame, as they are called there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)  # said by `read_roster`
        return tuple(_columns(source)[0])


def language_note(source: str | Path, inst: Instrument, asked_for: str | None) -> Note | None:
    """Where the language of the forms is not the one that whoever asked for them may think it is.

    F022 the frame has no language column and none was `asked_for`; F023 its
    column goes before the language that was.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)  # said by `read_roster`
        columns, file = _columns(source)
    languages = _take(columns, LANGUAGE_COLUMNS)
    if languages is None:
        if asked_for is not None or len(inst.languages) == 1:
            return None
        return note("F022", file, columns=", ".join(LANGUAGE_COLUMNS), language=inst.languages[0])
    others = [one.lower() for one in languages if one and one.lower() != asked_for]
    if asked_for is None or not others:
        return None
    facts = {"count": len(others), "languages": ", ".join(sorted(set(others)))}
    return note("F023", file, asked=asked_for, **facts)


def _columns(source: pd.DataFrame | str | Path) -> tuple[dict[str, list[str]], Place]:
    """The frame as texts by column, blanks trimmed."""
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        frame, file = source, Place()
    else:
        file = Place(file=str(source))
        try:
            decoded = decode(Path(source).read_bytes(), file)
            frame = pd.read_csv(
                io.StringIO(decoded.text), dtype=str, keep_default_na=False, sep=delimiter(decoded.text)
            )
        except (OSError, ValueError) as problem:  # pandas' parser errors are ValueErrors
            raise unusable(Path(source), problem) from None
        if decoded.detected:
            told = note("E072", file, file=Path(source).name, encoding=NAMES.get(decoded.encoding, "UTF-16"))
            warnings.warn(str(told), SurveykitWarning, stacklevel=5)
    if frame.empty:
        raise unusable(Path(file.file or "DataFrame"))
    texts = {str(name).strip(): [_text(value) for value in frame[name]] for name in frame.columns}
    return texts, file


def unusable(path: Path, problem: Exception | None = None) -> SurveykitError:
    """F016 with what is wrong with the list; no problem: it has no rows."""
    if isinstance(problem, FileNotFoundError):
        why = "missing"
    elif isinstance(problem, OSError):
        why = "closed"
    else:
        # The parser says so of a file without a line.
        why = "empty" if problem is None or "No columns" in str(problem) else "broken"
    return SurveykitError("F016", place=Place(file=str(path)), **{why: path.name})


def _text(value: object) -> str:
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _take(columns: dict[str, list[str]], names: tuple[str, ...]) -> list[str] | None:
    """Take the first column of these names out of the frame."""
    by_lower = {name.lower(): name for name in columns}
    for name in names:
        if name in by_lower:
            return columns.pop(by_lower[name])
    return None


def _check_ids(ids: list[str], file: Place) -> None:
    problems: list[Note] = []
    seen = Counter(unicodedata.normalize("NFC", one).casefold() for one in ids)
    for row, one in enumerate(ids, 2):
        key = unicodedata.normalize("NFC", one).casefold()
        if not one or seen[key] > 1:
            problems.append(note("F011", file, row=row, respondent=one or "–", count=seen[key]))
        elif len(one) > ID_LIMIT or ID_FORBIDDEN.search(one) or one.endswith("."):
            problems.append(note("F012", file, row=row, respondent=one[: ID_LIMIT + 20], limit=ID_LIMIT))
    if problems:
        raise SurveykitProblems(tuple(problems[:SHOWN]))


def _groups(columns: dict[str, list[str]], inst: Instrument, file: Place) -> dict[str, list[str]]:
    """The group columns: what is left, without what names a person."""
    personal = [
        name
        for name, values in columns.items()
        if PERSONAL.search(name) or any(EMAIL.search(value) for value in values)
    ]
    if personal:
        warnings.warn(str(note("F014", file, columns=", ".join(personal))), SurveykitWarning, stacklevel=4)
    groups = {name: values for name, values in columns.items() if name not in personal and name}
    taken = [name for name in groups if name in RESERVED or any(item.id == name for item in inst.items)]
    if taken:
        raise SurveykitError("F015", place=file, columns=", ".join(taken), instrument=inst.instrument)
    return groups
