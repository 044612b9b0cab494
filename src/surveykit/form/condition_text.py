"""`show_if` in words, for forms on paper: ``Only if question 5 is “Manager” or “Other”``."""

from __future__ import annotations

from collections.abc import Mapping

from surveykit.form.layout import label_text
from surveykit.form.texts import ui
from surveykit.instrument.model import Instrument
from surveykit.instrument.show_if import (
    AllOf,
    Answered,
    AnyOf,
    Comparison,
    Condition,
    Membership,
    Not,
    parse_show_if,
)

SIGNS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}


def condition_text(show_if: str, inst: Instrument, numbers: Mapping[str, int], lang: str) -> str:
    """When a question is to be answered, in one language; `numbers`: each item's question number."""
    words = _Words(inst, numbers, lang)
    return ui("only_if", lang, condition=words.said(parse_show_if(show_if)))


class _Words:
    def __init__(self, inst: Instrument, numbers: Mapping[str, int], lang: str) -> None:
        self.inst, self.numbers, self.lang = inst, numbers, lang

    def said(self, condition: Condition, *, within: bool = False) -> str:
        if isinstance(condition, Not):
            return ui("not_so", self.lang, condition=self.said(condition.condition))
        if isinstance(condition, AllOf | AnyOf):
            between = ui("and_also" if isinstance(condition, AllOf) else "or_else", self.lang)
            text = between.join(self.said(one, within=True) for one in condition.conditions)
            return f"({text})" if within else text
        question = ui("question_number", self.lang, number=self.numbers[condition.item])
        if isinstance(condition, Answered):
            return ui("is_answered", self.lang, question=question)
        if isinstance(condition, Membership):
            answers = [self._answer(condition.item, value) for value in condition.values]
            return f"{question} = {ui('or_else', self.lang).join(answers)}"
        return self._comparison(condition, question)

    def _comparison(self, condition: Comparison, question: str) -> str:
        answer = self._answer(condition.item, condition.value)
        return f"{question} {SIGNS[condition.operator]} {answer}"

    def _answer(self, item_id: str, value: float) -> str:
        """An answer by its number and words, where it has any."""
        scale = self.inst.response_scale_of(self.inst.item(item_id))
        code = f"{value:.15g}"
        if scale is None or value not in {*scale.labels, *scale.missing_codes}:
            return code
        return ui("quoted", self.lang, code=code, label=label_text(scale, int(value), self.lang))
