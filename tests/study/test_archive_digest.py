"""The digest of an archive: printed when it is made, held against what the author published."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from surveykit.archive.bag import bag_bytes, digest_of, read_bag
from surveykit.archive.certificate import certificate
from surveykit.archive.claims import read_claims
from surveykit.archive.reproduce import reproduce
from surveykit.archive.verdict import judge
from surveykit.errors import LANGUAGES, SurveykitError
from surveykit.study.archiving import Archived, archive_study
from surveykit.wording import wording

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "analyses" / "smith_sivo_2012"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archived:
    return archive_study(PAPER, tmp_path_factory.mktemp("made") / "a.zip")


def surveykit(*words: object, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "surveykit", *map(str, words)]
    environment = {**os.environ, "SURVEYKIT_LANG": lang}
    return subprocess.run(command, capture_output=True, text=True, env=environment, encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_digest_is_printed_to_be_published(made: Archived, lang: str) -> None:
    assert made.sha256 == digest_of(made.path)
    assert re.fullmatch("[0-9a-f]{64}", made.sha256)
    told = made.summary(lang)
    assert made.sha256 in told
    assert "--sha256" in told
    assert ("files in" in told) is (lang == "en")


@pytest.mark.parametrize("spelled", ["{0}", "SHA256:{0}", " {1} "])
def test_the_published_digest_is_held_against_the_file(made: Archived, spelled: str) -> None:
    given = spelled.format(made.sha256, made.sha256.upper())
    verdict = reproduce(made.path, sha256=given)
    assert (verdict.sha256, verdict.sha256_given, verdict.as_expected) == (made.sha256, True, True)
    assert verdict.to_dict()["sha256"] == made.sha256
    assert wording("archive", "seal_given", "ko", digest=made.sha256) in verdict.summary("ko")


def test_a_consistent_rewriting_is_told_from_outside_alone(made: Archived, tmp_path: Path) -> None:
    """Data, claims, results, records and manifests all rewritten: nothing inside contradicts anything."""
    payload = {
        name.removeprefix("data/"): content
        for name, content in read_bag(made.path).items()
        if name.startswith("data/")
    }
    payload["README.md"] = b"another paper"
    records = json.loads(payload["inputs.json"])
    records.pop("README.md", None)
    forged = tmp_path / "forged.zip"
    forged.write_bytes(bag_bytes("forged", payload | {"inputs.json": json.dumps(records).encode()}, {}, {}))
    with pytest.raises(SurveykitError) as refused:
        reproduce(forged, sha256=made.sha256)
    assert refused.value.code == "A077"
    assert digest_of(forged) in str(refused.value)


@pytest.mark.parametrize(
    ("given", "folder", "code"), [("12ab", False, "A078"), ("", False, "A078"), ("0" * 64, True, "A079")]
)
def test_what_is_no_digest_of_an_archive_is_refused(
    made: Archived, given: str, folder: bool, code: str
) -> None:
    with pytest.raises(SurveykitError) as refused:
        reproduce(PAPER if folder else made.path, sha256=given)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "leaves no trace"), ("ja", "痕跡は残らない"), ("ko", "흔적이 남지 않")]
)
def test_the_verdict_says_what_cannot_be_seen_from_inside(lang: str, word: str) -> None:
    from dataclasses import replace

    claims = read_claims(PAPER / "claims.yaml")
    verdict = replace(judge(claims, {}), sha256="ab" * 32)
    assert word in verdict.summary(lang)
    assert "--sha256" in verdict.summary(lang)
    assert word in str(certificate(verdict, claims, lang))
    assert "SHA-256" not in judge(claims, {}).summary(lang)  # a folder: nobody sealed it


def test_another_file_ends_with_a_code_and_no_zero(made: Archived) -> None:
    shown = surveykit("reproduce", made.path, "--sha256", "0" * 64, lang="ja")
    assert shown.returncode == 1
    assert "[A077]" in shown.stderr
    assert "開いていません" in shown.stderr
