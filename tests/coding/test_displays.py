"""Characteristics and the chain of the figure: who speaks of them, and what the file may not say."""

from pathlib import Path

import pytest
from coding_example import codebook, segments

from surveykit.coding.displays import chain, characteristics, read_displays
from surveykit.coding.qca_cases import code_sets, qca_results
from surveykit.errors import SurveykitError

DISPLAYS = """\
displays: example
version: "1.0.0"
characteristics:
  service:
    title: {en: Service, ja: サービス}
    codes: [trust]
    summary: {Alpha: {en: formal, ko: 공식}, Beta: {ja: 開かれた}}
  brand: {title: {en: Brand}, summary: {Alpha: {en: strong}}}
chain_title: {en: A chain}
chain:
  Alpha:
    - {id: values, title: {en: Values}, codes: [trust]}
    - {id: price, title: {en: Price}, lines: [{en: low}], codes: [price]}
    - {id: other, title: {en: Other}}
"""


def displays(tmp_path: Path, text: str = DISPLAYS):  # type: ignore[no-untyped-def]
    path = tmp_path / "displays.yaml"
    path.write_text(text, encoding="utf-8")
    return read_displays(path, codebook(tmp_path))


ROWS = ("s1 J1 visits X - -", "s2 J2 trust X - -", "s2 J2 price X - -", "s3 K1 price X - -")


def test_characteristics_count_the_respondents_who_speak_of_them(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = characteristics(displays(tmp_path), segments(book, *ROWS), book)
    rows = found.frame.set_index(["characteristic", "company"])
    # A code below one that is named counts too: visits lies under trust.
    assert rows.loc[("service", "Alpha"), ["n_of_N", "respondents", "segments"]].tolist() == [
        "2 of 2", "J1; J2", "s1; s2"]  # fmt: skip
    assert rows.loc[("service", "Beta"), "n_of_N"] == "0 of 2"
    assert rows.loc[("service", "Beta"), "summary"] == "開かれた"
    assert rows.loc[("brand", "Beta"), "summary"] == ""
    assert [(one.code, one.fields["ids"]) for one in found.notes] == [("C102", "brand")]
    assert "brand" in found.summary()


def test_the_chain_counts_who_speaks_of_a_box_and_of_the_next(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = chain(displays(tmp_path), segments(book, *ROWS), book)
    frame = found.to_frame()
    assert frame["stage"].tolist() == ["values", "price", "other"]
    assert frame["n_respondents"].tolist() == [2, 1, 0]
    assert frame["n_next"].tolist()[:2] == [1, 0]
    assert frame["n_next"].isna().tolist() == [False, False, True]
    assert found.to_dict()["stages"]["Alpha"][1]["lines"] == [{"en": "low"}]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("codes: [trust]\n    summary", "codes: [nosuch]\n    summary", "C100", 6),
        ("codes: [price]", "codes: [trust, nosuch]", "C100", 13),
        ("Beta: {ja", "Gamma: {ja", "C101", 7),
        ("  Alpha:\n", "  Gamma:\n", "C101", 11),
        ("lines:", "linse:", "I021", 13),
        ("displays:", "display:", "I021", 1),
        ("chain_title", "qca: {outcome: trust, conditions: [price, nosuch]}\nchain_title", "C100", 9),
        ("chain_title", 'qca: {outcome: "~nosuch", conditions: [price]}\nchain_title', "C100", 9),
        (
            "chain_title",
            "qca: {outcome: trust, conditions: [price], dir_exp: {price: 2}}\nchain_title",
            "I035",
            9,
        ),
    ],
)
def test_what_the_file_may_not_say(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    assert old in DISPLAYS
    with pytest.raises(SurveykitError) as refused:
        displays(tmp_path, DISPLAYS.replace(old, new, 1))
    assert code in [one.code for one in getattr(refused.value, "problems", [refused.value.note])]
    assert f":{line}" in str(refused.value)


def test_codes_become_sets_and_a_truth_table(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    coded = segments(book, *ROWS, "s4 K2 visits X - -")
    sets = code_sets(coded, book, ["trust", "price"])
    assert sets.to_dict("index") == {
        "J1": {"trust": 1, "price": 0}, "J2": {"trust": 1, "price": 1}, "K1": {"trust": 0, "price": 1},
        "K2": {"trust": 1, "price": 0},
    }  # fmt: skip
    with pytest.raises(SurveykitError, match="C100"):
        code_sets(coded, book, ["nosuch"])
    plan = "qca: {outcome: trust, conditions: [price, visits], dir_exp: {visits: 1}}\nchain_title"
    spec = displays(tmp_path, DISPLAYS.replace("chain_title", plan))
    found = qca_results(spec.qca, coded, book)
    assert list(found) == ["necessity", "truth_table", "complex", "parsimonious", "intermediate"]
    assert (
        found["complex"].models["expression"].tolist() == ["price*~visits -> trust"]
        or found["complex"].summary()
    )
    nothing = spec.qca.model_copy(update={"incl_cut": 1.0, "conditions": ["price"], "dir_exp": {}})
    assert list(qca_results(nothing, segments(book, *ROWS, "s4 K2 price X - -"), book)) == [
        "necessity", "truth_table", "complex", "parsimonious"]  # fmt: skip
    silent = segments(book, "s1 J1 price X - -", "s2 J1 trust X - -", "s3 J2 price X - -")
    assert list(qca_results(nothing, silent, book)) == ["necessity", "truth_table"]
