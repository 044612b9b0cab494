"""Paths by group: equal or not, indirect effects and their differences, from cases and from moments."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from invariance_data import HS, country_moments

from reference_data import case, dataset
from surveykit.analysis.sem import sem
from surveykit.analysis.structural_comparison import PathComparison, compare_paths
from surveykit.errors import SurveykitError

JOB = "JS ~ JA\nLS ~ JS + JA"
HS_PATHS = HS + "\ntextual ~ visual\nspeed ~ textual + visual"


def mediation_data(groups: tuple[str, ...] = ("JP", "KR"), n: int = 250, seed: int = 2) -> pd.DataFrame:
    """trust -> mutuality -> performance; the first leg is 0.5 in the first group, 0.2 in the others."""
    generator = np.random.default_rng(seed)
    frames = []
    for place, label in enumerate(groups):
        trust = generator.normal(size=n)
        mutuality = (0.2 if place else 0.5) * trust + generator.normal(size=n)
        performance = 0.4 * mutuality + 0.1 * trust + generator.normal(size=n)
        columns = {"trust": trust, "mutuality": mutuality, "performance": performance}
        frames.append(pd.DataFrame(columns).assign(country=label))
    return pd.concat(frames, ignore_index=True)


MEDIATION = "mutuality ~ trust\nperformance ~ mutuality + trust"


def line(found: PathComparison, effect: str, path: str, group: str) -> pd.Series:
    frame = found.to_frame()
    rows = frame[(frame["effect"] == effect) & (frame["path"] == path) & (frame["group"] == group)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_paths_of_the_reference() -> None:
    record = case("mg-sem-regressions")
    found = compare_paths(HS_PATHS, dataset("hs1939"), group="school")
    free = next(fit for fit in record["fits"] if fit["name"] == "free")
    wanted = {row["label"]: row for row in free["parameters"] if row.get("label") in ("ind1", "ind2", "dif")}
    place = {"ind1": "Pasteur", "ind2": "Grant-White", "dif": "Pasteur - Grant-White"}
    names = {"est": "est", "se": "se", "z": "z", "pvalue": "pvalue", "ci.lower": "ci_lower"}
    names |= {"ci.upper": "ci_upper"}
    for label, group in place.items():
        got = line(found, "indirect", "visual → textual → speed", group)
        for theirs, ours in names.items():
            assert got[ours] == pytest.approx(wanted[label][theirs], rel=1e-5, abs=1e-7)
    tests = found.equality.set_index("path")
    one, every = (table["table"][1] for table in record["comparisons"])
    for path, row in (("textual ~ visual", one), ("all", every)):
        assert tests.loc[path, "chisq_diff"] == pytest.approx(row["Chisq diff"], rel=1e-5, abs=1e-6)
        assert tests.loc[path, "df_diff"] == row["Df diff"]
        assert tests.loc[path, "pvalue"] == pytest.approx(row["Pr(>Chisq)"], abs=1e-6)
    for row in free["parameters"]:
        if row["op"] == "~":
            group = ("Pasteur", "Grant-White")[row["group"] - 1]
            got = line(found, "path", f"{row['rhs']} → {row['lhs']}", group)
            assert got["est"] == pytest.approx(row["est"], rel=1e-6)
            assert got["std_all"] == pytest.approx(row["std.all"], rel=1e-6)


def test_job_autonomy_in_japan_and_korea() -> None:
    found = compare_paths(JOB, **country_moments("wvs1994_job_cov", "cov"))
    wanted = {
        ("path", "JA → JS", "JP"): (0.736, 0.020),
        ("path", "JS → LS", "JP"): (0.300, 0.037),
        ("path", "JA → LS", "JP"): (-0.091, 0.036),
        ("path", "JA → JS", "KR"): (0.509, 0.027),
        ("path", "JS → LS", "KR"): (0.460, 0.030),
        ("path", "JA → LS", "KR"): (0.127, 0.029),
    }
    for place, (est, se) in wanted.items():
        got = line(found, *place)
        assert got["est"] == pytest.approx(est, abs=0.51e-3)
        assert got["se"] == pytest.approx(se, abs=0.51e-3)
    for group, est, se, std in (("JP", 0.2207, 0.0281, 0.303752), ("KR", 0.2345, 0.0197, 0.253458)):
        got = line(found, "indirect", "JA → JS → LS", group)
        assert (got["est"], got["se"]) == pytest.approx((est, se), abs=0.51e-4)
        assert got["std_all"] == pytest.approx(std, abs=2e-6)  # printed from OpenMx, good to six digits
    gap = line(found, "indirect", "JA → JS → LS", "JP - KR")
    assert (gap["est"], gap["se"], gap["z"]) == pytest.approx((-0.0138, 0.034, -0.40), abs=0.51e-3 + 2e-3)
    every = found.equality.iloc[-1]
    assert every["path"] == "all"
    assert (every["chisq_diff"], every["df_diff"]) == pytest.approx((142.79, 3), abs=0.51e-2)


def test_scaled_differences_for_mlr() -> None:
    found = compare_paths(
        HS_PATHS, dataset("hs1939"), group="school", estimator="MLR", paths=["speed ~ visual"]
    )
    assert found.equality["path"].tolist() == ["speed ~ visual", "all"]
    model = HS + "\ntextual ~ visual\nspeed ~ textual + c(c, c)*visual"
    options: dict[str, Any] = {"group": "school", "group_equal": "loadings", "estimator": "MLR"}
    free = sem(HS_PATHS, dataset("hs1939"), **options).fit_measures()
    tied = sem(model, dataset("hs1939"), **options).fit_measures()
    scaling = (tied["df"] * tied["chisq_scaling_factor"] - free["df"] * free["chisq_scaling_factor"]) / (
        tied["df"] - free["df"]
    )
    wanted = (tied["chisq"] - free["chisq"]) / scaling
    # two fits, each converged to about 1e-8 of its chi-square of 125
    assert found.equality["chisq_diff"].iloc[0] == pytest.approx(wanted, rel=1e-5)


def test_moments_and_cases_agree() -> None:
    data = mediation_data()
    names = ["trust", "mutuality", "performance"]
    parts = {label: own[names] for label, own in data.groupby("country", sort=False)}
    told = compare_paths(
        MEDIATION,
        sample_cov={label: own.cov() for label, own in parts.items()},
        sample_nobs={label: len(own) for label, own in parts.items()},
    )
    seen = compare_paths(MEDIATION, data, group="country")
    pd.testing.assert_frame_equal(told.to_frame(), seen.to_frame(), rtol=1e-6)
    pd.testing.assert_frame_equal(told.equality, seen.equality, rtol=1e-5)


def test_three_groups() -> None:
    found = compare_paths(MEDIATION, mediation_data(("JP", "KR", "US")), group="country")
    frame = found.to_frame()
    pairs = frame.loc[(frame["effect"] == "indirect"), "group"].tolist()
    assert pairs == ["JP", "KR", "US", "JP - KR", "JP - US", "KR - US"]
    assert found.equality["df_diff"].tolist() == [2, 2, 2, 6]
    first = found.equality.iloc[0]
    assert first["path"] == "mutuality ~ trust"
    assert first["pvalue"] < 0.01
    wide = found.moderated_mediation()
    assert wide["wald"].notna().all()
    assert wide["df"].tolist() == [2.0] * len(wide)
    # Wald and likelihood-ratio tests of the same restriction agree asymptotically.
    assert wide.set_index("path").loc["trust → mutuality", "wald"] == pytest.approx(
        first["chisq_diff"], rel=0.1
    )


@pytest.mark.parametrize("moments", [False, True])
def test_bootstrap_intervals(moments: bool) -> None:
    data = mediation_data(n=400)
    source: dict[str, Any] = {"data": data, "group": "country"}
    if moments:
        parts = data.groupby("country", sort=False)[["trust", "mutuality", "performance"]]
        source = {
            "sample_cov": {label: own.cov() for label, own in parts},
            "sample_nobs": {"JP": 400, "KR": 400},
        }
    found = compare_paths(MEDIATION, bootstrap=400, seed=7, **source)
    again = compare_paths(MEDIATION, bootstrap=400, seed=7, **source)
    pd.testing.assert_frame_equal(found.to_frame(), again.to_frame())
    assert found.bootstrap == 400
    assert ("V018" in [one.code for one in found.notes]) == moments
    frame = found.to_frame()
    inside = (frame["boot_ci_lower"] < frame["est"]) & (frame["est"] < frame["boot_ci_upper"])
    assert inside.all()
    # Normal data: the widths agree up to Monte Carlo error, about 5 % with 400 samples a tail.
    ratio = (frame["boot_ci_upper"] - frame["boot_ci_lower"]) / (frame["ci_upper"] - frame["ci_lower"])
    assert ((ratio > 0.8) & (ratio < 1.25)).all()
    gap = line(found, "indirect", "trust → mutuality → performance", "JP - KR")
    assert gap["boot_ci_lower"] > 0


def test_failed_samples_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from surveykit.analysis import structural_comparison as module
    from surveykit.estimation.sem.bootstrap import Bootstrap, Replicates

    genuine = Bootstrap.run

    def some_fail(self: Bootstrap, first: int, last: int) -> Replicates:
        made = genuine(self, first, last)
        converged = made.converged.copy()
        converged[:3] = False
        return made._replace(converged=converged)

    monkeypatch.setattr(module.replicates_of.__globals__["Bootstrap"], "run", some_fail)
    found = compare_paths(MEDIATION, mediation_data(), group="country", bootstrap=20, seed=1)
    assert found.bootstrap == 17
    assert [one.fields for one in found.notes if one.code == "V019"] == [{"failed": 3, "draws": 20}]


def test_chains_totals_and_fixed_paths() -> None:
    data = mediation_data()
    data["loyalty"] = 0.5 * data["performance"] + 0.3 * data["mutuality"]
    data["loyalty"] += np.random.default_rng(3).normal(size=len(data))
    model = MEDIATION + "\nloyalty ~ performance + mutuality"
    found = compare_paths(model, data, group="country")
    frame = found.to_frame()
    effects = frame[frame["group"] == "JP"].groupby("effect")["path"].apply(list).to_dict()
    assert sorted(effects["indirect"]) == [
        "mutuality → performance → loyalty",
        "trust → mutuality → loyalty",
        "trust → mutuality → performance",
        "trust → mutuality → performance → loyalty",
        "trust → performance → loyalty",
    ]
    assert effects["total indirect"] == ["trust → loyalty"]
    assert sorted(effects["total"]) == ["mutuality → loyalty", "trust → performance"]
    chains = [
        line(found, "indirect", path, "JP")["est"]
        for path in effects["indirect"]
        if path.startswith("trust") and path.endswith("loyalty")
    ]
    total = line(found, "total indirect", "trust → loyalty", "JP")
    assert total["est"] == pytest.approx(sum(chains))
    own = found.fit.effects()
    same = own[(own["lhs"] == "loyalty") & (own["rhs"] == "trust") & (own["effect"] == "indirect")].iloc[0]
    assert (total["est"], total["se"], total["std_all"]) == pytest.approx(
        (same["est"], same["se"], same["std_all"])
    )


def test_adjusted_pvalues_and_text() -> None:
    found = compare_paths(MEDIATION, mediation_data(), group="country", adjust="bonferroni")
    raw, adjusted = found.equality["pvalue"], found.equality["pvalue_adjusted"]
    assert adjusted.iloc[:-1].tolist() == pytest.approx(np.minimum(1, 3 * raw.iloc[:-1]).tolist())
    assert adjusted.iloc[-1] == raw.iloc[-1]
    assert "mutuality ~ trust equal" in found.summary()
    assert repr(found).startswith("<PathComparison: 3 paths, 2 groups")
    assert found.to_dict()["equality"][0]["path"] == "mutuality ~ trust"


def test_one_path_that_is_equal_already() -> None:
    model = "mutuality ~ c(a, a)*trust\nperformance ~ mutuality + trust"
    found = compare_paths(model, mediation_data(), group="country")
    assert math.isnan(found.equality.set_index("path").loc["mutuality ~ trust", "pvalue"])
    assert [one.fields for one in found.notes if one.code == "V020"] == [{"path": "mutuality ~ trust"}]
    assert found.equality["df_diff"].tolist() == [0, 1, 1, 2]
    gap = line(found, "path", "trust → mutuality", "JP - KR")
    assert gap["est"] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(
    ("code", "model", "options", "says"),
    [
        ("V016", "f =~ trust + mutuality + performance", {}, "performance ~ mutuality"),
        ("V017", MEDIATION, {"paths": ["performance ~ mutualty"]}, "performance ~ mutuality"),
        ("V009", MEDIATION, {"group": None}, "country"),
        ("V001", MEDIATION, {"data": mediation_data(("JP",))}, "JP"),
        ("O001", MEDIATION, {"adjust": "sidak"}, "holm"),
        ("O002", MEDIATION, {"conf_level": 95}, "95"),
    ],
)
def test_refusals(code: str, model: str, options: dict[str, Any], says: str) -> None:
    call: dict[str, Any] = {"data": mediation_data(), "group": "country", **options}
    with pytest.raises(SurveykitError) as caught:
        compare_paths(model, **call)
    assert caught.value.code == code
    assert says in str(caught.value)
