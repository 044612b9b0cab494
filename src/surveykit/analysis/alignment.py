"""Alignment: comparing latent means where scalar invariance fails and no small set of items is to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.invariance_input import check_groups, check_number
from surveykit.analysis.sem import cfa
from surveykit.analysis.sem_data import MOST_DRAWS, whole_number
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_rows import inference
from surveykit.analysis.sem_tables import without_errors
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.alignment import Measures, align, explained, invariant_groups, jacobian, sensitivity
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MANY = 0.25  # Muthen & Asparouhov (2014): more non-invariance than that, and the means are doubtful


@dataclass(frozen=True, repr=False)
class AlignmentResult(Result):
    """Aligned factor means and item parameters.

    Attributes
    ----------
    means : DataFrame, a row per factor and group
        ``factor group mean se z pvalue ci_lower ci_upper sd sd_se``, in standard deviations of the first
        group, whose mean is 0 (`method` "fixed"); `to_frame()` gives it.
    parameters : DataFrame, a row per loading or intercept and group
        ``parameter kind group est se invariant``: whether the group belongs to the set in which the
        parameter is invariant.
    r_squared : DataFrame ``kind r_squared``
        Share of the groups' differences in loadings and intercepts that factor means and
        variances explain; 1 is scalar invariance, 0 or less none.
    non_invariant : share of loadings and intercepts over all groups that are not invariant
    fit : SemFit of the configural model
    """

    means: pd.DataFrame
    parameters: pd.DataFrame
    r_squared: pd.DataFrame
    non_invariant: float
    method: str
    tolerance: float
    fit: SemFit = field(repr=False)
    group: str = "group"
    group_labels: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.means

    def __repr__(self) -> str:
        return f"<AlignmentResult: {len(self.group_labels)} groups, {self.non_invariant:.0%} not invariant>"


@checked_call
def alignment(
    model: str,
    data: pd.DataFrame | None = None,
    *,
    group: str | None = None,
    method: str = "fixed",
    tolerance: float = 0.01,
    starts: int = 20,
    seed: int = 0,
    conf_level: float = 0.95,
    **options: Any,
) -> AlignmentResult:
    """Compare latent means without equal intercepts: align the groups of a configural model.

    Factor means and variances are chosen so that the loadings and intercepts of
    most items agree and few differ much. The fit is that of the configural model.

    Parameters
    ----------
    model : str
        The measurement model, lavaan syntax.
    data : pandas.DataFrame
        Or `sample_cov`, `sample_mean`, `sample_nobs` by group among the options.
    group : str
        Column of the groups, two or more; with "fixed" the first to appear is the reference.
    method : {"fixed", "free"}
        "fixed": the first group has mean 0 and standard deviation 1. "free": all means are estimated
        and the product of the standard deviations is 1; for three or more groups with much
        non-invariance.
    tolerance : float, default 0.01
        The epsilon of the loss (difference^2 + epsilon)^(1/4), on the scale of the items.
    starts, seed : number of starts of the search, and the seed of the random ones.
    options : further arguments of `cfa` (`estimator`, `missing`, ...).

    Returns
    -------
    AlignmentResult

    Raises
    ------
    SurveykitError
        V001, V002, V008, V009 the groups; V028 ordered items; V029 no means; O001, O002 an option; and what
        `cfa` refuses.

    Notes
    -----
    Standard errors follow from those of the configural model by the delta method. A note (V030) says
    where more than a quarter of the parameters is not invariant: the means are doubtful then.

    References
    ----------
    Asparouhov & Muthen (2014), doi:10.1080/10705511.2014.919210. Muthen & Asparouhov (2014),
    doi:10.3389/fpsyg.2014.00978.

    Examples
    --------
    >>> found = alignment("trust =~ t1 + t2 + t3 + t4", data, group="country")       # doctest: +SKIP
    >>> found.to_frame()[["factor", "group", "mean", "se"]]                          # doctest: +SKIP
    """
    check_choice("method", method, ("fixed", "free"))
    check_share("conf_level", conf_level)
    check_share("tolerance", tolerance)
    if options.get("ordered"):
        raise SurveykitError("V028")
    if data is not None:
        check_groups(model, data, group, ())
        options = {**options, "data": data, "group": group}
    elif options.get("sample_mean") is None:
        raise SurveykitError("V029")
    else:
        check_number(dict(enumerate(options["sample_cov"])), "sample_cov")
    fit = cfa(model, **{**options, "std_lv": True, "conf_level": conf_level})
    if fit._solution.vcov is None:
        raise without_errors(fit._solution, "alignment()")
    whole_number("starts", starts, 1, MOST_DRAWS)
    seed = whole_number("seed", seed, 0)
    return _Aligned(fit, method, tolerance, starts, seed, conf_level).result(group or "group")


class _Aligned:
    """Configural estimates, their alignment, and the errors of everything that follows from them."""

    def __init__(
        self, fit: SemFit, method: str, tolerance: float, starts: int, seed: int, conf_level: float
    ) -> None:
        self.fit, self.method, self.tolerance, self.conf_level = fit, method, tolerance, conf_level
        solution = fit._solution
        layout = solution.representation.groups[0]
        self.items, self.factors = layout.ov, layout.lv[: layout.n_latent]
        loadings = np.stack([one["lambda"][0] for one in solution.matrices])
        intercepts = np.stack([one["nu"][0, :, 0] for one in solution.matrices])
        signs = np.where(np.einsum("gpm,pm->gm", loadings, loadings[0]) < 0, -1.0, 1.0)
        self.measures = Measures(
            loadings=loadings * signs[:, None, :],
            intercepts=intercepts,
            sizes=np.array(fit.nobs, dtype=np.float64),
            pattern=(loadings != 0).any(axis=0),
            anchored=method == "fixed",
        )
        self.theta = align(self.measures, width=tolerance, starts=starts, seed=seed)
        values = self.values(self.measures)
        self.estimated = self.vcov(signs)
        moved = sensitivity(self.theta, self.gradient, values)
        here = self.derived(self.theta, values)
        self.found = here
        slope = jacobian(lambda one: self.derived(self.theta, one), values)
        slope += jacobian(lambda one: self.derived(one, values), self.theta) @ moved
        self.cov = slope @ self.estimated @ slope.T

    def values(self, measures: Measures) -> FloatArray:
        """Loadings, then intercepts, group by group in each: what the configural model estimated."""
        return np.concatenate([measures.loadings[:, measures.pattern].ravel(), measures.intercepts.ravel()])

    def with_values(self, values: FloatArray) -> Measures:
        loadings = self.measures.loadings.copy()
        count = loadings[:, self.measures.pattern].size
        loadings[:, self.measures.pattern] = values[:count].reshape(len(loadings), -1)
        intercepts = values[count:].reshape(self.measures.intercepts.shape)
        return replace(self.measures, loadings=loadings, intercepts=intercepts)

    def gradient(self, theta: FloatArray, values: FloatArray) -> FloatArray:
        return self.with_values(values).loss(theta, self.tolerance)[1]

    def derived(self, theta: FloatArray, values: FloatArray) -> FloatArray:
        """Means, standard deviations, aligned loadings and intercepts: each (G, k), row by row."""
        measures = self.with_values(values)
        means, spread = measures.unfold(theta)
        loadings, intercepts = measures.aligned(theta)
        parts = (means, np.exp(spread), loadings[:, measures.pattern], intercepts)
        return np.concatenate([one.ravel() for one in parts])

    def vcov(self, signs: FloatArray) -> FloatArray:
        """Covariance matrix of `values`, from that of the configural estimates."""
        table, solution = self.fit._solution.table, self.fit._solution
        rows = zip(table.lhs, table.op, table.rhs, table.group.tolist(), strict=True)
        place = {row: at for at, row in enumerate(rows)}
        pairs = np.argwhere(self.measures.pattern)
        chosen, scale = [], []
        for group in range(len(signs)):
            for item, factor in pairs:
                chosen.append(place[self.factors[factor], "=~", self.items[item], group + 1])
                scale.append(signs[group, factor])
        for group in range(len(signs)):
            chosen += [place[item, "~1", "", group + 1] for item in self.items]
            scale += [1.0] * len(self.items)
        pick = np.zeros((len(chosen), table.n_free))
        for at, row in enumerate(chosen):
            if table.free[row]:
                pick[at, table.free[row] - 1] = scale[at]
        assert solution.vcov is not None
        return np.asarray(pick @ solution.vcov @ pick.T)

    def places(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Where means, deviations, loadings and intercepts stand in `found`, each (G, k)."""
        groups, factors = self.measures.shape
        widths = (factors, factors, int(self.measures.pattern.sum()), len(self.items))
        ends = np.cumsum([0, *(groups * one for one in widths)])
        parts = [
            np.arange(start, start + groups * one).reshape(groups, one)
            for start, one in zip(ends[:-1], widths, strict=True)
        ]
        return parts[0], parts[1], parts[2], parts[3]

    def result(self, group: str) -> AlignmentResult:
        parameters = self.parameters()
        share = float(1 - parameters["invariant"].mean())
        notes = list(self.fit.notes)
        if share > MANY:
            notes.append(note("V030", share=f"{share:.0%}"))
        return AlignmentResult(
            means=self.means(),
            parameters=parameters,
            r_squared=self.r_squared(),
            non_invariant=share,
            method=self.method,
            tolerance=self.tolerance,
            fit=self.fit,
            group=group,
            group_labels=self.fit.group_labels,
            notes=tuple(notes),
        )

    def means(self) -> pd.DataFrame:
        mean, sd, _, _ = self.places()
        rows = []
        for at, factor in enumerate(self.factors):
            own = mean[:, at]
            columns = inference(self.found[own], self.errors(own), self.conf_level)
            names = {"factor": factor, "group": list(self.fit.group_labels)}
            frame = pd.DataFrame({**names, **columns}).rename(columns={"est": "mean"})
            rows.append(frame.assign(sd=self.found[sd[:, at]], sd_se=self.errors(sd[:, at])))
        return pd.concat(rows, ignore_index=True)

    def errors(self, places: IntArray) -> FloatArray:
        return np.asarray(np.sqrt(np.maximum(np.diag(self.cov)[places], 0.0)))

    def parameters(self) -> pd.DataFrame:
        _, _, loading, intercept = self.places()
        pairs = np.argwhere(self.measures.pattern)
        names = [f"{self.factors[factor]}=~{self.items[item]}" for item, factor in pairs]
        rows = []
        for kind, places, labels in (
            ("loading", loading, names),
            ("intercept", intercept, [f"{item}~1" for item in self.items]),
        ):
            for column, label in enumerate(labels):
                rows.append(self._parameter(kind, label, places[:, column]))
        return pd.concat(rows, ignore_index=True)

    def _parameter(self, kind: str, label: str, own: IntArray) -> pd.DataFrame:
        inside = invariant_groups(self.found[own], self.cov[np.ix_(own, own)])
        columns = {"group": list(self.fit.group_labels), "est": self.found[own], "se": self.errors(own)}
        return pd.DataFrame({"parameter": label, "kind": kind, **columns, "invariant": inside})

    def r_squared(self) -> pd.DataFrame:
        mean, sd, loading, intercept = (self.found[one] for one in self.places())
        pairs = np.argwhere(self.measures.pattern)
        average = loading.mean(axis=0)
        by_loading = explained(self.measures.loadings[:, self.measures.pattern], sd[:, pairs[:, 1]] * average)
        full = np.zeros(self.measures.pattern.shape)
        full[self.measures.pattern] = average
        expected = intercept.mean(axis=0) + mean @ full.T
        rows: Sequence[tuple[str, float]] = (
            ("loadings", by_loading),
            ("intercepts", explained(self.measures.intercepts, expected)),
        )
        return pd.DataFrame(rows, columns=["kind", "r_squared"])
