"""The ladder of invariance in a report, and the gate that it opens or closes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.gate import level_of
from surveykit.analysis.invariance_criteria import CHEN_2007_SMALL, Criteria
from surveykit.errors import Note, note
from surveykit.report.document import Paragraph, Table
from surveykit.report.invariance_tables import invariance_blocks, ladder_table
from surveykit.report.names import Names

LEVELS = ("configural", "metric", "scalar", "strict")


@dataclass
class Ladder:
    """The numbers of an InvarianceResult, made up."""

    frame: pd.DataFrame
    level: str | None
    partial: bool = False
    freed: pd.DataFrame = field(default_factory=pd.DataFrame)
    fits: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(LEVELS))
    criteria: Criteria = CHEN_2007_SMALL
    group_labels: tuple[str, ...] = ("JP", "KR")
    notes: tuple[Note, ...] = (note("S009"),)
    versions: tuple[str, ...] = ("robust", "scaled")

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    @property
    def judged(self) -> pd.DataFrame:
        """As the ladder does: the first version that there is and that could be computed."""
        found = self.frame[["level", "cfi", "rmsea", "srmr"]].copy()
        for name in ("cfi", "rmsea"):
            for kind in reversed(self.versions):
                if f"{name}_{kind}" in self.frame:
                    found[name] = self.frame[f"{name}_{kind}"].fillna(found[name])
        return found

    @property
    def means_comparable(self) -> bool:
        return bool(self.frame.loc[self.frame["level"] == "scalar", "holds"].any())

    def latent_means(self) -> pd.DataFrame:
        line = {"factor": "trust", "group": "KR", "mean": 0.77, "se": 0.19, "z": 4.1, "pvalue": 0.00005}
        return pd.DataFrame([line | {"ci_lower": 0.40, "ci_upper": 1.15}])


def ladder(holding: int, *, robust: bool = True, **more: Any) -> Any:
    """A ladder of which the first so many levels hold."""
    frame = pd.DataFrame(
        {
            "level": LEVELS,
            "chisq": [7.04, 7.91, 59.06, 68.14],
            "df": [4, 7, 10, 14],
            "cfi": [0.989, 0.997, 0.827, 0.809],
            "tli": [0.97, 0.99, 0.79, 0.83],
            "rmsea": [0.08, 0.033, 0.202, 0.18],
            "srmr": [0.023, 0.029, 0.117, 0.121],
            "aic": [2993.9, 2988.8, 3033.9, 3035.0],
            "bic": [3077.5, 3061.9, 3096.6, 3083.8],
            "chisq_JP": [2.8, 3.1, 20.0, 25.0],
            "chisq_KR": [4.24, 4.81, 39.06, 43.14],
            "chisq_diff": [np.nan, 0.87, 51.15, 9.08],
            "df_diff": [np.nan, 3, 3, 4],
            "pvalue": [np.nan, 0.83, 1e-9, 0.059],
            "delta_cfi": [np.nan, 0.008, -0.17, -0.018],
            "delta_rmsea": [np.nan, -0.047, 0.169, -0.022],
            "delta_srmr": [np.nan, 0.006, 0.088, 0.004],
            "holds": [place < holding for place in range(4)],
            "partial": [more.get("partial", False) and place > 1 for place in range(4)],
        }
    )
    if robust:
        frame["chisq_scaled"] = [6.30, 7.31, 56.92, 69.42]
        frame["cfi_robust"] = [0.991, 0.999, 0.828, np.nan]
        frame["rmsea_robust"] = [0.073, 0.020, 0.201, np.nan]
        frame["tli_robust"] = [0.973, 0.998, 0.794, np.nan]
    return Ladder(frame, LEVELS[holding - 1] if holding else None, **more)


def line(table: Table, place: int) -> list[str]:
    return [cell.text for cell in table.rows[place]]


def test_all_levels_in_one_table() -> None:
    table = ladder_table(ladder(2, robust=False), Names())
    assert line(table, 0) == [
        *("configural", "7.04", "4", ".989", ".970", ".080", ".023"),
        *("–", "–", "–", "–", "–", "–", "holds"),
    ]
    assert line(table, 2) == [
        *("scalar", "59.06", "10", ".827", ".790", ".202", ".117"),
        *("51.15", "3", "< .001", "−.170", ".169", ".088", "fails"),
    ]
    assert [row[-1].strong for row in table.rows] == [False, False, True, True]
    assert "ΔCFI ≥ −.005, ΔRMSEA ≤ .010, ΔSRMR ≤ .025 / .005" in table.notes[0]
    assert table.notes[-1].endswith("[S009]")


def test_the_versions_that_decide_are_shown() -> None:
    table = ladder_table(ladder(2), Names())
    assert line(table, 1)[1:4] == ["7.31", "7", ".999"]
    assert line(table, 2)[10] == "−.171"
    assert line(table, 3)[3] == ".809"  # the robust one could not be computed
    assert any("robust" in one for one in table.notes)


def test_partial_levels_are_called_so() -> None:
    table = ladder_table(ladder(4, partial=True), Names(lang="ko"))
    assert line(table, 2)[0] == "절편불변성 (부분)"
    assert line(table, 1)[0] == "측정단위불변성(부하량)"


@pytest.mark.parametrize(
    ("holding", "partial", "level", "said"),
    [
        (0, False, "none", "Neither relations nor means"),
        (1, False, "configural", "Neither relations nor means"),
        (2, False, "metric", "means may not"),
        (3, False, "scalar", "Relations and means may be compared"),
        (3, True, "partial_scalar", "latent means of the partial model"),
        (4, False, "strict", "Relations and means may be compared"),
        (4, True, "partial_scalar", "latent means of the partial model"),
    ],
)
def test_what_may_be_compared(holding: int, partial: bool, level: str, said: str) -> None:
    result = ladder(holding, partial=partial)
    assert level_of(result) == level
    first = invariance_blocks(result, Names())[0]
    assert isinstance(first, Paragraph)
    assert said in first.text


def test_scaled_versions_are_shown_where_they_decide() -> None:
    """Ordered items are judged on the scaled indices, though robust ones stand in the frame."""
    result = ladder(2)
    for name in ("cfi", "tli", "rmsea"):
        result.frame[f"{name}_scaled"] = [0.981, 0.982, 0.801, 0.702]
    result.versions = ("scaled",)
    table = ladder_table(result, Names())
    assert line(table, 1)[3:6] == [".982", ".982", ".982"]
    assert line(table, 2)[10] == "−.181"
    assert any("scaled versions" in one for one in table.notes)
    assert not any("robust" in one for one in table.notes)


def test_blocks_of_a_search() -> None:
    freed = pd.DataFrame([("scalar", "trust_2~1", 49.2, 1e-9, 0.988)])
    freed.columns = pd.Index(["level", "parameter", "chisq", "pvalue", "cfi"])
    found = invariance_blocks(ladder(3, partial=True, freed=freed), Names(groups={"KR": "Korea"}), id="i")
    tables = {one.id: one for one in found if isinstance(one, Table)}
    assert list(tables) == ["i", "i-groups", "i-freed", "i-means"]
    assert line(tables["i-groups"], 2) == ["scalar", "59.06", "20.00", "39.06", "3033.9", "3096.6"]
    assert tables["i-groups"].header == ("Level", "χ²", "χ² JP", "χ² Korea", "AIC", "BIC")
    assert line(tables["i-freed"], 0) == ["1", "scalar", "trust_2~1", "49.20", "< .001", ".988"]
    assert line(tables["i-means"], 0) == ["trust", "Korea", "0.77", "0.19", "< .001", "[0.40, 1.15]"]


def test_without_comparable_means_none_are_shown() -> None:
    found = invariance_blocks(ladder(2), Names(), id="i")
    assert [one.id for one in found if isinstance(one, Table)] == ["i", "i-groups"]
