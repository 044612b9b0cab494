"""The shared option checks."""

import pytest

from surveykit.errors import SurveykitError
from surveykit.options import check_choice, check_share, nearest


def test_a_wrong_choice_names_the_nearest_one() -> None:
    with pytest.raises(SurveykitError, match="O001") as caught:
        check_choice("estimator", "MLRR", ["ML", "MLR", "WLSMV"])
    assert caught.value.fields["nearest"] == "'MLR'"


@pytest.mark.parametrize("value", [0.0, 1.0, 95, -0.5])
def test_a_confidence_level_lies_between_zero_and_one(value: float) -> None:
    with pytest.raises(SurveykitError, match="O002"):
        check_share("conf_level", value)


def test_nothing_near_is_none() -> None:
    assert nearest("zzz", ["ML"]) is None
