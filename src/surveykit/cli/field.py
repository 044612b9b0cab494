"""Commands around a collection: diff, convert, pseudonyms, import, status, disclosure, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surveykit.cli.output import check_folder, note_record, progress, reader_language, say, say_json
from surveykit.cli.questionnaire import Json


def diff(old: Path, new: Path, json: Json = False) -> None:
    """Compare two versions of a questionnaire: what changed, and what it means for comparing and scoring."""
    from surveykit.instrument.diff import diff as compare
    from surveykit.instrument.reader import read_instrument

    found = compare(read_instrument(old), read_instrument(new))
    lang = reader_language()
    if json:
        changes = found.to_frame(lang).to_dict("records")
        say_json(
            {
                "old_version": found.old_version,
                "new_version": found.new_version,
                "same_content": found.same_content,
                "recommended": found.recommended,
                "item_map": dict(found.item_map),
                "changes": changes,
                "notes": [note_record(one) for one in found.notes],
            }
        )
    else:
        say(found.summary(lang))


def convert(
    instrument: Path,
    to: Annotated[str, typer.Option()],
    out: Path | None = None,
    lang: str | None = None,
) -> None:
    """Write a questionnaire for other survey systems."""
    from surveykit.form.redcap import write_redcap
    from surveykit.form.xlsform import write_xlsform
    from surveykit.instrument.reader import read_instrument
    from surveykit.options import check_choice

    check_choice("to", to, ("xlsform", "redcap"))
    inst = read_instrument(instrument)
    if to == "xlsform":
        say(str(write_xlsform(inst, out or Path(f"{inst.instrument}_xlsform.xlsx"))))
    else:
        say(str(write_redcap(inst, out or Path(f"{inst.instrument}_redcap.csv"), lang)))


def pseudonyms(
    contacts: Path,
    key: Annotated[Path, typer.Option()],
    frame: Path = Path("frame.csv"),
    prefix: str | None = None,
) -> None:
    """Give people pseudonyms: a sampling frame without names, and the key in a file of its own."""
    from surveykit.form.pseudonyms import make_pseudonyms

    say(make_pseudonyms(contacts, frame, key, prefix=prefix).summary(reader_language()))


def import_answers(study: Path, json: Json = False) -> None:
    """Take in the answers of another system (Qualtrics, LimeSurvey, ODK, KoboToolbox, SPSS, CSV, Excel)."""
    from surveykit.study.importing import import_responses

    with progress("import") as advance:
        found = import_responses(study, reader_language(), lambda done, total, file: advance(done, total))
    if json:
        say_json({**found.to_dict(), "notes": [note_record(one) for one in found.notes]})
    else:
        say(found.summary(reader_language()))


def status(
    study: Path,
    respondents: Path | None = None,
    json: Json = False,
) -> None:
    """Say how the fieldwork stands: expected, returned, missing by country, reminders due, findings open."""
    from surveykit.study.status import study_status

    found = study_status(study, respondents=respondents, lang=reader_language())
    if json:
        say_json({**found.to_dict(), "notes": [note_record(one) for one in found.notes]})
    else:
        say(found.summary(reader_language()))


def disclosure(study: Path, json: Json = False) -> None:
    """Say what the answers would give away: k-anonymity over the declared quasi-identifiers, small cells."""
    from surveykit.study.disclosure import disclosure as disclose

    found = disclose(study)
    if json:
        say_json({**found.to_dict(), "notes": [note_record(one) for one in found.notes]})
    else:
        say(found.summary(reader_language()))


def export(
    study: Path,
    to: Annotated[Path, typer.Option()],
    formats: Annotated[str, typer.Option("--format")] = "csv,codebook",
    lang: str | None = None,
    json: Json = False,
) -> None:
    """Write a study's answers for other programs, with labels and codebook."""
    from surveykit.study.export import export_study

    check_folder(to, "--to")
    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    written = export_study(study, to, wanted, lang)
    if json:
        files = [str(path) for path in written.files]
        say_json({"files": files, "notes": [note_record(one) for one in written.notes]})
    else:
        say(written.summary(reader_language()))
