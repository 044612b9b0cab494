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
    text = _shown(gate, names)
    failed = failed_text(gate)
    text += f" ({failed})" if failed else ""
    return (text + stop + ("" if gate.overridden else _instead(gate, names))).strip()


def _shown(gate: OutcomeGate, names: Names) -> str:
    """That it is crossed through, or shown all the same, and at which level."""
    if gate.level == "none":
        return names.text("gate_overridden_none" if gate.overridden else "gate_struck_none")
    key = "gate_overridden" if gate.overridden else "gate_struck"
    return names.text(key, level=names.text(f"level_{gate.level}"))


def _instead(gate: OutcomeGate, names: Names) -> str:
    """What stands in the place of a difference that is crossed through."""
    if gate.latent is None:
        return names.text("gate_nothing")
    said = names.text("gate_latent")
    return said if _code(gate) != "V031" else names.text("gate_doubtful", freed=", ".join(gate.freed))


def failed_text(gate: OutcomeGate) -> str:
    """How much worse the level that fails fits: ``ΔCFI = −.031``."""
    changes = ((name.removeprefix("delta_").upper(), value) for name, value in gate.failed.items())
    return ", ".join(f"Δ{name} = {share(value, 3)}" for name, value in changes if value == value)


def _code(gate: OutcomeGate) -> str:
    return "" if gate.reason is None else gate.reason.code
