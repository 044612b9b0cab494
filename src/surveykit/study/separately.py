"""A model fitted to every group on its own, as a paper does that prints a row a country."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from surveykit.errors import Note
from surveykit.results import Result
from surveykit.study.schema import MomentsSpec, SemStep
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
    """The results of a `sem` step with ``separately: true``."""
    frames, rows = [], []
    notes: dict[str, Note] = {}
    for group in _groups(context):
        fit = run_step(_alone(context, group), step.model_copy(update={"by_group": False}))["fit"]
        estimates = fit.parameter_estimates()  # type: ignore[attr-defined]  # a sem step gives a SemFit
        measures = fit.fit_measures()  # type: ignore[attr-defined]
        frames.append(estimates.assign(group=group))
        shown = estimates[estimates["op"] == ":="]
        shown = shown if len(shown) else estimates[estimates["op"] == "~"]
        names = shown["lhs"].where(shown["op"] == ":=", shown["lhs"] + " ~ " + shown["rhs"])
        facts = {
            "group": group,
            "n": int(measures["ntotal"]),
            "chisq": measures["chisq"],
            "df": measures["df"],
        }
        rows.append(facts | dict(zip(names, shown["est"], strict=True)))
        notes |= {str(one): one for one in fit.notes}
    together = pd.concat(frames, ignore_index=True)
    return {"fits": SeparateFits(together, pd.DataFrame(rows), tuple(notes.values()))}


def _groups(context: Context) -> list[str]:
    printed = context.plan.spec.data.moments
    return [one.group for one in printed] if printed else [str(name) for name in context.groups]


def _alone(context: Context, group: str) -> Context:
    """The same study with one group only."""
    spec = context.plan.spec
    moments: list[MomentsSpec] = [one for one in spec.data.moments if one.group == group]
    groups = spec.groups.model_copy(update={"order": [group]})
    data = spec.data.model_copy(update={"moments": moments})
    plan = replace(context.plan, spec=spec.model_copy(update={"data": data, "groups": groups}))
    return replace(context, plan=plan, done={})
