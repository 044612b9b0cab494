"""The sampling frame: who gets a form; nothing of a person enters it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hand_made import instrument, item, sample
from surveykit.errors import SurveykitError, SurveykitProblems, SurveykitWarning
from surveykit.form.roster import Respondent, language_note, read_roster


def roster(text: str, tmp_path: Path) -> tuple[Respondent, ...]:
    (tmp_path / "frame.csv").write_text(text, "utf-8")
    return read_roster(tmp_path / "frame.csv", sample(), "en")


def test_ids_languages_and_groups(tmp_path: Path) -> None:
    found = roster("respondent,language,country,unit\nA-1,ja,JP,KAM\nA-2,,NA,\n", tmp_path)
    assert found == (
        Respondent("A-1", "ja", {"country": "JP", "unit": "KAM"}),
        Respondent("A-2", "en", {"country": "NA", "unit": ""}),
    )


@pytest.mark.parametrize("name", ["respondent", "respondent_id", "id", "ID", " Respondent "])
def test_the_names_of_the_id_column(name: str, tmp_path: Path) -> None:
    assert [one.id for one in roster(f"{name},country\n007,JP\n", tmp_path)] == ["007"]


def test_a_frame_of_numbers_and_gaps() -> None:
    frame = pd.DataFrame({"id": [1.0, 2.0], "lang": ["KO", np.nan], "size": [3, 4]})
    found = read_roster(frame, sample(), "ja")
    assert [(one.id, one.language, one.groups["size"]) for one in found] == [
        ("1", "ko", "3"),
        ("2", "ja", "4"),
    ]


def test_names_and_addresses_stay_in_the_frame(tmp_path: Path) -> None:
    text = "id,Full Name,e-mail,氏名,contact,country,note\n1,A B,a@b.jp,甲,x,JP,write to c@d.kr\n"
    with pytest.warns(SurveykitWarning, match=r"\[F014\].*Full Name, e-mail, 氏名, contact, note"):
        found = roster(text, tmp_path)
    assert found[0].groups == {"country": "JP"}


@pytest.mark.parametrize("name", ["country", "username_length_group", "tenure", "brand", "region_name_group"])
def test_other_columns_are_groups(name: str, tmp_path: Path) -> None:
    if "name" in name.split("_"):
        with pytest.warns(SurveykitWarning, match="F014"):
            assert roster(f"id,{name}\n1,x\n", tmp_path)[0].groups == {}
    else:
        assert roster(f"id,{name}\n1,x\n", tmp_path)[0].groups == {name: "x"}


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("who,country\nA,JP\n", "F010", "who, country"),
        ("id,country\nA,JP\n,KR\n", "F011", "Row 3"),
        ("id\nA\nB\na\n", "F011", "Row 2"),
        ("id\nmail@example.org\n", "F012", "mail@example.org"),
        ("id\n../x\n", "F012", "Row 2"),
        ("id\n" + "x" * 61 + "\n", "F012", "at most 60"),
        ("id\nx.\n", "F012", "Row 2"),
        ("id,language\nA,fr\n", "F013", "'fr'"),
        ("id,trust_1\nA,5\n", "F015", "trust_1"),
        ("id,form_version\nA,5\n", "F015", "form_version"),
        ("id,country\n", "F016", "'frame.csv' has no rows"),
        ("", "F016", "'frame.csv' has no rows"),
        ('id\n"A\n', "F016", "'frame.csv' is not a table, or"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, code: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SurveykitError) as refusal:
        roster(text, tmp_path)
    assert refusal.value.code == code
    assert says in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[F016\].*no file 'nowhere.csv'.*study's folder") as refusal:
        read_roster(tmp_path / "nowhere.csv", sample(), "en")
    assert "「nowhere.csv」というファイルがありません" in refusal.value.note.text("ja")
    assert "Errno" not in refusal.value.note.full("ko")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SurveykitError, match=r"'folder\.csv' cannot be opened"):
        read_roster(tmp_path / "folder.csv", sample(), "en")
    with pytest.raises(SurveykitError, match=r"F016.*has no rows"):
        read_roster(pd.DataFrame({"id": []}), sample(), "en")


def test_every_wrong_id_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SurveykitProblems) as refusal:
        roster("id\nA\nA\nb@c.d\n", tmp_path)
    assert [problem.code for problem in refusal.value.problems] == ["F011", "F011", "F012"]


def test_a_group_may_not_be_called_like_an_item(tmp_path: Path) -> None:
    inst = instrument(item("country", "text"))
    (tmp_path / "frame.csv").write_text("id,country\nA,JP\n", "utf-8")
    with pytest.raises(SurveykitError, match=r"\[F015\].*country"):
        read_roster(tmp_path / "frame.csv", inst, "en")


@pytest.mark.parametrize(
    ("head", "asked", "code", "says"),
    [
        ("respondent,国", None, "F022", "言語"),  # as `pseudonyms` leaves a Japanese list
        ("respondent,language", "ja+en", "F023", "ko"),
        ("respondent,language", None, "", ""),
        ("respondent,言語", None, "", ""),
        ("respondent,언어", "ko", "", ""),
        ("respondent,country", "ja", "", ""),
    ],
)
def test_a_language_that_is_not_what_was_expected_is_said(
    head: str, asked: str | None, code: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "frame.csv").write_text(f"{head}\nA-1,ko\nA-2,\n", "utf-8")
    told = language_note(tmp_path / "frame.csv", sample(), asked)
    assert (told.code if told else "") == code
    assert says in (told.text() if told else "")


@pytest.mark.parametrize("head", ["language", "lang", "言語", "언어"])
def test_the_names_of_the_language_column(head: str, tmp_path: Path) -> None:
    assert roster(f"id,{head}\nA-1,ko\n", tmp_path)[0].language == "ko"


@pytest.mark.parametrize("who", ["山田太郎", "김철수", "Zoë", "Ann Lee"])
def test_ids_that_may_be_names_are_said(who: str, tmp_path: Path) -> None:
    with pytest.warns(SurveykitWarning, match=rf"\[F024\].*{who}"):
        assert roster(f"id\n{who}\n", tmp_path)[0].id == who
