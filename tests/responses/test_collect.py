"""Collection: every file named with what became of it, nothing lost, nothing twice."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hand_made import ANSWERS, guide, instrument, item, sample, texts
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.model import Instrument, ResponseScale
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import Responses, read_responses
from workbooks import changed, edited, tiny

FRAME = pd.DataFrame(
    {
        "respondent": ["JP-001", "JP-002", "KR-001"],
        "language": ["ja", "en", "ko"],
        "country": ["JP", "JP", "KR"],
    }
)


class Field:
    """A study in a folder: forms sent out, workbooks returned."""

    def __init__(self, folder: Path, inst: Instrument) -> None:
        self.inst, self.folder = inst, folder
        self.study, self.returned = folder / "study", folder / "returned"
        self.returned.mkdir()
        paths = write_forms(inst, folder / "forms", respondents=FRAME)
        self.forms = dict(zip(FRAME["respondent"], paths, strict=True))

    def answer(self, who: str, answers: dict[str, object], name: str | None = None, **more: str) -> Path:
        out = self.returned / (name or f"{who}.xlsx")
        fill_form(self.inst, self.forms[who], answers, out, **more)  # type: ignore[arg-type]
        return out

    def collect(self) -> CollectReport:
        return collect(self.returned, self.study, instruments=self.inst)

    def read(self) -> Responses:
        return read_responses(self.study)


@pytest.fixture
def field(tmp_path: Path) -> Field:
    return Field(tmp_path, sample())


def test_answers_of_every_kind_come_back_identical(field: Field) -> None:
    for who in field.forms:
        field.answer(who, ANSWERS)
    report = field.collect()
    assert list(report.accepted["status"]) == ["new"] * 3
    assert len(report.findings) == len(report.quarantined) == 0
    frame = field.read().frame
    assert list(frame.columns) == [
        "respondent", "country", "language", "form_version", "content_hash", *ANSWERS,
    ]  # fmt: skip
    assert list(frame["respondent"]) == ["JP-001", "JP-002", "KR-001"]
    assert list(frame["country"]) == ["JP", "JP", "KR"]
    assert list(frame["language"]) == ["ja", "en", "ko"]
    assert set(frame["form_version"]) == {"1.0.0"}
    assert set(frame["content_hash"]) == {sample().content_hash}
    for row in frame[list(ANSWERS)].to_dict("records"):
        assert row == ANSWERS


def test_a_blank_form_has_blanks_and_is_called_empty(field: Field) -> None:
    field.answer("JP-001", {})
    field.answer("JP-002", {"trust_2": 3})
    report = field.collect()
    assert list(report.findings["code"]) == ["R038", "R054"]
    found = report.findings.iloc[1]
    assert (found["item"], found["respondent"], found["sheet"], found["cell"]) == (
        "trust_1", "JP-002", "Questionnaire", "D7",
    )  # fmt: skip
    frame = field.read().frame.set_index("respondent")
    assert frame.loc["JP-001", list(ANSWERS)].isna().all()
    assert frame["trust_1"].dtype == np.float64


def test_codes_that_count_as_missing_are_answers_but_no_values(field: Field) -> None:
    field.answer("JP-001", {**ANSWERS, "trust_1": 99, "channels": [-9]})
    assert len(field.collect().findings) == 0
    found = field.read()
    assert np.isnan(found.frame["trust_1"][0])
    assert found.frame["channels"].isna()[0]
    cells = found.provenance.set_index("item")
    assert cells.loc["trust_1", ["raw", "value", "rule"]].tolist() == ["99 – わからない", 99, "option"]


def test_provenance_says_where_each_value_comes_from(field: Field) -> None:
    path = field.answer("JP-001", {**ANSWERS, "trust_2": "４"})
    field.collect()
    rows = field.read().provenance
    assert len(rows) == 14
    found = rows[rows["item"] == "trust_2"].iloc[0]
    sha = found["sha256"]
    assert pd.isna(found.pop("option"))
    assert found.to_dict() == {
        "respondent": "JP-001", "item": "trust_2", "file": str(path), "sha256": sha, "sheet": "質問票",
        "cell": "D8", "kind": "text", "raw": "４", "value": 4, "rule": "full_width", "current": True,
        "position": 2,
    }  # fmt: skip
    original = field.study / "store" / "originals" / sha[:2] / f"{sha}.xlsx"
    assert original.read_bytes() == path.read_bytes()


def test_collecting_again_changes_nothing(field: Field) -> None:
    field.answer("JP-001", {**ANSWERS, "trust_1": "7"})
    field.answer("KR-001", ANSWERS)
    (field.returned / "notes.txt").write_text("hello", "utf-8")
    first, before = field.collect(), field.read()
    shutil.copy(field.returned / "KR-001.xlsx", field.returned / "KR-001 (1).xlsx")
    again, after = field.collect(), field.read()
    assert list(first.accepted["status"]) == ["new", "new"]
    assert list(again.accepted["status"]) == ["known"] * 3
    assert list(again.findings["code"]) == list(first.findings["code"]) == ["R041"]
    pd.testing.assert_frame_equal(before.frame, after.frame)
    pd.testing.assert_frame_equal(before.provenance, after.provenance)
    pd.testing.assert_frame_equal(before.findings, after.findings)


def test_the_workbook_saved_last_counts_and_the_other_is_kept(field: Field) -> None:
    later = field.answer("JP-001", {**ANSWERS, "trust_1": 5}, "a.xlsx", saved="2026-05-02T10:00:00Z")
    earlier = field.answer("JP-001", {**ANSWERS, "trust_1": 1}, "b.xlsx", saved="2026-05-01T10:00:00Z")
    report = field.collect()
    assert len(report.accepted) == 2
    assert list(report.findings["code"]) == ["R033"]
    assert report.findings["file"][0] == str(earlier)
    assert str(later) in report.findings["text"][0]
    found = field.read()
    assert list(found.frame["trust_1"]) == [5.0]
    assert sorted(found.provenance.groupby("current")["value"].first()) == [1, 5]


def test_every_file_is_named_with_what_became_of_it(field: Field) -> None:
    field.answer("JP-001", ANSWERS)
    (field.returned / "deep").mkdir()
    field.answer("JP-002", {**ANSWERS, "trust_1": "7"}, "deep/er.xlsx")
    (field.returned / "~$JP-001.xlsx").write_bytes(b"\x05Kim" + bytes(161))
    (field.returned / "broken.xlsx").write_bytes(tiny()[:200])
    (field.returned / "other.xlsx").write_bytes(tiny("<sheetData/>"))
    (field.returned / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    write_forms(instrument(item("a"), name="elsewhere"), field.returned)
    report = field.collect()
    outcomes = {
        Path(row["file"]).name: (row["outcome"], row["code"]) for _, row in report.to_frame().iterrows()
    }
    assert outcomes == {
        "JP-001.xlsx": ("accepted", ""),
        "er.xlsx": ("accepted with findings", ""),
        "~$JP-001.xlsx": ("quarantined", "R025"),
        "broken.xlsx": ("quarantined", "R006"),
        "other.xlsx": ("quarantined", "R020"),
        ".DS_Store": ("passed over", "R104"),
        "elsewhere_1.0.0_en.xlsx": ("quarantined", "R021"),
    }
    assert report.summary().startswith("1 accepted, 1 accepted with findings, 4 quarantined\n")
    assert "study expects: sample" in report.summary()
    assert report.to_dict()["quarantined"][0]["remedy"]


def test_progress_is_told_file_by_file(field: Field) -> None:
    for who in field.forms:
        field.answer(who, ANSWERS)
    seen: list[tuple[int, int]] = []
    collect(
        sorted(field.returned.iterdir()),
        field.study,
        instruments=field.inst,
        progress=lambda done, total, file: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_form_without_an_id_takes_the_one_on_the_cover(field: Field, tmp_path: Path) -> None:
    open_form = write_forms(field.inst, tmp_path / "open", lang="en")[0]
    fill_form(field.inst, open_form, ANSWERS, field.returned / "nobody.xlsx")
    shutil.copy(field.returned / "nobody.xlsx", field.returned / "somebody.xlsx")

    def enter(book: object) -> None:
        book["Cover"]["C4"] = " Ｒ-7 "  # type: ignore[index]

    edited(field.returned / "somebody.xlsx", enter)
    report = field.collect()
    assert list(report.findings["code"]) == ["R032"]
    who = sorted(report.accepted["respondent"])
    assert who[0] == "R-7"
    assert who[1].startswith("file-")


def test_an_interview_comes_back_with_its_record(tmp_path: Path) -> None:
    field = Field(tmp_path, guide())
    notes = "First line\n第二の行\n" + "세 번째 " * 500
    field.answer("JP-001", {"interview_date": "2026-04-30", "interview_minutes": 90, "interviewer": "I1",
                            "interview_recording": 1, "q01": notes, "q02": "-1 + 1"})  # fmt: skip
    assert len(field.collect().findings) == 0
    frame = field.read().frame
    record = frame.loc[0, ["interview_date", "interview_minutes", "interviewer", "interview_recording"]]
    assert record.tolist() == ["2026-04-30", 90, "I1", 1]
    assert frame.loc[0, ["q01", "q02"]].tolist() == [notes, "-1 + 1"]


# ---- skip logic, several choices ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({"role": 1, "reports": 3}, ["R055"]),
        ({"role": None, "reports": 3}, ["R055"]),
        ({"role": 1, "reports": None}, []),
        ({"role": 2, "reports": None}, []),
        ({"channels": [1, -9]}, ["R057"]),
        ({"trust_1": None}, ["R054"]),
        ({"trust_1": "nonsense"}, ["R040"]),  # one finding is enough: not also 'required'
    ],
)
def test_what_only_the_whole_form_shows(answers: dict[str, object], codes: list[str], field: Field) -> None:
    field.answer("JP-001", {**ANSWERS, **answers})
    assert list(field.collect().findings["code"]) == codes


def test_a_required_item_that_does_not_apply_may_be_blank(tmp_path: Path) -> None:
    inst = instrument(
        item("role", "single", "role3"), item("why", "text", required=True, show_if="role == 3")
    )
    field = Field(tmp_path, inst)
    field.answer("JP-001", {"role": 1})
    field.answer("JP-002", {"role": 3})
    assert list(field.collect().findings["respondent"]) == ["JP-002"]


# ---- versions --------------------------------------------------------------------------------------------


def test_an_older_version_is_accepted_and_mapped_by_item(tmp_path: Path) -> None:
    seven = ResponseScale("agree7", {code: texts(f"Point {code}") for code in range(1, 8)})
    reworded = ResponseScale(
        "agree5", {code: texts(f"Degree {code}") for code in range(1, 6)}, {99: texts("DK")}
    )
    old = instrument(
        item("kept"), item("rescaled", scale="agree7"), item("dropped"), item("words", "text"),
        version="0.9.0", response_scales={"agree5": reworded, "agree7": seven},
    )  # fmt: skip
    new = instrument(item("kept"), item("rescaled"), item("added"), item("words", "text"), version="1.0.0")
    field = Field(tmp_path, old)
    field.answer("JP-001", {"kept": 4, "rescaled": 4, "dropped": 2, "words": "same"})
    report = collect(field.returned, field.study, instruments=new)
    assert list(report.findings["code"]) == ["R030", "R077", "R047", "R047"]
    assert "Not asked then: added. No longer asked: dropped." in report.findings["text"][0]
    assert "2 item(s)" in report.findings["text"][1]
    assert list(report.findings["item"][2:]) == ["kept", "rescaled"]
    row = read_responses(field.study).frame.iloc[0]
    assert (row["form_version"], row["words"]) == ("0.9.0", "same")
    assert np.isnan(row["kept"])
    assert np.isnan(row["rescaled"])
    assert np.isnan(row["added"])


def test_a_change_without_a_new_version_is_a_finding(tmp_path: Path) -> None:
    field = Field(tmp_path, instrument(item("a"), item("b")))
    field.answer("JP-001", {"a": 1, "b": 2})
    changed_one = instrument(item("a", text=texts("Other words?")), item("b"))
    report = collect(field.returned, field.study, instruments=changed_one)
    assert list(report.findings["code"]) == ["R031"]
    assert read_responses(field.study).frame.loc[0, ["a", "b"]].tolist() == [1, 2]


def test_a_new_version_of_the_same_questions_is_taken_over_whole(tmp_path: Path) -> None:
    inst = instrument(item("a"))
    field = Field(tmp_path, inst)
    field.answer("JP-001", {"a": 1})
    report = collect(field.returned, field.study, instruments=dataclasses.replace(inst, version="1.10.0"))
    assert list(report.findings["code"]) == ["R030"]


def test_a_newer_version_waits_for_its_instrument(tmp_path: Path) -> None:
    new = instrument(item("a"), version="1.10.0")
    field = Field(tmp_path, new)
    field.answer("JP-001", {"a": 1})
    old = instrument(item("a"), version="1.9.0")
    report = collect(field.returned, field.study, instruments=old)
    assert list(report.quarantined["code"]) == ["R023"]
    assert "1.10.0" in report.quarantined["text"][0]
    assert list(collect(field.returned, field.study, instruments=new).accepted["status"]) == ["new"]
    assert len(collect(field.returned, field.study, instruments=new).quarantined) == 0


def test_workbooks_are_read_anew_when_the_instrument_changes(tmp_path: Path) -> None:
    field = Field(tmp_path, instrument(item("a", "number", maximum=10)))
    field.answer("JP-001", {"a": 12})
    assert list(field.collect().findings["code"]) == ["R050"]
    field.inst = instrument(item("a", "number", maximum=20))
    report = field.collect()
    assert list(report.accepted["status"]) == ["new"]
    assert list(report.findings["code"]) == ["R031"]
    assert list(field.read().frame["a"]) == [12]


def test_a_form_of_another_make_is_left_for_a_newer_surveykit(field: Field) -> None:
    path = field.answer("JP-001", ANSWERS)
    path.write_bytes(
        changed(
            path.read_bytes(),
            sheet5=lambda xml: xml.replace(b"surveykit-form-1", b"surveykit-form-2"),
            custom=lambda xml: xml.replace(b"surveykit-form-1", b"surveykit-form-2"),
        )
    )
    assert list(field.collect().quarantined["code"]) == ["R024"]


# ---- the study's instruments ---------------------------------------------------------------------------


def test_the_instrument_is_found_in_the_study(field: Field) -> None:
    root = Path(__file__).parent.parent.parent / "instruments" / "partnership.yaml"
    field.study.mkdir()
    shutil.copy(root, field.study / "p.yaml")
    (field.study / "study.yaml").write_text("study: demo\ninstrument: p.yaml\n", "utf-8")
    (field.returned / "empty").mkdir()
    report = collect(field.returned, field.study)
    assert len(report.to_frame()) == 0
    (field.study / "study.yaml").write_text("study: demo\ninstrument: [p.yaml]\n", "utf-8")
    assert read_responses(field.study).instrument.instrument == "partnership"


def test_without_an_instrument_nothing_can_be_expected(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[R063\]") as refused:
        collect([], tmp_path / "study")
    assert "instruments=" not in str(refused.value)  # who types a command knows no arguments of Python
    assert not (tmp_path / "study").exists()


def test_a_path_that_does_not_exist_is_refused(field: Field) -> None:
    with pytest.raises(SurveykitError, match=r"\[R062\].*nowhere"):
        collect([field.returned / "nowhere"], field.study, instruments=field.inst)


def test_nothing_collected_yet(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[R060\]"):
        read_responses(tmp_path)


def test_a_study_may_have_several_instruments(field: Field) -> None:
    other = instrument(item("a"), name="other")
    field.answer("JP-001", ANSWERS)
    form = write_forms(other, field.folder / "other", respondents=FRAME)[2]
    fill_form(other, form, {"a": 3}, field.returned / "other.xlsx")
    assert len(collect(field.returned, field.study, instruments=[field.inst, other]).accepted) == 2
    with pytest.raises(SurveykitError, match=r"\[R064\].*other, sample"):
        read_responses(field.study)
    assert list(read_responses(field.study, "other").frame["a"]) == [3]
    assert list(read_responses(field.study, "sample").frame["trust_1"]) == [4]
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        read_responses(field.study, "nothing")


def test_findings_speak_three_languages(field: Field) -> None:
    field.answer("JP-001", {**ANSWERS, "trust_1": 7})
    field.collect()
    for lang, word in (("en", "allows"), ("ja", "空欄"), ("ko", "빈칸")):
        assert word in read_responses(field.study, lang=lang).findings["text"][0]


def test_responses_say_what_they_are(field: Field) -> None:
    field.answer("JP-001", ANSWERS)
    field.collect()
    found = field.read()
    assert found.summary() == "sample 1.0.0: 1 respondents, 11 items, 0 findings"
    assert found.to_dict()["frame"][0]["trust_1"] == 4
    assert found.to_frame() is found.frame
