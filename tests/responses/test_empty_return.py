"""An empty form that comes back later never takes the place of a filled one."""

from pathlib import Path

import pandas as pd

from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

INSTRUMENT = Path(__file__).parents[2] / "instruments" / "kam_coordination.yaml"


def test_the_filled_form_counts(tmp_path: Path) -> None:
    inst = read_instrument(INSTRUMENT)
    frame = pd.DataFrame({"respondent": ["A1"], "language": ["ja"], "country": ["JP"]})
    (form,) = write_forms(inst, tmp_path / "forms", respondents=frame)
    returned = tmp_path / "returned"
    returned.mkdir()
    items = [item.id for item in inst.items if item.type == "likert"][:3]
    fill_form(inst, form, dict.fromkeys(items, 5), returned / "first.xlsx", saved="2026-10-01T09:00:00Z")
    fill_form(inst, form, {}, returned / "later.xlsx", saved="2026-10-08T09:00:00Z")
    collect(returned, tmp_path, instruments=inst)
    row = read_responses(tmp_path).frame.iloc[0]
    assert [row[name] for name in items] == [5, 5, 5]
