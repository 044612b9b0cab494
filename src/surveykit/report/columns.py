"""What the columns of results are called in a report, and how their values are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from surveykit.report.cells import DASH, any_value, count, number, probability, share
from surveykit.report.names import Names
from surveykit.wording import has_wording

Writer = Callable[[Any, Names], str]


@dataclass(frozen=True)
class Column:
    """How one column is printed. `text`: its values are words, and stand left."""

    label: str
    write: Writer
    text: bool = False


def _number(value: Any, names: Names) -> str:
    return number(value, names.decimals)


def _share(value: Any, names: Names) -> str:
    return share(value, names.decimals)


def _fine(value: Any, names: Names) -> str:
    return share(value, 3)


def _count(value: Any, names: Names) -> str:
    return count(value)


def _p(value: Any, names: Names) -> str:
    return probability(value)


def _percent(value: Any, names: Names) -> str:
    text = number(100 * float(value), 1)
    return text if text == DASH else f"{text}%"


def _variable(value: Any, names: Names) -> str:
    return names.short(str(value))


def _item(value: Any, names: Names) -> str:
    return names.item(str(value))


def _group(value: Any, names: Names) -> str:
    return names.group(value)


def _group_or_scale(value: Any, names: Names) -> str:
    return names.group(value) if str(value) in names.groups else names.short(str(value))


# Symbols are the same in every language.
_SYMBOLS: dict[str, tuple[str, Writer]] = {
    "n": ("n", _count),
    "mean": ("M", _number),
    "sd": ("SD", _number),
    "se": ("SE", _number),
    "median": ("Mdn", _number),
    "t": ("t", _number),
    "F": ("F", _number),
    "z": ("z", _number),
    "df": ("df", _count),
    "df1": ("df1", _count),
    "df2": ("df2", _count),
    "pvalue": ("p", _p),
    "chisq": ("χ²", _number),
    "chisq_diff": ("Δχ²", _number),
    "df_diff": ("Δdf", _count),
    "cfi": ("CFI", _fine),
    "tli": ("TLI", _fine),
    "rmsea": ("RMSEA", _fine),
    "srmr": ("SRMR", _fine),
    "delta_cfi": ("ΔCFI", _fine),
    "delta_rmsea": ("ΔRMSEA", _fine),
    "delta_srmr": ("ΔSRMR", _fine),
    "cronbach_alpha": ("α", _share),
    "alpha": ("α", _share),
    "alpha_ordinal": ("α (ordinal)", _share),
    "composite_reliability": ("CR", _share),
    "omega": ("ω", _share),
    "omega2": ("ω2", _share),
    "omega3": ("ω3", _share),
    "ave": ("AVE", _share),
    "sqrt_ave": ("√AVE", _share),
    "htmt": ("HTMT", _share),
    "icc": ("ICC", _share),
    "icc1": ("ICC(1)", _share),
    "icc2": ("ICC(2)", _share),
    "kappa": ("κ", _share),
    "msa": ("MSA", _share),
    "r": ("r", _share),
    "rwg": ("rwg", _share),
    "g": ("g", _share),
    "h2": ("h²", _share),
    "u2": ("u²", _share),
    "communality": ("h²", _share),
    "uniqueness": ("u²", _share),
    "W": ("W", _fine),
}
# Words are looked up as `column_<name>`.
_NUMBERS: dict[str, Writer] = {
    "missing": _count,
    "min": _number,
    "max": _number,
    "skew": _number,
    "kurtosis": _number,
    "floor": _percent,
    "ceiling": _percent,
    "share": _percent,
    "n_items": _count,
    "n_units": _count,
    "n_raters": _count,
    "n_patterns": _count,
    "components": _count,
    "est": _number,
    "standardized_alpha": _share,
    "pvalue_adjusted": _p,
    "loading": _share,
    "item_reliability": _share,
    "complexity": _number,
    "estimate": _number,
    "statistic": _number,
    "value": _number,
    "difference": _number,
}
_WORDS: dict[str, Writer] = {
    "item": _item,
    "name": lambda value, names: (
        names.group(value) if str(value) in names.groups else names.short(str(value))
    ),
    "variable": _variable,
    "scale": _variable,
    "factor": _variable,
    "outcome": _variable,
    "lhs": _variable,
    "rhs": _variable,
    "group": _group,
    "level": lambda value, names: level_label(str(value), names),
    "parameter": lambda value, names: str(value),
    "coefficient": lambda value, names: str(value).replace("_", " "),
    "bound": lambda value, names: str(value).replace("_", " "),
    "test": lambda value, names: str(value),
    "type": lambda value, names: str(value),
}


def level_label(level: str, names: Names) -> str:
    """A level of invariance in the reader's language; others (thresholds, lv.variances) as they are."""
    key = f"level_{level}"
    return names.text(key) if has_wording("report", key) else level


def column_of(name: str, names: Names) -> Column | None:
    """How a column is printed; None for one that nobody described."""
    if name in _SYMBOLS:
        label, write = _SYMBOLS[name]
        return Column(label, write)
    if name in _NUMBERS:
        return Column(names.text(f"column_{name}"), _NUMBERS[name])
    if name in _WORDS:
        return Column(names.text(f"column_{name}"), _WORDS[name], text=True)
    return None


def plain_column(name: str, values: Sequence[Any], names: Names) -> Column:
    """A column nobody described: its name, and as many decimals for all as its smallest value needs."""
    if all(isinstance(value, bool) or type(value).__name__ == "bool" for value in values):
        return Column(_words(name, names), lambda value, n: n.text("yes" if value else "no"), text=True)
    found = [float(value) for value in values if isinstance(value, int | float) and value == value]
    whole = all(abs(value - round(value)) < 1e-9 for value in found)
    decimals = 0 if whole else max(names.decimals, *(_needed(abs(value)) for value in found))
    return Column(_words(name, names), lambda value, n: any_value(value, decimals))


def _words(name: str, names: Names) -> str:
    return names.short(name) if name in names.variables else name.replace("_", " ")


def _needed(size: float) -> int:
    """Decimals that leave two significant digits of a small number, at most four."""
    return next((digits for digits in (2, 3) if size == 0 or size >= 10.0 ** (1 - digits)), 4)
