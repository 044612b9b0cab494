"""Effects along regressions: against products written out by hand, and numerically."""

from typing import Any

import numpy as np
import pytest

from reference_data import close, fit_record
from sem_reference import sem_fits, solved, vcov_of
from surveykit.estimation.sem.effects import effects


def test_the_mediation_of_tal_or_is_what_its_defined_parameters_say() -> None:
    record = fit_record("path-mediation-talor", "fixed.x")
    table, representation, x = solved(record)
    vcov = vcov_of(record)
    rows = {(row["lhs"], row["op"], row["rhs"]): row for row in record["parameters"]}
    by_label = {row["label"]: row for row in record["parameters"] if row["op"] == ":="}
    found = {(one.outcome, one.predictor, one.kind): one for one in effects(table, representation, x)}
    indirect = found["reaction", "cond", "indirect"]
    wanted = by_label["indirect"]
    assert close(indirect.est, wanted["est"], 1e-12)
    # the delta method on 15-digit numbers
    assert close(np.sqrt(indirect.jacobian @ vcov @ indirect.jacobian), wanted["se"], 1e-8)
    assert close(indirect.est * indirect.scale, wanted["std.all"], 1e-9)
    direct = found["reaction", "cond", "direct"]
    assert close(direct.est, rows["reaction", "~", "cond"]["est"], 1e-12)
    assert close(found["reaction", "cond", "total"].est, direct.est + indirect.est, 1e-12)


REGRESSIONS = [one for one in sem_fits() if any(row["op"] == "~" for row in one.values[0]["parameters"])]


@pytest.mark.parametrize("record", REGRESSIONS)
def test_derivatives_are_the_numerical_ones(record: dict[str, Any]) -> None:
    table, representation, x = solved(record)
    found = effects(table, representation, x)
    assert found
    step = 1e-6
    for parameter in range(len(x)):
        change = np.zeros_like(x)
        change[parameter] = step
        up, down = effects(table, representation, x + change), effects(table, representation, x - change)
        for one, high, low in zip(found, up, down, strict=True):
            # central differences: 1e-6 squared times third derivatives, and rounding 1e-10
            assert close(one.jacobian[parameter], (high.est - low.est) / (2 * step), 1e-5, 1e-7)


def test_a_feedback_loop_reaches_back() -> None:
    record = fit_record("path-observed", "nonrecursive")
    table, representation, x = solved(record)
    found = {(one.outcome, one.predictor, one.kind) for one in effects(table, representation, x)}
    pairs = {(row["lhs"], row["rhs"]) for row in record["parameters"] if row["op"] == "~"}
    for outcome, predictor in pairs:
        assert (outcome, predictor, "direct") in found
    assert all(outcome != predictor for outcome, predictor, _ in found)
