"""The tree of a file with its name: a path such as ("scales", "trust", "items", 0) as place and as words."""

from __future__ import annotations

from typing import NamedTuple

from surveykit.errors import Place
from surveykit.instrument.texts import Path
from surveykit.instrument.yaml_tree import Node, Scalar, YamlList, YamlMap, place_of


class Source(NamedTuple):
    """A parsed file."""

    tree: YamlMap
    file: str

    def node(self, path: Path) -> Node | None:
        """What stands at the end of a path; None where there is nothing."""
        node: Node | None = self.tree
        for step in path:
            node = None if node is None else child(node, step)
        return node

    def place(self, path: Path, key: bool = False) -> Place:
        """The deepest place on the path that exists: of a single value, else (or if `key`) of its key."""
        node: Node = self.tree
        mark = node.mark
        for step in path:
            below = child(node, step)
            if below is None:
                break
            at_key = isinstance(node, YamlMap) and (key or not (isinstance(below, Scalar) and below))
            mark = (
                node.key_marks.get(str(step), below.mark)
                if at_key and isinstance(node, YamlMap)
                else below.mark
            )
            node = below
        return place_of(mark, self.file)

    def where(self, path: Path) -> str:
        """The path as words, entries by id or counted from 1: ``sections > trust > items > 2 > type``."""
        words: list[str] = []
        node: Node | None = self.tree
        for step in path:
            counted = isinstance(node, YamlList) and isinstance(step, int)
            node = None if node is None else child(node, step)
            name = node.get("id") if isinstance(node, YamlMap) and counted else None
            if isinstance(name, Scalar):
                words.append(short(name))
            else:
                words.append(str(int(step) + 1) if counted else short(str(step)))
        return " > ".join(words) or "instrument"


def child(node: Node, step: str | int) -> Node | None:
    """One step down; None where there is nothing."""
    if isinstance(node, YamlMap):
        return node.get(str(step))
    if isinstance(node, YamlList) and isinstance(step, int) and step < len(node):
        return node[step]
    return None


def short(value: str) -> str:
    """A value as a message quotes it: one line, at most 60 characters."""
    line = " ".join(value.split())
    return line if len(line) <= 60 else line[:59] + "…"
