"""The words of reports: in every language, with the same fields, and used."""

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

ROOT = Path(__file__).parent.parent.parent
TEXTS = tomllib.loads((ROOT / "src/surveykit/texts/report.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def report_sources() -> str:
    folder = ROOT / "src/surveykit/report"
    paths = [*folder.rglob("*.py"), *folder.rglob("*.j2")]
    return "\n".join(path.read_text("utf-8") for path in sorted(paths))


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_text_says_the_same_in_every_language(key: str) -> None:
    texts = TEXTS[key]
    assert list(texts) == ["en", "ja", "ko"]
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts.values()]
    assert fields[0] == fields[1] == fields[2]


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_text_is_used(key: str, report_sources: str) -> None:
    family = re.escape(key.split("_")[0])
    assert f'"{key}"' in report_sources or re.search(rf'"{family}_("|\{{)', report_sources)
