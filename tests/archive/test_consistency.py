"""Data-free checks: right numbers pass, planted errors are found, what cannot be decided says so."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveykit.archive.claims import read_claims
from surveykit.archive.consistency import check_consistency
from surveykit.archive.granularity import grim_possible, grimmer_possible
from surveykit.archive.model_df import model_df
from surveykit.archive.printed import read_printed
from surveykit.archive.ranges import RANGES
from surveykit.archive.rules import RULES
from surveykit.errors import SurveykitError, SurveykitProblems, catalogue

ROOT = Path(__file__).parents[2]
HEAD = 'claims: paper\nversion: "1.0.0"\ncitation: a paper\nchecks:\n'
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"

BASE = 'chisq: "85.306", df: "24", baseline_chisq: "918.852", baseline_df: "36", '


def status(tmp_path: Path, line: str) -> str:
    path = tmp_path / "claims.yaml"
    path.write_text(HEAD + "  - {id: c, where: page 1, " + line + "}\n", encoding="utf-8")
    return str(check_consistency(path).to_frame()["status"][0])


# Right and wrong by numbers printed in lavaan's tutorial (Holzinger-Swineford), statcheck's manual,
# Brown & Heathers' example (mean 5.19, n = 28) and Smith & Sivo (2012).
CASES = [
    ('check: t, values: {t: "2.20", df: "28", p: ".036"}', "consistent"),
    ('check: t, values: {t: "2.20", df: "28", p: ".063"}', "inconsistent"),
    ('check: t, values: {t: "-2.20", df: "28", p: ".018"}, tails: one', "consistent"),
    ('check: t, values: {t: "5.01", df: "98", p: "< .001"}', "consistent"),
    ('check: z, values: {z: "1.96", p: ".05"}', "consistent"),
    ('check: f, values: {f: "4.10", df1: "2", df2: "57", p: ".022"}', "consistent"),
    ('check: f, values: {f: "4.10", df1: "2", df2: "57", p: ".22"}', "inconsistent"),
    ('check: chisq, values: {chisq: "9.57", df: "6", p: ".144"}', "consistent"),
    ('check: chisq, values: {chisq: "85.31", df: "24", p: ".02"}', "inconsistent"),
    ('check: r, values: {r: ".30", n: "60", p: ".02"}', "consistent"),
    ('check: grim, values: {mean: "5.19", n: "28"}', "inconsistent"),
    ('check: grim, values: {mean: "5.18", n: "28"}', "consistent"),
    ('check: grim, values: {mean: "5.19", n: "280"}', "undecided"),
    ('check: debit, values: {mean: "0.30", sd: "0.46", n: "100"}', "consistent"),
    ('check: debit, values: {mean: "0.30", sd: "0.36", n: "100"}', "inconsistent"),
    ('check: rmsea, values: {chisq: "85.306", df: "24", n: "301", rmsea: ".092"}', "consistent"),
    ('check: rmsea, values: {chisq: "85.306", df: "24", n: "301", rmsea: ".029"}', "inconsistent"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", lower: ".071"}', "consistent"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", upper: ".114"}', "consistent"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", upper: ".141"}', "inconsistent"),
    ('check: cfi, values: {' + BASE + 'cfi: ".931"}',
     "consistent"),
    ('check: tli, values: {' + BASE + 'tli: ".896"}',
     "consistent"),
    ('check: tli, values: {' + BASE + 'tli: ".869"}',
     "inconsistent"),
    ('check: aic_difference, values: {chisq_diff: "8.192", df_diff: "6", aic_diff: "-3.808"}', "consistent"),
    ('check: bic_difference, values: {chisq_diff: "8.192", df_diff: "6", n: "301", bic_diff: "-26.05"}',
     "consistent"),
    ('check: ave, values: {ave: ".49"}, lists: {loadings: [".7", ".7", ".7"]}', "consistent"),
    ('check: ave, values: {ave: ".70"}, lists: {loadings: [".7", ".7", ".7"]}', "inconsistent"),
    ('check: cr, values: {cr: ".74"}, lists: {loadings: [".70", ".70", ".70"]}', "consistent"),
    ('check: indirect, values: {a: ".50", b: ".40", indirect: ".20"}', "consistent"),
    ('check: indirect, values: {a: ".50", b: ".40", indirect: ".02"}', "inconsistent"),
    ('check: alpha_from_r, values: {k: "4", mean_r: ".40", alpha: ".73"}', "consistent"),
    ('check: positive_definite, lists: {a: ["1"], b: [".9", "1"], c: [".9", "-.9", "1"]}', "inconsistent"),
    ('check: positive_definite, lists: {a: ["1"], b: [".68", "1"], c: [".54", ".55", "1"]}', "consistent"),
    ('check: t, values: {t: "2.20", p: ".036"}', "not checked"),
    ('check: t, values: {t: "many", df: "3", p: ".036"}', "not checked"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_each_check_says_what_is_right(tmp_path: Path, line: str, expected: str) -> None:
    assert status(tmp_path, line) == expected


@pytest.mark.parametrize(
    ("groups", "level", "means", "df"),
    [(1, None, False, 24), (1, None, True, 24), (2, "configural", True, 48), (2, "metric", True, 54),
     (2, "scalar", True, 60), (2, "strict", True, 69)],
)  # fmt: skip
def test_degrees_of_freedom_of_a_stated_model_equal_lavaans(
    groups: int, level: str | None, means: bool, df: int
) -> None:
    assert model_df(HS, groups, level, means=means) == df


def test_degrees_of_freedom_with_fixed_covariates_and_labels() -> None:
    # Smith & Sivo (2012): 6; a regression with both slopes equal leaves 1.
    paths = "SP~SOC\nGains~SP\nPU~SP+PEU\nPEU~SP\nCI~SP+PU+PEU+SOC\nGains~~0*CI"
    assert model_df(paths) == 6
    assert model_df("y ~ b*x1 + b*x2") == 1


def test_a_changed_decision_is_flagged_apart(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    line = '  - {id: c, where: p, check: t, values: {t: "1.20", df: "28", p: ".04"}}\n'
    path.write_text(HEAD + line, encoding="utf-8")
    result = check_consistency(path)
    assert result.to_frame()["decision_changes"][0]
    assert not result.consistent
    assert "DECISION CHANGES" in result.summary()


answers = st.lists(st.integers(1, 7), min_size=2, max_size=60)


@given(answers, st.integers(1, 2))
def test_grim_and_grimmer_never_accuse_the_honest(values: list[int], decimals: int) -> None:
    mean = read_printed(f"{np.mean(values):.{decimals}f}")
    sd = read_printed(f"{np.std(values, ddof=1):.{decimals}f}")
    assert grim_possible(mean, len(values))
    assert grimmer_possible(mean, sd, len(values))


@given(st.integers(1, 4), st.integers(2, 30), st.randoms(use_true_random=False))
def test_means_of_several_items_pass_too(items: int, n: int, random: object) -> None:
    scores = np.array([[random.randint(1, 5) for _ in range(items)] for _ in range(n)]).mean(axis=1)  # type: ignore[attr-defined]
    assert grim_possible(read_printed(f"{scores.mean():.2f}"), n, items)
    assert grimmer_possible(
        read_printed(f"{scores.mean():.2f}"), read_printed(f"{scores.std(ddof=1):.2f}"), n, items
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "  - {id: c, where: p, check: tt}\n", "I033"),
        (HEAD + '  - {id: c, where: p, check: t, value: {t: "1"}}\n', "I021"),
        (HEAD + "  - {id: c, where: p, check: t}\n  - {id: c, where: p, check: t}\n", "A004"),
        (HEAD.replace("checks", "numbers")
         + '  - {id: c, where: p, kind: alpha, printed: ".8", compute: a.b, tolerance: ".1"}\n', "A002"),
    ],
)  # fmt: skip
def test_a_claims_file_is_refused_with_code_and_place(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveykitProblems) as caught:
        read_claims(path)
    assert code in {one.code for one in caught.value.problems}


@pytest.mark.parametrize(
    ("text", "lower", "upper", "sign"),
    [
        (".032", 0.0315, 0.0325, "="),
        ("−1.5", -1.55, -1.45, "="),
        ("12 %", 0.115, 0.125, "="),
        (".50**", 0.495, 0.505, "="),
        ("< .001", -np.inf, 0.001, "<"),
        ("= .20", 0.195, 0.205, "="),
        ("1e-3", 0.0005, 0.0015, "="),
    ],
)
def test_a_printed_number_stands_for_an_interval(text: str, lower: float, upper: float, sign: str) -> None:
    printed = read_printed(text)
    assert printed.sign == sign
    assert (printed.interval.lower, printed.interval.upper) == pytest.approx((lower, upper))


@pytest.mark.parametrize("text", ["", "n.s.", "1.2.3", "twelve", "p < .05"])
def test_text_is_no_number(text: str) -> None:
    with pytest.raises(SurveykitError, match="A001"):
        read_printed(text)


# What each check assumed is told: codes A020-A032, and A003 where a number is missing.
@pytest.mark.parametrize(("line", "code"), [
    ('check: t, values: {t: "2.20", df: "28", p: ".036"}', "A020"),
    ('check: t, values: {t: "-2.20", df: "28", p: ".018"}, tails: one', "A021"),
    ('check: grim, values: {mean: "5.18", n: "28"}', "A022"),
    ('check: debit, values: {mean: "0.30", sd: "0.46", n: "100"}', "A023"),
    ('check: rmsea, values: {chisq: "85.306", df: "24", n: "301", rmsea: ".092"}', "A024"),
    ('check: rmsea, values: {chisq: "48", df: "24", n: "41", rmsea: ".1581"}', "A025"),
    ('check: cfi, values: {chisq: "1", df: "2", baseline_chisq: "9", baseline_df: "3", cfi: "1"}', "A026"),
    ('check: df, values: {df: "0"}, model: "f =~ a + b + c"', "A027"),
    ('check: aic_difference, values: {chisq_diff: "8.2", df_diff: "6", aic_diff: "-3.8"}', "A028"),
    ('check: ave, values: {ave: ".49"}, lists: {loadings: [".7"]}', "A029"),
    ('check: indirect, values: {a: ".5", b: ".4", indirect: ".2"}', "A030"),
    ('check: positive_definite, lists: {a: ["1"]}', "A031"),
    ('check: alpha_from_r, values: {k: "4", mean_r: ".40", alpha: ".73"}', "A032"),
    ('check: df, values: {df: "0"}', "A003"),
])  # fmt: skip
def test_each_check_says_what_it_assumed(tmp_path: Path, line: str, code: str) -> None:
    told = str(judged(tmp_path, line)["assumed"])
    assert catalogue()[code]["says"]["en"].split("{")[0][:20] in told


# What each check assumes of conventions, and what it refuses: codes A033-A039, A046, A047.
CONVENTIONS = [
    ('check: f, values: {f: "4.10", df1: "2", df2: "57", p: ".022"}, tails: one', "consistent", "A033"),
    ('check: f, values: {f: "4.20", df1: "1", df2: "57", p: ".023"}, tails: one', "consistent", "A021"),
    ('check: f, values: {f: "< 1", df1: "2", df2: "57", p: ".40"}', "consistent", "A033"),
    ('check: f, values: {f: "< 1", df1: "2", df2: "57", p: ".04"}', "inconsistent", "A033"),
    ('check: t, values: {t: "-0.50", df: "28", p: ".69"}, tails: one', "consistent", "A021"),
    ('check: chisq, values: {chisq: "1,234.5", df: "1,200", p: ".24"}', "consistent", "A033"),
    # Two groups: 85.306 on 24, N = 301: .092; without the root of 2, as AMOS prints it; times it: .130.
    ('check: rmsea, values: {chisq: "85.306", df: "24", n: "301", rmsea: ".130"}, groups: 2',
     "consistent", "A024"),
    ('check: rmsea, values: {chisq: "85.306", df: "24", n: "301", rmsea: ".092"}, groups: 2',
     "consistent", "A034"),
    ('check: rmsea, values: {chisq: "0", df: "0", n: "301", rmsea: "0"}', "consistent", "A024"),
    ('check: tli, values: {chisq: "10", df: "24", baseline_chisq: "900.1", baseline_df: "36", tli: "1.00"}',
     "consistent", "A035"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", lower: ".071", upper: ".114"}',
     "consistent", "A037"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", lower: ".071", upper: ".141"}',
     "inconsistent", "A037"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", upper: ".118", conf_level: ".95"}',
     "consistent", "A037"),
    ('check: rmsea_ci, values: {chisq: "85.306", df: "24", n: "301", upper: ".1", conf_level: "95"}',
     "not checked", "A036"),
    ('check: grim, values: {mean: "5.18", n: "28", low: "1", high: "5"}', "inconsistent", "A039"),
    ('check: grim, values: {mean: "5.18", n: "28", low: "5", high: "1"}', "not checked", "A036"),
    ('check: grim, values: {mean: "5.18", n: "2.5"}', "not checked", "A036"),
    ('check: debit, values: {mean: "0.5", sd: "0.5", n: "1"}', "not checked", "A036"),
    ('check: grimmer, values: {mean: "3.00", sd: "2.30", n: "20", low: "1", high: "5"}',
     "inconsistent", "A039"),
    ('check: bic_difference, values: {chisq_1: "85.31", chisq_2: "93.50", df_1: "24", df_2: "30", n: "301", '
     'bic_1: "7595.34", bic_2: "7569.29"}', "consistent", "A028"),
    ('check: indirect, values: {indirect: ".06"}, lists: {paths: [".5", ".4", ".3"]}', "consistent", "A030"),
    ('check: positive_definite, lists: {a: ["1"], b: [".9"]}', "not checked", "A046"),
    ('check: positive_definite, lists: {a: ["1"], b: [".9", "2"]}', "not checked", "A046"),
    ('check: positive_definite, lists: {a: [], b: [".9"], c: [".9", "-.9"]}', "inconsistent", "A031"),
    ('check: chisq, values: {chisq: "0.00", df: "0", p: "1.00"}', "not checked", "A047"),
    ('check: alpha_from_r, values: {k: "3", mean_r: "-.5", alpha: ".7"}', "not checked", "A047"),
]  # fmt: skip


def judged(folder: Path, line: str) -> pd.Series:
    """The one row of a claims file with this check."""
    path = folder / "claims.yaml"
    path.write_text(HEAD + "  - {id: c, where: p, " + line + "}\n", encoding="utf-8")
    return check_consistency(path).to_frame().iloc[0]


@pytest.mark.parametrize(("line", "expected", "code"), CONVENTIONS)
def test_conventions_are_told_and_impossible_input_is_refused(
    tmp_path: Path, line: str, expected: str, code: str
) -> None:
    row, says = judged(tmp_path, line), catalogue()[code]["says"]["en"]
    assert row["status"] == expected
    assert max(says.replace("{name}", "{").split("{"), key=len).split("}")[-1][:15] in row["assumed"]


# What no statistic can be, and p values that are words or zero: codes A070-A074.
IMPOSSIBLE = [
    ('check: chisq, values: {chisq: "-9.57", df: "6", p: ".144"}', "inconsistent", "A070"),
    ('check: chisq, values: {chisq: "12", df: "0", p: ".10"}', "inconsistent", "A072"),
    ('check: rmsea, values: {chisq: "12", df: "0", n: "90", rmsea: "0"}', "inconsistent", "A072"),
    ('check: cfi, values: {chisq: "3", df: "2", baseline_chisq: "9", baseline_df: "0", cfi: ".9"}',
     "inconsistent", "A072"),
    ('check: rmsea, values: {chisq: "8", df: "-4", n: "90", rmsea: ".1"}', "inconsistent", "A070"),
    ('check: cfi, values: {chisq: "1", df: "2", baseline_chisq: "9", baseline_df: "3", cfi: "1.02"}',
     "inconsistent", "A070"),
    ('check: f, values: {f: "-4.5", df1: "2", df2: "57", p: ".02"}', "inconsistent", "A070"),
    ('check: f, values: {f: "4.10", df1: "0", df2: "57", p: ".022"}', "inconsistent", "A070"),
    ('check: r, values: {r: "1.20", n: "60", p: "< .001"}', "inconsistent", "A070"),
    ('check: r, values: {r: "-1.01", df: "58", p: "< .001"}', "inconsistent", "A070"),
    ('check: r, values: {r: ".30", n: "-60", p: ".02"}', "inconsistent", "A070"),
    ('check: t, values: {t: "2.2", df: "-30", p: ".04"}', "inconsistent", "A070"),
    ('check: t, values: {t: "2.2", df: "0", p: ".04"}', "inconsistent", "A070"),
    ('check: t, values: {t: "2.2", df: "30", p: "1.04"}', "inconsistent", "A070"),
    ('check: z, values: {z: "2.2", p: "-.03"}', "inconsistent", "A070"),
    ('check: grimmer, values: {mean: "3.00", sd: "-1.3", n: "20"}', "inconsistent", "A070"),
    ('check: debit, values: {mean: "1.30", sd: "0.46", n: "100"}', "inconsistent", "A070"),
    ('check: ave, values: {ave: "1.21"}, lists: {loadings: ["1.10", "1.10"]}', "inconsistent", "A070"),
    ('check: ave, values: {ave: ".98"}, lists: {loadings: ["1.10", ".86"]}', "inconsistent", "A071"),
    ('check: cr, values: {cr: ".97"}, lists: {loadings: ["-1.02", ".86"]}', "inconsistent", "A071"),
    ('check: cr, values: {cr: "1.00"}, lists: {loadings: ["1.00", "1.00"]}', "consistent", "A029"),
    ('check: alpha_from_r, values: {k: "4", mean_r: "1.5", alpha: ".9"}', "inconsistent", "A070"),
    ('check: alpha_from_r, values: {k: "4", mean_r: "-.40", alpha: "-8"}', "inconsistent", "A070"),
    ('check: alpha_from_r, values: {k: "4", mean_r: ".40", alpha: "1.1"}', "inconsistent", "A070"),
    ('check: f, values: {f: "-0.00", df1: "1", df2: "57", p: "1.00"}', "consistent", "A020"),
    ('check: t, values: {t: "1.20", df: "30", p: "n.s."}', "consistent", "A073"),
    ('check: t, values: {t: "1.20", df: "30", p: "NS"}', "consistent", "A073"),
    ('check: t, values: {t: "2.20", df: "30", p: "ns"}', "inconsistent", "A073"),
    ('check: t, values: {t: "9.20", df: "30", p: ".000"}', "inconsistent", "A074"),
    ('check: t, values: {t: "9.20", df: "30", p: "< .000"}', "inconsistent", "A074"),
    ('check: t, values: {t: "9.20", df: "30", p: "< .001"}', "consistent", "A020"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected", "code"), IMPOSSIBLE)
def test_what_no_statistic_can_be_is_inconsistent_and_says_why(
    tmp_path: Path, line: str, expected: str, code: str
) -> None:
    row, says = judged(tmp_path, line), catalogue()[code]["says"]["en"]
    assert row["status"] == expected
    assert max(says.replace("}", "{").split("{")[::2], key=len) in row["assumed"]


@pytest.mark.parametrize(("t", "changes"), [("2.20", True), ("1.20", False)])
def test_not_significant_where_it_is_changes_the_decision(tmp_path: Path, t: str, changes: bool) -> None:
    path = tmp_path / "claims.yaml"
    line = f'  - {{id: c, where: p, check: t, values: {{t: "{t}", df: "30", p: "ns"}}}}\n'
    path.write_text(HEAD + line, encoding="utf-8")
    assert bool(check_consistency(path).to_frame()["decision_changes"][0]) is changes


def test_every_check_has_its_ranges() -> None:
    assert set(RANGES) == set(RULES)


def test_every_kind_of_check_is_right_of_generated_results_and_finds_every_slip_that_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row a kind; whether a slip shows in the printed decimals is decided there by other means."""
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.consistency import generated
    from benchmarks.consistency import rates as rates_by_kind

    rates = rates_by_kind(each=10)
    assert set(RULES) == {case.check for case in generated(1)}
    total = rates.loc["all"]
    assert total["right"] >= 200
    assert total["detectable"] >= 200
    assert (rates["false_alarms"] == 0).all(), rates.to_string()
    assert (rates["accused_though_possible"] == 0).all(), rates.to_string()
    assert (rates["found"] == rates["detectable"]).all(), rates.to_string()
