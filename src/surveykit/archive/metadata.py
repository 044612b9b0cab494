"""What an archive says about itself: environment, RO-Crate, CODECHECK."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distributions, version
from typing import Any

# A crate must name a license; an address within it says that there is none.
NO_LICENSE = "#no-license-stated"
DOI = re.compile(r"\b10\.\d{4,9}/\S+")
FORMATS = {"csv": "text/csv", "json": "application/json", "yaml": "application/yaml", "html": "text/html",
           "md": "text/markdown"}  # fmt: skip
COMMENTS = {
    "certificate.html": "every published number beside the recomputed one",
    "verdict.json": "the same, for machines",
}
PACKAGES = ("surveykit", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "openpyxl", "pydantic")


def environment() -> dict[str, Any]:
    """Versions, platform, and every BLAS with the processor it computes for."""
    # threadpoolctl sees what is loaded: both libraries that bring a BLAS, whatever ran before.
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    found = [one for one in threadpool_info() if one["user_api"] == "blas"]
    names = ("internal_api", "version", "architecture")
    blas = sorted({" ".join(str(one[name]) for name in names if one.get(name)) for one in found})
    return {
        "python": platform.python_version(),
        "platform": platform.system(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "blas": blas,
    }


def lock() -> bytes:
    """Every installed package with its version, as a requirements file."""
    found = {f"{one.name.lower().replace('_', '-')}=={one.version}" for one in distributions()}
    return ("\n".join(sorted(found)) + "\n").encode()


def environment_differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What differs between two environments: (what, then, now). None of it is fatal."""
    found = []
    for key in ("python", "platform", "machine", "blas"):
        if then.get(key) != now.get(key):
            found.append((key, str(then.get(key)), str(now.get(key))))
    told = then.get("packages")
    before, after = told if isinstance(told, dict) else {}, now.get("packages", {})
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            found.append((name, str(before.get(name, "–")), str(after.get(name, "–"))))
    return found


@dataclass(frozen=True)
class About:
    """What the metadata say of a study. `authors`: name -> ORCID or None."""

    study: str
    title: str
    description: str
    authors: Mapping[str, str | None] = field(default_factory=dict)
    license: str | None = None
    published: str | None = None
    reference: str = ""


def ro_crate(about: About, files: Sequence[str]) -> bytes:
    """`ro-crate-metadata.json` (RO-Crate 1.1): the crate, its root, who made it and every file.

    A crate must have a date; where the study names none it is that of the bag's zip members,
    so that the same study gives the same bytes.
    """
    people = [_person(name, orcid) for name, orcid in about.authors.items()]
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": about.study,
        "name": about.title,
        "description": about.description or about.title,
        "datePublished": about.published or "1980-01-01",
        "license": {"@id": about.license or NO_LICENSE},
        "hasPart": _references(files),
    }
    if people:
        root["author"] = _references([one["@id"] for one in people])
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    named = about.license or "None stated: ask the authors before you reuse anything."
    licence = {"@id": about.license or NO_LICENSE, "@type": "CreativeWork", "name": named}
    graph = [descriptor, root, licence, *people, *map(_file, files)]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _references(ids: Sequence[str]) -> Any:
    """References to entities; a single one stands without a list."""
    found = [{"@id": one} for one in ids]
    return found[0] if len(found) == 1 else found


def _person(name: str, orcid: str | None) -> dict[str, Any]:
    return {"@id": f"https://orcid.org/{orcid}" if orcid else f"#{name}", "@type": "Person", "name": name}


def _file(path: str) -> dict[str, Any]:
    name = path.rsplit("/", 1)[-1]
    kind = FORMATS.get(name.rpartition(".")[2], "text/plain")
    return {"@id": path, "@type": "File", "name": name, "encodingFormat": kind}


def codecheck(about: About, files: Sequence[str]) -> bytes:
    """`codecheck.yml` (configuration 1.0): what a CODECHECK is asked to recompute.

    `codechecker` and `report` are not there: the person who checks fills them in.
    """
    lines = [
        "---",
        "version: https://codecheck.org.uk/spec/config/1.0/",
        "# codechecker, certificate and report: filled in by the person who checks.",
        "paper:",
        f"  title: {_quoted(about.title)}",
    ]
    if about.authors:
        lines.append("  authors:")
    for name, orcid in about.authors.items():
        lines += [f"    - name: {_quoted(name)}", *([f"      ORCID: {orcid}"] if orcid else [])]
    doi = DOI.search(about.reference)
    if doi is not None:
        lines.append(f"  reference: https://doi.org/{doi[0].rstrip('.,;)')}")
    lines.append("manifest:")
    for name in files:
        lines += [
            f"  - file: {_quoted(name)}",
            f"    comment: {_quoted(COMMENTS.get(name, 'recomputed result'))}",
        ]
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
