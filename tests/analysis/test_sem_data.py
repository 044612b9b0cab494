"""Data and options of a model: what is taken, in what order, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from reference_data import dataset
from surveykit.errors import SurveykitError

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
ITEMS = [f"x{number}" for number in range(1, 10)]
DATA = dataset("hs1939")
COV = DATA[ITEMS].cov()
CHISQ = 85.3055217697941  # lavaan


def code(model: Any, data: Any = None, **options: Any) -> str:
    with pytest.raises(SurveykitError) as caught:
        sk.cfa(model, data, **options)
    return caught.value.code


def codes(fit: Any) -> list[str]:
    return [one.code for one in fit.notes]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (None, "M080"),
        (DATA.to_numpy(), "M080"),
        ({"x1": [1, 2]}, "M080"),
        (DATA["x1"], "M080"),
        (DATA.drop(columns="x4"), "M081"),
        (pd.concat([DATA, DATA], axis=1), "M087"),
        (DATA.head(0), "M084"),
        (DATA.assign(x1=np.nan), "M084"),
        (DATA.assign(x1=DATA["x1"].astype(str)), "M085"),
        (DATA.assign(x1=pd.Timestamp("2020-01-01")), "M085"),
        (DATA.assign(x1=DATA["x1"] + 1j), "M085"),
        (DATA.assign(x1=np.inf), "M086"),
        (DATA.assign(x1=3), "M041"),
        (DATA.assign(x1=DATA["x2"]), "M042"),
        (DATA.head(5), "M043"),
    ],
)
def test_frames_that_cannot_be_used_are_refused(data: Any, wanted: str) -> None:
    assert code(HS, data) == wanted


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"group": "country"}, "M082"),
        ({"cluster": "country"}, "M082"),
        ({"group": "school", "group_label": ["Tokyo"]}, "M113"),
        ({"ordered": ["y1"]}, "M088"),
        ({"estimator": "MLZ"}, "O001"),
        ({"estimator": 3}, "O001"),
        ({"missing": "drop"}, "O001"),
        ({"se": "jackknife"}, "O001"),
        ({"group": "school", "group_equal": "loading"}, "O001"),
        ({"conf_level": 95}, "O002"),
        ({"bootstrap": 1}, "M112"),
        ({"bootstrap": -1}, "M117"),
        ({"bootstrap": "many"}, "M117"),
        ({"bootstrap": 10.5}, "M117"),
        ({"bootstrap": 10, "seed": "a"}, "M117"),
        ({"bootstrap": 10, "n_jobs": 0}, "M117"),
        ({"sample_cov": COV, "sample_nobs": 301}, "M096"),
        ({"sample_nobs": 301}, "M096"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], wanted: str) -> None:
    assert code(HS, DATA, **options) == wanted


@pytest.mark.parametrize(("model", "wanted"), [("", "M003"), (None, "M119"), (3, "M119"), ("f", "M004")])
def test_what_is_no_model_is_refused(model: Any, wanted: str) -> None:
    assert code(model, DATA) == wanted


def lower(cov: pd.DataFrame) -> pd.DataFrame:
    return cov.where(np.tril(np.ones(cov.shape)) > 0)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"sample_cov": COV}, "M090"),
        ({"sample_cov": COV.to_numpy(), "sample_nobs": 301}, "M089"),
        ({"sample_cov": lower(COV), "sample_nobs": 301}, "M091"),
        ({"sample_cov": COV.iloc[:, :5], "sample_nobs": 301}, "M091"),
        ({"sample_cov": COV.reset_index(), "sample_nobs": 301}, "M091"),
        ({"sample_cov": COV.iloc[:5, :5], "sample_nobs": 301}, "M081"),
        ({"sample_cov": COV, "sample_nobs": "many"}, "M117"),
        ({"sample_cov": COV, "sample_nobs": 0}, "M117"),
        ({"sample_cov": COV, "sample_nobs": np.nan}, "M117"),
        ({"sample_cov": COV, "sample_nobs": 301, "sample_mean": [1.0, 2.0]}, "M092"),
        ({"sample_cov": [COV, COV], "sample_nobs": 301}, "M092"),
        ({"sample_cov": [COV, COV], "sample_nobs": [301, 200], "group_label": ["a"]}, "M092"),
        ({"sample_cov": {"a": COV, "b": COV}, "sample_nobs": {"a": 301, "c": 200}}, "M092"),
        ({"sample_cov": COV, "sample_nobs": 301, "group": "school"}, "M096"),
        ({"sample_cov": COV, "sample_nobs": 301, "estimator": "MLR"}, "M094"),
        ({"sample_cov": COV, "sample_nobs": 301, "estimator": "WLS"}, "M094"),
        ({"sample_cov": COV, "sample_nobs": 301, "test": "satorra.bentler"}, "M094"),
        ({"sample_cov": COV, "sample_nobs": 301, "information": "first.order"}, "M094"),
        ({"sample_cov": COV, "sample_nobs": 301, "missing": "ml"}, "M094"),
        ({"sample_cov": COV, "sample_nobs": 301, "bootstrap": 100}, "M094"),
        ({"sample_cov": COV, "sample_nobs": 301, "ordered": True}, "M094"),
    ],
)
def test_summary_statistics_that_cannot_be_used_are_refused(options: dict[str, Any], wanted: str) -> None:
    assert code(HS, **options) == wanted


def test_a_misspelled_variable_gets_the_nearest_name() -> None:
    data = DATA.rename(columns={"x4": "textual4"})
    with pytest.raises(SurveykitError, match="textual_4 → textual4"):
        sk.cfa("f =~ x1 + x2 + x3 + textual_4", data)


def test_what_the_frame_holds_beside_does_not_matter() -> None:
    data = DATA.sample(frac=1, axis=1, random_state=4).assign(comment="text", empty=np.nan)
    fit = sk.cfa(HS, data)
    assert fit.fit_measures()["chisq"] == pytest.approx(CHISQ, rel=1e-9)
    assert fit.notes == ()


@pytest.mark.parametrize(
    "turn",
    [
        lambda column: column.astype("Float64"),
        lambda column: column.astype(object),
        lambda column: column.astype("float32").astype("float64"),
        lambda column: pd.Series(pd.Categorical(column), index=column.index),
    ],
)
def test_numbers_of_any_dtype_are_numbers(turn: Any) -> None:
    fit = sk.cfa(HS, DATA.assign(x2=turn(DATA["x2"])))
    assert fit.fit_measures()["chisq"] == pytest.approx(CHISQ, rel=1e-6)  # float32 has seven digits


def test_incomplete_rows_are_counted() -> None:
    fit = sk.cfa(HS, dataset("hs1939_missing"))
    (note,) = fit.notes
    assert note.code == "M093"
    assert note.fields["used"] == fit.ntotal < note.fields["total"] == 301


# --- groups --------------------------------------------------------------------------------


def test_groups_come_in_order_of_appearance_or_as_asked() -> None:
    assert sk.cfa(HS, DATA, group="school").group_labels == ("Pasteur", "Grant-White")
    asked = sk.cfa(HS, DATA, group="school", group_label=["Grant-White", "Pasteur"])
    assert asked.group_labels == ("Grant-White", "Pasteur")
    assert asked.nobs == (145, 156)
    assert list(asked.r_squared()) == ["Grant-White", "Pasteur"]


def test_one_of_the_groups_alone() -> None:
    alone = sk.cfa(HS, DATA, group="school", group_label=["Pasteur"])
    assert alone.group_labels == ()
    assert alone.ntotal == 156


def test_numbers_name_groups() -> None:
    numbered = DATA.assign(school=DATA["school"].map({"Pasteur": 2.0, "Grant-White": 1.0}))
    assert sk.cfa(HS, numbered, group="school").group_labels == ("2", "1")
    assert sk.cfa(HS, numbered, group="school", group_label=[1, 2]).group_labels == ("1", "2")


def test_rows_without_a_group_are_left_out_and_counted() -> None:
    data = DATA.assign(school=DATA["school"].where(DATA.index > 9))
    fit = sk.cfa(HS, data, group="school")
    assert fit.ntotal == 291
    assert [(one.code, one.fields["count"]) for one in fit.notes] == [("M083", 10)]
    assert code(HS, DATA.assign(school=np.nan), group="school") == "M084"


def test_a_case_without_a_cluster_is_refused() -> None:
    data = DATA.assign(class_=np.where(DATA.index < 3, np.nan, DATA.index % 20))
    assert code(HS, data, cluster="class_") == "M095"


# --- ordered, products, summary statistics ---------------------------------------------------


def test_ordered_columns_are_ordered_items() -> None:
    plain = dataset("datcat")
    items = [f"u{number}" for number in range(1, 5)]
    model = "f =~ " + " + ".join(items)
    asked = sk.cfa(model, plain, ordered=True)
    assert asked.estimator == "WLSMV"
    typed = plain.assign(**{one: pd.Categorical(plain[one], ordered=True) for one in items})
    found = sk.cfa(model, typed)
    assert found.fit_measures()["chisq_scaled"] == pytest.approx(
        asked.fit_measures()["chisq_scaled"], rel=1e-9
    )
    for ordered in (items, tuple(items)):
        again = sk.cfa(model, plain, ordered=ordered).fit_measures()
        assert again["chisq"] == pytest.approx(asked.fit_measures()["chisq"], rel=1e-9)
    assert sk.cfa(model, typed, ordered=False).estimator == "ML"


def test_words_in_order_are_categories() -> None:
    plain = dataset("datcat")[["u1", "u2", "u3", "u4"]]
    words = dict(zip(sorted(plain["u1"].unique()), "edcba", strict=False))
    typed = plain.assign(
        u1=pd.Categorical(plain["u1"].map(words), categories=list(words.values()), ordered=True)
    )
    model = "f =~ u1 + u2 + u3 + u4"
    one, two = (sk.cfa(model, data, ordered=True).fit_measures()["chisq"] for data in (plain, typed))
    assert one == pytest.approx(two, rel=1e-9)


def test_products_are_made_from_their_parts() -> None:
    fit = sk.sem("x9 ~ x1 + x2 + x1:x2", DATA)
    made = sk.sem("x9 ~ x1 + x2 + product", DATA.assign(product=DATA["x1"] * DATA["x2"]))
    assert fit.parameter_estimates()["est"][2] == pytest.approx(
        made.parameter_estimates()["est"][2], rel=1e-9
    )


def test_summary_statistics_give_the_same_fit() -> None:
    fit = sk.cfa(HS, sample_cov=COV, sample_nobs=301)
    assert fit.fit_measures()["chisq"] == pytest.approx(CHISQ, rel=1e-9)
    for shuffled in (COV.iloc[::-1], COV.iloc[:, ::-1], COV.reset_index(drop=True)):
        again = sk.cfa(HS, sample_cov=shuffled, sample_nobs=301)
        assert again.fit_measures()["chisq"] == pytest.approx(CHISQ, rel=1e-9)


def test_summary_statistics_by_group() -> None:
    parts = {str(name): rows[ITEMS] for name, rows in DATA.groupby("school", sort=False)}
    cov = {name: rows.cov() for name, rows in parts.items()}
    mean = {name: rows.mean() for name, rows in parts.items()}
    size = {name: len(rows) for name, rows in parts.items()}
    equal = {"group_equal": ["loadings", "intercepts"]}
    wanted = sk.cfa(HS, DATA, group="school", **equal)
    for given in ((cov, mean, size), tuple(list(one.values()) for one in (cov, mean, size))):
        names = ("sample_cov", "sample_mean", "sample_nobs")
        fit = sk.cfa(HS, **dict(zip(names, given, strict=True)), **equal)
        assert fit.fit_measures()["chisq"] == pytest.approx(wanted.fit_measures()["chisq"], rel=1e-9)
        assert fit.nobs == wanted.nobs
        assert fit.notes == ()
    assert fit.group_labels == ("Group 1", "Group 2")
    named = sk.cfa(HS, sample_cov=list(cov.values()), sample_nobs=list(size.values()), group_label=["p", "g"])
    assert named.group_labels == ("p", "g")
    # lavaan 0.7-2, cfa(HS, sample.cov = list(...), sample.nobs = list(...)): no means without sample.mean
    assert named.fit_measures()[["npar", "df"]].tolist() == [42, 48]
    assert not named.options["meanstructure"]
    assert codes(named) == []
    empty = sk.cfa(HS, sample_cov=cov, sample_nobs=size, group_equal=["intercepts"])
    assert codes(empty) == ["M118"]


def test_a_parameter_table_is_a_model() -> None:
    fit = sk.sem("visual =~ x1 + a*x2 + x3\nx9 ~ b*visual + sex\nab := a*b\na == 2*b", DATA)
    again = sk.sem(fit.parameter_table(), DATA)
    pd.testing.assert_frame_equal(fit.parameter_estimates(), again.parameter_estimates(), rtol=1e-6)
