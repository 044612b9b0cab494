"""YAML text as a tree in which every value remembers its line and column.

Nothing is interpreted here: ``NO``, ``1.10``, ``012`` and ``2020-01-01`` stay
the text that was typed (the schema decides what a value is), and what could
exhaust memory or hide a mistake is refused: files over 2 MB, nesting deeper
than 24, more than 50,000 values after aliases are unfolded, duplicate keys,
tags, several documents, control characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from surveykit.errors import Place, SurveykitError

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
MAX_VALUES = 50_000
# What neither YAML nor a cell of a workbook (XML 1.0) can hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Mark(NamedTuple):
    """A place in the file, counted from 1."""

    line: int
    column: int


START = Mark(1, 1)


class Scalar(str):
    """The text of a single value; `plain` where it stood without quotes."""

    __slots__ = ("mark", "plain")
    mark: Mark
    plain: bool

    def __new__(cls, text: str, mark: Mark = START, plain: bool = False) -> Scalar:
        self = super().__new__(cls, text)
        self.mark = mark
        self.plain = plain
        return self


class YamlList(list["Node"]):
    """A sequence and where it starts."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark


class YamlMap(dict[str, "Node"]):
    """A mapping, where it starts and where each key stands."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.key_marks: dict[str, Mark] = {}


Node: TypeAlias = Scalar | YamlList | YamlMap


def read_yaml(path: str | Path) -> YamlMap:
    """The tree of a YAML file whose top level is a mapping.

    Raises
    ------
    SurveykitError
        I001 no such file; I002 cannot be read; I003 too large; and all of `parse_yaml`.
    """
    place = Place(file=str(path))
    try:
        where = Path(path)
        if not where.exists():
            raise SurveykitError("I001", place=place)
        if not where.is_file():
            raise SurveykitError("I002", place=place, reason="not a regular file")
        with where.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SurveykitError("I002", place=place, reason=str(error)) from error
    return parse_yaml(data, str(path))


def parse_yaml(data: bytes, file: str) -> YamlMap:
    """The tree of YAML bytes whose top level is a mapping.

    Raises
    ------
    SurveykitError
        I003 over 2 MB; I004 not UTF-8; I005 empty; I006 control characters; I007 not YAML; I008 a tab as
        indentation; I009 a key twice; I010 too many values; I011 an alias that refers to nothing or to
        itself; I012 nested too deeply; I013 a tag; I014 several documents; I015 the top level is no
        mapping; I016 a key that is not plain text.
    """
    if len(data) > MAX_BYTES:
        raise SurveykitError("I003", place=Place(file=file), limit=MAX_BYTES // 1_000_000)
    text = decoded(data, file)
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.add(event)
    except MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from error
    except (YAMLError, ValueError, IndexError) as error:
        raise SurveykitError("I007", place=Place(file=file), detail=_one_line(str(error))) from error
    root = builder.root
    if root is None or (isinstance(root, Scalar) and not root and root.plain):
        raise SurveykitError("I005", place=Place(file=file))
    if not isinstance(root, YamlMap):
        raise SurveykitError("I015", place=place_of(root.mark, file))
    return root


def decoded(data: bytes, file: str) -> str:
    """The bytes as UTF-8 text (a UTF-8 byte order mark is fine), without control characters."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SurveykitError("I004", place=Place(file=file, line=line)) from error
    if not text.strip():
        raise SurveykitError("I005", place=Place(file=file))
    forbidden = FORBIDDEN.search(text)
    if forbidden:
        line = text.count("\n", 0, forbidden.start()) + 1
        raise SurveykitError(
            "I006", place=Place(file=file, line=line), character=f"U+{ord(forbidden.group()):04X}"
        )
    return text


def place_of(mark: Mark, file: str) -> Place:
    return Place(file=file, line=mark.line, column=mark.column)


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def _syntax_error(error: MarkedYAMLError, text: str, file: str) -> SurveykitError:
    mark = error.problem_mark or error.context_mark
    place = Place(file=file) if mark is None else place_of(Mark(mark.line + 1, mark.column + 1), file)
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return SurveykitError("I008", place=place)
    parts = [part for part in (error.context, error.problem) if part]
    return SurveykitError("I007", place=place, detail=_one_line("; ".join(parts)))


@dataclass
class _Open:
    """A list or mapping that is still being read."""

    node: YamlList | YamlMap
    anchor: str | None
    key: Scalar | None = None
    size: int = 1
    height: int = 1


@dataclass
class _Builder:
    """Grows the tree from parser events, without recursion."""

    file: str
    root: Node | None = None
    documents: int = 0
    values: int = 0
    stack: list[_Open] = field(default_factory=list)
    # anchor -> (node, number of values in it, its height); None while it is still being read
    anchors: dict[str, tuple[Node, int, int] | None] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse("I014", event)
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            done = self.stack.pop()
            self._attach(done.node, done.anchor, done.size, done.height, event)
        elif isinstance(event, AliasEvent | ScalarEvent | CollectionStartEvent):
            self._start(event)

    def _start(self, event: AliasEvent | ScalarEvent | CollectionStartEvent) -> None:
        if isinstance(event, AliasEvent):
            known = self.anchors.get(event.anchor)
            if known is None:
                self._refuse("I011", event, alias=event.anchor)
            node, size, height = known
            self._count(size, event)
            self._attach(copied(node), None, size, height, event)
            return
        self._count(1, event)
        if event.tag is not None and not (isinstance(event, ScalarEvent) and event.tag == "!"):
            self._refuse("I013", event, tag=_one_line(str(event.tag)))
        if isinstance(event, ScalarEvent):
            self._attach(self._scalar(event), event.anchor, 1, 0, event)
            return
        node_type = YamlList if isinstance(event, SequenceStartEvent) else YamlMap
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(node_type(_mark(event)), event.anchor))
        if len(self.stack) > MAX_DEPTH:
            self._refuse("I012", event, limit=MAX_DEPTH)

    def _scalar(self, event: ScalarEvent) -> Scalar:
        forbidden = FORBIDDEN.search(event.value)
        if forbidden:  # written as an escape: "\0"
            self._refuse("I006", event, character=f"U+{ord(forbidden.group()):04X}")
        return Scalar(event.value, _mark(event), event.style is None)

    def _attach(self, node: Node, anchor: str | None, size: int, height: int, event: Event) -> None:
        """Hang a finished node into the list or mapping that is open."""
        if anchor is not None:
            self.anchors[anchor] = (node, size, height)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        if len(self.stack) + height > MAX_DEPTH:
            self._refuse("I012", event, limit=MAX_DEPTH)
        if isinstance(parent.node, YamlList):
            parent.node.append(node)
        elif parent.key is None:
            parent.key = self._key(node, parent.node)
        else:
            parent.node[str(parent.key)] = node
            parent.key = None

    def _key(self, node: Node, mapping: YamlMap) -> Scalar:
        place = place_of(node.mark, self.file)
        if not isinstance(node, Scalar):
            raise SurveykitError("I016", place=place)
        name = str(node)
        if name in mapping.key_marks:
            raise SurveykitError(
                "I009", place=place, key=_one_line(name), first_line=mapping.key_marks[name].line
            )
        mapping.key_marks[name] = node.mark
        return node

    def _count(self, values: int, event: Event) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            self._refuse("I010", event, limit=MAX_VALUES)

    def _refuse(self, code: str, event: Event, **fields: object) -> NoReturn:
        raise SurveykitError(code, place=place_of(_mark(event), self.file), **fields)


def copied(node: Node) -> Node:
    """A node of its own for an alias, so that a change in one place stays in that place."""
    if isinstance(node, Scalar):
        return node
    if isinstance(node, YamlList):
        twin = YamlList(node.mark)
        twin.extend(copied(one) for one in node)
        return twin
    mapping = YamlMap(node.mark)
    mapping.key_marks = dict(node.key_marks)
    mapping.update({key: copied(one) for key, one in node.items()})
    return mapping
