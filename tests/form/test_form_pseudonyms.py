"""People into pseudonyms: the frame names nobody, the key leads back and lies apart."""

import csv
import itertools
import stat
from pathlib import Path

import pytest

from hand_made import sample
from surveykit.errors import SurveykitError
from surveykit.form.pseudonyms import ALPHABET, make_pseudonyms
from surveykit.form.roster import read_roster

CONTACTS = """氏名,E-mail,country,部署,language
佐藤 花子,hanako@example.jp,JP,購買,ja
鈴木 一郎,ichiro@example.jp,JP,営業,ja
김민수,minsu@example.kr,KR,=1+1,ko
"""


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_what_stayed_in_the_frame_is_listed(encoding: str, tmp_path: Path) -> None:
    text = "氏名,会社名,国,言語\n佐藤 花子,東西商事,JP,ja\n鈴木 一郎,南北工業,JP,ja\n"
    (tmp_path / "contacts.csv").write_bytes(text.encode(encoding))
    made = make_pseudonyms(tmp_path / "contacts.csv", tmp_path / "frame.csv", tmp_path / "safe/key.csv")
    assert (made.personal, made.kept) == (("氏名",), ("会社名", "国", "言語"))
    for lang in ("en", "ja", "ko"):
        assert "会社名, 国, 言語" in made.summary(lang)


def test_names_go_into_the_key_and_nowhere_else(contacts: Path) -> None:
    made = make_pseudonyms(
        contacts / "contacts.csv", contacts / "frame.csv", contacts / "safe/key.csv", prefix="country"
    )
    assert (made.n, made.new, made.personal) == (3, 3, ("氏名", "E-mail"))
    frame, key = rows(made.frame), rows(made.key)
    assert list(frame[0]) == ["respondent", "country", "部署", "language"]
    assert list(key[0]) == ["respondent", "氏名", "E-mail"]
    assert [one["respondent"] for one in frame] == [one["respondent"] for one in key]
    for one in frame:
        assert one["respondent"].startswith(f"{one['country']}-")
        assert set(one["respondent"][3:]) <= set(ALPHABET)
    text = made.frame.read_text(encoding="utf-8-sig")
    assert not any(name in text for name in ("佐藤", "花子", "김민수", "@"))
    assert "'=1+1" in text
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert [one.id for one in read_roster(made.frame, sample(), "ja")] == [one["respondent"] for one in frame]
    assert list(made.to_frame()["respondent"]) == [one["respondent"] for one in frame]


def test_people_keep_their_ids_when_the_list_grows(contacts: Path) -> None:
    paths = contacts / "contacts.csv", contacts / "frame.csv", contacts / "key.csv"
    make_pseudonyms(*paths)
    before = {one["氏名"]: one["respondent"] for one in rows(paths[2])}
    paths[0].write_text(CONTACTS + "이영희,younghee@example.kr,KR,구매,ko\n", encoding="utf-8")
    made = make_pseudonyms(*paths)
    after = {one["氏名"]: one["respondent"] for one in rows(paths[2])}
    assert (made.n, made.new) == (4, 1)
    assert {name: after[name] for name in before} == before
    assert len(set(after.values())) == 4


def test_an_id_is_never_given_twice(contacts: Path) -> None:
    drawn = itertools.cycle("AAAAAAAAAACCCCCDDDDD")
    made = make_pseudonyms(
        contacts / "contacts.csv", contacts / "f.csv", contacts / "k.csv", random=lambda letters: next(drawn)
    )
    assert len({one["respondent"] for one in rows(made.frame)}) == 3


def test_the_key_never_lies_in_a_study(contacts: Path) -> None:
    (contacts / "study.yaml").write_text("study: x\n", encoding="utf-8")
    with pytest.raises(SurveykitError, match="E081"):
        make_pseudonyms(contacts / "contacts.csv", contacts / "frame.csv", contacts / "data/key.csv")
    assert not (contacts / "frame.csv").exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("country,branch\nJP,Tokyo\n", "E080"),
        ("id,name\n1,Sato\n", "E082"),
        ("name\n", "F016"),
        ("name\nSato\n", "E052"),
    ],
)
def test_lists_that_cannot_be_parted_are_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SurveykitError, match=code):
        make_pseudonyms(tmp_path / "c.csv", tmp_path / "f.csv", tmp_path / "k.csv", prefix="nowhere")


def test_files_that_cannot_be_read_or_written_are_told(contacts: Path) -> None:
    with pytest.raises(SurveykitError, match="F016"):
        make_pseudonyms(contacts / "none.csv", contacts / "f.csv", contacts / "k.csv")
    with pytest.raises(SurveykitError, match="F019"):
        make_pseudonyms(contacts / "contacts.csv", contacts / "contacts.csv" / "f.csv", contacts / "k.csv")
    assert not list(contacts.glob("*.partial"))


@pytest.mark.parametrize(("lang", "word"), [("en", "keep it apart"), ("ja", "対応表"), ("ko", "대응표")])
def test_a_list_in_a_national_encoding_is_said(contacts: Path, lang: str, word: str) -> None:
    (contacts / "contacts.csv").write_bytes(CONTACTS.split("김", maxsplit=1)[0].encode("cp932"))
    made = make_pseudonyms(contacts / "contacts.csv", contacts / "f.csv", contacts / "k.csv")
    assert [one.code for one in made.notes] == ["E072"]
    assert word in made.summary(lang)
