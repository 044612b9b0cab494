"""Several results of a kind in one section: each says what it is about; long lists of places are cut."""

import pytest

from surveykit.errors import note
from surveykit.report.blocks import about
from surveykit.report.document import Facts, Figure, Paragraph, Table
from surveykit.report.names import Names
from surveykit.report.notes import notes_by_place


@pytest.mark.parametrize(
    ("lang", "shown"), [("en", "Trust: It holds."), ("ja", "Trust：It holds."), ("ko", "Trust: It holds.")]
)
def test_titles_and_sentences_begin_with_what_they_are_about(lang: str, shown: str) -> None:
    names = Names(lang)
    told = about("Trust", Paragraph("It holds.", "warning"), names)
    assert told == Paragraph(shown, "warning")
    table = about("Trust", Table("t", "It holds.", ("a",), ()), names)
    figure = about("Trust", Figure("f", "It holds.", "<svg/>", "alt"), names)
    assert isinstance(table, Table)
    assert isinstance(figure, Figure)
    assert (table.title, figure.title) == (shown, shown)
    facts = Facts("It holds.", {})
    assert about("Trust", facts, names) is facts


@pytest.mark.parametrize(("places", "cut"), [(4, False), (6, False), (7, True), (20, True)])
def test_a_note_of_many_places_names_six(places: int, cut: bool) -> None:
    notes = {f"Scale {k}": [note("S007", rows=10, dropped=1, kept=9)] for k in range(places)}
    (line,) = notes_by_place(notes, Names("en"))
    assert f"{places} places" in line
    assert line.count("Scale") == min(places, 6)
    assert ("…." in line) is cut
