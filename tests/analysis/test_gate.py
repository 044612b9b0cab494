"""The gate: which observed differences stand, and what takes the place of the others."""

import numpy as np
import pandas as pd
import pytest
from invariance_data import HS, ONE_FACTOR, principals, simulated

from reference_data import dataset
from surveykit.analysis.gate import gate
from surveykit.analysis.group_comparison import GroupComparison, compare_groups
from surveykit.analysis.invariance import measurement_invariance
from surveykit.errors import SurveykitError

ITEMS = [f"i{number}" for number in range(1, 7)]


def scored(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(f=data[ITEMS].mean(axis=1))


def comparison(data: pd.DataFrame, outcomes: str = "f") -> GroupComparison:
    return compare_groups(data, outcomes, "country")


def invariant(n: int = 400, seed: int = 5) -> pd.DataFrame:
    """All items alike; the second group is 0.5 higher."""
    generator = np.random.default_rng(seed)
    frames = []
    for place, label in enumerate(("JP", "KR")):
        factor = 0.5 * place + generator.normal(size=n)
        items = 3 + 0.8 * factor[:, None] + 0.6 * generator.normal(size=(n, 6))
        frames.append(pd.DataFrame(items, columns=ITEMS).assign(country=label))
    return scored(pd.concat(frames, ignore_index=True))


def test_an_invariant_scale_stands() -> None:
    data = invariant()
    inv = measurement_invariance(ONE_FACTOR, data, group="country")
    one = gate(comparison(data), {"f": inv})["f"]
    assert (one.level, one.stands, one.reason, one.freed) == ("strict", True, None, ())
    assert one.latent is not None
    assert abs(one.latent.difference + 0.5) < 3 * one.latent.se  # first minus second: JP is lower
    means = inv.latent_means().iloc[0]
    assert one.latent.difference == pytest.approx(-means["mean"])
    assert one.latent.se == pytest.approx(means["se"])
    assert (one.latent.ci_lower, one.latent.ci_upper) == pytest.approx(
        (-means["ci_upper"], -means["ci_lower"])
    )
    assert one.latent.standardized == pytest.approx(one.latent.difference)


def test_partial_invariance_stands_with_a_reservation() -> None:
    data = scored(simulated())
    inv = measurement_invariance(ONE_FACTOR, data, group="country", partial="search")
    one = gate(comparison(data), {"f": inv})["f"]
    assert (one.level, one.stands) == ("partial_scalar", True)
    assert one.reason is not None
    assert one.reason.code == "V023"
    assert one.freed == ("f=~i2", "i5~1")


@pytest.mark.parametrize("override", [False, True])
def test_where_scalar_fails_the_latent_difference_takes_its_place(override: bool) -> None:
    data = scored(simulated())
    inv = measurement_invariance(ONE_FACTOR, data, group="country")
    assert not inv.means_comparable
    verdict = gate(comparison(data), {"f": inv}, override=override)
    one = verdict["f"]
    assert one.level in ("configural", "metric")
    assert one.stands == one.overridden == override
    assert one.reason is not None
    assert one.reason.code == ("V025" if override else "V022")
    assert one.failed["delta_cfi"] < -0.01
    assert one.freed == ("f=~i2", "i5~1")
    assert one.latent is not None
    assert abs(one.latent.difference + 0.4) < 3 * one.latent.se  # made with 0.4
    row = verdict.to_frame().iloc[0]
    assert row["observed"] == comparison(data).to_frame()["mean_diff"].iloc[0]
    assert row["latent"] == one.latent.difference
    assert verdict.to_dict()["outcomes"]["f"] is not None


def test_the_sign_follows_the_comparison() -> None:
    data = scored(simulated())
    turned = data.iloc[::-1]
    inv = measurement_invariance(ONE_FACTOR, data, group="country", partial="search")
    one, other = (gate(comparison(each), {"f": inv})["f"].latent for each in (data, turned))
    assert one is not None
    assert other is not None
    assert other.difference == pytest.approx(-one.difference)
    assert other.standardized == pytest.approx(-one.difference / 1.2, rel=0.15)  # KR: sd 1.2, n = 400


def test_two_of_three_groups() -> None:
    data = scored(simulated(groups=("JP", "KR", "US")))
    inv = measurement_invariance(ONE_FACTOR, data, group="country", partial="search")
    later = data[data["country"] != "JP"]
    one = gate(comparison(later), {"f": inv})["f"].latent
    assert one is not None
    means = inv.latent_means().set_index("group")["mean"]
    assert one.difference == pytest.approx(means["KR"] - means["US"])
    assert abs(one.difference + 0.4) < 3 * one.se


def test_nothing_helps() -> None:
    data = dataset("hs1939").rename(columns={"school": "country"})
    data["visual"] = data[["x1", "x4", "x7"]].mean(axis=1)
    inv = measurement_invariance("visual =~ x1 + x4 + x7 + x2 + x5 + x8", data, group="country")
    one = gate(comparison(data, "visual"), {"visual": inv})["visual"]
    assert (one.level, one.stands, one.latent) == ("none", False, None)
    assert one.reason is not None
    assert one.reason.code == "V024"


def test_untested_scales_do_not_stand() -> None:
    data = invariant()
    nothing = gate(comparison(data), {})["f"]
    short = measurement_invariance(ONE_FACTOR, data, group="country", levels=("metric",))
    for one in (nothing, gate(comparison(data), {"f": short})["f"]):
        assert not one.stands
        assert one.reason is not None
        assert one.reason.code == "V021"


def test_pisa_morale_does_not_stand() -> None:
    items = [f"SC26Q0{number}" for number in range(1, 5)]
    data = principals()
    data["morale"] = data[items].mean(axis=1)
    inv = measurement_invariance("morale =~ " + " + ".join(items), data, group="country")
    one = gate(comparison(data, "morale"), {"morale": inv})["morale"]
    assert not one.stands
    assert one.level == "configural"


def test_morale_after_the_search_is_told_with_a_warning() -> None:
    """Metric holds with one loading free, scalar fails with as few equal items as a search may leave."""
    items = [f"SC26Q0{number}" for number in range(1, 5)]
    data = principals()
    data["morale"] = data[items].mean(axis=1)
    model = "morale =~ " + " + ".join(items)
    inv = measurement_invariance(model, data, group="country", estimator="ML", partial="search")
    one = gate(comparison(data, "morale"), {"morale": inv})["morale"]
    assert (one.level, one.stands) == ("metric", False)
    assert one.reason is not None
    assert one.reason.code == "V031"
    assert one.latent is not None
    assert len(one.freed) >= 2
    for lang in ("en", "ja", "ko"):
        assert one.freed[0] in one.reason.text(lang)


def test_refusals() -> None:
    data = dataset("hs1939").rename(columns={"school": "country"})
    data["score"] = data[["x1", "x2", "x3"]].mean(axis=1)
    inv = measurement_invariance(HS, data, group="country")
    with pytest.raises(SurveykitError) as caught:
        gate(comparison(data, "score"), {"score": inv})
    assert caught.value.code == "V026"
    own = scored(simulated())
    other = measurement_invariance(ONE_FACTOR, simulated(groups=("A", "B")), group="country")
    with pytest.raises(SurveykitError) as caught:
        gate(comparison(own), {"f": other})
    assert caught.value.code == "V027"
