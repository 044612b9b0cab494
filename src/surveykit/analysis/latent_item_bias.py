"""Differential item functioning by the invariance model, beside ordinal logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import ADJUSTMENTS
from surveykit.analysis.invariance import measurement_invariance
from surveykit.analysis.invariance_difference import difference
from surveykit.analysis.invariance_effects import item_effects, item_parameters
from surveykit.analysis.invariance_result import InvarianceResult, means_of
from surveykit.analysis.invariance_search import releases
from surveykit.analysis.item_bias import item_bias
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import Note, note
from surveykit.estimation.two_samples import adjust_pvalues
from surveykit.formatting import number, pvalue
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

NAN = float("nan")
# Nye et al. (2019): from here on small, medium, large.
SIZES = ((0.2, "negligible"), (0.4, "small"), (0.7, "medium"), (np.inf, "large"))
MOST_CATEGORIES, FEWEST_EQUAL = 15, 2
OF_REGRESSION = {
    "chisq": "logistic_chisq",
    "df": "logistic_df",
    "pvalue": "logistic_pvalue",
    "pvalue_adjusted": "logistic_pvalue_adjusted",
    "r2_change": "logistic_r2_change",
    "size": "logistic_size",
}
TESTED = ("chisq", "df", "pvalue")
FRAME = (
    *("factor", "item", *TESTED),
    *("loading_chisq", "loading_df", "loading_pvalue"),
    *("intercept_chisq", "intercept_df", "intercept_pvalue"),
    *("d_macs", "bias", "expected_difference", "size"),
)


@dataclass(frozen=True)
class LatentItemBias(Result):
    """Differential item functioning, item by item, and what it does to the comparison.

    Attributes
    ----------
    frame : DataFrame, a row per item
        ``factor item``; ``chisq df pvalue pvalue_adjusted``: likelihood ratio of freeing loading and
        intercept of this item (scaled where the estimator is robust), all other items equal;
        ``loading_*`` (non-uniform) and ``intercept_*`` (uniform bias): score tests of each, ``chisq df
        pvalue``; ``d_macs bias expected_difference size``: effect sizes as in
        `InvarianceResult.effect_sizes`, of the later group where they are largest;
        ``logistic_chisq logistic_df logistic_pvalue logistic_pvalue_adjusted logistic_r2_change
        logistic_size``: `item_bias` on the same answers; ``flagged``: adjusted p below `alpha` and an
        effect that is not negligible.
    comparison : DataFrame, a row per model, factor and later group
        ``freed factor group mean se pvalue ci_lower ci_upper change``: latent means with all items equal
        (`freed` empty), with one item free, and last with all flagged items free; `change` from the first.
    """

    frame: pd.DataFrame
    comparison: pd.DataFrame
    group: str
    groups: tuple[str, ...]
    adjust: str
    alpha: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def flagged(self) -> tuple[str, ...]:
        """The items that work differently."""
        return tuple(self.frame.loc[self.frame["flagged"], "item"])

    def summary(self) -> str:
        lines = [f"Differential item functioning by {self.group} ({', '.join(self.groups)}; {self.adjust})"]
        for row in self.frame.dropna(subset=["chisq"]).to_dict("records"):
            lines.append(
                f"{row['item']}: chi2({row['df']:.0f}) = {number(row['chisq'], 2)}, "
                f"p {pvalue(row['pvalue_adjusted'])}, dMACS = {number(row['d_macs'], 2)} ({row['size']})"
            )
        shown = ["", *(self.flagged[:1] if len(self.flagged) == 1 else ())]
        shown += [self.comparison["freed"].iloc[-1]] if len(self.flagged) > 1 else []
        for row in self.comparison[self.comparison["freed"].isin(shown)].to_dict("records"):
            what = "all items equal" if not row["freed"] else f"{row['freed']} free"
            lines.append(f"{row['factor']}, {row['group']}, {what}: latent mean {number(row['mean'], 2)}")
        return "\n".join([*lines, *(str(one) for one in self.notes)])


@checked_call
def latent_item_bias(
    model: str,
    data: pd.DataFrame | None = None,
    *,
    group: str | None = None,
    estimator: str = "MLR",
    ordered: bool | Sequence[str] = (),
    missing: str = "listwise",
    adjust: str = "holm",
    alpha: float = 0.05,
    **options: Any,
) -> LatentItemBias:
    """Do people of different groups with the same standing on a factor answer an item differently.

    In the model with equal loadings and intercepts (for ordered items thresholds too), each item
    in turn is freed while all others stay equal.

    Parameters
    ----------
    model : str
        The measurement model, lavaan syntax.
    data : pandas.DataFrame
    group : str
        Column of the groups, two or more; the first to appear is the reference.
    estimator, ordered, missing
        As in `measurement_invariance`.
    adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "fdr", "BY", "none"}, default "holm"
        Over the items.
    alpha : float in (0, 1), default 0.05
    options : further arguments of `cfa`, for example `sample_cov`, `sample_mean`, `sample_nobs` in place
        of `data` (then without logistic regression).

    Returns
    -------
    LatentItemBias

    Raises
    ------
    SurveykitError
        What `measurement_invariance` refuses; V003 no means; O001, O002 an option.

    Notes
    -----
    With many biased items the equal ones are no anchor: a search from the ladder
    (``measurement_invariance(..., partial="search")``) frees them one after the other. An item whose
    model does not converge is NaN with a note (V032). Ordinal logistic regression takes the mean of
    the other items for the standing; where both methods agree, the finding does not hang on that.

    References
    ----------
    Stark, Chernyshenko & Drasgow (2006), doi:10.1037/0021-9010.91.6.1292. Nye, Bradburn, Olenick, Bialko &
    Drasgow (2019), doi:10.1177/1094428118761122. Zumbo (1999).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> level = rng.normal(size=400)
    >>> answers = pd.DataFrame({f"t{i}": np.round(2 * level + rng.normal(size=400)) for i in range(4)})
    >>> answers["country"] = ["JP", "KR"] * 200
    >>> answers["t0"] += 2 * (answers["country"] == "KR")
    >>> latent_item_bias("trust =~ t0 + t1 + t2 + t3", answers, group="country").flagged
    ('t0',)
    """
    check_choice("adjust", adjust, ADJUSTMENTS)
    check_share("alpha", alpha)
    settings = {"group": group, "estimator": estimator, "ordered": ordered, "missing": missing, **options}
    ladder = measurement_invariance(model, data, levels=("scalar",), **settings)
    ladder.latent_means()  # refuses where there are no means
    notes = [one for one in ladder.notes if one.code not in ("V006", "V015")]
    items = {item: factor for factor, own in ladder.factor_items.items() for item in own}
    rows, means = [], [_means(ladder.fits["scalar"], "", ladder)]
    tests = releases(ladder.fits["scalar"])
    for item, factor in items.items():
        free = item_parameters(ladder.factor_items, item)
        fit = ladder._fits.fit(ladder._equal, free)
        row = {"factor": factor, "item": item, **_scores(tests, factor, item)}
        if fit.converged:
            means.append(_means(fit, item, ladder))
            row |= _likelihood_ratio(ladder, fit) | _effect(ladder, fit, item, free)
        else:
            notes.append(note("V032", item=item))
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(FRAME))
    adjusted = adjust_pvalues(frame["pvalue"].to_numpy(dtype=float), adjust)
    frame.insert(list(FRAME).index("pvalue") + 1, "pvalue_adjusted", adjusted)
    frame = frame.merge(_regression(ladder, data, group, adjust, notes), on="item", how="left")
    frame["flagged"] = (frame["pvalue_adjusted"] < alpha) & (frame["d_macs"] >= SIZES[0][0])
    means += _all_flagged(ladder, frame, notes)
    comparison = _changes(pd.concat(means, ignore_index=True))
    told = tuple({str(one): one for one in notes}.values())
    return LatentItemBias(frame, comparison, ladder.group, ladder.group_labels, adjust, alpha, told)


def _scores(tests: Mapping[tuple[str, str, str], Any], factor: str, item: str) -> dict[str, float]:
    """Score tests of the loading and of the intercept."""
    found: dict[str, float] = {}
    for what, parameter in (("loading", (factor, "=~", item)), ("intercept", (item, "~1", ""))):
        test = tests.get(parameter)
        values = (NAN, NAN, NAN) if test is None else tuple(test)
        found |= {f"{what}_{name}": value for name, value in zip(TESTED, values, strict=True)}
    return found


def _likelihood_ratio(ladder: InvarianceResult, fit: SemFit) -> dict[str, float]:
    test = difference(ladder.fits["scalar"]._solution, fit._solution)
    return dict(zip(TESTED, (test.stat, test.df, test.pvalue), strict=True))


def _effect(ladder: InvarianceResult, fit: SemFit, item: str, freed: Sequence[str]) -> dict[str, Any]:
    """Effect sizes in the later group where they are largest."""
    sizes = item_effects(fit, item, freed)
    worst = max(sizes, key=lambda one: float(one["d_macs"]))
    found = {name: worst[name] for name in ("d_macs", "bias", "expected_difference")}
    return found | {"size": next(word for limit, word in SIZES if found["d_macs"] < limit)}


def _means(fit: SemFit, freed: str, ladder: InvarianceResult) -> pd.DataFrame:
    means = means_of(fit, ladder.group_labels).drop(columns="z")
    means.insert(0, "freed", freed)
    return means


def _changes(means: pd.DataFrame) -> pd.DataFrame:
    """With how far each mean moved from that with all items equal."""
    first = means[means["freed"] == ""].set_index(["factor", "group"])["mean"]
    places = pd.MultiIndex.from_frame(means[["factor", "group"]])
    return means.assign(change=means["mean"].to_numpy() - first.loc[places].to_numpy())


def _all_flagged(ladder: InvarianceResult, frame: pd.DataFrame, notes: list[Note]) -> list[pd.DataFrame]:
    """Latent means with all flagged items free, two of each factor kept equal."""
    free: list[str] = []
    for factor, items in ladder.factor_items.items():
        own = frame[(frame["factor"] == factor) & frame["flagged"]].sort_values("d_macs", ascending=False)
        most = max(len(items) - FEWEST_EQUAL, 0)
        free += list(own["item"])[:most]
        if kept := list(own["item"])[most:]:
            names = ", ".join(kept)
            notes.append(note("V033", factor=factor, flagged=len(own), items=len(items), kept=names))
    if len(free) < 2:  # none, or one that stands there already
        return []
    parameters = [one for item in free for one in item_parameters(ladder.factor_items, item)]
    fit = ladder._fits.fit(ladder._equal, parameters)
    return [_means(fit, ", ".join(free), ladder)] if fit.converged else []


def _regression(
    ladder: InvarianceResult, data: pd.DataFrame | None, group: str | None, adjust: str, notes: list[Note]
) -> pd.DataFrame:
    """Ordinal logistic regression of the items of each factor that allows it."""
    nothing = {name: pd.Series(dtype=float) for name in OF_REGRESSION.values()}
    found = [pd.DataFrame({"item": pd.Series(dtype=str), **nothing})]
    for factor, items in ladder.factor_items.items():
        few = data is not None and all(data[item].nunique() <= MOST_CATEGORIES for item in items)
        if data is None or group is None or not few or len(items) < 3:
            notes.append(note("V034", factor=factor, most=MOST_CATEGORIES))
            continue
        result = item_bias(data, items, group, adjust=adjust)
        notes += [one for one in result.notes if one.code != "G013"]
        found.append(result.frame.rename(columns=OF_REGRESSION)[["item", *OF_REGRESSION.values()]])
    return pd.concat(found[1:] or found, ignore_index=True)
