"""The codebook written out: CSV for machines and spreadsheets, one self-contained HTML page for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from surveykit.formatting import number, spreadsheet_text
from surveykit.instrument.model import Instrument
from surveykit.instrument.variables import codebook
from surveykit.options import check_language
from surveykit.wording import wording

if TYPE_CHECKING:
    from jinja2 import Environment


__all__ = ["codebook", "codebook_csv", "codebook_html"]


def codebook_csv(instrument: Instrument, responses: Any = None, *, spreadsheet: bool = True) -> str:
    """The codebook as CSV text, a row a variable.

    Parameters
    ----------
    instrument, responses
        As for `codebook`.
    spreadsheet : bool, default True
        Put an apostrophe before texts that a spreadsheet would take for a formula (``= + - @``). The archive
        asks for the raw text with False.
    """
    records = codebook(instrument, responses).records()
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(records[0]), lineterminator="\r\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: _cell(value, spreadsheet) for name, value in record.items()})
    return stream.getvalue()


def _cell(value: object, spreadsheet: bool) -> object:
    return spreadsheet_text(value) if spreadsheet and isinstance(value, str) else value


def codebook_html(
    instrument: Instrument,
    responses: Any = None,
    *,
    lang: str = "en",
    reliability: Mapping[str, str] | None = None,
) -> str:
    """The codebook as an HTML page: each item in all languages with its values and a bar for each answer.

    Parameters
    ----------
    instrument : Instrument
    responses : Responses or DataFrame, optional
        As for `codebook`; with them each item shows counts and bars.
    lang : {"en", "ja", "ko"}, default "en"
        Language of the headings; the instrument's texts stand in all its languages.
    reliability : mapping of str to str, optional
        What to print for each scale, such as ``{"trust": "α = .87 [.84, .90]"}``.

    Returns
    -------
    str
        The page; it loads nothing from anywhere. The same arguments give the same text.

    Raises
    ------
    SurveykitError
        O001 a language that is not offered.
    """
    check_language(lang)
    book = codebook(instrument, responses)
    return (
        _environment()
        .get_template("codebook.html.j2")
        .render(
            inst=instrument,
            lang=lang,
            languages=[lang, *(one for one in instrument.languages if one != lang)],
            variables=book.rows,
            sections={section.id: section for section in instrument.sections},
            reverse={item.id for item in instrument.items if item.reverse},
            reliability=reliability or {},
            say=lambda key, **fields: wording("codebook", key, lang, **fields),
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("surveykit.instrument"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["decimals"] = lambda value: number(value, 2)
    environment.filters["brief"] = _brief
    return environment


def _brief(value: float | str | None) -> str:
    """A bound without needless zeros; a date as it is."""
    if isinstance(value, str):
        return value
    return "–" if value is None else f"{value:.10g}"
