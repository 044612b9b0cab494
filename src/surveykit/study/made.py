"""What a run makes in its study's folder, told from what people collected there: the one is made anew, the
other is kept.

The marks in `returned/` and `store/` list the SHA-256 of what the last run made, and of what it found there
and kept: each alone is enough, so that a folder that somebody deletes takes no knowledge along.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from surveykit.errors import Place, SurveykitError
from surveykit.responses.store import ORIGINALS, PARTIAL, open_store, store_folder
from surveykit.study.plan import Plan

MARK = "made-by-surveykit.txt"
FORMS, RETURNED = "forms", "returned"
SAYS = "Made by `surveykit run`; the next run makes it anew. What you collected yourself is kept.\n"
OURS, KEPT = "made ", "kept "


def make_room(plan: Plan) -> None:
    """Take away what an earlier run made; refuse to touch a folder that no run made.

    Raises
    ------
    SurveykitError
        T009 a folder of this name is somebody's own; R061 the store cannot be read.
    """
    forms, returned, store = plan.folder / FORMS, plan.folder / RETURNED, store_folder(plan.folder)
    for folder in (forms, returned, store):
        if folder.exists() and not (folder / MARK).exists():
            raise SurveykitError("T009", place=Place(file=str(folder)), kind=plan.spec.data.kind)
    made = _made_before(plan.folder)
    _clear_store(plan.folder, made)
    if forms.exists():
        shutil.rmtree(forms)
    kept = _clear_returned(returned, made)
    for folder in (forms, returned, store):
        folder.mkdir(exist_ok=True)
        (folder / MARK).write_text(SAYS, encoding="utf-8")
    _note_down(plan.folder, KEPT, kept)


def remember_made(study: Path, paths: Iterable[Path] | None = None) -> None:
    """Note which files a run made, before they are collected; by default all in `returned/` not kept."""
    returned = study / RETURNED
    if (returned / MARK).exists():
        files = _files(returned) if paths is None else paths
        kept = _listed(study, KEPT)
        _note_down(study, OURS, [sha for sha in map(_sha256, files) if sha not in kept])


def _made_before(study: Path) -> set[str]:
    """What the last run made; all but what it kept where it was stopped before it could say."""
    listed = _listed(study, OURS)
    return listed or {_sha256(path) for path in _files(study / RETURNED)} - _listed(study, KEPT)


def _clear_store(study: Path, made: Collection[str]) -> None:
    folder = store_folder(study)
    originals = (path for path in (folder / ORIGINALS).rglob("*") if path.is_file())
    if any(path.stem not in made for path in originals if path.suffix != PARTIAL):
        with open_store(study, create=False) as store:
            store.forget(made)
    elif folder.exists():
        shutil.rmtree(folder)


def _clear_returned(returned: Path, made: Collection[str]) -> list[str]:
    """Delete what was made, then the folders that are empty; what is left is somebody's own."""
    kept = []
    for path in _files(returned):
        sha = _sha256(path)
        if sha in made:
            path.unlink()
        else:
            kept.append(sha)
    for folder in sorted((path for path in returned.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return kept


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARK)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _marks(study: Path) -> list[Path]:
    return [path for path in (study / RETURNED / MARK, store_folder(study) / MARK) if path.is_file()]


def _listed(study: Path, word: str) -> set[str]:
    lines = [line for mark in _marks(study) for line in mark.read_text(encoding="utf-8").splitlines()]
    return {line.removeprefix(word) for line in lines if line.startswith(word)}


def _note_down(study: Path, word: str, shas: Iterable[str]) -> None:
    lines = [f"{word}{sha}\n" for sha in shas]
    for path in _marks(study):
        with path.open("a", encoding="utf-8") as mark:
            mark.writelines(lines)
