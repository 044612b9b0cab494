"""A small, valid instrument as YAML, and edits of it."""

from surveykit.errors import Place
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import instrument_from_bytes

EXAMPLE = """\
instrument: example
version: "1.0.0"
languages: [en, ja]
title: {en: An example, ja: 例}
source:
  kind: original
  citation: "Nobody (2026)"
  note: {en: Made for tests, ja: テスト用}
propositions:
  P1: {en: A proposition, ja: 命題}
response_scales:
  agree5:
    labels:
      1: {en: Disagree, ja: 反対}
      2: {en: Rather disagree, ja: やや反対}
      3: {en: Undecided, ja: どちらでもない}
      4: {en: Rather agree, ja: やや賛成}
      5: {en: Agree, ja: 賛成}
    missing_codes:
      99: {en: Do not know, ja: わからない}
  yes_no:
    labels:
      1: {en: YES, ja: はい}
      0: {en: NO, ja: いいえ}
sections:
  - id: trust
    title: {en: Trust, ja: 信頼}
    items:
      - {id: trust_1, type: likert, response_scale: agree5, text: {en: One, ja: 一}}
      - {id: trust_2, type: likert, response_scale: agree5, reverse: true, text: {en: Two, ja: 二}}
      - {id: trust_3, type: likert, response_scale: agree5, text: {en: Three, ja: 三}}
  - id: firm
    title: {en: Firm, ja: 会社}
    items:
      - {id: exports, type: single, response_scale: yes_no, required: true, text: {en: Exports?, ja: 輸出？}}
      - id: markets
        type: multiple
        response_scale: agree5
        show_if: exports == 1
        text: {en: Which?, ja: どこ？}
      - id: staff
        type: number
        minimum: 1
        maximum: 900
        unit: {en: people, ja: 人}
        text: {en: Staff, ja: 社員}
      - {id: founded, type: date, text: {en: Founded, ja: 設立}}
      - {id: remark, type: text, max_length: 200, text: {en: Remark, ja: 備考}}
      - id: story
        type: open
        text: {en: Tell, ja: 話}
        proposition: [P1]
        probes: [{en: More?, ja: もっと？}]
scales:
  trust_scale: {title: {en: Trust, ja: 信頼}, items: [trust_1, trust_2, trust_3]}
quasi_identifiers: [staff]
"""


def read(text: str = EXAMPLE) -> Instrument:
    return instrument_from_bytes(text.encode("utf-8"), "example.yaml")


def edited(old: str, new: str, text: str = EXAMPLE) -> str:
    """The example with one edit that is certain to have happened."""
    assert old in text
    return text.replace(old, new, 1)


def at_place(text: str, place: Place) -> str:
    """The text from a place on."""
    assert place.line is not None
    assert place.column is not None
    return "".join(text.splitlines(keepends=True)[place.line - 1 :])[place.column - 1 :]
