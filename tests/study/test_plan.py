"""Plans: what a study.yaml may say, and how it is refused."""

from pathlib import Path

import pytest

from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.study.plan import read_plan

ROOT = Path(__file__).parents[2]
INSTRUMENT = ROOT / "instruments" / "partnership.yaml"
GOOD = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot}}
instrument: "{INSTRUMENT}"
data: {{kind: simulated, n: {{JP: 30, KR: 30}}}}
steps:
  - {{id: alpha, step: reliability, scales: [trust]}}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_good_plan_reads(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path, GOOD))
    assert plan.spec.study == "pilot"
    assert plan.simulated
    assert plan.instrument.instrument == "partnership"


@pytest.mark.parametrize(
    "study", sorted(path.parent.name for path in (ROOT / "analyses").glob("*/study.yaml"))
)
def test_every_shipped_plan_reads(study: str) -> None:
    assert read_plan(ROOT / "analyses" / study).spec.study == study


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("step: reliability", "step: reliabilty", "T002", ":7:"),
        ("scales: [trust]", "scales: [turst]", "T006", ":7:"),
        ("scales: [trust]", "scale: [trust]", "I021", ":7:"),
        ("kind: simulated, n: {JP: 30, KR: 30}", "kind: simulated", "T004", ":5:"),
        ("kind: simulated, n: {JP: 30, KR: 30}", "kind: table", "T004", ":5:"),
        ("kind: simulated", "kind: simulatd", "I033", ":5:"),
        ("title: {en: Pilot}", "title: {en: Pilot}\ntitel: x", "I021", ":4:"),
        ("JP: 30", "JP: many", "I025", ":5:"),
        ('version: "1.0.0"', "version: 1.0", "I032", ":2:"),
        ("scales: [trust]}", "scales: [trust]}\n  - {id: alpha, step: describe}", "T003", ":8:"),
    ],
)
def test_a_problem_is_told_with_code_and_place(
    tmp_path: Path, old: str, new: str, code: str, where: str
) -> None:
    with pytest.raises(SurveykitProblems) as caught:
        read_plan(write(tmp_path, GOOD.replace(old, new)))
    found = [problem for problem in caught.value.problems if problem.code == code]
    assert found, str(caught.value)
    assert where in str(found[0].place)


def test_a_language_that_the_questionnaire_lacks(tmp_path: Path) -> None:
    instrument = tmp_path / "small.yaml"
    instrument.write_text(
        'instrument: small\nversion: "1.0.0"\nlanguages: [en]\ntitle: {en: S}\n'
        "source: {kind: original, citation: us, note: {en: ours}}\n"
        "sections:\n  - id: s\n    title: {en: S}\n    items:\n      - {id: q, type: text, text: {en: Q}}\n",
        encoding="utf-8",
    )
    text = 'study: s\nversion: "1.0.0"\ntitle: {en: S}\ninstrument: small.yaml\nlanguages: [en, ja]\n'
    text += "data: {kind: none}\nsteps:\n  - {id: f, step: forms}\n"
    with pytest.raises(SurveykitProblems, match="T005"):
        read_plan(write(tmp_path, text))


def test_no_plan_at_all(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="T001"):
        read_plan(tmp_path)


MOMENTS = """\
study: paper
version: "1.0.0"
title: {en: Paper}
data:
  kind: moments
  moments:
    - {n: 100, names: [x1, y1], cor: [[1], [0.5, 1]]}
steps:
  - {id: m, step: sem, model: "y1 ~ x1"}
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[[1], [0.5, 1]]", "[[1], [0.5]]", "T012"),
        ('step: sem, model: "y1 ~ x1"', "step: compare, outcomes: [y1]", "T011"),
        ('step: sem, model: "y1 ~ x1"', "step: reliability", "T010"),
        ("kind: moments", "kind: simulated\n  n: {a: 3}", "T010"),
        ("n: 100,", "n: 1,", "I035"),
    ],
)
def test_a_study_of_printed_moments_is_checked(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert read_plan(write(tmp_path, MOMENTS)).instrument is None
    with pytest.raises(SurveykitProblems) as caught:
        read_plan(write(tmp_path, MOMENTS.replace(old, new)))
    assert code in {problem.code for problem in caught.value.problems}
