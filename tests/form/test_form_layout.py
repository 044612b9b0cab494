"""The layout: anchors that can be read back, rows in the order asked."""

import pytest

from hand_made import guide, instrument, item, sample
from surveykit.errors import SurveykitError
from surveykit.form.interview import asked, is_interview
from surveykit.form.layout import Slot, layout, option_text, printed


@pytest.mark.parametrize(
    ("slot", "name"),
    [
        (Slot("trust_1"), "sk_trust_1"),
        (Slot("channels", 3), "skx3_channels"),
        (Slot("channels", 0), "skx0_channels"),
        (Slot("channels", -9), "skxm9_channels"),
        (Slot("x3_channels"), "sk_x3_channels"),
    ],
)
def test_an_anchor_names_its_slot_and_no_other(slot: Slot, name: str) -> None:
    assert slot.name == name
    assert Slot.from_name(name) == slot


@pytest.mark.parametrize(
    "word", ["skf_respondent", "trust_1", "sk_", "sk_Trust", "skx_a", "skxmm1_a", "sk_a b"]
)
def test_other_words_are_no_anchors(word: str) -> None:
    assert Slot.from_name(word) is None


def test_rows_stand_in_the_order_asked() -> None:
    rows = layout(sample()).rows
    assert [row.row for row in rows] == list(range(5, 5 + len(rows)))
    assert [(row.kind, row.item.id if row.item else None) for row in rows] == [
        ("section", None),
        ("legend", None),
        ("item", "trust_1"),
        ("item", "trust_2"),
        ("item", "trust_3"),
        ("legend", None),
        ("item", "often"),
        ("item", "role"),
        ("choices", "role"),
        ("legend", None),
        ("item", "reports"),
        ("item", "channels"),
        *[("option", "channels")] * 4,
        ("item", "staff"),
        ("item", "founded"),
        ("item", "city"),
        ("item", "story"),
    ]


def test_every_item_has_its_cells_once() -> None:
    form = layout(sample())
    slots = [row.slot for row in form.rows if row.slot is not None]
    assert len(slots) == len(set(slots)) == 14
    assert form.slots_of("channels") == tuple(Slot("channels", code) for code in (1, 2, 10, -9))
    assert form.slots_of("role") == (Slot("role"),)


def test_questions_are_numbered_through() -> None:
    assert [row.number for row in layout(sample()).rows if row.kind == "item"] == list(range(1, 12))


def test_an_interview_guide_opens_with_the_record_of_the_interview() -> None:
    form = layout(guide())
    assert is_interview(guide())
    assert not is_interview(sample())
    assert [section.id for section in form.inst.sections] == ["interview_record", "main"]
    assert [item.id for item in form.inst.sections[0].items] == [
        "interviewer",
        "interview_date",
        "interview_place",
        "interview_minutes",
        "interview_language",
        "interview_recording",
    ]
    # The record is not numbered: question 1 is the guide's first.
    assert [row.number for row in form.rows if row.kind == "item"] == [None] * 6 + [1, 2]
    assert asked(form.inst) is form.inst


def test_a_guide_may_not_use_the_ids_of_the_record() -> None:
    probes = ({"en": "Why?", "ja": "なぜ。", "ko": "왜?"},)
    with pytest.raises(SurveykitError, match=r"\[F020\].*interview_date"):
        layout(instrument(item("interview_date", "open", probes=probes)))


def test_what_is_printed_beside_an_answer() -> None:
    form = layout(guide())
    question = "Question q01?\n• How long?\n• With whom?"
    assert printed(form.inst, Slot("q01"), "en") == question
    inst = sample()
    assert printed(inst, Slot("channels", 10), "ja") == "展示会"
    assert option_text(inst.response_scales["agree5"], 99, "ko") == "99 – 모르겠다"


def test_long_lists_of_choices_take_several_rows() -> None:
    from hand_made import ResponseScale, texts

    many = ResponseScale("many", {code: texts(f"Choice {code}") for code in range(1, 31)})
    inst = instrument(item("pick", "single", "many"), response_scales={"many": many})
    assert [len(row.codes) for row in layout(inst).rows if row.kind == "choices"] == [4] * 7 + [2]
