"""Archives that were made to do harm: refused or stopped, each with a code, nothing outside touched."""

import json
from pathlib import Path

import pytest

from surveykit.archive.bag import bag_bytes, read_bag
from surveykit.archive.reproduce import reproduce
from surveykit.errors import SurveykitError
from surveykit.instrument.yaml_tree import read_yaml
from surveykit.study.archiving import archive_study
from surveykit.study.run import run_study
from surveykit.study.sealed import WORDS, refuse_outside

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "analyses" / "smith_sivo_2012"
CLAIMS = (
    'claims: c\nversion: "1.0.0"\ncitation: c\nnumbers:\n'
    '  - {id: cases, where: p, kind: n, printed: "4", compute: model.fit.fit_measures.ntotal}\n'
)
PLAN = 'study: evil\nversion: "1.0.0"\ntitle: {en: Evil}\n'
STEP = "steps:\n  - {id: model, step: sem, model: a ~ b}\n"
FRAME = "data: {kind: frame, path: PATH}\n" + STEP


def archive(folder: Path, plan: str, **files: bytes) -> Path:
    """A well-formed bag with a plan of a stranger's making."""
    payload = {"study.yaml": plan.encode(), "claims.yaml": CLAIMS.encode(), **files}
    path = folder / "evil.zip"
    path.write_bytes(bag_bytes("evil", payload, {}, {}))
    return path


OUTSIDE = ["/etc/passwd", "../../../../etc/passwd", "C:/Windows/win.ini", "a/../../b.csv"]


@pytest.mark.parametrize("named", OUTSIDE)
@pytest.mark.parametrize(
    "plan",
    [
        PLAN + FRAME,
        PLAN + "instrument: PATH\ndata: {kind: none}\nsteps:\n  - {id: f, step: forms}\n",
        PLAN + "data: {kind: moments, path: PATH, names: [a, b]}\n" + STEP,
        PLAN + "data: {kind: none}\nsteps:\n  - {id: i, step: interviews, codebook: PATH, segments: PATH}\n",
    ],
)
def test_a_plan_that_names_a_file_outside_its_archive_is_refused(
    tmp_path: Path, plan: str, named: str
) -> None:
    (tmp_path / "study.yaml").write_text(plan.replace("PATH", named), encoding="utf-8")
    with pytest.raises(SurveykitError, match="T045"):
        run_study(tmp_path, tmp_path / "out", sealed=True)
    assert not (tmp_path / "out").exists()


CODERS = "data: {kind: none}\nsteps:\n  - {id: i, step: interviews, codebook: c.yaml, KEY: VALUE}\n"
MODEL_STEP = "data: {kind: frame, path: a.csv}\nsteps:\n  - {id: m, step: sem, model: a ~ b, KEY: VALUE}\n"
# Names that elsewhere stand for texts, where the schema has a file or nothing of that name.
BY_ANOTHER_NAME = [
    *(CODERS.replace("KEY: VALUE", f"coders: {{first: a.csv, {key}: PATH}}")
      for key in ("model", "title", "source", "labels", "models", "population", "obtain", "question")),
    *(CODERS.replace("KEY: VALUE", f"{key}: PATH")
      for key in ("segments", "transcripts", "names", "displays", "model", "source", "claims")),
    *(f"data: {{kind: frame, path: a.csv, {key}: PATH}}\n" + STEP for key in ("model", "title", "labels")),
    "data: {kind: frame, path: {title: PATH}}\n" + STEP,
    "data: {kind: frame, path: [{model: PATH}]}\n" + STEP,
    "data: {kind: none}\nfieldwork: {sent: PATH}\n" + STEP,
    "data: {kind: none}\nfieldwork: {frame: PATH}\n" + STEP,
    "data: {kind: none}\nsteps:\n  - {id: m, step: sem, model: a ~ b, respondents: PATH}\n",
    "data: {kind: none}\nclaims: PATH\nsteps:\n  - {id: f, step: forms}\n",
    "data: {kind: none}\nmodel: PATH\nsteps:\n  - {id: f, step: forms}\n",
    "data: {kind: none}\nsteps:\n  - {id: l, step: lookup, path: PATH, scales: {a: b}}\n",
    "data: {kind: none}\nsteps:\n  - {id: l, step: unheard_of, model: PATH}\n",
    "data: {kind: none}\nsteps: {model: PATH}\n",
    CODERS.replace("KEY: VALUE", "coders: {PATH: a.csv}"),
]  # fmt: skip


@pytest.mark.parametrize("named", ["/tmp/x/secret.csv", "../secret.csv", "..", "C:secret.csv"])
@pytest.mark.parametrize("plan", BY_ANOTHER_NAME)
def test_no_name_of_a_key_hides_a_path(tmp_path: Path, plan: str, named: str) -> None:
    (tmp_path / "study.yaml").write_text(PLAN + plan.replace("PATH", f"'{named}'"), encoding="utf-8")
    with pytest.raises(SurveykitError, match="T045"):
        refuse_outside(tmp_path)


WRITTEN_FOR_PEOPLE = [
    "fieldwork: {respondents: ../../frame.csv}\n" + FRAME.replace("PATH", "a.csv"),  # opened by no run
    'source: {en: "/etc, or C:/data, or ../.. : as a text"}\n' + FRAME.replace("PATH", "a.csv"),
    'question: {en: "and/or"}\nlicense: https://example.org/a\n' + FRAME.replace("PATH", "files/a.csv"),
    'groups: {labels: {JP: {en: "/ Japan"}}}\n' + FRAME.replace("PATH", "a.csv"),
    "data: {kind: frame, path: a.csv, obtain: {en: /from there}}\n" + STEP,
    "data: {kind: frame, path: a.csv}\n"
    "steps:\n  - {id: m, step: sem, title: {en: ../m}, model: 'a ~ b\n\n    r := /a'}\n",
    'data: {kind: frame, path: a.csv}\nsteps:\n  - {id: m, step: invariance, models: {one: "# ../ f"}}\n',
]


@pytest.mark.parametrize("plan", WRITTEN_FOR_PEOPLE)
def test_what_the_schema_has_as_text_may_look_like_a_path(tmp_path: Path, plan: str) -> None:
    (tmp_path / "study.yaml").write_text(PLAN + plan, encoding="utf-8")
    refuse_outside(tmp_path)
    assert read_yaml(tmp_path / "study.yaml")["study"] == "evil"


def test_every_text_of_the_plan_is_a_field_of_the_schema() -> None:
    for schema, names in WORDS.items():
        assert names <= set(schema.model_fields), schema


def test_the_rerun_of_an_archive_is_sealed(tmp_path: Path) -> None:
    verdict = reproduce(archive(tmp_path, PLAN + FRAME.replace("PATH", "/etc/passwd")))
    assert (verdict.outcome, verdict.run) == ("could not be run", "errored")
    assert "T045" in verdict.summary()
    assert "root:" not in verdict.summary()


def test_a_plan_that_would_never_end_is_stopped(tmp_path: Path) -> None:
    """Two million simulated workbooks, more than any minute allows."""
    instrument = (ROOT / "instruments" / "kam_coordination.yaml").read_bytes()
    plan = PLAN + "instrument: files/i.yaml\ndata: {kind: simulated, n: {JP: 999999, KR: 999999}}\n"
    step = "steps:\n  - {id: alpha, step: reliability}\n"
    path = archive(tmp_path, plan + step, **{"files/i.yaml": instrument})
    verdict = reproduce(path, timeout=4)
    assert verdict.outcome == "could not be run"
    assert verdict.run in ("timed_out", "errored")
    assert {"A015", "A016"} & {one.code for one in verdict.notes}


@pytest.mark.parametrize("name", ["inputs.json", "environment.json", "results/results.json"])
@pytest.mark.parametrize("content", [b"[1]", b"{", b"[" * 200_000, b"\xff"])
def test_records_that_are_none_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = archive(tmp_path, PLAN + FRAME.replace("PATH", "a.csv"), **{name: content})
    with pytest.raises(SurveykitError, match="A057"):
        reproduce(path)


def test_records_of_another_shape_do_no_harm(tmp_path: Path) -> None:
    archive_study(PAPER, tmp_path / "a.zip")
    files = read_bag(tmp_path / "a.zip")
    payload = {path.removeprefix("data/"): one for path, one in files.items() if path.startswith("data/")}
    payload["environment.json"] = json.dumps({"packages": [1], "blas": {"a": None}}).encode()
    payload["results/results.json"] = json.dumps({"model": 3, "data": []}).encode()
    (tmp_path / "b.zip").write_bytes(bag_bytes("b", payload, {}, {}))
    verdict = reproduce(tmp_path / "b.zip")
    assert verdict.run == "ran_ok"
    assert not verdict.as_expected
    assert "results/results.json" in verdict.changed


def test_a_machine_that_cannot_confine_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive_study(PAPER, tmp_path / "a.zip")
    monkeypatch.setattr("surveykit.archive.rerun.protections", lambda told: ("limits",))
    verdict = reproduce(tmp_path / "a.zip")
    told = [one for one in verdict.notes if one.code == "A056"]
    assert [one.fields["missing"] for one in told] == ["files, network"]
    assert verdict.as_expected  # a weaker machine is no fault of the numbers
    assert "A056" not in reproduce(PAPER).summary()  # one's own study is run as one's own


def payload_of(archive: Path) -> dict[str, bytes]:
    files = read_bag(archive)
    return {path.removeprefix("data/"): one for path, one in files.items() if path.startswith("data/")}


STRIPPED = [
    (("inputs.json", "results/"), "full reproduction with minor issues", "inputs.json, results/results.json"),
    (("inputs.json",), "full reproduction with minor issues", "inputs.json"),
    (("results/",), "full reproduction with minor issues", "results/results.json"),
]


@pytest.mark.parametrize(("dropped", "outcome", "missing"), STRIPPED)
def test_an_archive_without_its_own_record_is_no_full_reproduction(
    tmp_path: Path, dropped: tuple[str, ...], outcome: str, missing: str
) -> None:
    """Claims changed, records dropped, manifests made anew: only the absence can tell."""
    archive_study(PAPER, tmp_path / "a.zip")
    payload = {path: one for path, one in payload_of(tmp_path / "a.zip").items()
               if not path.startswith(dropped)}  # fmt: skip
    (tmp_path / "b.zip").write_bytes(bag_bytes("b", payload, {}, {}))
    verdict = reproduce(tmp_path / "b.zip")
    assert (verdict.outcome, verdict.as_expected) == (outcome, False)
    assert "record_missing" in verdict.reasons
    assert [one.fields["missing"] for one in verdict.notes if one.code == "A076"] == [missing]


def test_a_whole_archive_has_its_record_and_a_file_put_in_is_named(tmp_path: Path) -> None:
    archive_study(PAPER, tmp_path / "a.zip")
    assert reproduce(tmp_path / "a.zip").outcome == "full reproduction"
    payload = payload_of(tmp_path / "a.zip") | {"responses.csv": b"a,b\n1,2\n"}
    recorded = json.loads(payload["inputs.json"])
    assert "responses.csv" not in recorded
    (tmp_path / "b.zip").write_bytes(bag_bytes("b", payload, {}, {}))
    verdict = reproduce(tmp_path / "b.zip")
    assert "responses.csv" in verdict.changed
    assert not verdict.as_expected
