"""Response styles by group as a step of a study, and the likelihood of the rounding step."""

from pathlib import Path

import pytest

from surveykit.analysis.response_style import ResponseStyles, response_styles
from surveykit.errors import SurveykitProblems
from surveykit.study.plan import read_plan
from surveykit.study.run import run_study

ROOT = Path(__file__).parents[2]
PLAN = f"""\
study: styles
version: "1.0.0"
title: {{en: Styles, ja: スタイル, ko: 양식}}
languages: [en, ja, ko]
instrument: "{ROOT / "instruments" / "partnership.yaml"}"
groups: {{column: country, order: [JP, KR]}}
data: {{kind: simulated, n: {{JP: 25, KR: 20}}}}
steps:
  - {{id: styles, step: response_styles, outcomes: [trust, performance]}}
"""


def write(folder: Path, text: str = PLAN) -> Path:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def test_styles_are_compared_on_the_items_as_answered(tmp_path: Path) -> None:
    result = run_study(write(tmp_path))
    (name,) = result.results["styles"]
    found = result.results["styles"][name]
    assert isinstance(found, ResponseStyles)
    assert name.startswith("styles.1-")
    assert found.groups == ("JP", "KR")
    assert found.frame["style"].tolist()[:2] == ["acquiescence", "disacquiescence"]
    assert found.effect["outcome"].tolist() == ["trust", "performance"]
    assert found.frame["n_1"].max() <= 25
    for page, words in {
        "index.html": ("Response styles on scales from 1 to", "net agreeing", "Styles held equal"),
        "index.ja.html": ("での回答スタイル", "正味の肯定", "スタイルを統制"),
        "index.ko.html": ("척도에서의 응답 양식", "순긍정", "양식을 통제"),
    }.items():
        text = (tmp_path / "report" / page).read_text(encoding="utf-8")
        for word in words:
            assert word in text


def test_the_step_gives_what_the_function_gives(tmp_path: Path) -> None:
    from surveykit.study.run import follow

    plan = read_plan(
        write(
            tmp_path,
            PLAN.replace("outcomes: [trust", "items: [trust_1, trust_2, mutuality_1], outcomes: [trust"),
        )
    )
    context, results = follow(plan, tmp_path / "out", lambda stage, done, total: None)
    (found,) = results["styles"].values()
    assert isinstance(found, ResponseStyles)
    own = response_styles(
        context.scores, ["trust_1", "trust_2", "mutuality_1"], "country", found.scale,
        outcomes=["trust", "performance"],
    )  # fmt: skip
    assert found.frame.equals(own.frame)
    assert found.effect.equals(own.effect)
    assert next(one.code for one in found.notes) == "G030"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{id: s, step: response_styles, items: [trust_99]}", "T014"),
        ("{id: s, step: response_styles, items: [years_partnership]}", "T014"),
        ("{id: s, step: describe, items: [trust_99]}", "T014"),
        ("{id: s, step: response_styles, styles: [extreme]}", "I021"),
    ],
)
def test_a_wrong_step_is_told(tmp_path: Path, step: str, code: str) -> None:
    text = PLAN.partition("steps:")[0] + f"steps:\n  - {step}\n"
    with pytest.raises(SurveykitProblems) as caught:
        read_plan(write(tmp_path, text))
    assert code in [one.code for one in caught.value.problems]


PRINTED = """\
study: printed
version: "1.0.0"
title: {en: Printed}
data:
  kind: moments
  moments:
    - {n: 40, names: [a, b, c, d], cor: [[1], [0.52, 1], [0.47, 0.55, 1], [0.44, 0.31, 0.51, 1]],
       sd: [1.10, 0.95, 1.20, 1.05]}
steps:
  - {id: model, step: sem, likelihood: wishart, model: "f =~ a + b + c + d"}
  - {id: spread, step: rounding, likelihood: wishart, model: "f =~ a + b + c + d", draws: 300}
  - {id: normal, step: rounding, model: "f =~ a + b + c + d", draws: 300}
"""


def test_the_rounding_step_follows_the_likelihood_of_the_model(tmp_path: Path) -> None:
    """Wishart divides by N - 1 where normal divides by N: chi-square by (N - 1) / N, variances unscaled."""
    results = run_study(write(tmp_path, PRINTED)).results
    fit = results["model"]["fit"]
    chisq = fit.fit_measures()["chisq"]  # type: ignore[attr-defined]
    spread = results["spread"]["spread"].to_frame().set_index("lhs")
    normal = results["normal"]["spread"].to_frame().set_index("lhs")
    assert spread.loc["chisq", "est"] == pytest.approx(chisq, rel=1e-8)
    assert spread.loc["chisq", "est"] == pytest.approx(normal.loc["chisq", "est"] * 39 / 40, rel=1e-6)
    assert spread.loc["chisq", "lowest"] < chisq < spread.loc["chisq", "highest"]
    variances = fit.parameter_estimates().query("op == '~~' and lhs == 'a'")["est"].iloc[0]  # type: ignore[attr-defined]
    row = results["spread"]["spread"].to_frame().query("op == '~~' and lhs == 'a'").iloc[0]
    assert row["est"] == pytest.approx(variances, rel=1e-8)
    assert row["lowest"] < variances < row["highest"]


def test_an_unknown_likelihood_is_told(tmp_path: Path) -> None:
    with pytest.raises(SurveykitProblems, match="I033"):
        read_plan(
            write(tmp_path, PRINTED.replace("rounding, likelihood: wishart", "rounding, likelihood: lisrel"))
        )
