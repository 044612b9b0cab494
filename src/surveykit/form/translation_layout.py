"""The translators' workbook: what its columns are, shared by the writer and the reader."""

from __future__ import annotations

import re
from collections import Counter

from surveykit.instrument.translations import STEPS

FORMAT = "surveykit-translation-1"
# Column -> what stands in it. The first two are hidden: the text's name and the fingerprint of its source.
COLUMNS = {
    "A": "key", "B": "source_hash", "C": "number", "D": "where", "E": "context", "F": "source",
    "G": "current", "H": "status", "I": "limit", "J": "length",
    **dict(zip("KLMNOP", STEPS, strict=True)),
}  # fmt: skip
COLUMN_OF = {name: column for column, name in COLUMNS.items()}
MARK = "sk_translation_"
HEADER_ROW = 4
# Words that a program fills in: {name}, ${name}, %(name)s, %s.
PLACEHOLDER = re.compile(r"\$?\{[^{}\s]+\}|%\([A-Za-z_]\w*\)[sd]|%[sd]\b")


def lost_placeholders(source: str, text: str) -> list[str]:
    """Placeholders of the source that its translation does not have as often."""
    return sorted((Counter(PLACEHOLDER.findall(source)) - Counter(PLACEHOLDER.findall(text))).elements())


def status_key(status: str) -> str:
    """The key of a status among the texts (`texts/translation.toml`)."""
    return f"status_{status.replace(' ', '_')}"
