"""What a code means, said without the facts of one case."""

import re

import pytest

from surveykit.errors import LANGUAGES, catalogue
from surveykit.report.notes import kind_of


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_code_shows_the_marks_of_what_may_be_left_out(lang: str) -> None:
    for code in catalogue():
        # Doubled brackets around words without a field are the words' own.
        assert not re.search(r"\[\[[^\]]*…", kind_of(code, lang)), code


def test_what_has_no_facts_to_say_is_left_out() -> None:
    assert kind_of("R094", "en") == "A comment says: “…”."
