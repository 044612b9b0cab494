"""`check_instrument`: problems and hints, each with its place."""

from pathlib import Path

import pytest

from instrument_example import EXAMPLE, at_place, edited
from surveykit.errors import Place
from surveykit.instrument.check import check_instrument
from surveykit.instrument.translations import source_hash

LONG = "x" * 241

HINTS = [
    ("reverse: true, ", "", [("I060", "trust_scale:")]),
    (
        "items: [trust_1, trust_2, trust_3]",
        "items: [trust_1, trust_2]",
        [("I061", "trust_scale:")],
    ),
    ("items: [trust_1, trust_2, trust_3]", "items: [staff]", [("I061", "trust_scale:")]),
    ("trust_3]}", "trust_3, exports]}", [("I062", "trust_scale:")]),
    ("trust_3]}", "trust_3, staff]}", [("I062", "trust_scale:")]),
    ("title: {en: Firm, ja: 会社}", "title: {en: Firm}", [("I063", "title: {en: Firm}")]),
    ("1: {en: YES, ja: はい}", "1: {en: YES}", [("I063", "1: {en: YES}")]),
    ("1: {en: YES", "1: {en: " + LONG, [("I064", LONG)]),
    ("0: {en: NO, ja: いいえ}", "0: {en: ' yes', ja: いいえ}", [("I065", "' yes'")]),
    ("{en: Do not know, ja: わからない}", "{en: Agree, ja: 賛成}", [("I065", "Agree"), ("I065", "賛成")]),
    ("en: Tell, ja: 話", "en: Tell, ja: " + "話" * 32_768, [("I066", "話")]),
    ("en: Tell, ja: 話", "en: Tell us all, ja: Tell us all", [("I069", "Tell us all}")]),
    ("en: Tell, ja: 話", "en: KAM, ja: KAM", []),  # a single word may be a name
    ("id: exports", "id: exports", []),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), HINTS, ids=lambda value: str(value)[:30])
def test_hints(tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]) -> None:
    text = edited(old, new)
    path = tmp_path / "example.yaml"
    path.write_text(text, "utf-8")
    problems, hints = check_instrument(path)
    assert problems == []
    assert [hint.code for hint in hints] == [code for code, _ in expected]
    for hint, (_, at) in zip(hints, expected, strict=True):
        assert at_place(text, hint.place or Place()).startswith(at)


def test_problems_are_returned_not_raised(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    assert [one.code for one in check_instrument(path)[0]] == ["I001"]
    path.write_text(edited("type: date", "type: day"), "utf-8")
    problems, hints = check_instrument(path)
    assert ([one.code for one in problems], hints) == (["I033"], [])


LOG = """\
instrument: example
entries:
  - key: items.story.text
    language: ja
    source_hash: "{current}"
    translation_1: 話してください
    adjudication: 話
  - key: items.remark.text
    language: ja
    source_hash: "0000000000000000"
    adjudication: 備考
  - key: items.staff.text
    language: ja
    source_hash: "{staff}"
    adjudication: 社員数
  - {{key: items.gone.text, language: ja, source_hash: abc, adjudication: 無}}
""".format(current=source_hash("Tell"), staff=source_hash("Staff"))


def test_the_translation_log_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "example.yaml").write_text(EXAMPLE, "utf-8")
    log = tmp_path / "translations" / "example.yaml"
    log.write_text(LOG, "utf-8")
    problems, hints = check_instrument(tmp_path / "example.yaml")
    assert problems == []
    found = [(hint.code, hint.fields["key"]) for hint in hints]
    assert found == [("I068", "items.staff.text"), ("I067", "items.remark.text"), ("I070", "items.gone.text")]
    assert hints[-1].place == Place(file=str(log))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("instrument: example", "instrument: other", "I071"),
        ("items.remark.text", "items.story.text", "I072"),
        ("language: ja", "language: jp", "I033"),
        ("translation_1:", "translation1:", "I021"),
        ("instrument: example", "name: example", "I020"),
        ("entries:", "entries: [", "I007"),
    ],
)
def test_a_log_that_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "example.yaml").write_text(EXAMPLE, "utf-8")
    (tmp_path / "translations" / "example.yaml").write_text(edited(old, new, LOG), "utf-8")
    problems, _ = check_instrument(tmp_path / "example.yaml")
    assert code in [one.code for one in problems]
    assert all(Path(one.place.file).parent.name == "translations" for one in problems if one.place)
