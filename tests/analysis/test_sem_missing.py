"""Missing data through the public face: who stays, what is said about it, what cannot be done."""

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from reference_data import dataset
from surveykit.errors import Note, SurveykitError

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
COVARIATES = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~ sex + ageyr\ntextual ~ sex + visual"
ITEMS = [f"x{number}" for number in range(1, 10)]


def pupils() -> pd.DataFrame:
    return dataset("hs1939_missing")


def told(notes: tuple[Note, ...], code: str) -> Note:
    """The one note of this code."""
    (found,) = (one for one in notes if one.code == code)
    return found


def test_rows_without_a_value_are_left_out_and_counted() -> None:
    data = pupils()
    data.loc[3:6, ITEMS] = np.nan
    fit = sk.cfa(HS, data, missing="ml")
    assert fit.ntotal == 297
    assert fit.fit_measures()["ntotal"] == 297
    assert told(fit.notes, "M135").fields == {"count": 4, "total": 301, "where": ""}


def test_rows_without_a_covariate_are_left_out_unless_it_is_random() -> None:
    data = pupils()
    data.loc[:4, "ageyr"] = np.nan
    fixed = sk.sem(COVARIATES, data, missing="ml")
    assert fixed.ntotal == 296
    note = told(fixed.notes, "M136")
    assert note.fields["count"] == 5
    assert "fixed_x=False" in note.remedy()
    random = sk.sem(COVARIATES, data, missing="ml", fixed_x=False)
    assert random.ntotal == 301
    assert not [one for one in random.notes if one.code == "M136"]


def test_rows_with_covariates_only_stay_as_in_lavaan() -> None:
    data = pupils()
    data.loc[:4, ITEMS] = np.nan
    assert sk.sem(COVARIATES, data, missing="ml").ntotal == 301


def test_fiml_is_another_word_for_ml() -> None:
    one, two = (sk.cfa(HS, pupils(), missing=word) for word in ("ml", "fiml"))
    pd.testing.assert_frame_equal(one.parameter_estimates(), two.parameter_estimates())


def test_missing_values_of_every_kind_are_gaps() -> None:
    data = pupils()
    masked = data.copy()
    masked["x2"] = masked["x2"].astype("Float64")
    masked["x5"] = masked["x5"].astype(object).where(masked["x5"].notna(), None)
    one, two = (sk.cfa(HS, each, missing="ml").fit_measures()["chisq"] for each in (data, masked))
    assert one == pytest.approx(two, rel=1e-12)


def test_pairs_never_seen_together_are_named() -> None:
    data = pupils()
    place = np.arange(len(data))
    data.loc[place % 2 == 0, "x2"] = np.nan
    data.loc[place % 2 == 1, "x5"] = np.nan
    fit = sk.cfa(HS, data, missing="ml")
    assert told(fit.notes, "M132").fields["pairs"] == "x2 – x5"
    for missing in ("two.stage", "robust.two.stage", "pairwise"):
        with pytest.raises(SurveykitError, match="x2 – x5") as caught:
            sk.cfa(HS, data, missing=missing)
        assert caught.value.code == "M133"


def test_pairs_seldom_seen_together_are_named() -> None:
    data = pupils()
    data.loc[20:, "x1"] = np.nan
    fit = sk.cfa(HS, data, missing="ml")
    assert "x1" in told(fit.notes, "M134").fields["pairs"]


def test_rows_that_do_not_determine_the_moments_are_refused() -> None:
    rng = np.random.default_rng(3)
    data = pupils().iloc[:24].copy()
    data[ITEMS] = data[ITEMS].where(rng.random((24, 9)) > 0.5)
    with pytest.raises(SurveykitError) as caught:
        sk.cfa(HS, data, missing="ml")
    assert caught.value.code == "M131"
    assert caught.value.fields["p"] == 9


def test_a_variable_without_values_in_one_group_is_named() -> None:
    data = pupils()
    data.loc[data["school"] == "Pasteur", "x7"] = np.nan
    with pytest.raises(SurveykitError, match="x7") as caught:
        sk.cfa(HS, data, missing="ml", group="school")
    assert caught.value.code == "M130"
    assert "Pasteur" in str(caught.value)


def test_a_constant_and_a_copy_are_named_as_with_complete_rows() -> None:
    data = pupils()
    data["x9"] = np.where(data["x9"].notna(), 3.0, np.nan)
    with pytest.raises(SurveykitError, match="x9") as caught:
        sk.cfa(HS, data, missing="ml")
    assert caught.value.code == "M041"
    data["x9"] = data["x8"]
    with pytest.raises(SurveykitError, match="x8") as caught:
        sk.cfa(HS, data, missing="ml")
    assert caught.value.code == "M042"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"estimator": "MLM", "missing": "ml"}, "missing='ml'"),
        ({"missing": "ml", "se": "robust.sem"}, "se='robust.sem'"),
        ({"missing": "ml", "test": "satorra.bentler"}, "test='satorra.bentler'"),
        ({"missing": "ml", "test": "browne.residual.adf"}, "test='browne.residual.adf'"),
        ({"missing": "pairwise", "estimator": "MLR"}, "missing='pairwise'"),
        ({"missing": "pairwise", "se": "robust"}, "se='robust.sem'"),
        ({"missing": "ml", "ordered": ["x1", "x2"]}, "missing='ml'"),
    ],
)
def test_what_needs_complete_rows_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(SurveykitError) as caught:
        sk.cfa(HS, pupils(), **options)  # type: ignore[arg-type]
    assert caught.value.code == "M040"
    assert said in str(caught.value)


def test_standardized_estimates_do_not_depend_on_the_scale_of_an_item() -> None:
    data = pupils()
    scaled = data.assign(x4=data["x4"] * 100)
    one, two = (sk.cfa(HS, each, missing="ml", estimator="MLR") for each in (data, scaled))
    names = ["chisq", "chisq_scaled", "cfi_robust", "rmsea_robust"]
    pd.testing.assert_series_equal(one.fit_measures()[names], two.fit_measures()[names], rtol=1e-7)
    columns = ["est_std", "se"]
    pd.testing.assert_frame_equal(
        one.standardized_solution()[columns], two.standardized_solution()[columns], rtol=1e-5
    )


def test_fewer_restrictions_fit_no_worse() -> None:
    options = {"group": "school", "missing": "ml"}
    fits = [
        sk.cfa(HS, pupils(), group_equal=equal, **options).fit_measures()  # type: ignore[arg-type]
        for equal in ([], ["loadings"], ["loadings", "intercepts"], ["loadings", "intercepts", "residuals"])
    ]
    chisq = [one["chisq"] for one in fits]
    assert chisq == sorted(chisq)
    assert [one["df"] for one in fits] == [48, 54, 60, 69]


def test_groups_in_another_order_have_the_same_fit() -> None:
    data = pupils()
    options = {"group": "school", "missing": "ml", "group_equal": "loadings"}
    one = sk.cfa(HS, data, **options)  # type: ignore[arg-type]
    two = sk.cfa(HS, data.iloc[::-1], **options)  # type: ignore[arg-type]
    assert one.group_labels == two.group_labels[::-1]
    assert one.fit_measures()["chisq"] == pytest.approx(two.fit_measures()["chisq"], rel=1e-9)


def test_factor_scores_of_incomplete_rows() -> None:
    scores = sk.cfa(HS, pupils(), missing="ml").factor_scores()
    assert scores.shape == (301, 3)
    assert np.isfinite(scores.to_numpy()).all()


def test_the_summary_counts_patterns() -> None:
    def counts(text: str) -> list[str]:
        lines = text.splitlines()
        first = next(at for at, line in enumerate(lines) if "missing patterns" in line)
        return [line.rpartition(" ")[2] for line in lines[first : first + 3]]

    whole = sk.cfa(HS, pupils(), missing="ml").summary()
    assert counts(whole)[0] == str(len(pupils()[ITEMS].isna().drop_duplicates()))
    schools = sk.cfa(HS, pupils(), missing="two.stage", group="school").summary()
    groups = pupils().groupby("school", sort=False)[ITEMS]
    assert counts(schools)[1:] == [str(len(rows.isna().drop_duplicates())) for _, rows in groups]
    assert "missing patterns" not in sk.cfa(HS, dataset("hs1939")).summary()


def test_means_are_not_left_out() -> None:
    fit = sk.cfa(HS, pupils(), missing="ml", meanstructure=False)
    assert told(fit.notes, "M137").fields == {"missing": "ml"}
    assert fit.fit_measures()["chisq"] == pytest.approx(
        sk.cfa(HS, pupils(), missing="ml").fit_measures()["chisq"], rel=1e-12
    )
    table = sk.cfa(HS, dataset("hs1939")).parameter_table()
    with pytest.raises(SurveykitError) as caught:
        sk.lavaan(table, pupils(), missing="ml")
    assert caught.value.code == "M138"
