"""Items that work differently, as a report shows them in every language."""

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.latent_item_bias import LatentItemBias, latent_item_bias
from surveykit.report.blocks import blocks
from surveykit.report.document import Paragraph, Table
from surveykit.report.names import Names

ITEMS = [f"t{k}" for k in range(5)]
MODEL = "trust =~ " + " + ".join(ITEMS)


def answers(shift: float) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frames = []
    for place, country in enumerate(("JP", "KR")):
        latent = 0.9 * (0.4 * place + rng.normal(size=(400, 1))) + 0.6 * rng.normal(size=(400, 5))
        latent[:, 1] += shift * place
        codes = np.digitize(latent, [-1.2, -0.4, 0.5, 1.4]) + 1
        frames.append(pd.DataFrame(codes, columns=ITEMS).assign(country=country))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def found() -> LatentItemBias:
    return latent_item_bias(MODEL, answers(1.0), group="country")


@pytest.mark.parametrize(
    ("lang", "said", "size"),
    [
        ("en", "These items work differently", "large"),
        ("ja", "働きが異なります", "大"),
        ("ko", "다르게", "큼"),
    ],
)
def test_both_methods_in_one_table(found: LatentItemBias, lang: str, said: str, size: str) -> None:
    names = Names(lang=lang, groups={"KR": "Korea"})
    sentence, items, effect = blocks(found, names, id="i")
    assert isinstance(sentence, Paragraph)
    assert said in sentence.text
    assert "t1" in sentence.text
    assert isinstance(items, Table)
    assert isinstance(effect, Table)
    line = items.rows[1]
    row = found.to_frame().iloc[1]
    texts = [cell.text.replace("−", "-") for cell in line]
    assert line[0].strong
    assert texts[:6] == [
        "t1", f"{row.chisq:.2f}", "2", "< .001", f"{row.d_macs:.2f}", f"{row.bias:.2f}",
    ]  # fmt: skip
    assert texts[6] == size
    assert texts[7] == f"{row.logistic_chisq:.2f}"
    assert [line[0].strong for line in items.rows] == found.to_frame()["flagged"].tolist()
    assert len(effect.rows) == len(found.comparison)
    assert effect.rows[2][0].text == "t1"
    assert effect.rows[2][3].text == f"{found.comparison['mean'][2]:.2f}"
    assert effect.rows[0][2].text == "Korea"


def test_nothing_found_is_said() -> None:
    shown = blocks(latent_item_bias(MODEL, answers(0.0), group="country"), Names(), id="i")
    assert isinstance(shown[0], Paragraph)
    assert shown[0].text == "No item was found to work differently in the groups."


def test_an_item_without_tests_shows_dashes(found: LatentItemBias) -> None:
    from dataclasses import replace

    frame = found.to_frame().copy()
    frame.loc[0, ["chisq", "pvalue_adjusted", "d_macs", "bias", "logistic_chisq"]] = np.nan
    frame.loc[0, ["size", "logistic_size"]] = None
    table = blocks(replace(found, frame=frame), Names(), id="i")[1]
    assert isinstance(table, Table)
    assert [table.rows[0][at].text for at in (1, 4, 5, 6, 7, 10)] == ["–"] * 6
