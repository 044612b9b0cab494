"""What an archive says about itself: environment, RO-Crate, CODECHECK."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import distributions, version
from typing import Any

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
    before, after = then.get("packages", {}), now.get("packages", {})
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            found.append((name, str(before.get(name, "–")), str(after.get(name, "–"))))
    return found


def ro_crate(study: str, title: str, description: str, files: Sequence[str]) -> bytes:
    """`ro-crate-metadata.json` (RO-Crate 1.1): the crate, its root and every file."""
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": study,
        "name": title,
        "description": description or title,
        "datePublished": "1980-01-01",
        "license": "See the study's README.",
        "hasPart": [{"@id": name} for name in files],
    }
    about = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    graph = [
        about,
        root,
        *({"@id": name, "@type": "File", "name": name.rsplit("/", 1)[-1]} for name in files),
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def codecheck(title: str, files: Sequence[str]) -> bytes:
    """`codecheck.yml`: what a CODECHECK is asked to recompute."""
    lines = [
        "version: https://codecheck.org.uk/spec/config/1.0/",
        "paper:",
        f"  title: {json.dumps(title, ensure_ascii=False)}",
    ]
    lines += ["manifest:", *(f"  - file: {json.dumps(name)}" for name in files)]
    return ("\n".join(lines) + "\n").encode()
