"""What every comparison by a model says to groups that cannot be compared: a code, a sentence, a remedy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from surveykit.errors import SurveykitError

RNG = np.random.default_rng(1)
N = 200
LEVEL = RNG.normal(size=N)
DATA = pd.DataFrame({f"t{k}": np.clip(np.round(3 + LEVEL + RNG.normal(size=N)), 1, 5) for k in range(4)})
DATA["y"] = LEVEL + RNG.normal(size=N)
DATA["country"] = ["JP", "KR"] * (N // 2)
KOREA = DATA["country"] == "KR"
MODEL = "f =~ t0 + t1 + t2 + t3"

Call = Callable[..., Any]
CALLS: dict[str, Call] = {
    "measurement_invariance": lambda data, **more: sk.measurement_invariance(MODEL, data, **more),
    "ordered": lambda data, **more: sk.measurement_invariance(MODEL, data, ordered=True, **more),
    "compare_paths": lambda data, **more: sk.compare_paths(f"{MODEL}\ny ~ f", data, **more),
    "alignment": lambda data, **more: sk.alignment(MODEL, data, **more),
    "latent_item_bias": lambda data, **more: sk.latent_item_bias(MODEL, data, **more),
}
TABLES: dict[str, tuple[Any, str]] = {
    "no table": (DATA.to_dict("list"), "G033"),
    "an array": (DATA.to_numpy(), "G033"),
    "a column twice": (pd.concat([DATA, DATA[["t1"]]], axis=1), "G035"),
    "one group only": (DATA[~KOREA], "V001"),
    "no rows": (DATA.head(0), "V001"),
    "no group known": (DATA.assign(country=np.nan), "V001"),
    "a group of 3": (pd.concat([DATA[~KOREA], DATA[KOREA].head(3)]), "V008"),
    "a group of 1": (pd.concat([DATA[~KOREA], DATA[KOREA].head(1)]), "V008"),
    "a constant item in one country": (DATA.assign(t1=DATA["t1"].where(~KOREA, 3)), "V002"),
    "an item nobody answered in one country": (DATA.assign(t1=DATA["t1"].where(~KOREA)), "M084"),
    "an infinite value": (DATA.assign(t1=DATA["t1"].where(DATA.index != 3, np.inf)), "M086"),
    "text": (DATA.assign(t1="a"), "M085"),
    "a misspelt item": (DATA.rename(columns={"t1": "tt1"}), "M081"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("table", TABLES)
def test_groups_that_cannot_be_compared(call: str, table: str) -> None:
    data, code = TABLES[table]
    with pytest.raises(SurveykitError) as found:
        CALLS[call](data, group="country")
    assert found.value.code == code
    for lang in ("en", "ja", "ko"):
        assert found.value.note.text(lang)
        assert found.value.note.remedy(lang)


def test_a_category_used_in_one_country_only() -> None:
    data = DATA.assign(t1=DATA["t1"].where(~KOREA, DATA["t1"].clip(upper=4)))
    with pytest.raises(SurveykitError, match="V004") as found:
        CALLS["ordered"](data, group="country")
    assert "5" in str(found.value)
    # As numbers the answers have no categories: nothing to refuse.
    assert len(CALLS["measurement_invariance"](data, group="country").to_frame()) == 4


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("group", "code"), [("contry", "M082"), (["country"], "G001"), (None, "V009"), (["a", "b"], "G001")]
)
def test_a_group_that_is_no_column(call: str, group: Any, code: str) -> None:
    with pytest.raises(SurveykitError) as found:
        CALLS[call](DATA, group=group)
    assert found.value.code == code
    assert "country" in str(found.value)


@pytest.mark.parametrize(
    ("call", "options", "code"),
    [
        ("measurement_invariance", {"levels": ("metrc",)}, "O001"),
        ("measurement_invariance", {"levels": "metrc"}, "O001"),
        ("measurement_invariance", {"levels": None}, "O001"),
        ("measurement_invariance", {"levels": 2}, "O001"),
        ("measurement_invariance", {"criteria": "chen"}, "O001"),
        ("measurement_invariance", {"criteria": None}, "O001"),
        ("measurement_invariance", {"partial": "serch"}, "O001"),
        ("measurement_invariance", {"partial": 3}, "V010"),
        ("measurement_invariance", {"partial": [3]}, "V010"),
        ("measurement_invariance", {"partial": ["u9 ~ 1"]}, "V010"),
        ("measurement_invariance", {"estimator": "MLX"}, "O001"),
        ("compare_paths", {"paths": ["y ~ g"]}, "V017"),
        ("compare_paths", {"bootstrap": -1}, "M117"),
        ("compare_paths", {"bootstrap": "many"}, "M117"),
        ("compare_paths", {"conf_level": 95}, "O002"),
        ("compare_paths", {"adjust": "holms"}, "O001"),
        ("alignment", {"method": "fix"}, "O001"),
    ],
)
def test_options_that_do_not_exist(call: str, options: dict[str, Any], code: str) -> None:
    with pytest.raises(SurveykitError) as found:
        CALLS[call](DATA, group="country", **options)
    assert found.value.code == code


def test_one_level_by_its_name() -> None:
    named = sk.measurement_invariance(MODEL, DATA, group="country", levels="metric")
    assert named.to_frame()["level"].tolist() == ["configural", "metric"]
