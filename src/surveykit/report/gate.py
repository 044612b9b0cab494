"""What measurement invariance lets be said about a difference of observed means, in words."""

from __future__ import annotations

from collections.abc import Mapping

from surveykit.analysis.gate import OutcomeGate
from surveykit.errors import note
from surveykit.report.cells import share
from surveykit.report.names import Names

Gates = Mapping[str, OutcomeGate]


def untested(outcome: str) -> OutcomeGate:
    """The verdict on an outcome whose scale nobody tested, among others that were."""
    return OutcomeGate(outcome, "none", False, False, note("V021", outcome=outcome), {}, (), None)


def level_text(gate: OutcomeGate, names: Names) -> str:
    """The highest level that holds; "not tested" where none was looked at."""
    if gate.level == "none" and _code(gate) == "V021":
        return names.text("level_untested")
    return names.text(f"level_{gate.level}")


def reason_text(gate: OutcomeGate, names: Names) -> str:
    """Why a difference is crossed through, or shown with a reservation; empty where it simply stands."""
    stop = names.text("stop")
    match _code(gate):
        case "":
            return ""
        case "V023":
            return (names.text("gate_partial", freed=", ".join(gate.freed)) + stop).strip()
        case "V021":
            return (names.text("gate_unknown") + stop).strip()
    key = "gate_overridden" if gate.overridden else "gate_struck"
    text = names.text(key, level=names.text(f"level_{gate.level}"))
    failed = failed_text(gate)
    text += f" ({failed})" if failed else ""
    then = "" if gate.overridden else names.text("gate_latent" if gate.latent else "gate_nothing")
    return (text + stop + then).strip()


def failed_text(gate: OutcomeGate) -> str:
    """How much worse the level that fails fits: ``ΔCFI = −.031``."""
    changes = ((name.removeprefix("delta_").upper(), value) for name, value in gate.failed.items())
    return ", ".join(f"Δ{name} = {share(value, 3)}" for name, value in changes if value == value)


def _code(gate: OutcomeGate) -> str:
    return "" if gate.reason is None else gate.reason.code
