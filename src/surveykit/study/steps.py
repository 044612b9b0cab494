"""The steps of a plan: each turns the study's answers into results, under the step's id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from surveykit.analysis.invariance_result import InvarianceResult
from surveykit.errors import SurveykitError, note
from surveykit.form.excel import write_forms
from surveykit.results import Result
from surveykit.scoring import keyed_items, score_scales
from surveykit.study.data import Collected
from surveykit.study.failure import NotComputed, each
from surveykit.study.lookup import look_up
from surveykit.study.moments import moments_of, printed_of
from surveykit.study.plan import Plan
from surveykit.study.schema import (
    CompareStep,
    DescribeStep,
    FormsStep,
    InterviewsStep,
    InvarianceStep,
    ItemBiasStep,
    LookupStep,
    PathsStep,
    ReliabilityStep,
    ResponseStylesStep,
    RoundingStep,
    SemStep,
    Step,
)
from surveykit.study.simulate import SIMULATED
from surveykit.wording import pick

Results = dict[str, Result]
SHOWN = 12
UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Context:
    """What a step may read: the plan, the answers, and where this run writes."""

    plan: Plan
    out: Path
    collected: Collected | None
    extra: dict[str, pd.DataFrame] = field(default_factory=dict)
    done: dict[str, Results] = field(default_factory=dict)

    @property
    def data(self) -> Collected:
        assert self.collected is not None  # read_plan refuses analyses in a study without data
        return self.collected

    @property
    def simulated(self) -> bool:
        """Whether the plan says so, or any respondent comes from `surveykit simulate`."""
        if self.plan.simulated or self.collected is None or "respondent" not in self.collected.frame:
            return self.plan.simulated
        return bool(self.collected.frame["respondent"].astype(str).str.startswith(SIMULATED).any())

    @property
    def group(self) -> str:
        """The column of groups; refused (T046) where the answers do not have it."""
        column = self.plan.spec.groups.column
        if self.collected is not None and column not in self.collected.frame.columns:
            raise SurveykitError("T046", column=column, offered=_offered(self.collected.frame.columns))
        return column

    @property
    def groups(self) -> list[str]:
        """The groups in the plan's order; in the data's where it names none.

        Refused (T047) where no answer belongs to any that the plan names.
        """
        order, values = self.plan.spec.groups.order, self.data.frame[self.group].dropna().unique()
        found = [one for one in values if str(one).strip()]  # an empty cell is no group
        if order and not set(order) & {*found, *map(str, found)}:
            raise SurveykitError(
                "T047", column=self.group, order=", ".join(order), offered=_offered(found) or "–"
            )
        return order or found

    @cached_property
    def keyed(self) -> pd.DataFrame:
        """Items keyed in their scales' direction, with the group column; rows in the order of the groups."""
        if self.plan.instrument is None:
            return self._ordered(self.data.frame)
        items = keyed_items(self.data.frame, self.plan.instrument)
        groups = self.data.frame.filter([self.plan.spec.groups.column])
        return self._ordered(pd.concat([groups, items], axis=1))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scale scores, kept columns and what lookups added, with the group column."""
        if self.plan.instrument is None:
            return self._ordered(self.data.frame)
        scores = score_scales(self.data.frame, self.plan.instrument)
        new = [name for name in scores.columns if name not in self.data.frame.columns]
        return self._ordered(pd.concat([self.data.frame, scores[new]], axis=1))

    def model_data(self, by_group: bool) -> dict[str, Any]:
        """The data of a model, as `sem` takes them: keyed items, or printed moments."""
        if self.plan.spec.data.kind == "moments":
            return moments_of(self.plan.spec.data.moments)
        return {"data": self.keyed} | ({"group": self.group} if by_group else {})

    def _ordered(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self.plan.spec.groups.column not in frame.columns:
            return frame
        rank = {name: place for place, name in enumerate(self.groups)}
        known = frame[frame[self.group].isin(self.groups)]
        return known.sort_values(self.group, key=lambda column: column.map(rank), kind="stable")

    def scales(self, named: list[str]) -> list[str]:
        return named or list(self.plan.questionnaire.scales)


def _offered(names: Iterable[object]) -> str:
    several = [str(name) for name in names]
    return ", ".join(several[:SHOWN]) + (" …" if len(several) > SHOWN else "")


def forms(context: Context, step: FormsStep) -> Results:
    """The questionnaire's forms in each language of the plan."""
    for lang in context.plan.spec.languages:
        write_forms(context.plan.questionnaire, context.out / "forms", lang=lang, replace=True)
    return {}


def describe(context: Context, step: DescribeStep) -> Results:
    """Item distributions as answered (nothing keyed), by group and for all."""
    from surveykit.analysis.describe import DescribeResult
    from surveykit.analysis.describe import describe as describe_items

    rated = [item.id for item in context.plan.questionnaire.items if item.type == "likert"]
    frame = context.data.frame.reindex(columns=[context.group, *(step.items or rated)])
    parts = {group: frame[frame[context.group] == group] for group in context.groups} | {"all": frame}
    results: Results = {}
    silent = [name for name in frame.columns[1:] if frame[name].isna().all()]
    for name, part in parts.items():
        answered = [item for item in frame.columns[1:] if part[item].notna().any()]
        if answered:
            results[name] = describe_items(part[answered])
        # What nobody at all answered is said once, of all together.
        absent = [item for item in frame.columns[1:] if item not in answered and item not in silent]
        if told := (silent if name == "all" else absent):
            missing = note("S005", names=", ".join(told))
            results[f"{UNANSWERED}.{name}"] = NotComputed(f"{UNANSWERED}.{name}", (missing,))
    if not any(isinstance(one, DescribeResult) for one in results.values()):
        raise SurveykitError("S005", names=", ".join(silent))
    return results


def reliability(context: Context, step: ReliabilityStep) -> Results:
    """Alpha of every scale: in each group and pooled. Result names: ``trust.JP``, ``trust.all``."""
    from surveykit.study.keying import scale_alpha

    scales = context.plan.questionnaire.scales
    keyed = context.keyed
    own = {group: keyed[keyed[context.group] == group] for group in context.groups} | {"": keyed}
    return each(
        {
            f"{scale}.{group or 'all'}": partial(scale_alpha, rows[list(scales[scale].items)], scale, group)
            for scale in context.scales(step.scales)
            for group, rows in own.items()
        }
    )


def lookup(context: Context, step: LookupStep) -> Results:
    """Published scores from raw sums, held against those that came with the data."""
    path = context.plan.path(step.path)
    if not path.is_file():
        obtain = pick(context.plan.spec.data.obtain, "en") or "Change 'path' of the step in study.yaml."
        raise SurveykitError("T007", path=step.path, obtain=obtain)
    table = pd.read_csv(path)
    return {"scores": look_up(context.scores, table, step.scales, context.scores)}


def compare(context: Context, step: CompareStep) -> Results:
    """Means of the groups, outcome by outcome, and what the plan's ladders of invariance say of them."""
    from surveykit.analysis.gate import gate
    from surveykit.analysis.group_comparison import compare_groups
    from surveykit.analysis.weighted import compare_weighted

    outcomes = context.scales(step.outcomes)
    groups = compare_groups(context.scores, outcomes, group=context.group)
    found: Results = {"groups": groups}
    if step.weights is not None:
        found["weighted"] = compare_weighted(context.scores, outcomes, context.group, step.weights)
    if ladders := _ladders(context, outcomes):
        found["gate"] = gate(groups, ladders, override=step.override_invariance)
    return found


def _ladders(context: Context, outcomes: list[str]) -> dict[str, InvarianceResult]:
    """Outcome -> the last ladder of the plan that has it as a factor, or is called like it."""
    found: dict[str, InvarianceResult] = {}
    for step in context.plan.spec.steps:
        if not isinstance(step, InvarianceStep):
            continue
        for name, ladder in run_step(context, step).items():
            if not isinstance(ladder, InvarianceResult):
                continue
            named = [name] if len(ladder.factors) == 1 else []
            found |= {one: ladder for one in outcomes if one in (*ladder.factors, *named)}
    return found


def sem(context: Context, step: SemStep) -> Results:
    """A structural equation model, on items keyed in their scales' direction."""
    from surveykit.analysis.sem import sem as fit_sem

    options: dict[str, Any] = {}
    if step.bootstrap:
        options = {"se": "bootstrap", "bootstrap": step.bootstrap, "seed": context.plan.spec.seed}
    fit = fit_sem(
        _whole_model(context, step),
        **context.model_data(step.by_group),
        estimator=step.estimator,
        likelihood=step.likelihood,
        missing=step.missing,
        std_lv=step.std_lv,
        group_equal=tuple(step.group_equal),
        group_partial=tuple(step.group_partial),
        conf_level=step.conf_level,
        **options,
    )
    return {"fit": fit}


def paths(context: Context, step: PathsStep) -> Results:
    """Paths and indirect effects by group, on items keyed in their scales' direction."""
    from surveykit.analysis.structural_comparison import compare_paths

    found = compare_paths(
        _whole_model(context, step),
        **context.model_data(by_group=True),
        paths=step.paths or None,
        group_partial=tuple(step.group_partial),
        estimator=step.estimator,
        missing=step.missing,
        bootstrap=step.bootstrap,
        seed=context.plan.spec.seed,
        conf_level=step.conf_level,
    )
    return {"paths": found}


def fit_alone(context: Context, step: PathsStep) -> Result:
    """The model of a `paths` step for all respondents of the context together (one group of them)."""
    from surveykit.analysis.sem import sem as fit_sem

    data = context.model_data(by_group=False)
    return fit_sem(_whole_model(context, step), **data, estimator=step.estimator, missing=step.missing)


def _whole_model(context: Context, step: SemStep | PathsStep) -> str:
    """The measurement model of the scales that the step names, and its own model."""
    measurement = context.plan.questionnaire.measurement_model(step.measurement) if step.measurement else ""
    return f"{measurement}\n{step.model}".strip()


def styles(context: Context, step: ResponseStylesStep) -> Results:
    """Response styles by group, on the items as they were answered; a result for each pair of scale ends."""
    from surveykit.analysis.response_style import response_styles

    instrument = context.plan.questionnaire
    by_ends: dict[tuple[float, float], list[str]] = {}
    for item in instrument.items:
        scale = instrument.response_scale_of(item)
        if scale is not None and item.type == "likert" and (not step.items or item.id in step.items):
            by_ends.setdefault((scale.low, scale.high), []).append(item.id)
    answers, group = context.scores, context.group
    return each(
        {
            f"styles.{low:g}-{high:g}": partial(
                response_styles, answers, items, group, (low, high), outcomes=step.outcomes
            )
            for (low, high), items in by_ends.items()
        }
    )


def invariance(context: Context, step: InvarianceStep) -> Results:
    """What may be compared: the ladder of each model."""
    from surveykit.analysis.invariance import measurement_invariance

    models = dict(step.models)
    models |= {scale: context.plan.questionnaire.measurement_model([scale]) for scale in step.scales}
    data = context.model_data(by_group=True)
    if step.reversed_items:
        data["data"] = _turned_round(context, step.reversed_items)
    options: dict[str, Any] = {"levels": step.levels, "estimator": step.estimator, "missing": step.missing}
    options |= {"partial": step.partial}
    return each(
        {name: partial(measurement_invariance, model, **data, **options) for name, model in models.items()}
    )


def item_bias(context: Context, step: ItemBiasStep) -> Results:
    """Items that work differently in the groups, model by model."""
    from surveykit.analysis.latent_item_bias import latent_item_bias

    models = dict(step.models)
    models |= {scale: context.plan.questionnaire.measurement_model([scale]) for scale in step.scales}
    data = context.model_data(by_group=True)
    options: dict[str, Any] = {"estimator": step.estimator, "missing": step.missing}
    return each({name: partial(latent_item_bias, model, **data, **options) for name, model in models.items()})


def _turned_round(context: Context, items: list[str]) -> pd.DataFrame:
    """The keyed items, these the other way round."""
    frame = context.keyed.copy()
    instrument = context.plan.questionnaire
    for name in items:
        scale = instrument.response_scale_of(instrument.item(name))
        assert scale is not None  # only items answered on a scale can stand in a model
        frame[name] = scale.low + scale.high - frame[name]
    return frame


def rounding(context: Context, step: RoundingStep) -> Results:
    """How far the estimates can move within the printed rounding."""
    from surveykit.analysis.rounding import rounding_sensitivity

    spec = context.plan.spec
    printed = printed_of(spec.data.moments)
    options: dict[str, Any] = {"likelihood": step.likelihood}
    if len(printed) > 1:
        options["group_equal"] = tuple(step.group_equal)
    return {"spread": rounding_sensitivity(step.model, printed, draws=step.draws, seed=spec.seed, **options)}


def interviews(context: Context, step: InterviewsStep) -> Results:
    """What coded interviews say of the propositions: a table of segments, or the coding sheets collected."""
    from surveykit.coding.boundaries import boundary_agreement
    from surveykit.coding.codebook import read_codebook
    from surveykit.coding.sheets import picked_words
    from surveykit.coding.study import interview_results
    from surveykit.study.interviews import (
        SEGMENTS,
        coded_segments,
        material,
        simulated_coding,
        write_segments,
    )

    plan = context.plan
    book = read_codebook(plan.path(step.codebook))
    responses = None if context.collected is None else context.collected.responses
    found = material(plan, step, book, responses, plan.spec.languages[0])
    results: Results = {} if found.contacts is None else {"contacts": found.contacts}
    if step.coders and responses is not None:
        results["sheets"] = simulated_coding(plan, step, book, found)
    coded = coded_segments(plan, step, book, found)
    path = write_segments(coded, context.out / SEGMENTS)
    displays = plan.path(step.displays) if step.displays else None
    options: dict[str, Any] = {"by": step.by, "seed": plan.spec.seed, "displays": displays}
    results |= interview_results(plan.path(step.codebook), path, found.texts, **options)
    results["segments"] = coded
    if picked_words(coded) and found.texts:
        results["boundaries"] = boundary_agreement(coded, book, found.texts, seed=plan.spec.seed)
    return results


RUN: Mapping[str, Callable[[Context, Any], Results]] = {
    "forms": forms,
    "describe": describe,
    "reliability": reliability,
    "lookup": lookup,
    "compare": compare,
    "invariance": invariance,
    "item_bias": item_bias,
    "sem": sem,
    "paths": paths,
    "response_styles": styles,
    "rounding": rounding,
    "interviews": interviews,
}


def run_step(context: Context, step: Step) -> Results:
    """The results of one step, by name; computed once, though other steps ask for them."""
    if step.id not in context.done:
        context.done[step.id] = RUN[step.step](context, step)
    return context.done[step.id]
