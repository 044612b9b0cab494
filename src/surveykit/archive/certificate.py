"""A verdict as files: a page for people, JSON for machines, codecheck.yml for a CODECHECK."""

from __future__ import annotations

import json
from pathlib import Path

from surveykit.archive.metadata import About, codecheck
from surveykit.archive.schema import ClaimsSpec
from surveykit.archive.verdict import OUTCOMES, ROUNDS, SAME_WORD, WITHIN, Verdict, headline, seal
from surveykit.report.document import Block, Cell, Document, Facts, Paragraph, Section, Table
from surveykit.report.html import write_html
from surveykit.wording import wording

# Column -> share of the page.
COLUMNS = {"id": 0.13, "where": 0.13, "printed": 0.1, "recomputed": 0.13, "status": 0.12, "rule": 0.12,
           "computed_from": 0.27}  # fmt: skip
# With two columns more: numbers by a convention are held to many decimals.
CONVENTION = {"factor": 0.09, "by_convention": 0.14}
NARROWER = {"id": 0.1, "where": 0.11, "printed": 0.12, "recomputed": 0.14, "status": 0.09, "rule": 0.1,
            "computed_from": 0.15}  # fmt: skip
NUMBERS = ("printed", "recomputed", *CONVENTION)
REASON = ": "
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
    found = verdict.frame["status"].value_counts().items()
    counts = {_word("status", str(status), lang): str(number) for status, number in found}
    ran = {_text("run", lang): _word("run", verdict.run, lang)}
    facts = {_text("verdict", lang): headline(verdict, lang), **ran, **counts}
    sealed = [Paragraph(one) for one in seal(verdict, lang)]
    kind = "plain" if verdict.as_expected else "warning"
    sections = [
        Section(
            "verdict",
            _text("verdict", lang),
            (Paragraph(_sentence(verdict, lang), kind), Facts("", facts), *sealed),
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
    if "no_claims" in verdict.reasons:
        return _text("results_same" if verdict.outcome in OUTCOMES[:2] else "results_differ", lang)
    key = (
        "as_expected" if verdict.as_expected else "not_run" if verdict.run != "ran_ok" else "not_as_expected"
    )
    return _text(key, lang)


def _table(verdict: Verdict, lang: str) -> Table:
    """A row a published number, the way back to where it is computed at its end."""
    other = bool((verdict.frame["status"] == "other convention").any())
    shares = NARROWER | CONVENTION if other else COLUMNS
    columns = [name for name in (*list(COLUMNS)[:4], *CONVENTION, *list(COLUMNS)[4:]) if name in shares]
    records = verdict.frame.to_dict("records")
    rows = tuple(
        tuple(Cell(_shown(column, row[column], lang), strong=not row["as_expected"]) for column in columns)
        for row in records
    )
    header = tuple(_text(f"column_{column}", lang) for column in columns)
    reasons = dict.fromkeys(
        str(row["rule"]).replace(WITHIN, "± ", 1) for row in records if REASON in str(row["rule"])
    )
    widths = tuple(shares[column] / sum(shares.values()) for column in columns)
    align = tuple("right" if column in NUMBERS else "left" for column in columns)
    return Table("numbers", _text("numbers", lang), header, rows, tuple(reasons), align, widths=widths)


def _shown(column: str, value: object, lang: str) -> str:
    if column == "status":
        return _word("status", str(value), lang)
    if value is None or value != value:
        return ""
    if column == "rule":
        return _rule(str(value), lang)
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _rule(rule: str, lang: str) -> str:
    """A tolerance without its reason, which stands once, below the table."""
    words = {ROUNDS: "rule_rounds", SAME_WORD: "rule_word"}
    if rule in words:
        return _text(words[rule], lang)
    return rule.partition(REASON)[0].replace(WITHIN, "± ")


def _word(kind: str, value: str, lang: str) -> str:
    return _text(f"{kind}_{value.replace(' ', '_')}", lang)


def _text(key: str, lang: str) -> str:
    return wording("archive", key, lang)
