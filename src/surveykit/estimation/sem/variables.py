"""Which variable plays which part in a model, read off its formulas (lavaan's lavNames)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in order of first appearance."""
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class VariableRoles:
    """The rows of one group, asked for names: `roles.ov`, `roles.lv_x`, ...

    Every answer is in lavaan's order: indicators, outcomes, predictors, the rest.
    `user` and `exo` are 1 where a row was written by the user, or holds a moment
    of a fixed exogenous variable (or, if x is conditioned on, its slope).
    """

    lhs: Sequence[str]
    op: Sequence[str]
    rhs: Sequence[str]
    user: Sequence[int]
    exo: Sequence[int]

    def _left(self, *ops: str) -> tuple[str, ...]:
        return unique(lhs for lhs, op in zip(self.lhs, self.op, strict=True) if op in ops)

    def _right(self, *ops: str) -> tuple[str, ...]:
        return unique(rhs for rhs, op in zip(self.rhs, self.op, strict=True) if op in ops)

    @cached_property
    def lv(self) -> tuple[str, ...]:
        """Latent variables."""
        return self._left("=~")

    @cached_property
    def eqs_y(self) -> tuple[str, ...]:
        """Outcomes of regressions."""
        return self._left("~")

    @cached_property
    def eqs_x(self) -> tuple[str, ...]:
        """Predictors in regressions."""
        return self._right("~")

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Everything that is measured by a latent variable, observed or latent."""
        return self._right("=~")

    @cached_property
    def lv_regular(self) -> tuple[str, ...]:
        """Latent variables with indicators other than themselves (no phantoms)."""
        rows = zip(self.lhs, self.op, self.rhs, strict=True)
        return unique(lhs for lhs, op, rhs in rows if op == "=~" and lhs != rhs)

    @cached_property
    def lv_ind(self) -> tuple[str, ...]:
        """Latent variables that are indicators of a higher-order one."""
        rows = zip(self.lhs, self.op, self.rhs, strict=True)
        return unique(rhs for lhs, op, rhs in rows if op == "=~" and rhs in self.lv and lhs != rhs)

    @cached_property
    def lv_ho(self) -> tuple[str, ...]:
        """Higher-order latent variables."""
        rows = zip(self.lhs, self.op, self.rhs, strict=True)
        return unique(lhs for lhs, op, rhs in rows if op == "=~" and rhs in self.lv_ind)

    @cached_property
    def lv_x(self) -> tuple[str, ...]:
        """Latent variables that neither depend on nor indicate anything."""
        return tuple(name for name in self.lv if name not in self.indicators and name not in self.eqs_y)

    @cached_property
    def lv_nox(self) -> tuple[str, ...]:
        return tuple(name for name in self.lv if name not in self.lv_x)

    @cached_property
    def lv_y(self) -> tuple[str, ...]:
        """Latent variables that depend on others and nothing depends on."""
        inner = {*self.indicators, *self.eqs_x}
        return tuple(name for name in self.lv if name in self.eqs_y and name not in inner)

    @cached_property
    def ov_ind(self) -> tuple[str, ...]:
        """Observed indicators."""
        return tuple(name for name in self.indicators if name not in self.lv)

    @cached_property
    def _predictors(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Outcomes and predictors that are only that: observed, no indicators."""
        outcomes = tuple(name for name in self.eqs_y if name not in self.lv and name not in self.ov_ind)
        known = {*self.lv, *self.ov_ind, *outcomes}
        predictors = tuple(name for name in self.eqs_x if name not in known)
        # The product of an outcome and something else cannot be held fixed.
        moved = tuple(
            name for name in predictors if ":" in name and any(part in self.eqs_y for part in name.split(":"))
        )
        return unique(outcomes + moved), tuple(name for name in predictors if name not in moved)

    @cached_property
    def ov_extra(self) -> tuple[str, ...]:
        """Observed variables of `~~`, then of `~1` and `|` rows."""
        rows = list(zip(self.lhs, self.op, self.rhs, strict=True))
        pairs = [lhs for lhs, op, _ in rows if op == "~~"] + [rhs for _, op, rhs in rows if op == "~~"]
        single = [lhs for lhs, op, _ in rows if op in ("~1", "|")]
        return unique(name for name in pairs + single if name not in self.lv)

    @cached_property
    def ov(self) -> tuple[str, ...]:
        """Observed variables: indicators, outcomes, predictors, those only in `~~` or `~1`."""
        outcomes, predictors = self._predictors
        return unique((*self.ov_ind, *outcomes, *predictors, *self.ov_extra))

    @cached_property
    def ov_x(self) -> tuple[str, ...]:
        """Exogenous observed predictors whose own moments the user did not write down."""
        return unique((*(name for name in self._predictors[1] if name not in self._written), *self._exo))

    @cached_property
    def ov_x_written(self) -> tuple[str, ...]:
        """Exogenous observed predictors that the user gave a variance, covariance or intercept."""
        return tuple(name for name in self._predictors[1] if name in self._written)

    @cached_property
    def _written(self) -> frozenset[str]:
        rows = list(zip(self.lhs, self.op, self.rhs, self.user, strict=True))
        names = [lhs for lhs, op, _, user in rows if user == 1 and op in ("~1", "~~")]
        return frozenset(names + [rhs for _, op, rhs, user in rows if user == 1 and op == "~~"])

    @cached_property
    def _exo(self) -> tuple[str, ...]:
        rows = list(zip(self.lhs, self.op, self.rhs, self.exo, strict=True))
        names = [lhs for lhs, op, _, exo in rows if exo == 1 and op == "~~"]
        names += [rhs for _, op, rhs, exo in rows if exo == 1 and op == "~~"]
        return unique(names + [lhs for lhs, op, _, exo in rows if exo == 1 and op == "~1"])

    @cached_property
    def ov_nox(self) -> tuple[str, ...]:
        return tuple(name for name in self.ov if name not in self.ov_x)

    @cached_property
    def ov_model(self) -> tuple[str, ...]:
        """Observed variables with a place in the implied moments: without x where x is conditioned on."""
        conditional = any(op == "~" and exo == 1 for op, exo in zip(self.op, self.exo, strict=True))
        return self.ov_nox if conditional else self.ov

    @cached_property
    def ov_y(self) -> tuple[str, ...]:
        """Observed variables that depend on others and nothing depends on."""
        inner = {*self.indicators, *self.eqs_x, *self.lv}
        return tuple(name for name in self.ov if name in self.eqs_y and name not in inner)

    @cached_property
    def ov_ord(self) -> tuple[str, ...]:
        """Observed variables with thresholds."""
        ordered = self._left("|")
        return tuple(name for name in self.ov if name in ordered)

    @cached_property
    def ov_num(self) -> tuple[str, ...]:
        return tuple(name for name in self.ov if name not in self.ov_ord)

    @cached_property
    def ov_interaction(self) -> tuple[str, ...]:
        """Products of two observed variables of the model, written ``a:b``."""
        plain = {name for name in self.ov if ":" not in name}
        return tuple(name for name in self.ov if ":" in name and plain.issuperset(name.split(":")))

    @cached_property
    def th(self) -> tuple[str, ...]:
        """Thresholds, ``item|t1``, variable by variable in increasing order."""
        rows = {(lhs, rhs) for lhs, op, rhs in zip(self.lhs, self.op, self.rhs, strict=True) if op == "|"}
        ordered = sorted(rows, key=lambda pair: (self.ov_ord.index(pair[0]), int(pair[1][1:])))
        return tuple(f"{lhs}|{rhs}" for lhs, rhs in ordered)
