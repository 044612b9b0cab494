"""What holds for every instrument and for every file."""

import copy
import random
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instrument_example import EXAMPLE
from instrument_strategies import Plain, anything, instruments, places, yaml_of
from surveykit.errors import LANGUAGES, SurveykitError, SurveykitProblems
from surveykit.instrument.codebook import codebook_csv
from surveykit.instrument.diff import diff
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import instrument_from_bytes
from surveykit.instrument.schema import json_schema
from surveykit.instrument.translation_log import with_texts
from surveykit.instrument.translations import missing_translations

# Drawing a whole instrument takes long on a busy machine; the tests are about values, not about speed.
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def read(content: Plain) -> Instrument:
    return instrument_from_bytes(yaml_of(content), "any.yaml")


def as_json(content: Any) -> Any:
    """Keys as text, as in JSON."""
    if isinstance(content, dict):
        return {str(key): as_json(one) for key, one in content.items()}
    return [as_json(one) for one in content] if isinstance(content, list) else content


@RELAXED
@given(instruments())
def test_a_valid_instrument_is_read_as_written(content: Plain) -> None:
    inst = read(content)
    first = content["languages"][0]
    assert inst.version == content["version"]
    assert inst.title == {key: text.strip() for key, text in content["title"].items()}
    written = [item for section in content["sections"] for item in section["items"]]
    for item, expected in zip(inst.items, written, strict=True):
        assert (item.id, item.type, item.text[first]) == (
            expected["id"], expected["type"], expected["text"][first].strip(),
        )  # fmt: skip
        assert item.reverse == expected.get("reverse", False)
        assert (item.minimum, item.maximum) == (expected.get("minimum"), expected.get("maximum"))
    for name, scale in content["response_scales"].items():
        assert list(inst.response_scales[name].labels) == list(scale["labels"])
    assert VALIDATOR.is_valid(as_json(content))
    assert missing_translations(inst) == ()
    assert codebook_csv(inst).count("\r\n") >= len(inst.items) + 1


@RELAXED
@given(instruments(), st.randoms(use_true_random=False))
def test_the_hash_does_not_see_how_a_file_is_written(content: Plain, rng: random.Random) -> None:
    inst = read(content)
    shuffled = list(content.items())
    rng.shuffle(shuffled)
    other = dict(shuffled) | {"version": "99.0.0"}
    assert read(other).content_hash == inst.content_hash
    assert diff(inst, read(other)).same_content


@RELAXED
@given(instruments(), st.data())
def test_the_hash_sees_every_change_of_a_question(content: Plain, data: st.DataObject) -> None:
    changed = copy.deepcopy(content)
    section = data.draw(st.sampled_from(changed["sections"]))
    item = data.draw(st.sampled_from(section["items"]))
    language = data.draw(st.sampled_from(changed["languages"]))
    item["text"][language] += " more"
    before, after = read(content), read(changed)
    assert before.content_hash != after.content_hash
    found = [(one.id, one.change) for one in diff(before, after).changes]
    assert found == [(item["id"], "wording")]


@RELAXED
@given(instruments(), st.data())
def test_damage_is_refused_with_a_place_or_harmless(content: Plain, data: st.DataObject) -> None:
    """One part replaced by anything or removed: read all the same, or refused with a place."""
    damaged = copy.deepcopy(content)
    path = data.draw(st.sampled_from(places(damaged)))
    parent = damaged
    for step in path[:-1]:
        parent = parent[step]
    if data.draw(st.booleans()):
        parent[path[-1]] = data.draw(anything)
    else:
        del parent[path[-1]]
    outcome = outcome_of(damaged)
    if isinstance(outcome, SurveykitProblems):
        assert all(one.place is not None and one.place.line for one in outcome.problems)
        assert all(outcome.text(lang) for lang in LANGUAGES)
    elif isinstance(outcome, SurveykitError):
        assert outcome.code <= "I016"
    else:
        assert len(outcome.content_hash) == 64


def outcome_of(content: Plain) -> Instrument | SurveykitError:
    try:
        return read(content)
    except SurveykitError as refusal:
        return refusal


@RELAXED
@given(instruments(), st.data())
def test_a_translation_put_in_changes_nothing_else(content: Plain, data: st.DataObject) -> None:
    inst = read(content)
    item = data.draw(st.sampled_from(inst.items))
    language = data.draw(st.sampled_from(inst.languages))
    text = data.draw(st.sampled_from(["新しい訳", "two\nlines", "a: b # c", "'", "=1+1", "NO", "1.10"]))
    written = with_texts(yaml_of(content), {(f"items.{item.id}.text", language): text}, inst)
    after = instrument_from_bytes(written, "any.yaml")
    assert after.item(item.id).text[language] == text
    expected = [] if item.text[language] == text else [(item.id, "wording")]
    assert [(one.id, one.change) for one in diff(inst, after).changes] == expected


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_refused_with_a_code(data: bytes) -> None:
    try:
        outcome = instrument_from_bytes(data, "any.yaml").instrument
    except SurveykitError as refusal:
        outcome = refusal.code
    assert outcome[:2] == "I0"


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_an_instrument_with_some_bytes_changed(rng: random.Random) -> None:
    data = bytearray(EXAMPLE.encode("utf-8"))
    for _ in range(rng.randint(1, 12)):
        data[rng.randrange(len(data))] = rng.choice(b"\t\n :-[]{}&*!|>'\"%@`#,?\\x0a1~<.\x80\xff\x00")
    try:
        outcome = instrument_from_bytes(bytes(data), "any.yaml").content_hash
    except SurveykitError as refusal:
        outcome = str(refusal)
    assert outcome
