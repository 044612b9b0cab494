"""What answers give away: counted over the declared quasi-identifiers, value by value and combined."""

from pathlib import Path

import pandas as pd
import pytest

from hand_made import instrument, item
from surveykit.errors import SurveykitError
from surveykit.study.disclosure import disclosed, disclosure

ROOT = Path(__file__).parents[2]


def people() -> pd.DataFrame:
    roles = [1.0] * 6 + [2.0] * 5 + [3.0]
    return pd.DataFrame(
        {
            "respondent": [f"R{n}" for n in range(12)],
            "country": ["JP"] * 5 + ["KR"] * 7,
            "role": roles,
            "city": ["Osaka"] * 12,
        }
    )


INST = instrument(item("role", "single", "role3"), item("city", "text"), quasi_identifiers=("role",))


def test_combinations_and_single_values_that_few_share() -> None:
    kept, found = disclosed(people(), INST, "country")
    assert (found.k, found.unique, found.quasi_identifiers) == (1, 2, ("country", "role"))
    assert found.frame.to_dict("records") == [
        {"country": "KR", "role": 1.0, "respondents": 1},
        {"country": "KR", "role": 3.0, "respondents": 1},
    ]
    assert found.small_cells.to_dict("records") == [{"column": "role", "value": 3.0, "respondents": 1}]
    assert "city" not in kept
    assert found.withheld == ("city",)


@pytest.mark.parametrize(("lang", "word"), [("en", "unique"), ("ja", "準識別子"), ("ko", "원문")])
def test_the_summary_says_it_in_words(lang: str, word: str) -> None:
    _, found = disclosed(people(), INST, "country")
    none = disclosed(people()[["respondent"]], INST, "nowhere")[1]
    assert word in found.summary(lang) + none.summary(lang)
    assert "T021" in found.summary(lang)


def test_an_item_answered_by_a_code_may_be_called_anything() -> None:
    inst = instrument(item("contact_frequency"), item("phone", "text"))
    frame = pd.DataFrame({"respondent": ["a"], "contact_frequency": [3.0]})
    assert disclosed(frame, inst, "country")[1].k == 1
    with pytest.raises(SurveykitError, match="T020"):
        disclosed(frame.assign(phone="03"), inst, "country")


def test_a_study_of_printed_moments_has_no_answers() -> None:
    with pytest.raises(SurveykitError, match="E014"):
        disclosure(ROOT / "analyses" / "smith_sivo_2012")
