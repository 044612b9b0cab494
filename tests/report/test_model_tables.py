"""A fitted model in a report: every estimate once, both solutions, nothing hidden when it fails."""

import pandas as pd
import pytest
from example_document import answers, example_names, fit

from surveykit.analysis.sem import sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.report.blocks import blocks
from surveykit.report.document import Block, Code, Figure, Paragraph, Table
from surveykit.report.model_blocks import compared_fits, model_blocks
from surveykit.report.model_tables import fit_table, parameter_tables
from surveykit.report.names import Names
from surveykit.report.sentences import fit_sentence


@pytest.fixture(scope="module")
def by_country() -> SemFit:
    return fit(answers())


@pytest.fixture(scope="module")
def pooled() -> SemFit:
    return fit(answers(), by_country=False)


def tables(found: list[Block]) -> dict[str, Table]:
    return {block.id: block for block in found if isinstance(block, Table)}


def rows_of(table: Table) -> dict[str, list[str]]:
    return {line[0].text: [cell.text for cell in line[1:]] for line in table.rows if len(line) > 1}


def test_every_estimate_stands_in_one_table(by_country: SemFit) -> None:
    names = example_names("en")
    frame = by_country.parameter_estimates()
    found = parameter_tables(frame.assign(group=frame["group"].astype(str)), names)
    cells = sum(len(line) > 1 for table in found for line in table.rows)
    assert 2 * cells == len(frame)


def test_groups_stand_side_by_side(by_country: SemFit) -> None:
    table = tables(blocks(by_country, example_names("en"), id="m"))["m-paths"]
    frame = by_country.parameter_estimates()
    first = frame[(frame.op == "~") & (frame.lhs == "mutuality")]
    assert table.spanners == (("", 1), ("Japan", 5), ("Korea", 5))
    found = rows_of(table)["Trust → Mutuality"]
    assert [found[0], found[5]] == [f"{one:.2f}" for one in first.est]
    assert [found[4], found[9]] == [f"{one:.2f}"[1:] for one in first.std_all]


def test_a_fixed_loading_has_no_error(by_country: SemFit) -> None:
    table = tables(blocks(by_country, Names(), id="m"))["m-loadings"]
    assert rows_of(table)["trust_1"][:3] == ["1.00", "–", "–"]
    assert "fixed" in table.notes[0]


def test_labels_and_defined_effects(pooled: SemFit) -> None:
    found = tables(blocks(pooled, example_names("en"), id="m"))
    assert "Trust → Mutuality (a)" in rows_of(found["m-paths"])
    frame = pooled.parameter_estimates()
    effect = frame[frame.op == ":="].iloc[0]
    assert rows_of(found["m-effects"])["indirect = a*b"][:2] == [f"{effect.est:.2f}", f"{effect.se:.2f}"]
    assert found["m-effects"].spanners == ()


def test_direct_indirect_and_total_add_up(by_country: SemFit) -> None:
    table = tables(blocks(by_country, Names(), id="m"))["m-mediation"]
    direct, indirect, total = (float(rows_of(table)[kind][0]) for kind in ("direct", "indirect", "total"))
    assert direct + indirect == pytest.approx(total, abs=0.011)  # each is rounded to two decimals


def test_three_groups_get_tables_of_their_own() -> None:
    frame = pd.concat([answers(), answers(2).query("country == 'JP'").assign(country="UK")])
    found = tables(
        blocks(sem("trust =~ trust_1 + trust_2 + trust_3", frame, group="country"), Names(), id="m")
    )
    parts = [found[f"m-loadings-{place}"] for place in (1, 2, 3)]
    assert [part.spanners[1][0] for part in parts] == ["JP", "KR", "UK"]
    assert all(len(part.header) == 5 for part in parts)


def test_r_squared_by_group(by_country: SemFit) -> None:
    table = tables(blocks(by_country, example_names("ja"), id="m"))["m-r2"]
    assert table.header[1:] == ("日本", "韓国")
    expected = [f"{by_country.r_squared()[group]['mutuality']:.2f}"[1:] for group in ("JP", "KR")]
    assert rows_of(table)["相互性"] == expected


def test_fit_in_three_versions(by_country: SemFit) -> None:
    measures = by_country.fit_measures()
    table = fit_table({"": measures}, Names())
    found = rows_of(table)
    assert list(found) == ["Standard", "Scaled", "Robust"]
    assert found["Standard"][:2] == [f"{measures['chisq']:.2f}", "102"]
    assert found["Scaled"][0] == f"{measures['chisq_scaled']:.2f}"
    assert found["Robust"][3] == f"{measures['cfi_robust']:.3f}"[1:]
    assert table.header == (
        *("Model", "χ²", "df", "p", "CFI", "TLI", "RMSEA", "90% CI", "SRMR", "AIC", "BIC"),
    )


def test_several_models_in_one_table(by_country: SemFit, pooled: SemFit) -> None:
    table = compared_fits({"Countries": by_country, "Pooled": pooled}, Names())[0]
    assert isinstance(table, Table)
    assert [line[0].text for line in table.rows if len(line) == 1] == ["Countries", "Pooled"]
    plain = {"A": {"chisq": 1.0, "df": 2.0, "cfi": 1.0}, "B": {"chisq": 3.5, "df": 4.0, "cfi": 0.98}}
    table = fit_table(plain, Names())
    assert [[cell.text for cell in line] for line in table.rows] == [
        ["A", "1.00", "2", "1.000"],
        ["B", "3.50", "4", ".980"],
    ]


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (
            {"chisq": 85.306, "df": 24, "pvalue": 0.0, "cfi": 0.931, "tli": 0.896, "srmr": 0.0651},
            "Fit of the model: χ²(24) = 85.31, p < .001, CFI = .931, TLI = .896, SRMR = .065.",
        ),
        (
            {
                "chisq": 3.1,
                "df": 2,
                "pvalue": 0.21,
                "rmsea": 0.05,
                "rmsea_ci_lower": 0,
                "rmsea_ci_upper": 0.1,
            },
            "Fit of the model: χ²(2) = 3.10, p = .210, RMSEA = .050, 90% CI [.000, .100].",
        ),
        (
            {"chisq": 9.0, "chisq_scaled": 8.0, "df_scaled": 2, "pvalue_scaled": 0.018, "cfi_robust": 0.9},
            "Fit of the model (robust): χ²(2) = 8.00, p = .018, CFI = .900.",
        ),
    ],
)
def test_the_fit_as_a_sentence(measures: dict[str, float], expected: str) -> None:
    assert fit_sentence(measures, Names()) == expected


def test_the_structural_part_is_drawn_by_itself(by_country: SemFit) -> None:
    figures = [one for one in blocks(by_country, example_names("en")) if isinstance(one, Figure)]
    assert [one.title for one in figures] == ["Structural model", "Path diagram"]
    assert "trust_1" not in figures[0].svg
    assert "trust_1" in figures[1].svg
    assert all(name in one.svg for one in figures for name in ("Japan", "Korea", "Mutuality"))


def test_a_factor_model_is_drawn_once() -> None:
    one = sem("trust =~ trust_1 + trust_2 + trust_3 + trust_4", answers())
    assert len([block for block in blocks(one, Names()) if isinstance(block, Figure)]) == 1


def test_the_model_is_shown_as_it_was_written(pooled: SemFit) -> None:
    first = model_blocks(pooled, Names(), syntax="trust =~ trust_1\n")[0]
    assert first == Code("Model, in lavaan's syntax", "trust =~ trust_1")


def test_an_improper_solution_is_called_so() -> None:
    cov = pd.DataFrame(
        [[1.0, 0.7, 0.7], [0.7, 1.0, 0.4], [0.7, 0.4, 1.0]], index=list("abc"), columns=list("abc")
    )
    improper = sem("f =~ a + b + c", sample_cov=cov, sample_nobs=200)
    warning = blocks(improper, Names())[0]
    assert isinstance(warning, Paragraph)
    assert warning.kind == "warning"
    assert "negative variance" in warning.text


@pytest.mark.parametrize(
    ("labels", "shown", "equal"),
    [
        (("a", "b"), "Trust → Mutuality (a / b)", False),
        (("a", "a"), "Trust → Mutuality (a)", True),
        ((".p1.", ".p1."), "Trust → Mutuality", False),
        (("", "b"), "Trust → Mutuality (b)", False),
    ],
)
def test_a_label_of_one_group_does_not_stand_for_the_other(
    labels: tuple[str, str], shown: str, equal: bool
) -> None:
    """Only a label that stands twice says that something was held equal."""
    numbers = {
        "est": 0.5,
        "se": 0.1,
        "z": 5.0,
        "pvalue": 0.001,
        "ci_lower": 0.3,
        "ci_upper": 0.7,
        "std_all": 0.4,
    }
    rows = [
        {"lhs": "mutuality", "op": "~", "rhs": "trust", "group": group, "label": label, **numbers}
        for group, label in zip(("JP", "KR"), labels, strict=True)
    ]
    names = Names("en", variables={"trust": "Trust", "mutuality": "Mutuality"})
    (table,) = parameter_tables(pd.DataFrame(rows), names)
    assert table.rows[0][0].text == shown
    assert (names.text("label_note") in table.notes[0]) is equal


def test_a_saturated_model_has_no_p() -> None:
    measures = {"chisq": 0.0, "df": 0.0, "pvalue": float("nan"), "cfi": 1.0, "srmr": 0.0}
    assert fit_sentence(measures, Names("en")) == "Fit of the model: χ²(0) = 0.00, CFI = 1.000, SRMR = .000."
