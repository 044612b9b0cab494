"""A fitted model: everything that can be asked of it, as frames, numbers and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis import sem_tables as tables
from surveykit.analysis.sem_data import Cases, whole_number
from surveykit.analysis.sem_notes import improper_notes, undefined_notes
from surveykit.analysis.sem_options import Request
from surveykit.analysis.sem_rows import Rows
from surveykit.analysis.sem_text import fit_line, summary_of
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.admissibility import improper
from surveykit.estimation.sem.conditional import conditional_facts, conditional_independence
from surveykit.estimation.sem.corrections import corrections
from surveykit.estimation.sem.engine import Solution, fit, fit_baseline
from surveykit.estimation.sem.facts import fit_facts
from surveykit.estimation.sem.fit_measures import fit_measures
from surveykit.estimation.sem.likelihood import likelihoods
from surveykit.estimation.sem.r_squared import r_squared
from surveykit.estimation.sem.unavailable import unavailable
from surveykit.estimation.threads import on_one_thread
from surveykit.options import check_choice, check_flags, check_numbers, check_share, checked_call, shown
from surveykit.results import Result, plain

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class SemFit(Result):
    """A fitted structural equation model.

    Attributes
    ----------
    function : "sem", "cfa", "growth" or "lavaan"
    estimator : as resolved, for example "MLR"
    converged : did the minimisation end at a minimum?
    admissible : no negative variance, no correlation beyond 1
    ntotal, nobs : cases used, in all and by group
    group_labels : labels of the groups, in their order; empty for a single group
    notes : what was assumed, left out, or went wrong
    bootstrap_estimates : array (replicates that converged, free parameters), in the order of `vcov()`;
        None without a bootstrap
    """

    function: str
    estimator: str
    converged: bool
    admissible: bool
    ntotal: int
    nobs: tuple[int, ...]
    group_labels: tuple[str, ...]
    notes: tuple[Note, ...]
    bootstrap_estimates: FloatArray | None = field(repr=False)
    _solution: Solution = field(repr=False)
    _request: Request = field(repr=False)
    _cases: tuple[Cases, ...] = field(repr=False)
    _given_x: bool = field(repr=False, default=False)

    @classmethod
    def of(
        cls,
        solution: Solution,
        request: Request,
        cases: tuple[Cases, ...],
        notes: Sequence[Note],
        bootstrap_estimates: FloatArray | None = None,
        *,
        given_x: bool = False,
    ) -> SemFit:
        """A solution with the data that it came from."""
        labels = tuple(sample.label for sample in solution.moments)
        if bootstrap_estimates is not None:
            bootstrap_estimates.flags.writeable = False  # tables are made of them
        found = improper(solution.table, solution.representation, solution.estimates, solution.matrices)
        more = [*improper_notes(found, labels), *undefined_notes(solution)] if solution.converged else []
        return cls(
            function=request.function,
            estimator=solution.settings.estimator,
            converged=solution.converged,
            admissible=solution.converged and found.nothing,
            ntotal=solution.ntotal,
            nobs=solution.nobs,
            group_labels=labels if len(labels) > 1 else (),
            notes=(*solution.table.notes, *notes, *solution.notes, *more),
            bootstrap_estimates=bootstrap_estimates,
            _solution=solution,
            _request=request,
            _cases=cases,
            _given_x=given_x,
        )

    # --- parameters ------------------------------------------------------------------------

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self._solution, float(self._request["conf_level"]), self.bootstrap_estimates)

    @checked_call
    @on_one_thread
    def parameter_estimates(self, *, boot_ci_type: str = "perc") -> pd.DataFrame:
        """Estimates with standard errors, tests, intervals and standardized values.

        Parameters
        ----------
        boot_ci_type : {"perc", "norm", "basic", "bca.simple", "bca"}
            How a bootstrap's intervals are made: percentiles, normal, basic, bias-corrected, or
            bias-corrected and accelerated (which fits the model once more for each case).

        Returns
        -------
        pandas.DataFrame
            ``lhs op rhs group label est se z pvalue ci_lower ci_upper std_lv std_all``; `group`
            counts from 1 (`group_labels` names them) and is 0 for defined parameters. A fixed
            parameter has `se` 0 and no test.
        """
        rows = self._rows
        columns = rows.names | rows.with_intervals(boot_ci_type)
        columns["std_lv"] = rows.standardized("std.lv")
        columns["std_all"] = rows.standardized("std.all")
        return rows.frame(columns)

    @checked_call
    @on_one_thread
    def standardized_solution(self, type: str = "std.all", *, boot_ci_type: str = "perc") -> pd.DataFrame:
        """Standardized parameters with delta-method errors.

        Parameters
        ----------
        type : {"std.all", "std.lv", "std.nox"}
            Standardize all variables, latent ones only, or all but fixed exogenous ones.
        boot_ci_type : {"perc", "norm", "basic", "bca.simple", "bca"}
            After a bootstrap errors and intervals come from the standardized replicates.

        Returns
        -------
        pandas.DataFrame
            ``lhs op rhs group est_std se z pvalue ci_lower ci_upper``
        """
        check_choice("type", type, tables.STANDARDIZED)
        rows = self._rows
        names = {name: rows.names[name] for name in ("lhs", "op", "rhs", "group")}
        return rows.frame(names | rows.standardized_errors(type, boot_ci_type))

    def parameter_table(self) -> pd.DataFrame:
        """lavaan's parameter table, constraints included; may be given to `sem` as a model."""
        return tables.parameter_table(self._solution)

    def vcov(self) -> pd.DataFrame:
        """Covariance matrix of the free parameters, labelled as lavaan labels them."""
        return tables.vcov_frame(self._solution)

    @checked_call
    @on_one_thread
    def effects(self, *, boot_ci_type: str = "perc") -> pd.DataFrame:
        """Direct, indirect and total effects along the regressions, with delta-method errors.

        Effects that reach a factor through a factor above it count; a loading alone does not.

        Parameters
        ----------
        boot_ci_type : {"perc", "norm", "basic", "bca.simple", "bca"}
            After a bootstrap errors and intervals come from the effects in the replicates.

        Returns
        -------
        pandas.DataFrame
            ``lhs rhs group effect est se z pvalue ci_lower ci_upper std_all``: `rhs` on `lhs`.
        """
        return tables.effects_frame(self._rows, boot_ci_type)

    # --- fit -------------------------------------------------------------------------------

    @property
    def loglik(self) -> float:
        """Log-likelihood of the model; NaN where no likelihood is maximised."""
        likelihood = self._solution.settings.discrepancy == "ML"
        return likelihoods(self._solution).logl if likelihood else float("nan")

    @cached_property
    def _baseline(self) -> Solution:
        if self._given_x:
            settings = replace(self._solution.settings, se="none")
            return fit(conditional_independence(self._solution), self._solution.moments, settings)
        return fit_baseline(self._solution)

    @cached_property
    @on_one_thread
    def _measures(self) -> dict[str, float]:
        self._need_convergence("fit_measures()")
        corrected = corrections(self._solution, self._baseline)
        facts = fit_facts(
            self._solution, self._baseline, standard_test=self._standard_test, corrected=corrected
        )
        return fit_measures(conditional_facts(facts, self._solution) if self._given_x else facts)

    @property
    def _standard_test(self) -> str:
        """The test that lavaan reports as the chi-square."""
        settings = self._solution.settings
        residual = settings.estimator in ("ULS", "DWLS") and self._request["test"] == "default"
        names = [one.test for one in self._solution.tests if one.test.startswith("browne")]
        return names[0] if residual and names else "standard"

    def fit_measures(self) -> pd.Series[float]:
        """All fit measures of lavaan that the estimator has, dots written as underscores.

        Why one is NaN, and which test `chisq` is where it is not the plain one, stands in
        ``.attrs["notes"]``.
        """
        found = pd.Series(self._measures, name="value", dtype=float)
        found.attrs["notes"] = [str(one) for one in self._remarks]
        return found

    @property
    def _remarks(self) -> tuple[Note, ...]:
        """M144 which test `chisq` is, where it is not the plain one; M114 what has no value."""
        test = self._standard_test
        which = (note("M144", test=test, estimator=self.estimator),) if test != "standard" else ()
        return (*which, *unavailable(self._solution, self._baseline, self._measures))

    def tests(self) -> pd.DataFrame:
        """Test statistics of the model: standard, scaled, residual-based."""
        return tables.tests_frame(self._solution.tests)

    @checked_call
    @on_one_thread
    def modification_indices(
        self,
        *,
        sort: bool = True,
        minimum: float = 0.0,
        maximum: int | None = None,
        op: str | Sequence[str] | None = None,
        power: bool = False,
        delta: float = 0.1,
        alpha: float = 0.05,
        high_power: float = 0.75,
    ) -> pd.DataFrame:
        """What freeing one more parameter would gain: chi-square (1 df) and expected change.

        Parameters
        ----------
        sort : bool, default True
            Largest first; otherwise in the order of the parameter table.
        minimum : float, default 0
            Leave out smaller indices.
        maximum : int, optional
            Number of rows.
        op : str or sequence of str, optional
            Only these operators, for example ``"~~"``.
        power : bool, default False
            Add how likely a misfit of `delta` would be found at level `alpha`: ``delta ncp power decision``.
            `decision` is in lavaan's words, power being high above `high_power`: "**(m)**" a misfit that
            even low power shows, "*epc:m*" one by its size, "epc:nm" too small to matter, "(nm)" none,
            "(i)" inconclusive.

        Returns
        -------
        pandas.DataFrame
            ``lhs op rhs group mi epc sepc_lv sepc_all sepc_nox``. Equality constraints are
            not released; see `score_test`.

        References
        ----------
        Saris, Satorra & van der Veld (2009), doi:10.1080/10705510903203433, for `power`.
        """
        self._need_convergence("modification_indices()")
        several = isinstance(op, Iterable) and not isinstance(op, str)
        wanted = tables.OPERATORS if op is None else list(op) if several else [op]
        for one in wanted:
            check_choice("op", one, tables.OPERATORS)
        check_flags(sort=sort, power=power)
        most = None if maximum is None else whole_number("maximum", maximum, 0)
        check_numbers(minimum=minimum, delta=delta)
        check_share("alpha", alpha)
        check_share("high_power", high_power)
        frame = tables.modification_frame(self._solution, sort, self._given_x)
        if power:
            frame = tables.with_power(frame, delta, alpha, high_power)
        frame = frame[frame["mi"] >= minimum]
        frame = frame[frame["op"].isin(wanted)]
        return frame.head(len(frame) if most is None else min(most, len(frame))).reset_index(drop=True)

    @checked_call
    @on_one_thread
    def score_test(
        self,
        *,
        add: str | None = None,
        release: Sequence[int] | None = None,
        cumulative: bool = False,
    ) -> pd.DataFrame:
        """What releasing equality constraints, or adding parameters, would gain (score tests).

        Parameters
        ----------
        add : str, optional
            Parameters that the model does not free, as in a model text (``"f =~ x4; x1 ~~ x2"``), one in
            every group; the model's constraints hold. By default its constraints are released.
        release : sequence of int, optional
            Which of the constraints, counted from 1 as `parameter_table` lists them; the others hold.
        cumulative : bool, default False
            Also the largest, the two largest, ... together.

        Returns
        -------
        pandas.DataFrame
            First one by one (`test` "univariate"), then "cumulative", then all at once ("score"):
            ``test lhs rhs parameter_lhs parameter_rhs chisq df pvalue``, where standard errors are
            robust ``chisq_scaled pvalue_scaled`` and the rows "score.scaled", "score.adjusted",
            "score.robust", and with `add` the expected change ``epc``.

        Notes
        -----
        Derivatives of nonlinear constraints are taken at the estimates (lavaan 0.7 scales with those at
        the starting values).
        """
        self._need_convergence("score_test()")
        check_flags(cumulative=cumulative)
        if release is not None and (isinstance(release, str) or not isinstance(release, Iterable)):
            raise SurveykitError("M174", value=shown(release))
        if add is None:
            return tables.score_test_frame(self._solution, release, cumulative)
        if release is not None:
            raise SurveykitError("M164", option="add", other="release")
        return tables.added_frame(self._solution, add, self._given_x, cumulative)

    @checked_call
    def wald_test(self, constraints: str) -> pd.Series[Any]:
        """Test constraints on the parameters of this fit, for example ``"a == b; c == 0"``.

        Returns
        -------
        pandas.Series
            ``chisq df pvalue``, and ``_scaled`` versions where standard errors are robust.
        """
        self._need_convergence("wald_test()")
        return tables.wald_test_series(self._solution, constraints)

    def r_squared(self) -> Any:
        """Explained variance of indicators and outcomes: a Series, by group a dict of Series."""
        found = r_squared(self._solution.table, self._rows.every_standardized("std.all"))
        return self._by_group([pd.Series(one, name="r_squared", dtype=float) for one in found])

    def sample_moments(self) -> Any:
        """Moments that the model was fitted to: ``{"cov": frame, "mean": ...}``, by group if several.

        With ordered items ``th`` as well; given x (`conditional_x`) residual covariances, intercepts,
        ``slopes``, ``cov_x``, ``mean_x``.
        """
        return self._by_group(tables.observed_frames(self._solution, self._given_x))

    def implied(self) -> Any:
        """Implied moments, laid out as `sample_moments`."""
        return self._by_group(tables.implied_frames(self._solution, self._given_x))

    @checked_call
    @on_one_thread
    def residuals(self, type: str = "raw") -> Any:
        """Sample minus implied moments: ``{"cov": frame, "mean": ...}``, by group if several.

        Parameters
        ----------
        type : {"raw", "cor", "cor.bollen", "cor.bentler", "normalized", "standardized"}
            "cor" differences of correlations (Bollen's), "cor.bentler" residuals over the observed
            standard deviations, "normalized" over the standard error of the sample moment,
            "standardized" over the residual's own (a z value).

        Notes
        -----
        As in lavaan, a residual below 1e-4 stands undivided in "standardized".
        """
        check_choice("type", type, tables.RESIDUALS)
        return self._by_group(tables.residual_frames(self._solution, type, self._given_x))

    @checked_call
    @on_one_thread
    def factor_scores(self, method: str = "regression", *, se: bool = False) -> pd.DataFrame:
        """Factor scores of the cases that were used, under their labels in the data.

        Parameters
        ----------
        method : {"regression", "bartlett"}
            With ordered items the modes of posterior and likelihood.
        se : bool, default False
            Add a column ``<factor>_se`` for each factor.

        Returns
        -------
        pandas.DataFrame
            A column a latent variable; with several groups a last column `group`, cases
            group by group.
        """
        check_choice("method", method, tables.SCORES)
        check_flags(se=se)
        if not self._cases:
            raise SurveykitError("M094", what="factor_scores()")
        return tables.scores_frame(self._solution, self._cases, method, se)

    # --- as a whole ------------------------------------------------------------------------

    def _by_group(self, parts: Sequence[Any]) -> Any:
        """The single part, or group label -> part."""
        return dict(zip(self.group_labels, parts, strict=True)) if self.group_labels else parts[0]

    def _need_convergence(self, what: str) -> None:
        if not self.converged:
            raise SurveykitError("M097", what=what)

    @property
    def options(self) -> dict[str, Any]:
        """What lavaan's options were resolved to."""
        found = tables.resolved_options(self._solution)
        return found | {"conditional_x": True} if self._given_x else found

    def to_frame(self) -> pd.DataFrame:
        """`parameter_estimates()`."""
        return self.parameter_estimates()

    def to_dict(self) -> dict[str, Any]:
        """Plain values: how it was fitted, estimates, fit measures, notes."""
        out = super().to_dict()
        out["parameter_estimates"] = plain(self.parameter_estimates())
        out["standardized_solution"] = plain(self.standardized_solution()) if self.converged else None
        out["fit_measures"] = plain(self._measures) if self.converged else None
        return out

    @checked_call
    def summary(
        self,
        *,
        fit_measures: bool = True,
        standardized: bool = True,
        rsquare: bool = False,
        ci: bool = False,
    ) -> str:
        """The fit as text, laid out as lavaan's summary.

        Parameters
        ----------
        fit_measures, standardized, rsquare, ci : bool
            Whether to print the fit measures, standardized estimates, R-squares, intervals.
        """
        check_flags(fit_measures=fit_measures, standardized=standardized, rsquare=rsquare, ci=ci)
        measures = self._measures if fit_measures and self.converged and len(self._solution.tests) else None
        replicates = self.bootstrap_estimates
        remarks = self._remarks if measures is not None else ()
        squares = self.r_squared() if rsquare else {}
        shown = list(squares.values()) if self.group_labels else [squares]
        return summary_of(
            self._solution,
            self.parameter_estimates(),
            self.group_labels,
            function=self.function,
            measures=measures,
            r_squared=[dict(one) for one in shown] if rsquare else [],
            standardized=standardized,
            ci=ci,
            notes=(
                *self.notes,
                *(one for one in remarks if one.code == "M144" or "_robust" in str(one.fields["names"])),
            ),
            draws=None if replicates is None else (self._request.bootstrap_draws, len(replicates)),
        )

    def __repr__(self) -> str:
        return f"<SemFit: {fit_line(self._solution, self._measures if self.converged else None)}>"
