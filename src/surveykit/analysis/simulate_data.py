"""Made-up data from a population model, for piloting and power: lavaan's simulateData."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.sem_data import MOST_CASES, whole_number
from surveykit.analysis.sem_options import is_word
from surveykit.errors import SurveykitError
from surveykit.estimation.sem.matrices import Representation, effects, total_effects
from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options
from surveykit.options import checked_call, shown

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """The moments that a population model implies: one covariance matrix and mean vector a group."""

    names: tuple[str, ...]
    cov: tuple[FloatArray, ...]
    mean: tuple[FloatArray, ...]


def population(model: str, n_groups: int = 1) -> Population:
    """The moments of a model whose values are all stated.

    Every loading, regression and intercept that differs from zero needs a value
    (``0.7*x1``, ``c(0.3, 0.5)*trust``). Variances that are not stated are set so
    that the variable has variance 1 in its group; covariances that are not
    stated are 0, as in lavaan's ``simulateData``.

    Raises
    ------
    SurveykitError
        M120 a loading or regression without a value; M121 the model implies an impossible
        covariance matrix (an unstated variance would have to be negative).
    """
    options = table_options(
        "sem", parse_model(model), fixed_x=False, n_groups=n_groups, needs_means=True, auto_fix_first=False
    )
    table = build_table(model, options)
    _refuse_unstated(table)
    representation = Representation.from_table(table)
    moments = [_moments(table, representation, group) for group in range(n_groups)]
    return Population(representation.groups[0].ov, *map(tuple, zip(*moments, strict=True)))


def _refuse_unstated(table: ParameterTable) -> None:
    for row in np.flatnonzero(table.free):
        if table.op[row] in ("=~", "~"):
            raise SurveykitError("M120", term=f"{table.lhs[row]} {table.op[row]} {table.rhs[row]}")


def _moments(
    table: ParameterTable, representation: Representation, group: int
) -> tuple[FloatArray, FloatArray]:
    """Fill the unstated variances in, the causes before their effects, then the residuals of the items."""
    layout = representation.groups[group]
    matrices = representation.fill(np.zeros(representation.n_free), group)
    cells = layout.free
    variances = [
        (table.lhs[row], table.lhs[row] in layout.lv)
        for row in cells.row
        if table.op[row] == "~~" and table.lhs[row] == table.rhs[row]
    ]
    latent = [layout.lv.index(name) for name, is_latent in variances if is_latent]
    total = total_effects(matrices)[0]
    psi = matrices["psi"][0]
    for index in _causes_first(matrices["beta"][0], latent):
        explained = (total @ psi @ total.T)[index, index]
        psi[index, index] = _remainder(layout.lv[index], explained)
    sigma = (effects(matrices) @ matrices["psi"] @ effects(matrices).transpose(0, 2, 1) + matrices["theta"])[
        0
    ]
    for name, is_latent in variances:
        if not is_latent:
            index = layout.ov.index(name)
            sigma[index, index] += _remainder(name, sigma[index, index])
    if np.linalg.eigvalsh(sigma)[0] < -1e-10:
        raise SurveykitError("M121", variable=", ".join(layout.ov))
    mean = (matrices["nu"] + effects(matrices) @ matrices["alpha"])[0, :, 0]
    return sigma, mean


def _causes_first(beta: FloatArray, wanted: Sequence[int]) -> list[int]:
    """The wanted variables in an order in which every cause precedes its effects."""
    depth = np.zeros(len(beta), dtype=int)
    reach = beta != 0
    step = np.eye(len(beta), dtype=bool)
    for distance in range(1, len(beta)):
        step = reach @ step
        depth[step.any(axis=1)] = distance
    return sorted(wanted, key=lambda index: int(depth[index]))


def _remainder(name: str, explained: float) -> float:
    if explained > 1:
        raise SurveykitError("M121", variable=name)
    return float(1 - explained)


@checked_call
def simulate_data(
    model: str,
    nobs: int | Sequence[int],
    *,
    seed: int | np.random.SeedSequence,
    group_labels: Sequence[str] = (),
) -> pd.DataFrame:
    """Draw multivariate normal data from a population model.

    Parameters
    ----------
    model : str
        lavaan syntax in which every loading and regression has a value.
    nobs : int or one a group
    seed : the same seed gives the same data
    group_labels : names of the groups; with them the frame has a column ``group``

    Returns
    -------
    pandas.DataFrame, shape (sum of nobs, n_variables)

    Raises
    ------
    SurveykitError
        M117 `nobs` is no whole number of 1 or more; M120, M121: see `population`; and what the syntax
        refuses.

    Examples
    --------
    >>> simulate_data("f =~ 0.8*x1 + 0.7*x2 + 0.6*x3", 200, seed=1).shape
    (200, 3)
    """
    given = list(nobs) if isinstance(nobs, list | tuple) and nobs else [nobs]
    sizes = [whole_number("nobs", one, 1, MOST_CASES) for one in given]
    if not isinstance(seed, np.random.SeedSequence):
        seed = whole_number("seed", seed, 0)
    nothing = group_labels is None or (isinstance(group_labels, list | tuple) and not group_labels)
    if not nothing and not is_word("group_label", group_labels):
        raise SurveykitError("M166", option="group_labels", value=shown(group_labels))
    several = () if nothing else tuple(group_labels)
    labels = (group_labels,) if isinstance(group_labels, str) else several
    if labels and len(labels) != len(sizes):
        raise SurveykitError("M172", found=len(labels), groups=len(sizes))
    moments = population(model, len(sizes))
    rng = np.random.default_rng(seed)
    frames = []
    for index, size in enumerate(sizes):
        draws = rng.multivariate_normal(moments.mean[index], moments.cov[index], size=size, method="cholesky")
        frame = pd.DataFrame(draws, columns=list(moments.names))
        if labels:
            frame.insert(0, "group", labels[index])
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
