"""The groups of a study: answers that belong to none, steps that go on without one that cannot be fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from surveykit.errors import Note, SurveykitError, note
from surveykit.responses.planned import unnamed
from surveykit.results import Result
from surveykit.study.failure import NotComputed, notes_of
from surveykit.study.schema import FormsStep, InterviewsStep
from surveykit.study.steps import Context


def groups_of(context: Context) -> list[str]:
    """The groups of the study: of its printed moments, or of its answers."""
    printed = context.plan.spec.data.moments
    return [one.group for one in printed] if printed else [str(name) for name in context.groups]


def ungrouped(context: Context) -> tuple[Note, ...]:
    """T050: answers whose group the plan does not name; nobody else would miss them in the comparisons."""
    column, order = context.plan.spec.groups.column, context.plan.spec.groups.order
    analysed = any(not isinstance(step, FormsStep | InterviewsStep) for step in context.plan.spec.steps)
    if context.collected is None or not analysed or column not in context.data.frame.columns:
        return ()
    found = context.data.frame[column]
    kept = found.isin(order or context.groups)
    if not kept.any() or kept.all():  # of none at all the steps tell (T047)
        return ()
    count, values = unnamed(("" if one != one or one is None else str(one) for one in found[~kept]), ())
    named = ", ".join(order or map(str, found[kept].unique()))
    return (note("T050", column=column, count=count, total=len(found), values=values, order=named),)


def only(context: Context, groups: Sequence[str]) -> Context:
    """The same study with these groups alone."""
    spec = context.plan.spec
    moments = [one for one in spec.data.moments if one.group in groups]
    order = spec.groups.model_copy(update={"order": list(groups)})
    data = spec.data.model_copy(update={"moments": moments})
    plan = replace(context.plan, spec=spec.model_copy(update={"data": data, "groups": order}))
    return replace(context, plan=plan, done={})


def without_bad_groups(
    context: Context,
    name: str,
    compute: Callable[[Context], Result],
    try_alone: Callable[[Context], object],
) -> dict[str, Result]:
    """What `compute` finds over all groups, or over those in which the model can be fitted.

    Where `compute` is refused, every group is tried alone. The groups that are refused stand under
    ``name.group``, each with its reason; the refusal stays where none is, or fewer than two are left.
    """
    try:
        return {name: compute(context)}
    except SurveykitError:
        bad: dict[str, Result] = {}
        groups = groups_of(context)
        for group in groups:
            try:
                try_alone(only(context, [group]))
            except SurveykitError as error:
                bad[group] = NotComputed(f"{name}.{group}", notes_of(error))
        left = [group for group in groups if group not in bad]
        if not bad or len(left) < 2:
            raise
        found = compute(only(context, left))
    return {name: found} | {f"{name}.{group}": one for group, one in bad.items()}
