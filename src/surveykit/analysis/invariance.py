"""Measurement invariance: what a scale allows to be compared between groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from surveykit.analysis.invariance_criteria import Criteria, configural_holds, criteria_of, level_holds
from surveykit.analysis.invariance_difference import difference
from surveykit.analysis.invariance_fits import OF_THE_DATA, LevelFits
from surveykit.analysis.invariance_input import check_groups, check_number, check_partial, check_size
from surveykit.analysis.invariance_levels import (
    BINARY,
    CONTINUOUS,
    NEED_MEANS,
    ORDERED,
    is_partial,
    levels_of,
)
from surveykit.analysis.invariance_result import InvarianceResult
from surveykit.analysis.invariance_search import (
    Freed,
    best_release,
    factors_of,
    plain_names,
    unequal_items,
)
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_options import check_kinds, listed
from surveykit.errors import Note, note
from surveykit.estimation.sem.syntax import parse_model
from surveykit.options import checked_call

__all__ = ["Criteria", "InvarianceResult", "measurement_invariance"]

MEASURES = ("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic")
SCALED = (
    "chisq_scaled",
    "cfi_scaled",
    "tli_scaled",
    "rmsea_scaled",
    "cfi_robust",
    "tli_robust",
    "rmsea_robust",
)
CHANGES = ("chisq_diff", "df_diff", "pvalue", "delta_cfi", "delta_rmsea", "delta_srmr")
JUDGED = ("cfi", "rmsea", "srmr")
LEAST_SQUARES = ("WLS", "DWLS", "ULS", "WLSM", "WLSMV", "WLSMVS", "ULSM", "ULSMV", "ULSMVS")
# Robust RMSEA of ordered items jumps between nested models, and differs between versions of lavaan.
CONTINUOUS_VERSIONS, ORDERED_VERSIONS = ("robust", "scaled"), ("scaled",)
NAN = float("nan")


@checked_call
def measurement_invariance(
    model: str,
    data: pd.DataFrame | None = None,
    *,
    group: str | None = None,
    levels: str | Sequence[str] = ("configural", "metric", "scalar", "strict"),
    estimator: str = "MLR",
    ordered: bool | Sequence[str] = (),
    missing: str = "listwise",
    partial: Literal["search"] | Sequence[str] | None = None,
    criteria: str | Criteria = "chen2007",
    **options: Any,
) -> InvarianceResult:
    """Test, level by level, what a measurement model allows to be compared between groups.

    Configural: the same items measure the same factors. Metric: equal loadings,
    so that relations may be compared. Scalar: equal intercepts, so that means may
    be compared. Strict: equal residual variances, so that observed scores may.

    Parameters
    ----------
    model : str
        The measurement model, lavaan syntax.
    data : pandas.DataFrame
    group : str
        Column of the groups, two or more; the first to appear is the reference.
    levels : one or several of ``"configural" "metric" "scalar" "strict" "lv.variances" "lv.covariances"
        "means"`` and, for ordered items, ``"thresholds"`` (put in before metric where it is not named).
    estimator : str, default "MLR"
        With ordered items "WLSMV" whatever is given here, unless it is one of the least-squares ones.
    ordered : names, or True for all items
    missing : {"listwise", "ml", ...}
    partial : None, "search", or parameters such as ``["x3 ~ 1", "f =~ x2"]``
        Parameters that stay free at every level; "search" frees one at a time, by score tests, where
        a level fails, until it holds or fewer than two equal items would be left on a factor.
    criteria : {"chen2007", "cheung_rensvold2002"} or Criteria
        Held against the robust CFI and RMSEA where the estimator has them, for ordered items against
        the scaled ones (`judged`).
    options : further arguments of `cfa`, for example `sample_cov`, `sample_mean`, `sample_nobs` (each by
        group) in place of `data`; without means the ladder ends at metric.

    Returns
    -------
    InvarianceResult

    Raises
    ------
    SurveykitError
        V001 fewer than two groups; V002 an item has no variance in a group; V004 a category of an
        ordered item is used in one group only; V008 a group with no more cases than items; V009 no
        grouping column; V010 a name in `partial` that the model does not have; O001 an unknown level;
        and what `cfa` refuses.

    Notes
    -----
    Factors are scaled by unit variance in the first group, so that the loading of
    every item is tested; chi-squares are the same under any scaling. `chisq` to
    `srmr` are the plain indices; the scaled and robust versions stand beside them.

    References
    ----------
    Chen (2007), doi:10.1080/10705510701301834. Cheung & Rensvold (2002), doi:10.1207/S15328007SEM0902_5.
    Wu & Estabrook (2016), doi:10.1007/s11336-016-9506-0.

    Examples
    --------
    >>> inv = measurement_invariance("f =~ x1 + x2 + x3", data, group="school")      # doctest: +SKIP
    >>> inv.to_frame()[["level", "chisq", "df", "delta_cfi", "holds"]]               # doctest: +SKIP
    """
    notes: list[Note] = []
    check_kinds({"ordered": ordered, "estimator": estimator, "missing": missing})
    ordered = listed(ordered)
    wanted = levels_of(levels, bool(ordered))
    settings: dict[str, Any] = {"group": group, "missing": missing, "std_lv": True, **options}
    if ordered:
        estimator = estimator if estimator in LEAST_SQUARES else "WLSMV"
        settings = {"parameterization": "theta", **settings, "ordered": ordered}
    check_partial(model, partial)
    given = list(partial) if partial is not None and not isinstance(partial, str) else []
    if data is not None:
        check_groups(model, data, group, ordered)
        wanted = _without_binary(wanted, model, data, ordered, notes)
        settings["data"] = data
    elif settings.get("sample_cov") is not None:
        wanted, estimator = _from_moments(wanted, estimator, model, settings, notes)
    fits = LevelFits(model, {**settings, "estimator": estimator})
    ladder = ORDERED if ordered else CONTINUOUS
    climb = _Climb(fits, ladder, given, partial == "search", criteria, notes)
    return climb.result(wanted, group or "group")


def search_partial(result: InvarianceResult) -> InvarianceResult:
    """The same ladder with a search where it fails, on the fits that are there."""
    ladder = ORDERED if "thresholds" in result._equal else CONTINUOUS
    given = [] if len(result.freed) else list(result._unequal)
    climb = _Climb(result._fits, ladder, given, True, result.criteria, [])
    return climb.result(list(result.frame["level"]), result.group)


def _without_binary(
    levels: list[str], model: str, data: pd.DataFrame, ordered: bool | Sequence[str], notes: list[Note]
) -> list[str]:
    """Items with two categories have one threshold: it can only be held equal together with the loading."""
    items = [name for name in parse_model(model).roles.ov if name in data.columns]
    asked = items if ordered is True else [name for name in items if ordered and name in ordered]
    binary = [name for name in asked if data[name].nunique() == 2]
    if not binary:
        return levels
    notes.append(note("V011", items=", ".join(binary)))
    return [level for level in levels if level not in BINARY]


def _from_moments(
    levels: list[str], estimator: str, model: str, settings: dict[str, Any], notes: list[Note]
) -> tuple[list[str], str]:
    """What moments allow: ML in place of MLR, and no level that needs means where there are none."""
    sizes = settings.get("sample_nobs")
    if isinstance(settings["sample_cov"], Mapping | list | tuple):
        check_number(dict(enumerate(settings["sample_cov"])), "sample_cov")
    else:
        check_number({"1": sizes}, "sample_cov")
    if isinstance(sizes, Mapping):
        check_size({key: int(value) for key, value in sizes.items()}, len(parse_model(model).roles.ov))
    if estimator == "MLR":
        estimator = "ML"
        notes.append(note("V012"))
    if settings.get("sample_mean") is None:
        settings["meanstructure"] = False
        left_out = [level for level in levels if level in NEED_MEANS]
        levels = [level for level in levels if level not in NEED_MEANS]
        if left_out:
            notes.append(note("V013", levels=", ".join(left_out)))
    return levels, estimator


class _Climb:
    """One fit a level, each held against the level before."""

    def __init__(
        self,
        fits: LevelFits,
        ladder: Mapping[str, tuple[str, ...]],
        given: list[str],
        search: bool,
        criteria: str | Criteria,
        notes: list[Note],
    ) -> None:
        self.fits, self.ladder, self.given, self.search = fits, ladder, given, search
        self.criteria = criteria_of(criteria, fits.configural.ntotal)
        categorical = fits.configural._solution.settings.categorical
        self.versions = ORDERED_VERSIONS if categorical else CONTINUOUS_VERSIONS
        self.path: list[Freed] = []
        self.found: dict[str, SemFit] = {}
        self.rows: list[dict[str, Any]] = []
        self.notes = notes

    @property
    def freed(self) -> list[str]:
        return [*self.given, *(one.parameter for one in self.path)]

    def result(self, levels: Sequence[str], group: str) -> InvarianceResult:
        for level in levels:
            self.step(level)
        configural = self.fits.configural
        frame = _table([{name: row[name] for name in row if name != "_judged"} for row in self.rows])
        columns = ["level", "parameter", "chisq", "pvalue", "cfi"]
        held = [row for row in self.rows if row["holds"]]
        of_the_data = [one for one in configural.notes if one.code in OF_THE_DATA]
        judged = _table([{"level": row["level"], **row["_judged"]} for row in self.rows])
        if "cfi_scaled" in frame.columns:
            self.notes.append(note("V015" if self.versions == ORDERED_VERSIONS else "V006"))
        return InvarianceResult(
            frame=frame,
            freed=pd.DataFrame([vars(one) for one in self.path], columns=columns),
            fits=dict(self.found),
            level=held[-1]["level"] if held else None,
            partial=bool(held and held[-1]["partial"]),
            criteria=self.criteria,
            group=group,
            group_labels=configural.group_labels,
            judged=judged,
            notes=(*of_the_data, *self.notes, *_too_little(configural, self.freed)),
            _fits=self.fits,
            _unequal=tuple(self.freed),
            _equal=self.ladder["scalar"],
        )

    def step(self, level: str) -> None:
        """Fit a level; where it fails and a search was asked for, free what hurts most."""
        before = self.rows[-1] if self.rows else None
        fit = self.fits.fit(self.ladder[level], self.freed)
        row = self.row(level, fit, before)
        if self.search and before is not None and before["holds"] and fit.converged:
            fit, row = self.release(level, fit, row, before)
        self.found[level] = fit
        self.rows.append(row)

    def release(
        self, level: str, fit: SemFit, row: dict[str, Any], before: dict[str, Any]
    ) -> tuple[SemFit, dict[str, Any]]:
        """Free one parameter at a time until the level holds, or too few equal items would be left."""
        while not row["holds"]:
            found = best_release(fit, level, before["level"], self.freed)
            if found is None:
                self.notes.append(note("V005", level=level))
                break
            fit = self.fits.fit(self.ladder[level], [*self.freed, found.parameter])
            self.path.append(found)
            row = self.row(level, fit, before)
            self.path[-1] = found.after(row["cfi"])
        return fit, row

    def row(self, level: str, fit: SemFit, before: dict[str, Any] | None) -> dict[str, Any]:
        """One line of the table."""
        partial = is_partial(self.ladder[level], self.freed)
        row: dict[str, Any] = {"level": level}
        if not fit.converged:
            self.notes.append(note("V014", level=level))
            return (
                row
                | dict.fromkeys((*MEASURES, *CHANGES), NAN)
                | {"df": fit._solution.df, "holds": False, "partial": partial, "_judged": {}}
            )
        measures = fit._measures
        row |= {name: measures.get(name, NAN) for name in MEASURES}
        row |= {name: measures[name] for name in SCALED if name in measures}
        groups = zip(fit.group_labels, fit._solution.tests[0].stat_group.tolist(), strict=True)
        row |= {f"chisq_{label}": value for label, value in groups}
        judged = {name: _judged(row, name, self.versions) for name in JUDGED}
        row["_judged"] = judged
        if before is None:
            holds = configural_holds(self.criteria, judged["cfi"], judged["srmr"])
            return row | dict.fromkeys(CHANGES, NAN) | {"holds": holds, "partial": partial}
        row |= self.changes(row, fit, before)
        worse = {f"delta_{name}": value - before["_judged"].get(name, NAN) for name, value in judged.items()}
        holds = before["holds"] and level_holds(self.criteria, level, worse)
        return row | {"holds": bool(holds), "partial": partial}

    def changes(self, row: Mapping[str, Any], fit: SemFit, before: Mapping[str, Any]) -> dict[str, float]:
        """Chi-square difference and changes of the indices since the level before."""
        if not self.found[before["level"]].converged:
            return dict.fromkeys(CHANGES, NAN)
        test = difference(fit._solution, self.found[before["level"]]._solution)
        changes = {"chisq_diff": test.stat, "df_diff": test.df, "pvalue": test.pvalue}
        return changes | {f"delta_{name}": row[name] - before[name] for name in JUDGED}


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows that need not have the same names, as pandas does with a list of them, at a tenth of the time."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame({name: [row.get(name, NAN) for row in rows] for name in names})


def _judged(row: Mapping[str, float], name: str, kinds: Sequence[str]) -> float:
    """The first of these versions that there is and that could be computed, else the plain one."""
    versions = (row.get(f"{name}_{kind}", NAN) for kind in kinds)
    return next((value for value in versions if value == value), row[name])


def _too_little(fit: SemFit, freed: Sequence[str]) -> list[Note]:
    """Factors on which fewer than two items are equal in all groups."""
    names = plain_names(freed)
    notes = []
    for factor, items in factors_of(fit).items():
        equal = len(items) - len(unequal_items(factor, items, names))
        if equal < 2:
            notes.append(note("V007", factor=factor, equal=equal, items=len(items)))
    return notes
