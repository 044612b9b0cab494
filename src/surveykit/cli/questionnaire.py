"""Commands of the questionnaire arm: check, form, collect, codebook, simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surveykit.cli.output import check_folder, complain, note_record, progress, reader_language, say, say_json
from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, note
from surveykit.wording import wording

if TYPE_CHECKING:
    from surveykit.instrument.model import Instrument

Json = Annotated[bool, typer.Option("--json")]


def check(paths: list[Path], json: Json = False) -> None:
    """Find every problem in instruments, studies and claims, each with its place and a code."""
    refusals: list[Note] = []
    advice: list[Note] = []
    for path in _plans(paths):
        bad, hints = _checked(path)
        refusals += bad
        advice += hints
    if json:
        say_json(
            {
                "problems": [note_record(one) for one in refusals],
                "advice": [note_record(one) for one in advice],
            }
        )
    else:
        lang = reader_language()
        for one in (*refusals, *advice):
            say(one.full(lang))
        say(wording("study", "checked", lang, problems=len(refusals), hints=len(advice)))
    if refusals:
        raise typer.Exit(1)


STUDY_FILES = ("study.yaml", "claims.yaml")


def _plans(paths: list[Path]) -> list[Path]:
    """The YAML files behind the arguments."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            own = [path / name for name in STUDY_FILES if (path / name).is_file()]
            found += own or sorted(path.rglob("*.yaml"))
        else:
            found.append(path)
    return [path for path in found if "translations" not in path.parts]


def _checked(path: Path) -> tuple[list[Note], list[Note]]:
    """Refusals and hints for one file."""
    try:
        if path.name == "study.yaml":
            from surveykit.study.interviews import check_interviews
            from surveykit.study.plan import read_plan

            return check_interviews(read_plan(path))
        if path.name.endswith("codebook.yaml"):
            from surveykit.coding.codebook import read_codebook

            return [], list(read_codebook(path).notes)
        if path.name.endswith("displays.yaml"):
            from surveykit.coding.codebook import read_codebook
            from surveykit.coding.displays import read_displays

            read_displays(path, read_codebook(path.with_name("codebook.yaml")))
            return [], []
        if path.name.endswith("claims.yaml"):
            from surveykit.archive.claims import read_claims

            read_claims(path)
            return [], []
        from surveykit.form.check import check_questionnaire

        return check_questionnaire(path)
    except SurveykitProblems as error:
        return list(error.problems), []
    except SurveykitError as error:
        return [error.note], []


def form(
    instrument: Path,
    lang: str | None = None,
    respondents: Path | None = None,
    out: Path = Path("forms"),
    layout: str = "excel",
    large: Annotated[bool, typer.Option("--large")] = False,
    seed: int = 1,
    json: Json = False,
) -> None:
    """Write a questionnaire as Excel workbooks, on paper, or as a grid to key paper forms into."""
    from surveykit.instrument.reader import read_instrument
    from surveykit.options import check_choice

    check_choice("layout", layout, ("excel", "grid", "word", "pdf"))
    check_folder(out, "--out")
    inst = read_instrument(instrument)
    if layout == "excel":
        from surveykit.form.excel import write_forms

        paths = write_forms(inst, out, lang, respondents, seed=seed)
    elif layout == "grid":
        from surveykit.form.entry_grid import write_entry_grid

        paths = write_entry_grid(inst, out, lang, respondents)
    else:
        from surveykit.form.word import write_word_form

        paths = [write_word_form(inst, out, lang, large=large, pdf=layout == "pdf")]
    if respondents is not None and layout in ("excel", "grid"):
        from surveykit.form.roster import language_note

        told = language_note(respondents, inst, lang)
        for one in (*(() if told is None else (told,)), *_without_group(instrument, inst, respondents)):
            complain(one.full(reader_language()))
    if json:
        say_json([str(path) for path in paths])
    elif len(paths) == 1:
        say(str(paths[0]))
    else:
        say(wording("cli", "forms", reader_language(), count=len(paths), folder=out))


def _without_group(instrument: Path, inst: Instrument, respondents: Path) -> list[Note]:
    """What the list of respondents lacks for the studies that use this questionnaire."""
    from surveykit.form.roster import column_names, group_values
    from surveykit.responses.planned import planned_group, planned_order, plans_with, takes_returns, unnamed

    columns = group_values(respondents, inst)
    place = Place(file=str(respondents))
    missing, studies = [], [one for one in plans_with(instrument) if takes_returns(one)]
    for study in studies:
        column = planned_group(study)
        if column is None:
            continue
        about = {"column": column, "study": study.name}
        alike = [one for one in columns if one.casefold() == column.casefold()]
        if column not in columns and alike:
            missing.append(note("F034", place, **about, other=alike[0]))
        elif column not in columns:
            missing.append(note("F027", place, **about, offered=", ".join(column_names(respondents))))
        elif order := planned_order(study):
            count, values = unnamed(columns[column], order)
            told = {"values": values, "order": ", ".join(order)}
            missing += [note("F033", place, **about, count=count, **told)] if count else []
    return missing if studies or columns else [note("F028", place)]


def collect(
    paths: list[Path],
    study: Annotated[Path, typer.Option()],
    marked: Path | None = None,
    json: Json = False,
) -> None:
    """Read returned workbooks into a study; each file is named with what became of it."""
    from surveykit.responses.collect import collect as collect_workbooks

    with progress("collect") as advance:
        report = collect_workbooks(
            paths,
            study,
            progress=lambda done, total, file: advance(done, total),
            lang=reader_language(),
            marked=marked,
        )
    if json:
        say_json(report.to_dict())
    else:
        say(report.summary())
    if not len(report.accepted):
        raise typer.Exit(1)  # nothing could be taken


def codebook(instrument: Path, out: Path = Path(".")) -> None:
    """Write the codebook: every item with its text, codes and labels in all languages."""
    from surveykit.form.writing import write_page_with
    from surveykit.instrument.codebook import codebook_csv, codebook_html
    from surveykit.instrument.reader import read_instrument

    check_folder(out, "--out")
    inst = read_instrument(instrument)
    out.mkdir(parents=True, exist_ok=True)
    table, page = (out / f"{inst.instrument}_codebook{ending}" for ending in (".csv", ".html"))
    # The CSV with a byte order mark: without it Excel garbles Japanese and Korean.
    write_page_with(page, codebook_html(inst), {table: codebook_csv(inst).encode("utf-8-sig")})
    say(f"{table}\n{page}")


def simulate(
    instrument: Path,
    n: Annotated[list[str], typer.Option()],
    out: Annotated[Path, typer.Option()],
    seed: int = 1,
    model: Path | None = None,
) -> None:
    """Make filled workbooks of SIMULATED respondents, for piloting a questionnaire."""
    from surveykit.form.writing import write_made
    from surveykit.instrument.reader import read_instrument
    from surveykit.study.returns import sheets_of, write_returned
    from surveykit.study.simulate import simulate_answers

    check_folder(out, "--out")
    inst = read_instrument(instrument)
    population = model.read_text(encoding="utf-8") if model is not None else None
    answers = simulate_answers(inst, _sizes(n), seed=seed, population=population)
    items = [name for name in answers.columns if name not in ("respondent", "group")]
    with progress("write") as advance:
        sheets = sheets_of(answers, items)
        paths = write_returned(inst, sheets, out / "returned", "country", advance, replace=False)
    write_made(out / "simulated_answers.csv", answers.to_csv(index=False).encode())
    lang = reader_language()
    complain(wording("cli", "simulated", lang))
    say(wording("cli", "workbooks", lang, count=len(paths), folder=out / "returned"))


def _sizes(given: list[str]) -> dict[str, int]:
    sizes = {}
    for one in given:
        group, equals, number = one.partition("=")
        if not (group and equals and number.isdigit() and int(number)):
            raise SurveykitError("K002", value=one)
        sizes[group] = int(number)
    return sizes
