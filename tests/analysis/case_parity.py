"""What a case of the reference holds beside its fits: comparisons, Wald tests, scores of every row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sem_parity import P_ABSOLUTE, Cell, Tolerance, agree, fit_of, fitted

from reference_data import case, matrix
from surveykit.analysis.compare_models import compare_models

COLUMNS = {
    "Df": "df", "AIC": "aic", "BIC": "bic", "Chisq": "chisq", "Chisq diff": "chisq_diff",
    "RMSEA": "rmsea", "Df diff": "df_diff", "Pr(>Chisq)": "pvalue",
}  # fmt: skip
# lavaan rounds a difference to ten decimals, and its root mean square with it.
ROUNDED = {"Chisq diff": 1e-9, "RMSEA": 1e-6}


def comparison_cells(case_id: str) -> Iterator[Cell]:
    """Every column of every likelihood-ratio table."""
    tolerance = Tolerance.of(case_id)
    for number, one in enumerate(case(case_id).get("comparisons") or []):
        names = [row["model"] for row in one["table"]]
        options = {name.replace(".", "_"): value for name, value in (one.get("args") or {}).items()}
        fits = [fitted(case_id, name) for name in names]
        frame = compare_models(*fits, method=one["method"], names=names, **options).to_frame()
        ours = frame.set_index("model")
        for row in one["table"]:
            for theirs, mine in COLUMNS.items():
                if theirs in row:
                    got = float(ours.loc[row["model"], mine])
                    # A difference loses the digits that both chi-squares share.
                    absolute = max(tolerance.absolute, tolerance.relative * abs(row["Chisq"]))
                    absolute = max(absolute, ROUNDED.get(theirs, 0.0))
                    absolute = max(P_ABSOLUTE, tolerance.se) if theirs == "Pr(>Chisq)" else absolute
                    ok = agree(got, row[theirs], max(tolerance.relative, tolerance.se), absolute)
                    yield Cell(
                        "comparisons",
                        f"{number} {one['method']} {theirs} {row['model']}",
                        got,
                        row[theirs],
                        ok,
                    )


def result_cells(case_id: str) -> Iterator[Cell]:
    """Wald tests and complete factor scores."""
    results = case(case_id).get("results") or {}
    if "wald_test" in results:
        yield from _wald(case_id, results["wald_test"])
    if case_id == "factor-scores":
        yield from _scores(case_id, results)


def _wald(case_id: str, record: dict[str, Any]) -> Iterator[Cell]:
    tolerance = Tolerance.of(case_id)
    if record.get("model") == "free-labelled":  # the model of another fit without its constraints
        constrained = next(one for one in case(case_id)["fits"] if one["name"] == "equal-constraints")
        fit = fit_of(constrained | {"model": constrained["model"].partition("a1 ==")[0]})
    else:
        fit = fitted(case_id, "free")
    ours = fit.wald_test("\n".join(record["constraints"]))
    for theirs, mine in (("stat", "chisq"), ("df", "df"), ("pvalue", "pvalue")):
        ok = agree(float(ours[mine]), record[theirs], tolerance.se, P_ABSOLUTE)
        yield Cell("wald_test", theirs, float(ours[mine]), record[theirs], ok)


SCORED = {"hs": "hs", "hs_2group": "hs-2group", "fiml": "fiml", "poldem": "sem"}


def _scores(case_id: str, results: dict[str, Any]) -> Iterator[Cell]:
    tolerance = Tolerance.of(case_id)
    for key, name in SCORED.items():
        fit = fitted(case_id, name)
        for method, value in results[key].items():
            scores = fit.factor_scores(method)
            parts = {"": value} if "rows" in value else value
            for label, part in parts.items():
                theirs = matrix(part)
                ours = scores[scores["group"] == label] if label else scores
                pairs = zip(
                    ours[list(theirs.columns)].to_numpy().ravel(), theirs.to_numpy().ravel(), strict=True
                )
                for at, (got, wanted) in enumerate(pairs):
                    ok = agree(got, float(wanted), tolerance.relative, tolerance.absolute)
                    yield Cell("all_scores", f"{name} {method} {label} {at}", got, wanted, ok)
    for method in ("regression", "bartlett"):
        errors = fitted(case_id, "hs").factor_scores(method, se=True)
        for factor, wanted in results[f"hs_se_{method}"].items():
            got = float(errors[f"{factor}_se"].iloc[0])
            yield Cell(
                "score_errors", f"{method} {factor}", got, wanted, agree(got, wanted, tolerance.se, 0.0)
            )
