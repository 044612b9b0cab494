"""One questionnaire, defined once, carried to a result that a stranger can reproduce.

Everything public is here; a name is loaded when it is first used, so that
``import surveykit`` and the command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Public name -> the module that defines it.
_HOME = {
    "SurveykitError": "surveykit.errors",
    "SurveykitWarning": "surveykit.errors",
    "read_instrument": "surveykit.instrument.reader",
    "write_forms": "surveykit.form.excel",
    "collect": "surveykit.responses.collect",
    "read_responses": "surveykit.responses.collect",
    "score_scales": "surveykit.scoring",
    "sem": "surveykit.analysis.sem",
    "cfa": "surveykit.analysis.sem",
    "growth": "surveykit.analysis.sem",
    "lavaan": "surveykit.analysis.sem",
    "run_study": "surveykit.study",
}

__all__ = ["__version__", *_HOME]

if TYPE_CHECKING:
    from surveykit.errors import SurveykitError, SurveykitWarning


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'surveykit' has no attribute '{name}'")
    # `__import__` with a `fromlist`: the facade stands above every layer, so no arrow is hidden.
    value = getattr(__import__(_HOME[name], fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
