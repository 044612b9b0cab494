"""Excel forms: one workbook, or one for each respondent of a sampling frame."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Place, SurveykitError, SurveykitWarning, note
from surveykit.form.batch import Template, make_template
from surveykit.form.limits import check_excel
from surveykit.form.order import drawn_order
from surveykit.form.roster import read_roster
from surveykit.form.texts import check_form_language
from surveykit.form.writing import write_new
from surveykit.instrument.model import Instrument

if TYPE_CHECKING:
    import pandas as pd


def write_forms(
    inst: Instrument,
    out: str | Path = "forms",
    lang: str | None = None,
    respondents: pd.DataFrame | str | Path | None = None,
    *,
    seed: int = 1,
    replace: bool = False,
) -> list[Path]:
    """Write an instrument as Excel workbooks that respondents fill in.

    Each workbook has a cover (instructions, consent, how to answer), the
    questionnaire with drop-downs and everything but the answers locked, a
    codebook, and hidden sheets that say which form it is. The same call
    writes the same bytes.

    Parameters
    ----------
    inst : Instrument
    out : path, default "forms"
        Folder, made where it does not exist.
    lang : {"en", "ja", "ko"} or two of them, optional
        Language of the forms; the instrument's first language by default. ``"ja+en"`` writes bilingual
        forms, Japanese on the left and English beside it. A `language` column of the sampling frame goes
        before it.
    respondents : DataFrame or path of a CSV file, optional
        The sampling frame: `respondent` (a pseudonymous id), `language`, and group columns such as
        `country`, which come back with the responses. One form each. Without it one form is written, whose
        respondent enters an id. Columns that name a person stay in the frame.
    seed : int, default 1
        The items of sections with `randomize: true` stand in an order drawn for each respondent from seed
        and id: the same whenever the forms are written. It is recorded in the form, and `read_responses`
        gives each item's position.
    replace : bool, default False
        Write over forms of the same name that are there, filled in or not.

    Returns
    -------
    list of Path
        The workbooks, in the order of the frame.

    Raises
    ------
    SurveykitError
        O001 a language the instrument does not have; F001-F005, F017, F018 the instrument does not fit into
        a workbook (see `excel_problems`); F010-F016 the sampling frame cannot be used (see `read_roster`);
        F019 the folder cannot be written; F025 another form of the same name is there, perhaps filled in.

    Warns
    -----
    SurveykitWarning
        F014 columns of the frame that name a person were left out; F024 ids that may be names; F021 a
        form for nobody in particular has the items of a randomised section in the order of the file.

    Examples
    --------
    >>> write_forms(inst, "forms/", lang="ja")                          # doctest: +SKIP
    [PosixPath('forms/partnership_1.0.0_ja.xlsx')]
    >>> write_forms(inst, "forms/", respondents="frame.csv")            # doctest: +SKIP
    [PosixPath('forms/partnership_JP-001.xlsx'), PosixPath('forms/partnership_KR-001.xlsx')]
    """
    chosen = inst.languages[0] if lang is None else lang
    check_form_language(chosen, inst.languages)
    if respondents is None:
        drawn = ", ".join(section.id for section in inst.sections if section.randomize)
        if drawn:
            warnings.warn(str(note("F021", sections=drawn)), SurveykitWarning, stacklevel=2)
        check_excel(inst, chosen)
        template = make_template(inst, chosen, named=False)
        return _save(out, [(f"{inst.instrument}_{inst.version}_{chosen}.xlsx", template.form())], replace)
    roster = read_roster(respondents, inst, chosen)
    templates: dict[str, Template] = {}
    for language in dict.fromkeys(one.language for one in roster):
        check_excel(inst, language)
        templates[language] = make_template(inst, language, tuple(roster[0].groups))
    forms = (
        (
            f"{inst.instrument}_{one.id}.xlsx",
            templates[one.language].form(one.id, one.groups, drawn_order(inst, seed, one.id)),
        )
        for one in roster
    )
    return _save(out, forms, replace)


def _save(out: str | Path, forms: Iterable[tuple[str, bytes]], replace: bool) -> list[Path]:
    folder = Path(out)
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in forms:
            path = folder / name
            write_new(path, data, replace=replace)
            paths.append(path)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError(
            "F019", place=Place(file=str(problem.filename or folder)), reason=reason
        ) from None
    return paths
