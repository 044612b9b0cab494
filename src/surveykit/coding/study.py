"""All results of an interview study in one call, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from surveykit.coding.agreement import at_passages, coder_agreement
from surveykit.coding.codebook import read_codebook
from surveykit.coding.comparison import compare_codes
from surveykit.coding.displays import chain, characteristics, read_displays
from surveykit.coding.matrices import case_ordered, co_occurrence, code_matrix, saturation
from surveykit.coding.propositions import count_respondents, proposition_matrix
from surveykit.coding.qca_cases import qca_results
from surveykit.coding.segments import read_segments
from surveykit.results import Result


def interview_results(
    codebook: str | Path,
    segments: str | Path,
    texts: Mapping[str, str] | None = None,
    *,
    by: str = "company",
    seed: int | None = 0,
    displays: str | Path | None = None,
) -> dict[str, Result]:
    """What coded interviews show.

    Parameters
    ----------
    codebook, segments : str or Path
        The codebook.yaml and the segments.csv.
    texts : mapping, optional
        Transcripts by respondent, see `read_segments`.
    by : {"company", "country"}, default "company"
        What is compared.
    seed : int or None, default 0
        For the bootstrap of the agreement.
    displays : str or Path, optional
        The displays.yaml: characteristics by company, and the chain of the figure.

    Returns
    -------
    dict of str to Result
        ``codebook segments respondents codes cases together saturation comparison``, ``matrix`` where the
        codebook has propositions, ``characteristics chain`` and those of `qca_results` where the displays
        say so, ``agreement`` where two coders saw the same segments.

    Raises
    ------
    SurveykitError
        Those of `read_codebook`, `read_segments` and `read_displays`; C026 nothing is coded; O001 an
        unknown `by`.

    Examples
    --------
    >>> import surveykit as sk
    >>> study = "analyses/lee_trim_interviews"
    >>> found = sk.interview_results(f"{study}/codebook.yaml", f"{study}/segments.csv")
    >>> found["matrix"].frame["verdict"].value_counts().to_dict()
    {'supported': 5, 'fully supported': 3}
    """
    book = read_codebook(codebook)
    coded = read_segments(segments, book, texts)
    results: dict[str, Result] = {
        "codebook": book,
        "segments": coded,
        "respondents": count_respondents(coded, book, by),
        "codes": code_matrix(coded, book),
        "cases": case_ordered(coded, book, by),
        "together": co_occurrence(coded, book),
        "saturation": saturation(coded, book),
        "comparison": compare_codes(coded, book, by),
    }
    if book.propositions:
        results["matrix"] = proposition_matrix(coded, book, by)
    if displays is not None:
        spec = read_displays(displays, book, by)
        if spec.characteristics:
            results["characteristics"] = characteristics(spec, coded, book, by)
        if spec.chain:
            results["chain"] = chain(spec, coded, book, by)
        if spec.qca is not None:
            results |= qca_results(spec.qca, coded, book)
    seen = at_passages(coded.frame).drop_duplicates(["segment", "coder"])["segment"]
    if seen.duplicated().any():
        results["agreement"] = coder_agreement(coded, book, seed=seed)
    return results
