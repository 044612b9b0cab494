"""From codes to sets: respondents as cases, codes as crisp conditions and outcome."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.matrices import given_codes
from surveykit.coding.qca_necessity import necessity
from surveykit.coding.qca_solution import minimize
from surveykit.coding.qca_table import truth_table
from surveykit.coding.schema import QcaSpec
from surveykit.coding.segments import Segments
from surveykit.errors import SurveykitError
from surveykit.results import Result


def code_sets(segments: Segments, codebook: Codebook, codes: Sequence[str]) -> pd.DataFrame:
    """Crisp memberships: 1 where a respondent has a code, or one below it, at least once.

    Parameters
    ----------
    segments : Segments
    codebook : Codebook
    codes : sequence of str

    Returns
    -------
    DataFrame
        A row a respondent (the index), in interview order, a column a code.

    Raises
    ------
    SurveykitError
        C026 there are no coded segments; C100 a code that is not in the codebook.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> book = sk.read_codebook(f"{study}/codebook.yaml")
    >>> coded = sk.read_segments(f"{study}/segments.csv", book)
    >>> sk.code_sets(coded, book, ["trust", "mutuality"])
                trust  mutuality
    respondent
    A1              0          0
    A2              1          1
    B1              1          1
    B2              1          0
    B3              0          0
    """
    for code in codes:
        if code not in codebook.codes:
            raise SurveykitError("C100", id=code, known=", ".join(codebook.codes))
    rows = given_codes(segments, codebook)
    above = {code: set(codebook.lineage(code)) for code in rows["code"].unique()}
    people = pd.Index(codebook.people["respondent"], name="respondent")
    columns = {
        wanted: people.isin(rows.loc[rows["code"].map(lambda own, w=wanted: w in above[own]), "respondent"])
        for wanted in codes
    }
    return pd.DataFrame(columns, index=people).astype(int)


def qca_results(spec: QcaSpec, segments: Segments, codebook: Codebook) -> dict[str, Result]:
    """What the codes of a study show by QCA: ``necessity truth_table``, and the solutions that there are.

    Raises
    ------
    SurveykitError
        Those of `code_sets`, `truth_table` and `necessity`.
    """
    data = code_sets(segments, codebook, [spec.outcome.removeprefix("~"), *spec.conditions])
    table = truth_table(data, spec.outcome, spec.conditions, incl_cut=spec.incl_cut, n_cut=spec.n_cut)
    found: dict[str, Result] = {
        "necessity": necessity(data, spec.outcome, spec.conditions),
        "truth_table": table,
    }
    if not table.configurations("1"):
        return found
    found |= {"complex": minimize(table), "parsimonious": minimize(table, include="?")}
    if spec.dir_exp:
        found["intermediate"] = minimize(table, include="?", dir_exp=spec.dir_exp)
    return found
