"""Likelihood-ratio tests of nested models, every table of the reference."""

from typing import Any

import pytest

from reference_data import case, close, dataset
from surveykit.analysis.compare_models import compare_models
from surveykit.analysis.sem import cfa, growth, lavaan, sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import SurveykitError

FUNCTIONS = {"cfa": cfa, "sem": sem, "growth": growth, "lavaan": lavaan}
CASES = ["mg-hs-ml", "mg-hs-mlr", "mg-sem-regressions", "mg-bfi-fiml-mlr", "ord-mg-measeq", "ord-mg-datcat",
         "robust-hs", "sem-poldem-equal", "growth-demo", "ord-datcat"]  # fmt: skip
COLUMNS = {"Df": "df", "AIC": "aic", "BIC": "bic", "Chisq": "chisq", "Chisq diff": "chisq_diff",
           "Df diff": "df_diff", "Pr(>Chisq)": "pvalue"}  # fmt: skip


def tables() -> list[Any]:
    found = []
    for name in CASES:
        for number, comparison in enumerate(case(name)["comparisons"] or []):
            found.append(pytest.param(name, comparison, id=f"{name}-{number}-{comparison['method']}"))
    return found


_fits: dict[tuple[str, str], SemFit] = {}


def fitted(name: str, model: str) -> SemFit:
    if (name, model) not in _fits:
        record = next(one for one in case(name)["fits"] if one["name"] == model)
        _fits[name, model] = FUNCTIONS[record["fun"]](
            record["model"], dataset(record["data"]), **record["options"]
        )
    return _fits[name, model]


@pytest.mark.parametrize(("name", "comparison"), tables())
def test_every_comparison_equals_lavaans(name: str, comparison: dict[str, Any]) -> None:
    rows = comparison["table"]
    fits = [fitted(name, row["model"]) for row in rows]
    options = {name.replace(".", "_"): value for name, value in comparison.get("args", {}).items()}
    names = [row["model"] for row in rows]
    result = compare_models(*fits, method=comparison["method"], names=names, **options)
    frame = result.to_frame().set_index("model")
    for row in rows:
        for theirs, mine in COLUMNS.items():
            # lavaan prints differences to ten decimals; the scaled ones rest on information that is
            # partly numerical there (good to 1e-6 with missing or ordered data).
            reference = row.get(theirs)
            if reference is not None:
                assert close(frame.loc[row["model"], mine], reference, 1e-4, 1e-5), (row["model"], theirs)


def test_bad_comparisons_are_refused() -> None:
    data = dataset("hs1939")
    fit = cfa("f =~ x1 + x2 + x3 + x4", data)
    with pytest.raises(SurveykitError, match="M100"):
        compare_models(fit)
    with pytest.raises(SurveykitError, match="M101"):
        compare_models(fit, cfa("f =~ x1 + x2 + x3 + x4", data.head(200)))
    with pytest.raises(SurveykitError, match="M102"):
        compare_models(fit, cfa("f =~ x1 + a*x2 + a*x3 + x4", data), method="satorra.bentler.2001")


def test_models_that_are_not_nested_are_told() -> None:
    data = dataset("hs1939")
    one, other = cfa("f =~ x1 + x2 + x3 + x4", data), cfa("f =~ x1 + x2 + x3 + x4\nx1 ~~ 0*x2", data)
    assert [note.code for note in compare_models(one, other).notes] == ["M104"]
    worse = cfa("f =~ x1 + x2 + x3 + x4 + x7 + x8 + x9", data)
    better = cfa("f =~ x1 + x2 + x3 + x4\ng =~ x7 + x8 + x9", data)
    assert compare_models(better, worse).notes == ()
    assert compare_models(worse, better, names=["one", "two"]).to_frame()["model"][0] == "two"
