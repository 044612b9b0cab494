"""The reviewer's command: a real paper from its printed correlations, and planted errors found by name."""

from pathlib import Path

import pytest

from surveykit.archive.certificate import write_certificate
from surveykit.archive.claims import read_claims
from surveykit.archive.reproduce import reproduce
from surveykit.archive.result_path import value_at
from surveykit.archive.verdict import could_not_run, judge
from surveykit.errors import SurveykitError, SurveykitProblems

PAPER = Path(__file__).parents[2] / "analyses" / "smith_sivo_2012"
RESULTS = {
    "model": {"fit": {"chisq": 9.5665, "rows": [{"lhs": "a", "est": 0.5534}, {"lhs": "b", "est": 0.04}]}},
    "alpha": {"trust.JP": {"value": 0.88}},
    "test": {"p": 0.0312, "p_large": 0.1277, "word": "supported", "nothing": None},
}


def copy_with(folder: Path, changes: dict[str, str], name: str = "claims.yaml") -> Path:
    for file in ("study.yaml", "claims.yaml"):
        text = (PAPER / file).read_text(encoding="utf-8")
        for old, new in changes.items() if file == name else ():
            assert old in text
            text = text.replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_a_real_paper_is_reproduced_from_its_printed_correlations() -> None:
    verdict = reproduce(PAPER)
    assert (verdict.outcome, verdict.run) == ("full reproduction", "ran_ok")
    assert verdict.as_expected
    assert len(verdict.to_frame()) == 38


@pytest.mark.parametrize(("lang", "word"), [("en", "Certificate"), ("ja", "証明書"), ("ko", "증명서")])
def test_the_verdict_is_written_as_page_json_and_codecheck(tmp_path: Path, lang: str, word: str) -> None:
    verdict = reproduce(PAPER, certificate=tmp_path, lang=lang)
    assert word in (tmp_path / "certificate.html").read_text(encoding="utf-8")
    assert '"outcome": "full reproduction"' in (tmp_path / "verdict.json").read_text(encoding="utf-8")
    assert "certificate.html" in (tmp_path / "codecheck.yml").read_text(encoding="utf-8")
    assert verdict.as_expected


def test_three_planted_errors_are_found_and_nothing_else(tmp_path: Path) -> None:
    planted = {'printed: "9.567"': 'printed: "9.657"', '"6", compute': '"7", compute', '".680"': '".860"'}
    verdict = reproduce(copy_with(tmp_path, planted))
    wrong = verdict.to_frame().loc[verdict.to_frame()["status"] != "reproduced", "id"]
    assert set(wrong) == {"chisq", "df", "sp_soc_std"}
    assert verdict.outcome == "partial reproduction"
    assert not verdict.as_expected


def test_one_digit_changed_in_the_data_is_seen(tmp_path: Path) -> None:
    verdict = reproduce(copy_with(tmp_path, {"0.65, 0.63, 0.67": "0.65, 0.63, 0.57"}, "study.yaml"))
    assert not verdict.as_expected


def test_a_run_that_fails_is_not_called_irreproducible(tmp_path: Path) -> None:
    broken = copy_with(tmp_path, {"SP ~ SOC": "SP ~ NOSUCH"}, "study.yaml")
    verdict = reproduce(broken)
    assert (verdict.outcome, verdict.run) == ("could not be run", "errored")
    assert "A016" in verdict.summary()


def test_a_run_that_takes_too_long_is_stopped() -> None:
    verdict = reproduce(PAPER, timeout=0.05)
    assert verdict.run == "timed_out"
    assert "A015" in verdict.summary()


def test_missing_data_are_told_apart_from_wrong_numbers(tmp_path: Path) -> None:
    study = 'study: s\nversion: "1.0.0"\ntitle: {en: S}\ndata: {kind: frame, path: nowhere.csv}\n'
    (tmp_path / "study.yaml").write_text(
        study + "steps:\n  - {id: m, step: sem, model: y1 ~ x1}\n", encoding="utf-8"
    )
    (tmp_path / "claims.yaml").write_text(
        (PAPER / "claims.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert reproduce(tmp_path).run == "skipped_missing_inputs"


def test_what_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"A062.*partnership\.zip"):
        reproduce(tmp_path / "partnership.zip")


def test_a_study_without_claims_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="A012"):
        reproduce(tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [("model.fit.chisq", 9.5665), ("model.fit.rows[lhs=a].est", 0.5534), ("alpha.trust.JP.value", 0.88)],
)
def test_a_path_leads_to_its_number(path: str, value: float) -> None:
    assert value_at(RESULTS, path) == value


@pytest.mark.parametrize(
    ("path", "code"),
    [("model.fti.chisq", "A010"), ("model.fit.chisq.more", "A010"), ("model.fit.rows[lhs=c].est", "A011"),
     ("model.fit.rows[].est", "A011"), ("", "A010")],
)  # fmt: skip
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, code: str) -> None:
    if not path:
        assert value_at(RESULTS, path) is RESULTS
        return
    with pytest.raises(SurveykitError, match=code):
        value_at(RESULTS, path)


@pytest.mark.parametrize(
    ("claim", "status", "decision"),
    [
        ('kind: chisq, printed: "9.57", compute: model.fit.chisq', "reproduced", False),
        ('kind: chisq, printed: "9.58", compute: model.fit.chisq', "last digit", False),
        ('kind: chisq, printed: "9.75", compute: model.fit.chisq', "not reproduced", False),
        ('kind: chisq, printed: "9.7", compute: model.fit.chisq, tolerance: ".2", reason: rounded inputs',
         "within tolerance", False),
        ('kind: chisq, printed: "9.6", compute: model.fit.chisq, tolerance: ".2", reason: rounded inputs',
         "reproduced", False),
        ('kind: chisq, printed: "-9.57", compute: model.fit.chisq', "not reproduced", False),
        ('kind: df, printed: "11", compute: model.fit.chisq', "not reproduced", False),
        ('kind: path, printed: "-.0", compute: test.p', "reproduced", False),
        ('kind: path, printed: "-.0", compute: test.p_large', "not reproduced", False),
        ('kind: p, printed: "< .05", compute: test.p_large', "not reproduced", True),
        ('kind: p, printed: "> .05", compute: test.p', "not reproduced", True),
        ('kind: p, printed: "> .01", compute: test.p', "reproduced", False),
        ('kind: p, printed: ".031", compute: test.p', "reproduced", False),
        ('kind: p, printed: ".016", compute: test.p, tails: one', "reproduced", False),
        ('kind: p, printed: "< .05", compute: test.p', "reproduced", False),
        ('kind: p, printed: ".13", compute: test.p', "not reproduced", True),
        ('kind: verdict, printed: Supported, compute: test.word', "reproduced", False),
        ('kind: verdict, printed: rejected, compute: test.word', "not reproduced", False),
        ('kind: mean, printed: "1", compute: test.nothing', "not computed", False),
        ('kind: mean, printed: "1", compute: test.absent', "not computed", False),
        ('kind: mean, printed: "1", compute: model.fit', "not computed", False),
        ('kind: mean, printed: "1", compute: model.fit.rows', "not computed", False),
    ],
)  # fmt: skip
def test_a_number_is_judged_by_its_printed_decimals(
    tmp_path: Path, claim: str, status: str, decision: bool
) -> None:
    path = tmp_path / "claims.yaml"
    head = 'claims: c\nversion: "1.0.0"\ncitation: c\nnumbers:\n'
    path.write_text(head + "  - {id: one, where: p, " + claim + "}\n", encoding="utf-8")
    row = judge(read_claims(path), RESULTS).to_frame().iloc[0]
    assert (row["status"], row["decision_changes"]) == (status, decision)


def test_a_number_that_was_not_computed_is_never_as_expected(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    head = 'claims: c\nversion: "1.0.0"\ncitation: c\nnumbers:\n'
    claim = '{id: one, where: p, kind: p, printed: ".05", compute: test.NOPE, expected: not_reproduced}'
    path.write_text(f"{head}  - {claim}\n", encoding="utf-8")
    assert not judge(read_claims(path), RESULTS).as_expected


def test_a_tolerance_is_a_minor_issue_and_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    head = 'claims: c\nversion: "1.0.0"\ncitation: c\nnumbers:\n'
    claim = (
        "{id: one, where: p, kind: chisq, printed: '999.567', compute: model.fit.chisq, tolerance: '5000', "
        "reason: software}"
    )
    path.write_text(f"{head}  - {claim}\n", encoding="utf-8")
    verdict = judge(read_claims(path), RESULTS)
    assert (verdict.outcome, verdict.reasons) == ("full reproduction with minor issues", ("tolerance",))
    assert "within 5000: software" in verdict.summary()
    assert verdict.as_expected


CONVENTION = """\
claims: c
version: "1.0.0"
citation: c
conventions: {doubled: "every number is printed twice as large."}
numbers:
  - {id: twice, where: p, kind: path, printed: "1.11", compute: "model.fit.rows[lhs=a].est",
     convention: doubled, by_convention: model.fit.double, expected: other_convention,
     tolerance: ".01", reason: "r"}
  - {id: same, where: p, kind: path, printed: ".55", compute: "model.fit.rows[lhs=a].est",
     convention: doubled, by_convention: model.fit.double}
  - {id: wrong, where: p, kind: path, printed: "1.13", compute: "model.fit.rows[lhs=a].est",
     convention: doubled, by_convention: model.fit.double, expected: not_reproduced}
  - {id: nowhere, where: p, kind: path, printed: "1.11", compute: "model.fit.rows[lhs=a].est",
     convention: doubled, by_convention: model.fit.absent, expected: not_reproduced}
"""


def test_a_number_by_another_convention_is_told_apart_from_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(CONVENTION, encoding="utf-8")
    results = {"model": {"fit": RESULTS["model"]["fit"] | {"double": 1.1068}}}
    verdict = judge(read_claims(path), results)
    frame = verdict.to_frame().set_index("id")
    assert list(frame["status"]) == ["other convention", "reproduced", "not reproduced", "not reproduced"]
    assert frame.loc["twice", "factor"] == pytest.approx(1.11 / 0.5534)
    assert frame.loc["twice", "by_convention"] == "1.10680"
    assert verdict.as_expected
    assert [one.code for one in verdict.notes] == ["A049"]
    assert "× 2.005782 = 1.10680 (doubled)" in verdict.summary()
    assert "other_convention" in verdict.reasons


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["other convention", "2.005782", "1.10680"]), ("ja", ["慣行の違い", "再現せず", "2.005782"]),
     ("ko", ["관례의 차이", "재현되지 않음", "2.005782"])],
)  # fmt: skip
def test_the_certificate_shows_the_factor_in_the_readers_language(
    tmp_path: Path, lang: str, words: list[str]
) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(CONVENTION, encoding="utf-8")
    claims = read_claims(path)
    results = {"model": {"fit": RESULTS["model"]["fit"] | {"double": 1.1068}}}
    write_certificate(judge(claims, results), claims, tmp_path, lang)
    page = (tmp_path / "certificate.html").read_text(encoding="utf-8")
    assert all(word in page for word in words)
    assert "nan" not in page.lower().replace("finance", "")


@pytest.mark.parametrize("run", ["errored", "timed_out", "skipped_missing_inputs", "dependency_unavailable"])
@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_certificate_of_a_run_that_failed_says_that_it_says_nothing(
    tmp_path: Path, run: str, lang: str
) -> None:
    claims = read_claims(PAPER / "claims.yaml")
    write_certificate(could_not_run(run, ()), claims, tmp_path, lang)
    page = (tmp_path / "certificate.html").read_text(encoding="utf-8")
    assert {"en": "says nothing", "ja": "関係ありません", "ko": "관계없습니다"}[lang] in page


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("convention: doubled, by_convention: model.fit.absent", "convention: doubled", "A048"),
        ("convention: doubled, by_convention: model.fit.absent", "by_convention: model.fit.absent", "A048"),
        ("convention: doubled, by_convention: model.fit.absent", "convention: x, by_convention: y", "A048"),
        ('printed: ".55"', 'printed: "n.s."', "A001"),
        ('tolerance: ".01"', 'tolerance: "some"', "A001"),
    ],
)
def test_a_claim_that_says_too_little_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    path = tmp_path / "claims.yaml"
    assert old in CONVENTION
    path.write_text(CONVENTION.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveykitProblems) as caught:
        read_claims(path)
    assert [(one.code, one.place is not None) for one in caught.value.problems] == [(code, True)]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ('kind: chisq, printed: "8.12", compute: model.fit.chisq', ""),
        ('kind: chisq, printed: "9.75", compute: model.fit.chisq', "A058"),
        ('kind: chisq, printed: "5.97", compute: model.fit.chisq', "A058"),
        ('kind: chisq, printed: "-9.57", compute: model.fit.chisq', "A059"),
        ('kind: p, printed: ".031", compute: test.p, tails: one', "A060"),
        ('kind: p, printed: ".062", compute: test.p', ""),
        ('kind: p, printed: ".0156", compute: test.p', "A060"),
        ('kind: p, printed: ".09", compute: test.p', ""),
        ('kind: chisq, printed: "9.57", compute: model.fit.chisq', ""),
    ],
)
def test_a_likely_slip_is_named_beside_the_verdict(tmp_path: Path, claim: str, code: str) -> None:
    path = tmp_path / "claims.yaml"
    head = 'claims: c\nversion: "1.0.0"\ncitation: c\nnumbers:\n'
    path.write_text(head + "  - {id: one, where: p, " + claim + "}\n", encoding="utf-8")
    remark = judge(read_claims(path), RESULTS).to_frame()["remark"][0]
    assert remark.startswith(f"[{code}]" if code else "")
    assert bool(remark) == bool(code)


def test_claims_without_numbers_are_no_verdict(tmp_path: Path) -> None:
    copy_with(tmp_path, {})
    (tmp_path / "claims.yaml").write_text(
        'claims: c\nversion: "1.0.0"\ncitation: c\nchecks:\n'
        '  - {id: z, where: p, check: z, values: {z: "1.96", p: ".05"}}\n',
        encoding="utf-8",
    )
    with pytest.raises(SurveykitError, match="A061"):
        reproduce(tmp_path)
