"""YAML as a tree with places: what is refused, and that nothing is interpreted."""

from pathlib import Path

import pytest

from surveykit.errors import SurveykitError
from surveykit.instrument.yaml_tree import MAX_BYTES, Node, Scalar, YamlMap, parse_yaml, read_yaml

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n".encode()
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)

REFUSED = [
    ("I003", b"a: " + b"x" * MAX_BYTES, None),
    ("I004", b"a: 1\nb: \xff\n", 2),
    ("I004", "a: 調査".encode("cp932"), 1),
    ("I004", "a: 조사".encode("cp949"), 1),
    ("I004", "a: 1".encode("utf-16"), 1),
    ("I005", b"", None),
    ("I005", b" \n\n", None),
    ("I005", b"# only a remark\n", None),
    ("I005", b"\xef\xbb\xbf", None),
    ("I006", b"a: 1\nb: \x00\n", 2),
    ("I006", b"PK\x03\x04\x14\x00\x06\x00", 1),
    ("I006", b'a: 1\nb: "\\0"', 2),
    ("I006", b'a: "\\ud800"', 1),
    ("I006", "a: \ufffe".encode(), 1),
    ("I007", b"a: [1, 2\nb: 3\n", 2),
    ("I007", b"a: b: c", 1),
    ("I007", b"a: 'open", 1),
    ("I007", b"%YAML 9.9\n---\na: 1\n", 1),
    ("I008", b"a:\n\tb: 1\n", 2),
    ("I009", b"a: 1\nb: 2\na: 3\n", 3),
    ("I009", b"a: {b: 1, 'b': 2}", 1),
    ("I010", BOMB, 5),
    ("I010", b"- x\n" * 50_001, 50_000),
    ("I011", b"a: *missing\n", 1),
    ("I011", b"a: &self [*self]\n", 1),
    ("I012", b"[" * 1_000, 1),
    ("I012", b"{a: " * 1_000, 1),
    ("I012", b"- " * 1_000, 1),
    ("I012", b"a: &x [[[[[[[[[[[[1]]]]]]]]]]]]\nb: [[[[[[[[[[[[*x]]]]]]]]]]]]", 2),
    ("I013", b"a: !!python/object/apply:os.system [ls]\n", 1),
    ("I013", b"a: !important\n", 1),
    ("I014", b"a: 1\n---\nb: 2\n", 2),
    ("I015", b"- a\n- b\n", 1),
    ("I015", b"just a text\n", 1),
    ("I016", b"? [a, b]\n: 1\n", 1),
]


@pytest.mark.parametrize(("code", "data", "line"), REFUSED, ids=lambda value: str(value)[:24])
def test_a_file_that_is_refused(code: str, data: bytes, line: int | None) -> None:
    with pytest.raises(SurveykitError) as refusal:
        parse_yaml(data, "file.yaml")
    assert refusal.value.code == code
    assert refusal.value.place is not None
    assert refusal.value.place.file == "file.yaml"
    assert refusal.value.place.line == line


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="I001"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(SurveykitError, match="I002"):
        read_yaml(tmp_path)
    with pytest.raises(SurveykitError, match="I001"):
        read_yaml("a\0b")


def test_a_second_key_names_the_line_of_the_first() -> None:
    with pytest.raises(SurveykitError) as refusal:
        parse_yaml(b"a: 1\nb: 2\n  \na: 3\n", "f")
    assert refusal.value.fields["first_line"] == 1
    assert (refusal.value.place.line, refusal.value.place.column) == (4, 1)


@pytest.mark.parametrize("typed", ["NO", "1.10", "012", "12:30", "2020-01-01", "~", "1_000", "0x1F", "Yes"])
def test_nothing_is_interpreted(typed: str) -> None:
    value = parse_yaml(f"a: {typed}\n".encode(), "f")["a"]
    assert isinstance(value, Scalar)
    assert value == typed
    assert value.plain


def scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    return [one for below in (node.values() if isinstance(node, YamlMap) else node) for one in scalars(below)]


def test_every_value_knows_its_place() -> None:
    tree = parse_yaml("\ufefftitle: {ja: 例, en: 'x'}\nlist:\n  - a\n  - b\n".encode(), "f")
    assert isinstance(tree["title"], YamlMap)
    assert tree["title"].key_marks == {"ja": (1, 9), "en": (1, 16)}
    assert [(str(one), one.mark) for one in scalars(tree)] == [
        ("例", (1, 13)),
        ("x", (1, 20)),
        ("a", (3, 5)),
        ("b", (4, 5)),
    ]


def test_an_alias_is_a_copy_of_its_own() -> None:
    tree = parse_yaml(b"a: &a {x: [1, 2]}\nb: *a\n", "f")
    assert tree["a"] == tree["b"]
    tree["b"]["x"].pop()
    assert tree["a"]["x"] == ["1", "2"]
