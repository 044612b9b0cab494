"""Workbooks changed in LibreOffice itself, through its programming interface, as a person would by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from torture import LAST, ROW, Case, form

SOFFICE = shutil.which("soffice")
# The interpreter that LibreOffice's bridge was built for is the system's, not that of the tests.
PYTHON = "/usr/bin/python3"


def _bridge() -> bool:
    if SOFFICE is None or not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import uno"], capture_output=True).returncode == 0


OFFICE = _bridge()
SCRIPT = Path(__file__).with_name("office_script.py")
D = {name: f"D{row}" for name, row in ROW.items()}
XLSX, ODS, XLS = "Calc MS Excel 2007 XML", "calc8", "MS Excel 97"

# name, what is done (see office_script.py), saved as, set apart with, findings, answers that changed
EDITS: list[tuple[str, list[list[object]], str, str, tuple[str, ...], dict[str, object]]] = [
    ("saved again", [], XLSX, "", (), {}),
    ("saved as .ods", [], ODS, "", (), {}),
    ("saved as .xls", [], XLS, "R004", (), {}),
    ("an .xls locked with a password", [["password"]], XLS, "R004", (), {}),
    ("an .ods locked with a password", [["password"]], ODS, "R005", (), {}),
    ("sheet renamed", [["rename", "회답 '1'"]], XLSX, "", (), {}),
    ("sheet renamed, .ods", [["rename", "회답 '1'"]], ODS, "", (), {}),
    ("sheet moved to the end", [["move"]], XLSX, "", (), {}),
    ("sheet duplicated", [["duplicate"]], XLSX, "", (), {}),
    ("sheet duplicated, .ods", [["duplicate"]], ODS, "", (), {}),
    (
        "sheet duplicated, the copy answered otherwise",
        [["duplicate"], ["copy", D["sk_trust_1"], "1"]],
        XLSX,
        "",
        ("R045",),
        {"trust_1": None},
    ),
    ("other sheets deleted", [["delete", "Cover"], ["delete", "Codebook"]], XLSX, "", (), {}),
    ("sheet hidden", [["hide"]], ODS, "", (), {}),
    ("rows inserted", [["insert", 7, 3]], XLSX, "", (), {}),
    ("rows inserted, .ods", [["insert", 7, 3]], ODS, "", (), {}),
    ("columns inserted", [["columns", 1, 2]], XLSX, "", (), {}),
    ("a row deleted", [["remove", ROW["sk_trust_2"]]], XLSX, "", ("R046",), {"trust_2": None}),
    ("a row deleted, .ods", [["remove", ROW["sk_trust_2"]]], ODS, "", ("R046",), {"trust_2": None}),
    (
        "rows sorted by answer",
        [["sort", ROW["sk_trust_1"], ROW["sk_trust_3"]]],
        XLSX,
        "",
        ("R037",),
        {},
    ),
    (
        "an answer cut and pasted over another",
        [["cut", D["sk_trust_1"], D["sk_trust_3"]]],
        XLSX,
        "",
        ("R045",),
        {"trust_1": None, "trust_3": 4},
    ),
    (
        "an answer copied over another",
        [["paste", D["sk_trust_1"], D["sk_trust_3"]]],
        XLSX,
        "",
        (),
        {"trust_3": 4},
    ),
    (
        "answers merged",
        [["set", D["sk_trust_2"], ""], ["merge", f"{D['sk_trust_1']}:{D['sk_trust_2']}"]],
        XLSX,
        "",
        ("R070",),
        {"trust_2": None},
    ),
    (
        "answers merged, .ods",
        [["set", D["sk_trust_2"], ""], ["merge", f"{D['sk_trust_1']}:{D['sk_trust_2']}"]],
        ODS,
        "",
        ("R070",),
        {"trust_2": None},
    ),
    (
        "a number typed",
        [["format", D["sk_trust_1"], "General"], ["type", D["sk_trust_1"], "4"]],
        ODS,
        "",
        (),
        {},
    ),
    (
        "a date typed into a cell that is no text",
        [["format", D["sk_trust_1"], "General"], ["type", D["sk_trust_1"], "1/2/2026"]],
        XLSX,
        "",
        ("R042",),
        {"trust_1": None},
    ),
    (
        "a formula typed, .ods",
        [["format", D["sk_trust_1"], "General"], ["formula", D["sk_trust_1"], "=2+2"]],
        ODS,
        "",
        ("R043",),
        {"trust_1": None},
    ),
    (
        "an error, .ods",
        [["format", D["sk_staff"], "General"], ["formula", D["sk_staff"], "=1/0"]],
        ODS,
        "",
        ("R043",),
        {"staff": None},
    ),
    ("full width, .ods", [["set", D["sk_trust_1"], "４．そう思う"]], ODS, "", (), {}),
    ("out of range, .ods", [["set", D["sk_trust_1"], "9"]], ODS, "", ("R041",), {"trust_1": None}),
    *(
        (f"{name}{ending}", edits, kind, "", codes, {})
        for kind, ending in ((XLSX, ""), (ODS, ", .ods"))
        for name, edits, codes in (
            ("a remark on a cell", [["remark", D["sk_trust_1"], "not sure: 2?"]], ("R094",)),
            ("a text beside an answer", [["set", f"F{ROW['sk_trust_1']}", "ask me again"]], ("R090",)),
            ("a text under the form", [["set", f"C{LAST + 4}", "谢谢"]], ("R090",)),
            ("a text box", [["box", "see the back"]], ("R095",)),
            ("a sheet of its own", [["sheet", "메모", "1", "twelve"]], ("R096",)),
            ("the answers' column hidden", [["hide column", 3]], ("R097",)),
        )
    ),
    ("all rows coloured", [["colour", f"A{LAST + 1}:E1048576"]], XLSX, "", (), {}),
    ("all rows coloured, .ods", [["colour", f"A{LAST + 1}:E1048576"]], ODS, "", (), {}),
    ("filtered", [["filter"]], XLSX, "", ("R097",), {}),
    (
        "a thousand characters and emoji, .ods",
        [["set", D["sk_story"], "👩‍🔬あ" * 999]],
        ODS,
        "",
        (),
        {"story": "👩‍🔬あ" * 999},
    ),
]
ENDING = {XLSX: ".xlsx", ODS: ".ods", XLS: ".xls"}


def office_cases(folder: Path) -> list[Case]:
    """Make them all in one run of LibreOffice."""
    folder.mkdir(parents=True)
    source = folder / "source.xlsx"
    source.write_bytes(form())
    jobs = [
        {"out": str(folder / f"{number}{ENDING[kind]}"), "filter": kind, "edits": edits}
        for number, (_, edits, kind, *_) in enumerate(EDITS)
    ]
    (folder / "jobs.json").write_text(json.dumps(jobs), "utf-8")
    command = [PYTHON, str(SCRIPT), str(SOFFICE), str(source), str(folder / "jobs.json")]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return [
        Case(
            f"office: {name}",
            Path(str(job["out"])).read_bytes,
            apart,
            findings,
            answers,
            "form" + ENDING[kind],
        )
        for job, (name, _, kind, apart, findings, answers) in zip(jobs, EDITS, strict=True)
    ]
