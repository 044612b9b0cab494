"""A document as Markdown (GitHub's tables), for notes, mails and version control."""

from __future__ import annotations

import re
from dataclasses import replace

from surveykit.report.document import Block, Cell, Code, Document, Facts, Figure, Paragraph, Table
from surveykit.report.inline import Run, header_runs, sentence_runs
from surveykit.report.lettering import captions, remarks
from surveykit.version import __version__
from surveykit.wording import wording

# Whatever Markdown would take for markup, at any place in a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def to_markdown(document: Document) -> str:
    """The whole report; drawings are told by their descriptions."""
    label = _text(document, "simulated") if document.simulated else ""
    warning = f"> **{label}** {_text(document, 'simulated_long')}" if label else ""
    parts = [f"# {_plain(document.title)}", _plain(document.subtitle), warning]
    numbers = captions(document)
    for place, section in enumerate(document.sections):
        parts.append(f"## {_plain(section.title)}" + (f" [{label}]" if label else ""))
        for position, block in enumerate(section.blocks):
            parts.append(_block(block, numbers.get((place, position), ""), document))
    parts.append(_text(document, "made_with", version=__version__) + (f" **{label}**" if label else ""))
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(document: Document, key: str, **fields: str) -> str:
    return wording("report", key, document.lang, **fields)


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _marked(runs: list[Run]) -> str:
    return "".join(f"*{_plain(text)}*" if italic else _plain(text) for text, italic in runs)


def _sentence(text: str) -> str:
    return _marked(sentence_runs(text))


def _block(block: Block, caption: str, document: Document) -> str:
    match block:
        case Table():
            return _table(block, caption, document)
        case Figure():
            return _figure(block, caption, document)
        case Paragraph(text, "warning"):
            return f"> **{_text(document, 'warning')}:** {_sentence(text)}"
        case Paragraph(text, kind):
            return f"> {_sentence(text)}" if kind == "quote" else _sentence(text)
        case Code(title, text):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            return f"**{_plain(title)}**\n\n{fence}\n{text.rstrip()}\n{fence}"
        case Facts(title, facts):
            lines = [f"- {_plain(name)}: {_plain(value)}" for name, value in facts.items()]
            return f"**{_plain(title)}**\n\n" + "\n".join(lines)


def _figure(block: Figure, caption: str, document: Document) -> str:
    notes = [_note(text, place, document) for place, text in enumerate(block.notes)]
    stamp = f" [{_text(document, 'simulated')}]" if document.simulated else ""
    parts = [f"**{caption}** *{_plain(block.title)}*{stamp}", _plain(block.alt), *notes]
    return "\n\n".join(parts)


def _table(block: Table, caption: str, document: Document) -> str:
    marks = remarks(block)
    header = [_marked(header_runs(text)) for text in block.header]
    over = [text for text, span in block.spanners for _ in range(span)]
    if over:  # Markdown has one header line: the spanner goes before its columns' names
        header = [
            f"{_plain(above)}: {text}" if above else text for above, text in zip(over, header, strict=True)
        ]
    rule = ["---:" if side == "right" else ":---" for side in block.alignment]
    lines = [header, rule]
    for row in block.rows:
        heading = len(row) == 1 < len(header)
        cells = [_cell(replace(one, strong=one.strong or heading), marks.get(one.title, "")) for one in row]
        lines.append([*cells, *[""] * (len(header) - len(cells))])
    stamp = f" [{_text(document, 'simulated')}]" if document.simulated else ""
    notes = [_note(text, place, document) for place, text in enumerate(block.notes)]
    notes += [f"<sup>{letter}</sup> {_sentence(text)}" for text, letter in marks.items()]
    grid = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return "\n\n".join([f"**{caption}** *{_plain(block.title)}*{stamp}", grid, *notes])


def _note(text: str, place: int, document: Document) -> str:
    return (f"*{_text(document, 'note')}* " if place == 0 else "") + _sentence(text)


def _cell(cell: Cell, letter: str) -> str:
    lines = [_words(line) for line in cell.lines]
    if letter:
        lines[0] += f"<sup>{letter}</sup>"
    return "<br>".join(lines)


def _words(line: Cell) -> str:
    text = _plain(line.text)
    if line.struck:
        text = f"~~{text}~~"
    elif line.strong and text:
        text = f"**{text}**"
    if line.href:
        text = f"[{text}](#{line.href})"
    return f'<a id="{line.anchor}"></a>{text}' if line.anchor else text
