"""How a report calls things: labels of variables and groups in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveykit.options import check_language
from surveykit.wording import wording

LONG_LABEL = 40


@dataclass(frozen=True)
class Names:
    """The language of a report and its labels in that language.

    `variables`: scales and items by their id; `groups`: groups by the value that
    stands in the data; `answers`: for each item the label of each code.
    `decimals`: of estimates and means; p values always have three.

    Raises
    ------
    SurveykitError
        O001 a language that is not offered.
    """

    lang: str = "en"
    variables: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    decimals: int = 2

    def __post_init__(self) -> None:
        check_language(self.lang)

    def variable(self, name: str) -> str:
        """The label of a scale or an item; its id where it has none."""
        return self.variables.get(name) or name

    def item(self, name: str) -> str:
        """An item's id, and its wording where it is known."""
        label = self.variable(name)
        return name if label == name else f"{name}  {label}"

    def short(self, name: str) -> str:
        """The label of a scale; the id of an item, whose label is a sentence."""
        label = self.variable(name)
        return name if name in self.answers or len(label) > LONG_LABEL else label

    def group(self, name: object) -> str:
        """The label of a group; "All respondents" for the empty name."""
        if name is None or name == "":
            return self.text("all_groups")
        return self.groups.get(str(name)) or str(name)

    def text(self, key: str, **fields: Any) -> str:
        """A text of the report in its language."""
        return wording("report", key, self.lang, **fields)
