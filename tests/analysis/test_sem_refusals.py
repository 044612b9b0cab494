"""Bad input to a model: a code and a sentence each, never a traceback of somebody else's."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import dataset
from surveykit.analysis.compare_models import compare_models
from surveykit.analysis.sem import cfa, sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import SurveykitError

HS = dataset("hs1939")
F = "f =~ x1 + x2 + x3 + x4"
COV = HS[["x1", "x2", "x3", "x4"]].cov()


def fitted(**options: Any) -> SemFit:
    return cfa(F, HS, **options)


REFUSED: dict[str, tuple[str, Callable[[], object]]] = {
    "no data": ("M080", lambda: cfa(F, None)),
    "a list": ("M080", lambda: cfa(F, [1, 2])),
    "unknown variable": ("M081", lambda: cfa("f =~ x1 + x2 + nosuch", HS)),
    "unknown group": ("M082", lambda: fitted(group="country")),
    "nothing left": ("M084", lambda: cfa(F, HS.assign(x1=np.nan))),
    "text": ("M085", lambda: cfa(F, HS.assign(x1="many"))),
    "infinite": ("M086", lambda: cfa(F, HS.assign(x1=np.inf))),
    "a column twice": ("M087", lambda: cfa(F, pd.concat([HS, HS[["x1"]]], axis=1))),
    "ordered but absent": ("M088", lambda: fitted(ordered=["nosuch"])),
    "no names": ("M089", lambda: cfa(F, sample_cov=COV.to_numpy(), sample_nobs=301)),
    "no number of cases": ("M090", lambda: cfa(F, sample_cov=COV)),
    "not square": ("M091", lambda: cfa(F, sample_cov=COV.iloc[:3], sample_nobs=301)),
    "other groups": ("M092", lambda: cfa(F, sample_cov={"a": COV, "b": COV}, sample_nobs={"a": 100})),
    "scores without cases": ("M094", lambda: cfa(F, sample_cov=COV, sample_nobs=301).factor_scores()),
    "bootstrap without cases": ("M094", lambda: cfa(F, sample_cov=COV, sample_nobs=301, bootstrap=10)),
    "cluster with gaps": ("M095", lambda: cfa(F, HS.assign(c=[None, *range(300)]), cluster="c")),
    "both kinds of data": ("M096", lambda: cfa(F, HS, sample_cov=COV, sample_nobs=301)),
    "no factor": ("M098", lambda: sem("x1 ~ x2", HS).factor_scores()),
    "nothing to release": ("M099", lambda: fitted().score_test()),
    "one replicate": ("M112", lambda: fitted(bootstrap=1)),
    "unknown group label": ("M113", lambda: fitted(group="school", group_label=["Pasteur", "Eton"])),
    "no errors": ("M115", lambda: fitted(se="none").vcov()),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_refused_with_a_code(what: str) -> None:
    code, call = REFUSED[what]
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code
    for lang in ("en", "ja", "ko"):
        assert len(caught.value.text(lang)) > 20


def test_rows_that_are_left_out_are_told() -> None:
    gaps = HS.assign(x1=HS["x1"].where(HS.index > 4))
    assert "M093" in {note.code for note in cfa(F, gaps).notes}
    lost = HS.assign(school=HS["school"].where(HS.index > 4))
    assert "M083" in {note.code for note in cfa(F, lost, group="school").notes}


def test_a_model_that_did_not_converge_gives_no_fit_measures() -> None:
    fit = dataclasses.replace(fitted(), converged=False)
    for call in (fit.fit_measures, fit.modification_indices, fit.score_test):
        with pytest.raises(SurveykitError, match="M097"):
            call()


def test_improper_solutions_are_named() -> None:
    small = dataset("poldem20")
    model = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\n"
    model += "dem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
    fit = sem(model, small)
    codes = {note.code for note in fit.notes}
    assert not fit.admissible
    assert "M107" in codes
    assert codes & {"M108", "M109"}


def test_a_worse_fit_of_the_freer_model_is_told() -> None:
    two = cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", HS)
    other = cfa("f =~ x1 + x4 + x5\ng =~ x2 + x3 + x6\nf ~~ 0*g", HS)
    assert compare_models(two, other).notes == ()
    tight = cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nf ~~ 0*g", HS)
    loose = cfa("f =~ x1 + x4 + x5\ng =~ x2 + x3 + x6", HS)
    assert "M103" in {note.code for note in compare_models(loose, tight).notes}


def test_a_scaled_difference_that_cannot_be_is_told() -> None:
    rng = np.random.default_rng(5)
    found: set[str] = set()
    for _ in range(60):
        few = HS.iloc[rng.choice(301, 60, replace=False)]
        free = cfa("f =~ x1 + x2 + x3 + x4 + x5 + x6", few, estimator="MLM")
        equal = cfa("f =~ x1 + a*x2 + a*x3 + x4 + x5 + x6", few, estimator="MLM")
        if free.converged and equal.converged:
            result = compare_models(free, equal)
            codes = {note.code for note in result.notes}
            assert np.isfinite(result.to_frame()["chisq_diff"].iloc[-1]) or "M105" in codes
            found |= codes
    assert found <= {"M105"}
