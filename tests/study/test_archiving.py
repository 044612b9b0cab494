"""Archives of studies: the same bytes, run again by a stranger, tampering named, privacy kept."""

import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rocrate.rocrate import ROCrate
from ruamel.yaml import YAML

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
    wanted = {"responses.csv", "provenance.csv", "disclosure.json", "files/kam_coordination.yaml",
              "codebook/kam_coordination.csv", "environment.lock", "inputs.json"}  # fmt: skip
    assert wanted <= set(archived.files)
    read = pd.read_csv(io.BytesIO(read_bag(tmp_path / "a.zip")["data/provenance.csv"]))
    assert {"sha256", "sheet", "cell", "value", "rule"} <= set(read.columns)
    assert not {"file", "raw"} & set(read.columns)
    verdict = reproduce(tmp_path / "a.zip")
    assert (verdict.outcome, verdict.drifted) == ("full reproduction", 0), verdict.summary()


def test_the_metadata_say_who_made_it_and_keep_the_rules_of_codecheck(tmp_path: Path) -> None:
    """CODECHECK's rules CFG-001 to 007 and 014 to 022; RO-Crate's own asks for the kinds of files."""
    study = answers_study(tmp_path / "study")
    plan = (study / "study.yaml").read_text(encoding="utf-8")
    people = 'authors: [{name: 山田, orcid: "0000-0002-1825-0097"}, {name: Kim}]\n'
    (study / "study.yaml").write_text(
        plan + people + 'license: https://spdx.org/licenses/CC-BY-4.0\npublished: "2026-11-22"\n',
        encoding="utf-8",
    )
    claims = (study / "claims.yaml").read_text(encoding="utf-8")
    named = claims.replace("citation: us", 'citation: "A paper, doi:10.1234/ab.56."')
    (study / "claims.yaml").write_text(named, encoding="utf-8")
    archive_study(study, tmp_path / "a.zip")
    files = read_bag(tmp_path / "a.zip")
    text = files["codecheck.yml"].decode()
    assert text.startswith("---\n")
    check = YAML(typ="safe").load(text)
    assert check["paper"]["reference"] == "https://doi.org/10.1234/ab.56"
    assert check["paper"]["authors"] == [{"name": "山田", "ORCID": "0000-0002-1825-0097"}, {"name": "Kim"}]
    assert {one["file"] for one in check["manifest"]} <= set(files)
    assert all(one["comment"] for one in check["manifest"])
    graph = json.loads(files["data/ro-crate-metadata.json"])["@graph"]
    root = next(one for one in graph if one["@id"] == "./")
    assert root["datePublished"] == "2026-11-22"
    assert [one["@id"] for one in root["author"]] == ["https://orcid.org/0000-0002-1825-0097", "#Kim"]
    by_id = {one["@id"]: one for one in graph}
    assert by_id[root["license"]["@id"]]["@type"] == "CreativeWork"
    assert all(by_id[one["@id"]]["encodingFormat"] for one in root["hasPart"])
    assert by_id["responses.csv"]["encodingFormat"] == "text/csv"


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
        # a claim that stays true is named as well: the paper says it otherwise
        ("claims.yaml", b'"9.567"', b'"9.57"', "A055"),
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
    assert verdict.changed == (name,)
    assert f"'{name}' is not the file" in verdict.summary()


def answers_study(folder: Path) -> Path:
    """A study on a table of answers, with a claim and its archive."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"respondent": [f"r{at}" for at in range(60)], "x": rng.integers(1, 8, 60)})
    frame["y"] = (frame["x"] / 2 + rng.normal(size=60)).round(2)
    folder.mkdir()
    frame.to_csv(folder / "answers.csv", index=False)
    plan = 'study: s\nversion: "1.0.0"\ntitle: {en: S}\ndata: {kind: frame, path: answers.csv}\n'
    step = 'steps:\n  - {id: model, step: sem, model: "y ~ x"}\n'
    (folder / "study.yaml").write_text(plan + step, encoding="utf-8")
    claim = '{id: cases, where: p, kind: n, printed: "60", compute: model.fit.fit_measures.ntotal}'
    claims = f'claims: s\nversion: "1.0.0"\ncitation: us\nnumbers:\n  - {claim}\n'
    (folder / "claims.yaml").write_text(claims, encoding="utf-8")
    return folder


@pytest.mark.parametrize("forger", ["careless", "knows BagIt", "knows surveykit"])
def test_one_digit_changed_in_the_answers_is_found_by_whoever_changed_it(tmp_path: Path, forger: str) -> None:
    """No claim covers the digit: the file's name or the results' drift tells of it."""
    archive = tmp_path / "a.zip"
    archive_study(answers_study(tmp_path / "study"), archive)
    files = read_bag(archive)
    answers = files["data/responses.csv"].decode().splitlines(keepends=True)
    digit = answers[7].strip()[-1]
    answers[7] = answers[7].rstrip("\n")[:-1] + str((int(digit) + 1) % 10) + "\n"
    files["data/responses.csv"] = "".join(answers).encode()
    if forger == "knows surveykit":
        payload = {path.removeprefix("data/"): one for path, one in files.items() if path.startswith("data/")}
        recorded = json.loads(payload["inputs.json"])
        payload["inputs.json"] = json.dumps(
            {name: hashlib.sha256(payload[name]).hexdigest() for name in recorded}
        ).encode()
        files |= {f"data/{path}": one for path, one in payload.items()}
    if forger == "careless":
        with zipfile.ZipFile(archive, "w") as made:
            for path, content in files.items():
                made.writestr(f"s/{path}", content)
        with pytest.raises(SurveykitError, match=r"A045.*responses\.csv"):
            reproduce(archive)
        return
    payload = {path.removeprefix("data/"): one for path, one in files.items() if path.startswith("data/")}
    archive.write_bytes(bag_bytes("s", payload, {}, {}))
    verdict = reproduce(archive)
    assert not verdict.as_expected
    assert verdict.changed == (("responses.csv",) if forger == "knows BagIt" else ())
    assert "[A018] The archived result at model.fit" in verdict.summary()


def test_a_study_without_claims_is_archived_with_the_advice_to_write_them(tmp_path: Path) -> None:
    study = answers_study(tmp_path / "study")
    (study / "claims.yaml").unlink()
    archived = archive_study(study, tmp_path / "a.zip")
    assert [one.code for one in archived.notes] == ["T043"]
    assert "surveykit claims" in archived.summary()
    verdict = reproduce(tmp_path / "a.zip", certificate=tmp_path / "c", lang="ja")
    assert verdict.as_expected
    assert (verdict.outcome, verdict.reasons, verdict.drifted) == ("full reproduction", ("no_claims",), 0)
    told = next(one for one in verdict.notes if one.code == "A063")
    assert told.fields["same"] == told.fields["count"] > 20
    page = (tmp_path / "c" / "certificate.html").read_text(encoding="utf-8")
    assert "公表された数値は検証していません" in page
    # Neither page nor first line claims a reproduction that nobody could see.
    said = {lang: verdict.summary(lang).splitlines()[0] for lang in ("en", "ja", "ko")}
    assert said["en"].startswith("Verdict: every archived result came out the same; there was no published")
    assert "検証する公表数値はなし" in said["ja"]
    assert "검증할 공표 숫자는 없음" in said["ko"]
    assert "full reproduction" not in page + "".join(said.values())


def test_without_claims_one_result_that_differs_is_found(tmp_path: Path) -> None:
    study = answers_study(tmp_path / "study")
    (study / "claims.yaml").unlink()
    archive_study(study, tmp_path / "a.zip")
    files = read_bag(tmp_path / "a.zip")
    results = json.loads(files["data/results/results.json"])
    results["model"]["fit"]["fit_measures"]["chisq"] += 0.01
    files["data/results/results.json"] = json.dumps(results).encode()
    payload = {path.removeprefix("data/"): one for path, one in files.items() if path.startswith("data/")}
    (tmp_path / "b.zip").write_bytes(bag_bytes("s", payload, {}, {}))
    verdict = reproduce(tmp_path / "b.zip")
    assert not verdict.as_expected
    assert (verdict.outcome, verdict.drifted) == ("partial reproduction", 1)
    assert verdict.summary().startswith("Verdict: not every archived result came out the same; there was no")
    assert "[A018] The archived result at model.fit.fit_measures.chisq" in verdict.summary()


def test_another_machine_is_told_and_not_held_against_the_numbers(tmp_path: Path) -> None:
    archive_study(PAPER, tmp_path / "a.zip")
    tampered(tmp_path / "a.zip", "environment.json", b'"machine": "', b'"machine": "not-')
    payload = {
        path.removeprefix("data/"): one
        for path, one in read_bag(tmp_path / "a.zip").items()
        if path.startswith("data/")
    }
    verdict = reproduce(tmp_path / "a.zip")
    assert verdict.as_expected
    assert "A017" in verdict.summary()
    assert "environment.lock" in payload


def with_blas(kind: str, code: str) -> str:
    """Python in a process of its own, its BLAS told to compute as for another processor."""
    environment = {**os.environ, "OPENBLAS_CORETYPE": kind, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="kinds of x86 processors")
def test_another_blas_gives_the_same_numbers_and_is_named(tmp_path: Path) -> None:
    """AVX2 and SSE kernels sum in another order: within 1e-6 relative (drift.py says why) all stays."""
    archive = tmp_path / "a.zip"
    with_blas("Haswell", f"import surveykit as sk; sk.archive_study({str(PAPER)!r}, {str(archive)!r})")
    told = with_blas(
        "Nehalem",
        f"import surveykit as sk; v = sk.reproduce({str(archive)!r}); "
        "print(v.as_expected, v.drifted, [one.fields.get('what') for one in v.notes]); print(v.summary())",
    )
    assert told.startswith("True 0 ")
    if "blas" in told:  # an OpenBLAS that obeys; another BLAS knows no such setting
        assert "Haswell" in told
        assert "Nehalem" in told
    again = f"import surveykit as sk; v = sk.reproduce({str(archive)!r}); print(len(v.notes))"
    assert with_blas("Haswell", again).strip() == "0"  # the same machine: nothing differs


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


FIELDED = """\
study: fielded
version: "1.0.0"
title: {{en: Fielded}}
instrument: "{root}/instruments/kam_coordination.yaml"
data: {{kind: simulated, n: {{JP: 20, KR: 20}}}}
fieldwork: {{respondents: ../../frame.csv, sent: 2026-10-01}}
steps:
  - {{id: alpha, step: reliability, scales: [front_end]}}
"""
OPENED = """\
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
from surveykit.study.run import run_study
study = Path(sys.argv[1])
run_study(study, study / "out", answers=study / "responses.csv", sealed=True)
print([one for one in opened if "frame.csv" in one])
"""


def test_the_sampling_frame_stays_at_home_and_the_archive_reproduces(tmp_path: Path) -> None:
    study = tmp_path / "analyses" / "fielded"
    study.mkdir(parents=True)
    (tmp_path / "frame.csv").write_text("respondent,country\nsecret-person,JP\n", encoding="utf-8")
    (study / "study.yaml").write_text(FIELDED.format(root=ROOT), encoding="utf-8")
    archive_study(study, tmp_path / "a.zip")
    files = read_bag(tmp_path / "a.zip")
    assert not any("frame.csv" in name or b"secret-person" in content for name, content in files.items())
    verdict = reproduce(tmp_path / "a.zip")
    assert verdict.as_expected, verdict.summary()
    # Where the frame lies in reach of the unpacked archive, the run does not open it.
    unpacked = tmp_path / "unpacked" / "study"
    for name, content in files.items():
        if name.startswith("data/"):
            (unpacked / name[5:]).parent.mkdir(parents=True, exist_ok=True)
            (unpacked / name[5:]).write_bytes(content)
    ran = subprocess.run([sys.executable, "-c", OPENED, str(unpacked)], capture_output=True, text=True)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


def test_answers_that_lie_outside_the_study_are_archived_and_run_again(tmp_path: Path) -> None:
    study = answers_study(tmp_path / "study")
    (study / "answers.csv").rename(tmp_path / "answers.csv")
    plan = study / "study.yaml"
    plan.write_text(plan.read_text("utf-8").replace("answers.csv", "../answers.csv"), "utf-8")
    archive_study(study, tmp_path / "a.zip")
    verdict = reproduce(tmp_path / "a.zip")
    assert (verdict.outcome, verdict.as_expected) == ("full reproduction", True), verdict.summary()


def test_what_reproduce_would_refuse_is_not_archived(tmp_path: Path) -> None:
    study = answers_study(tmp_path / "study")
    plan = study / "study.yaml"
    # A file outside that is neither packed nor left unread.
    plan.write_text(
        plan.read_text("utf-8").replace("path: answers.csv", "path: answers.csv, sheet: ../b"), "utf-8"
    )
    with pytest.raises(SurveykitError, match=r"T045.*study\.yaml: .*'\.\./b'"):
        archive_study(study, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
