"""The reader: a whole instrument, and every refusal with its code and place."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from instrument_example import EXAMPLE, at_place, edited, read
from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.schema import json_schema

ROOT = Path(__file__).parent.parent.parent
INSTRUMENTS = sorted((ROOT / "instruments").glob("*.yaml"))


def test_a_whole_instrument() -> None:
    inst = read()
    assert (inst.instrument, inst.version, inst.languages) == ("example", "1.0.0", ("en", "ja"))
    assert inst.title == {"en": "An example", "ja": "例"}
    assert (inst.source.kind, inst.source.citation) == ("original", "Nobody (2026)")
    assert inst.propositions == {"P1": {"en": "A proposition", "ja": "命題"}}
    assert inst.response_scales["agree5"].codes == (1, 2, 3, 4, 5)
    assert inst.response_scales["agree5"].missing_codes == {99: {"en": "Do not know", "ja": "わからない"}}
    assert inst.response_scales["yes_no"].labels == {
        1: {"en": "YES", "ja": "はい"},
        0: {"en": "NO", "ja": "いいえ"},
    }
    assert [section.id for section in inst.sections] == ["trust", "firm"]
    assert [item.id for item in inst.items if item.reverse] == ["trust_2"]
    assert [item.type for item in inst.sections[1].items] == [
        "single", "multiple", "number", "date", "text", "open",
    ]  # fmt: skip
    staff = inst.item("staff")
    assert (staff.minimum, staff.maximum, staff.unit) == (1, 900, {"en": "people", "ja": "人"})
    assert inst.item("story").probes == ({"en": "More?", "ja": "もっと？"},)
    assert inst.item("markets").show_if == "exports == 1"
    assert inst.scales["trust_scale"].items == ("trust_1", "trust_2", "trust_3")
    assert (inst.scales["trust_scale"].score, inst.scales["trust_scale"].min_valid) == ("mean", 0.5)
    assert inst.quasi_identifiers == ("staff",)
    with pytest.raises(KeyError):
        inst.item("none")


def test_the_measurement_model_is_lavaan_syntax() -> None:
    inst = read()
    expected = "trust_scale =~ trust_1 + trust_2 + trust_3"
    assert inst.measurement_model() == expected
    assert inst.measurement_model("trust_scale") == inst.measurement_model(["trust_scale"]) == expected
    with pytest.raises(SurveykitError, match=r"I058.*'trust'.*\n.*'trust_scale'"):
        inst.measurement_model(["trust"])


# One edit of the example (old, new), the code of the refusal and the text at its place.
REFUSED = [
    ('version: "1.0.0"\n', "", "I020", "instrument: example"),
    ("type: date, ", "", "I020", "{id: founded"),
    ("reverse: true", "revers: true", "I021", "revers: true"),
    ("quasi_identifiers", "xyzzy", "I059", "xyzzy"),
    ('citation: "Nobody (2026)"', "citation: [a]", "I022", "citation"),
    ("quasi_identifiers: [staff]", "quasi_identifiers: staff", "I023", "staff\n"),
    ("title: {en: An example, ja: 例}", "title: An example", "I024", "An example"),
    ("  - id: trust\n", "  - foo\n  - id: trust\n", "I024", "foo"),
    ("max_length: 200", "max_length: 2_00", "I025", "2_00"),
    ("max_length: 200", 'max_length: "200"', "I025", '"200"'),
    ("max_length: 200", "max_length: [200]", "I025", "max_length"),
    ("      99:", "      x9:", "I025", "x9"),
    ("minimum: 1\n", "minimum: 012\n", "I026", "012"),
    ("minimum: 1\n", "minimum: .inf\n", "I026", ".inf"),
    ("minimum: 1\n", "minimum: {}\n", "I026", "minimum"),
    ("required: true", "required: yes", "I027", "yes"),
    ("required: true", "required: []", "I027", "required"),
    ("text: {en: One", "text: {en: ~", "I028", "~"),
    ("show_if: exports == 1", "show_if:", "I028", "show_if"),
    ("id: founded", "id: Founded", "I029", "Founded"),
    ("id: founded", "id: " + "x" * 61, "I029", "xxx"),
    ("id: founded", "id: for", "I030", "for,"),
    ("id: founded", "id: answered", "I030", "answered"),
    ('"1.0.0"', '"1"', "I031", '"1"'),
    ('"1.0.0"', '"01.0.0"', "I031", '"01'),
    ('"1.0.0"', "next", "I031", "next"),
    ('"1.0.0"', "1.10", "I032", "1.10"),
    ("id: founded", "id: no", "I032", "no,"),
    ("type: date", "type: day", "I033", "day"),
    ("languages: [en, ja]", "languages: [en, jp]", "I033", "jp]"),
    ("title: {en: An example, ja: 例}", "title: {en: An example, jp: 例}", "I033", "jp:"),
    ("  P1:", "  1P: {en: x}\n  P1:", "I034", "1P"),
    ("max_length: 200", "max_length: 0", "I035", "0,"),
    ("max_length: 200", "max_length: 40000", "I035", "40000"),
    ("trust_3]}", "trust_3], min_valid: 1.5}", "I035", "1.5"),
    ("trust_3]}", "trust_3], min_valid: 0}", "I035", "0}"),
    ("      99:", "      10000:", "I035", "10000"),
    ("title: {en: An example, ja: 例}", "title: {en: An example, ko: 예}", "I036", "예"),
    ("title: {en: An example, ja: 例}", "title: {ja: 例}", "I037", "title: {ja: 例}"),
    ("id: remark", "id: founded", "I038", "founded, type: text"),
    ("- id: firm", "- id: trust", "I038", "trust\n    title: {en: Firm"),
    ("trust_scale:", "staff:", "I039", "staff: {title"),
    ("      99:", "      5:", "I040", "5: {en: Do not know"),
    ("exports == 1", "exports = 1", "I041", "= 1"),
    ("exports == 1", '"exports = 1"', "I041", '= 1"'),
    ("exports == 1", "(" * 22 + "exports == 1", "I042", "((("),
    ("exports == 1", "exports ==", "I043", "exports =="),
    ("      5: {en: Agree", "      6: {en: Agree", "I044", "labels:"),
    ("type: date,", "type: date, maximum: 3,", "I045", "3, text"),
    ("type: date,", "type: date, reverse: true,", "I045", "true, text"),
    ("type: date,", "type: date, probes: [{en: x}],", "I045", "probes"),
    ("type: single, response_scale: yes_no", "type: single", "I046", "{id: exports"),
    ("response_scale: yes_no", "response_scale: yesno", "I047", "yesno"),
    ("required: true", "missing_codes: [1]", "I017", "missing_codes"),
    ("minimum: 1\n", "minimum: 901\n", "I048", "901"),
    ("proposition: [P1]", "proposition: [P2]", "I049", "P2"),
    ("trust_3]}", "trust_4]}", "I050", "trust_4"),
    ("quasi_identifiers: [staff]", "quasi_identifiers: [age]", "I050", "age"),
    ("exports == 1", "export == 1", "I050", "export == 1"),
    ("trust_3]}", "remark]}", "I051", "remark]"),
    ("exports == 1", "story == 1", "I052", "story == 1"),
    ("exports == 1", "answered(markets)", "I052", "answered"),
    ("    title: {en: Firm", "    randomize: true\n    title: {en: Firm", "I052", "exports == 1"),
    ("text: {en: Remark", "show_if: founded == 1, text: {en: Remark", "I053", "founded =="),
    ("text: {en: Remark", "show_if: markets == 1, text: {en: Remark", "I053", "markets =="),
    ("exports == 1", "exports == 2", "I054", "exports == 2"),
    ("exports == 1", "exports in (0, 1, 3)", "I054", "exports in"),
    ("trust_3]}", "trust_1]}", "I055", "trust_1]}"),
    ("languages: [en, ja]", "languages: [en, ja, en]", "I055", "en]"),
    ("items: [trust_1, trust_2, trust_3]", "items: []", "I056", "items: []"),
    ("languages: [en, ja]", "languages: []", "I056", "languages"),
]


@pytest.mark.parametrize(("old", "new", "code", "at"), REFUSED, ids=lambda value: str(value)[:30])
def test_one_mistake_is_one_problem_with_its_place(old: str, new: str, code: str, at: str) -> None:
    text = edited(old, new)
    with pytest.raises(SurveykitProblems) as refusal:
        read(text)
    assert [one.code for one in refusal.value.problems] == [code]
    place = refusal.value.problems[0].place
    assert (place.file, at_place(text, place)[: len(at)]) == ("example.yaml", at)


def test_every_problem_at_once() -> None:
    """A mistake of type does not hide a broken rule elsewhere, nor cause a complaint of its own."""
    text = EXAMPLE
    for old, new in [
        ('"1.0.0"', "1.10"),
        ("languages: [en, ja]", "languages: [en, jp]"),
        ("{en: Trust, ja: 信頼}", "Trust"),
        ("id: trust_1, type: likert", "id: trust_1, type: lickert"),
        ("exports == 1", "exports == 2"),
        ("required: true", "required: yes"),
        ("minimum: 1\n", "minimum: 901\n"),
        ("proposition: [P1]", "proposition: [P2]"),
        ("kind: original", "kind: mine"),
        ("trust_3]", "trust_4]"),
    ]:
        text = edited(old, new, text)
    with pytest.raises(SurveykitProblems) as refusal:
        read(text)
    assert [one.code for one in refusal.value.problems] == [
        "I032", "I033", "I033", "I024", "I033", "I027", "I054", "I048", "I049", "I050",
    ]  # fmt: skip
    assert str(refusal.value).count("example.yaml:") == 10


def test_no_more_than_a_hundred_problems_are_listed() -> None:
    keys = "".join(f"nonsense_{number}: 1\n" for number in range(5_000))
    with pytest.raises(SurveykitProblems) as refusal:
        read(EXAMPLE + keys)
    assert len(refusal.value.problems) == 101
    assert refusal.value.problems[-1].code == "I057"


def test_texts_are_tidied() -> None:
    text = edited("title: {en: An example,", 'title: {en: "  An\\r\\nexample ",')
    assert read(text).title["en"] == "An\nexample"


def test_json_is_yaml() -> None:
    plain = YAML(typ="safe", pure=True).load(EXAMPLE)
    assert read(json.dumps(plain)) == read()


@pytest.mark.parametrize("path", INSTRUMENTS, ids=lambda path: path.name)
def test_the_real_instruments_are_read_and_valid_under_the_published_schema(path: Path) -> None:
    inst = read_instrument(path)
    assert inst.instrument == path.stem
    assert len(inst.content_hash) == 64
    plain = json.loads(json.dumps(YAML(typ="safe", pure=True).load(path)))  # JSON has text keys only
    jsonschema.validate(plain, json_schema())


def test_the_published_schema_is_the_one_the_code_makes() -> None:
    published = json.loads((ROOT / "docs" / "schema" / "instrument.schema.json").read_text("utf-8"))
    assert published == json_schema()
    jsonschema.Draft202012Validator.check_schema(published)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"1.0.0"', "1.10"),
        ("type: date,", "type: day,"),
        ("id: founded", "id: Founded"),
        ("reverse: true", "revers: true"),
        ("max_length: 200", "max_length: 0"),
        ("required: true", "required: 'yes'"),
        ("      99:", "      x9:"),
        ("trust_scale:", "Trust:"),
        ("ja: 命題", "fr: x"),
    ],
)
def test_the_published_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    plain = json.loads(json.dumps(YAML(typ="safe", pure=True).load(edited(old, new))))
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(plain)
