"""What collection needs of a study.yaml: which instruments, and which groups by which column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from surveykit.errors import SurveykitError
from surveykit.instrument.yaml_tree import YamlList, YamlMap, read_yaml

PLAN = "study.yaml"
# Steps that part the answers by group, some only where they are told to.
BY_GROUP = frozenset(
    ("describe", "reliability", "compare", "invariance", "item_bias", "paths", "response_styles")
)
WHERE_TOLD = ("by_group", "separately")
USUAL_COLUMN = "country"
RETURNED = "returned"
SHOWN = 8


def planned_instruments(study: str | Path) -> list[str]:
    """The value of `instrument` in study.yaml: a path, or a list of paths."""
    plan = Path(study) / PLAN
    if not plan.is_file():
        return []
    value = read_yaml(plan).get("instrument")
    if isinstance(value, YamlList):
        return [str(one) for one in value if isinstance(one, str)]
    return [str(value)] if isinstance(value, str) and value.strip() else []


def planned_group(study: str | Path) -> str | None:
    """The column by which the plan's steps tell groups apart; None where none does or no plan is there."""
    try:
        tree = read_yaml(Path(study) / PLAN)
    except SurveykitError:
        return None
    steps = tree.get("steps")
    if not isinstance(steps, YamlList) or not any(_by_group(one) for one in steps):
        return None
    groups = tree.get("groups")
    column = groups.get("column") if isinstance(groups, YamlMap) else None
    return str(column) if isinstance(column, str) else USUAL_COLUMN


def takes_returns(study: str | Path) -> bool:
    """Whether a study lives on forms that come back: one on simulated data or a table needs no list."""
    try:
        data = read_yaml(Path(study) / PLAN).get("data")
    except SurveykitError:
        return False
    return not isinstance(data, YamlMap) or str(data.get("kind", RETURNED)) == RETURNED


def planned_order(study: str | Path) -> tuple[str, ...]:
    """The groups that a readable plan names; empty where it names none and takes those of the answers."""
    groups = read_yaml(Path(study) / PLAN).get("groups")
    order = groups.get("order") if isinstance(groups, YamlMap) else None
    return tuple(str(one) for one in order) if isinstance(order, YamlList) else ()


def unnamed(values: Iterable[str], order: Iterable[str]) -> tuple[int, str]:
    """How many values are none of the groups in `order`, and which: ``'Japan' (2), 'Korea' (1)``."""
    named = set(order)
    counts = Counter(one for one in values if one not in named)
    shown = ", ".join(f"'{value}' ({count})" for value, count in counts.most_common(SHOWN))
    return counts.total(), shown + (", …" if len(counts) > SHOWN else "")


def _by_group(step: object) -> bool:
    if not isinstance(step, YamlMap):
        return False
    told = any(str(step.get(key, "")).casefold() == "true" for key in WHERE_TOLD)
    return step.get("step") in BY_GROUP or told


def plans_with(instrument: str | Path) -> list[Path]:
    """The studies near a questionnaire (in `analyses/` beside its folder or here) that use it."""
    own = Path(instrument).resolve()
    near = [own.parent, *sorted((own.parent.parent / "analyses").glob("*")), Path.cwd()]
    folders = dict.fromkeys([*near, *sorted((Path.cwd() / "analyses").glob("*"))])
    return [folder for folder in folders if (folder / PLAN).is_file() and _uses(folder, own)]


def _uses(study: Path, instrument: Path) -> bool:
    try:
        return any((study / name).resolve() == instrument for name in planned_instruments(study))
    except (SurveykitError, OSError):
        return False
