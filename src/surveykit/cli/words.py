"""Commands around the questionnaire's words: translation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from surveykit.cli.output import note_record, reader_language, say, say_json
from surveykit.cli.questionnaire import Json
from surveykit.wording import wording


def translation(
    instrument: Path,
    to: str | None = None,
    out: Path | None = None,
    take: Path | None = None,
    json: Json = False,
) -> None:
    """Say which translations are missing or stale; send a workbook out to translators, take it in again."""
    if take is not None:
        _take(instrument, take, json)
    elif to is not None:
        from surveykit.form.translation_sheet import write_translation_workbook

        path = str(write_translation_workbook(instrument, to, out))
        say_json([path]) if json else say(path)
    else:
        _report(instrument, json)


def _take(instrument: Path, workbook: Path, json: bool) -> None:
    from surveykit.responses.translated import take_translations

    taken = take_translations(instrument, workbook)
    if json:
        findings = [note_record(one) for one in taken.notes]
        say_json({"texts": taken.texts, "logged": taken.logged, "findings": findings})
    else:
        say(taken.summary(reader_language()))


def _report(instrument: Path, json: bool) -> None:
    """What there is to do, text by text, then how many texts there are of each status."""
    from surveykit.form.translation_layout import status_key
    from surveykit.instrument.source import short
    from surveykit.instrument.translation_log import report_of

    report = report_of(instrument)
    if json:
        say_json(report.to_frame().to_dict("records"))
        return
    lang = reader_language()
    for row in report.to_do():
        status = wording("translation", status_key(row.status), lang)
        say(f"{row.language}  {status}  {row.key}: {short(row.source)}")
    counts = Counter((row.language, row.status) for row in report.rows)
    for language in dict.fromkeys(language for language, _ in counts):
        parts = (
            f"{wording('translation', status_key(status), lang)} {count}"
            for (one, status), count in counts.items()
            if one == language
        )
        name = wording("translation", f"language_{language}", lang)
        say(wording("translation", "counted", lang, language=name, counts=", ".join(parts)))
