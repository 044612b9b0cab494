"""The levels of invariance: what each holds equal, and in which order they are climbed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from surveykit.options import check_choice

CONTINUOUS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "lv.variances": ("loadings", "intercepts", "residuals", "lv.variances"),
    "lv.covariances": ("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances"),
    "means": ("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances", "means"),
}
# Wu & Estabrook (2016): ordered items are compared through their thresholds first.
ORDERED: Mapping[str, tuple[str, ...]] = {"configural": (), "thresholds": ("thresholds",)} | {
    level: ("thresholds", *equal) for level, equal in CONTINUOUS.items() if level != "configural"
}
BINARY = ("thresholds", "metric")  # cannot be told apart from the level before with two categories
# What a parameter that is not equal after all belongs to, by its operator.
OPERATORS: Mapping[str, frozenset[str]] = {
    "=~": frozenset({"loadings"}),
    "~~": frozenset({"residuals", "lv.variances", "lv.covariances"}),
    "~1": frozenset({"intercepts", "means"}),
    "|": frozenset({"thresholds"}),
}
NEED_MEANS = tuple(level for level, equal in CONTINUOUS.items() if "intercepts" in equal)


def levels_of(asked: str | Sequence[str], ordered: bool) -> list[str]:
    """The levels asked for, in the ladder's order, from configural on; thresholds join ordered items.

    One level may be named by itself. Raises O001 for a level that does not exist.
    """
    ladder = ORDERED if ordered else CONTINUOUS
    if isinstance(asked, str) or not isinstance(asked, Iterable):
        asked = [asked]
    for level in asked:
        check_choice("levels", level, ladder)
    wanted = {"configural", *asked} | ({"thresholds"} if ordered else set())
    return [level for level in ladder if level in wanted]


def is_partial(equal: Sequence[str], freed: Iterable[str]) -> bool:
    """Whether one of the parameters that were freed is among what a level holds equal."""
    return any(
        not kinds.isdisjoint(equal)
        for parameter in freed
        for operator, kinds in OPERATORS.items()
        if operator in "".join(parameter.split())
    )
