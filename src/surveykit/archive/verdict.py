"""Published numbers held against recomputed ones: a row a number, and one verdict in the AEA's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from surveykit.archive.printed import Interval, Printed, read_printed
from surveykit.archive.result_path import value_at
from surveykit.archive.schema import ClaimSpec, ClaimsSpec
from surveykit.archive.slips import likely_slip
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number
from surveykit.results import Result
from surveykit.wording import told, wording

SIGNIFICANT = 0.05
# One more unit in the last printed digit: a slip of rounding, not of substance.
LAST_DIGIT = 1.0
# How a number is judged; a tolerance is followed by its reason.
ROUNDS, SAME_WORD, WITHIN = "rounds to what is printed", "same word", "within "
# What a claim expects, by status. A number that was not computed is never as expected.
MEANT = {
    "reproduced": "reproduced",
    "within tolerance": "reproduced",
    "last digit": "reproduced",
    "other convention": "other_convention",
    "not reproduced": "not_reproduced",
}
COLUMNS = [
    "id", "where", "kind", "printed", "recomputed", "difference", "decimals", "rule", "status",
    "decision_changes", "expected", "as_expected", "computed_from", "remark", "convention", "by_convention",
    "factor",
]  # fmt: skip
# The note of an archive without claims.
UNCLAIMED = "A063"
OUTCOMES = (
    "full reproduction",
    "full reproduction with minor issues",
    "partial reproduction",
    "not reproduced",
)


@dataclass(frozen=True)
class Verdict(Result):
    """The answer to a reviewer.

    `outcome`: "full reproduction", "full reproduction with minor issues", "partial
    reproduction" or "not reproduced" (the words of the AEA data editor), or "could
    not be run" with `run` telling why. `run` is what the machine did: "ran_ok",
    "errored", "timed_out", "skipped_missing_inputs", "dependency_unavailable"; it
    never counts as irreproducible. Without claims `reasons` begins with "no_claims", and `outcome` is
    about the archived results alone; `summary` and certificate then say so in its place.
    `frame` has a row per published number; `status` is
    "reproduced", "within tolerance" (of the claim's own tolerance, not of what is printed), "last digit"
    (of a number with decimals, its sign kept), "other convention" (not the textbook's value, but the one that
    the paper's stated convention gives: `by_convention`, with `factor` = printed / recomputed),
    "not reproduced" or "not computed". `drifted` counts the archived results that the rerun
    does not give (at most 50 are told, in `notes`); `changed` names the files of an archive that
    are not those it was made of, and the records that it lacks ("record_missing" in `reasons`: nobody can
    then see whether its claims, answers or plan were changed, so the outcome is at best "with minor issues").
    `sha256` is the digest of the archive ("" of a folder), `sha256_given` whether it was held against one
    from elsewhere. Without that a consistent rewriting of data, records and manifests cannot be seen.
    """

    outcome: str
    run: str
    reasons: tuple[str, ...]
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()
    drifted: int = 0
    changed: tuple[str, ...] = ()
    sha256: str = ""
    sha256_given: bool = False

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def as_expected(self) -> bool:
        """Whether every number came out as its claim expects (a known slip of the paper included)."""
        untouched = self.drifted == 0 and not self.changed
        return self.run == "ran_ok" and untouched and bool(self.frame["as_expected"].all())

    def summary(self, lang: str = "en") -> str:
        """The verdict, the counts, and every number that is not simply reproduced."""
        outcome, run = headline(self, lang), told("archive", "run", self.run, lang)
        lines = [wording("archive", "line_verdict", lang, outcome=outcome, run=run)]
        if len(self.frame):
            lines.append(counted(self.frame["status"], lang))
        for row in self.frame[self.frame["status"] != "reproduced"].to_dict("records"):
            expected = "" if row["as_expected"] else wording("archive", "flag_unexpected", lang)
            decision = wording("archive", "flag_decision", lang) if row["decision_changes"] else ""
            facts = {name: row[name] for name in ("id", "where", "printed")} | {
                "recomputed": row["recomputed"] if isinstance(row["recomputed"], str) else "–",
                "status": told("archive", "status", row["status"], lang),
            }
            line = wording("archive", "line_number", lang, **facts)
            lines.append(f"{line}{_factor(row)}{decision}{expected}  {row['remark']}".rstrip())
        lines += [coded(one, lang) for one in self.notes]
        reasons = (told("archive", "reason", told("archive", "run", one, lang), lang) for one in self.reasons)
        lines += [wording("archive", "line_reason", lang, reason=one) for one in reasons]
        return "\n".join([*lines, *seal(self, lang)])


def headline(verdict: Verdict, lang: str) -> str:
    """The outcome in words; without claims no reproduction is claimed, only what the archived results did."""
    if not any(one.code == UNCLAIMED for one in verdict.notes):
        return told("archive", "outcome", verdict.outcome, lang)
    key = "same" if verdict.outcome in OUTCOMES[:2] else "differ"
    return wording("archive", f"outcome_unclaimed_{key}", lang)


def coded(one: Note, lang: str) -> str:
    """A note on one line: its code and what it says."""
    return f"[{one.code}] {one.text(lang)}"


def seal(verdict: Verdict, lang: str) -> list[str]:
    """Which file the verdict is about, and what it cannot say of it; nothing for a folder."""
    if not verdict.sha256:
        return []
    key = "seal_given" if verdict.sha256_given else "seal_open"
    return [wording("archive", key, lang, digest=verdict.sha256)]


def counted(status: pd.Series[str], lang: str) -> str:
    """How many there are of each status, the most frequent first."""
    return ", ".join(
        wording("archive", "line_count", lang, count=count, status=told("archive", "status", str(name), lang))
        for name, count in status.value_counts().items()
    )


def judge(
    claims: ClaimsSpec, results: Any, run: str = "ran_ok", notes: Iterable[Note] = (), lang: str = "en"
) -> Verdict:
    """Compare every claim with the results of a run (the content of results.json); remarks in `lang`."""
    frame = pd.DataFrame([_row(claim, results, lang) for claim in claims.numbers], columns=COLUMNS)
    outcome, reasons = _outcome(frame)
    return Verdict(outcome, run, reasons, frame, (*_conventions(claims, frame), *notes))


def judge_results(count: int, different: int, notes: Iterable[Note] = ()) -> Verdict:
    """The verdict on an archive without claims: `count` archived results, `different` came out otherwise."""
    outcome = OUTCOMES[0] if different == 0 else OUTCOMES[3] if different >= count else OUTCOMES[2]
    reasons = ("no_claims", *(("results_differ",) if different else ()))
    told = note("A063", count=count, same=count - different, different=different)
    return Verdict(outcome, "ran_ok", reasons, pd.DataFrame(columns=COLUMNS), (told, *notes))


def could_not_run(run: str, notes: Iterable[Note]) -> Verdict:
    """A run that gave no numbers: said as what it is, never as irreproducible."""
    return Verdict("could not be run", run, (run,), pd.DataFrame(columns=COLUMNS), tuple(notes))


def _row(claim: ClaimSpec, results: Any, lang: str) -> dict[str, Any]:
    row: dict[str, Any] = {"id": claim.id, "where": claim.where, "kind": claim.kind, "printed": claim.printed}
    row |= {
        "expected": claim.expected,
        "computed_from": claim.compute,
        "decision_changes": False,
        "remark": "",
        "convention": claim.convention or "",
        "by_convention": "",
        "factor": None,
    }
    try:
        value = value_at(results, claim.compute)
    except SurveykitError as error:
        return _closed(row | {"status": "not computed", "rule": "", "remark": coded(error.note, lang)}, claim)
    if claim.kind == "verdict" or isinstance(value, str | bool):
        same = str(value).strip().casefold() == claim.printed.strip().casefold()
        status = "reproduced" if same else "not reproduced"
        return _closed(row | {"recomputed": str(value), "rule": SAME_WORD, "status": status}, claim)
    if value is None or value != value:  # NaN: a number that could not be computed
        return _closed(
            row | {"status": "not computed", "rule": "", "remark": wording("archive", "no_value", lang)},
            claim,
        )
    if not isinstance(value, int | float):
        offered = ", ".join(list(map(str, value))[:20]) if isinstance(value, dict) else "–"
        remark = note("A010", path=claim.compute, walked=claim.compute, offered=offered)
        return _closed(row | {"status": "not computed", "rule": "", "remark": coded(remark, lang)}, claim)
    row |= _number(claim, float(value), lang)
    if row["status"] == "not reproduced" and claim.by_convention is not None:
        row |= _by_convention(claim, float(value), results, lang)
    return _closed(row, claim)


def _closed(row: dict[str, Any], claim: ClaimSpec) -> dict[str, Any]:
    return row | {"as_expected": MEANT.get(row["status"]) == claim.expected}


def _by_convention(claim: ClaimSpec, textbook: float, results: Any, lang: str) -> dict[str, Any]:
    """The value that the paper's convention gives, and the factor between the paper and the textbook."""
    printed = read_printed(claim.printed)
    factor = {"factor": printed.value / textbook} if textbook else {}
    try:
        value = float(value_at(results, str(claim.by_convention)))
    except (SurveykitError, TypeError, ValueError) as error:
        return factor | {"remark": coded(error.note, lang) if isinstance(error, SurveykitError) else "–"}
    shown = {"by_convention": number(value, max(printed.decimals, 0) + 3)}
    if value not in _allowed(claim, printed)[0]:
        return factor | shown
    return factor | shown | {"status": "other convention", "decision_changes": False, "remark": ""}


def _factor(row: Mapping[Any, Any]) -> str:
    """How the summary shows a value by another convention."""
    if row["status"] != "other convention":
        return ""
    factor = "" if row["factor"] is None else f" × {row['factor']:.6f}"
    return f"{factor} = {row['by_convention']} ({row['convention']})"


def _conventions(claims: ClaimsSpec, frame: pd.DataFrame) -> Iterable[Note]:
    """What the numbers by each convention have in common."""
    for name, says in claims.conventions.items():
        rows = frame[(frame["status"] == "other convention") & (frame["convention"] == name)]
        if len(rows):
            factors = rows["factor"].dropna().astype(float)
            left = (
                rows["by_convention"].astype(float) - [read_printed(one).value for one in rows["printed"]]
            ).abs()
            yield note(
                "A049",
                count=len(rows),
                convention=name,
                says=says,
                low=f"{factors.min():.6f}",
                high=f"{factors.max():.6f}",
                left=f"{left.max():.1e}",
            )


def _number(claim: ClaimSpec, value: float, lang: str) -> dict[str, Any]:
    printed = read_printed(claim.printed)
    value = value / 2 if claim.kind == "p" and claim.tails == "one" else value
    within, rule = _allowed(claim, printed)
    difference = value - printed.value
    unit = LAST_DIGIT * 10.0**-printed.decimals
    if value in printed.interval:
        status, rule = "reproduced", ROUNDS
    elif value in within:
        status = "within tolerance"
    elif _last_digit(printed, value, unit):
        status, rule = "last digit", ROUNDS
    else:
        status = "not reproduced"
    slip = likely_slip(printed, value, claim) if status == "not reproduced" else None
    changes = claim.kind == "p" and _significant(printed) not in (None, value < SIGNIFICANT)
    return {
        "recomputed": f"{value:.{max(printed.decimals, 0) + 3}f}",
        "difference": difference,
        "decimals": printed.decimals,
        "rule": rule,
        "status": status,
        "remark": coded(slip, lang) if slip is not None else _tolerated(claim, status, lang),
        "decision_changes": bool(changes and status != "reproduced"),
    }


def _tolerated(claim: ClaimSpec, status: str, lang: str) -> str:
    if status != "within tolerance":
        return ""
    return wording("archive", "rule_within", lang, tolerance=claim.tolerance, reason=claim.reason)


def _last_digit(printed: Printed, value: float, unit: float) -> bool:
    """One unit off in the last decimal: whole numbers are counted, and a sign is no rounding."""
    if printed.sign != "=" or printed.decimals < 1:
        return False
    other_side = value < 0 if not printed.text.strip().startswith(("-", "−", "–")) else value > 0
    close = printed.interval.lower - unit <= value <= printed.interval.upper + unit
    return close and not other_side


def _significant(printed: Printed) -> bool | None:
    """Whether a printed p is below .05; None where its inequality leaves that open."""
    if printed.sign == "<":
        return True if printed.value <= SIGNIFICANT else None
    if printed.sign == ">":
        return False if printed.value >= SIGNIFICANT else None
    return printed.value < SIGNIFICANT


def _allowed(claim: ClaimSpec, printed: Printed) -> tuple[Interval, str]:
    """The interval a recomputed value may lie in, and why."""
    if claim.tolerance is None:
        return printed.interval, ROUNDS
    slack = read_printed(claim.tolerance).value
    return Interval(
        printed.value - slack, printed.value + slack
    ), f"{WITHIN}{claim.tolerance}: {claim.reason}"


def _outcome(frame: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """The AEA's words, and the codes of the reasons."""
    status = frame["status"]
    bad = int(status.isin(["not reproduced", "not computed"]).sum())
    reasons = tuple(
        reason
        for reason, found in (
            ("number_differs", (status == "not reproduced").any()),
            ("number_missing", (status == "not computed").any()),
            ("last_digit", (status == "last digit").any()),
            ("tolerance", (status == "within tolerance").any()),
            ("other_convention", (status == "other convention").any()),
            ("decision_changes", frame["decision_changes"].astype(bool).any()),
        )
        if found
    )
    if len(frame) == 0:
        return "not reproduced", ("no_claims",)
    if bad == 0:
        minor = {"last_digit", "tolerance", "other_convention"} & set(reasons)
        return (OUTCOMES[1] if minor else OUTCOMES[0]), reasons
    return (OUTCOMES[3] if bad == len(frame) else OUTCOMES[2]), reasons
