"""Three errors planted in the claims of a study: `surveykit reproduce` finds those three and nothing else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveykit.archive.claims import read_claims
from surveykit.archive.verdict import judge

ROOT = Path(__file__).parents[2]
PRINCIPALS = ROOT.parent / "shared" / "data" / "pisa2012_principals"
PLAN = """\
study: two_countries
version: "1.0.0"
title: {en: Two countries}
groups: {order: [JP, KR]}
data: {kind: frame, path: answers.csv}
steps:
  - {id: countries, step: compare, outcomes: [trust_score, mutuality_score]}
  - id: model
    step: sem
    model: |
      trust =~ t1 + t2 + t3
      mutuality =~ m1 + m2 + m3
      mutuality ~ trust
"""
# what is printed of each outcome, with its decimals
PRINTED = {"mean_1": ("mean", 2), "sd_1": ("sd", 2), "mean_2": ("mean", 2), "sd_2": ("sd", 2), "t": ("t", 3),
           "df": ("df", 1), "pvalue": ("p", 3), "hedges_g": ("g", 2)}  # fmt: skip
FIT = {"chisq": ("chisq", 3), "df": ("df", 0), "pvalue": ("p", 3), "cfi": ("fit", 3), "rmsea": ("fit", 3),
       "srmr": ("fit", 3), "aic": ("fit", 2)}  # fmt: skip


def cli(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "surveykit", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def claim(id: str, kind: str, printed: str, path: str) -> str:
    return f'  - {{id: {id}, where: "Table 1", kind: {kind}, printed: "{printed}", compute: "{path}"}}\n'


def own_claims(results: dict[str, Any]) -> str:
    """Every mean, SD, t, df, p, g, fit measure and path, as a paper would print it."""
    lines = ['claims: two_countries\nversion: "1.0.0"\ncitation: its own results\nnumbers:\n']
    for row in results["countries"]["groups"]["frame"]:
        name = row["outcome"]
        for column, (kind, decimals) in PRINTED.items():
            path = f"countries.groups.frame[outcome={name}].{column}"
            lines.append(claim(f"{name}_{column}", kind, f"{row[column]:.{decimals}f}", path))
    for measure, (kind, decimals) in FIT.items():
        value = results["model"]["fit"]["fit_measures"][measure]
        lines.append(
            claim(f"fit_{measure}", kind, f"{value:.{decimals}f}", f"model.fit.fit_measures.{measure}")
        )
    for row in results["model"]["fit"]["parameter_estimates"]:
        lhs, op, rhs = row["lhs"], row["op"], row["rhs"]
        if op in ("=~", "~"):
            path = f"model.fit.parameter_estimates[lhs={lhs},op={op},rhs={rhs}].std_all"
            lines.append(claim(f"std_{lhs}_{rhs}", "standardized", f"{row['std_all']:.3f}", path))
    return "".join(lines)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two_countries")
    rng = np.random.default_rng(8)
    country = np.repeat(["JP", "KR"], [180, 210])
    trust = rng.normal(0, 1, 390) + 0.2 * (country == "KR")
    mutuality = 0.5 * trust + rng.normal(0, 0.8, 390)
    numbered = [(name, number) for name in ("trust", "mutuality") for number in (1, 2, 3)]
    factors = {"trust": trust, "mutuality": mutuality}
    items = {f"{name[0]}{n}": 4 + 0.8 * factors[name] + rng.normal(0, 0.7, 390) for name, n in numbered}
    frame = pd.DataFrame(items).round(2).assign(country=country)
    # A score may not be called like the factor: the model would take it for an observed variable.
    for name in factors:
        frame[f"{name}_score"] = frame[[f"{name[0]}{n}" for n in (1, 2, 3)]].mean(axis=1)
    frame.to_csv(folder / "answers.csv", index=False)
    (folder / "study.yaml").write_text(PLAN, encoding="utf-8")
    done = cli("run", folder, "--out", folder / "report")
    assert done.returncode == 0, done.stderr
    results = json.loads((folder / "report" / "results" / "results.json").read_text(encoding="utf-8"))
    (folder / "claims.yaml").write_text(own_claims(results), encoding="utf-8")
    return folder


def printed(claims: str, id: str) -> str:
    line = next(line for line in claims.splitlines() if f"{{id: {id}," in line)
    return line.partition('printed: "')[2].partition('"')[0]


def planted(claims: str, errors: dict[str, str]) -> str:
    """The claims with these numbers printed otherwise."""
    lines = claims.splitlines(keepends=True)
    for id, wrong in errors.items():
        right = printed(claims, id)
        assert right != wrong
        lines = [
            line.replace(f'printed: "{right}"', f'printed: "{wrong}"') if f"{{id: {id}," in line else line
            for line in lines
        ]
    return "".join(lines)


def transposed(text: str) -> str:
    """The first two neighbouring digits that differ, swapped: 9.567 -> 9.657."""
    for at in range(len(text) - 1):
        if text[at : at + 2].isdigit() and text[at] != text[at + 1]:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    raise AssertionError(text)


def found_by_the_command(folder: Path) -> tuple[int, dict[str, str], str]:
    shown = cli("reproduce", folder, "--json")
    verdict = json.loads(shown.stdout)
    wrong = {row["id"]: row["status"] for row in verdict["frame"] if row["status"] != "reproduced"}
    return shown.returncode, wrong, verdict["outcome"]


def test_claims_made_from_a_studys_own_results_are_all_reproduced(study: Path) -> None:
    code, wrong, outcome = found_by_the_command(study)
    assert (code, wrong, outcome) == (0, {}, "full reproduction")


def test_a_wrong_mean_a_transposed_digit_and_a_wrong_df_are_found_and_nothing_else(
    study: Path, tmp_path: Path
) -> None:
    claims = (study / "claims.yaml").read_text(encoding="utf-8")
    mean = float(printed(claims, "trust_score_mean_1"))
    errors = {
        "trust_score_mean_1": f"{mean + 0.3:.2f}",
        "fit_chisq": transposed(printed(claims, "fit_chisq")),
        "mutuality_score_df": f"{float(printed(claims, 'mutuality_score_df')) - 10:.1f}",
    }
    for name in ("study.yaml", "answers.csv"):
        (tmp_path / name).write_bytes((study / name).read_bytes())
    (tmp_path / "claims.yaml").write_text(planted(claims, errors), encoding="utf-8")
    code, wrong, outcome = found_by_the_command(tmp_path)
    assert (code, wrong) == (1, dict.fromkeys(errors, "not reproduced"))
    assert outcome == "partial reproduction"


def test_wherever_three_errors_are_planted_those_three_are_found(study: Path, tmp_path: Path) -> None:
    """Sixty plantings over all claims; an error is a change of two units or more in the last digit."""
    results = json.loads((study / "report" / "results" / "results.json").read_text(encoding="utf-8"))
    right = read_claims(study / "claims.yaml")
    rng = np.random.default_rng(3)
    for _ in range(60):
        chosen = rng.choice(len(right.numbers), 3, replace=False)
        numbers = list(right.numbers)
        for at in chosen:
            text = numbers[at].printed
            decimals = len(text.partition(".")[2])
            unit = 10.0**-decimals * rng.integers(2, 9) * rng.choice([-1, 1])
            numbers[at] = numbers[at].model_copy(update={"printed": f"{float(text) + unit:.{decimals}f}"})
        frame = judge(right.model_copy(update={"numbers": numbers}), results).to_frame()
        wrong = set(frame.loc[frame["status"] != "reproduced", "id"])
        assert wrong == {right.numbers[at].id for at in chosen}


@pytest.mark.slow  # 347 workbooks are written and read back
@pytest.mark.skipif(
    not PRINCIPALS.exists(), reason="the PISA data are not beside the project (../shared/data)"
)
def test_three_errors_in_the_principals_study_are_found_and_nothing_else(tmp_path: Path) -> None:
    original = ROOT / "analyses" / "school_leadership"
    plan = (original / "study.yaml").read_text(encoding="utf-8")
    plan = plan.replace("../../../shared/data", str(PRINCIPALS.parent))
    plan = plan.replace("../../instruments", f"{ROOT}/instruments")
    claims = (original / "claims.yaml").read_text(encoding="utf-8")
    errors = {"leadcom_mean_1": "-1.2291", "leadinst_t": "-8.740", "leadpd_df": "382.9"}
    (tmp_path / "study.yaml").write_text(plan, encoding="utf-8")
    (tmp_path / "claims.yaml").write_text(planted(claims, errors), encoding="utf-8")
    code, wrong, _ = found_by_the_command(tmp_path)
    assert (code, wrong) == (1, dict.fromkeys(errors, "not reproduced"))
