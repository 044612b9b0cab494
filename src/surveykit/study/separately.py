"""A model fitted to every group on its own, as a paper does that prints a row a country."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import Note
from surveykit.results import Result
from surveykit.study.failure import each
from surveykit.study.groups import groups_of, only
from surveykit.study.schema import SemStep
from surveykit.study.steps import Context, run_step


@dataclass(frozen=True)
class SeparateFits(Result):
    """The estimates of one model in each group alone.

    `frame`: the parameter estimates of all groups below one another, with the
    group's name in `group`. `table`: a row per group with n, the fit and every
    defined parameter (every regression, where none is defined).
    """

    frame: pd.DataFrame
    table: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.table


def fit_separately(context: Context, step: SemStep) -> dict[str, Result]:
    """The results of a `sem` step with ``separately: true``: a row a group, and why a group has none."""
    alone = step.model_copy(update={"by_group": False})
    fitted = each(
        {f"fits.{group}": partial(_fit, only(context, [group]), alone) for group in groups_of(context)}
    )
    frames, rows = [], []
    notes: dict[str, Note] = {}
    for name, fit in fitted.items():
        if not isinstance(fit, SemFit):
            continue
        group = name.partition(".")[2]
        estimates = fit.parameter_estimates()
        frames.append(estimates.assign(group=group))
        rows.append({"group": group} | _row(fit, estimates))
        notes |= {str(one): one for one in fit.notes}
    together = pd.concat(frames, ignore_index=True)
    left = {name: one for name, one in fitted.items() if not isinstance(one, SemFit)}
    return {"fits": SeparateFits(together, pd.DataFrame(rows), tuple(notes.values()))} | left


def _fit(context: Context, step: SemStep) -> Result:
    return run_step(context, step)["fit"]


def _row(fit: SemFit, estimates: pd.DataFrame) -> dict[str, Any]:
    """n, the fit, and every defined parameter (every regression, where none is defined)."""
    measures = fit.fit_measures()
    shown = estimates[estimates["op"] == ":="]
    shown = shown if len(shown) else estimates[estimates["op"] == "~"]
    names = shown["lhs"].where(shown["op"] == ":=", shown["lhs"] + " ~ " + shown["rhs"])
    facts = {"n": int(measures["ntotal"]), "chisq": measures["chisq"], "df": measures["df"]}
    return facts | dict(zip(names, shown["est"], strict=True))
