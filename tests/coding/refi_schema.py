"""What REFI-QDA 1.0 allows in a project and a codebook, as far as texts, codes and their codings go.

Written by hand from the standard (REFI-QDA 1.5 document; Project.xsd of 18 March 2019): for each element
its attributes and its children in their order. The standard's own schema is used as well where a copy is
at hand (environment variable SURVEYKIT_REFI_XSD, or ../shared/reference/refi_qda/Project.xsd).
"""

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

GUID = r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"
KINDS = {
    "guid": re.compile(GUID),
    "string": re.compile(r"(?s).*"),
    "integer": re.compile(r"[+-]?[0-9]+"),
    "boolean": re.compile(r"true|false|0|1"),
    "time": re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII),
    "color": re.compile(r"#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})"),
}  # fmt: skip
USED = {
    "creatingUser": "guid",
    "creationDateTime": "time",
    "modifyingUser": "guid",
    "modifiedDateTime": "time",
}
CODE = {"guid!": "guid", "name!": "string", "isCodable!": "boolean", "color": "color"}
TEXT = {"guid!": "guid", "name": "string", "richTextPath": "string", "plainTextPath": "string", **USED}
IN_TEXT = [
    "Description?",
    "PlainTextContent?",
    "PlainTextSelection*",
    "Coding*",
    "NoteRef*",
    "VariableValue*",
]
# Element -> attributes ("!" where they must be), children in order ("?" at most one, "*" any, "+" some).
PROJECT: dict[str, tuple[dict[str, str], list[str]]] = {
    "Project": (
        {"name!": "string", "origin": "string", "creatingUserGUID": "guid", "creationDateTime": "time",
         "modifyingUserGUID": "guid", "modifiedDateTime": "time", "basePath": "string"},
        ["Users?", "CodeBook?", "Variables?", "Cases?", "Sources?", "Notes?", "Links?", "Sets?", "Graphs?",
         "Description?", "NoteRef*"],
    ),
    "Users": ({}, ["User+"]),
    "User": ({"guid!": "guid", "name": "string", "id": "string"}, []),
    "CodeBook": ({}, ["Codes"]),
    "Codes": ({}, ["Code+"]),
    "Code": (CODE, ["Description?", "NoteRef*", "Code*"]),
    "Sources": ({}, ["TextSource+"]),
    "TextSource": (TEXT, IN_TEXT),
    "PlainTextSelection": (
        {"guid!": "guid", "name": "string", "startPosition!": "integer", "endPosition!": "integer", **USED},
        ["Description?", "Coding*", "NoteRef*"],
    ),
    "Coding": (
        {"guid!": "guid", "creatingUser": "guid", "creationDateTime": "time"},
        ["CodeRef", "NoteRef*"],
    ),
    "CodeRef": ({"targetGUID!": "guid"}, []),
    "NoteRef": ({"targetGUID!": "guid"}, []),
    "Notes": ({}, ["Note+"]),
    "Note": (TEXT, IN_TEXT),
    "Description": ({}, []),
    "PlainTextContent": ({}, []),
}  # fmt: skip
CODEBOOK = {
    **PROJECT,
    "CodeBook": ({"origin": "string"}, ["Codes", "Sets?"]),
    "Code": (CODE, ["Description?", "Code*"]),
}


def problems(root: ET.Element, schema: dict[str, tuple[dict[str, str], list[str]]], space: str) -> list[str]:
    """Everything in which a document departs from the schema."""
    found = []
    for element in root.iter():
        name = element.tag.removeprefix(f"{{{space}}}")
        if name not in schema:
            found.append(f"<{element.tag}> is unknown")
            continue
        attributes, children = schema[name]
        known = {key.rstrip("!"): kind for key, kind in attributes.items()}
        found += [
            f"<{name}> lacks {key[:-1]}"
            for key in attributes
            if key[-1] == "!" and key[:-1] not in element.attrib
        ]
        for key, value in element.attrib.items():
            if key not in known or not KINDS[known[key]].fullmatch(value):
                found.append(f"<{name}> has {key}={value!r}")
        pattern = "".join(
            f"(?:{one.rstrip('?*+')},){one[-1] if one[-1] in '?*+' else ''}" for one in children
        )
        inside = "".join(child.tag.removeprefix(f"{{{space}}}") + "," for child in element)
        if not re.fullmatch(pattern, inside):
            found.append(f"<{name}> holds {inside}")
    return found


def official() -> Path | None:
    """The standard's own Project.xsd, where there is a copy."""
    beside = Path(__file__).parents[3] / "shared" / "reference" / "refi_qda" / "Project.xsd"
    path = Path(os.environ.get("SURVEYKIT_REFI_XSD", beside))
    return path if path.is_file() else None
