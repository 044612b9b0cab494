"""The report of a study: its results as sections, in one language."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

from surveykit.analysis.describe import DescribeResult
from surveykit.analysis.gate import GateResult
from surveykit.analysis.group_comparison import GroupComparison
from surveykit.analysis.reliability import AlphaResult
from surveykit.analysis.weighted import WeightedComparison
from surveykit.instrument.model import Instrument
from surveykit.report.blocks import about
from surveykit.report.comparison_tables import comparison_blocks, weighted_table
from surveykit.report.description_blocks import description_blocks
from surveykit.report.document import Block, Code, Document, Facts, Paragraph, Section
from surveykit.report.interview_blocks import SHOWN, interview_blocks
from surveykit.report.names import Names
from surveykit.report.reliability_blocks import reliability_blocks
from surveykit.results import Result
from surveykit.study.failure import FAILED, NotComputed
from surveykit.study.groups import ungrouped
from surveykit.study.result_blocks import result_blocks
from surveykit.study.schema import (
    FormsStep,
    InterviewsStep,
    InvarianceStep,
    ItemBiasStep,
    PathsStep,
    SemStep,
    Step,
)
from surveykit.study.steps import Context
from surveykit.wording import pick, wording

SOFTWARE = ("surveykit", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "openpyxl")


def document(
    context: Context, results: Mapping[str, Mapping[str, Result]], lang: str, others: Mapping[str, str]
) -> Document:
    """The whole report in one language."""
    plan = context.plan
    names = names_of(context, lang)
    sections = [_data_section(context, results.get("data", {}), names)]
    sections += [_section(step, results, context, names) for step in plan.spec.steps]
    sections.append(_provenance(context, names))
    return Document(
        title=pick(plan.spec.title, lang),
        subtitle=pick(plan.spec.question, lang),
        lang=lang,
        simulated=context.simulated,
        sections=tuple(sections),
        other_languages=dict(others),
    )


def names_of(context: Context, lang: str) -> Names:
    """Labels of scales, items and groups in a language."""
    instrument = context.plan.instrument
    groups = {name: pick(text, lang) for name, text in context.plan.spec.groups.labels.items()}
    if instrument is None:
        return Names(lang=lang, groups=groups)
    variables = {item.id: pick(item.text, lang) for item in instrument.items}
    variables |= {scale.id: pick(scale.title, lang) for scale in instrument.scales.values()}
    return Names(lang=lang, variables=variables, groups=groups, answers=_answers(instrument, lang))


def _answers(instrument: Instrument, lang: str) -> dict[str, dict[int, str]]:
    answers = {}
    for item in instrument.items:
        scale = instrument.response_scale_of(item)
        if scale is not None:
            answers[item.id] = {code: pick(label, lang) for code, label in scale.labels.items()}
    return answers


def _data_section(context: Context, results: Mapping[str, Result], names: Names) -> Section:
    """Where the data come from and what happened on the way."""
    plan = context.plan
    found: list[Block] = []
    if plan.spec.source is not None:
        found.append(
            Paragraph(pick(plan.spec.source, names.lang), "warning" if context.simulated else "plain")
        )
    if plan.spec.data.population:
        found.append(Code(_text("population", names.lang), plan.spec.data.population))
    found += [Paragraph(one.full(names.lang), "warning") for one in ungrouped(context)]
    for name, result in results.items():
        found += result_blocks(result, names, id=f"data-{name}")
    return Section("data", _text("data", names.lang), tuple(found))


def _section(
    step: Step, results: Mapping[str, Mapping[str, Result]], context: Context, names: Names
) -> Section:
    title = pick(step.title, names.lang) or _text(f"step_{step.step}", names.lang)
    alike = [
        one for one in context.plan.spec.steps if one.step == step.step and not pick(one.title, names.lang)
    ]
    if step in alike and len(alike) > 1:
        title = names.text("about", what=title, text=step.id)
    return Section(step.id, title, tuple(_step_blocks(step, results[step.id], context, names)))


def _step_blocks(
    step: Step,
    results: Mapping[str, Result],
    context: Context,
    names: Names,
) -> list[Block]:
    if FAILED in results:
        return result_blocks(results[FAILED], names, id=step.id)
    if isinstance(step, FormsStep):
        languages = ", ".join(context.plan.spec.languages)
        facts = {
            _text("forms_folder", names.lang): "forms/",
            _text("languages", names.lang): languages,
            _text("questions", names.lang): str(len(context.plan.questionnaire.items)),
        }
        return [Facts(_text("step_forms", names.lang), facts)]
    if isinstance(step, InterviewsStep):
        return _interviews(results, names, step.id)
    left = [one for one in results.values() if isinstance(one, NotComputed)]
    untold = [block for one in left for block in result_blocks(one, names, id=step.id)]
    alphas = {name: one for name, one in results.items() if isinstance(one, AlphaResult)}
    if alphas:
        return reliability_blocks(_by_scale_and_group(alphas), names, id=step.id) + untold
    described = {name: one for name, one in results.items() if isinstance(one, DescribeResult)}
    if described:
        by_group = {"" if name == "all" else name: one for name, one in described.items() if name != "all"}
        return description_blocks(by_group or {"": described["all"]}, names, id=step.id) + untold
    found: list[Block] = []
    verdict = results.get("gate")
    gates = verdict.outcomes if isinstance(verdict, GateResult) else None
    for name, result in results.items():
        if isinstance(result, GroupComparison):
            found += comparison_blocks(result, names, gates, id=f"{step.id}-{name}")
        elif isinstance(result, WeightedComparison):
            found.append(weighted_table(result, names, gates, id=f"{step.id}-{name}"))
        elif not isinstance(result, GateResult):
            own = result_blocks(result, names, id=f"{step.id}-{name}")
            several = isinstance(step, InvarianceStep | ItemBiasStep) and len(results) > 1
            told = several and not isinstance(result, NotComputed)
            found += [about(names.variable(name), block, names) for block in own] if told else own
    return found


def _interviews(results: Mapping[str, Result], names: Names, id: str) -> list[Block]:
    """Tables and figures that lead to one another, then what has no place among them."""
    found = interview_blocks(results, names, id=id)
    for name, one in results.items():
        if not isinstance(one, SHOWN):
            found += result_blocks(one, names, id=f"{id}-{name}")
    return found


def _by_scale_and_group(alphas: Mapping[str, AlphaResult]) -> dict[tuple[str, str], AlphaResult]:
    """Result names such as ``trust.JP`` taken apart; all respondents together have the empty group."""
    table = {}
    for name, one in alphas.items():
        scale, _, group = name.partition(".")
        table[scale, "" if group == "all" else group] = one
    return table


def _provenance(context: Context, names: Names) -> Section:
    """Everything a stranger needs to do it again."""
    plan, lang = context.plan, names.lang
    instrument = plan.instrument
    about = {
        _text("study", lang): f"{plan.spec.study} {plan.spec.version}",
        _text("seed", lang): str(plan.spec.seed),
    }
    if instrument is not None:
        about[_text("questionnaire", lang)] = f"{instrument.instrument} {instrument.version}"
        about[_text("content_hash", lang)] = instrument.content_hash
    software = {name: version(name) for name in SOFTWARE} | {"Python": platform.python_version()}
    models = [
        Code(names.text("about", what=_text("model", lang), text=step.id), step.model)
        for step in plan.spec.steps
        if isinstance(step, SemStep | PathsStep)
    ]
    found: list[Block] = [Facts(_text("provenance", lang), about), Facts(_text("software", lang), software)]
    if instrument is not None:
        found.append(Paragraph(pick(instrument.source.note, lang)))
    return Section("provenance", _text("provenance", lang), (*found, *models))


def _text(key: str, lang: str) -> str:
    return wording("study", key, lang)
