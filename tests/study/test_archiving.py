"""Archives of studies: the same bytes, run again by a stranger, tampering named, privacy kept."""

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from rocrate.rocrate import ROCrate

from surveykit.archive.bag import bag_bytes, read_bag
from surveykit.archive.reproduce import reproduce
from surveykit.errors import SurveykitError
from surveykit.instrument.reader import read_instrument
from surveykit.study.archiving import archive_study
from surveykit.study.disclosure import disclosed

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "analyses" / "smith_sivo_2012"


def test_a_real_paper_goes_into_an_archive_and_out_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    archive_study(PAPER, first)
    archive_study(PAPER, second)
    assert first.read_bytes() == second.read_bytes()
    verdict = reproduce(first)
    assert (verdict.outcome, verdict.drifted) == ("full reproduction", 0)
    with zipfile.ZipFile(first) as archive:
        archive.extractall(tmp_path / "open")
    crate = ROCrate(str(tmp_path / "open" / "smith_sivo_2012" / "data"))
    assert str(crate.name).startswith("Smith & Sivo")


def test_simulated_answers_are_archived_and_run_again_from_the_archive(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    plan = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot}}
instrument: "{ROOT}/instruments/kam_coordination.yaml"
data: {{kind: simulated, n: {{JP: 20, KR: 20}}}}
steps:
  - {{id: alpha, step: reliability, scales: [front_end]}}
"""
    claim = '{id: cases, where: p, kind: n, printed: "40", compute: alpha.front_end.all.n}'
    claims = f'claims: pilot\nversion: "1.0.0"\ncitation: us\nnumbers:\n  - {claim}\n'
    (tmp_path / "study" / "study.yaml").write_text(plan, encoding="utf-8")
    (tmp_path / "study" / "claims.yaml").write_text(claims, encoding="utf-8")
    archived = archive_study(tmp_path / "study", tmp_path / "a.zip")
    assert {"responses.csv", "disclosure.json", "files/kam_coordination.yaml"} <= set(archived.files)
    verdict = reproduce(tmp_path / "a.zip")
    assert (verdict.outcome, verdict.drifted) == ("full reproduction", 0), verdict.summary()


def tampered(archive: Path, name: str, old: bytes, new: bytes) -> None:
    """A forger who knows BagIt: the change goes in and all manifests are made anew."""
    files = read_bag(archive)
    assert old in files[f"data/{name}"]
    files[f"data/{name}"] = files[f"data/{name}"].replace(old, new, 1)
    payload = {
        path.removeprefix("data/"): content for path, content in files.items() if path.startswith("data/")
    }
    archive.write_bytes(bag_bytes("forged", payload, {}, {}))


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("study.yaml", b"0.65, 0.63, 0.67", b"0.65, 0.63, 0.57", "A018"),
        ("results/results.json", b'"chisq": 9.56', b'"chisq": 9.57', "A018"),
        ("claims.yaml", b'"9.567"', b'"9.657"', "chisq"),
    ],
)
def test_one_digit_changed_is_found_and_named(
    tmp_path: Path, name: str, old: bytes, new: bytes, told: str
) -> None:
    archive_study(PAPER, tmp_path / "a.zip")
    tampered(tmp_path / "a.zip", name, old, new)
    verdict = reproduce(tmp_path / "a.zip")
    assert not verdict.as_expected
    assert told in verdict.summary()


def test_another_machine_is_told_and_not_held_against_the_numbers(tmp_path: Path) -> None:
    archive_study(PAPER, tmp_path / "a.zip")
    tampered(tmp_path / "a.zip", "environment.json", b'"machine": "', b'"machine": "not-')
    verdict = reproduce(tmp_path / "a.zip")
    assert verdict.as_expected
    assert "A017" in verdict.summary()


def test_direct_identifiers_are_refused_and_raw_text_is_withheld() -> None:
    instrument = read_instrument(ROOT / "instruments" / "kam_coordination.yaml")
    text = [item.id for item in instrument.items if item.type in ("text", "open")]
    frame = pd.DataFrame(
        {"respondent": ["a", "b", "c"], "country": ["JP", "JP", "KR"], text[0]: ["x", "y", "z"]}
    )
    kept, report = disclosed(frame, instrument, "country")
    assert text[0] not in kept.columns
    assert (report.k, report.unique, report.withheld) == (1, 1, (text[0],))
    assert report.notes[0].code == "T021"
    with pytest.raises(SurveykitError, match="T020"):
        disclosed(frame.assign(email="a@b.c"), instrument, "country")
    assert json.dumps(report.to_dict())
