"""Any instrument -> form -> answers -> collected: identical, whoever saved the workbook in between."""

import dataclasses
import shutil
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hand_made import ANSWERS, guide, instrument, sample
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.model import Instrument, Item, ResponseScale
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect
from surveykit.responses.read import Responses, read_responses

INSTRUMENTS = sorted((Path(__file__).parent.parent.parent / "instruments").glob("*.yaml"))

# What the schema allows in a text: no control characters, nothing that XML cannot hold, no blanks around it.
WORDS = (
    st.text(
        st.characters(
            codec="utf-8",
            exclude_categories=("Cc", "Cs", "Cn"),
            include_characters="\n=+-@'\"<>&%_x0041東あ가",
        ),
        min_size=1,
        max_size=40,
    )
    .map(str.strip)
    .filter(bool)
)
LOCAL = st.fixed_dictionaries({"en": WORDS, "ja": WORDS, "ko": WORDS})
IDS = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name not in ("respondent", "language", "form_version", "content_hash", "country")
)


@st.composite
def scales(draw: st.DrawFn, name: str) -> ResponseScale:
    codes = draw(st.lists(st.integers(-9999, 9999), min_size=3, max_size=8, unique=True))
    # Distinct labels within a language: which of two equal answers was chosen cannot be told from the words.
    labels = {
        code: {lang: f"{draw(WORDS)} {index}." for lang in ("en", "ja", "ko")}
        for index, code in enumerate(codes)
    }
    missing = codes[-1:] if draw(st.booleans()) else []
    valid = {code: labels[code] for code in codes if code not in missing}
    return ResponseScale(name, valid, {code: labels[code] for code in missing})


@st.composite
def asked_and_answered(draw: st.DrawFn) -> tuple[Instrument, list[dict[str, Any]]]:
    names = draw(st.lists(IDS, min_size=1, max_size=6, unique=True))
    answer_scales = {name: draw(scales(name)) for name in ("one", "two")}
    items, answers = [], {}
    for name in names:
        kind = draw(st.sampled_from(["likert", "single", "multiple", "number", "date", "text", "open"]))
        scale = draw(st.sampled_from(["one", "two"])) if kind in ("likert", "single", "multiple") else None
        items.append(Item(name, kind, draw(LOCAL), scale, required=False, reverse=False))
        answers[name] = _answers(kind, answer_scales.get(scale or ""))
    inst = instrument(*items, response_scales=answer_scales, title=draw(LOCAL), instructions=draw(LOCAL))
    return inst, draw(st.lists(st.fixed_dictionaries(answers), min_size=1, max_size=3))


def _answers(kind: str, scale: ResponseScale | None) -> st.SearchStrategy[Any]:
    if kind == "multiple" and scale is not None:
        chosen = st.lists(st.sampled_from(list(scale.labels)), unique=True)
        return chosen.map(lambda codes: tuple(code for code in scale.labels if code in codes) or None)
    if scale is not None:
        return st.none() | st.sampled_from([*scale.labels, *scale.missing_codes])
    if kind == "number":
        return st.none() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, allow_subnormal=False)
    if kind == "date":
        return st.none() | st.dates(date(1900, 3, 1), date(2100, 1, 1)).map(date.isoformat)
    return st.none() | WORDS


def expected(inst: Instrument, answers: dict[str, Any]) -> dict[str, Any]:
    """What the frame must hold: missing codes are no values, several choices are joined."""
    values = {}
    for item in inst.items:
        value = answers[item.id]
        scale = inst.response_scale_of(item)
        if scale is not None and value in scale.missing_codes:
            value = None
        values[item.id] = ";".join(str(code) for code in value) if isinstance(value, tuple) else value
    return values


def found_in(responses: Responses, items: Iterable[str]) -> list[dict[str, Any]]:
    rows = responses.frame[list(items)].astype(object)
    return rows.where(rows.notna(), None).to_dict("records")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(asked_and_answered(), st.sampled_from(["en", "ja", "ko"]))
def test_any_instrument_comes_back_identical(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[Instrument, list[dict[str, Any]]], lang: str
) -> None:
    inst, answers = drawn
    folder = tmp_path_factory.mktemp("any")
    frame = pd.DataFrame({"respondent": [f"R-{number}" for number in range(len(answers))]})
    for path, one in zip(write_forms(inst, folder / "forms", lang, frame), answers, strict=True):
        fill_form(inst, path, one, path)
    report = collect(folder / "forms", folder / "study", instruments=inst)
    assert set(report.findings["code"]) <= {"R038"}  # some have no answer at all
    names = [item.id for item in inst.items]
    assert found_in(read_responses(folder / "study"), names) == [expected(inst, one) for one in answers]


@pytest.mark.parametrize("path", INSTRUMENTS, ids=[path.stem for path in INSTRUMENTS])
def test_every_shipped_instrument_comes_back_identical(path: Path, tmp_path: Path) -> None:
    inst = read_instrument(path)
    for number, lang in enumerate(inst.languages):
        form = write_forms(inst, tmp_path / lang, lang, pd.DataFrame({"respondent": [lang]}))[0]
        answers = {item.id: typical(inst, item, number) for item in inst.items}
        fill_form(inst, form, answers, form)
        report = collect(form, tmp_path / "study", instruments=inst)
        assert not len(report.quarantined)
        assert set(report.findings["code"]) <= {"R055"}  # answers to what does not apply are kept
        frame = read_responses(tmp_path / "study").frame.set_index("respondent")
        assert frame.loc[lang, list(answers)].to_dict() == answers


def typical(inst: Instrument, item: Item, number: int) -> Any:
    scale = inst.response_scale_of(item)
    if scale is not None:
        codes = [code for code in scale.codes if code not in item.missing_codes]
        code = codes[number % len(codes)]
        return str(code) if item.type == "multiple" else code
    if item.type == "number":
        return (item.minimum or 0) + 1
    return f"2026-04-{number + 1:02d}" if item.type == "date" else f"答 {number}"


# ---- other programs ----------------------------------------------------------------------------------------


def test_saved_by_openpyxl(tmp_path: Path) -> None:
    form = write_forms(sample(), tmp_path / "returned", "ko", pd.DataFrame({"respondent": ["R"]}))[0]
    fill_form(sample(), form, ANSWERS, form)
    openpyxl.load_workbook(form).save(form)
    report = collect(form, tmp_path / "study", instruments=sample())
    assert len(report.findings) == 0
    assert found_in(read_responses(tmp_path / "study"), ANSWERS) == [ANSWERS]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_saved_by_libreoffice(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"respondent": ["JA", "KO", "EN"], "language": ["ja", "ko", "en"], "country": list("JKE")}
    )
    guided = dataclasses.replace(guide(), instrument="guided")
    notes = {
        "q01": "一行目\n둘째 줄\n= not a formula",
        "interview_date": "2026-04-30",
        "interview_recording": 2,
    }
    for inst, answers in ((sample(), ANSWERS), (guided, notes)):
        for path in write_forms(inst, tmp_path / "filled", respondents=frame):
            fill_form(
                inst, path, {**answers, "trust_3": "５"} if inst.instrument == "sample" else answers, path
            )
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    out = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "returned")]
    files = [str(path) for path in sorted((tmp_path / "filled").iterdir())]
    subprocess.run(
        ["soffice", home, "--headless", *out, *files], check=True, capture_output=True, timeout=180
    )
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=[sample(), guided])
    assert len(report.accepted) == 6
    assert list(report.findings["text"]) == []
    found = read_responses(tmp_path / "study", "sample")
    assert found_in(found, ANSWERS) == [ANSWERS] * 3
    assert list(found.frame["country"]) == ["E", "J", "K"]
    rules = found.provenance.groupby("item")["rule"].first()
    assert rules["trust_3"] == "full_width"
    interviews = read_responses(tmp_path / "study", "guided")
    assert found_in(interviews, notes) == [notes] * 3
