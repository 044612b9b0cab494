"""What no statistic can be: printed values outside its range, found before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from surveykit.archive.held import Given, Held
from surveykit.archive.printed import Interval, Printed, is_printed, read_printed
from surveykit.errors import note

ANY = math.inf
NEVER_NEGATIVE, SHARE, CORRELATION = (0.0, ANY), (0.0, 1.0), (-1.0, 1.0)
AT_LEAST_ONE, POSITIVE = (1.0, ANY), (math.ulp(0.0), ANY)
Range = tuple[float, float]

MODEL: Mapping[str, Range] = {
    "chisq": NEVER_NEGATIVE, "df": NEVER_NEGATIVE, "baseline_chisq": NEVER_NEGATIVE,
    "baseline_df": NEVER_NEGATIVE, "n": AT_LEAST_ONE,
}  # fmt: skip
NESTED: Mapping[str, Range] = {
    "chisq_1": NEVER_NEGATIVE, "chisq_2": NEVER_NEGATIVE, "df_1": NEVER_NEGATIVE, "df_2": NEVER_NEGATIVE,
    "n": AT_LEAST_ONE,
}  # fmt: skip
# Check -> printed value -> its range; `loadings` is a list. The chi-square of no degrees of freedom, and
# the mean correlation of k items, have ranges that depend on other values: see `_ranges`.
RANGES: Mapping[str, Mapping[str, Range]] = {
    "t": {"df": POSITIVE, "p": SHARE},
    "z": {"p": SHARE},
    "f": {"f": NEVER_NEGATIVE, "df1": POSITIVE, "df2": POSITIVE, "p": SHARE},
    "chisq": {"chisq": NEVER_NEGATIVE, "df": NEVER_NEGATIVE, "p": SHARE},
    "r": {"r": CORRELATION, "df": POSITIVE, "n": AT_LEAST_ONE, "p": SHARE},
    "grim": {"n": AT_LEAST_ONE},
    "grimmer": {"sd": NEVER_NEGATIVE, "n": AT_LEAST_ONE},
    "debit": {"mean": SHARE, "sd": NEVER_NEGATIVE, "n": AT_LEAST_ONE},
    "rmsea": {**MODEL, "rmsea": NEVER_NEGATIVE},
    "rmsea_ci": {**MODEL, "lower": NEVER_NEGATIVE, "upper": NEVER_NEGATIVE},
    "cfi": {**MODEL, "cfi": SHARE},
    "tli": MODEL,
    "df": {"df": NEVER_NEGATIVE},
    "aic_difference": NESTED,
    "bic_difference": NESTED,
    "ave": {"ave": SHARE, "loadings": CORRELATION},
    "cr": {"cr": SHARE, "loadings": CORRELATION},
    "indirect": {},
    "positive_definite": {},
    "alpha_from_r": {"k": AT_LEAST_ONE, "mean_r": CORRELATION, "alpha": (-ANY, 1.0)},
}
WHOLE = ("n", "k", "df", "df1", "df2", "df_1", "df_2", "baseline_df")


def impossible(given: Given) -> Held | None:
    """The first printed value that its statistic cannot have; None where all can be."""
    for name, allowed in _ranges(given):
        for printed in _printed(given, name):
            if not _possible(printed, name, allowed):
                return _refuted(given, name, printed, allowed)
    return None


def _ranges(given: Given) -> Iterator[tuple[str, Range]]:
    yield from RANGES[given.spec.check].items()
    for chisq, df in (("chisq", "df"), ("baseline_chisq", "baseline_df")):
        if given.spec.check != "df" and _value(given, df) == 0:
            yield chisq, (0.0, 0.0)
    k = _value(given, "k")
    if given.spec.check == "alpha_from_r" and k is not None and k >= 2:
        yield "mean_r", (-1 / (k - 1), 1.0)


def _value(given: Given, name: str) -> float | None:
    return next((one.value for one in _printed(given, name)), None)


def _printed(given: Given, name: str) -> list[Printed]:
    """The printed numbers under a name; what is no number is for the check itself to tell."""
    texts = given.spec.lists.get(name, []) if name == "loadings" else [given.spec.values.get(name, "")]
    return [read_printed(one) for one in texts if is_printed(one)]


def _possible(printed: Printed, name: str, allowed: Range) -> bool:
    """Rounding is no offence: -0.00 may be 0. Whole numbers were not rounded."""
    if name in WHOLE and printed.decimals <= 0 and printed.sign == "=":
        return allowed[0] <= printed.value <= allowed[1]
    return printed.interval.overlaps(Interval(*allowed))


def _refuted(given: Given, name: str, printed: Printed, allowed: Range) -> Held:
    text = printed.text.strip()
    if name == "loadings":
        why = note("A071", value=text)
    elif allowed == (0.0, 0.0):
        why = note("A072", name=name, value=text)
    else:
        why = note("A070", name=name, value=text, allowed=_words(allowed))
    return Held(text, Interval(*allowed), consistent=False, assumed=(why,))


def _words(allowed: Range) -> str:
    low, high = allowed
    if allowed == POSITIVE:
        return "> 0"
    if high == ANY:
        return f"≥ {low:g}"
    return f"≤ {high:g}" if low == -ANY else f"{low:.4g} … {high:g}"
