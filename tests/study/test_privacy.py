"""Names and e-mails never leave the sampling frame: every file that is written is opened and searched."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from surveykit.errors import SurveykitWarning
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.redcap import write_redcap
from surveykit.form.xlsform import write_xlsform
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect
from surveykit.responses.export.write import FORMATS
from surveykit.study.archiving import archive_study
from surveykit.study.disclosure import disclosure
from surveykit.study.export import export_study
from surveykit.study.run import run_study
from surveykit.study.status import study_status

ROOT = Path(__file__).parents[2]
INSTRUMENT = ROOT / "instruments" / "kam_coordination.yaml"
SECRETS = ("Sato-Hanako", "佐藤花子", "hanako@example.jp", "090-1234-5678", "김민수", "minsu@example.kr")
PLAN = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot}}
instrument: "{INSTRUMENT}"
groups: {{column: country, order: [JP, KR]}}
data: {{kind: returned}}
fieldwork: {{respondents: ../frame.csv}}
steps:
  - {{id: answers, step: describe}}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study from a frame full of names to its archive; everything but the frame lies under `study`."""
    folder = tmp_path_factory.mktemp("world")
    study = folder / "study"
    (study / "returned").mkdir(parents=True)
    (study / "study.yaml").write_text(PLAN, encoding="utf-8")
    frame = pd.DataFrame(
        {
            "respondent": ["JP-1", "KR-1"], "language": ["ja", "ko"], "country": ["JP", "KR"],
            "氏名": ["佐藤花子", "김민수"], "contact": ["hanako@example.jp", "minsu@example.kr"],
            "full_name": ["Sato-Hanako", "김민수"], "tel": ["090-1234-5678", ""],
        }
    )  # fmt: skip
    frame.to_csv(folder / "frame.csv", index=False)
    inst = read_instrument(INSTRUMENT)
    with pytest.warns(SurveykitWarning, match="F014"):
        forms = write_forms(inst, study / "forms", respondents=folder / "frame.csv")
    text = next(item.id for item in inst.items if item.type in ("text", "open"))
    likert = [item.id for item in inst.items if item.type == "likert"]
    for path in forms:
        fill_form(inst, path, dict.fromkeys(likert, 4) | {text: "=secret()"}, study / "returned" / path.name)
    collect(study / "returned", study)
    export_study(study, study / "out", FORMATS)
    run_study(study, study / "report")
    archive_study(study, study / "archive.zip")
    write_xlsform(inst, study / "xlsform.xlsx")
    write_redcap(inst, study / "redcap.csv")
    (study / "status.txt").write_text(study_status(study).summary("ja"), encoding="utf-8")
    (study / "disclosure.txt").write_text(disclosure(study).summary("ko"), encoding="utf-8")
    return folder


def unpacked(name: str, data: bytes) -> dict[str, bytes]:
    """The file, and what is in it where it is a zip."""
    found = {name: data}
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                found |= unpacked(f"{name}!{member}", archive.read(member))
    return found


def everything(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            found |= unpacked(str(path.relative_to(folder)), path.read_bytes())
    return found


def test_no_name_leaves_the_frame(world: Path) -> None:
    files = everything(world / "study")
    assert len(files) > 100
    assert any(name.endswith("responses.sqlite") for name in files)
    for name, data in files.items():
        for secret in SECRETS:
            for encoding in ("utf-8", "utf-16-le", "unicode_escape"):
                assert secret.encode(encoding) not in data, (name, secret)


def test_the_search_would_find_them(world: Path) -> None:
    data = (world / "frame.csv").read_bytes()
    assert all(secret.encode() in data for secret in SECRETS)


def test_forms_carry_the_pseudonym(world: Path) -> None:
    for who in ("JP-1", "KR-1"):
        (form,) = (world / "study" / "forms").glob(f"*{who}.xlsx")
        members = unpacked(form.name, form.read_bytes())
        assert any(who.encode() in data for name, data in members.items() if name.endswith(".xml"))


def test_the_archive_holds_neither_frame_nor_key_nor_raw_text_nor_workbooks(world: Path) -> None:
    files = unpacked("archive.zip", (world / "study" / "archive.zip").read_bytes())
    assert not [name for name in files if name.endswith((".xlsx", ".sqlite", ".ods"))]
    assert not [name for name in files if "frame" in Path(name.rpartition("!")[2]).name]
    assert not any(b"=secret()" in data for name, data in files.items() if name != "archive.zip")


def test_every_workbook_is_without_author_and_comments(world: Path) -> None:
    made = [*(world / "study" / "forms").glob("*.xlsx"), world / "study" / "xlsform.xlsx"]
    assert len(made) == 3
    for path in made:
        members = unpacked(path.name, path.read_bytes())
        assert not [name for name in members if "comment" in name.casefold() or "person" in name.casefold()]
        core = members[f"{path.name}!docProps/core.xml"].decode()
        assert "<dc:creator>surveykit</dc:creator>" in core
        assert "lastModifiedBy" not in core
        app = members.get(f"{path.name}!docProps/app.xml", b"").decode()
        assert "<Company>" not in app
        assert "<Manager>" not in app


def test_spreadsheet_facing_exports_compute_nothing(world: Path) -> None:
    table = (world / "study" / "out" / "responses.csv").read_text(encoding="utf-8-sig")
    assert "'=secret()" in table
    assert ",=secret()" not in table
    raw = next((world / "study" / "out" / "psych-ds" / "data").glob("*.csv")).read_text(encoding="utf-8")
    assert ",=secret()" in raw
