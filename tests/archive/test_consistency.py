"""Data-free checks: right numbers pass, planted errors are found, what cannot be decided says so."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveykit.archive import implied
from surveykit.archive.claims import read_claims
from surveykit.archive.consistency import check_consistency
from surveykit.archive.granularity import grim_possible, grimmer_possible
from surveykit.archive.model_df import model_df
from surveykit.archive.printed import read_printed
from surveykit.errors import SurveykitError, SurveykitProblems

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


def test_no_false_alarm_on_right_results_and_planted_errors_are_found(tmp_path: Path) -> None:
    """200 right results of each kind pass; with one digit of the result changed, most are found."""
    rng = np.random.default_rng(20261122)
    right, wrong = [], []
    for number in range(200):
        t, df = rng.normal(0, 2), int(rng.integers(10, 200))
        p = implied.p_from_t(t, df)
        chisq, model_df_, n = rng.uniform(40, 200), int(rng.integers(20, 60)), int(rng.integers(100, 900))
        fit = implied.rmsea(chisq, model_df_, n)
        right.append(
            f'{{id: t{number}, where: p, check: t, values: {{t: "{t:.2f}", df: "{df}", p: "{p:.3f}"}}}}'
        )
        right.append(
            f'{{id: r{number}, where: p, check: rmsea, values: {{chisq: "{chisq:.2f}", df: "{model_df_}", '
            f'n: "{n}", rmsea: "{fit:.3f}"}}}}'
        )
        shown = f"{min(p + 0.11, 0.999):.3f}"
        wrong.append(
            f'{{id: t{number}, where: p, check: t, values: {{t: "{t:.2f}", df: "{df}", p: "{shown}"}}}}'
        )
    path = tmp_path / "claims.yaml"
    path.write_text(HEAD + "".join(f"  - {line}\n" for line in right), encoding="utf-8")
    assert check_consistency(path).to_frame()["status"].eq("consistent").all()
    path.write_text(HEAD + "".join(f"  - {line}\n" for line in wrong), encoding="utf-8")
    # p + .11 stays within the rounding of t only where p is near 1 already.
    assert check_consistency(path).to_frame()["status"].eq("inconsistent").mean() > 0.95


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
    from surveykit.errors import catalogue

    path = tmp_path / "claims.yaml"
    path.write_text(HEAD + "  - {id: c, where: p, " + line + "}\n", encoding="utf-8")
    told = str(check_consistency(path).to_frame()["assumed"][0])
    assert catalogue()[code]["says"]["en"].split("{")[0][:20] in told
