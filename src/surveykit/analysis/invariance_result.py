"""The result of a ladder of invariance: the table, what was freed, latent means, effect sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from surveykit.analysis.invariance_criteria import Criteria
from surveykit.analysis.invariance_effects import effect_sizes
from surveykit.analysis.invariance_fits import LevelFits
from surveykit.analysis.invariance_search import factors_of, releases
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import Note, SurveykitError
from surveykit.formatting import text_table
from surveykit.options import check_choice
from surveykit.results import Result

WIDE = 200  # the verdict may run over the end of a terminal's line, the numbers do not


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
    judged : DataFrame `level cfi rmsea srmr`
        The versions of the indices that the criteria were held against.
    """

    frame: pd.DataFrame
    freed: pd.DataFrame
    fits: Mapping[str, SemFit]
    level: str | None
    partial: bool
    criteria: Criteria
    group: str
    group_labels: tuple[str, ...]
    judged: pd.DataFrame
    notes: tuple[Note, ...]
    _fits: LevelFits = field(repr=False)
    _unequal: tuple[str, ...] = field(repr=False)
    _equal: tuple[str, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors of the model."""
        return tuple(self.factor_items)

    @property
    def factor_items(self) -> dict[str, list[str]]:
        """Each factor's items."""
        return factors_of(self._fits.configural)

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
        return means_of(fit, self.group_labels)

    def effect_sizes(self) -> pd.DataFrame:
        """How far apart two people of the same standing would answer an item that is not invariant (dMACS).

        For the parameters that were freed; where none were, each item in turn is freed (loading and
        intercept) while all others are equal.

        Returns
        -------
        pandas.DataFrame, a row per item and later group
            ``item group freed d_macs bias expected_difference``: `d_macs` >= 0 is the root mean square
            difference of expected answers over the later group's factor distribution, `bias` the signed
            mean difference, first group minus `group`, both in pooled standard deviations of the
            item; `expected_difference` is `bias` in scale points. About 0.2 is small, 0.4
            medium, 0.7 large (Nye et al. 2019).

        Raises
        ------
        SurveykitError
            V013 the ladder was climbed without means.

        References
        ----------
        Nye & Drasgow (2011), doi:10.1037/a0022955. Nye, Bradburn, Olenick, Bialko & Drasgow (2019),
        doi:10.1177/1094428118761122.
        """
        if "~1" not in self._fits.configural._solution.table.op:
            raise SurveykitError("V013", levels="scalar")
        return effect_sizes(self._fits, self._equal, self._unequal)

    def release_tests(self, level: str) -> pd.DataFrame:
        """What freeing each parameter that a level holds equal would gain: where invariance breaks.

        Parameters
        ----------
        level : a level of the ladder, for example "metric"

        Returns
        -------
        pandas.DataFrame
            ``parameter chisq df pvalue``, largest first: score tests, robust where standard errors are.

        Raises
        ------
        SurveykitError
            O001 the ladder has no such level, or it is the configural one.
        """
        check_choice("level", level, [name for name in self.fits if name != "configural"])
        tests = releases(self.fits[level])
        rows = [{"parameter": "".join(name), **one._asdict()} for name, one in tests.items()]
        frame = pd.DataFrame(rows)
        return frame.sort_values("chisq", ascending=False, kind="stable").reset_index(drop=True)

    def summary(self) -> str:
        """The numbers that are judged, level by level, and the verdict, as text."""
        head = (
            f"Measurement invariance by {self.group} ({', '.join(self.group_labels)}); {self.criteria.name}"
        )
        frame = self.frame
        chisq = "chisq_scaled" if "chisq_scaled" in frame.columns else "chisq"
        judged = self.judged.set_index("level").reindex(
            index=frame["level"], columns=["cfi", "rmsea", "srmr"]
        )
        columns = [(name, frame[name].tolist()) for name in ("level", chisq, "df")]
        columns += [(name, judged[name].tolist()) for name in judged.columns]
        columns += [(f"delta_{name}", judged[name].diff().tolist()) for name in judged.columns]
        told = zip(frame["level"], frame["holds"], frame["partial"], strict=True)
        columns.append(
            ("verdict", [self._verdict(level, bool(one), bool(part)) for level, one, part in told])
        )
        table = text_table(columns, line=WIDE)
        return "\n".join([head, table, *(str(one) for one in self.notes)])

    def _verdict(self, level: str, holds: bool, partial: bool) -> str:
        freed = ", ".join(self.freed.loc[self.freed["level"] == level, "parameter"])
        also = f"; freed here: {freed}" if freed else ""
        return f"{'holds' if holds else 'fails'}{' in part' if holds and partial else ''}{also}"

    def __repr__(self) -> str:
        partial = " (partial)" if self.partial else ""
        return f"<InvarianceResult: {self.level or 'none'}{partial} holds, {len(self.frame)} levels>"


def means_of(fit: SemFit, labels: Sequence[str]) -> pd.DataFrame:
    """Latent means of the later groups: ``factor group mean se z pvalue ci_lower ci_upper``."""
    rows = fit.parameter_estimates()
    factors = set(rows.loc[rows["op"] == "=~", "lhs"])
    means = rows[(rows["op"] == "~1") & rows["lhs"].isin(factors) & (rows["group"] > 1)]
    groups = [labels[int(number) - 1] for number in means["group"]]
    found = pd.DataFrame(
        {"factor": means["lhs"].to_numpy(), "group": groups, "mean": means["est"].to_numpy()}
    )
    for column in ("se", "z", "pvalue", "ci_lower", "ci_upper"):
        found[column] = means[column].to_numpy()
    return found
