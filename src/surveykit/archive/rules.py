"""The data-free checks by name: printed numbers in, what they imply out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from surveykit.archive import descriptive_rules, implied, model_rules, p_rules
from surveykit.archive.held import Given, Held
from surveykit.archive.ranges import impossible

Rule = Callable[[Given], Held]


def _possible_first(rule: Rule) -> Rule:
    """A value that its statistic cannot have is the finding; nothing is computed from it."""
    return lambda given: impossible(given) or rule(given)


COMPUTED: Mapping[str, Rule] = {
    "t": p_rules.p_of_t,
    "z": p_rules.p_of_z,
    "f": p_rules.p_of_f,
    "chisq": p_rules.p_of_chisq,
    "r": p_rules.p_of_r,
    "grim": descriptive_rules.grim,
    "grimmer": descriptive_rules.grimmer,
    "debit": descriptive_rules.debit,
    "rmsea": model_rules.rmsea,
    "rmsea_ci": model_rules.rmsea_interval,
    "cfi": model_rules.cfi,
    "tli": model_rules.tli,
    "df": model_rules.df,
    "aic_difference": model_rules.information_difference("aic"),
    "bic_difference": model_rules.information_difference("bic"),
    "ave": model_rules.from_loadings(implied.ave, "ave"),
    "cr": model_rules.from_loadings(implied.composite_reliability, "cr"),
    "indirect": model_rules.indirect,
    "positive_definite": descriptive_rules.positive_definite,
    "alpha_from_r": descriptive_rules.alpha_from_r,
}
RULES: Mapping[str, Rule] = {name: _possible_first(rule) for name, rule in COMPUTED.items()}
