"""A verdict as files: a page for people, JSON for machines, codecheck.yml for a CODECHECK."""

from __future__ import annotations

import json
from pathlib import Path

from surveykit.archive.metadata import About, codecheck
from surveykit.archive.schema import ClaimsSpec
from surveykit.archive.verdict import Verdict
from surveykit.report.document import Block, Cell, Document, Facts, Paragraph, Section, Table
from surveykit.report.html import write_html
from surveykit.wording import wording

COLUMNS = ("id", "where", "printed", "recomputed", "rule", "status", "computed_from")
FILES = ("certificate.html", "verdict.json", "codecheck.yml")


def write_certificate(verdict: Verdict, claims: ClaimsSpec, folder: Path, lang: str = "en") -> list[Path]:
    """Write `certificate.html`, `verdict.json` and `codecheck.yml`; the same verdict gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    page, machine, check = (folder / name for name in FILES)
    write_html(certificate(verdict, claims, lang), page)
    text = json.dumps(verdict.to_dict(), ensure_ascii=False, indent=1, sort_keys=True)
    machine.write_text(text + "\n", encoding="utf-8")
    about = About(claims.claims, claims.citation, "", reference=claims.citation)
    check.write_bytes(codecheck(about, FILES[:2]))
    return [page, machine, check]


def certificate(verdict: Verdict, claims: ClaimsSpec, lang: str = "en") -> Document:
    """The certificate in one language: the verdict, every number, what was told on the way."""
    told: list[Block] = [Paragraph(one.full(lang)) for one in verdict.notes]
    if claims.note:
        told.insert(0, Paragraph(claims.note))
    counts = {str(status): str(number) for status, number in verdict.frame["status"].value_counts().items()}
    facts = {_text("verdict", lang): verdict.outcome, _text("run", lang): verdict.run, **counts}
    kind = "plain" if verdict.as_expected else "warning"
    sections = [
        Section(
            "verdict", _text("verdict", lang), (Paragraph(_sentence(verdict, lang), kind), Facts("", facts))
        ),
        Section("numbers", _text("numbers", lang), (_table(verdict, lang),)),
    ]
    if told:
        sections.append(Section("notes", _text("notes", lang), tuple(told)))
    return Document(
        title=_text("certificate", lang),
        subtitle=claims.citation,
        lang=lang,
        simulated=False,
        sections=tuple(sections),
    )


def _sentence(verdict: Verdict, lang: str) -> str:
    key = (
        "as_expected" if verdict.as_expected else "not_run" if verdict.run != "ran_ok" else "not_as_expected"
    )
    return _text(key, lang)


def _table(verdict: Verdict, lang: str) -> Table:
    """A row a published number, the way back to where it is computed at its end."""
    rows = tuple(
        tuple(Cell(str(row[column]), strong=row["status"] != "reproduced") for column in COLUMNS)
        for row in verdict.frame.fillna("").to_dict("records")
    )
    header = tuple(_text(f"column_{column}", lang) for column in COLUMNS)
    return Table("numbers", _text("numbers", lang), header, rows)


def _text(key: str, lang: str) -> str:
    return wording("archive", key, lang)
