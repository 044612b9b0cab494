"""The form on paper, through LibreOffice: every word of every question is there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from surveykit.form.excel import write_forms
from surveykit.form.layout import layout, option_text, question_text
from surveykit.instrument.reader import read_instrument

INSTRUMENTS = Path(__file__).parent.parent.parent / "instruments"
TOOLS = ("soffice", "pdftotext")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]


def printed(folder: Path) -> dict[str, str]:
    """The text of each workbook's PDF, without blanks."""
    home = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    files = [str(path) for path in sorted(folder.glob("*.xlsx"))]
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    texts = {}
    for path in folder.glob("*.pdf"):
        # Words in the order of the page's drawing, so that a cell's lines follow each other.
        done = subprocess.run(
            ["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, timeout=60
        )
        texts[path.stem] = bare(done.stdout.decode())
    return texts


def bare(text: str) -> str:
    return "".join(text.split()).replace("・", "").replace("•", "")


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_no_word_is_cut_off_on_paper(tmp_path: Path) -> None:
    made = {}
    for name, languages in (("partnership", ("ja", "ko")), ("interview_guide", ("en", "ko"))):
        inst = read_instrument(INSTRUMENTS / f"{name}.yaml")
        for lang in languages:
            made[write_forms(inst, tmp_path, lang)[0].stem] = (inst, lang)
    pages = printed(tmp_path)
    assert pages.keys() == made.keys()
    for stem, (inst, lang) in made.items():
        form = layout(inst)
        texts = [question_text(item, lang) for item in form.inst.items]
        texts += [section.title[lang] for section in form.inst.sections]
        texts += [section.instructions[lang] for section in form.inst.sections if section.instructions]
        scales = [
            form.inst.response_scales[item.response_scale] for item in inst.items if item.response_scale
        ]
        texts += [option_text(scale, code, lang) for scale in scales for code in scale.labels]
        texts += (inst.instructions or {})[lang].split("\n") + (inst.consent or {})[lang].split("\n")
        missing = [text for text in texts if bare(text) not in pages[stem]]
        assert missing == []
