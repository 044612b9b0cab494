"""Measurement invariance: what a scale allows to be compared between groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from surveykit.analysis.compare_models import compare_models
from surveykit.analysis.invariance_criteria import Criteria, configural_holds, criteria_of, level_holds
from surveykit.analysis.invariance_search import Freed, best_release
from surveykit.analysis.sem import cfa
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.syntax import parse_model
from surveykit.formatting import number, share
from surveykit.options import check_choice
from surveykit.results import Result

CONTINUOUS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "lv.variances": ("loadings", "intercepts", "residuals", "lv.variances"),
    "lv.covariances": ("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances"),
    "means": ("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances", "means"),
}
# Wu & Estabrook (2016): ordered items are compared through their thresholds first.
ORDERED = {
    level: ("thresholds", *equal) if level != "configural" else () for level, equal in CONTINUOUS.items()
} | {"thresholds": ("thresholds",)}
MEASURES = ("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic")
CHANGES = ("chisq_diff", "df_diff", "pvalue", "delta_cfi", "delta_rmsea", "delta_srmr")
ROBUST = ("chisq_scaled", "cfi_robust", "tli_robust", "rmsea_robust")


@dataclass(frozen=True, repr=False)
class InvarianceResult(Result):
    """The ladder of invariance for one measurement model.

    Attributes
    ----------
    frame : DataFrame, a row per level
        `level chisq df cfi tli rmsea srmr aic bic`, the scaled and robust versions where the
        estimator has them, `chisq_<group>`, `chisq_diff df_diff pvalue delta_cfi delta_rmsea
        delta_srmr holds partial`. Changes are level minus the level before; `pvalue` is of that difference.
    freed : DataFrame
        Parameters that partial invariance leaves unequal, in the order freed: `level parameter chisq
        pvalue cfi`.
    fits : mapping level -> SemFit
        The fit behind each row; under partial invariance the partial model's.
    level : the highest level that holds, None if not even the configural model fits
    partial : whether that level holds only with freed parameters
    criteria : the cut-offs applied
    """

    frame: pd.DataFrame
    freed: pd.DataFrame
    fits: Mapping[str, SemFit]
    level: str | None
    partial: bool
    criteria: Criteria
    group: str
    group_labels: tuple[str, ...]
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def means_comparable(self) -> bool:
        """Whether scalar (or partial scalar) invariance, or more, holds."""
        row = self.frame.loc[self.frame["level"] == "scalar", "holds"]
        return bool(row.any())

    def latent_means(self) -> pd.DataFrame:
        """Latent means of the later groups, in standard deviations of the first group (whose means are 0).

        Returns
        -------
        pandas.DataFrame
            ``factor group mean se z pvalue ci_lower ci_upper``, from the scalar (or partial scalar) model.

        Raises
        ------
        SurveykitError
            V003 the ladder has no scalar level.
        """
        fit = self.fits.get("scalar")
        if fit is None:
            raise SurveykitError("V003", levels=", ".join(self.fits))
        rows = fit.parameter_estimates()
        factors = set(rows.loc[rows["op"] == "=~", "lhs"])
        means = rows[(rows["op"] == "~1") & rows["lhs"].isin(factors) & (rows["group"] > 1)]
        labels = [self.group_labels[int(number) - 1] for number in means["group"]]
        found = pd.DataFrame(
            {"factor": means["lhs"].to_numpy(), "group": labels, "mean": means["est"].to_numpy()}
        )
        for column in ("se", "z", "pvalue", "ci_lower", "ci_upper"):
            found[column] = means[column].to_numpy()
        return found

    def summary(self) -> str:
        """The table and the verdict, as text."""
        lines = [
            f"Measurement invariance by {self.group} ({', '.join(self.group_labels)}); {self.criteria.name}"
        ]
        for row in self.frame.to_dict("records"):
            change = "" if row["level"] == "configural" else f"  dCFI {number(row['delta_cfi'])}"
            verdict = "holds" if row["holds"] else "fails"
            fit = f"chisq({int(row['df'])}) = {number(row['chisq'], 2)}  CFI {share(row['cfi'])}"
            lines.append(f"{row['level']:<12} {fit}  RMSEA {share(row['rmsea'])}{change}  {verdict}")
        return "\n".join([*lines, *(str(one) for one in self.notes)])

    def __repr__(self) -> str:
        partial = " (partial)" if self.partial else ""
        return f"<InvarianceResult: {self.level or 'none'}{partial} holds, {len(self.frame)} levels>"


def measurement_invariance(
    model: str,
    data: pd.DataFrame | None = None,
    *,
    group: str | None = None,
    levels: Sequence[str] = ("configural", "metric", "scalar", "strict"),
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
    levels : from ``"configural" "metric" "scalar" "strict" "lv.variances" "lv.covariances" "means"``
        and, for ordered items, ``"thresholds"`` (put in before metric where it is not named).
    estimator : str, default "MLR"
        With ordered items "WLSMV" whatever is given here, unless it is one of the least-squares ones.
    ordered : names, or True for all items
    missing : {"listwise", "ml", ...}
    partial : None, "search", or parameters such as ``["x3 ~ 1", "f =~ x2"]``
        Parameters that stay free at every level; "search" frees one at a time, by score tests, where
        a level fails, until it holds or fewer than two equal items would be left on a factor.
    criteria : {"chen2007", "cheung_rensvold2002"} or Criteria
    options : further arguments of `cfa`, for example `sample_cov`, `sample_mean`, `sample_nobs`.

    Returns
    -------
    InvarianceResult

    Raises
    ------
    SurveykitError
        V001 fewer than two groups; V002 an item has no variance in a group; V004 a category of an
        ordered item is used in one group only; O001 an unknown level; and what `cfa` refuses.

    Notes
    -----
    Factors are scaled by unit variance in the first group, so that the loading of
    every item is tested; chi-squares are the same under any scaling. `holds`
    looks at the robust CFI and RMSEA where the estimator has them.

    References
    ----------
    Chen (2007), doi:10.1080/10705510701301834. Cheung & Rensvold (2002), doi:10.1207/S15328007SEM0902_5.
    Wu & Estabrook (2016), doi:10.1007/s11336-016-9506-0.

    Examples
    --------
    >>> inv = measurement_invariance("f =~ x1 + x2 + x3", data, group="school")      # doctest: +SKIP
    >>> inv.to_frame()[["level", "chisq", "df", "delta_cfi", "holds"]]               # doctest: +SKIP
    """
    ladder = ORDERED if ordered else CONTINUOUS
    wanted = _levels(levels, ladder)
    if ordered:
        estimator = estimator if estimator in ("WLS", "DWLS", "ULS", "WLSM", "ULSMV", "WLSMVS") else "WLSMV"
        options = {"parameterization": "theta", **options, "ordered": ordered}
    if data is not None:
        _check_groups(model, data, group, ordered)
    arguments = {"data": data, "group": group, "estimator": estimator, "missing": missing, "std_lv": True}
    arguments |= options
    search = partial == "search"
    freed: list[str] = [] if partial is None or isinstance(partial, str) else list(partial)
    return _Ladder(model, arguments, ladder, search, freed, criteria).climb(wanted, group or "group")


def _levels(levels: Sequence[str], ladder: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The levels in the ladder's order, from configural on."""
    for level in levels:
        check_choice("levels", level, ladder)
    order = sorted(ladder, key=lambda level: (len(ladder[level]), level))
    asked = {"configural", *levels} | ({"thresholds"} if "thresholds" in ladder else set())
    return [level for level in order if level in asked]


def _check_groups(model: str, data: pd.DataFrame, group: str | None, ordered: bool | Sequence[str]) -> None:
    """Refuse what makes the groups incomparable from the start."""
    if group is None or group not in data.columns:
        return  # `cfa` refuses it, naming the nearest column
    labels = list(data[group].dropna().unique())
    if len(labels) < 2:
        raise SurveykitError("V001", group=group, found=", ".join(map(str, labels)) or "–")
    items = [name for name in parse_model(model).roles.ov if name in data.columns]
    categorical = set(items if ordered is True else ordered or ())
    for item in items:
        values = {label: set(data.loc[data[group] == label, item].dropna()) for label in labels}
        for label, found in values.items():
            if len(found) == 1:
                raise SurveykitError("V002", item=item, group=label, value=next(iter(found)))
        if item in categorical:
            _check_categories(item, values)


def _check_categories(item: str, values: Mapping[Any, set[Any]]) -> None:
    """A category that one group never uses has no threshold there to hold equal."""
    every = set().union(*values.values())
    for label, found in values.items():
        if found and found != every:
            only = ", ".join(str(one) for one in sorted(every - found))
            raise SurveykitError("V004", item=item, group=label, categories=only)


class _Ladder:
    """The climb: one fit a level, each held against the level before."""

    def __init__(
        self,
        model: str,
        arguments: dict[str, Any],
        ladder: Mapping[str, tuple[str, ...]],
        search: bool,
        freed: list[str],
        criteria: str | Criteria,
    ) -> None:
        self.model, self.arguments, self.ladder, self.search = model, arguments, ladder, search
        self.given = freed
        self.criteria_wanted = criteria
        self.path: list[Freed] = []
        self.fits: dict[str, SemFit] = {}
        self.notes: list[Note] = []

    def fit(self, level: str, freed: Sequence[str]) -> SemFit:
        equal = self.ladder[level]
        return cfa(
            self.model, group_equal=equal, group_partial=tuple(freed) if equal else (), **self.arguments
        )

    @property
    def free_names(self) -> list[str]:
        return [*self.given, *(one.parameter for one in self.path)]

    def climb(self, levels: Sequence[str], group: str) -> InvarianceResult:
        rows: list[dict[str, Any]] = []
        before: dict[str, Any] | None = None
        criteria: Criteria | None = None
        for level in levels:
            fit = self.fit(level, self.free_names)
            criteria = criteria or criteria_of(self.criteria_wanted, fit.ntotal)
            row = self.row(level, fit, before, criteria)
            if self.search and before is not None and before["holds"] and not row["holds"]:
                fit, row = self.release(level, fit, row, before, criteria)
            self.fits[level] = fit
            rows.append(row)
            before = row
        assert criteria is not None  # there is always a configural level
        return self.result(rows, criteria, group)

    def release(
        self, level: str, fit: SemFit, row: dict[str, Any], before: dict[str, Any], criteria: Criteria
    ) -> tuple[SemFit, dict[str, Any]]:
        """Free one parameter at a time until the level holds, or too few equal items would be left."""
        while not row["holds"]:
            found = best_release(fit, level, self.free_names)
            if found is None:
                self.notes.append(note("V005", level=level))
                return fit, row
            fit = self.fit(level, [*self.free_names, found.parameter])
            self.path.append(found.after(float(fit.fit_measures()["cfi"])))
            row = self.row(level, fit, before, criteria)
        return fit, row

    def row(
        self, level: str, fit: SemFit, before: dict[str, Any] | None, criteria: Criteria
    ) -> dict[str, Any]:
        """One line of the table."""
        measures = fit.fit_measures()
        row: dict[str, Any] = {"level": level} | {name: measures.get(name, float("nan")) for name in MEASURES}
        row |= {name: measures[name] for name in ROBUST if name in measures}
        row |= _by_group(fit)
        judged = {name: _judged(row, name) for name in ("cfi", "rmsea", "srmr")}
        row["_judged"] = judged
        if before is None:
            changes = dict.fromkeys(
                CHANGES,
                float("nan"),
            )
            holds = configural_holds(criteria, judged["cfi"], judged["srmr"])
        else:
            test = compare_models(self.fits[before["level"]], fit).to_frame().iloc[-1]
            changes = {
                "chisq_diff": test["chisq_diff"],
                "df_diff": test["df_diff"],
                "pvalue": test["pvalue"],
            }
            changes |= {f"delta_{name}": row[name] - before[name] for name in ("cfi", "rmsea", "srmr")}
            worse = {f"delta_{name}": judged[name] - before["_judged"][name] for name in judged}
            holds = before["holds"] and level_holds(criteria, level, worse)
        partial = bool(self.ladder[level]) and bool(self.free_names)
        return row | changes | {"holds": bool(holds), "partial": partial}

    def result(self, rows: list[dict[str, Any]], criteria: Criteria, group: str) -> InvarianceResult:
        frame = pd.DataFrame(rows).drop(columns="_judged")
        held = [row for row in rows if row["holds"]]
        last = next(iter(self.fits.values()))
        freed = pd.DataFrame(
            [vars(one) for one in self.path], columns=["level", "parameter", "chisq", "pvalue", "cfi"]
        )
        if "cfi_robust" in frame.columns:
            self.notes.append(note("V006"))
        notes = [*self.notes, *_too_little(last, self.free_names)]
        return InvarianceResult(
            frame=frame,
            freed=freed,
            fits=dict(self.fits),
            level=held[-1]["level"] if held else None,
            partial=bool(held and held[-1]["partial"]),
            criteria=criteria,
            group=group,
            group_labels=last.group_labels,
            notes=tuple(notes),
        )


def _judged(row: Mapping[str, float], name: str) -> float:
    """The robust version where it exists and could be computed."""
    robust = row.get(f"{name}_robust", float("nan"))
    return robust if robust == robust else row[name]


def _by_group(fit: SemFit) -> dict[str, float]:
    """The contribution of each group to the standard chi-square."""
    tests = fit.tests()
    standard = tests[tests["test"] == "standard"].iloc[0]
    return {
        f"chisq_{label}": value for label, value in zip(fit.group_labels, standard["stat_group"], strict=True)
    }


def _too_little(fit: SemFit, freed: Sequence[str]) -> list[Note]:
    """Factors on which fewer than two items are equal in all groups."""
    rows = fit.parameter_estimates()
    items = rows[(rows["op"] == "=~") & (rows["group"] == 1)]
    names = {"".join(one.split()) for one in freed}
    notes = []
    for factor, own in items.groupby("lhs", sort=False):
        unequal = {item for item in own["rhs"] if {f"{factor}=~{item}", f"{item}~1"} & names}
        if len(own) - len(unequal) < 2:
            notes.append(note("V007", factor=factor, equal=len(own) - len(unequal), items=len(own)))
    return notes
