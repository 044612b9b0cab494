"""Two versions: each change once, with what it does to comparability and scoring."""

import pytest

from instrument_example import EXAMPLE, edited, read
from surveykit.errors import LANGUAGES, SurveykitError
from surveykit.instrument.diff import diff

# Edits of the example; the one change each makes (subject / id / change / comparability / scoring / code);
# the part of the version to raise.
CHANGES = [
    (
        "text: {en: One, ja: 一}",
        "text: {en: 'One!', ja: 壱}",
        "item / trust_1 / wording / check / same / I084",
        "minor",
    ),
    (
        "text: {en: One, ja: 一}",
        "text: {en: One, ja: 壱}",
        "item / trust_1 / wording / check / same / I085",
        "minor",
    ),
    (
        "type: single, response",
        "type: likert, response",
        "item / exports / type / broken / changed / I088",
        "major",
    ),
    (
        "show_if: exports == 1",
        "show_if: exports == 0",
        "item / markets / show_if / check / same / I089",
        "minor",
    ),
    ("maximum: 900", "maximum: 800", "item / staff / limits / check / same / I090", "minor"),
    (
        "unit: {en: people, ja: 人}",
        "unit: {en: dozens, ja: 打}",
        "item / staff / limits / check / same / I090",
        "minor",
    ),
    ("max_length: 200", "max_length: 300", "item / remark / limits / check / same / I090", "minor"),
    ("required: true, ", "", "item / exports / required / same / same / I077", "patch"),
    ("reverse: true, ", "", "item / trust_2 / reverse / same / changed / I091", "major"),
    (
        "id: trust_3, type: likert",
        "id: trust_3, type: likert, missing_codes: [5]",
        "item / trust_3 / missing codes / same / changed / I092",
        "major",
    ),
    (
        "probes: [{en: More?, ja: もっと？}]",
        "probes: []",
        "item / story / probes / check / same / I093",
        "minor",
    ),
    (
        "1: {en: YES, ja: はい}",
        "1: {en: Yes, ja: はい}",
        "item / exports / labels / check / same / I086",
        "minor",
    ),
    (
        "items: [trust_1, trust_2, trust_3]",
        "items: [trust_1, trust_2]",
        "scale / trust_scale / items / check / changed / I094",
        "major",
    ),
    ("trust_3]}", "trust_3], score: sum}", "scale / trust_scale / score / same / changed / I094", "major"),
    ("trust_3]}", "trust_3], min_valid: 1}", "scale / trust_scale / score / same / changed / I094", "major"),
    (
        "scales:\n  trust_scale",
        "scales:\n  two: {title: {en: x}, items: [trust_1]}\n  trust_scale",
        "scale / two / new / broken / same / I096",
        "minor",
    ),
    (
        "title: {en: Firm, ja: 会社}",
        "title: {en: The firm, ja: 会社}",
        "section / firm / wording / check / same / I098",
        "minor",
    ),
    (
        "title: {en: Firm, ja: 会社}",
        "title: {en: Firm, ja: 会社}\n    instructions: {en: New}",
        "section / firm / wording / check / same / I098",
        "minor",
    ),
    (
        "version",
        "consent: {en: Agree?}\nversion",
        "instrument / example / wording / check / same / I098",
        "minor",
    ),
    (
        "    title: {en: Trust, ja: 信頼}\n",
        "    title: {en: Trust, ja: 信頼}\n    randomize: true\n",
        "section / trust / order / check / same / I099",
        "minor",
    ),
    (
        "languages: [en, ja]",
        "languages: [en, ja, ko]",
        "instrument / example / languages / same / same / I079",
        "patch",
    ),
    (
        "      - {id: founded",
        "      - {id: added, type: text, text: {en: New}}\n      - {id: founded",
        "item / added / new / broken / same / I080",
        "minor",
    ),
    (
        "      - {id: founded, type: date, text: {en: Founded, ja: 設立}}\n",
        "",
        "item / founded / removed / broken / same / I081",
        "major",
    ),
    ("id: founded", "id: begun", "item / begun / renamed / same / same / I082", "patch"),
]


@pytest.mark.parametrize(("old", "new", "expected", "level"), CHANGES, ids=lambda value: str(value)[:30])
def test_one_edit_is_one_change(old: str, new: str, expected: str, level: str) -> None:
    outcome = diff(read(), read(edited(old, new)))
    assert [
        " / ".join((one.subject, one.id, one.change, one.comparability, one.scoring, one.note.code))
        for one in outcome.changes
    ] == [expected]
    assert outcome.recommended == level
    assert [one.code for one in outcome.notes] == ["I095"]  # the version is still the same
    assert all(outcome.changes[0].note.text(lang) for lang in LANGUAGES)


def test_nothing_changed() -> None:
    outcome = diff(read(), read("# A remark\n" + edited("note: {en: Made for tests", "note: {en: Of tests")))
    assert (outcome.changes, outcome.notes, outcome.recommended) == ((), (), "none")
    assert outcome.same_content
    assert outcome.item_map == {item.id: item.id for item in read().items}


def test_a_removed_scale() -> None:
    start = EXAMPLE.index("scales:\n  trust_scale")
    outcome = diff(read(), read(EXAMPLE[:start] + "quasi_identifiers: [staff]\n"))
    assert [(one.note.code, one.id) for one in outcome.changes] == [("I097", "trust_scale")]


def test_other_codes_break_every_item_that_uses_them() -> None:
    six = edited(
        "      5: {en: Agree, ja: 賛成}\n", "      5: {en: Agree, ja: 賛成}\n      6: {en: Fully, ja: 全く}\n"
    )
    outcome = diff(read(), read(six))
    assert {(one.id, one.change, one.note.code) for one in outcome.changes} == {
        (name, "codes", "I087") for name in ("trust_1", "trust_2", "trust_3", "markets")
    }
    assert sorted(outcome.item_map) == ["exports", "founded", "remark", "staff", "story"]


def test_an_item_that_moved_is_the_only_one_named() -> None:
    line = "      - {id: trust_1, type: likert, response_scale: agree5, text: {en: One, ja: 一}}\n"
    within = edited("  - id: firm\n", line + "  - id: firm\n", edited(line, ""))
    outcome = diff(read(), read(within))
    assert [(one.note.code, one.id, one.before, one.after) for one in outcome.changes] == [
        ("I083", "trust_1", "trust 1", "trust 3")
    ]
    last = edited("      - {id: founded", line + "      - {id: founded", edited(line, ""))
    outcome = diff(read(), read(last))
    assert [(one.note.code, one.id, one.after) for one in outcome.changes] == [("I083", "trust_1", "firm 4")]


def test_a_section_id_that_no_one_sees_moves_nothing() -> None:
    assert diff(read(), read(edited("- id: trust\n", "- id: part_1\n"))).changes == ()


@pytest.mark.parametrize(
    ("version", "warned"),
    [("1.0.0", True), ("1.0.1", True), ("1.1.0", True), ("2.0.0", False), ("0.9.0", True), ("2.0", False)],
)
def test_the_version_must_be_raised_enough(version: str, warned: bool) -> None:
    new = edited("reverse: true, ", "", edited('"1.0.0"', f'"{version}"'))
    notes = diff(read(), read(new)).notes
    assert [one.fields["least"] for one in notes] == (["2.0.0"] if warned else [])


def test_the_result_as_a_frame_and_as_text() -> None:
    outcome = diff(read(), read(edited("id: founded", "id: begun")))
    assert outcome.to_frame("ko").loc[0, ["subject", "id", "change"]].tolist() == ["item", "begun", "renamed"]
    assert "founded" in outcome.to_frame("ja").loc[0, "text"]
    assert outcome.summary().startswith("1.0.0 -> 1.0.0 (patch)\n[same] Item 'founded' is now called 'begun'")
    assert outcome.to_dict()["recommended"] == "patch"


def test_two_instruments_are_not_two_versions() -> None:
    with pytest.raises(SurveykitError, match="I078"):
        diff(read(), read(edited("instrument: example", "instrument: other")))
