"""A report beside its page: as Word, Markdown or a workbook."""

from __future__ import annotations

import warnings
from pathlib import Path

from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.report.document import Document
from surveykit.report.excel import write_excel
from surveykit.report.markdown import to_markdown
from surveykit.report.word import write_word

SUFFIXES = {"word": ".docx", "markdown": ".md", "excel": ".xlsx"}


def write_as(kind: str, document: Document, page: Path) -> Path | None:
    """Write a report in one more format, beside its page and under its name.

    None, with a warning (P001), for Word where python-docx is not installed: a
    report must not fail for want of one of its formats.
    """
    path = page.with_suffix(SUFFIXES[kind])
    if kind == "excel":
        return write_excel(document, path)
    if kind == "markdown":
        path.write_text(to_markdown(document), encoding="utf-8", newline="\n")
        return path
    try:
        return write_word(document, path)
    except SurveykitError as error:
        if error.code != "P001":
            raise
        warnings.warn(str(error), SurveykitWarning, stacklevel=2)
        return None
