"""Tables of other systems: by a column map to the same frame, the same checks, the same provenance."""

import csv
import hashlib
import io
import json
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hand_made import AGREE, ANSWERS, instrument, item, sample, texts
from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.model import Instrument, Section
from surveykit.responses.collect import collect, collected
from surveykit.responses.export.write import export_responses
from surveykit.responses.incoming.columns import ColumnMap
from surveykit.responses.incoming.importing import ImportReport, import_table
from surveykit.responses.incoming.platforms import PLATFORMS
from surveykit.responses.read import Responses, read_responses

ITEMS = [one.id for one in sample().items]


def by_form(folder: Path, answers: dict[str, object]) -> Responses:
    """The same answers through our own form."""
    frame = pd.DataFrame({"respondent": ["R-1"], "country": ["JP"], "language": ["ja"]})
    (path,) = write_forms(sample(), folder / "forms", "ja", frame)
    fill_form(sample(), path, answers, path)
    collect(folder / "forms", folder, instruments=sample())
    return read_responses(folder)


def table(path: Path, rows: list[list[object]], encoding: str = "utf-8", sign: str = ",") -> Path:
    stream = io.StringIO()
    csv.writer(stream, delimiter=sign).writerows(rows)
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def take(path: Path, inst: Instrument | None = None, **given: object) -> tuple[ImportReport, Responses]:
    inst = inst or sample()
    report = import_table(path, path.parent, inst, ColumnMap(**given))  # type: ignore[arg-type]
    return report, read_responses(path.parent, inst.instrument)


def codes(report: ImportReport) -> list[str]:
    return [one.code for one in report.notes]


FULL = {
    "trust_1": "4", "trust_2": "2", "trust_3": "5", "often": "3", "role": "2", "reports": "1",
    "channels": "1;10",
    "staff": "120", "founded": "1987-04-01", "city": "=東京+1", "story": ANSWERS["story"],
}  # fmt: skip
QUALTRICS = [
    ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Finished", "RecordedDate", "ResponseId",
     "RecipientEmail", "UserLanguage", "country", "Q1_1", "Q1_2", "Q1_3", "often", "role", "reports",
     "Q5_1", "Q5_2", "Q5_3", "staff", "founded", "city", "story"],
    ["Start Date", "End Date", "Response Type", "IP Address", "Progress", "Finished", "Recorded Date",
     "Response ID",
     "Recipient Email", "User Language", "country", "質問 1", "質問 2", "質問 3", "often", "role", "reports",
     "Visits", "E-mail", "Fairs", "staff", "founded", "city", "story"],
    [json.dumps({"ImportId": f"QID{number}"}) for number in range(24)],
    ["2026-10-01 09:00:00", "2026-10-01 09:10:00", "0", "1.2.3.4", "100", "1", "2026-10-01 09:10:01", "R-1",
     "a@b.jp", "JA", "JP", "4", "そう思わない", "非常にそう思う", "3", "2", "1", "1", "", "展示会", "120",
     "1987-04-01", "=東京+1", ANSWERS["story"]],
    ["2026-10-01 09:00:00", "2026-10-01 09:10:00", "1", "", "100", "1", "2026-10-01 09:10:01", "R-2",
     "", "EN", "KR", "4", "", "", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip
MAPPED = {"trust_1": "Q1_1", "trust_2": "Q1_2", "trust_3": "Q1_3"}
OPTIONS = {"channels": {1: "Q5_1", 2: "Q5_2", 10: "Q5_3"}}
LIME = [
    ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "country", "trust1", "trust2",
     "trust3", "often",
     "role", "reports", "channels[1]", "channels[2]", "channels[10]", "staff", "founded", "city", "story"],
    ["7", "2026-10-01 09:10:01", "3", "ja", "99", "R-1", "JP", "A4", "A2", "A5", "3", "2", "1", "Y", "", "Y",
     "120",
     "1987-04-01", "=東京+1", ANSWERS["story"]],
]  # fmt: skip
KOBO = [
    ["form_start", "form_end", "respondent", "country", "section_main/section_main_table_1/trust_1",
     "section_main/section_main_table_1/trust_2", "section_main/section_main_table_1/trust_3",
     "section_main/often", "section_main/role", "section_main/reports", "section_main/channels",
     "section_main/channels/1", "section_main/channels/2", "section_main/channels/10",
     "section_main/channels/-9",
     "section_main/staff", "section_main/founded", "section_main/city", "section_main/story",
     "form_version", "content_hash", "_id", "_uuid", "_submission_time", "_validation_status", "__version__"],
    ["2026-10-01T09:00:00.000+09:00", "2026-10-01T09:10:00.000+09:00", "R-1", "JP", "4", "2", "5", "3", "2",
     "1",
     "1 10", "1", "0", "1", "0", "120", "1987-04-01", "=東京+1", ANSWERS["story"], "1.0.0", "h", "12", "u-u",
     "2026-10-01T00:10:05", "", "v1"],
]  # fmt: skip
CENTRAL = [
    ["SubmissionDate", "form_start", "form_end", "respondent", "country",
     "section_main-section_main_table_1-trust_1",
     "section_main-section_main_table_1-trust_2", "section_main-section_main_table_1-trust_3",
     "section_main-often",
     "section_main-role", "section_main-reports", "section_main-channels", "section_main-staff",
     "section_main-founded", "section_main-city", "section_main-story", "meta-instanceID", "KEY",
     "SubmitterName"],
    ["2026-10-01T00:10:05Z", "", "", "R-1", "JP", "4", "2", "5", "3", "2", "1", "1 10", "120", "1987-04-01",
     "=東京+1", ANSWERS["story"], "uuid:1", "uuid:1", "collector"],
]  # fmt: skip
PLAIN = [["respondent", "country", "language", *FULL], ["R-1", "JP", "ja", *FULL.values()]]
LABELS = [
    ["respondent", "country", "language", *FULL],
    ["R-1", "JP", "日本語", "そう思う", "2 - Disagree", "５", "3", "管理職", "1",
     "訪問, 展示会", "120人", "1987年4月1日", "=東京+1", ANSWERS["story"]],
]  # fmt: skip
WAYS = [
    pytest.param(PLAIN, {"source": "csv"}, id="csv"),
    pytest.param(LABELS, {"source": "csv"}, id="labels"),
    pytest.param(QUALTRICS, {"source": "qualtrics", "items": MAPPED, "options": OPTIONS}, id="qualtrics"),
    pytest.param(
        LIME,
        {"source": "limesurvey", "recode": {"agree5": {f"A{n}": n for n in range(1, 6)}}},
        id="limesurvey",
    ),
    pytest.param(KOBO, {"source": "odk"}, id="kobo"),
    pytest.param(CENTRAL, {"source": "odk"}, id="central"),
]


@pytest.mark.parametrize(("rows", "given"), WAYS)
def test_whatever_the_way_in_the_responses_look_the_same(
    tmp_path: Path, rows: list[list[object]], given: dict[str, object]
) -> None:
    wanted = by_form(tmp_path / "form", ANSWERS)
    report, found = take(table(tmp_path / "answers.csv", rows), group="country", **given)
    assert report.findings.empty, report.summary()
    assert (report.rows, report.new) == (1, 1)
    # Exports of ODK do not say in which language was answered; the country does not say it either.
    told = "odk" not in given.values()
    columns = [one for one in wanted.frame.columns if one != "language" or told]
    pd.testing.assert_frame_equal(found.frame[columns], wanted.frame[columns])
    assert list(found.provenance.columns) == list(wanted.provenance.columns)
    assert list(found.findings.columns) == list(wanted.findings.columns)
    assert found.frame["language"].tolist() == (["ja"] if told else [""])


def test_every_cell_leads_back_to_file_row_and_column(tmp_path: Path) -> None:
    path = table(tmp_path / "answers.csv", PLAIN)
    _, found = take(path)
    cells = found.provenance.set_index("item")
    assert set(found.provenance["sha256"]) == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert set(found.provenance["file"]) == {str(path)}
    trust = cells.loc["trust_1"]
    assert (trust["cell"], trust["raw"], trust["value"], trust["rule"]) == ("D2", "4", 4, "digits")
    assert set(cells.loc["channels", "raw"]) == {"1;10"}
    (original,) = (tmp_path / "store" / "originals").rglob("*.csv")
    assert original.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("trust_1", "7", "R041"),
        ("trust_1", "", "R054"),
        ("trust_1", "perhaps", "R040"),
        ("trust_1", "5 - Disagree", "R048"),
        ("staff", "0", "R050"),
        ("staff", "many", "R051"),
        ("founded", "3/5", "R052"),
        ("city", "x" * 21, "R053"),
        ("role", "1", "R055"),
        ("channels", "1;77", "R040"),
        ("channels", "1;-9", "R057"),
        ("respondent", "", "R032"),
    ],
)
def test_the_same_checks_hold(tmp_path: Path, column: str, value: str, code: str) -> None:
    row = {"respondent": "R-1", **FULL, column: value}
    path = table(tmp_path / "answers.csv", [list(row), list(row.values())])
    report, found = take(path, respondent="respondent")
    assert list(report.findings["code"]) == [code], report.summary()
    assert list(found.findings["code"]) == [code]
    assert code in report.summary()
    if column not in ("respondent", "role"):
        where = report.findings.iloc[0]
        assert where["place"].startswith(str(tmp_path / "answers.csv"))


def test_imported_again_nothing_is_filed_twice_and_changes_are_revisions(tmp_path: Path) -> None:
    take(table(tmp_path / "answers.csv", [["respondent", "trust_1"], ["a", "1"], ["b", "2"]]))
    again, _ = take(tmp_path / "answers.csv")
    assert (again.rows, again.new) == (2, 0)
    rows: list[list[object]] = [["respondent", "trust_1"], ["a", "1"], ["b", "3"], ["c", "4"]]
    later, found = take(table(tmp_path / "later.csv", rows))
    assert (later.rows, later.new) == (3, 2)
    assert found.frame.set_index("respondent")["trust_1"].to_dict() == {"a": 1, "b": 3, "c": 4}
    assert "R033" in set(found.findings["code"])
    assert found.history is not None
    assert found.history[["respondent", "item", "before", "after"]].values.tolist() == [
        ["b", "trust_1", "2", "3"]
    ]


def test_declared_missing_values_are_no_answers_but_codes_of_the_instrument_are_kept(tmp_path: Path) -> None:
    rows: list[list[object]] = [["respondent", "trust_1", "trust_2", "staff"], ["a", "NA", "99", "-99"]]
    report, found = take(table(tmp_path / "a.csv", rows), missing=("NA", "99", "-99"))
    assert list(report.findings["code"]) == ["R054"]  # trust_1 is required
    cells = found.provenance.set_index("item")
    assert cells.loc["trust_1", ["raw", "rule"]].tolist() == ["NA", "declared_missing"]
    assert cells.loc["trust_2", "value"] == 99
    assert cells.loc["staff", "raw"] == "-99"
    assert found.frame[["trust_1", "trust_2", "staff"]].isna().all(axis=None)


def test_items_without_a_column_are_told_and_never_required(tmp_path: Path) -> None:
    rows: list[list[object]] = [["respondent", "trust_2", "favourite"], ["a", "3", "tea"]]
    report, found = take(table(tmp_path / "a.csv", rows))
    assert codes(report) == ["E061", "E062"]
    assert "favourite" in report.notes[0].text()
    assert report.findings.empty
    assert found.frame["trust_1"].isna().all()


@pytest.mark.parametrize("encoding", ["cp932", "cp949", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_tables_in_national_encodings_are_read_and_said(tmp_path: Path, encoding: str, sign: str) -> None:
    city = "부산광역시" if encoding == "cp949" else "東京都"
    rows: list[list[object]] = [["respondent", "city", "trust_1"], ["a", city, "4"]]
    report, found = take(table(tmp_path / "a.csv", rows, encoding, sign))
    assert found.frame["city"].tolist() == [city]
    assert ("E072" in codes(report)) == (encoding in ("cp932", "cp949"))


def test_excel_tables_keep_formulas_and_errors_as_findings(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "answers"
    for row in (["respondent", "trust_1", "trust_2", "founded"], ["a", 4, "=1+1", date(1987, 4, 1)]):
        book["answers"].append(row)
    book.save(tmp_path / "a.xlsx")
    report, found = take(tmp_path / "a.xlsx", source="excel", sheet="answers")
    assert list(report.findings["code"]) == ["R043"]
    assert found.frame[["trust_1", "founded"]].values.tolist() == [[4.0, "1987-04-01"]]
    assert found.provenance.set_index("item").loc["trust_1", ["sheet", "cell"]].tolist() == ["answers", "B2"]
    with pytest.raises(SurveykitError, match="O001"):
        import_table(tmp_path / "a.xlsx", tmp_path, sample(), ColumnMap(source="excel", sheet="other"))


def test_spss_files_come_back_with_user_missing_respected(tmp_path: Path) -> None:
    """Out through our own export, in again: the same answers, missing codes as codes."""
    wanted = by_form(tmp_path / "form", {**ANSWERS, "trust_3": 99})
    export_responses(wanted, tmp_path, ["sav"], "ja")
    report, found = take(tmp_path / "responses.sav", source="spss", group="country")
    assert report.findings.empty, report.summary()
    pd.testing.assert_frame_equal(found.frame[wanted.frame.columns], wanted.frame)
    cells = found.provenance.set_index("item")
    assert cells.loc["trust_3", "value"] == 99
    assert cells.loc["trust_1", "cell"] == "trust_1:1"


def write_sav(path: Path, frame: pd.DataFrame, **more: object) -> Path:
    import pyreadstat

    pyreadstat.write_sav(frame, str(path), **more)
    return path


def test_values_that_an_spss_file_declares_missing_are_no_answers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "trust_2": [8.0, 97.0, 3.0], "staff": [9998.0, 5.0, None]})
    ranges = {"trust_2": [{"lo": 8, "hi": 8}, {"lo": 97, "hi": 97}], "staff": [{"lo": 9990, "hi": 9999}]}
    report, found = take(write_sav(tmp_path / "a.sav", frame, missing_ranges=ranges), source="spss")
    assert report.findings.empty, report.summary()
    assert found.frame["trust_2"].tolist()[2] == 3
    assert found.frame["trust_2"].isna().sum() == 2
    assert found.provenance["rule"].tolist().count("declared_missing") == 3
    assert "9998" in found.provenance["raw"].tolist()


def test_labels_that_contradict_the_instrument_are_refused_unless_recoded(tmp_path: Path) -> None:
    turned = {6.0 - code: text["en"] for code, text in AGREE.labels.items()}
    frame = pd.DataFrame({"id": ["a"], "trust_2": [1.0]})
    path = write_sav(tmp_path / "a.sav", frame, variable_value_labels={"trust_2": turned})
    with pytest.raises(SurveykitProblems, match=r"\[E063\].*calls 5 .Strongly disagree.*code 1"):
        take(path, source="spss")
    recode = {"agree5": {str(code): 6 - code for code in range(1, 6)}}
    _, found = take(path, source="spss", recode=recode)
    assert found.frame["trust_2"].tolist() == [5]
    assert found.provenance.set_index("item").loc["trust_2", ["raw", "rule"]].tolist() == ["1", "recoded"]


def test_previews_are_left_out_and_headings_may_be_one_row(tmp_path: Path) -> None:
    given = {"source": "qualtrics", "items": MAPPED, "options": OPTIONS}
    report, found = take(table(tmp_path / "a.csv", QUALTRICS), **given)
    assert codes(report) == ["E057", "E061"]
    assert found.frame["respondent"].tolist() == ["R-1"]
    folder = tmp_path / "plain"
    folder.mkdir()
    report, found = take(table(folder / "a.csv", [QUALTRICS[0], QUALTRICS[3]]), **given)
    assert codes(report) == ["E056", "E061"]
    assert found.revisions is not None
    assert found.revisions["saved"].tolist() == ["2026-10-01T09:10:01"]


@pytest.mark.parametrize(
    ("rows", "given", "code"),
    [
        ([["respondent", "trust_1"], ["a@b.jp", "1"]], {}, "E055"),
        ([["respondent", "trust_1", "trust_1"], ["a", "1", "1"]], {}, "E051"),
        ([["who", "trust_1"], ["a", "1"]], {}, "E054"),
        ([["respondent", "q1"], ["a", "1"]], {}, "E058"),
        ([["respondent", "trust_1"], ["a", "1"]], {"items": {"trust_2": "Q2"}}, "E052"),
        ([["respondent", "trust_1"], ["a", "1"]], {"items": {"nosuch": "trust_1"}}, "E053"),
        ([["respondent", "trust_1"], ["a", "1"]], {"recode": {"nosuch": {"1": 1}}}, "E053"),
        ([["respondent", "trust_1"], ["a", "1"]], {"options": {"channels": {7: "trust_1"}}}, "E053"),
        ([["respondent", "trust_1"], ["a", "1"]], {"keep": ("trust_1",)}, "E059"),
        ([["respondent", "trust_1"], ["a", "1"]], {"source": "stata"}, "O001"),
        ([], {}, "E050"),
        ([["respondent", "trust_1"], ["a", "1"]], {"source": "excel"}, "R003"),
        ([["respondent", "trust_1"], ["a", "1"]], {"source": "spss"}, "E050"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_filed(
    tmp_path: Path, rows: list[list[object]], given: dict[str, object], code: str
) -> None:
    path = table(tmp_path / "answers.csv", rows)
    with pytest.raises(SurveykitError, match=code):
        take(path, **given)
    assert not (tmp_path / "store").exists()


def test_columns_with_names_are_never_taken_in(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["respondent", "trust_1", "氏名", "note", "branch"],
        ["a", "1", "佐藤", "x@y.kr", "T"],
    ]
    report, found = take(table(tmp_path / "a.csv", rows), keep=("氏名", "note", "branch"))
    assert "E060" in codes(report)
    assert [one for one in found.frame.columns if one not in ITEMS] == [
        "respondent", "branch", "language", "form_version", "content_hash"
    ]  # fmt: skip
    assert "佐藤" not in found.provenance.to_csv() + found.frame.to_csv()


def test_a_random_order_or_a_second_section_changes_nothing(tmp_path: Path) -> None:
    inst = instrument(
        sections=(
            Section("one", texts("One"), (item("a"), item("b")), randomize=True),
            Section("two", texts("Two"), (item("c", show_if="a == 1", required=True),)),
        )
    )
    rows: list[list[object]] = [["respondent", "a", "b", "c"], ["x", "1", "2", ""], ["y", "2", "2", ""]]
    report, _ = take(table(tmp_path / "a.csv", rows), inst)
    assert report.findings[["code", "respondent", "item"]].values.tolist() == [["R054", "x", "c"]]


def test_a_missing_code_of_a_number_lies_outside_its_limits(tmp_path: Path) -> None:
    inst = instrument(item("years", "number", minimum=0, maximum=150, missing_codes=(999,)))
    rows: list[list[object]] = [["respondent", "years"], ["a", "999"], ["b", "998"], ["c", "12"]]
    report, found = take(table(tmp_path / "a.csv", rows), inst)
    assert report.findings[["code", "respondent"]].values.tolist() == [["R050", "b"]]
    assert found.frame["years"].dropna().tolist() == [12]
    assert found.provenance["value"].tolist()[0] == 999


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    [
        "",
        "1",
        "99",
        "-9",
        "1;10",
        "５",
        "そう思う",
        "=1+1",
        "2026-10-01",
        "Y",
        '{"ImportId":"QID1"}',
        "\n",
        '"',
    ]
)
heads = st.lists(
    st.sampled_from(["respondent", "id", "ResponseId", *ITEMS, "channels/1", "g-trust_1"]), max_size=8
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PLATFORMS)), heads, st.lists(st.lists(cells, max_size=8), max_size=4))
def test_any_table_is_taken_in_or_refused_with_a_code(
    tmp_path: Path, source: str, names: list[str], body: list[list[str]]
) -> None:
    path = table(tmp_path / "any.csv", [[*names], *body])
    assert outcome(path, source) in ("taken", "refused")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PLATFORMS)), st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_code(tmp_path: Path, source: str, data: bytes) -> None:
    (tmp_path / "any.csv").write_bytes(data)
    assert outcome(tmp_path / "any.csv", source) in ("taken", "refused")


def outcome(path: Path, source: str) -> str:
    try:
        report = import_table(path, path.parent, sample(), ColumnMap(source=source))
    except SurveykitError:
        return "refused"
    return "taken" if len(read_responses(path.parent).frame) >= min(report.rows, 1) else "lost"


# ---- rows that do not fit the header ---------------------------------------------------------------------

RAGGED = [
    pytest.param("R-2,JP,4,1,234,2026-04-30,pens", 7, id="number with a comma"),
    pytest.param("R-2,JP,4,120,2026-04-30,because, it was cheap", 7, id="text with a comma"),
    pytest.param("R-2,JP,4,120", 4, id="short"),
    pytest.param("R-2,JP,4,1,234,pens,", 7, id="the surplus field is empty"),
]


@pytest.mark.parametrize(("line", "fields"), RAGGED)
@pytest.mark.parametrize("source", ["csv", "qualtrics"])
def test_a_row_that_does_not_fit_the_header_is_set_apart(
    tmp_path: Path, line: str, fields: int, source: str
) -> None:
    path = tmp_path / "answers.csv"
    header = "ResponseId,country,trust_1,staff,founded,story"
    whole = "R-1,JP,5,7,2026-04-30,fine"
    if source == "qualtrics":
        heads = header + "\n" + "Which, of these?," * 6 + '\n"{""ImportId"":""a""}",b,c,d,e,f'
    else:
        heads = header
    path.write_text(f"{heads}\n{whole}\n{line}\n", encoding="utf-8")
    given: dict[str, object] = {"source": source, "group": "country", "respondent": "ResponseId"}
    report, found = take(path, **given)
    apart = report.findings[report.findings["code"] == "E066"]
    wanted = heads.count("\n") + 3
    assert f"Row {wanted} has {fields} fields, but the header has 6" in apart["text"].iloc[-1]
    assert found.frame["respondent"].tolist() == ["R-1"]
    assert found.frame["staff"].tolist() == [7]
    quarantined = collected(tmp_path).quarantined
    assert quarantined["file"].iloc[-1] == f"{path}#{wanted}"
    path.write_text(f"{header}\n{whole}\n", encoding="utf-8")
    take(path, **given | {"source": "csv"})
    assert len(collected(tmp_path).quarantined) == 0


def test_a_place_in_a_csv_file_has_no_sheet(tmp_path: Path) -> None:
    _, found = take(table(tmp_path / "answers.csv", [["respondent", "trust_1"], ["a", "7"]]))
    assert "R041" in set(found.findings["code"])
    assert not found.findings["place"].str.contains("sheet").any()
    assert found.findings["cell"].dropna().str.fullmatch("B2").any()
