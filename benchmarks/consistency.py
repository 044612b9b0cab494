"""How often the data-free checks are right: correct printed results, and the same with one error planted.

    python -m benchmarks.consistency

Every kind of check gets results that are right by construction (made from raw
answers, random tests and models, then printed), and copies with one slip each:
two digits swapped, one digit changed, a sign or a decimal point lost. Whether
the printed decimals betray the slip at all is decided here, by means that
surveykit does not use: scipy.stats over a fine grid of every rounding, counting
out every set of answers, a linear programme over angles.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from surveykit.archive.consistency import check_consistency

EACH = 40
GRID = 9
SLACK = 1e-9
Range = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """A check as it stands in a claims.yaml, and which of its printed numbers may carry a slip."""

    kind: str
    check: str
    values: dict[str, str]
    slips: tuple[str, ...]
    lists: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def entry(self, id: str) -> dict[str, Any]:
        start = {"id": id, "where": "generated", "check": self.check, "values": self.values}
        return start | ({"lists": self.lists} if self.lists else {}) | self.options


def rounding(text: str) -> Range:
    """The numbers that print like this."""
    if text.startswith("<"):
        return -np.inf, float(text[1:])
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    return float(text) - half, float(text) + half


def over_grid(function: Callable[..., float], *within: Range) -> Range:
    """The least and the greatest value of a function while its inputs stay in their roundings."""
    axes = [np.linspace(*one, GRID) for one in within]
    found = [function(*point) for point in itertools.product(*axes)]
    return min(found), max(found)


def meets(implied: Range, text: str) -> bool:
    low, high = rounding(text)
    return implied[0] <= high + SLACK and low <= implied[1] + SLACK


def size(text: str) -> Range:
    low, high = rounding(text)
    return (0.0, max(-low, high)) if low < 0 < high else (min(abs(low), abs(high)), max(abs(low), abs(high)))


# --- p values -----------------------------------------------------------------------------------------------


def tests(rng: np.random.Generator) -> Iterator[Case]:
    df, df1, df2 = int(rng.integers(5, 400)), int(rng.integers(2, 8)), int(rng.integers(20, 400))
    t, z = rng.normal(0, 2), rng.normal(0, 2)
    welch = round(float(rng.uniform(10, 300)), 1)
    f, f_one, q = (
        stats.f.rvs(df1, df2, random_state=rng),
        stats.t.rvs(df2, random_state=rng) ** 2,
        rng.uniform(1, 60),
    )
    n = int(rng.integers(12, 500))
    r = float(np.tanh(rng.normal(0, 2 / np.sqrt(n - 3))))
    r_t = r * np.sqrt((n - 2) / (1 - r * r))
    one = {"tails": "one"}
    yield Case("p from t", "t", {"t": f"{t:.2f}", "df": f"{df}", "p": p(2 * stats.t.sf(abs(t), df))}, ("p",))
    yield Case(
        "p from t, Welch's df",
        "t",
        {"t": f"{t:.3f}", "df": f"{welch}", "p": p(2 * stats.t.sf(abs(t), welch))},
        ("p",),
    )
    yield Case(
        "p from t, one-tailed",
        "t",
        {"t": f"{t:.2f}", "df": f"{df}", "p": p(stats.t.sf(abs(t), df))},
        ("p",),
        options=one,
    )
    yield Case(
        "p from F",
        "f",
        {"f": f"{f:.2f}", "df1": f"{df1}", "df2": f"{df2}", "p": p(stats.f.sf(f, df1, df2))},
        ("p",),
    )
    yield Case(
        "p from F(1), one-tailed",
        "f",
        {"f": f"{f_one:.2f}", "df1": "1", "df2": f"{df2}", "p": p(stats.f.sf(f_one, 1, df2) / 2)},
        ("p",),
        options=one,
    )
    yield Case(
        "p from chi-square and df",
        "chisq",
        {"chisq": f"{q:.3f}", "df": f"{df1 + 20}", "p": p(stats.chi2.sf(q, df1 + 20))},
        ("p", "df"),
    )
    yield Case(
        "p from r", "r", {"r": f"{r:.2f}", "n": f"{n}", "p": p(2 * stats.t.sf(abs(r_t), n - 2))}, ("p",)
    )
    yield Case("p from z", "z", {"z": f"{z:.2f}", "p": p(2 * stats.norm.sf(abs(z)))}, ("p",))
    yield Case(
        "p from z, one-tailed", "z", {"z": f"{z:.2f}", "p": p(stats.norm.sf(abs(z)))}, ("p",), options=one
    )


def p(value: float) -> str:
    return (
        "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0") if value < 0.9995 else f"{value:.3f}"
    )


def p_possible(case: Case) -> bool:
    v = case.values
    tails = 1 if case.options.get("tails") == "one" else 2
    match case.check:
        case "t":
            df = rounding(v["df"]) if "." in v["df"] else (float(v["df"]),) * 2
            implied = over_grid(lambda t, df: tails * stats.t.sf(t, df), size(v["t"]), df)
        case "z":
            implied = over_grid(lambda z: tails * stats.norm.sf(z), size(v["z"]))
        case "f":
            share = 0.5 if tails == 1 else 1.0
            f = max(rounding(v["f"])[0], 0), rounding(v["f"])[1]
            implied = over_grid(lambda f: share * stats.f.sf(f, float(v["df1"]), float(v["df2"])), f)
        case "chisq":
            implied = over_grid(lambda q: stats.chi2.sf(q, float(v["df"])), rounding(v["chisq"]))
        case _:
            df_r = float(v["n"]) - 2
            r = size(v["r"])[0], min(size(v["r"])[1], 1 - 1e-12)
            implied = over_grid(lambda r: 2 * stats.t.sf(r * np.sqrt(df_r / (1 - r * r)), df_r), r)
    # One-tailed, a printed p above .5 is that of an effect against the declared direction.
    if tails == 1 and rounding(v["p"])[0] > 0.5:
        implied = 1 - implied[1], 1 - implied[0]
    return meets(implied, v["p"])


# --- whole-number answers -----------------------------------------------------------------------------------


def descriptives(rng: np.random.Generator) -> Iterator[Case]:
    n, items = int(rng.integers(8, 60)), int(rng.integers(2, 5))
    one = rng.integers(1, 6, n).astype(float)
    small = int(rng.integers(4, 12))
    several = rng.integers(1, 6, (small, items)).mean(axis=1)
    ones = rng.integers(0, 2, n).astype(float)
    ones[0], ones[1] = 0, 1
    ends = {"low": "1", "high": "5"}
    yield Case("GRIM", "grim", {"mean": f"{one.mean():.2f}", "n": f"{n}"}, ("mean",))
    yield Case(
        "GRIM, mean of several items",
        "grim",
        {"mean": f"{several.mean():.2f}", "n": f"{small}"},
        ("mean",),
        options={"items": items},
    )
    yield Case(
        "GRIMMER",
        "grimmer",
        {"mean": f"{one.mean():.2f}", "sd": f"{one.std(ddof=1):.2f}", "n": f"{n}"} | ends,
        ("sd", "mean"),
    )
    yield Case(
        "GRIMMER, mean of several items",
        "grimmer",
        {"mean": f"{several.mean():.2f}", "sd": f"{several.std(ddof=1):.2f}", "n": f"{small}"} | ends,
        ("sd", "mean"),
        options={"items": items},
    )
    yield Case(
        "DEBIT",
        "debit",
        {"mean": f"{ones.mean():.2f}", "sd": f"{ones.std(ddof=1):.2f}", "n": f"{n}"},
        ("sd", "mean"),
    )


def prints_as(value: Decimal, text: str) -> bool:
    """Whether a number prints like this, whichever way halves are rounded."""
    unit = Decimal(1).scaleb(-len(text.partition(".")[2]))
    return any(
        value.quantize(unit, how) == Decimal(text)
        for how in (ROUND_HALF_UP, ROUND_HALF_EVEN, "ROUND_HALF_DOWN")
    )


def answers_possible(case: Case) -> bool:
    v, items = case.values, case.options.get("items", 1)
    n = int(v["n"])
    if case.check == "debit":
        low, high = 0, 1
    elif "low" in v:
        low, high = int(v["low"]) * items, int(v["high"]) * items
    else:
        low, high = -10 * items, 20 * items
    for total in range(n * low, n * high + 1):
        if not prints_as(Decimal(total) / (n * items), v["mean"]):
            continue
        if case.check == "grim":
            return True
        for squares in all_squares(n, low, high).get(total, ()):
            variance = Decimal(n * squares - total * total) / (n * (n - 1) * items * items)
            if prints_as(variance.sqrt(), v["sd"]):
                return True
    return False


@lru_cache(maxsize=256)
def all_squares(n: int, low: int, high: int) -> Mapping[int, frozenset[int]]:
    """Total of n answers -> the sums of squares it can come with, counted out answer by answer."""
    sums: dict[int, set[int]] = {0: {0}}
    for _ in range(n):
        new: dict[int, set[int]] = {}
        for total, squares in sums.items():
            for answer in range(low, high + 1):
                new.setdefault(total + answer, set()).update(one + answer * answer for one in squares)
        sums = new
    return {total: frozenset(squares) for total, squares in sums.items()}


# --- models -------------------------------------------------------------------------------------------------


def models(rng: np.random.Generator) -> Iterator[Case]:
    df, n, groups = int(rng.integers(5, 120)), int(rng.integers(120, 1200)), int(rng.integers(2, 5))
    chisq = float(df * rng.uniform(1.05, 4))
    base_df = df + int(rng.integers(5, 60))
    baseline = base_df * rng.uniform(5, 30)
    chisq_v = {"chisq": f"{chisq:.2f}", "df": f"{df}", "n": f"{n}"}
    d, b = max(chisq - df, 0.0), baseline - base_df
    per_program = n if rng.random() < 0.5 else n - 1
    per_groups = n if rng.random() < 0.5 else n - groups
    root = np.sqrt(groups) if rng.random() < 0.7 else 1.0
    edges = [rmsea_edge(chisq, df, n, share) for share in (0.95, 0.05)]
    yield Case("RMSEA", "rmsea", chisq_v | {"rmsea": f"{np.sqrt(d / (df * per_program)):.3f}"}, ("rmsea",))
    yield Case(
        "RMSEA, several groups",
        "rmsea",
        chisq_v | {"rmsea": f"{root * np.sqrt(d / (df * per_groups)):.3f}"},
        ("rmsea",),
        options={"groups": groups},
    )
    yield Case(
        "RMSEA interval",
        "rmsea_ci",
        chisq_v | {"lower": f"{edges[0]:.3f}", "upper": f"{edges[1]:.3f}"},
        ("lower", "upper"),
    )
    base = {
        "chisq": f"{chisq:.2f}",
        "df": f"{df}",
        "baseline_chisq": f"{baseline:.2f}",
        "baseline_df": f"{base_df}",
    }
    yield Case("CFI", "cfi", base | {"cfi": f"{1 - d / max(b, d):.3f}"}, ("cfi",))
    tli = (baseline / base_df - chisq / df) / (baseline / base_df - 1)
    yield Case("TLI", "tli", base | {"tli": f"{tli:.3f}"}, ("tli",))
    more, df_more = rng.uniform(1, 60), int(rng.integers(2, 12))
    aic = rng.uniform(5000, 9000)
    yield Case(
        "AIC difference",
        "aic_difference",
        {"chisq_diff": f"{more:.2f}", "df_diff": f"{df_more}", "aic_diff": f"{more - 2 * df_more:.2f}"},
        ("aic_diff", "df_diff"),
    )
    second = {"chisq_2": f"{chisq + more:.2f}", "df_2": f"{df + df_more}"}
    first = {"chisq_1": f"{chisq:.2f}", "df_1": f"{df}", "n": f"{n}"}
    yield Case(
        "BIC difference",
        "bic_difference",
        first | second | {"bic_1": f"{aic:.2f}", "bic_2": f"{aic + more - np.log(n) * df_more:.2f}"},
        ("bic_2", "df_2"),
    )
    yield from measurement(rng)


def rmsea_edge(chisq: float, df: float, n: float, share: float) -> float:
    if stats.chi2.cdf(chisq, df) < share:
        return 0.0
    found = optimize.bisect(lambda one: stats.ncx2.cdf(chisq, df, one) - share, 1e-9, 20 * chisq, xtol=1e-9)
    return float(np.sqrt(found / (df * n)))


def measurement(rng: np.random.Generator) -> Iterator[Case]:
    k = int(rng.integers(3, 9))
    loadings = rng.uniform(0.3, 0.95, k) * rng.choice([-1, 1])
    lists = {"loadings": [f"{one:.2f}" for one in loadings]}
    total = loadings.sum() ** 2
    yield Case("AVE from loadings", "ave", {"ave": f"{np.mean(loadings**2):.2f}"}, ("ave",), lists)
    yield Case(
        "CR from loadings", "cr", {"cr": f"{total / (total + (1 - loadings**2).sum()):.2f}"}, ("cr",), lists
    )
    paths = rng.uniform(-0.9, 0.9, 3)
    yield Case(
        "indirect effect",
        "indirect",
        {"a": f"{paths[0]:.2f}", "b": f"{paths[1]:.2f}", "indirect": f"{paths[0] * paths[1]:.3f}"},
        ("indirect",),
    )
    yield Case(
        "indirect effect, a chain of three",
        "indirect",
        {"indirect": f"{paths.prod():.3f}"},
        ("indirect",),
        {"paths": [f"{one:.2f}" for one in paths]},
    )
    mean_r = rng.uniform(0.1, 0.8)
    yield Case(
        "alpha from k and mean r",
        "alpha_from_r",
        {"k": f"{k}", "mean_r": f"{mean_r:.2f}", "alpha": f"{k * mean_r / (1 + (k - 1) * mean_r):.2f}"},
        ("alpha",),
    )
    yield correlations(rng, 3, 4)
    big = correlations(rng, int(rng.integers(4, 9)), 6)
    yield replace(big, kind="positive definite, 4 to 8 variables", slips=())
    for level in ("configural", "metric", "scalar", "strict"):
        yield factor_model(rng, level)


def correlations(rng: np.random.Generator, variables: int, people: int) -> Case:
    """Few people, so that the matrix is nearly singular: rounding alone makes many of them indefinite."""
    found = np.corrcoef(rng.normal(size=(people, variables)) + 2 * rng.normal(size=(people, 1)), rowvar=False)
    rows = {f"v{i}": [*(f"{one:.2f}" for one in found[i, :i]), "1"] for i in range(variables)}
    return Case("positive definite", "positive_definite", {}, ("r",), rows)


def factor_model(rng: np.random.Generator, level: str) -> Case:
    """Degrees of freedom counted by hand: factors with the first loading fixed, means throughout."""
    factors, each, groups = int(rng.integers(1, 5)), int(rng.integers(3, 6)), int(rng.integers(2, 5))
    items = factors * each
    lines = [f"f{a} =~ " + " + ".join(f"x{a}{b}" for b in range(each)) for a in range(factors)]
    moments = items * (items + 1) // 2 + items
    own = (items - factors) + items + items + factors * (factors + 1) // 2
    df = groups * (moments - own)
    if level != "configural":
        df += (groups - 1) * (items - factors)
    if level in ("scalar", "strict"):
        df += (groups - 1) * (items - factors)
    if level == "strict":
        df += (groups - 1) * items
    options = {"model": "\n".join(lines), "groups": groups, "level": level}
    return Case(
        f"df of the model, {level}", "df", {"df": f"{df}"}, ("df",), options=options | {"_right": str(df)}
    )


def model_possible(case: Case) -> bool:
    v = case.values
    match case.check:
        case "rmsea" | "rmsea_ci":
            return rmsea_possible(case)
        case "cfi":

            def function(q: float, b: float) -> float:
                above = max(q - float(v["df"]), 0.0)
                return 1 - above / max(b - float(v["baseline_df"]), above, 1e-300)

            return meets(over_grid(function, rounding(v["chisq"]), rounding(v["baseline_chisq"])), v["cfi"])
        case "tli":

            def function(q: float, b: float) -> float:
                ratio = b / float(v["baseline_df"])
                return (ratio - q / float(v["df"])) / (ratio - 1)

            return meets(over_grid(function, rounding(v["chisq"]), rounding(v["baseline_chisq"])), v["tli"])
        case "aic_difference":
            df = float(v["df_diff"])
            return meets(over_grid(lambda q: q - 2 * df, rounding(v["chisq_diff"])), v["aic_diff"])
        case "bic_difference":
            return bic_possible(v)
    return measurement_possible(case)


def rmsea_possible(case: Case) -> bool:
    v, groups = case.values, case.options.get("groups", 1)
    df, n = float(v["df"]), float(v["n"])
    for divisor, root in itertools.product((n, n - groups), {1.0, float(np.sqrt(groups))}):
        if case.check == "rmsea":
            scale = root / np.sqrt(df * divisor)
            above = over_grid(lambda q: np.sqrt(max(q - df, 0)), rounding(v["chisq"]))
            implied = scale * above[0], scale * above[1]
            fits = meets(implied, v["rmsea"])
        else:
            ends = [
                tuple(rmsea_edge(q, df, divisor, share) for q in rounding(v["chisq"]))
                for share in (0.95, 0.05)
            ]
            fits = meets(ends[0], v["lower"]) and meets(ends[1], v["upper"])
        if fits:
            return True
    return False


def bic_possible(v: Mapping[str, str]) -> bool:
    df, n = float(v["df_2"]) - float(v["df_1"]), float(v["n"])
    implied = over_grid(
        lambda one, two: two - one - np.log(n) * df, rounding(v["chisq_1"]), rounding(v["chisq_2"])
    )
    stated = over_grid(lambda one, two: two - one, rounding(v["bic_1"]), rounding(v["bic_2"]))
    return implied[0] <= stated[1] + SLACK and stated[0] <= implied[1] + SLACK


def measurement_possible(case: Case) -> bool:
    v = case.values
    match case.check:
        case "ave" | "cr":
            return meets(loadings_range(case), v[case.check])
        case "indirect":
            paths = case.lists["paths"] if case.lists else [v["a"], v["b"]]
            return meets(over_grid(lambda *one: float(np.prod(one)), *map(rounding, paths)), v["indirect"])
        case "alpha_from_r":
            k = float(v["k"])
            return meets(over_grid(lambda r: k * r / (1 + (k - 1) * r), rounding(v["mean_r"])), v["alpha"])
        case "df":
            return v["df"] == case.options["_right"]
    return angles_possible(case.lists)


def loadings_range(case: Case) -> Range:
    """By search from many starts within the roundings, not by the ends."""
    bounds = [size(one) for one in case.lists["loadings"]]

    def value(loadings: np.ndarray) -> float:
        squares = float(np.sum(np.square(loadings)))
        if case.check == "ave":
            return squares / len(loadings)
        total = float(np.sum(loadings)) ** 2
        return total / (total + len(loadings) - squares)

    start = np.array([sum(one) / 2 for one in bounds])
    low = optimize.minimize(value, start, bounds=bounds).fun
    high = -optimize.minimize(lambda one: -value(one), start, bounds=bounds).fun
    return float(low), float(high)


def angles_possible(lists: Mapping[str, Sequence[str]]) -> bool:
    """Three correlations are possible iff the angles between variables obey the triangle's inequalities."""
    rows = list(lists.values())
    r = [rounding(rows[1][0]), rounding(rows[2][0]), rounding(rows[2][1])]
    if any(low > 1 or high < -1 for low, high in r):
        return False
    bounds = [(np.arccos(min(high, 1)), np.arccos(max(low, -1))) for low, high in r]
    inequalities = [[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, 1]]
    found = optimize.linprog([0, 0, 0], A_ub=inequalities, b_ub=[0, 0, 0, 2 * np.pi], bounds=bounds)
    return bool(found.status == 0)


# --- slips and rates ----------------------------------------------------------------------------------------


def possible(case: Case) -> bool:
    """Whether some unrounded numbers print as these do and belong together."""
    if case.check in ("t", "z", "f", "r", "chisq"):
        return p_possible(case)
    if case.check in ("grim", "grimmer", "debit"):
        return answers_possible(case)
    return model_possible(case)


def slipped(text: str, rng: np.random.Generator) -> str:
    """The number with one slip of a typist."""
    if text.startswith("<"):
        return f".{rng.integers(2, 90):03d}"
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    swaps = [at for at in places if text[at + 1 : at + 2].isdigit() and text[at] != text[at + 1]]
    if swaps and rng.random() < 0.5:
        at = int(rng.choice(swaps))
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    at = int(rng.choice(places))
    other = str(rng.choice([digit for digit in "0123456789" if digit != text[at]]))
    return text[:at] + other + text[at + 1 :]


def with_slip(case: Case, rng: np.random.Generator) -> Case:
    name = str(rng.choice(case.slips))
    if name == "r":
        lists = {row: list(numbers) for row, numbers in case.lists.items()}
        row, at = [("v1", 0), ("v2", 0), ("v2", 1)][int(rng.integers(3))]
        old = lists[row][at]
        lists[row][at] = old.removeprefix("-") if old.startswith("-") else slipped(f"-{old}", rng)
        return replace(case, lists=lists)
    return replace(case, values=case.values | {name: slipped(case.values[name], rng)})


def generated(each: int = EACH, seed: int = 20261122) -> list[Case]:
    """Right results: `each` of every kind."""
    rng = np.random.default_rng(seed)
    return [case for _ in range(each) for make in (tests, descriptives, models) for case in make(rng)]


def statuses(cases: Sequence[Case]) -> list[str]:
    """What surveykit says of each, through a claims.yaml as a reviewer would write it."""
    entries = []
    for number, case in enumerate(cases):
        entry = case.entry(f"c{number}")
        entry.pop("_right", None)
        entries.append(entry)
    head = {"claims": "generated", "version": "1.0.0", "citation": "generated", "checks": entries}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claims.yaml"
        # JSON is YAML: every string stays quoted.
        path.write_text(json.dumps(head, ensure_ascii=False, indent=0), encoding="utf-8")
        return list(check_consistency(path).to_frame()["status"])


def rates(each: int = EACH, seed: int = 20261122) -> pd.DataFrame:
    """A row a kind: right results, false alarms; slips, those that show at all, found, wrongly accused."""
    right = generated(each, seed)
    rng = np.random.default_rng(seed + 1)
    wrong = [with_slip(case, rng) for case in right if case.slips]
    betrayed = [not possible(case) for case in wrong]
    rows: dict[str, list[int]] = {case.kind: [0] * 6 for case in right}
    for case, status in zip(right, statuses(right), strict=True):
        rows[case.kind][0] += 1
        rows[case.kind][1] += status not in ("consistent", "undecided")
    for case, shows, status in zip(wrong, betrayed, statuses(wrong), strict=True):
        rows[case.kind][2] += 1
        rows[case.kind][3] += shows
        rows[case.kind][4] += shows and status == "inconsistent"
        rows[case.kind][5] += not shows and status == "inconsistent"
    columns = ["right", "false_alarms", "slips", "detectable", "found", "accused_though_possible"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    frame.loc["all"] = frame.sum()
    return frame


def main() -> None:
    print(rates().to_string())


if __name__ == "__main__":
    main()
