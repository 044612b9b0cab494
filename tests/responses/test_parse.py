"""From what stands in a cell to a value: tables of what people type."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hand_made import instrument, sample
from hand_made import item as made
from surveykit.errors import note
from surveykit.form.layout import option_text
from surveykit.responses.excel import RawCell
from surveykit.responses.parse import BLANK, Parsed, reading

INST = sample()


def cell(raw: object, kind: str | None = None) -> RawCell:
    if isinstance(raw, str):
        return RawCell("Q", "D7", kind or "text", raw)
    number = float(raw)  # type: ignore[arg-type]
    return RawCell("Q", "D7", kind or "number", f"{raw}", number)


def parse(item_id: str, raw: object, kind: str | None = None) -> Parsed:
    return reading(INST, INST.item(item_id)).parse(cell(raw, kind))


@pytest.mark.parametrize(
    ("raw", "value", "rule"),
    [
        (5, 5, "number"),
        (5.0, 5, "number"),
        (99, 99, "number"),
        ("5", 5, "digits"),
        (" 5 ", 5, "digits"),
        ("5.0", 5, "digits"),
        ("５", 5, "full_width"),
        ("　５　", 5, "full_width"),
        ("③", 3, "full_width"),
        ("5\u200b", 5, "full_width"),
        ("4 – Agree", 4, "option"),
        ("4 – そう思う", 4, "option"),
        ("4 – 그렇다", 4, "option"),
        ("4 - agree", 4, "code_and_label"),
        ("4-Agree", 4, "code_and_label"),
        ("4. Agree", 4, "code_and_label"),
        ("4) agree", 4, "code_and_label"),
        ("4：そう思う", 4, "code_and_label"),
        ("４、そう思う", 4, "code_and_label"),
        ("4 agree", 4, "code_and_label"),
        ("5点", 5, "code_and_label"),
        ("5번", 5, "code_and_label"),
        ("Agree", 4, "label"),
        ("AGREE.", 4, "label"),
        ("  strongly   agree ", 5, "label"),
        ("そう思わない", 2, "label"),
        ("전혀 그렇지 않다", 1, "label"),
        ("전혀그렇지않다", 1, "label"),
        ("Do not know", 99, "label"),
    ],
)
def test_what_means_one_answer(raw: object, value: int, rule: str) -> None:
    assert parse("trust_1", raw) == Parsed(value, rule)


def test_decomposed_hangul_and_kana_are_the_same_words() -> None:
    import unicodedata

    for label in ("그렇다", "どちらともいえない"):
        assert parse("trust_1", unicodedata.normalize("NFD", label)).rule == "label"


@pytest.mark.parametrize("raw", ["", " ", "\u3000", "\u00a0\n", "\u200b"])
def test_what_looks_blank_is_blank(raw: str) -> None:
    for item in INST.items:
        assert reading(INST, item).parse(cell(raw)) == BLANK
        assert reading(INST, item).parse(None) == BLANK


@pytest.mark.parametrize(
    ("raw", "kind", "code", "rule"),
    [
        (6, None, "R041", "out_of_range"),
        ("0", None, "R041", "out_of_range"),
        (-1, None, "R041", "out_of_range"),
        ("98", None, "R041", "out_of_range"),
        (4.5, None, "R040", "not_an_answer"),
        ("4.5", None, "R040", "not_an_answer"),
        ("4 or 5", None, "R040", "not_an_answer"),
        ("4-5", None, "R040", "not_an_answer"),
        ("4/5", None, "R040", "not_an_answer"),
        ("4～5", None, "R040", "not_an_answer"),
        ("4 5", None, "R040", "not_an_answer"),
        ("44", None, "R041", "out_of_range"),
        ("agree?!maybe", None, "R040", "not_an_answer"),
        ("4 – agree a bit", None, "R040", "not_an_answer"),
        ("4 – Disagree", None, "R048", "contradiction"),
        ("TRUE", "boolean", "R040", "not_an_answer"),
        (46024, "date", "R042", "date"),
        ("=1+1", "formula", "R043", "formula"),
        ("#DIV/0!", "error", "R044", "error"),
        ("x" * 5000, None, "R040", "not_an_answer"),
    ],
)
def test_what_is_a_finding_is_no_value(raw: object, kind: str | None, code: str, rule: str) -> None:
    found = parse("trust_1", raw, kind)
    assert (found.value, found.rule) == (None, rule)
    assert found.finding is not None
    assert found.finding.code == code
    assert (found.finding.place.sheet, found.finding.place.cell) == ("Q", "D7")  # type: ignore[union-attr]
    for lang in ("en", "ja", "ko"):
        assert "trust_1" in found.finding.text(lang)
    assert len(found.finding.text()) < 300


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("1-2 times", 2, None),
        ("3～4回", 3, None),
        ("2 – 1-2 times", 2, None),
        ("4 – 2", 4, None),
        ("3", 3, None),
        ("2", None, "R049"),  # the code of '1-2 times', and the label of answer 4
        (2, None, "R049"),
    ],
)
def test_labels_that_are_numbers(raw: object, value: int | None, code: str | None) -> None:
    found = parse("often", raw)
    assert found.value == value
    assert (found.finding.code if found.finding else None) == code


@pytest.mark.parametrize(
    ("raw", "kind", "value", "code"),
    [
        (120, None, 120, None),
        (120.5, None, 120.5, None),
        ("120", None, 120, None),
        ("１２０", None, 120, None),
        ("1,200", None, 1200, "R101"),
        ("１，２００", None, 1200, "R101"),
        ("1,200人", None, 1200, "R101"),
        ("1\u00a0200", None, 1200, None),
        ("1,200.5", None, 1200.5, None),
        ("1200.125", None, 1200.125, None),
        ("1.234", None, None, "R100"),
        ("１．２３４", None, None, "R100"),
        ("1.234 people", None, None, "R100"),
        ("100.000", None, 100, "R101"),  # 100000 is beyond 5000
        ("12,345人", None, None, "R100"),  # beyond 5000, and no language here writes 12.345 so
        ("1.2345", None, 1.2345, None),
        ("1234.567", None, 1234.567, None),
        ("0.123", None, None, "R050"),
        ("0,123", None, None, "R051"),
        ("1.234.567", None, None, "R051"),
        ("1.234,5", None, None, "R051"),
        ("3명", None, 3, None),
        ("３０人", None, 30, None),
        ("5年", None, None, "R051"),
        ("5년", None, None, "R051"),
        ("약 30명", None, None, "R051"),
        ("三十人", None, None, "R051"),
        ("2026-04-30", None, None, "R051"),
        ("120人", None, 120, None),
        ("120 people", None, 120, None),
        ("12.5", None, 12.5, None),
        ("1,5", None, None, "R051"),
        ("about 100", None, None, "R051"),
        ("100-200", None, None, "R051"),
        ("", "boolean", None, "R051"),
        (0, None, None, "R050"),
        ("5001", None, None, "R050"),
        (46024, "date", None, "R042"),
        ("=A1", "formula", None, "R043"),
        ("#REF!", "error", None, "R044"),
    ],
)
def test_numbers(raw: object, kind: str | None, value: float | None, code: str | None) -> None:
    found = parse("staff", raw, kind)
    assert found.value == value
    assert (found.finding.code if found.finding else None) == code


@pytest.mark.parametrize(
    ("raw", "limits", "value", "code", "told"),
    [
        ("3.125", (0, 24), 3.125, "R101", "3125, is outside 0 to 24"),
        ("7.250", (0, 24), 7.25, "R101", "7250, is outside 0 to 24"),
        ("3.000", (0, 24), 3, "R101", "3000, is outside"),
        ("-3.125", (-24, None), -3.125, "R101", "-3125, is outside -24 to ∞"),
        ("1.950", (1900, 2026), 1950, "R101", "1.950, is outside 1900 to 2026"),
        ("2,024", (1900, 2026), 2024, "R101", "2.024, is outside 1900 to 2026"),
        ("1,234", (0, 5000), 1234, "R101", "the comma parting thousands; where .* it would be 1.234"),
        ("1,234", (None, None), 1234, "R101", "it would be 1.234.$"),
        ("1,234", (0, 10), None, "R100", r"1234 in some countries and a fraction \(1.234\).*: 0 to 10"),
        ("1.234", (0, 5000), None, "R100", r"1234 .* \(1.234\)"),
        ("1.234", (None, None), None, "R100", "so it was not read.$"),
        ("3.125", (10, 24), None, "R100", "Allowed: 10 to 24"),
        ("3,125", (10, 24), None, "R050", "3125"),
        ("9,999", (0, 24), 9999, "R101", "9999"),  # a missing code
        ("9.999", (0, 24), None, "R100", "9999"),
        ("9.999", (0, 5), 9999, "R101", "9999"),
    ],
)
def test_one_mark_before_three_digits_is_read_where_the_limits_leave_one_reading(
    raw: str, limits: tuple[float | None, float | None], value: float | None, code: str, told: str
) -> None:
    item = made("hours", "number", minimum=limits[0], maximum=limits[1], missing_codes=(9999,))
    found = reading(instrument(item), item).parse(cell(raw))
    assert found.value == value
    assert found.finding is not None
    assert found.finding.code == code
    assert re.search(told, found.finding.text("en"))
    for lang in ("ja", "ko"):
        assert not re.search(r"[\[\]{}]", found.finding.text(lang))


@pytest.mark.parametrize(
    ("code", "facts"), [("R100", {"thousand": "1234"}), ("R101", {"value": "1234", "fraction": "1.234"})]
)
def test_findings_stored_before_limits_were_told_still_read_well(code: str, facts: dict[str, str]) -> None:
    for lang in ("en", "ja", "ko"):
        told = note(code, item="hours", raw="1,234", **facts).text(lang)
        assert "1234" in told
        assert not re.search(r"[\[\]{}]", told)


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        (31868, "date", "1987-04-01"),
        (31868.75, "date", "1987-04-01"),
        (1, "date", "1900-01-01"),
        (59, "date", "1900-02-28"),
        (61, "date", "1900-03-01"),
        ("1987-04-01", None, "1987-04-01"),
        ("1987/4/1", None, "1987-04-01"),
        ("1987. 4. 1.", None, "1987-04-01"),
        ("１９８７年４月１日", None, "1987-04-01"),
        ("1987년 4월 1일", None, "1987-04-01"),
        ("19870401", None, "1987-04-01"),
        (19870401, None, "1987-04-01"),
        ("1987-04-01T00:00:00", "date", "1987-04-01"),
        (60, "date", None),
        (0.5, "date", None),
        (3_000_000, "date", None),
        ("4/1/1987", None, None),
        ("87-04-01", None, None),
        ("1987-13-01", None, None),
        ("1987-02-30", None, None),
        (31868, None, None),
        ("April", None, None),
        ("1", "boolean", None),
    ],
)
def test_dates(raw: object, kind: str | None, value: str | None) -> None:
    found = parse("founded", raw, kind)
    assert found.value == value
    assert (found.finding.code if found.finding else None) == (None if value else "R052")


@pytest.mark.parametrize(
    ("raw", "kind", "value", "code"),
    [
        ("  ㈱髙﨑 ", None, "  ㈱髙﨑 ", None),  # as typed: normal forms are for comparing, never for keeping
        (3, None, "3", None),
        (0.1, None, "0.1", None),
        ("1", "boolean", "TRUE", None),
        ("あ" * 21, None, "あ" * 21, "R053"),
        (46024, "date", None, "R042"),
        ("=HYPERLINK(1)", "formula", None, "R043"),
    ],
)
def test_texts(raw: object, kind: str | None, value: str | None, code: str | None) -> None:
    found = parse("city", raw, kind)
    assert found.value == value
    assert (found.finding.code if found.finding else None) == code


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("✓", None, 1),
        ("x", None, 1),
        ("Ｘ", None, 1),
        ("○", None, 1),
        ("1", None, 1),
        (1, None, 1),
        ("10", None, 1),
        ("展示会", None, 1),
        ("はい", None, 1),
        ("1", "boolean", 1),
        ("0", "boolean", 0),
        ("0", None, 0),
        ("no", None, 0),
        ("", None, 0),
        ("×", None, None),  # no in Japan, a tick elsewhere
        ("maybe", None, None),
        (3, None, None),
        ("=1", "formula", None),
        (46024, "date", None),
    ],
)
def test_marks(raw: object, kind: str | None, value: int | None) -> None:
    found = reading(INST, INST.item("channels")).parse_mark(cell(raw, kind), 10)
    assert found.value == value
    assert (found.finding.code if found.finding else None) == (None if value is not None else "R056")


@given(st.sampled_from(["en", "ja", "ko"]), st.sampled_from([1, 2, 3, 4, 5, 99]))
def test_what_a_drop_down_offers_is_read_back(lang: str, code: int) -> None:
    scale = INST.response_scales["agree5"]
    assert parse("trust_1", option_text(scale, code, lang)) == Parsed(code, "option")


@given(st.text(max_size=40), st.sampled_from(["text", "formula", "error", "boolean"]))
def test_anything_is_a_value_of_the_scale_or_a_finding(raw: str, kind: str) -> None:
    for item in INST.items:
        found = reading(INST, item).parse(RawCell("Q", "D7", kind, raw))
        if item.response_scale == "agree5":
            assert found.value in (None, 1, 2, 3, 4, 5, 99)
        assert found.value is not None or found.rule == "blank" or found.finding is not None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("\u22125", -5), ("\uff0d5", -5), ("\u2212\uff15", -5), ("1\u00a0000", 1000),
        ("1\u2009234\u202f567", 1234567),
        ("1 000", None), ("1e3", None), ("12\u00a034", None), ("1234\u00a0567", None), ("2 - 5", None),
        ("5\u2212", None), ("\u2013", None),
    ],
)  # fmt: skip
def test_signs_and_groups_of_a_number(raw: str, value: float | None) -> None:
    how = reading(instrument(made("n", "number")), made("n", "number", minimum=-5, maximum=10_000_000))
    parsed = how.parse(RawCell("Q", "D7", "text", raw))
    assert parsed.value == value
    assert (parsed.finding.code if parsed.finding else None) == (None if value is not None else "R051")


@pytest.mark.parametrize(
    ("of", "raw", "kind", "says"),
    [
        ("trust_1", "1", "boolean", "TRUE"),
        ("trust_1", "true", "boolean", "TRUE"),
        ("trust_1", "0", "boolean", "FALSE"),
        ("staff", "1", "boolean", "TRUE"),
        ("founded", "0", "boolean", "FALSE"),
        ("trust_1", 46024, "date", "2026-01-02"),
        ("staff", "5년", "text", "5년"),
        ("staff", "1.234", "text", "1.234"),
        ("founded", "04/05/2026", "text", "04/05/2026"),
    ],
)
def test_a_finding_quotes_what_a_person_sees(of: str, raw: object, kind: str, says: str) -> None:
    found = parse(of, raw, kind)
    assert found.value is None
    assert found.finding is not None
    assert found.finding.fields["raw"] == says
    assert says in found.finding.text("ja")


def test_a_number_with_two_readings_says_both() -> None:
    assert "1234" in parse("staff", "1.234").finding.text("en")  # type: ignore[union-attr]
    assert "1.200" in parse("staff", "1,200").finding.text("ko")  # type: ignore[union-attr]
