"""Degrees of freedom that a stated model implies, without data."""

from __future__ import annotations

from surveykit.estimation.sem.constraints import compile_constraints
from surveykit.estimation.sem.parameter_table import build_table
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options

EQUAL: dict[str | None, tuple[str, ...]] = {
    None: (),
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}


def model_df(model: str, groups: int = 1, level: str | None = None, *, means: bool = False) -> int:
    """Moments minus free parameters, as lavaan's `sem` counts them (continuous variables, fixed x).

    Raises
    ------
    SurveykitError
        What the model's syntax refuses.

    Examples
    --------
    >>> model_df("f =~ x1 + x2 + x3 + x4")
    2
    """
    parsed = parse_model(model)
    options = table_options(
        "sem", parsed, n_groups=groups, group_equal=EQUAL[level], meanstructure=True if means else None
    )
    table = build_table(parsed, options)
    constraints = compile_constraints(table)
    moments = 0
    for group in range(1, groups + 1):
        p = len(table.variable_names("ov", group))
        x = len(table.variable_names("ov.x", group)) if options.fixed_x else 0
        moments += p * (p + 1) // 2 - x * (x + 1) // 2
        moments += p - x if "~1" in table.op else 0
    return moments - table.n_free + int(constraints.n_equalities)
