"""Answers that simulated respondents give: for piloting a questionnaire before anyone is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.simulate_data import simulate_data
from surveykit.form.roster import SIMULATED as SIMULATED
from surveykit.instrument.model import Instrument, Item

LOADING, CORRELATION = 0.7, 0.4
LARGEST_SPAN = 5000
# A scale's categories cut the answer tendency between these points; respondents lean to agreeing.
LOWEST_CUT, HIGHEST_CUT = -2.0, 1.2


def default_population(instrument: Instrument) -> str:
    """A population model for any instrument: one factor a scale, loadings .7, factors correlated .4.

    A scale whose items an earlier scale already has (a facet) is left out.
    """
    taken: set[str] = set()
    factors: list[str] = []
    lines: list[str] = []
    for scale in instrument.scales.values():
        if taken.isdisjoint(scale.items):
            taken.update(scale.items)
            lines.append(f"{scale.id} =~ " + " + ".join(f"{LOADING}*{item}" for item in scale.items))
            lines += [f"{scale.id} ~~ {CORRELATION}*{earlier}" for earlier in factors]
            factors.append(scale.id)
    return "\n".join(lines)


def simulate_answers(
    instrument: Instrument, n: Mapping[str, int], *, seed: int, population: str | None = None
) -> pd.DataFrame:
    """Answers of made-up respondents, one row each.

    Parameters
    ----------
    instrument : Instrument
    n : respondents by group, for example ``{"JP": 240, "KR": 260}``
    seed : the same seed gives the same answers
    population : lavaan syntax with a value for every loading and path (see
        `surveykit.analysis.simulate_data.population`); default `default_population`.
        Factor scores mean "much of the construct": reverse items are answered the other way round.

    Returns
    -------
    pandas.DataFrame
        Columns ``respondent``, ``group``, then one per item that a number or a code answers.
    """
    items_seed, others_seed = np.random.SeedSequence(seed).spawn(2)
    model = population if population is not None else default_population(instrument)
    groups = np.repeat(list(n), list(n.values()))
    answers = pd.DataFrame({"respondent": _respondent_ids(n), "group": groups})
    if model.strip():
        tendency = simulate_data(model, list(n.values()), seed=items_seed)
        columns = {
            name: _coded(instrument, instrument.item(name), tendency[name]) for name in tendency.columns
        }
    else:
        columns = {}
    rng = np.random.default_rng(others_seed)
    for item in instrument.items:
        if item.id not in columns:
            drawn = _drawn(instrument, item, len(answers), rng)
            if drawn is not None:
                columns[item.id] = drawn
    order = [item.id for item in instrument.items if item.id in columns]
    return pd.concat([answers, pd.DataFrame({name: columns[name] for name in order})], axis=1)


def _respondent_ids(n: Mapping[str, int]) -> list[str]:
    return [f"{SIMULATED}{group}-{number:04d}" for group, size in n.items() for number in range(1, size + 1)]


def _coded(instrument: Instrument, item: Item, tendency: pd.Series) -> NDArray[np.int64]:
    """Cut a continuous tendency into the codes of the item's response scale."""
    scale = instrument.response_scale_of(item)
    codes: Sequence[int] = sorted(scale.codes) if scale is not None else range(1, 8)
    cuts = np.linspace(LOWEST_CUT, HIGHEST_CUT, len(codes) - 1)
    position = np.searchsorted(cuts, np.asarray(tendency))
    if item.reverse:
        position = len(codes) - 1 - position
    return np.asarray(codes)[position]


def _drawn(
    instrument: Instrument, item: Item, size: int, rng: np.random.Generator
) -> NDArray[np.int64] | None:
    """An item outside the model: a code or a number at random; no words are made up."""
    if item.type in ("likert", "single"):
        scale = instrument.response_scale_of(item)
        assert scale is not None  # the reader refuses a likert or single item without one
        return rng.choice(np.asarray(scale.codes), size)
    if item.type == "number":
        low = item.minimum if item.minimum is not None else 0
        high = min(item.maximum if item.maximum is not None else low + 100, low + LARGEST_SPAN)
        # Sizes and years are many small, few large: log-uniform above the minimum.
        return np.floor(low + np.exp(rng.uniform(0, np.log(high - low + 1), size)) - 1).astype(np.int64)
    return None
