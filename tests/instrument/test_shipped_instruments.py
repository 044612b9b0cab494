"""The questionnaires that the project ships: readable, complete in three languages, as promised."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from surveykit.errors import LANGUAGES
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.texts import texts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "instruments"
PISA = ROOT.parent / "shared" / "data" / "pisa2012_principals"

NAMES = (
    "alliance_search",
    "interview_guide",
    "kam_coordination",
    "learning_obstacles",
    "organizational_learning",
    "partnership",
    "school_leadership",
)
# Number of items of each scale, in report order, and number of items of each type.
SCALES = {
    "alliance_search": {
        "relationship_trust": 4,
        "linking_pin": 4,
        "patience": 4,
        "decision_authority": 4,
        "internal_catalyst": 4,
        "small_firm_culture": 4,
        "network_need": 4,
        "alliance_success": 4,
    },
    "interview_guide": {},
    "kam_coordination": {"front_end": 5, "back_end": 4, "translation": 5, "effectiveness": 4},
    "learning_obstacles": {"hr_planning": 4, "staffing": 4, "training": 4, "appraisal": 4, "organization": 4},
    "organizational_learning": {
        "learning_orientation": 4,
        "learning_culture": 4,
        "information_sharing": 4,
        "institutionalization": 4,
        "interactive_communication": 4,
        "relationship_sustainability": 4,
    },
    "partnership": {
        "trust": 8,
        "trust_credibility": 4,
        "trust_benevolence": 4,
        "mutuality": 5,
        "information_sharing": 4,
        "customer_service_policy": 4,
        "innovation": 4,
        "cultural_knowledge": 4,
        "performance": 4,
    },
    "school_leadership": {
        "leadcom": 4,
        "leadinst": 3,
        "leadpd": 3,
        "leadtch": 3,
        "tcmorale": 4,
        "studclim": 8,
        "teacclim": 11,
        "tcshort": 4,
        "scmatedu": 6,
        "scmatbui": 3,
    },
}
TYPES = {
    "alliance_search": {"likert": 32, "single": 2, "number": 6},
    "interview_guide": {"open": 34},
    "kam_coordination": {"likert": 18, "single": 2, "number": 1, "open": 1},
    "learning_obstacles": {"likert": 20, "single": 12},
    "organizational_learning": {"likert": 24, "number": 2, "open": 12},
    "partnership": {"likert": 33, "single": 2, "number": 2},
    "school_leadership": {"likert": 59},
}
OURS = tuple(name for name in NAMES if SCALES[name] and name != "school_leadership")

HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
POLITE = {
    "ja": re.compile(r"(です|ます|ました|ません|でした|か|ください)。$"),
    "ko": re.compile(r"(니다|니까|시오)[.?]$"),
}


@cache
def shipped(name: str) -> Instrument:
    return read_instrument(FOLDER / f"{name}.yaml")


def pisa_items(block: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{block}q{number:02d}" for number in numbers)


def pisa_file(name: str) -> pd.DataFrame:
    path = PISA / name
    if not path.is_file():
        pytest.skip("the PISA data are not committed: looked in ../shared/data/pisa2012_principals")
    return pd.read_csv(path)


def test_every_file_is_known_and_stands_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == list(NAMES)
    assert all(f"`{name}.yaml`" in readme for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_without_problem(name: str) -> None:
    instrument = shipped(name)
    assert instrument.instrument == name
    assert instrument.languages == LANGUAGES
    assert instrument.instructions is not None
    assert instrument.consent is not None


@pytest.mark.parametrize("name", NAMES)
def test_it_says_whose_words_these_are(name: str) -> None:
    source = shipped(name).source
    assert source.kind == ("adaptation" if name == "school_leadership" else "reconstruction")
    assert source.citation


@pytest.mark.parametrize("name", NAMES)
def test_no_translation_is_missing(name: str) -> None:
    missing = [(one.key, lang) for one in texts(shipped(name)) for lang in LANGUAGES if lang not in one.text]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_each_text_is_in_its_language(name: str) -> None:
    """A text pasted under the wrong language shows in its script."""
    wrong = [
        one.key
        for one in texts(shipped(name))
        if HAN_OR_KANA.search(one.text["en"] + one.text["ko"])
        or HANGUL.search(one.text["en"] + one.text["ja"])
        or not HAN_OR_KANA.search(one.text["ja"])
        or not HANGUL.search(one.text["ko"])
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_questions_are_polite_sentences(name: str) -> None:
    """Japanese です・ます, Korean 합니다; what PISA lists under a question are noun phrases."""
    impolite = [
        (item.id, lang)
        for item in shipped(name).items
        if item.response_scale != "hindrance4"
        for lang, ending in POLITE.items()
        if not ending.search(item.text[lang])
    ]
    assert impolite == []


@pytest.mark.parametrize("name", NAMES)
def test_no_question_is_asked_twice(name: str) -> None:
    for lang in LANGUAGES:
        asked = [item.text[lang] for item in shipped(name).items]
        assert len(asked) == len(set(asked))


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_items_and_scales_that_are_promised(name: str) -> None:
    instrument = shipped(name)
    types = [item.type for item in instrument.items]
    assert {kind: types.count(kind) for kind in types} == TYPES[name]
    assert {scale.id: len(scale.items) for scale in instrument.scales.values()} == SCALES[name]
    assert list(instrument.scales) == list(SCALES[name])


@pytest.mark.parametrize("name", OURS)
def test_each_scale_has_reverse_worded_items_but_mostly_straight_ones(name: str) -> None:
    instrument = shipped(name)
    for scale in instrument.scales.values():
        reverse = sum(instrument.item(item).reverse for item in scale.items)
        assert 1 <= reverse < len(scale.items) / 2, scale.id


@pytest.mark.parametrize("name", OURS)
def test_every_likert_item_belongs_to_a_scale(name: str) -> None:
    instrument = shipped(name)
    scored = {item for scale in instrument.scales.values() for item in scale.items}
    assert {item.id for item in instrument.items if item.type == "likert"} == scored


def test_a_response_scale_has_the_same_labels_in_every_file() -> None:
    labels: dict[str, object] = {}
    for name in NAMES:
        for scale in shipped(name).response_scales.values():
            assert labels.setdefault(scale.id, scale.labels) == scale.labels, (name, scale.id)


@pytest.mark.parametrize("name", NAMES)
def test_labels_suit_a_drop_down(name: str) -> None:
    """Short, each different, without what a spreadsheet takes for a list or a formula."""
    for scale in shipped(name).response_scales.values():
        answers = [*scale.labels.values(), *scale.missing_codes.values()]
        for lang in LANGUAGES:
            shown = [label[lang] for label in answers]
            assert len(set(shown)) == len(shown)
            assert all(len(label) <= 60 and "," not in label and label[0] not in "=+-@" for label in shown)


def test_the_guide_has_34_questions_with_probes_and_every_proposition() -> None:
    guide = shipped("interview_guide")
    assert [item.id for item in guide.items] == [f"q{number:02d}" for number in range(1, 35)]
    assert all(2 <= len(item.probes) <= 3 for item in guide.items)
    by_section = {
        section.id: {name for item in section.items for name in item.proposition}
        for section in guide.sections
    }
    assert by_section == {
        "partnership_background": set(),
        "customer_service_policy": {"P1"},
        "information_sharing_innovation": {"P2"},
        "strategic_marketing_trust": {"P3"},
        "culture_mutuality": {"P4"},
        "closing": set(),
    }
    assert sum(bool(item.proposition) for item in guide.items) == 26


def test_the_guide_and_the_survey_share_their_propositions() -> None:
    assert shipped("interview_guide").propositions == shipped("partnership").propositions
    assert list(shipped("organizational_learning").propositions) == ["P1", "P2", "P3", "P4"]


def test_trust_is_its_two_facets() -> None:
    scales = shipped("partnership").scales
    assert scales["trust"].items == scales["trust_credibility"].items + scales["trust_benevolence"].items


def test_the_classification_of_alliances_has_two_by_two_answers() -> None:
    obstacles = shipped("learning_obstacles")
    for item in ("strategic_context", "source_of_leverage"):
        answers = obstacles.response_scale_of(obstacles.item(item))
        assert answers is not None
        assert answers.codes == (1, 2)
    practices = [item for item in obstacles.items if item.response_scale == "yes_partly_no"]
    assert [item.id for item in practices] == [f"practice_{number}" for number in range(1, 11)]


def test_gatekeepers_are_asked_for_where_they_were_used() -> None:
    search = shipped("alliance_search")
    conditional = {item.id: item.show_if for item in search.items if item.show_if}
    assert conditional == {
        "agencies_involved": "search_mode == 2",
        "gatekeepers_own_side": "search_mode == 3",
        "gatekeepers_partner_side": "search_mode == 3",
        "social_event": "search_mode == 3",
    }


def test_the_unit_groups_the_kam_survey() -> None:
    unit = shipped("kam_coordination").item("unit")
    assert (unit.type, unit.required) == ("single", True)


def test_the_principals_scales_are_those_of_the_official_indices() -> None:
    scales = shipped("school_leadership").scales
    assert {name: scale.items for name, scale in scales.items()} == {
        "leadcom": pisa_items("sc34", 2, 3, 4, 14),
        "leadinst": pisa_items("sc34", 5, 6, 8),
        "leadpd": pisa_items("sc34", 7, 9, 13),
        "leadtch": pisa_items("sc34", 10, 11, 12),
        "tcmorale": pisa_items("sc26", *range(1, 5)),
        "studclim": pisa_items("sc22", *range(1, 9)),
        "teacclim": pisa_items("sc22", *range(9, 20)),
        "tcshort": pisa_items("sc14", *range(1, 5)),
        "scmatedu": pisa_items("sc14", *range(5, 11)),
        "scmatbui": pisa_items("sc14", *range(11, 14)),
    }
    assert {(scale.score, scale.min_valid) for scale in scales.values()} == {("sum", 1.0)}


def test_the_principals_items_and_codes_are_those_of_the_data() -> None:
    instrument = shipped("school_leadership")
    data = pisa_file("data.csv")
    columns = [name.lower() for name in data.columns if re.fullmatch(r"SC\d\dQ\d\d", name)]
    assert [item.id for item in instrument.items] == columns
    for item in instrument.items:
        answers = instrument.response_scale_of(item)
        assert answers is not None
        assert set(data[item.id.upper()].dropna().astype(int)) <= set(answers.codes)


@pytest.mark.parametrize("index", list(SCALES["school_leadership"]))
def test_a_raw_sum_leads_to_the_official_score(index: str) -> None:
    """Exact: the official score is a function of the raw sum, and both files print four decimals."""
    data, lookup = pisa_file("data.csv"), pisa_file("wle_lookup.csv")
    instrument = shipped("school_leadership")
    raw = pd.Series(0.0, index=data.index)
    for item in (instrument.item(name) for name in instrument.scales[index].items):
        answers = instrument.response_scale_of(item)
        assert answers is not None
        given = data[item.id.upper()]
        raw += answers.low + answers.high - given if item.reverse else given
    official = lookup[lookup["index"] == index.upper()].set_index("raw_sum")["wle_min"]
    complete = raw.notna()
    assert complete.sum() >= 338
    assert (raw[complete].map(official) - data.loc[complete, index.upper()]).abs().max() == 0.0
