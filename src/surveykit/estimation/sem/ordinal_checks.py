"""Whether the thresholds of a model are those that its data have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from surveykit.errors import SurveykitError
from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.ordinal_moments import OrdinalMoments, check_same_categories
from surveykit.estimation.sem.parameter_table import ParameterTable


def check_thresholds(table: ParameterTable, moments: Sequence[SampleMoments]) -> None:
    """Refuse ordered variables whose categories do not fit.

    Raises
    ------
    SurveykitError
        S065 a group lacks a category that another group has; S079 the model has another
        number of thresholds than the answers.
    """
    ordinal = [one for one in moments if isinstance(one, OrdinalMoments)]
    if not ordinal:
        return
    check_same_categories(ordinal)
    thresholds = Counter(
        (table.lhs[row], int(table.group[row])) for row in range(len(table)) if table.op[row] == "|"
    )
    for group, sample in enumerate(ordinal, start=1):
        for name, categories, ordered in zip(sample.names, sample.categories, sample.ordered, strict=True):
            if ordered and thresholds[name, group] != len(categories) - 1:
                raise SurveykitError(
                    "S079", name=name, thresholds=thresholds[name, group], categories=len(categories)
                )
