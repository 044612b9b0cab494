"""Why a printed number may differ from the recomputed one: slips that a reviewer would look for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from surveykit.archive.printed import Printed, read_printed
from surveykit.archive.schema import ClaimSpec
from surveykit.errors import Note, note


def likely_slip(printed: Printed, value: float, claim: ClaimSpec) -> Note | None:
    """The first slip that turns what is printed into the recomputed value; None where there is none.

    A hint, never a verdict: with few decimals two numbers can be alike by chance.
    """
    if printed.sign == "=" and any(value in read_printed(one).interval for one in _swapped(printed.text)):
        return note("A058")
    if value != 0 and -value in printed.interval:
        return note("A059")
    if claim.kind == "p":
        other = "two" if claim.tails == "one" else "one"
        if (2 * value if other == "two" else value / 2) in printed.interval:
            return note("A060", stated=other, here=claim.tails)
    return None


def _swapped(text: str) -> Iterator[str]:
    """The number with two neighbouring digits swapped, a decimal point between them or not."""
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    for first, second in itertools.pairwise(places):
        if text[first] != text[second]:
            signs = list(text)
            signs[first], signs[second] = signs[second], signs[first]
            yield "".join(signs)
