"""Help and usage errors in the reader's language: nothing of Typer's English is left."""

import re
import tomllib
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from surveykit.cli.app import app
from surveykit.cli.help import filled, key_of
from surveykit.errors import LANGUAGES
from surveykit.formatting import text_width

ROOT = Path(__file__).parents[2]
TEXTS = {
    area: tomllib.loads((ROOT / f"src/surveykit/texts/{area}.toml").read_text("utf-8"))
    for area in ("help", "cli")
}
GROUP: Any = typer.main.get_command(app)
COMMANDS = {"surveykit": GROUP, **GROUP.commands}
# What may stay as it is in every language: names of programs, formats, options, examples.
LATIN = re.compile(r"[A-Za-z]+(?: [a-z]+){2,}")
WRONG = {
    "K010": ["form"],
    "K011": ["convert", "x.yaml"],
    "K012": ["form", "--lan", "x"],
    "K013": ["form", "x.yaml", "--out"],
    "K014": ["form", "x.yaml", "--json=3"],
    "K015": ["form", "x.yaml", "--seed", "one"],
    "K016": ["forn"],
    "K017": ["reproduce", "x.zip", "--timeout", "long"],
    "K018": ["status", "a", "b"],
    "K019": ["--lang", "ko"],
}


def shown(*words: str, lang: str = "en") -> Any:
    return CliRunner().invoke(app, list(words), env={"SURVEYKIT_LANG": lang, "COLUMNS": "80"})


def parameters() -> list[tuple[str, str]]:
    return [(name, param.name) for name, one in COMMANDS.items() for param in one.params]


@pytest.mark.parametrize("area", sorted(TEXTS))
def test_texts_say_the_same_in_every_language(area: str) -> None:
    for key, texts in TEXTS[area].items():
        assert list(texts) == list(LANGUAGES), key
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts.values()]
        assert fields[0] == fields[1] == fields[2], key


def test_every_command_and_parameter_has_its_text_and_no_text_is_left_over() -> None:
    assert {key_of(one) for one in COMMANDS.values()} == set(COMMANDS)
    used = set(COMMANDS) | {"help"}
    for command, param in parameters():
        own = f"{command}.{param}"
        used.add(own if own in TEXTS["help"] else param)
    frame = {key for key in TEXTS["help"] if key.startswith(("type_", "some_", "name_"))}
    frame |= {"usage", "arguments", "options", "commands", "is_required", "by_default", "epilog"}
    assert used | frame == set(TEXTS["help"])


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_docstring_of_a_command_is_its_english_help(name: str) -> None:
    said = TEXTS["help"][name]["en"]
    assert said.startswith(" ".join(COMMANDS[name].callback.__doc__.split("\n\n")[0].split()))


@pytest.mark.parametrize("lang", ["ja", "ko"])
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_english_sentence_is_left_in_help(name: str, lang: str) -> None:
    words = ["--help"] if name == "surveykit" else [name, "--help"]
    page = shown(*words, lang=lang)
    assert page.exit_code == 0
    flat = " ".join(page.output.split())
    assert TEXTS["help"][name][lang].replace(" ", "") in page.output.replace(" ", "").replace("\n", "")
    assert not LATIN.search(re.sub(r"`[^`]*`|--?[\w-]+", "·", flat)), flat
    assert max(text_width(line) for line in page.output.splitlines()) <= 80


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(WRONG))
def test_wrong_usage_is_a_code_in_the_readers_language(code: str, lang: str) -> None:
    told = shown(*WRONG[code], lang="ko" if code == "K019" else lang)
    assert told.exit_code == 2
    assert told.output.startswith(f"[{code}] ")
    assert "--help" in told.output
    for typers in ("Error", "Try", "Missing", "No such"):
        assert typers not in told.output
    if lang != "en":
        assert "Usage" not in told.output


def test_a_near_command_is_offered() -> None:
    assert "form" in shown("forn").output.partition("\n")[0]


def test_what_typer_may_say_besides_is_passed_on() -> None:
    from surveykit.cli.misuse import misuse

    class Odd(Exception):
        message = "Something odd."

    assert misuse(Odd()).code == "K020"


def test_no_command_shows_the_help() -> None:
    assert "コマンド：" in shown(lang="ja").output


@pytest.mark.parametrize(("lang", "word"), [("ja", "使い方："), ("ko", "사용법:")])
def test_the_language_may_be_given_before_the_command(lang: str, word: str) -> None:
    assert shown("--lang", lang, "form", "--help").output.startswith(word)


def test_japanese_breaks_between_letters_but_not_before_a_full_stop() -> None:
    lines = filled("日本語の文は、どこででも折れます。", 17, 2).splitlines()
    assert lines == ["  日本語の文は、", "  どこででも折れ", "  ます。"]
    assert filled("one two three", 9, 2).splitlines() == ["  one two", "  three"]
    assert filled("값을 지정하세요", 10, 0).splitlines() == ["값을", "지정하세요"]


@pytest.mark.parametrize(("lang", "name"), [("en", "INSTRUMENT"), ("ja", "調査票"), ("ko", "설문지")])
def test_arguments_are_called_by_a_word_of_the_language(lang: str, name: str) -> None:
    assert f"{TEXTS['help']['some_options'][lang]} {name}\n" in shown("form", lang=lang).output
    page = shown("form", "--help", lang=lang).output
    assert f"\n  {name}  " in page
    assert ("INSTRUMENT" in page) == (lang == "en")


@pytest.mark.parametrize("lang", ["ja", "ko"])
@pytest.mark.parametrize("name", sorted(GROUP.commands))
def test_no_argument_keeps_its_english_name(name: str, lang: str) -> None:
    arguments = [one.name.upper() for one in COMMANDS[name].params if one.param_type_name == "argument"]
    words = shown(name, "--help", lang=lang).output.split()
    assert not [one for one in arguments if one in words or f"{one}..." in words]
