"""Steps over groups that go on without a group in which their model cannot be fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from surveykit.errors import SurveykitError
from surveykit.results import Result
from surveykit.study.failure import NotComputed, notes_of
from surveykit.study.steps import Context


def groups_of(context: Context) -> list[str]:
    """The groups of the study: of its printed moments, or of its answers."""
    printed = context.plan.spec.data.moments
    return [one.group for one in printed] if printed else [str(name) for name in context.groups]


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
