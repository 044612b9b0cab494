"""Items that work differently, by the invariance model and by logistic regression."""

import numpy as np
import pandas as pd
import pytest
from invariance_data import HS, ONE_FACTOR, simulated

import surveykit as sk
from reference_data import dataset
from surveykit.analysis.latent_item_bias import LatentItemBias, latent_item_bias
from surveykit.errors import SurveykitError

ITEMS = [f"t{k}" for k in range(5)]
MODEL = "trust =~ " + " + ".join(ITEMS)


def answers(shift: float = 1.0, n: int = 500, seed: int = 3) -> pd.DataFrame:
    """Five-point answers; Koreans are 0.4 higher, and answer t1 higher still."""
    rng = np.random.default_rng(seed)
    frames = []
    for place, country in enumerate(("JP", "KR")):
        level = 0.4 * place + rng.normal(size=(n, 1))
        latent = 0.9 * level + 0.6 * rng.normal(size=(n, 5))
        latent[:, 1] += shift * place
        codes = np.digitize(latent, [-1.2, -0.4, 0.5, 1.4]) + 1
        frames.append(pd.DataFrame(codes, columns=ITEMS).assign(country=country))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def found() -> LatentItemBias:
    return latent_item_bias(MODEL, answers(), group="country")


def test_the_item_that_was_shifted_is_found_by_both_methods(found: LatentItemBias) -> None:
    frame = found.to_frame().set_index("item")
    assert "t1" in found.flagged
    assert frame["d_macs"].idxmax() == "t1"
    assert frame["chisq"].idxmax() == frame["logistic_chisq"].idxmax() == "t1"
    assert frame.loc["t1", "bias"] < 0  # Japan minus Korea at the same standing
    assert frame.loc["t1", "expected_difference"] == pytest.approx(-1.0, abs=0.25)
    assert frame.loc["t1", "intercept_chisq"] > 10 * frame.loc["t1", "loading_chisq"]
    assert (frame["df"] == 2).all()


def test_its_effect_on_the_comparison(found: LatentItemBias) -> None:
    table = found.comparison.set_index("freed")
    # Made with 0.4; the biased item pushes the mean up, and freeing it brings it back.
    assert table.loc["t1", "mean"] == pytest.approx(0.4, abs=0.15)
    assert table.loc["", "mean"] - table.loc["t1", "mean"] > 0.05
    assert table.loc["t1", "change"] == pytest.approx(table.loc["t1", "mean"] - table.loc["", "mean"])
    assert table.loc["", "change"] == 0
    text = found.summary()
    assert "t1 free" not in text.splitlines()[0]
    assert "all items equal: latent mean" in text


def test_the_tests_are_those_of_the_models() -> None:
    """Likelihood ratio, score tests and latent mean by fits that know nothing of this function."""
    data = dataset("hs1939")
    result = latent_item_bias(HS, data, group="school", estimator="MLR")
    options = {"group": "school", "estimator": "MLR", "std_lv": True}
    equal = ("loadings", "intercepts")
    scalar = sk.cfa(HS, data, group_equal=equal, **options)
    free = sk.cfa(HS, data, group_equal=equal, group_partial=("visual =~ x3", "x3 ~ 1"), **options)
    test = sk.compare_models(scalar, free).to_frame().iloc[-1]
    row = result.to_frame().set_index("item").loc["x3"]
    # Two optimizations of the same model, each to a gradient of 1e-8.
    assert row["chisq"] == pytest.approx(test["chisq_diff"], rel=1e-5)
    assert row["pvalue"] == pytest.approx(test["pvalue"], rel=1e-4)
    means = free.parameter_estimates().query("op == '~1' and lhs == 'visual' and group == 2")
    own = result.comparison.query("freed == 'x3' and factor == 'visual'").iloc[0]
    assert own["mean"] == pytest.approx(means["est"].iloc[0], rel=1e-5)
    assert own["se"] == pytest.approx(means["se"].iloc[0], rel=1e-4)
    ladder = sk.measurement_invariance(HS, data, group="school", estimator="MLR", levels=("scalar",))
    released = ladder.release_tests("scalar").set_index("parameter")["chisq"]
    assert row["intercept_chisq"] == pytest.approx(released["x3~1"], rel=1e-5)
    assert row["loading_chisq"] == pytest.approx(released["visual=~x3"], rel=1e-5)
    sizes = ladder.effect_sizes().set_index("item")
    assert row["d_macs"] == pytest.approx(sizes.loc["x3", "d_macs"], rel=1e-5)
    # Many different values: no logistic regression, and it says so.
    assert result.to_frame()["logistic_chisq"].isna().all()
    assert [one.code for one in result.notes] == ["V034"] * 3


def test_a_summary_speaks_of_no_item_where_none_is_flagged() -> None:
    text = latent_item_bias(MODEL, answers(shift=0.0), group="country").summary()
    assert "all items equal: latent mean" in text
    assert " free: " not in text


def test_several_flagged_items_are_freed_together_but_two_stay() -> None:
    result = latent_item_bias(ONE_FACTOR, simulated(), group="country")
    assert set(result.flagged) >= {"i2", "i5"}
    last = result.comparison.iloc[-1]
    assert set(last["freed"].split(", ")) == set(result.flagged)
    wild = answers().assign(t0=lambda d: d["t0"] - (d["country"] == "KR"))
    wild["t2"] += 2 * (wild["country"] == "KR")
    wild["t3"] -= 2 * (wild["country"] == "KR")
    many = latent_item_bias(MODEL, wild, group="country")
    assert len(many.flagged) > 3
    assert "V033" in [one.code for one in many.notes]
    assert len(many.comparison["freed"].iloc[-1].split(", ")) == 3


def test_ordered_items_and_three_groups() -> None:
    result = latent_item_bias(MODEL, answers(), group="country", ordered=True)
    assert result.to_frame().set_index("item")["chisq"].idxmax() == "t1"
    data = simulated(groups=("JP", "KR", "US"))
    three = latent_item_bias(ONE_FACTOR, data, group="country", adjust="BH")
    assert (three.to_frame()["df"] == 4).all()
    assert three.comparison["group"].unique().tolist() == ["KR", "US"]


def test_moments_are_enough() -> None:
    data = answers()
    parts = {label: own[ITEMS] for label, own in data.groupby("country", sort=False)}
    moments = {
        "sample_cov": {label: own.cov() for label, own in parts.items()},
        "sample_mean": {label: own.mean() for label, own in parts.items()},
        "sample_nobs": {label: len(own) for label, own in parts.items()},
    }
    told = latent_item_bias(MODEL, **moments, estimator="ML")
    seen = latent_item_bias(MODEL, data, group="country", estimator="ML")
    assert np.allclose(told.frame["chisq"], seen.frame["chisq"], rtol=1e-5)
    assert np.allclose(told.frame["d_macs"], seen.frame["d_macs"], rtol=1e-5)
    assert [one.code for one in told.notes] == ["V034"]
    del moments["sample_mean"]
    with pytest.raises(SurveykitError, match="V003"):
        latent_item_bias(MODEL, **moments, estimator="ML")


def test_an_item_whose_model_does_not_converge_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from surveykit.analysis.invariance_fits import LevelFits
    from surveykit.analysis.sem_fit import SemFit

    real = LevelFits.fit

    def stuck(self: LevelFits, equal: tuple[str, ...], freed: tuple[str, ...] = ()) -> SemFit:
        fit = real(self, equal, freed)
        if "t2~1" in freed and len(freed) == 2:
            vars(fit)["converged"] = False
        return fit

    monkeypatch.setattr(LevelFits, "fit", stuck)
    result = latent_item_bias(MODEL, answers(), group="country")
    assert [one.code for one in result.notes] == ["V032"]
    assert np.isnan(result.to_frame().set_index("item").loc["t2", "chisq"])
    assert "t2" not in result.comparison["freed"].tolist()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"adjust": "holms"}, "O001"),
        ({"alpha": 5}, "O002"),
        ({"group": "land"}, "M"),
        ({"group": None}, "V009"),
    ],
)
def test_bad_input_is_refused(options: dict[str, object], code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        latent_item_bias(MODEL, answers(), **({"group": "country"} | options))
