"""Claims kept in Excel: the table to fill in, the claims made of it, every mistake with its cell."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from surveykit.archive.claim_table import write_claims
from surveykit.archive.claim_template import numbers, write_template
from surveykit.archive.claims import read_claims
from surveykit.archive.result_path import value_at
from surveykit.archive.verdict import judge
from surveykit.errors import SurveykitError, SurveykitProblems

RESULTS = {
    "alpha": {"trust.JP": {"type": "AlphaResult", "cronbach_alpha": 0.8812, "n": 240, "flag": True}},
    "model": {
        "fit": {
            "rows": [
                {"lhs": "f", "op": "=~", "rhs": "x1", "group": 1, "est": 1.0, "se": None},
                {"lhs": "f", "op": "=~", "rhs": "x2", "group": 1, "est": 0.5, "se": 0.1},
                {"lhs": "f", "op": "=~", "rhs": "x2", "group": 2, "est": 0.7, "se": 0.1},
            ],
            "same": [{"est": 1.5}, {"est": 2.5}],
            "list": [1.0, 2.0],
        }
    },
}
HEADER = "id,value,what,decimals,table,row,column,page,path,tails,tolerance,reason"
ROW = "alpha_jp,0.88,alpha,2,2,Trust,alpha,14,alpha.trust.JP.cronbach_alpha,,,"


def table(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
    return path


def test_a_row_becomes_a_claim(tmp_path: Path) -> None:
    made = write_claims(table(tmp_path, ROW), tmp_path / "claims.yaml", 'Trim & Lee (2019): a "paper"')
    claim = read_claims(tmp_path / "claims.yaml").numbers[0]
    assert (made.count, made.notes) == (1, ())
    assert (claim.id, claim.kind, claim.printed) == ("alpha_jp", "alpha", "0.88")
    assert claim.where == "Table 2, row Trust, column alpha, p. 14"
    assert judge(read_claims(tmp_path / "claims.yaml"), RESULTS).outcome == "full reproduction"


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-8")])
def test_what_excel_saves_is_read(tmp_path: Path, delimiter: str, encoding: str) -> None:
    row = 'n_1;"1,234";n;;;信頼;;;alpha.trust.JP.n;;;'.replace(";", delimiter)
    path = table(tmp_path, row, header=HEADER.replace(",", delimiter), encoding=encoding)
    write_claims(path, tmp_path / "claims.yaml")
    claim = read_claims(tmp_path / "claims.yaml").numbers[0]
    assert (claim.printed, claim.where) == ("1,234", "row 信頼")


@pytest.mark.parametrize("title", ["Sheet1", "表2"])
def test_a_workbook_is_read_as_it_is(tmp_path: Path, title: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "What this is"
    sheet = book.create_sheet(title)
    sheet.append(HEADER.split(","))
    sheet.append(["", 0.1 + 0.2, "alpha", 2, 2, "Trust", None, 14, "alpha.trust.JP.cronbach_alpha"])
    sheet.append([])
    sheet.append(["n_1", "1,234", "n", None, None, "信頼", None, None, "alpha.trust.JP.n"])
    sheet.append(["later", None, "n", None, None, "信頼", None, None, "alpha.trust.JP.n"])
    book.save(tmp_path / "table.xlsx")
    assert write_claims(tmp_path / "table.xlsx", tmp_path / "claims.yaml").count == 2
    claims = read_claims(tmp_path / "claims.yaml").numbers
    assert [(one.id, one.printed, one.where) for one in claims] == [
        ("n2", "0.30", "Table 2, row Trust, p. 14"), ("n_1", "1,234", "row 信頼"),
    ]  # fmt: skip
    sheet["B4"], sheet["C2"] = "many", "wrong"
    book.save(tmp_path / "table.xlsx")
    with pytest.raises(SurveykitProblems) as refused:
        write_claims(tmp_path / "table.xlsx", tmp_path / "claims.yaml")
    assert [(one.code, one.place.cell) for one in refused.value.problems if one.place is not None] == [
        ("A053", "C2"), ("A001", "B4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"PK\x03\x04 cut short", "R006"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "R004")],
)
def test_a_workbook_that_cannot_be_read_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "table.xlsx").write_bytes(data)
    with pytest.raises(SurveykitError, match=code):
        write_claims(tmp_path / "table.xlsx", tmp_path / "claims.yaml")


def test_zeros_that_excel_dropped_are_put_back_or_told(tmp_path: Path) -> None:
    rows = (
        "a,0.5,alpha,2,1,,,,x.y,,,",
        "b,0.88,alpha,,1,,,,x.y,,,",
        "c,.5,alpha,,1,,,,x.y,,,",
        "d,12,df,,1,,,,x.y,,,",
    )
    made = write_claims(table(tmp_path, *rows), tmp_path / "claims.yaml")
    printed = [one.printed for one in read_claims(tmp_path / "claims.yaml").numbers]
    assert printed == ["0.50", "0.88", ".5", "12"]
    assert [(one.code, one.fields["rows"]) for one in made.notes] == [("A052", "4")]


def test_rows_without_a_value_are_passed_over_and_ids_are_made(tmp_path: Path) -> None:
    rows = (",,,,,,,,x.y,,,", ",0.1,p,,1,,,,x.y,one,,", ",0.2,p,,1,,,,x.y,,0.1,rounded")
    write_claims(table(tmp_path, *rows), tmp_path / "claims.yaml")
    claims = read_claims(tmp_path / "claims.yaml").numbers
    assert [(one.id, one.tails, one.tolerance) for one in claims] == [
        ("n3", "one", None),
        ("n4", "two", "0.1"),
    ]


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        ("a,n.s.,p,,1,,,,x.y,,,", "A001", "B2"),
        ("a,0.1,pvalue,,1,,,,x.y,,,", "A053", "C2"),
        ("a,0.1,p,two,1,,,,x.y,,,", "A053", "D2"),
        ("a,0.1,p,,,,,,x.y,,,", "A064", "E2"),
        ("a,0.1,p,,1,,,,,,,", "A053", "I2"),
        ("a,0.1,p,,1,,,,x.y,both,,", "A053", "J2"),
        ("a,0.1,p,,1,,,,x.y,,some,r", "A001", "K2"),
        ("a,0.1,p,,1,,,,x.y,,0.1,", "A002", "L2"),
        ("Alpha 1,0.1,p,,1,,,,x.y,,,", "A053", "A2"),
        ("a,0.1,p,,1,,,,x.y,,,\na,0.2,p,,1,,,,x.y,,,", "A004", "A3"),
    ],
)
def test_a_mistake_is_told_with_its_cell(tmp_path: Path, row: str, code: str, cell: str) -> None:
    with pytest.raises(SurveykitProblems) as caught:
        write_claims(table(tmp_path, row), tmp_path / "claims.yaml")
    found = [(one.code, one.place.cell if one.place else None) for one in caught.value.problems]
    assert found == [(code, cell)]
    assert not (tmp_path / "claims.yaml").exists()


@pytest.mark.parametrize(
    ("header", "code"),
    [("id,value", "A051"), (HEADER + ",colour", "A051"), (HEADER + ",value", "A051"),
     (HEADER.replace("table,row,column,page,", ""), "A051"), ("", "A051")],
)  # fmt: skip
def test_a_table_with_other_columns_is_refused(tmp_path: Path, header: str, code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        write_claims(table(tmp_path, ROW, header=header), tmp_path / "claims.yaml")


@pytest.mark.parametrize("rows", ["", ",,,,,,,,x.y,,,\n,,,,,,,,x.z,,,\n"])
def test_a_table_in_which_no_value_is_filled_in_says_so(tmp_path: Path, rows: str) -> None:
    (tmp_path / "table.csv").write_text(f"{HEADER}\n{rows}", "utf-8")
    with pytest.raises(SurveykitError, match=r"A080.*No row of the table has anything in the column 'value'"):
        write_claims(tmp_path / "table.csv", tmp_path / "claims.yaml")
    assert not (tmp_path / "claims.yaml").exists()


def test_dropped_zeros_are_not_suspected_in_texts_and_counts(tmp_path: Path) -> None:
    header = ["value", "what", "table", "path", "recomputed"]
    rows = [
        ("9.57", "fit", "2", "m.fit_measures.chisq", ""),  # a text: Excel drops nothing
        ("1.00", "fit", "2", "m.fit_measures.cfi", ""),
        (0.144, "fit", "2", "m.fit_measures.pvalue", ""),
        (6, "fit", "2", "m.fit_measures.df", ""),
        (6, "fit", "2", "m.fit_measures.baseline_df", ""),
        (12, "other", "2", "m.rows", 12),
        (0.5, "other", "2", "m.share", 0.5034),  # told: others have two decimals
        (0.25, "other", "2", "m.share", 0.2511),
        (24.32, "df", "2", "t.df", ""),
        (24, "df", "2", "t.df", ""),
        (3, "mean", "2", "t.mean", 3.004),  # told: 3.00
        (3.25, "mean", "2", "t.mean", 3.25),
    ]
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    made = write_claims(tmp_path / "table.xlsx", tmp_path / "claims.yaml")
    assert [(one.code, one.fields["rows"]) for one in made.notes] == [("A052", "8, 12")]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"\x81\x82\xff,value\n")
    with pytest.raises(SurveykitError, match="E070"):
        write_claims(tmp_path / "table.csv", tmp_path / "claims.yaml")
    with pytest.raises(SurveykitError, match="A065"):
        write_claims(tmp_path / "nowhere.csv", tmp_path / "claims.yaml")
    with pytest.raises(SurveykitError, match="A050"):
        write_template(tmp_path, tmp_path / "t.csv")


def test_every_path_of_the_template_leads_back_to_its_number() -> None:
    found = dict(numbers(RESULTS))
    # alpha, n, three estimates and two standard errors; rows that no words tell apart are not there.
    assert len(found) == 7
    assert all(value_at(RESULTS, path) == value for path, value in found.items())


def test_from_the_report_to_the_verdict_through_two_tables(tmp_path: Path) -> None:
    """What a person does: take the template, fill in what the paper prints, make claims of it."""
    (tmp_path / "results.json").write_text(json.dumps(RESULTS), encoding="utf-8")
    command = [sys.executable, "-m", "surveykit", "claims"]
    options = {"capture_output": True, "text": True, "check": True}
    subprocess.run([*command, tmp_path, "--to", tmp_path / "table.csv"], **options)
    with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows[:4]:
        row |= {"value": f"{float(row['recomputed']):.2f}", "what": "other", "table": "1"}
    with (tmp_path / "filled.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    again = [*command, tmp_path / "filled.csv", "--to", tmp_path / "claims.yaml", "--citation", "us"]
    subprocess.run(again, **options)
    verdict = judge(read_claims(tmp_path / "claims.yaml"), RESULTS)
    assert (verdict.outcome, len(verdict.to_frame())) == ("full reproduction", 4)
    refused = subprocess.run(again, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "A054" in refused.stderr
    checked = subprocess.run([*command[:3], "check", tmp_path / "claims.yaml"], **options)
    assert "0 problems" in checked.stdout


def test_check_finds_the_mistakes_of_a_studys_claims(tmp_path: Path) -> None:
    paper = Path(__file__).parents[2] / "analyses" / "smith_sivo_2012"
    (tmp_path / "study.yaml").write_bytes((paper / "study.yaml").read_bytes())
    wrong = (
        (paper / "claims.yaml").read_text(encoding="utf-8").replace('printed: "9.567"', 'printed: "9,,567"')
    )
    (tmp_path / "claims.yaml").write_text(wrong, encoding="utf-8")
    command = [sys.executable, "-m", "surveykit", "check", tmp_path]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 1
    assert "[A001]" in shown.stdout
    assert "claims.yaml:5" in shown.stdout


def test_the_table_leaves_out_how_answers_were_gathered_and_single_respondents(tmp_path: Path) -> None:
    gathered = {
        "collection": {"rows": [{"file": "a.xlsx", "findings": 3}, {"file": "b.xlsx", "findings": 4}]}
    }
    scores = {"scores": [{"respondent": "R1", "score": 3.5}, {"respondent": "R2", "score": 4.5}]}
    (tmp_path / "results.json").write_text(
        json.dumps({"data": gathered, **RESULTS, "official": {"scores": scores}}), encoding="utf-8"
    )
    made = write_template(tmp_path, tmp_path / "all.csv")
    text = (tmp_path / "all.csv").read_text(encoding="utf-8-sig")
    assert made.count == len(list(numbers(RESULTS)))
    assert "alpha.trust.JP.cronbach_alpha" in text
    assert not any(word in text for word in ("collection", "official"))
    assert write_template(tmp_path, tmp_path / "some.csv", "trust.JP").count == 2
    with pytest.raises(SurveykitError, match=r"A066.*nosuch"):
        write_template(tmp_path, tmp_path / "none.csv", "nosuch")


def test_a_number_without_its_place_is_told_with_the_columns_that_are_there(tmp_path: Path) -> None:
    header = "value,what,table,page,path"
    path = table(tmp_path, "0.88,alpha,,,alpha.trust.JP.cronbach_alpha", header=header)
    with pytest.raises(SurveykitProblems) as caught:
        write_claims(path, tmp_path / "claims.yaml")
    assert [one.code for one in caught.value.problems] == ["A064"]
    assert "cell C2" in str(caught.value)
    assert "table, page." in str(caught.value)
    assert "where," not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("2", "Table 2"), ("Table 2", "Table 2"), ("表2", "表2"), ("표 2", "표 2"), ("A1", "Table A1")],
)
def test_the_word_table_stands_once(tmp_path: Path, written: str, shown: str) -> None:
    path = table(tmp_path, f"0.88,alpha,{written},a.b", header="value,what,table,path")
    write_claims(path, tmp_path / "claims.yaml")
    assert read_claims(tmp_path / "claims.yaml").numbers[0].where == shown


@pytest.mark.parametrize(
    ("encoding", "word"), [("cp932", "信頼性の表"), ("cp949", "신뢰도"), ("utf-16", "信頼")]
)
def test_a_table_in_the_encoding_of_excel_is_read(tmp_path: Path, encoding: str, word: str) -> None:
    path = table(tmp_path, f"0.88,alpha,{word},a.b", header="value,what,row,path", encoding=encoding)
    write_claims(path, tmp_path / "claims.yaml")
    assert read_claims(tmp_path / "claims.yaml").numbers[0].where == f"row {word}"


def test_a_report_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="A065"):
        write_claims(tmp_path / "smith_sivo_2012", tmp_path / "claims.yaml")
