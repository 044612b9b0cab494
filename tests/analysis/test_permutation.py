"""Permutation tests against R's full enumeration."""

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close
from surveykit.analysis.permutation import permutation_test
from surveykit.errors import SurveykitError

WANTED = case("grp-permutation")["results"]


def test_exact_tests_equal_r() -> None:
    result = permutation_test(WANTED["x"], WANTED["y"])
    # Shares of 462 arrangements: equal to the last digit.
    pairs = [
        (result.mean_diff, "diff_means"),
        (result.arrangements, "n_permutations"),
        (result.pvalue_two_sided, "p_two_sided"),
        (result.pvalue_two_sided, "p_two_sided_by_t"),
        (result.pvalue_greater, "p_greater"),
        (result.pvalue_less, "p_less"),
    ]
    assert all(close(mine, WANTED[key], 1e-12) for mine, key in pairs)
    assert close(result.rank_pvalue, WANTED["wilcoxon_exact"]["p"], 1e-12)
    assert result.exact
    assert result.notes == ()


def test_sign_flips_equal_r() -> None:
    result = permutation_test(WANTED["paired_differences"], paired=True)
    assert close(result.pvalue, WANTED["sign_flip_p_two_sided"], 1e-12)
    assert close(result.rank_pvalue, WANTED["signed_rank_exact"]["p"], 1e-12)


def test_two_against_three_cannot_be_significant_and_says_so() -> None:
    data = pd.DataFrame({"country": list("JJKKK"), "trust": [5.0, 4.5, 3, 2, 1]})
    result = permutation_test(data, "trust", "country")
    assert (result.pvalue, result.smallest_pvalue) == (0.1, 0.1)
    assert [note.code for note in result.notes] == ["G007", "G038"]
    assert "smallest possible p = .100" in result.summary()


def test_five_against_ten_counts_all() -> None:
    result = permutation_test(range(10, 15), range(10), alternative="greater")
    assert (result.arrangements, result.pvalue) == (3003, 1 / 3003)


def test_many_arrangements_are_sampled_and_say_so() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(0.5, 1, 30), rng.normal(0, 1, 30)
    result = permutation_test(x, y, draws=999)
    assert [note.code for note in result.notes] == ["G008"]
    assert 1 / 1000 <= result.pvalue <= 1
    assert result.pvalue == permutation_test(x, y, draws=999).pvalue


@pytest.mark.parametrize(
    ("x", "y", "options", "code"),
    [
        ([], [1.0], {}, "G009"),
        ([1.0, 2.0], [1.0], {"paired": True}, "G010"),
        (["a"], [1.0], {}, "G003"),
        ([1.0], [1.0], {"alternative": "both"}, "O001"),
    ],
)
def test_bad_input_is_refused(x, y, options, code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        permutation_test(x, y, **options)
