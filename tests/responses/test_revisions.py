"""Workbooks that come back again: which counts, what changed; nothing is replaced in silence."""

import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from hand_made import ANSWERS, sample
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.responses import intake
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import Responses, read_responses
from surveykit.responses.revisions import Filed, in_order, moment
from surveykit.responses.store import open_store


class Post:
    """A respondent whose workbooks come back one after another."""

    def __init__(self, folder: Path) -> None:
        frame = pd.DataFrame({"respondent": ["R-1"], "language": ["ko"], "country": ["KR"]})
        (self.blank,) = write_forms(sample(), folder / "forms", respondents=frame)
        self.returned, self.study = folder / "returned", folder / "study"
        self.returned.mkdir()

    def send(self, name: str, answers: dict[str, object], saved: str) -> CollectReport:
        stamp = f"2026-05-{saved}T10:00:00Z"
        fill_form(sample(), self.blank, answers, self.returned / name, saved=stamp)
        return self.collect()

    def collect(self) -> CollectReport:
        return collect(self.returned, self.study, instruments=sample())

    def read(self) -> Responses:
        return read_responses(self.study)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def codes(report: CollectReport) -> dict[str, list[str]]:
    groups = report.findings.groupby("file")["code"]
    return {Path(str(file)).name: list(some) for file, some in groups}


def test_a_correction_counts_and_its_changes_are_listed(post: Post) -> None:
    post.send("first.xlsx", {**ANSWERS, "trust_1": 7, "channels": "1"}, "01")
    report = post.send("second.xlsx", {**ANSWERS, "trust_1": 4, "channels": "10"}, "02")
    assert codes(report) == {"first.xlsx": ["R041", "R033"]}
    assert list(report.findings["current"]) == [False, False]
    found = post.read()
    assert found.frame.loc[0, ["trust_1", "channels"]].tolist() == [4, "10"]
    assert found.history is not None
    assert found.revisions is not None
    changes = found.history[["revision", "item", "option", "before", "after", "value_before", "value_after"]]
    assert changes.astype(object).where(changes.notna(), None).to_numpy().tolist() == [
        [2, "trust_1", None, "7", "4 – 그렇다", None, 4],
        [2, "channels", 1, "✓", None, 1, 0],
        [2, "channels", 10, None, "✓", 0, 1],
    ]
    rows = found.revisions[["respondent", "revision", "saved", "changed", "current"]].to_numpy().tolist()
    assert rows == [
        ["R-1", 1, "2026-05-01T10:00:00Z", 0, False],
        ["R-1", 2, "2026-05-02T10:00:00Z", 3, True],
    ]
    assert all(found.revisions["collected"].str.len() == 25)
    assert list(found.history["file"].map(lambda name: Path(name).name)) == ["second.xlsx"] * 3


def test_the_order_collected_does_not_matter(post: Post) -> None:
    post.send("new.xlsx", {**ANSWERS, "trust_1": 1}, "09")
    report = post.send("old.xlsx", {**ANSWERS, "trust_1": 2}, "03")
    assert codes(report) == {"old.xlsx": ["R033"]}
    assert post.read().frame["trust_1"].tolist() == [1]


def test_an_empty_form_that_comes_later_never_counts_and_is_told(post: Post) -> None:
    post.send("full.xlsx", ANSWERS, "01")
    report = post.send("empty.xlsx", {}, "02")
    assert codes(report) == {"empty.xlsx": ["R038", "R072"]}
    assert "full.xlsx" in report.findings["text"][1]
    assert post.read().frame["trust_1"].tolist() == [4]
    report = post.send("third.xlsx", {**ANSWERS, "trust_1": 5}, "03")
    assert codes(report)["full.xlsx"] == ["R033"]
    assert post.read().frame["trust_1"].tolist() == [5]


def test_a_filled_form_takes_the_place_of_an_empty_one(post: Post) -> None:
    post.send("empty.xlsx", {}, "01")
    report = post.send("full.xlsx", ANSWERS, "02")
    assert codes(report) == {"empty.xlsx": ["R038", "R033"]}
    assert post.read().frame["trust_1"].tolist() == [4]


def test_a_less_complete_form_is_told_with_what_it_lacks(post: Post) -> None:
    post.send("full.xlsx", ANSWERS, "01")
    less = {name: value for name, value in ANSWERS.items() if name not in ("trust_2", "channels")}
    report = post.send("less.xlsx", less, "02")
    assert codes(report) == {"full.xlsx": ["R033"], "less.xlsx": ["R073"]}
    said = report.findings.set_index("code")["text"]["R073"]
    assert "2 item(s)" in said
    assert said.endswith("trust_2, channels.")
    # The way back that the finding names: the fuller one, saved again, is the newest.
    report = post.send("full again.xlsx", ANSWERS, "03")
    assert codes(report)["less.xlsx"] == ["R073", "R033"]
    assert post.read().frame["trust_2"].tolist() == [2]


def test_the_same_answers_once_more_change_nothing(post: Post) -> None:
    post.send("first.xlsx", ANSWERS, "01")
    report = post.send("again.xlsx", {**ANSWERS, "trust_1": "４"}, "02")
    assert codes(report) == {"again.xlsx": ["R074"]}
    found = post.read()
    assert found.revisions is not None
    assert list(found.revisions["current"]) == [True, False]
    assert found.history is not None
    assert found.history.empty


def test_findings_speak_the_readers_and_the_respondents_language(post: Post) -> None:
    row = post.send("first.xlsx", {**ANSWERS, "trust_1": 7}, "01").findings.iloc[0]
    assert row["language"] == "ko"
    assert "allows" in row["text"]
    assert "허용되는" in row["text_local"]
    assert "응답자" in row["remedy_local"]


def test_the_same_workbook_twice_is_told_once(post: Post) -> None:
    post.send("first.xlsx", {**ANSWERS, "trust_1": 7}, "01")
    shutil.copy(post.returned / "first.xlsx", post.returned / "first - コピー.xlsx")
    report = post.collect()
    assert list(report.accepted["findings"]) == [1, 1]
    assert list(report.findings["code"]) == ["R041"]


@pytest.mark.parametrize(
    ("saved", "revises", "expected"),
    [
        (("2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z", ""), ("", "", ""), "BAC"),
        (("", "", ""), ("", "", ""), "ABC"),
        (("2026-05-02T00:00:00Z", "2026-05-02T08:00:00+09:00", "2026-05-01"), ("", "", ""), "CBA"),
        # A correction made where the clock was wrong comes after what it corrects.
        (("2026-05-02T00:00:00Z", "2001-01-01T00:00:00Z", "2026-06-01"), ("", "A", ""), "ABC"),
        (("2026-05-03T00:00:00Z", "2026-05-02T00:00:00Z", "2026-05-01"), ("", "A", "B"), "ABC"),
        # Nonsense is no reason to hang.
        (("", "", ""), ("B", "A", "C"), "CAB"),
        (("last Friday", "46024", "2026-05-01T10:00:00.123456789"), ("", "", ""), "CAB"),
    ],
)
def test_the_order_of_workbooks(saved: tuple[str, ...], revises: tuple[str, ...], expected: str) -> None:
    group = [
        Filed(number, name, name, "R", "i", saved[number], "2026-07-01T00:00:00+00:00", revises[number])
        for number, name in enumerate("ABC")
    ]
    assert "".join(one.sha256 for one in in_order(group)) == expected


def test_moments_without_a_zone_are_comparable() -> None:
    assert moment("2026-05-01T10:00:00") == moment("2026-05-01T10:00:00Z")
    assert moment("") is None


def test_a_store_of_an_earlier_version_is_taken_over(post: Post) -> None:
    post.send("first.xlsx", ANSWERS, "01")
    path = post.study / "store" / "responses.sqlite"
    old = sqlite3.connect(path)
    old.executescript(
        "ALTER TABLE workbook DROP COLUMN collected; ALTER TABLE workbook DROP COLUMN revises;"
        "DROP TABLE set_apart; PRAGMA user_version = 1;"
    )
    old.close()
    report = post.send("second.xlsx", {**ANSWERS, "trust_1": 1}, "02")
    assert codes(report) == {"first.xlsx": ["R033"]}
    assert post.read().frame["trust_1"].tolist() == [1]


def test_what_was_set_apart_is_listed_for_ever_and_can_be_had_again(post: Post) -> None:
    bad = post.returned / "R-1.xlsx"
    bad.write_bytes(b"<html>no workbook</html>")
    report = post.collect()
    original = Path(report.quarantined["original"][0])
    assert original.suffix == ".xlsx"
    assert original.read_bytes() == b"<html>no workbook</html>"
    assert str(original) in report.summary()
    post.send("R-1.xlsx", ANSWERS, "01")
    with open_store(post.study, create=False) as store:
        assert store.query("SELECT count(*) FROM quarantine") == [(0,)]
        ((file, sha, kept, code),) = store.query("SELECT file, sha256, original, code FROM set_apart")
        assert (file, code) == (str(bad), "R003")
        assert (store.folder / kept).read_bytes() == store.original(sha) == b"<html>no workbook</html>"


def test_a_failure_that_no_one_foresaw_stops_one_file_only(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("what?")

    monkeypatch.setattr(intake, "read_workbook", broken)
    report = post.send("first.xlsx", ANSWERS, "01")
    assert list(report.quarantined["code"]) == ["R014"]
    assert "ZeroDivisionError: what?" in report.quarantined["text"][0]
    assert Path(report.quarantined["original"][0]).read_bytes() == (post.returned / "first.xlsx").read_bytes()
    monkeypatch.undo()
    assert list(post.collect().accepted["status"]) == ["new"]
