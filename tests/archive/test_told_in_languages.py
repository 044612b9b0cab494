"""What `reproduce` and `consistency` print, in the reader's language."""

import math
from pathlib import Path

import pytest

from surveykit.archive.claims import read_claims
from surveykit.archive.consistency import check_consistency
from surveykit.archive.schema import ClaimsSpec
from surveykit.archive.verdict import could_not_run, judge
from surveykit.wording import wording

PAPER = Path(__file__).parents[2] / "analyses" / "smith_sivo_2012" / "claims.yaml"


@pytest.mark.parametrize(
    ("lang", "verdict", "missing", "checks"),
    [
        ("en", "Verdict: not reproduced (ran_ok)", "reason: number_missing", "5 consistent"),
        ("ja", "判定：再現せず", "理由：計算されなかった数値がある", "整合 5 件"),
        ("ko", "판정: 재현되지 않음", "이유: 계산되지 않은 숫자가 있음", "일치 5개"),
    ],
)
def test_verdict_and_checks_are_told(lang: str, verdict: str, missing: str, checks: str) -> None:
    told = judge(read_claims(PAPER), {}).summary(lang)
    assert told.startswith(verdict)
    assert missing in told
    assert checks in check_consistency(PAPER, lang).summary(lang)


@pytest.mark.parametrize(("lang", "word"), [("en", "timed_out"), ("ja", "時間切れ"), ("ko", "시간 초과")])
def test_a_run_that_gave_nothing_is_told(lang: str, word: str) -> None:
    assert word in could_not_run("timed_out", ()).summary(lang)


@pytest.mark.parametrize(("lang", "word"), [("en", "Nothing stands at"), ("ja", "結果に"), ("ko", "결과에")])
def test_remarks_of_the_table_are_in_the_readers_language(lang: str, word: str) -> None:
    remarks = judge(read_claims(PAPER), {}, lang=lang).to_frame()["remark"]
    assert remarks.str.contains(word).all()
    assert remarks.str.startswith("[A010]").all()


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_value_that_could_not_be_computed_is_a_dash(lang: str) -> None:
    mean = {"where": "Table 1", "kind": "mean", "printed": "3.00"}
    numbers = [
        mean | {"id": "none", "compute": "none"},
        mean | {"id": "empty", "compute": "open"},
        mean | {"id": "gone", "compute": "gone"},
        mean | {"id": "n_1", "compute": "ten", "convention": "n_1", "by_convention": "open"},
    ]
    paper = {"claims": "paper", "version": "1.0.0", "citation": "A paper", "conventions": {"n_1": "n - 1"}}
    claims = ClaimsSpec.model_validate(paper | {"numbers": numbers})
    told = judge(claims, {"none": None, "open": math.nan, "ten": 10.0}, lang=lang)
    assert "nan" not in told.summary(lang)
    facts = {"status": "", "id": "", "where": "", "printed": "3.00", "recomputed": "–"}
    dash = wording("archive", "line_number", lang, **facts).partition("3.00")[2]
    assert told.summary(lang).count(dash) == 3
    assert list(told.to_frame()["status"]) == ["not computed"] * 3 + ["not reproduced"]
    assert list(told.to_frame()["remark"])[:2] == [wording("archive", "no_value", lang)] * 2
    assert told.to_frame()["by_convention"].iloc[3] == "–"


CHECK = """\
claims: checks
version: "1.0.0"
citation: A paper
checks:
  - {id: odd, where: Table 1, check: t, values: {t: "2.1", p: ".04"}}
"""


@pytest.mark.parametrize(("lang", "word"), [("en", "needs"), ("ja", "必要"), ("ko", "필요")])
def test_why_a_check_was_not_done_is_in_the_readers_language(tmp_path: Path, lang: str, word: str) -> None:
    (tmp_path / "claims.yaml").write_text(CHECK, "utf-8")
    row = check_consistency(tmp_path / "claims.yaml", lang).to_frame().iloc[0]
    assert row["status"] == "not checked"
    assert row["assumed"].startswith("[A003]")
    assert word in row["assumed"]


@pytest.mark.parametrize("reason", ["tolerance", "record_missing"])
def test_every_reason_has_its_words(reason: str) -> None:
    assert wording("archive", f"reason_{reason}", "ja") != reason
