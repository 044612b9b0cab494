"""Do two coders see the same? Per cent, kappa and alpha, code by code and over all, and where they differ."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.segments import Segments
from surveykit.errors import Note, SurveykitError, SurveykitWarning, note
from surveykit.estimation.item_moments import FloatArray
from surveykit.options import check_share
from surveykit.results import Result

OVERALL = "overall"
# Behind a passage's id where a coder picked words of it: A1/q07@12-30.
PART = r"@\d+-\d+$"


@dataclass(frozen=True)
class CoderAgreement(Result):
    """How far coders agree.

    `frame`: a row per code, the last one "overall": ``code n_segments`` (seen by at least two coders)
    ``n_given`` (to which some coder gave the code) ``agreement`` (share of pairs of coders that decide
    alike) ``kappa`` (Cohen's; the mean over the pairs with more than two coders) ``alpha``
    (Krippendorff's, nominal) ``ci_lower ci_upper`` (of alpha: percentile bootstrap over segments).
    Overall compares the codes themselves if no coder gave a segment two, otherwise all decisions
    "this code or not" together (`basis`: "codes" or "decisions").
    `disagreements`: ``segment respondent`` and a column per coder with the codes he or she gave,
    for adjudication. A coder who has no row for a segment has not seen it; a row with an empty code
    says "seen, no code".
    """

    frame: pd.DataFrame
    disagreements: pd.DataFrame
    coders: tuple[str, ...]
    basis: str
    conf_level: float
    bootstrap: int
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def coder_agreement(
    segments: Segments,
    codebook: Codebook,
    *,
    bootstrap: int = 1000,
    conf_level: float = 0.95,
    seed: int | None = 0,
) -> CoderAgreement:
    """Agreement of the coders on the segments that at least two of them saw.

    Parameters
    ----------
    segments : Segments
        The same segment ids for every coder, told apart by ``coder``. Words picked from a passage
        (``A1/q07@12-30``) count for the passage; how far coders agree on the words is what
        `boundary_agreement` says.
    codebook : Codebook
    bootstrap : int, default 1000
        Resamples of segments for the interval; 0 for none.
    conf_level : float in (0, 1), default 0.95
    seed : int or None, default 0

    Returns
    -------
    CoderAgreement
        `notes`: C020 more coders than segments (also warned of); C022 codes on which nobody differed,
        so that kappa and alpha do not exist.

    Raises
    ------
    SurveykitError
        C021 no segment was seen by two coders; O002 a confidence level outside (0, 1).

    References
    ----------
    Cohen (1960), doi:10.1177/001316446002000104. Krippendorff (2011), Computing
    Krippendorff's alpha-reliability.

    Examples
    --------
    >>> import pandas as pd
    >>> import surveykit as sk
    >>> from surveykit.coding.segments import check_segments
    >>> book = sk.read_codebook("analyses/trim_lee_learning/codebook.yaml")
    >>> first = ["informal_talk", "outside_ties", "risk_in_plan", "outside_ties"]
    >>> second = ["informal_talk", "outside_ties", "risk_in_plan", "informal_talk"]
    >>> rows = [(f"s{n}", "SIM-A1", code, coder)
    ...         for coder, codes in (("K", first), ("L", second)) for n, code in enumerate(codes)]
    >>> table = pd.DataFrame(rows, columns=["segment", "respondent", "code", "coder"])
    >>> found = sk.coder_agreement(check_segments(table, book), book)
    >>> found.frame[["code", "agreement", "kappa"]].round(3).values.tolist()[-1]
    ['overall', 0.75, 0.636]
    >>> found.disagreements.to_numpy().tolist()
    [['s3', 'SIM-A1', 'outside_ties', 'informal_talk']]
    """
    check_share("conf_level", conf_level)
    rows = at_passages(segments.frame)
    seen = rows.drop_duplicates(["segment", "coder"])
    enough = seen.groupby("segment")["coder"].transform("size") > 1
    if not enough.any():
        raise SurveykitError("C021")
    units, coders = list(seen.loc[enough, "segment"].unique()), list(seen.loc[enough, "coder"].unique())
    notes = _orientation(len(coders), len(units))
    at = _cells(rows, units, coders)
    decisions = _decisions(at, len(units), len(coders), codebook)
    single = not at[at["code"] != ""].duplicated(["unit", "coder_at"]).any()
    rng = np.random.default_rng(seed)
    tail = (1 - conf_level) / 2
    given = [code for code, table in decisions.items() if np.nansum(table) > 0]
    frame = [_row(code, decisions[code], bootstrap, tail, rng) for code in given]
    whole = _labels(at, len(units), len(coders)) if single else np.vstack([decisions[code] for code in given])
    frame.append(_row(OVERALL, whole, bootstrap, tail, rng) | {"n_segments": len(units)})
    table = pd.DataFrame(frame)
    alike = table.loc[table["alpha"].isna(), "code"]
    if len(alike):
        notes = (*notes, note("C022", codes=", ".join(alike)))
    return CoderAgreement(
        table,
        _disagreements(rows, units, coders),
        tuple(coders),
        "codes" if single else "decisions",
        conf_level,
        bootstrap,
        notes,
    )


def at_passages(rows: pd.DataFrame) -> pd.DataFrame:
    """Segments under the id of the passage they were cut from, so that coders who picked other words meet."""
    if not rows["segment"].str.contains("@", regex=False).any():
        return rows
    return rows.assign(segment=rows["segment"].str.replace(PART, "", regex=True))


def _orientation(coders: int, segments: int) -> tuple[Note, ...]:
    if coders <= segments:
        return ()
    found = note("C020", coders=coders, segments=segments)
    warnings.warn(str(found), SurveykitWarning, stacklevel=3)
    return (found,)


def _cells(rows: pd.DataFrame, units: list[str], coders: list[str]) -> pd.DataFrame:
    """The rows of these segments with the place of their segment and coder."""
    used = rows[rows["segment"].isin(units)].drop_duplicates(["segment", "coder", "code"])
    unit = {name: place for place, name in enumerate(units)}
    coder = {name: place for place, name in enumerate(coders)}
    return used.assign(unit=used["segment"].map(unit), coder_at=used["coder"].map(coder))


def _decisions(at: pd.DataFrame, units: int, coders: int, codebook: Codebook) -> dict[str, FloatArray]:
    """For every code (units, coders): 1 given, 0 seen but not given, NaN not seen."""
    unseen = np.full((units, coders), np.nan)
    unseen[at["unit"], at["coder_at"]] = 0.0
    tables = {}
    for code, own in at[at["code"] != ""].groupby("code", sort=False):
        table = unseen.copy()
        table[own["unit"], own["coder_at"]] = 1.0
        tables[str(code)] = table
    return {code: tables[code] for code in codebook.codes if code in tables}


def _labels(at: pd.DataFrame, units: int, coders: int) -> FloatArray:
    """The one code of each coder as a number; "no code" is an answer of its own."""
    table = np.full((units, coders), np.nan)
    chosen = at.sort_values("code", kind="stable")  # an empty row beside a code says nothing more
    table[chosen["unit"], chosen["coder_at"]] = pd.factorize(chosen["code"])[0]
    return table


def _row(
    code: str, table: FloatArray, bootstrap: int, tail: float, rng: np.random.Generator
) -> dict[str, object]:
    """All coefficients of one table (units, coders); units that fewer than two coders saw are left out."""
    table = table[(~np.isnan(table)).sum(axis=1) > 1]
    patterns, counts = _patterns(table)
    parts = _alpha_parts(patterns)
    lower = upper = np.nan
    if bootstrap:
        weights = rng.multinomial(len(table), counts / len(table), size=bootstrap).astype(float)
        draws = _alpha(weights, *parts)
        if not np.isnan(draws).all():
            lower, upper = np.nanquantile(draws, [tail, 1 - tail])
    alpha = float(_alpha(counts[None, :], *parts)[0])
    if np.isnan(alpha):
        lower = upper = np.nan
    return {
        "code": code,
        "n_segments": len(table),
        "n_given": int((np.nan_to_num(table) > 0).any(axis=1).sum()),
        "agreement": _pairs_alike(patterns, counts),
        "kappa": _kappa(patterns, counts),
        "alpha": alpha,
        "ci_lower": float(lower),
        "ci_upper": float(upper),
    }


def _patterns(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The distinct rows of a table of small whole numbers and NaN, and how often each stands there."""
    digits = np.nan_to_num(table, nan=-1).astype(np.int64) + 1
    key = np.zeros(len(table), dtype=np.int64)
    for column in digits.T:
        # Renumbered after each coder, so that the key never outgrows its type.
        key = np.unique(key * (digits.max() + 1) + column, return_inverse=True)[1]
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    return table[first], counts.astype(float)


def _alpha_parts(patterns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of each pattern: ratings by value (u, k) and agreeing pairs (u,), as the coincidence matrix counts."""
    from surveykit.estimation.krippendorff import value_counts

    _, counts = value_counts(patterns)
    m = counts.sum(axis=1)
    return counts, np.asarray((counts * (counts - 1)).sum(axis=1) / (m - 1))


def _alpha(weights: FloatArray, totals: FloatArray, alike: FloatArray) -> FloatArray:
    """Nominal alpha of samples (b, u) that hold each pattern so often; NaN where only one value is used."""
    by_value = weights @ totals
    n = by_value.sum(axis=1)
    chance = n**2 - (by_value**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(chance > 0, 1 - (n - 1) * (n - weights @ alike) / chance, np.nan))


def _pairs(patterns: FloatArray, counts: FloatArray) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """For every pair of coders with a segment in common: what each said, and how often."""
    found = []
    for a, b in combinations(range(patterns.shape[1]), 2):
        both = ~np.isnan(patterns[:, a]) & ~np.isnan(patterns[:, b])
        if both.any():
            found.append((patterns[both, a], patterns[both, b], counts[both]))
    return found


def _pairs_alike(patterns: FloatArray, counts: FloatArray) -> float:
    pairs = _pairs(patterns, counts)
    alike = sum(float(n[first == second].sum()) for first, second, n in pairs)
    return alike / sum(float(n.sum()) for _, _, n in pairs)


def _kappa(patterns: FloatArray, counts: FloatArray) -> float:
    """Cohen's kappa; the mean over the pairs where it exists."""
    kappas = []
    for first, second, n in _pairs(patterns, counts):
        values = np.unique(np.concatenate([first, second]))
        rows = np.bincount(np.searchsorted(values, first), n, values.size) / n.sum()
        columns = np.bincount(np.searchsorted(values, second), n, values.size) / n.sum()
        expected = float(rows @ columns)
        if expected < 1:
            kappas.append((float(n[first == second].sum() / n.sum()) - expected) / (1 - expected))
    return float(np.mean(kappas)) if kappas else np.nan


def _disagreements(rows: pd.DataFrame, units: Sequence[str], coders: Sequence[str]) -> pd.DataFrame:
    """The segments whose coders gave different codes: what each gave, "–" for none, empty for not seen."""
    wanted, said = set(units), dict[str, dict[str, set[str]]]()
    place: dict[str, str] = {}
    columns = (rows[name].tolist() for name in ("segment", "respondent", "coder", "code"))
    for segment, respondent, coder, code in zip(*columns, strict=True):
        if segment in wanted:
            place[segment] = respondent
            said.setdefault(segment, {}).setdefault(coder, set()).update([code] if code else [])
    differ = [
        [segment, place[segment], *("; ".join(sorted(by[one])) or "–" if one in by else "" for one in coders)]
        for segment, by in said.items()
        if any(codes != next(iter(by.values())) for codes in by.values())
    ]
    return pd.DataFrame(differ, columns=["segment", "respondent", *coders])
