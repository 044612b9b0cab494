"""The content hash: changes with what a respondent meets, and with nothing else."""

import pytest

from instrument_example import edited, read

LAST_TWO = "      1: {en: YES, ja: はい}\n      0: {en: NO, ja: いいえ}"

SEEN = [
    ("instrument: example", "instrument: other"),
    ("en: An example", "en: Another example"),
    ("source:", "consent: {en: Do you agree?}\nsource:"),
    ("source:", "instructions: {en: Read on}\nsource:"),
    ("title: {en: Trust, ja: 信頼}\n", "title: {en: Trust!, ja: 信頼}\n"),
    ("title: {en: Trust, ja: 信頼}\n", "title: {en: Trust, ja: 信頼}\n    instructions: {en: x}\n"),
    ("title: {en: Trust, ja: 信頼}\n", "title: {en: Trust, ja: 信頼}\n    randomize: true\n"),
    ("ja: 一", "ja: 壱"),
    ("id: founded", "id: begun"),
    ("type: single, response", "type: likert, response"),
    ("required: true", "required: false"),
    ("exports == 1", "exports == 0"),
    ("minimum: 1\n", "minimum: 2\n"),
    ("maximum: 900", "maximum: 901"),
    ("en: people", "en: persons"),
    ("max_length: 200", "max_length: 201"),
    ("en: More?", "en: And?"),
    ("en: YES", "en: Yes"),
    (LAST_TWO, "\n".join(reversed(LAST_TWO.split("\n")))),
    ("      99:", "      98:"),
    ("languages: [en, ja]", "languages: [en, ja, ko]"),
]  # fmt: skip

NOT_SEEN = [
    ('"1.0.0"', '"2.0.0"'),
    ("kind: original", "kind: adaptation"),
    ("Nobody (2026)", "Somebody (2026)"),
    ("reverse: true, ", ""),
    ("proposition: [P1]", "proposition: []"),
    ("id: trust_1, ", "id: trust_1, note: 'for us', missing_codes: [5], "),
    ("trust_3]}", "trust_3], score: sum, min_valid: 1}"),
    ("quasi_identifiers: [staff]", "quasi_identifiers: []"),
    ("response_scales:\n", "response_scales:\n  unused: {labels: {1: {en: a}, 2: {en: b}}}\n"),
    ("exports == 1", "(exports==1)"),
    ("{en: Trust, ja: 信頼}\n", "{ja: '信頼', en: \"Trust\"}\n"),
    ("- id: trust\n", "- id: part_one\n"),
    ("languages: [en, ja]", "languages: [ja, en]"),
    ("source:", "# A remark\nsource:"),
]


@pytest.mark.parametrize(("old", "new"), SEEN, ids=lambda value: value[:25])
def test_what_a_respondent_meets_changes_the_hash(old: str, new: str) -> None:
    assert read(edited(old, new)).content_hash != read().content_hash


@pytest.mark.parametrize(("old", "new"), NOT_SEEN, ids=lambda value: value[:25])
def test_anything_else_does_not(old: str, new: str) -> None:
    assert read(edited(old, new)).content_hash == read().content_hash


def test_a_composed_and_a_decomposed_letter_look_the_same() -> None:
    composed, decomposed = (
        read(edited("en: Trust,", f"en: {text},")) for text in ("각", "\u1100\u1161\u11a8")
    )
    assert composed.content_hash == decomposed.content_hash


def test_the_definition_of_the_hash_is_fixed() -> None:
    """Forms in the field carry this hash: a change of its definition would make them strangers."""
    assert read().content_hash == "4346dda2ad783251f8c393dbc5c1d1986b9e612d5f304bd0a1d035142bac5341"
