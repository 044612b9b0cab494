"""Responses in the formats of others, each held against the format's own reader or validator."""

import csv
import dataclasses
import io
import json
import os
import shutil
import subprocess
import warnings
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from hand_made import AGREE, ANSWERS, instrument, item, sample, texts
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.formatting import spreadsheet_text
from surveykit.instrument.model import Instrument, ResponseScale
from surveykit.responses.collect import collect
from surveykit.responses.export.table import About
from surveykit.responses.export.write import FORMATS, export_responses
from surveykit.responses.read import Responses, read_responses

DDI = "{ddi:codebook:2_5}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ABOUT = About("pilot_1", "1.0.0", texts("Pilot", "予備調査", "예비 조사"), texts("What?", "何か。", "무엇?"))
ANSWERED = {
    "R-1": ANSWERS,
    "R-2": {"trust_1": 99, "trust_2": 1, "channels": "-9", "staff": 3, "city": "ソウル"},
    "R-3": {},
}


def collected(folder: Path, inst: Instrument, answers: dict[str, dict[str, object]]) -> Responses:
    frame = pd.DataFrame({"respondent": list(answers), "country": ["JP"] * len(answers)})
    for path, given in zip(write_forms(inst, folder / "forms", "ja", frame), answers.values(), strict=True):
        fill_form(inst, path, given, path)
    collect(folder / "forms", folder, instruments=inst)
    return read_responses(folder)


@pytest.fixture(scope="module")
def responses(tmp_path_factory: pytest.TempPathFactory) -> Responses:
    return collected(tmp_path_factory.mktemp("study"), sample(), ANSWERED)


@pytest.fixture(scope="module")
def out(responses: Responses, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    written = export_responses(responses, folder, FORMATS, "ja", ABOUT)
    assert written.notes == ()
    assert all(path.stat().st_size for path in written.files)
    assert len(written.to_frame()) == len(written.files) == 10
    return folder


def rows(data: bytes, encoding: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(encoding), newline="")))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("=1+1", "'=1+1"), ("+81", "'+81"), ("-5", "'-5"), ("@x", "'@x"), ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"), ("＝1", "'＝1"), ("＠", "'＠"), ("1+1", "1+1"), ("", ""), ("ソウル", "ソウル"),
    ],
)  # fmt: skip
def test_texts_that_look_like_formulas_get_an_apostrophe(typed: str, shown: str) -> None:
    assert spreadsheet_text(typed) == shown


def test_the_csv_opens_in_excel_and_computes_nothing(out: Path) -> None:
    data = (out / "responses.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    first, second, third = rows(data, "utf-8-sig")
    assert first["city"] == "'=東京+1"
    assert first["story"] == ANSWERS["story"]
    assert (first["trust_1"], first["channels"], first["staff"]) == ("4", "1;10", "120")
    assert (second["trust_1"], second["channels"], second["city"]) == ("", "", "ソウル")
    assert set(third.values()) - {""} == {"R-3", "JP", "ja", "1.0.0", third["content_hash"]}


def test_the_archival_csv_of_psych_ds_is_raw(out: Path) -> None:
    data = (out / "psych-ds/data/study-pilot1_data.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert rows(data, "utf-8")[0]["city"] == "=東京+1"


def test_psych_ds_has_what_the_standard_asks_for(out: Path) -> None:
    description = json.loads((out / "psych-ds/dataset_description.json").read_text("utf-8"))
    assert description["@type"] == "Dataset"
    assert description["@context"].startswith("https://schema.org")
    assert description["name"] == "予備調査"
    assert description["description"] == "何か。"
    named = [one["name"] for one in description["variableMeasured"]]
    assert named == list(rows((out / "psych-ds/data/study-pilot1_data.csv").read_bytes(), "utf-8")[0])
    assert (out / "psych-ds/README.md").read_text("utf-8").startswith("# 予備調査")


def test_frictionless_finds_the_package_valid(out: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        report = Package(str(out / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    package = json.loads((out / "datapackage.json").read_text("utf-8"))
    fields = {one["name"]: one for one in package["resources"][0]["schema"]["fields"]}
    assert fields["trust_1"]["constraints"] == {"enum": [1, 2, 3, 4, 5]}
    assert fields["trust_2"]["reverse_keyed"] is True
    assert fields["founded"]["type"] == "date"
    assert fields["trust_1"]["categories"][0]["labels"]["ko"] == "전혀 그렇지 않다"


def test_frictionless_sees_a_value_that_was_tampered_with(out: Path, tmp_path: Path) -> None:
    from frictionless import Package

    for name in ("responses.csv", "datapackage.json"):
        shutil.copy(out / name, tmp_path)
    data = (tmp_path / "responses.csv").read_bytes()
    (tmp_path / "responses.csv").write_bytes(data.replace(b",ja,1.0.0", b",ja,1.0.1", 1))
    assert not Package(str(tmp_path / "datapackage.json")).validate().valid


def test_parquet_keeps_whole_numbers_days_and_labels(out: Path) -> None:
    from pyarrow import parquet

    table = parquet.read_table(out / "responses.parquet")
    first, second, _ = table.to_pylist()
    assert (first["trust_1"], first["founded"]) == (4, date(1987, 4, 1))
    assert second["trust_1"] is None
    assert first["city"] == "=東京+1"
    about = table.schema.field("trust_1").metadata
    assert json.loads(about[b"values"])["5"]["ja"] == "非常にそう思う"
    assert json.loads(about[b"missing_values"])["99"]["ko"] == "모르겠다"
    assert table.schema.metadata[b"name"] == b"pilot_1"


def test_spss_keeps_codes_labels_and_what_counts_as_missing(out: Path) -> None:
    import pyreadstat

    frame, meta = pyreadstat.read_sav(out / "responses.sav", user_missing=True)
    assert list(frame["trust_1"].iloc[:2]) == [4, 99]
    assert meta.missing_ranges["trust_1"] == [{"lo": 99.0, "hi": 99.0}]
    assert meta.variable_value_labels["trust_1"] == {
        **{float(code): text["ja"] for code, text in AGREE.labels.items()},
        99.0: "わからない",
    }
    assert meta.column_names_to_labels["trust_1"] == "質問 trust_1 ですか。"
    assert meta.variable_measure["trust_1"] == "ordinal"
    assert frame["founded"].iloc[0] == date(1987, 4, 1)
    options = ["channels_1", "channels_2", "channels_10", "channels_m9"]
    assert frame[options].iloc[0].tolist() == [1, 0, 1, 0]
    assert frame[options].iloc[1].tolist() == [0, 0, 0, 1]
    assert frame[options].iloc[2].isna().all()
    assert meta.column_names_to_labels["channels_10"].startswith("展示会 | ")
    blind, _ = pyreadstat.read_sav(out / "responses.sav")
    assert pd.isna(blind["trust_1"].iloc[1])


R_SCRIPT = """
args <- commandArgs(TRUE)
if (args[2] == "haven") {
  d <- haven::read_sav(args[1], user_na = TRUE)
  cat(attr(d$trust_1, "label"), names(attr(d$trust_1, "labels"))[5], attr(d$trust_1, "na_values"),
      as.numeric(d$trust_1)[2], format(d$founded[1]), d$city[1], sep = "\\n")
} else {
  d <- foreign::read.spss(args[1], to.data.frame = FALSE, use.value.labels = FALSE, reencode = "UTF-8",
                          use.missings = FALSE)
  labels <- attr(d$trust_1, "value.labels")
  cat(attr(d, "variable.labels")[["trust_1"]], names(labels)[labels == 5], attr(d, "missings")$trust_1$value,
      d$trust_1[2], "1987-04-01", trimws(d$city[1]), sep = "\\n")
}
"""


@pytest.mark.parametrize("package", ["haven", "foreign"])
def test_r_reads_the_spss_file_with_its_labels(out: Path, package: str) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    there = subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True, check=False)
    if there.returncode:
        pytest.skip(f"R package {package} is not installed")
    command = ["Rscript", "-e", R_SCRIPT, str(out / "responses.sav"), package]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    shown = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.strip().split("\n") == [
        "質問 trust_1 ですか。", "非常にそう思う", "99", "99", "1987-04-01", "=東京+1"
    ]  # fmt: skip


LONG = "長い" * 60


def test_what_spss_cannot_hold_is_cut_and_named(tmp_path: Path) -> None:
    import pyreadstat

    scale = ResponseScale("long", {1: texts(LONG, LONG, LONG), 2: texts("b")}, {
        code: texts(f"m{code}") for code in (-4, -3, -2, -1)
    })  # fmt: skip
    within = ResponseScale("within", {1: texts("a"), 20: texts("b")}, {
        code: texts(f"m{code}") for code in (0, 8, 9, 99)
    })  # fmt: skip
    inst = instrument(
        item("first", scale="long", text=texts(LONG, LONG, LONG)),
        item("second", scale="within"),
        item("story", "open"),
        response_scales={"long": scale, "within": within},
    )
    answers = {"R-1": {"first": -4, "second": 99, "story": "x" * 32_767}, "R-2": {"first": 1}}
    found = collected(tmp_path, inst, answers)
    written = export_responses(found, tmp_path / "out", ["sav"], "ja")
    assert {one.code: one.fields["names"] for one in written.notes} == {
        "E022": "first, first = 1", "E024": "second",
    }  # fmt: skip
    frame, meta = pyreadstat.read_sav(tmp_path / "out/responses.sav", user_missing=True)
    label = meta.column_names_to_labels["first"]
    assert label.endswith(("い…", "長…"))
    assert len(label.encode()) <= 255
    assert meta.variable_value_labels["first"][1.0].endswith("…")
    assert meta.missing_ranges["first"] == [{"lo": -4.0, "hi": -1.0}]
    assert len(meta.missing_ranges["second"]) == 3
    assert frame["first"].tolist() == [-4, 1]
    assert frame["story"].iloc[0] == "x" * 32_767


def test_a_text_longer_than_spss_holds_is_cut_and_named(responses: Responses, tmp_path: Path) -> None:
    import pyreadstat

    frame = responses.frame.copy()
    frame.loc[0, "story"] = "言" * 20_000
    found = dataclasses.replace(responses, frame=frame)
    written = export_responses(found, tmp_path, ["sav"])
    assert [one.code for one in written.notes] == ["E023"]
    assert "[E023]" in written.summary()
    text = pyreadstat.read_sav(tmp_path / "responses.sav")[0]["story"].iloc[0]
    assert text == "言" * 10_921 + "…"


def test_names_of_option_variables_never_clash(tmp_path: Path) -> None:
    long = "c" + "o" * 59
    inst = instrument(
        item("channels", "multiple", "channel"), item("channels_1"), item(long, "multiple", "channel")
    )
    found = collected(tmp_path, inst, {"R-1": {"channels": "1", "channels_1": 5, long: "2"}})
    export_responses(found, tmp_path, ["sav"])
    import pyreadstat

    frame, _ = pyreadstat.read_sav(tmp_path / "responses.sav")
    assert (frame["channels_1"].iloc[0], frame["channels_1_"].iloc[0]) == (5, 1)
    assert frame[long + "_2"].iloc[0] == 1


def test_ddi_has_every_variable_with_its_texts_in_three_languages(out: Path) -> None:
    root = ET.parse(out / "ddi-codebook.xml").getroot()
    assert root.tag == f"{DDI}codeBook"
    variables = {one.get("name"): one for one in root.iter(f"{DDI}var")}
    assert list(variables) == list(rows((out / "responses.csv").read_bytes(), "utf-8-sig")[0])
    trust = variables["trust_1"]
    question = {one.get(XML_LANG): one.text for one in trust.iter(f"{DDI}qstnLit")}
    assert question == dict(sample().item("trust_1").text)
    categories = {one.findtext(f"{DDI}catValu"): one for one in trust.iter(f"{DDI}catgry")}
    assert categories["99"].get("missing") == "Y"
    assert categories["4"].findtext(f"{DDI}catStat") == "1"
    assert trust.find(f"{DDI}invalrng/{DDI}item").get("VALUE") == "99"  # type: ignore[union-attr]
    spread = {one.get("type"): one.text for one in trust.iter(f"{DDI}sumStat")}
    assert (spread["vald"], spread["invd"], spread["mean"]) == ("1", "2", "4")
    bounds = variables["staff"].find(f"{DDI}valrng/{DDI}range")
    assert bounds is not None
    assert (bounds.get("min"), bounds.get("max")) == ("1", "5000")
    assert variables["reports"].findtext(f"{DDI}universe") == "role == 2 or role == 3"
    titles = root.find(f"{DDI}stdyDscr/{DDI}citation/{DDI}titlStmt")
    assert titles is not None
    assert [one.text for one in titles][:3] == ["予備調査", "Pilot", "예비 조사"]
    assert root.findtext(f"{DDI}fileDscr/{DDI}fileTxt/{DDI}dimensns/{DDI}caseQnty") == "3"


# The sequence that the schema asks of a variable.
ORDER = (
    "labl",
    "qstn",
    "valrng",
    "invalrng",
    "universe",
    "sumStat",
    "catgry",
    "concept",
    "varFormat",
    "notes",
)


def test_ddi_elements_stand_in_the_order_of_the_schema(out: Path) -> None:
    root = ET.parse(out / "ddi-codebook.xml").getroot()
    parts = [one.tag.removeprefix(DDI) for one in root]
    assert parts == ["docDscr", "stdyDscr", "fileDscr", "dataDscr"]
    for variable in root.iter(f"{DDI}var"):
        places = [ORDER.index(one.tag.removeprefix(DDI)) for one in variable]
        assert places == sorted(places)
    ids = [one.get("ID") for one in root.iter() if one.get("ID")]
    assert len(ids) == len(set(ids))
    named = {one for group in root.iter(f"{DDI}varGrp") for one in str(group.get("var")).split()}
    assert named <= set(ids)


def test_ddi_is_valid_by_the_official_schema(out: Path) -> None:
    """The DDI Alliance's codebook.xsd is not kept here; SURVEYKIT_DDI_XSD says where it is."""
    schema = os.environ.get("SURVEYKIT_DDI_XSD")
    if not schema:
        pytest.skip("set SURVEYKIT_DDI_XSD to the path of DDI-Codebook 2.5's codebook.xsd")
    from lxml import etree

    checker = etree.XMLSchema(etree.parse(schema))
    assert checker.validate(etree.parse(str(out / "ddi-codebook.xml"))), checker.error_log


def test_the_codebook_has_three_languages_and_a_plot_an_item(out: Path) -> None:
    page = (out / "codebook.html").read_text("utf-8")
    for words in ("質問 trust_1 ですか。", "Question trust_1?", "질문 trust_1입니까?"):
        assert words in page
    assert page.count("<svg") >= 5
    table = rows((out / "codebook.csv").read_bytes(), "utf-8-sig")
    assert {"text_en", "text_ja", "text_ko", "values_ko", "missing_ja"} <= set(table[0])


def test_the_same_responses_give_the_same_bytes(responses: Responses, out: Path, tmp_path: Path) -> None:
    again = [name for name in FORMATS if name != "sav"]  # SPSS files carry the time of writing
    for path in export_responses(responses, tmp_path, again, "ja", ABOUT).files:
        assert path.read_bytes() == (out / path.relative_to(tmp_path)).read_bytes(), path.name


@pytest.mark.parametrize(("formats", "lang", "code"), [(["xls"], "en", "O001"), (["csv"], "fr", "O001")])
def test_what_is_not_offered_is_refused(
    responses: Responses, tmp_path: Path, formats: list[str], lang: str, code: str
) -> None:
    with pytest.raises(SurveykitError, match=code):
        export_responses(responses, tmp_path, formats, lang)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(responses: Responses, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(SurveykitError, match="E021"):
        export_responses(responses, tmp_path / "out", ["csv"])


@pytest.mark.parametrize(("name", "package"), [("sav", "pyreadstat"), ("parquet", "pyarrow")])
def test_a_package_that_is_not_installed_is_named(
    responses: Responses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(SurveykitError, match=r"(?s)\[E020\].*surveykit\[") as caught:
        export_responses(responses, tmp_path, [name])
    assert caught.value.fields["format"] == name
