"""Printed numbers held against one another, without any data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from surveykit.archive.claims import read_claims
from surveykit.archive.held import Given, Held
from surveykit.archive.printed import is_printed, read_printed
from surveykit.archive.rules import RULES
from surveykit.archive.schema import CheckSpec, ClaimsSpec
from surveykit.archive.verdict import coded, counted
from surveykit.errors import Note, SurveykitError, note
from surveykit.results import Result
from surveykit.wording import told, wording


@dataclass(frozen=True)
class ConsistencyResult(Result):
    """What each check found.

    `frame` has a row per check: `id where check status stated implied_lower
    implied_upper decision_changes assumed`. `status` is "consistent",
    "inconsistent", "undecided" (this check cannot fail on such numbers: too many
    answers for the decimals printed) or "not checked" (with the reason in
    `assumed`). `notes` tell the values of checks that are not the numbers they copy (A067).
    """

    claims: str
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def consistent(self) -> bool:
        """Whether nothing contradicts anything, and every copy of a number is that number."""
        return not self.notes and not bool((self.frame["status"] == "inconsistent").any())

    def summary(self, lang: str = "en") -> str:
        """A line a check, the contradictions first."""
        order = self.frame.assign(first=self.frame["status"] != "inconsistent").sort_values(
            "first", kind="stable"
        )
        lines = []
        for row in order.to_dict("records"):
            decision = wording("archive", "flag_decision", lang) if row["decision_changes"] else ""
            implied = f"[{row['implied_lower']:.4g}, {row['implied_upper']:.4g}]"
            facts = {
                "id": row["id"],
                "where": row["where"],
                "stated": row["stated"] or "–",
                "implied": implied,
            }
            status = told("archive", "status", row["status"], lang)
            line = wording("archive", "line_check", lang, status=status, **facts)
            lines.append(f"{line}{decision}\n{'':<14}{row['assumed']}")
        lines.append(counted(self.frame["status"], lang) or wording("archive", "no_checks", lang))
        return "\n".join([*(coded(one, lang) for one in self.notes), *lines])


def check_consistency(claims: str | Path, lang: str = "en") -> ConsistencyResult:
    """Run the data-free checks of a claims file.

    Parameters
    ----------
    claims : path of a claims.yaml
    lang : {"en", "ja", "ko"}, default "en"
        Language of `assumed`.

    Returns
    -------
    ConsistencyResult

    Raises
    ------
    SurveykitError
        What `read_claims` refuses. A check that cannot be done does not stop the others.

    References
    ----------
    Nuijten et al. (2016), doi:10.3758/s13428-015-0664-2 (statcheck).
    Brown & Heathers (2017), doi:10.1177/1948550616673876 (GRIM).

    Examples
    --------
    >>> check_consistency("analyses/smith_sivo_2012/claims.yaml").consistent     # doctest: +SKIP
    True
    """
    spec = read_claims(claims)
    checks, differing = _with_numbers(spec)
    rows = [_row(one, lang) for one in checks]
    columns = [
        "id",
        "where",
        "check",
        "status",
        "stated",
        "implied_lower",
        "implied_upper",
        "decision_changes",
        "assumed",
    ]
    return ConsistencyResult(spec.claims, pd.DataFrame(rows, columns=columns), tuple(differing))


def _with_numbers(spec: ClaimsSpec) -> tuple[list[CheckSpec], list[Note]]:
    """The checks with the numbers they name in place; a copy that is not its number is told (A067).

    A value is a copy of the number that the check names for it, or of the one with
    the value's name as id at the same place in the paper.
    """
    numbers = {one.id: one for one in spec.numbers}
    checks, differing = [], []
    for check in spec.checks:
        named = {value: numbers[number] for value, number in check.numbers.items()}
        beside = {value: numbers[value] for value in check.values if value in numbers}
        copies = {value: one for value, one in beside.items() if one.where == check.where} | named
        for value, number in copies.items():
            copy = check.values.get(value)
            if copy is not None and not _same(copy, number.printed):
                differing.append(
                    note("A067", check=check.id, value=value, copy=copy, id=number.id, printed=number.printed)
                )
        values = check.values | {value: number.printed for value, number in named.items()}
        checks.append(check.model_copy(update={"values": values}))
    return checks, differing


def _same(copy: str, printed: str) -> bool:
    """Whether two texts print one number, with as many decimals: .50 and 0.50."""
    if not (is_printed(copy) and is_printed(printed)):
        return copy.strip() == printed.strip()
    one, other = read_printed(copy), read_printed(printed)
    return (one.sign, one.value, one.decimals) == (other.sign, other.value, other.decimals)


def _row(check: CheckSpec, lang: str) -> dict[str, object]:
    start = {"id": check.id, "where": check.where, "check": check.check}
    try:
        held = _held(check)
    except SurveykitError as error:
        nothing = {"stated": "", "implied_lower": float("nan"), "implied_upper": float("nan")}
        return (
            start
            | nothing
            | {"status": "not checked", "decision_changes": False, "assumed": coded(error.note, lang)}
        )
    return start | {
        "status": _status(held),
        "stated": held.stated,
        "implied_lower": held.implied.lower,
        "implied_upper": held.implied.upper,
        "decision_changes": held.decision_changes,
        "assumed": " ".join(_in_words(one, lang) for one in held.assumed),
    }


def _in_words(assumed: Note, lang: str) -> str:
    """An assumption, with the name of a level of invariance in the reader's language."""
    level = assumed.fields.get("level")
    if level is None:
        return assumed.text(lang)
    return Note(assumed.code, {**assumed.fields, "level": told("report", "level", level, lang)}).text(lang)


def _held(check: CheckSpec) -> Held:
    """The check, done; refused (A047) where the printed numbers allow no such computation."""
    try:
        held = RULES[check.check](Given(check))
    except (ArithmeticError, ValueError) as error:
        raise SurveykitError("A047", check=check.check) from error
    if math.isnan(held.implied.lower):
        raise SurveykitError("A047", check=check.check)
    return held


def _status(held: Held) -> str:
    if not held.consistent:
        return "inconsistent"
    return "consistent" if held.decides else "undecided"
