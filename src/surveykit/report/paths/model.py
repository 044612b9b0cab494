"""What a path diagram shows: variables and arrows, read off a table of estimates."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["loading", "regression", "covariance"]
_KINDS: Mapping[str, Kind] = {"=~": "loading", "~": "regression", "~~": "covariance"}


@dataclass(frozen=True)
class Value:
    """The estimate on one arrow in one group; `pvalue` None where the parameter is fixed."""

    est: float
    std: float | None
    pvalue: float | None


@dataclass(frozen=True)
class Arrow:
    """From cause to effect, from factor to indicator; both ways for a covariance."""

    source: str
    target: str
    kind: Kind


@dataclass(frozen=True)
class PathModel:
    """The structure that all groups share.

    `indicators`: latent variable -> the observed ones drawn beside it (each
    observed variable beside one factor only; further loadings are `extra`).
    `structural`: the variables that are not drawn beside a factor, in model order.
    `paths`: arrows among structural variables; `extra`: all other arrows.
    """

    latents: tuple[str, ...]
    structural: tuple[str, ...]
    indicators: Mapping[str, tuple[str, ...]]
    paths: tuple[Arrow, ...]
    extra: tuple[Arrow, ...]

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        """Every arrow that is drawn."""
        own = tuple(Arrow(f, item, "loading") for f, items in self.indicators.items() for item in items)
        return (*self.paths, *own, *self.extra)


@dataclass(frozen=True)
class GroupValues:
    """One group's numbers: a value an arrow, R² of the variables that are explained."""

    title: str
    values: Mapping[Arrow, Value]
    r_squared: Mapping[str, float] = field(default_factory=dict)


def path_model(parameters: pd.DataFrame) -> PathModel:
    """The structure of a model, from the columns `lhs`, `op`, `rhs` of its estimates."""
    arrows = tuple(dict.fromkeys(one for line in _lines(parameters) if (one := _arrow(line)) is not None))
    loadings = [one for one in arrows if one.kind == "loading"]
    latents = tuple(dict.fromkeys(one.source for one in loadings))
    indicators = _beside(loadings, latents)
    drawn_beside = {item: factor for factor, items in indicators.items() for item in items}
    regressions = {name for one in arrows if one.kind == "regression" for name in (one.source, one.target)}
    structural = (*latents, *_observed(arrows, latents, drawn_beside))
    own = {Arrow(factor, item, "loading") for item, factor in drawn_beside.items()}
    rest = tuple(one for one in arrows if one not in own)
    # A covariance of a covariate that nothing depends on would be an arrow without a box.
    known = {*structural, *drawn_beside, *regressions}
    rest = tuple(one for one in rest if {one.source, one.target} <= known)
    paths = tuple(one for one in rest if {one.source, one.target} <= set(structural))
    extra = tuple(one for one in rest if one not in set(paths))
    return PathModel(latents, structural, indicators, paths, extra)


def group_values(
    parameters: pd.DataFrame, title: str, r_squared: Mapping[str, float] | None = None
) -> GroupValues:
    """The numbers of one group; `parameters` holds the rows of that group only."""
    values: dict[Arrow, Value] = {}
    for line in _lines(parameters):
        arrow = _arrow(line)
        if arrow is not None:
            pvalue = _number(line.get("pvalue"))
            values[arrow] = Value(float(line["est"]), _number(line.get("std_all")), pvalue)
    return GroupValues(title, values, dict(r_squared or {}))


def _lines(parameters: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return parameters.to_dict(orient="records")


def _arrow(line: Mapping[Hashable, Any]) -> Arrow | None:
    """The arrow of a row; None for variances, means, thresholds, constraints."""
    kind = _KINDS.get(line["op"])
    if kind is None or line["lhs"] == line["rhs"]:
        return None
    if kind == "regression":
        return Arrow(line["rhs"], line["lhs"], kind)
    return Arrow(line["lhs"], line["rhs"], kind)


def _beside(loadings: list[Arrow], latents: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each indicator beside the factor that has fewest of them: a specific factor before a general one."""
    size = {factor: sum(one.source == factor for one in loadings) for factor in latents}
    home: dict[str, str] = {}
    for one in loadings:
        if one.target not in latents and (
            one.target not in home or size[one.source] < size[home[one.target]]
        ):
            home[one.target] = one.source
    return {
        factor: tuple(item for item, owner in home.items() if owner == factor)
        for factor in latents
        if factor in home.values()
    }


def _observed(
    arrows: tuple[Arrow, ...], latents: tuple[str, ...], drawn_beside: Mapping[str, str]
) -> tuple[str, ...]:
    """Observed variables that stand in a regression and beside no factor."""
    ends = [name for one in arrows if one.kind == "regression" for name in (one.source, one.target)]
    return tuple(dict.fromkeys(name for name in ends if name not in latents and name not in drawn_beside))


def _number(value: Any) -> float | None:
    if value is None:
        return None
    found = float(value)
    return found if found == found else None
