"""QCA: minimisation against an exhaustive search, what must always hold, and what is refused."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qca_data import LC, LF

from surveykit.coding import qca_minimize
from surveykit.coding.qca_minimize import (
    Product,
    absorbed,
    contains,
    covers,
    prime_implicants,
    smallest_covers,
)
from surveykit.coding.qca_necessity import necessity, super_subset
from surveykit.coding.qca_sets import calibrate, product_membership, sufficiency
from surveykit.coding.qca_solution import minimize
from surveykit.coding.qca_table import truth_table
from surveykit.errors import SurveykitError


def every_product(k: int) -> list[Product]:
    return [(care, value) for care in range(2**k) for value in range(2**k) if value & care == value]


def searched(k: int, on: list[int], off: list[int]) -> set[Product]:
    """Prime implicants by their definition: valid products that lie in no larger valid one."""
    valid = [one for one in every_product(k) if not any(covers(one, z) for z in off)]
    return {
        one
        for one in valid
        if any(covers(one, m) for m in on) and not any(two != one and contains(two, one) for two in valid)
    }


def tables(k: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from("01?"), min_size=2**k, max_size=2**k)


@given(st.integers(1, 4).flatmap(tables))
def test_prime_implicants_are_those_of_an_exhaustive_search(codes: list[str]) -> None:
    k = len(codes).bit_length() - 1
    on, off = ([at for at, one in enumerate(codes) if one == state] for state in "10")
    found = prime_implicants(on, np.array(off, dtype=np.int64))
    assert set(found) == searched(k, on, off)
    assert len(found) == len(set(found))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 3).flatmap(tables))
def test_models_are_all_smallest_covers(codes: list[str]) -> None:
    on, off = ([at for at, one in enumerate(codes) if one == state] for state in "10")
    products = prime_implicants(on, np.array(off, dtype=np.int64))
    found = smallest_covers(products, on, 1000)
    places = range(len(products))
    for size in range(len(products) + 1):
        wanted = [
            chosen
            for chosen in combinations(places, size)
            if all(any(covers(products[place], m) for place in chosen) for m in on)
        ]
        if wanted:
            assert found == wanted
            return


def data_of(codes: list[str], cases: list[int]) -> pd.DataFrame:
    """Crisp cases of a table: as many of each configuration as `cases` says."""
    k = len(codes).bit_length() - 1
    rows = [
        [*(at >> (k - 1 - place) & 1 for place in range(k)), int(code)]
        for at, (code, n) in enumerate(zip(codes, cases, strict=True))
        if code != "?"
        for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=[*(f"C{place}" for place in range(k)), "Y"])


def covered(found, model: str, names: list[str], k: int) -> set[int]:  # type: ignore[no-untyped-def]
    """The configurations of a model, read off its printed terms."""
    terms = [one for one in found.frame.loc[found.frame["model"] == model, "term"] if one != model]
    configurations = set()
    for at in range(2**k):
        states = {name: bool(at >> (k - 1 - place) & 1) for place, name in enumerate(names)}
        if any(
            one == "1"
            or all(states[name.removeprefix("~")] != name.startswith("~") for name in one.split("*"))
            for one in terms
        ):
            configurations.add(at)
    return configurations


some_tables = st.integers(2, 4).flatmap(
    lambda k: st.tuples(tables(k), st.lists(st.integers(1, 2), min_size=2**k, max_size=2**k))
)


@settings(deadline=None, max_examples=60)
@given(some_tables, st.data())
def test_solutions_cover_the_positive_rows_and_no_other_that_is_seen(
    drawn: tuple[list[str], list[int]], data: st.DataObject
) -> None:
    codes, cases = drawn
    if "1" not in codes:
        return
    k = len(codes).bit_length() - 1
    names = [f"C{place}" for place in range(k)]
    on, off = ({at for at, one in enumerate(codes) if one == state} for state in "10")
    table = truth_table(data_of(codes, cases), "Y", names)
    expected = data.draw(st.lists(st.sampled_from("01-"), min_size=k, max_size=k))
    complex_, simple = minimize(table), minimize(table, include="?")
    between = minimize(table, include="?", dir_exp=expected)
    for model in complex_.models["model"]:
        assert covered(complex_, model, names, k) == on
    widest = set.union(*(covered(simple, model, names, k) for model in simple.models["model"]))
    for found in (simple, between):
        for model, products in zip(found.models["model"], found.models["products"], strict=True):
            own = covered(found, model, names, k)
            assert on <= own
            assert not own & off
            assert own <= widest
            assumed = found.assumptions.loc[found.assumptions["model"] == model, "row"]
            assert {row - 1 for row in assumed} == own - on
            # As many products as a model of the same kind needs, and none of them idle.
            assert products == found.models.loc[0, "products"] or found is between
    assert simple.models["products"].max() <= complex_.models["products"].min()
    # Crisp and without contradictions: perfectly consistent, and all of the outcome explained.
    assert between.frame["inclS"].tolist() == pytest.approx([1] * len(between.frame))
    none = minimize(table, include="?", dir_exp=["-"] * k)
    assert set(none.models["expression"]) == set(complex_.models["expression"])


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 4).flatmap(lambda k: st.lists(st.sampled_from("01"), min_size=2**k, max_size=2**k)))
def test_the_negation_is_explained_by_the_negated_solution(codes: list[str]) -> None:
    """De Morgan: with every configuration seen, the two solutions share nothing and leave nothing."""
    if len(set(codes)) < 2:
        return
    k = len(codes).bit_length() - 1
    data = data_of(codes, [1] * len(codes))
    names = list(data.columns[:-1])
    there, not_there = (minimize(truth_table(data, outcome)) for outcome in ("Y", "~Y"))
    first, second = (covered(one, "M1", names, k) for one in (there, not_there))
    assert first | second == set(range(2**k))
    assert not first & second
    # Flipping every state of the data flips every literal of the solution.
    flipped = minimize(truth_table(1 - data, "~Y"))
    assert {at ^ (2**k - 1) for at in covered(flipped, "M1", names, k)} == first


def test_the_order_of_cases_and_conditions_changes_nothing() -> None:
    order = ["STB", "LIT", "DEV", "IND", "URB"]
    mixed = LF.sample(frac=1, random_state=1)
    found = minimize(truth_table(mixed, "SURV", order, incl_cut=0.7)).frame
    wanted = minimize(truth_table(LF, "SURV", incl_cut=0.7)).frame
    key = {
        "".join(sorted(term)): values for term, *values in found[["term", "inclS", "PRI", "covU"]].to_numpy()
    }
    for term, *values in wanted[["term", "inclS", "PRI", "covU"]].to_numpy():
        assert key["".join(sorted(term))] == pytest.approx(values, nan_ok=True)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_fuzzy_measures_keep_their_bounds(pairs: list[tuple[float, float]]) -> None:
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    found = sufficiency(x, y)
    for name in ("inclS", "covS"):
        assert np.isnan(found[name]) or 0 <= found[name] <= 1 + 1e-12
    both = product_membership(np.column_stack([x, y]), (0b11, 0b10))
    assert (both <= np.minimum(x, 1 - y) + 1e-12).all()


def test_contradictory_rows_are_told_and_may_be_included() -> None:
    # Lipset's first, crisper conditions: without stability the rows contradict themselves.
    table = truth_table(LC, "SURV", ["DEV", "URB", "LIT", "IND"], incl_cut=(1, 0.01))
    coded = dict(zip(table.frame["cases"], table.frame["OUT"], strict=True))
    assert coded == {
        "GR,IT,PT,RO,ES": "0",
        "EE,HU,PL": "0",
        "FI,IE": "1",
        "AU,FR,SE": "C",
        "BE,CZ,DE,NL,UK": "C",
    }
    assert [(one.code, one.fields.get("rows")) for one in table.notes] == [("Q020", "12, 16"), ("Q022", None)]
    assert minimize(table).models["expression"].tolist() == ["DEV*~URB*LIT*~IND -> SURV"]
    assert minimize(table, include="C").models["expression"].tolist() == ["DEV*~URB*LIT -> SURV"]
    parsimonious = minimize(table, include="?,C")
    assert parsimonious.models["expression"].tolist() == ["DEV <-> SURV"]
    assert parsimonious.frame["inclS"].iloc[0] == pytest.approx(0.8)


def test_what_a_reader_must_be_told() -> None:
    table = truth_table(LF, "SURV", incl_cut=0.7, n_cut=2)
    assert [one.code for one in table.notes] == ["Q022", "Q024"]
    assert table.frame["n"].min() == 2
    whole = truth_table(LF, "SURV", incl_cut=0.7, n_cut=2, complete=True).frame
    assert whole["OUT"].value_counts().to_dict() == {"?": 26, "1": 3, "0": 3}
    assert whole.loc[whole["n"] == 1, "OUT"].tolist() == ["?", "?", "?"]
    doubtful = truth_table(LF, "SURV", incl_cut=0.4)
    assert {one.code for one in doubtful.notes} >= {"Q021", "Q023"}
    against = next(one for one in doubtful.notes if one.code == "Q021")
    assert against.fields["cases"] == "EE, DE, HU, PL"
    strict = truth_table(LF, "SURV", incl_cut=0.4, pri_cut=0.5).frame
    assert (strict.loc[strict["OUT"] == "1", "PRI"] >= 0.5).all()
    solution = minimize(truth_table(LC, "SURV"), include="?")
    assert [one.code for one in solution.notes] == ["Q031"]
    assert solution.summary().startswith("M1: DEV*STB <-> SURV")
    assert solution.to_dict()["kind"] == "parsimonious"
    assert "DEV" in table._repr_html_()


def test_equally_simple_models_are_all_shown() -> None:
    codes = list("?1?10?1?")  # four positive rows around one negative
    table = truth_table(data_of(codes, [1] * 8), "Y")
    found = minimize(table, include="?")
    assert len(found.models) == len(set(found.models["expression"]))
    if len(found.models) > 1:
        assert found.notes[0].code == "Q030"
    cyclic = minimize(truth_table(data_of(list("01111110"), [1] * 8), "Y"))
    assert len(cyclic.models) == 2
    assert cyclic.models["products"].tolist() == [3, 3]
    assert [one.code for one in cyclic.notes] == ["Q030"]


def test_more_models_than_anybody_reads_are_cut_off() -> None:
    # Six conditions, all configurations positive but all present and all absent: 5! = 120 cycles do alike.
    codes = ["0", *["1"] * 62, "0"]
    found = minimize(truth_table(data_of(codes, [1] * 64), "Y"))
    assert len(found.models) == 100
    assert [one.code for one in found.notes] == ["Q030", "Q032"]


def test_absorption() -> None:
    assert absorbed([(0b11, 0b11), (0b10, 0b10), (0b11, 0b11), (0b01, 0b00)]) == [(0b10, 0b10), (0b01, 0b00)]


def test_fifteen_conditions_take_no_minute() -> None:
    rng = np.random.default_rng(7)
    data = pd.DataFrame(rng.integers(0, 2, (30, 15)), columns=[f"C{at}" for at in range(15)])
    data["Y"] = (data["C0"] & data["C1"]) | data["C2"]
    table = truth_table(data, "Y")
    assert set(minimize(table).frame["inclS"]) == {1.0}
    assert minimize(table, include="?").frame["covS"].max() == 1


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        ({}, {"outcome": "NONE"}, "Q004"),
        ({}, {"conditions": ["DEV", "NONE"]}, "Q004"),
        ({}, {"conditions": ["DEV", "SURV"]}, "Q007"),
        ({}, {"conditions": ["DEV", "DEV"]}, "Q007"),
        ({}, {"conditions": []}, "Q007"),
        ({"DEV": "high"}, {}, "Q002"),
        ({"DEV": 7.0}, {}, "Q005"),
        ({"DEV": np.nan}, {}, "Q005"),
        ({"SURV": -0.1}, {}, "Q005"),
        ({"DEV": 0.5}, {}, "Q006"),
        ({}, {"incl_cut": 1.2}, "Q008"),
        ({}, {"incl_cut": 0}, "Q008"),
        ({}, {"incl_cut": (0.5, 0.9)}, "Q008"),
        ({}, {"n_cut": 0}, "Q008"),
        ({}, {"pri_cut": 2}, "Q008"),
        ({"PRI": 0.2}, {}, "Q009"),
    ],
)
def test_tables_that_cannot_be_made_are_refused(
    change: dict[str, object], options: dict[str, object], code: str
) -> None:
    data = LF.astype(object)
    for column, value in change.items():
        data.loc["AU", column] = value
    if "PRI" in change:
        data = data.where(data.notna(), 0.2)
    with pytest.raises(SurveykitError) as refused:
        truth_table(data, **({"outcome": "SURV"} | options))  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("cut", "options", "code"),
    [
        (1.0, {}, "Q010"),
        (0.7, {"include": "!"}, "O001"),
        (0.7, {"dir_exp": "1,1,1,1,1"}, "Q011"),
        (0.7, {"include": "?", "dir_exp": "1,1"}, "Q011"),
        (0.7, {"include": "?", "dir_exp": [1, 1, 1, 1, 2]}, "Q011"),
        (0.7, {"include": "?", "dir_exp": {"NONE": 1}}, "Q011"),
    ],
)
def test_what_cannot_be_minimised_is_refused(cut: float, options: dict[str, object], code: str) -> None:
    with pytest.raises(SurveykitError) as refused:
        minimize(truth_table(LF, "SURV", incl_cut=cut), **options)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_expectations_as_a_mapping_a_sequence_or_text_are_the_same() -> None:
    table = truth_table(LF, "SURV", incl_cut=0.7)
    ways = ("1,-,1,-,1", [1, None, 1, "-", 1], {"DEV": 1, "LIT": 1, "STB": 1})
    found = [minimize(table, include="?", dir_exp=one).models["expression"].tolist() for one in ways]  # type: ignore[arg-type]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("thresholds", [[], [1, 2], [1, 1, 2], [1, 3, 2], [1, 2, np.nan], [np.inf]])
def test_thresholds_out_of_order_are_refused(thresholds: list[float]) -> None:
    with pytest.raises(SurveykitError, match="Q001"):
        calibrate([1.0, 2.0], thresholds)


def test_calibration_keeps_its_anchors() -> None:
    for cuts in ([1, 4, 6], [6, 4, 1]):
        found = calibrate([*cuts, np.nan], cuts, idm=0.9)
        assert found[:3].tolist() == pytest.approx([0.1, 0.5, 0.9])
        assert np.isnan(found[3])
    assert calibrate([1, 2, 3, None], [2]).tolist()[:3] == [0, 1, 1]
    with pytest.raises(SurveykitError, match="Q002"):
        calibrate(["a"], [2])  # type: ignore[list-item]
    with pytest.raises(SurveykitError, match="Q003"):
        calibrate([1], [2], idm=0.4)
    with pytest.raises(SurveykitError, match="O002"):
        calibrate([1], [2], idm=1)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=30))
def test_calibration_keeps_the_order(values: list[float]) -> None:
    found = calibrate(sorted(values), [-5, 0, 10])
    assert (found.diff().dropna() >= -1e-12).all()
    assert found.between(0, 1).all()


def test_necessity_by_hand_and_refused() -> None:
    data = pd.DataFrame({"A": [1.0, 0.8, 0.3], "Y": [0.9, 0.6, 0.4]})
    row = necessity(data, "Y").frame.iloc[0]
    assert row["inclN"] == pytest.approx((0.9 + 0.6 + 0.3) / 1.9)
    assert row["covN"] == pytest.approx(1.8 / 2.1)
    assert row["RoN"] == pytest.approx((0 + 0.2 + 0.7) / (0.1 + 0.4 + 0.7))
    assert super_subset(LC, "SURV", depth=1).frame["term"].tolist() == ["DEV", "LIT", "STB"]
    assert super_subset(LC, "SURV", cov_cut=0.9).frame["term"].tolist() == ["DEV*STB", "DEV*LIT*STB"]
    constant = necessity(pd.DataFrame({"A": [1, 1], "Y": [1, 1]}), "Y")
    assert [one.code for one in constant.notes] == ["Q025", "Q026"]
    assert constant.frame["RoN"].isna().tolist() == [True, False]
    with pytest.raises(SurveykitError, match="Q012"):
        necessity(pd.DataFrame({"A": [1, 1], "Y": [0, 0]}), "Y")
    for options, code in (({"incl_cut": 0}, "Q008"), ({"conditions": ["DEV", "SURV"]}, "Q007")):
        with pytest.raises(SurveykitError) as refused:
            super_subset(LC, "SURV", **options)  # type: ignore[arg-type]
        assert refused.value.code == code


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.integers(0, 1)] * 4), min_size=1, max_size=12))
def test_minimal_disjunctions_equal_the_slow_way(rows: list[tuple[int, ...]]) -> None:
    data = pd.DataFrame(rows, columns=["A", "B", "C", "Y"])
    if not data["Y"].any():
        return
    found = {frozenset(one.split(" + ")) for one in super_subset(data, "Y").frame["term"] if "*" not in one}
    wanted: list[frozenset[str]] = []
    for size in (1, 2, 3):
        for names in combinations("ABC", size):
            for signs in product(("", "~"), repeat=size):
                own = frozenset(sign + name for sign, name in zip(signs, names, strict=True))
                held = pd.concat(
                    [1 - data[n] if s else data[n] for s, n in zip(signs, names, strict=True)], axis=1
                )
                if (held.max(axis=1) >= data["Y"]).all() and not any(one <= own for one in wanted):
                    wanted.append(own)
    assert found == set(wanted)


def test_many_products_are_chosen_among_as_few_are() -> None:
    """Integer programming and trying one size after the other find the same models."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame(rng.integers(0, 2, (30, 7)), columns=[f"C{at}" for at in range(7)]).drop_duplicates()
    data["Y"] = rng.integers(0, 2, len(data))
    table = truth_table(data, "Y")
    on = table.configurations("1")
    products = prime_implicants(on, np.array(table.configurations("0")))
    assert len(products) > qca_minimize.FEW
    found = smallest_covers(products, on, 10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qca_minimize, "FEW", 10_000)
        assert smallest_covers(products, on, 10_000) == found
