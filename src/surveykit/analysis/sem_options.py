"""The options of a fit: what was asked for, and what it means for table, data and estimation."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from surveykit.analysis.sem_data import MOST_DRAWS, MOST_JOBS, whole_number
from surveykit.errors import SurveykitError
from surveykit.options import check_choice, check_share, shown


class TableSwitches(TypedDict, total=False):
    """lavaan's switches of the automatic completion, for those who need them one by one."""

    int_ov_free: bool
    int_lv_free: bool
    auto_fix_single: bool
    auto_var: bool
    auto_cov_lv_x: bool
    auto_th: bool
    auto_delta: bool
    orthogonal_x: bool
    orthogonal_y: bool


class SemOptions(TableSwitches, total=False):
    """Every option of `sem`, for the functions that share them."""

    group: str | None
    group_label: Sequence[Any] | None
    group_equal: str | Sequence[str]
    group_partial: str | Sequence[str]
    ordered: bool | str | Sequence[str]
    estimator: str
    missing: str
    se: str
    test: str | Sequence[str]
    std_lv: bool
    auto_fix_first: bool
    meanstructure: bool | None
    fixed_x: bool | None
    orthogonal: bool
    auto_cov_y: bool
    effect_coding: bool | str | Sequence[str]
    cluster: str | None
    bounds: str | bool | None
    likelihood: str
    information: str | Sequence[str]
    observed_information: str | Sequence[str]
    h1_information: str | Sequence[str]
    parameterization: str
    sample_cov_rescale: bool | str
    conditional_x: bool | None
    sample_cov: Any
    sample_mean: Any
    sample_nobs: Any
    constraints: str
    bootstrap: int
    seed: int | None
    conf_level: float
    n_jobs: int


# What sem's own signature defaults to; the others take it from here.
SWITCHES = tuple(sorted(TableSwitches.__optional_keys__))
TABLE_OPTIONS = ("std_lv", "orthogonal", "auto_fix_first", "auto_cov_y", "parameterization", "constraints")
RESOLVED = (
    "se", "missing", "information", "observed_information", "h1_information", "likelihood",
    "sample_cov_rescale", "parameterization",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """One call: the function's name, the model as given, the data, and all options by name."""

    function: str
    model: Any
    data: Any
    options: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.options[name]

    @property
    def switches(self) -> dict[str, Any]:
        """Options of the table that were given, or differ between lavaan's functions."""
        names = (*TABLE_OPTIONS, *SWITCHES)
        return {name: self.options[name] for name in names if self.options.get(name) is not None}

    @property
    def bootstrap_draws(self) -> int:
        """Number of bootstrap samples: as given, lavaan's 1000 where only `se` or `test` asks for them."""
        asked = int(self["bootstrap"])
        wanted = self["se"] == "bootstrap" or self.bollen_stine
        return 1000 if wanted and not asked else asked

    @property
    def bollen_stine(self) -> bool:
        words = (self["test"],) if isinstance(self["test"], str) else tuple(self["test"])
        return any(word in ("bollen.stine", "bollen-stine", "boot", "bootstrap") for word in words)

    @property
    def se(self) -> str:
        """`bootstrap=R` alone asks for bootstrap standard errors."""
        asked = str(self["se"])
        return "bootstrap" if asked == "default" and self["bootstrap"] and not self.bollen_stine else asked


# Options by the kind of value that they take.
YES_OR_NO = ("std_lv", "auto_fix_first", "orthogonal", "auto_cov_y", *SWITCHES)
OPTIONAL = ("meanstructure", "fixed_x", "conditional_x", *SWITCHES)
WORD = ("estimator", "missing", "se", "likelihood", "parameterization", "constraints")
WORDS = (
    "test", "information", "observed_information", "h1_information", "group_equal", "group_partial",
    "ordered", "effect_coding", "group_label", "names", "paths",
)  # fmt: skip
OR_YES_OR_NO = ("ordered", "effect_coding", "sample_cov_rescale", "bounds")
OR_NOTHING = ("ordered", "group_label", "bounds")
ANYTHING = ("group_label", "names")  # labels may be numbers
AT_LEAST_ONE = ("group_label", "test", "information", "observed_information", "h1_information")


def check_kinds(options: Mapping[str, Any]) -> None:
    """Refuse values of another kind than the option takes: O001 (yes or no), M166 (words)."""
    for name in (*YES_OR_NO, *OPTIONAL):
        value = options.get(name, True)
        if value is True or value is False or (value is None and name in OPTIONAL):
            continue
        if not isinstance(value, np.bool_):
            check_choice(name, value, (True, False))
    for name in (*WORD, *WORDS, "sample_cov_rescale", "bounds"):
        value = options.get(name, "")
        if type(value) is not str and not is_word(name, value):
            raise SurveykitError("M166", option=name, value=shown(value))


def is_word(name: str, value: Any) -> bool:
    """Text; where the option takes them, several texts, yes or no, or nothing."""
    if isinstance(value, str):
        return True
    if name in WORD and name != "constraints":  # what is no word is refused with the words that there are
        return isinstance(value, Hashable) and value is not pd.NA
    if value is None or isinstance(value, bool | np.bool_):
        return name in (OR_NOTHING if value is None else OR_YES_OR_NO)
    if name not in WORDS or not isinstance(value, Sequence | np.ndarray | pd.Series | pd.Index | Set):
        return False
    if not len(value):
        return name not in AT_LEAST_ONE
    return name in ANYTHING or all(isinstance(one, str) for one in value)


def listed(ordered: Any) -> bool | tuple[str, ...]:
    """The option `ordered`, as yes or no or names."""
    if isinstance(ordered, bool | np.bool_):
        return bool(ordered)
    return () if ordered is None else (ordered,) if isinstance(ordered, str) else tuple(ordered)


def check_jobs(n_jobs: Any) -> None:
    """Refuse (M117, M167) what is no number of processes; -1 is joblib's word for all processors."""
    if not (isinstance(n_jobs, int | np.integer) and n_jobs == -1):
        whole_number("n_jobs", n_jobs, 1, MOST_JOBS)


def check_request(request: Request) -> Request:
    """Refuse what is no number or contradicts itself: O001, O002, M094, M096, M112, M117, M166."""
    check_kinds(request.options)
    check_share("conf_level", request["conf_level"])
    whole_number("bootstrap", request["bootstrap"], 0, MOST_DRAWS)
    if request["seed"] is not None:
        whole_number("seed", request["seed"], 0)
    check_jobs(request["n_jobs"])
    summaries = request["sample_cov"] is not None
    if request.data is not None:
        for other in ("sample_cov", "sample_mean", "sample_nobs"):
            if request[other] is not None:
                raise SurveykitError("M096", option="data", other=other)
    if summaries and request["group"] is not None:
        raise SurveykitError("M096", option="group", other="sample_cov")
    draws = request.bootstrap_draws
    if draws == 1:
        raise SurveykitError("M112", found=draws)
    if summaries:
        for what, asked in (
            ("bootstrap", draws > 0),
            ("cluster", request["cluster"] is not None),
            ("ordered", bool(request["ordered"])),
            (f"missing='{request['missing']}'", request["missing"] != "listwise"),
        ):
            if asked:
                raise SurveykitError("M094", what=what)
    return request
