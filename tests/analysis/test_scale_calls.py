"""Calls of the analyses of scales: refused in words if they do not fit; examples; where warnings point."""

import doctest
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bad_tables import CALLS, GOOD

import surveykit as sk
from surveykit.errors import SurveykitError, SurveykitWarning

NAMES = sorted(
    {name.split()[0] for name in CALLS}
    | {"ave", "composite_reliability", "convergent_validity", "fornell_larcker"}
)


@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_does_not_fit_is_refused_in_words(name: str) -> None:
    function = getattr(sk, name)
    # The method factor's options are those of cfa, which refuses them once there is a model and data.
    with pytest.raises(SurveykitError, match="O006" if name == "unmeasured_method_factor" else "O005"):
        function(GOOD, bootstrp=100)
    with pytest.raises(SurveykitError, match="O006"):
        function()
    with pytest.raises(SurveykitError, match="O007"):
        function(*[GOOD] * 9)


@pytest.mark.parametrize("name", NAMES)
def test_its_example_runs(name: str) -> None:
    function = getattr(sk, name)
    (example,) = doctest.DocTestFinder(recurse=False).find(
        function, name, module=False, globs=vars(sys.modules[function.__module__]) | {"np": np, "pd": pd}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)
        failed, tried = doctest.DocTestRunner().run(example)
    assert (failed, tried > 0) == (0, True)


BACKWARDS = GOOD.assign(a=6 - GOOD["a"])
TEAMS = pd.DataFrame({"g": list("aabb"), "x": [1, 2, 4, 7], "y": [2, 2, 7, 4]})
BINARY = pd.DataFrame({"a": [0, 0, 1, 1, 1, 0], "b": [0, 0, 1, 1, 1, 0], "c": [0, 1, 1, 1, 0, 0]})
WARNING: dict[str, Any] = {
    "cronbach_alpha": lambda: sk.cronbach_alpha(BACKWARDS),
    "guttman": lambda: sk.guttman(BACKWARDS),
    "split_half": lambda: sk.split_half(BACKWARDS),
    "polychoric": lambda: sk.polychoric(BINARY),
    "rwg": lambda: sk.rwg(TEAMS, "g"),
    "krippendorff_alpha": lambda: sk.krippendorff_alpha(np.array([[1, 2, 1], [2, 2, 1]]), bootstrap=10),
}


@pytest.mark.parametrize("name", WARNING)
def test_a_warning_points_at_the_line_of_the_call(name: str) -> None:
    with pytest.warns(SurveykitWarning) as caught:
        WARNING[name]()
    assert {one.filename for one in caught} == {__file__}
