"""Every command, run in Japanese and in Korean: no English sentence is printed."""

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from surveykit.archive.claims import read_claims
from surveykit.cli import studies
from surveykit.cli.app import app
from surveykit.errors import SurveykitError

ROOT = Path(__file__).parents[2]
PARTNERSHIP = ROOT / "instruments" / "partnership.yaml"
PAPER = ROOT / "analyses" / "smith_sivo_2012"
CLAIMS = read_claims(PAPER / "claims.yaml")
PLACES = sorted({one.where for one in (*CLAIMS.numbers, *CLAIMS.checks)}, key=len, reverse=True)
INTERVIEWS = ROOT / "analyses" / "trim_lee_learning"
PLAN = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot, ja: 予備調査, ko: 예비 조사}}
languages: [ja, ko]
instrument: "{PARTNERSHIP}"
groups: {{column: country, order: [JP, KR]}}
data: {{kind: returned}}
fieldwork: {{respondents: frame.csv, sent: 2026-10-01, remind_after: [14]}}
steps:
  - {{id: answers, step: describe, items: [trust_1]}}
  - {{id: broken, step: reliability, scales: [trust]}}
"""
FRAME = "respondent,country,language\nSIM-JP-0001,JP,ja\nSIM-KR-0001,KR,ko\nSIM-KR-0009,KR,ko\n"
# Three words of English in a row, the later ones in small letters: a phrase of prose.
PROSE = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
# What is shown as it was typed or printed: commands, options, file names, the AEA's outcomes.
AS_IT_IS = re.compile(
    r"surveykit [\w -]+|--?[\w-]+(?:[ =][\w./-]+)?|[\w./-]*/[\w./-]+|\((?:full|partial|not|could)[a-z ]+\)"
)


def told(lang: str, *words: object) -> str:
    """What a command prints; a refusal as `main` prints it."""
    shown = CliRunner().invoke(app, [str(word) for word in words], env={"SURVEYKIT_LANG": lang})
    if isinstance(shown.exception, SurveykitError):
        return shown.output + shown.exception.text(lang)
    assert shown.exit_code in (0, 1), (words, shown.output)
    assert shown.exception is None or isinstance(shown.exception, SystemExit), (words, shown.exception)
    return shown.output


def foreign(output: str, *known: str) -> list[str]:
    """Lines with a phrase of English; `known` are phrases of the paper that is talked about."""
    for phrase in known:
        output = output.replace(phrase, "·")
    return [line for line in output.splitlines() if PROSE.search(AS_IT_IS.sub(" · ", line))]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "frame.csv").write_text(FRAME, encoding="utf-8")
    told("ja", "simulate", PARTNERSHIP, "--n", "JP=1", "--n", "KR=1", "--out", folder)
    (folder / "returned" / "letter.txt").write_text("Dear all", encoding="utf-8")
    return folder


@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_questionnaire_and_fieldwork(study: Path, tmp_path: Path, lang: str) -> None:
    newer = tmp_path / "newer.yaml"
    newer.write_text(PARTNERSHIP.read_text("utf-8").replace("years_partnership", "years_together"), "utf-8")
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("name,e-mail,country\nA B,a@b.jp,JP\n", encoding="utf-8")
    commands: list[tuple[Any, ...]] = [
        ("check", PARTNERSHIP, study),
        ("diff", PARTNERSHIP, newer),
        ("translation", PARTNERSHIP),
        ("pseudonyms", contacts, "--key", tmp_path / "key.csv", "--frame", tmp_path / "frame.csv"),
        ("form", PARTNERSHIP, "--respondents", study / "frame.csv", "--out", tmp_path / "forms"),
        ("simulate", PARTNERSHIP, "--n", "JP=1", "--out", tmp_path / "pilot"),
        ("collect", study / "returned", "--study", study),
        ("status", study),
        ("disclosure", study),
        ("export", study, "--to", tmp_path / "export", "--format", "csv,sav"),
        ("codebook", PARTNERSHIP, "--out", tmp_path),
        ("convert", PARTNERSHIP, "--to", "redcap", "--lang", "ko", "--out", tmp_path / "dictionary.csv"),
        ("run", study, "--out", tmp_path / "report"),
        ("archive", study, "--to", tmp_path / "a.zip"),
        ("import", study),
    ]
    for words in commands:
        assert not foreign(told(lang, *words)), words[0]


@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_review_of_a_paper(tmp_path: Path, lang: str) -> None:
    paper = tmp_path / "analyses" / PAPER.name
    shutil.copytree(PAPER, paper)
    commands: list[tuple[Any, ...]] = [
        ("check", paper),
        ("run", paper, "--out", tmp_path / "report"),
        ("consistency", paper / "claims.yaml"),
        ("claims", tmp_path / "report", "--to", tmp_path / "table.csv", "--only", "fit_measures"),
        ("archive", paper, "--to", tmp_path / "a.zip"),
        ("reproduce", tmp_path / "a.zip"),
        ("reproduce", tmp_path / "a.zip", "--sha256", "0" * 64),
    ]
    for words in commands:
        output = told(lang, *words)
        assert output
        assert not foreign(output, *PLACES), words[0]


@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    shutil.copytree(PAPER, tmp_path / "analyses" / PAPER.name)
    monkeypatch.setattr(studies, "DEMO", (PAPER.name,))
    output = told(lang, "demo", "--analyses", tmp_path / "analyses")
    assert output.count(f"== {PAPER.name}") == 2
    assert {"ja": "レポート：", "ko": "보고서:"}[lang] in output
    assert not foreign(output, *PLACES)


@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_interviews(tmp_path: Path, lang: str) -> None:
    folder = tmp_path / "analyses" / INTERVIEWS.name
    shutil.copytree(INTERVIEWS, folder, ignore=shutil.ignore_patterns("returned", "store"))
    shutil.copytree(ROOT / "instruments", tmp_path / "instruments")
    commands: list[tuple[Any, ...]] = [
        ("check", folder, folder / "codebook.yaml"),
        ("coding-sheet", folder, "--coder", "second", "--out", tmp_path / "second.xlsx"),
        ("qda", folder, "--to", tmp_path / "a.qdc"),
    ]
    for words in commands:
        assert not foreign(told(lang, *words)), words[0]


@pytest.mark.parametrize(
    ("lang", "words"), [("ja", ("(メジャー)", "[比較不可]")), ("ko", ("(메이저)", "[비교 불가]"))]
)
def test_marks_of_a_diff(tmp_path: Path, lang: str, words: tuple[str, ...]) -> None:
    newer = tmp_path / "newer.yaml"
    newer.write_text(PARTNERSHIP.read_text("utf-8").replace("id: trust_1\n", "id: faith_1\n"), "utf-8")
    text = (
        newer.read_text("utf-8").replace("trust_1", "faith_1").replace("keeps the promises", "honours what")
    )
    newer.write_text(text, "utf-8")
    output = told(lang, "diff", PARTNERSHIP, newer)
    assert [one for one in words if one not in output] == []
    assert not re.search(r"\((?:none|patch|minor|major)\)|\[(?:same|check|broken)\]", output)


@pytest.mark.parametrize(("lang", "level"), [("ja", "配置不変性"), ("ko", "형태불변성")])
def test_levels_of_invariance_in_a_check(lang: str, level: str) -> None:
    output = told(lang, "consistency", PAPER / "claims.yaml")
    assert level in output
    assert "configural" not in output


# One word for one thing: the other words that the catalogue and the texts once had for it.
OTHER_WORDS = [
    ("ja", r"(?<!プラット)フォーム", "調査票"),
    ("ja", r"調査(?:「\{study\}」|計画|フォルダー)", "研究"),
    ("ko", r"회신", "회수"),
    ("ko", r"응답 칸|칸을 (?:고쳐|비우)|옆 칸|그 칸", "셀"),
]


@pytest.mark.parametrize(("lang", "other", "ours"), OTHER_WORDS)
def test_one_term_each(lang: str, other: str, ours: str) -> None:
    source = ROOT / "src" / "surveykit"
    found = []
    for path in (*(source / "catalogue").glob("*.toml"), *(source / "texts").glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text("utf-8")).items():
            texts = (
                part.get(lang, "") if isinstance(part, dict) else "" for part in (entry, *entry.values())
            )
            found += [f"{path.name} {key}: {ours}" for text in texts if re.search(other, text)]
    assert found == []
