"""The options that shape a parameter table, with lavaan's defaults for each of its functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.terms import ParsedModel
from surveykit.options import check_choice

FUNCTIONS = ("cfa", "sem", "growth", "lavaan")
GROUP_EQUAL = (
    "loadings", "intercepts", "means", "thresholds", "regressions",
    "residuals", "residual.covariances", "lv.variances", "lv.covariances",
)  # fmt: skip
EFFECT_CODING = ("loadings", "intercepts", "mg.lv.variances")
PARAMETERIZATIONS = ("delta", "theta")


@dataclass(frozen=True)
class TableOptions:
    """Everything resolved: no "default" is left.

    Attributes
    ----------
    n_groups, group_labels : the groups of the data, in their order; labels serve ``group: label`` blocks
    group_equal, group_partial : lavaan's words; parameters written ``"x3~1"``, or a label
    ordered : name of each ordered variable -> its number of categories
    constraints : further ``:= == < >`` formulas, as text
    others : lavaan's options of the same name
    """

    int_ov_free: bool = True
    int_lv_free: bool = False
    auto_fix_first: bool = True
    auto_fix_single: bool = True
    auto_var: bool = True
    auto_cov_lv_x: bool = True
    auto_cov_y: bool = True
    auto_th: bool = True
    auto_delta: bool = True
    meanstructure: bool = False
    fixed_x: bool = True
    conditional_x: bool = False
    std_lv: bool = False
    orthogonal: bool = False
    orthogonal_x: bool = False
    orthogonal_y: bool = False
    effect_coding: tuple[str, ...] = ()
    parameterization: str = "delta"
    n_groups: int = 1
    group_labels: tuple[str, ...] = ()
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    ordered: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    constraints: str = ""


def function_defaults(function: str) -> TableOptions:
    """What `cfa`, `sem`, `growth` and `lavaan` do on their own."""
    check_choice("function", function, FUNCTIONS)
    if function == "growth":
        return TableOptions(int_ov_free=False, int_lv_free=True, meanstructure=True)
    if function == "lavaan":
        return TableOptions(
            int_ov_free=False,
            auto_fix_first=False,
            auto_fix_single=False,
            auto_var=False,
            auto_cov_lv_x=False,
            auto_cov_y=False,
            auto_th=False,
            auto_delta=False,
        )
    return TableOptions()


def table_options(
    function: str,
    model: ParsedModel,
    *,
    meanstructure: bool | None = None,
    fixed_x: bool | None = None,
    conditional_x: bool | None = None,
    effect_coding: bool | str | Iterable[str] = (),
    group_equal: str | Iterable[str] = (),
    group_partial: str | Iterable[str] = (),
    ordered: Mapping[str, int] | None = None,
    maximum_likelihood: bool = True,
    needs_means: bool = False,
    **changes: Any,
) -> TableOptions:
    """lavaan's defaults of a function, changed by what was given, with what follows from it.

    Parameters
    ----------
    function : {"cfa", "sem", "growth", "lavaan"}
    model : the parsed model, which decides whether there are exogenous variables and intercepts
    meanstructure, fixed_x, conditional_x : None means lavaan's default
    effect_coding, group_equal, group_partial : a word or several; `effect_coding` also True
    ordered : name -> number of categories; makes the model categorical if not empty
    maximum_likelihood : False for GLS, ULS, WLS and DWLS, where x is random by default
    needs_means : groups, FIML or given means switch the means on where `meanstructure` is None
    changes : any other field of `TableOptions`

    Raises
    ------
    SurveykitError
        O001 an unknown word; M025 `std_lv` together with effect coding of loadings;
        M038 `conditional_x` without `fixed_x`.
    """
    options = replace(
        function_defaults(function),
        effect_coding=_effect_coding(effect_coding),
        group_equal=_group_equal(group_equal),
        group_partial=tuple("".join(one.split()) for one in _words(group_partial)),
        ordered=MappingProxyType(dict(ordered or {})),
        **changes,
    )
    check_choice("parameterization", options.parameterization, PARAMETERIZATIONS)
    options = _scaled(options)
    categorical = bool(options.ordered) or bool(model.roles.ov_ord)
    options = _exogenous(options, model, fixed_x, conditional_x, categorical, maximum_likelihood)
    means = (
        meanstructure is True
        or categorical
        or options.conditional_x
        or function == "growth"
        or any(term.op == "~1" for term in model.terms)
        or not {"intercepts", "means"}.isdisjoint(options.group_equal)
        or (function == "lavaan" and (options.int_ov_free or options.int_lv_free))
        or (meanstructure is None and needs_means)
    )
    return replace(options, meanstructure=means)


def _words(given: str | Iterable[str]) -> tuple[str, ...]:
    words = (given,) if isinstance(given, str) else tuple(given)
    return tuple(word for word in words if word)


def _effect_coding(given: bool | str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, bool):
        return ("loadings", "intercepts") if given else ()
    words = _words(given)
    for word in words:
        check_choice("effect_coding", word, EFFECT_CODING)
    return words


def _group_equal(given: str | Iterable[str]) -> tuple[str, ...]:
    words = _words(given)
    if words == ("none",):
        return ()
    if "all" in words:
        return GROUP_EQUAL
    for word in words:
        check_choice("group_equal", word, GROUP_EQUAL)
    return words


def _scaled(options: TableOptions) -> TableOptions:
    """What sets the scale of a latent variable replaces the fixed first loading."""
    coded = "loadings" in options.effect_coding
    if coded and options.std_lv:
        raise SurveykitError("M025")
    return replace(options, auto_fix_first=False) if coded or options.std_lv else options


def _exogenous(
    options: TableOptions,
    model: ParsedModel,
    fixed_x: bool | None,
    conditional_x: bool | None,
    categorical: bool,
    maximum_likelihood: bool,
) -> TableOptions:
    """Whether exogenous variables are random, fixed, or conditioned on."""
    if not model.roles.ov_x:
        return replace(options, fixed_x=bool(fixed_x), conditional_x=False)
    conditional = categorical if conditional_x is None else conditional_x
    if conditional and fixed_x is False:
        raise SurveykitError("M038")
    fixed = (conditional or (maximum_likelihood and not categorical)) if fixed_x is None else fixed_x
    return replace(options, fixed_x=fixed, conditional_x=conditional)
