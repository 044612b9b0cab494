"""Responses written out: one call, the formats wanted, every file named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Note, Place, SurveykitError
from surveykit.instrument.codebook import codebook_csv, codebook_html
from surveykit.options import check_choice, check_language
from surveykit.responses.export.datapackage import PACKAGE_NAME, PSYCH_DS, datapackage, psych_ds
from surveykit.responses.export.ddi import ddi_xml
from surveykit.responses.export.parquet import write_parquet
from surveykit.responses.export.spss import write_sav
from surveykit.responses.export.table import CSV_NAME, About, Column, columns_of, csv_text
from surveykit.responses.read import Responses
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd

# With a byte order mark, for people who open it in Excel.
SPREADSHEET = "utf-8-sig"


@dataclass(frozen=True)
class Exported(Result):
    """What was written. `notes`: what a format could not hold."""

    files: tuple[Path, ...]
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """A row a file: `file bytes`."""
        import pandas as pd

        return pd.DataFrame([(str(one), one.stat().st_size) for one in self.files], columns=["file", "bytes"])

    def summary(self, lang: str = "en") -> str:
        """The files, a line each, and what was cut."""
        return "\n".join([*map(str, self.files), *(one.full(lang) for one in self.notes)])


@dataclass(frozen=True)
class Job:
    """What every format writes from."""

    responses: Responses
    columns: tuple[Column, ...]
    about: About
    lang: str
    folder: Path

    def csv(self) -> bytes:
        """The table for spreadsheets."""
        return csv_text(self.columns, spreadsheet=True).encode(SPREADSHEET)

    def put(self, name: str, data: bytes) -> Path:
        """A file of the folder."""
        with self.whole(name) as partial:
            partial.write_bytes(data)
        return self.folder / name

    @contextmanager
    def whole(self, name: str) -> Iterator[Path]:
        """A path to write to, which becomes the file when all is written: no export is ever half of one."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


Written = tuple[list[Path], tuple[Note, ...]]


def _csv(job: Job) -> Written:
    return [job.put(CSV_NAME, job.csv())], ()


def _parquet(job: Job) -> Written:
    with job.whole("responses.parquet") as partial:
        write_parquet(partial, job.columns, job.about)
    return [job.folder / "responses.parquet"], ()


def _sav(job: Job) -> Written:
    with job.whole("responses.sav") as partial:
        told = write_sav(partial, job.responses, job.columns, job.about, job.lang)
    return [job.folder / "responses.sav"], told


def _codebook(job: Job) -> Written:
    table = codebook_csv(job.responses.instrument, job.responses).encode(SPREADSHEET)
    page = codebook_html(job.responses.instrument, job.responses, lang=job.lang).encode()
    return [job.put("codebook.csv", table), job.put("codebook.html", page)], ()


def _datapackage(job: Job) -> Written:
    data = job.csv()
    text = datapackage(job.columns, job.responses.instrument, job.about, data, job.lang)
    return [job.put(CSV_NAME, data), job.put(PACKAGE_NAME, text.encode())], ()


def _psych_ds(job: Job) -> Written:
    files = psych_ds(job.columns, job.responses.instrument, job.about, job.lang)
    return [job.put(f"{PSYCH_DS}/{name}", data) for name, data in files.items()], ()


def _ddi(job: Job) -> Written:
    text = ddi_xml(job.columns, job.responses.instrument, job.about, job.lang, len(job.responses.frame))
    return [job.put("ddi-codebook.xml", text.encode())], ()


FORMATS: dict[str, Callable[[Job], Written]] = {
    "csv": _csv,
    "parquet": _parquet,
    "sav": _sav,
    "codebook": _codebook,
    "datapackage": _datapackage,
    "psych-ds": _psych_ds,
    "ddi": _ddi,
}


def export_responses(
    responses: Responses,
    to: str | Path,
    formats: Iterable[str] = ("csv", "codebook"),
    lang: str | None = None,
    about: About | None = None,
) -> Exported:
    """Write responses out.

    Parameters
    ----------
    responses : Responses
        From `read_responses`.
    to : path
        A folder, made where it does not exist.
    formats : names, default ("csv", "codebook")
        "csv" for spreadsheets: UTF-8 with a byte order mark, texts that look like formulas with an apostrophe
        in front. "parquet". "sav" for SPSS, with labels, and the codes that count as missing declared so.
        "codebook": codebook.csv, and codebook.html with a small plot an item. "datapackage": the CSV with
        Frictionless' datapackage.json. "psych-ds": a Psych-DS data set in a folder of its own, its texts raw.
        "ddi": DDI-Codebook 2.5.
    lang : {"en", "ja", "ko"}, optional
        Language of labels where a format holds one; the instrument's first by default.
    about : About, optional
        Name and title of the data set; the instrument's by default.

    Returns
    -------
    Exported
        `.files`; `.notes` say what a format could not hold: E022 labels cut, E023 texts cut, E024 missing
        codes that SPSS cannot declare.

    Raises
    ------
    SurveykitError
        O001 a format or language that is not offered; E020 a package that the format needs is not
        installed; E021 a file cannot be written.

    Examples
    --------
    >>> export_responses(resp, "out", ["csv", "sav"], lang="ko").files    # doctest: +SKIP
    (PosixPath('out/responses.csv'), PosixPath('out/responses.sav'))
    """
    inst = responses.instrument
    chosen = inst.languages[0] if lang is None else lang
    check_language(chosen, inst.languages)
    wanted = list(dict.fromkeys(formats))
    for one in wanted:
        check_choice("format", one, FORMATS)
    named = about or About(inst.instrument, inst.version, inst.title, inst.source.note)
    job = Job(responses, columns_of(responses), named, chosen, Path(to))
    files: dict[Path, None] = {}
    notes: list[Note] = []
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        for one in wanted:
            written, told = FORMATS[one](job)
            files |= dict.fromkeys(written)
            notes += told
    except OSError as problem:
        place = Place(file=str(problem.filename or to))
        raise SurveykitError("E021", place=place, reason=problem.strerror or str(problem)) from None
    return Exported(tuple(files), tuple(notes))
