"""The shared option checks."""

import pytest

from surveykit.errors import SurveykitError
from surveykit.options import check_choice, check_share, checked_call, nearest


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


@checked_call
def weighed(items: list[float], weight: float, *, missing: str = "listwise") -> float:
    """Weighs items."""
    return weight * sum(items)


@pytest.mark.parametrize(
    ("args", "options", "code"),
    [
        (([1.0], 2.0), {"mising": "keep"}, "O005"),
        (([1.0],), {}, "O006"),
        ((), {"weight": 1.0}, "O006"),
        (([1.0], 2.0, "listwise"), {}, "O007"),
        (([1.0], 2.0), {"items": [1.0]}, "O007"),
    ],
)
def test_a_call_that_does_not_fit(args: tuple[object, ...], options: dict[str, object], code: str) -> None:
    with pytest.raises(SurveykitError, match=code) as caught:
        weighed(*args, **options)  # type: ignore[arg-type]
    assert caught.value.__suppress_context__
    assert all(caught.value.text(lang) for lang in ("en", "ja", "ko"))


def test_a_misspelt_option_is_told_its_nearest() -> None:
    with pytest.raises(SurveykitError, match="Perhaps you meant missing") as caught:
        weighed([1.0], 2.0, mising="keep")  # type: ignore[call-arg]
    assert caught.value.fields["options"] == "items, weight, missing"


def test_a_call_that_fits_is_left_alone() -> None:
    assert weighed([1.0, 2.0], 2.0) == 6.0
    assert weighed.__doc__ == "Weighs items."
    with pytest.raises(TypeError, match="unsupported operand"):
        weighed(["a"], 2.0)  # type: ignore[list-item]
