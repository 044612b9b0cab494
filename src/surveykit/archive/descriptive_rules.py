"""Printed means, standard deviations, correlations and alphas: can they be what they are?"""

from __future__ import annotations

import numpy as np

from surveykit.archive import granularity, implied
from surveykit.archive.held import Given, Held
from surveykit.archive.printed import Interval, implied_interval
from surveykit.archive.rounded_matrix import best_within_rounding
from surveykit.errors import Note, SurveykitError, note


def _range(given: Given) -> tuple[int, int] | None:
    """The ends of the response scale, where they are stated."""
    if "low" not in given and "high" not in given:
        return None
    low, high = given["low"].value, given["high"].value
    if low != int(low) or high != int(high) or low >= high:
        shown = f"{given['low'].text} - {given['high'].text}"
        raise SurveykitError("A036", name="low - high", value=shown, allowed="1 - 5, 1 - 7, …")
    return int(low), int(high)


def _answers(given: Given, n: int) -> tuple[Note, ...]:
    told = note("A022", n=n, items=given.spec.items)
    ends = _range(given)
    return (told,) if ends is None else (told, note("A039", low=ends[0], high=ends[1]))


def grim(given: Given) -> Held:
    mean, n, items, ends = given["mean"], given.count("n"), given.spec.items, _range(given)
    fine = granularity.grim_possible(mean, n, items, ends)
    decides = granularity.grim_decides(mean, n, items) or ends is not None
    return Held(mean.text.strip(), mean.interval, fine, _answers(given, n), decides=decides)


def grimmer(given: Given) -> Held:
    mean, sd, n, items = given["mean"], given["sd"], given.count("n", 2), given.spec.items
    ends = _range(given)
    fine = granularity.grimmer_possible(mean, sd, n, items, ends)
    decides = granularity.grimmer_decides(mean, sd, n, items) or ends is not None
    return Held(sd.text.strip(), sd.interval, fine, _answers(given, n), decides=decides)


def debit(given: Given) -> Held:
    mean, sd, n = given["mean"], given["sd"], given.count("n", 2)
    found = granularity.debit_sds(mean, n)
    interval = Interval(min(found), max(found)) if found else granularity.debit_interval(mean, n)
    fits = any(value in sd.interval for value in found)
    return Held(sd.text.strip(), interval, fits, (note("A023"),))


def positive_definite(given: Given) -> Held:
    """A printed correlation matrix, its lower triangle by row; within rounding it must be possible."""
    matrix, slack = _matrix(given)
    best, proven = best_within_rounding(matrix, slack)
    interval = Interval(implied.smallest_eigenvalue(matrix), best)
    return Held("", interval, not proven, (note("A031"),))


def _matrix(given: Given) -> tuple[np.ndarray, np.ndarray]:
    """The printed matrix and half a unit of each entry's last decimal; rows with or without the diagonal."""
    size = len(given.spec.lists)
    matrix, slack = np.eye(size), np.zeros((size, size))
    with_diagonal = int(len(next(iter(given.spec.lists.values()), [])) == 1)
    for i, name in enumerate(given.spec.lists):
        row = given.list(name)
        if len(row) != i + with_diagonal or (with_diagonal and 1.0 not in row[i].interval):
            raise SurveykitError("A046", row=name, found=len(row), wanted=i + with_diagonal)
        for j, one in enumerate(row[:i]):
            matrix[i, j] = matrix[j, i] = one.value
            slack[i, j] = slack[j, i] = 0.5 * 10.0**-one.decimals
    return matrix, slack


def alpha_from_r(given: Given) -> Held:
    k = float(given.count("k", 2))
    interval = implied_interval(
        lambda mean_r: implied.standardized_alpha(k, mean_r), {"mean_r": given["mean_r"].interval}
    )
    stated = given["alpha"]
    return Held(stated.text.strip(), interval, interval.overlaps(stated.interval), (note("A032"),))
