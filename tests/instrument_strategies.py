"""hypothesis strategies: any instrument that the schema and the rules allow.

`instruments()` draws the plain content of a YAML file (dicts, lists, strings
and numbers); `yaml_of` writes it as YAML. Other packages' tests read it with
`instrument_from_bytes(yaml_of(content), "any.yaml")`.
"""

from __future__ import annotations

import io
import re
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML, RoundTripRepresenter

from surveykit.instrument.schema import RESERVED_IDS
from surveykit.instrument.yaml_tree import FORBIDDEN

LANGUAGES = ("en", "ja", "ko")
Plain = dict[str, Any]

ids = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(lambda name: name not in RESERVED_IDS)
versions = st.from_regex(r"(0|[1-9][0-9]?)\.(0|[1-9][0-9]?)(\.(0|[1-9][0-9]?))?", fullmatch=True)


def _kept(text: str) -> bool:
    return bool(text.strip()) and not FORBIDDEN.search(text) and not re.search("[\x85\u2028\u2029\r]", text)


# Words that YAML, Excel and CSV readers are tempted to reinterpret stand among ordinary and odd ones.
ODD_WORDS = """
NO|yes|1.10|012|12:30|2020-01-01|~|null|=1+1|-x|@a|'q'|"q"|a: b|# c|*a|&a|!a|[x]|{y}|True|1e3|a,b;c|>|%|`|\\
1|３|③|㈱髙﨑|각|각|質問です。|그렇다|_x0041_
"""
odd = st.sampled_from([*re.split(r"[|\n]", ODD_WORDS.strip()), "|", "x\ny", "\u1100\u1161\u11a8"])
characters = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"))
words = (odd | st.text(characters, min_size=1, max_size=30)).filter(_kept)


def local_texts(languages: tuple[str, ...]) -> st.SearchStrategy[Plain]:
    """A text in every language."""
    return st.fixed_dictionaries(dict.fromkeys(languages, words))


@st.composite
def response_scales(draw: st.DrawFn, languages: tuple[str, ...], contiguous: bool) -> Plain:
    """Labels distinct in each language, and sometimes missing codes."""
    count = draw(st.integers(2, 7))
    if contiguous:
        low, step = draw(st.integers(-3, 3)), draw(st.sampled_from([1, -1]))
        codes = [low + index * step for index in range(count)]
    else:
        codes = draw(st.lists(st.integers(-20, 120), min_size=count, max_size=count, unique=True))
    missing = draw(st.lists(st.sampled_from([97, 98, 99, -9]), max_size=2, unique=True))
    missing = [code for code in missing if code not in codes]
    texts = {
        language: draw(
            st.lists(
                words,
                min_size=len(codes) + len(missing),
                max_size=len(codes) + len(missing),
                unique_by=lambda text: " ".join(text.split()).casefold(),
            )
        )
        for language in languages
    }
    labels = [{language: texts[language][at] for language in languages} for at in range(len(codes + missing))]
    scale: Plain = {"labels": dict(zip(codes, labels, strict=False))}
    if missing:
        scale["missing_codes"] = dict(zip(missing, labels[len(codes) :], strict=True))
    return scale


@st.composite
def items(draw: st.DrawFn, name: str, languages: tuple[str, ...], scales: Plain, rated: list[str]) -> Plain:
    """One item of any type, without `show_if`."""
    kind = draw(st.sampled_from(["likert", "likert", "single", "multiple", "number", "date", "text", "open"]))
    item: Plain = {"id": name, "type": kind, "text": draw(local_texts(languages))}
    if kind in ("likert", "single", "multiple"):
        item["response_scale"] = draw(st.sampled_from(rated if kind == "likert" else list(scales)))
    if kind == "likert" and draw(st.booleans()):
        item["reverse"] = True
    if kind == "number":
        low = draw(st.none() | st.integers(-50, 50))
        high = draw(st.none() | st.integers(51, 5000))
        item |= {key: one for key, one in (("minimum", low), ("maximum", high)) if one is not None}
        if draw(st.booleans()):
            item["unit"] = draw(local_texts(languages))
    if kind in ("text", "open") and draw(st.booleans()):
        item["max_length"] = draw(st.integers(1, 500))
    if kind == "open":
        item["probes"] = draw(st.lists(local_texts(languages), max_size=2))
    if draw(st.booleans()):
        item["required"] = draw(st.booleans())
    return item


@st.composite
def conditions(draw: st.DrawFn, before: list[Plain], scales: Plain) -> str:
    """A `show_if` over items that stand earlier."""

    def leaf() -> str:
        item = draw(st.sampled_from(before))
        kind = item["type"]
        if kind in ("date", "text", "open") or draw(st.booleans()):
            return f"answered({item['id']})"
        codes = list(scales[item["response_scale"]]["labels"]) if "response_scale" in item else [0, 3, 60]
        chosen = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=2, unique=True))
        if kind == "multiple" or len(chosen) > 1:
            return f"{item['id']} in ({', '.join(str(code) for code in chosen)})"
        return f"{item['id']} {draw(st.sampled_from(['==', '!=', '<', '<=', '>', '>=']))} {chosen[0]}"

    first, form = leaf(), draw(st.sampled_from(["{0}", "not {0}", "{0} and {1}", "{0} or not ({1})"]))
    return form.format(first, leaf() if "{1}" in form else "")


@st.composite
def instruments(draw: st.DrawFn, max_items: int = 8) -> Plain:
    """The content of a valid instrument file."""
    languages = tuple(draw(st.permutations(LANGUAGES)))[: draw(st.integers(1, 3))]
    text = local_texts(languages)
    names = draw(st.lists(ids, min_size=4 + max_items, max_size=4 + max_items, unique=True))
    rated, other, construct, section_id = names[:4]
    scales = {
        rated: draw(response_scales(languages, True)),
        other: draw(response_scales(languages, draw(st.booleans()))),
    }
    content: Plain = {
        "instrument": draw(ids),
        "version": draw(versions),
        "languages": list(languages),
        "title": draw(text),
        "source": {
            "kind": draw(st.sampled_from(["original", "adaptation", "reconstruction"])),
            "citation": draw(words),
            "note": draw(text),
        },
        "response_scales": scales,
        "sections": [],
    }
    for key in ("instructions", "consent"):
        if draw(st.booleans()):
            content[key] = draw(text)
    before: list[Plain] = []
    ends = sorted(draw(st.lists(st.integers(1, max_items), min_size=1, max_size=3, unique=True)))
    start = 0
    for number, end in enumerate(ends):
        section: Plain = {"id": f"{section_id}_{number}", "title": draw(text), "items": []}
        if draw(st.integers(0, 3)) == 0:
            section["randomize"] = True
        allowed = list(before)
        for name in names[4 + start : 4 + end]:
            item = draw(items(name, languages, scales, [rated]))
            seen = allowed if section.get("randomize") else before
            if seen and draw(st.integers(0, 2)) == 0:
                item["show_if"] = draw(conditions(seen, scales))
            section["items"].append(item)
            before.append(item)
        start = end
        content["sections"].append(section)
    scored = [item["id"] for item in before if item["type"] in ("likert", "number")]
    if scored:
        score = draw(st.sampled_from(["mean", "sum"]))
        content["scales"] = {
            construct: {"title": draw(text), "items": scored, "score": score, "min_valid": 0.5}
        }
    return content


class Quoting(RoundTripRepresenter):
    """A representer of its own: those of the library are shared by every YAML that is written."""


def yaml_of(content: Plain) -> bytes:
    """The content as YAML, quoted where YAML needs it."""
    yaml = YAML()
    yaml.Representer = Quoting
    yaml.width = 1_000_000
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue().encode("utf-8")


def _text(representer: Any, text: str) -> Any:
    """Every text in quotes: what the file says is then the same for every YAML reader."""
    plain = re.fullmatch(r"[a-z][a-z0-9_]*", text) and text not in (
        "no",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "null",
    )
    style = None if plain and text not in ("true", "false") else '"'
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a content."""
    found = [path] if path else []
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [place for key, one in below for place in places(one, (*path, key))]


Quoting.add_representer(str, _text)
