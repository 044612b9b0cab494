"""All fit measures put together, from the chi-squares and scaling factors of the reference."""

from typing import Any

import numpy as np
import pytest

from reference_data import close
from sem_reference import sem_fits
from surveykit.estimation.sem.chisquare import TestStatistic
from surveykit.estimation.sem.fit_measures import FitFacts, fit_measures

NAN = float("nan")
RESIDUAL = "browne.residual.nt.model"


def number(value: float | None) -> float:
    return NAN if value is None else value


def statistic(one: dict[str, Any]) -> TestStatistic:
    return TestStatistic(
        one["test"],
        one["stat"],
        one["df"],
        number(one["pvalue"]),
        np.array(one["stat.group"]),
        scaling_factor=number(one.get("scaling.factor")),
        shift_parameter=number(one.get("shift.parameter")),
        trace_ugamma=number(one.get("trace.UGamma")),
        scaling_factor_h0=number(one.get("scaling.factor.h0")),
        scaling_factor_h1=number(one.get("scaling.factor.h1")),
    )


def facts(record: dict[str, Any]) -> FitFacts:
    q, n = record["fit"], record["n"]
    tests = {one["test"]: statistic(one) for one in record["tests"]}
    named = next((one["test"] for one in record["tests"] if "scaling.factor" in one), None)
    scaled = tests[named] if named else None
    standard = next(one for one in tests.values() if one.stat == q["chisq"])
    resolved, groups = record["resolved"], max(len(n["groups"]), 1)
    normal = resolved["estimator"] == "ML" and resolved["likelihood"] == "normal"

    def null(suffix: str) -> TestStatistic:
        return TestStatistic(
            scaled.test if suffix and scaled else "standard",
            number(q.get(f"baseline.chisq{suffix}")),
            number(q.get(f"baseline.df{suffix}")),
            number(q.get(f"baseline.pvalue{suffix}")),
            np.zeros(0),
            scaling_factor=number(q.get("baseline.chisq.scaling.factor")),
        )

    return FitFacts(
        npar=q["npar"],
        fmin=q["fmin"],
        ntotal=n["ntotal"],
        n_groups=groups,
        n_variables=sum(1 for row in record["parameters"] if row["op"] == "~~" and row["lhs"] == row["rhs"]),
        n=n["ntotal"] if normal else n["ntotal"] - groups,
        standard=standard,
        baseline=null(""),
        root_mean_squares={name: number(q[name]) for name in q if "rmr" in name},
        gfi_lisrel=number(q["gfi_lisrel"]),
        n_statistics=1,
        scaled=scaled,
        baseline_scaled=null("_scaled".replace("_", ".")) if scaled else None,
        residual_chisq=tests[RESIDUAL].stat if RESIDUAL in tests else NAN,
        logl=q.get("logl"),
        logl_unrestricted=q.get("unrestricted.logl"),
        categorical="wrmr" in q,
        n_first_statistics=1,
    )


# Without the number of statistics (agfi, pgfi, wrmr), and without the residual statistic of
# robust fits or the baseline's shift, these cannot be had from the record alone.
NEEDS_MORE = ("agfi", "agfi_lisrel", "pgfi", "wrmr", "gfi", "gfi_robust", "gfi_ci_lower", "gfi_ci_upper")
NEEDS_MORE += ("gfi_ci_lower_robust", "gfi_ci_upper_robust")


@pytest.mark.parametrize("record", sem_fits("fit", "tests"))
def test_everything_that_follows_from_the_chi_squares(record: dict[str, Any]) -> None:
    got = fit_measures(facts(record))
    shifted = "scaled.shifted" in record["resolved"]["test"]
    corrected = record["resolved"]["missing"] == "ml" or "wrmr" in record["fit"]
    for name, value in got.items():
        key = name if name in record["fit"] else name.replace("_", ".")
        skip = name in NEEDS_MORE or ("_robust" in name and (corrected or shifted))
        if skip or key not in record["fit"]:
            continue
        noise = record["fit"]["df"] == 0 and name.startswith(("ifi", "rni", "cn", "chisq"))
        assert close(value, record["fit"][key], 1e-8, 2e-9) or noise, (name, value, record["fit"][key])


@pytest.mark.parametrize(
    "record", [one for one in sem_fits("fit", "tests") if one.values[0]["fit"].get("gfi")]
)
def test_names_and_their_order_are_lavaans(record: dict[str, Any]) -> None:
    got = list(fit_measures(facts(record)))
    theirs = {name.replace(".", "_") for name in record["fit"]}
    corrected = record["resolved"]["missing"] == "ml" and "cfi.scaled" not in record["fit"]
    corrected = corrected or (record["fit"].get("wrmr") and "cfi.scaled" not in record["fit"])
    if not corrected:
        assert set(got) == theirs | {"agfi"}
