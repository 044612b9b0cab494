"""Checks of the options that the analyses of scales share."""

from __future__ import annotations

import math
from collections.abc import KeysView
from numbers import Real
from typing import Any

from surveykit.analysis.item_input import check_count, is_list
from surveykit.errors import SurveykitError


def check_seed(seed: Any) -> None:
    """Refuse (S028) a seed that is neither None nor a whole number of at least 0."""
    if seed is not None:
        check_count("seed", seed, least=0)


def column_names(option: str, names: Any) -> list[Any]:
    """Names as a list, one name as a list of one; S101 for anything else."""
    if isinstance(names, str):
        return [names]
    if not isinstance(names, KeysView) and not is_list(names):
        raise SurveykitError("S101", option=option, found=type(names).__name__)
    return list(names)


def scale_ends(option: str, ends: Any) -> tuple[float, float]:
    """The two ends of an answer scale; S102 unless both are numbers and the first is the lower."""
    pair = list(ends) if is_list(ends) else []
    numbers = [float(one) for one in pair if isinstance(one, Real) and not isinstance(one, bool)]
    if len(pair) != 2 or len(numbers) != 2 or not -math.inf < numbers[0] < numbers[1] < math.inf:
        raise SurveykitError("S102", option=option, value=repr(ends))
    return numbers[0], numbers[1]
