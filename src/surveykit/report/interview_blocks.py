"""Everything a report shows of coded interviews, in the order in which a reader asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from surveykit.coding.agreement import CoderAgreement
from surveykit.coding.boundaries import BoundaryAgreement
from surveykit.coding.codebook import Codebook
from surveykit.coding.comparison import CodeComparison
from surveykit.coding.contacts import ContactSummary
from surveykit.coding.displays import Chain, Characteristics
from surveykit.coding.matrices import CodeMatrix, CoOccurrence, Saturation
from surveykit.coding.propositions import PropositionMatrix, Respondents
from surveykit.coding.qca_necessity import Necessity
from surveykit.coding.qca_solution import QcaSolution
from surveykit.coding.qca_table import TruthTable
from surveykit.coding.segments import Segments
from surveykit.report.boundary_table import boundary_table
from surveykit.report.contact_table import contact_table
from surveykit.report.document import Block
from surveykit.report.interview_figures import chain_figure, saturation_figure
from surveykit.report.interview_matrices import (
    agreement_blocks,
    case_table,
    code_table,
    codebook_table,
    comparison_table,
    finding_table,
    respondent_table,
    saturation_table,
    together_blocks,
)
from surveykit.report.interview_names import InterviewNames
from surveykit.report.interview_qca import necessity_table, solution_table, truth_table_table
from surveykit.report.interview_tables import characteristic_table, proposition_table, segment_table
from surveykit.report.names import Names
from surveykit.results import Result

Kind = TypeVar("Kind", bound=Result)
SHOWN = (
    BoundaryAgreement,
    Chain,
    Characteristics,
    Codebook,
    CodeComparison,
    CodeMatrix,
    CoderAgreement,
    ContactSummary,
    CoOccurrence,
    Necessity,
    PropositionMatrix,
    QcaSolution,
    Respondents,
    Saturation,
    Segments,
    TruthTable,
)


def interview_blocks(results: Mapping[str, Result], names: Names, *, id: str) -> list[Block]:
    """The results of `interview_results` as tables and figures that lead to one another.

    First who was asked; then the propositions, the segments behind each cell, the
    characteristics, the figure; then codes by case, saturation, comparison, QCA, agreement;
    the codebook last. Results of other types than `SHOWN` are left to the caller.
    """
    codebook = _one(results, Codebook)
    words = InterviewNames.of(names, id, codebook)
    return [*_evidence(results, words), *_codes(results, words), *_basis(results, words)]


def _one(results: Mapping[str, Result], kind: type[Kind]) -> Kind | None:
    return next((one for one in results.values() if isinstance(one, kind)), None)


def _evidence(results: Mapping[str, Result], words: InterviewNames) -> list[Block]:
    found: list[Block] = []
    people, matrix, segments = (
        _one(results, Respondents),
        _one(results, PropositionMatrix),
        _one(results, Segments),
    )
    if people is not None:
        found.append(respondent_table(people, str(people.frame.columns[0]), words))
    contacts = _one(results, ContactSummary)
    if contacts is not None:
        found.append(contact_table(contacts, words))
    if matrix is not None:
        found.append(proposition_table(matrix, words))
    rows, boxes = _one(results, Characteristics), _one(results, Chain)
    if rows is not None:
        found.append(characteristic_table(rows, words))
    if boxes is not None:
        found.append(chain_figure(boxes, words))
    if segments is not None:
        found.append(segment_table(segments, matrix, words))
        if segments.notes:
            found.append(finding_table(segments, words))
    return found


def _codes(results: Mapping[str, Result], words: InterviewNames) -> list[Block]:
    found: list[Block] = []
    for result in results.values():
        match result:
            case CodeMatrix(by="respondent"):
                found.append(code_table(result, words))
            case CodeMatrix():
                found.append(case_table(result, words))
            case CoOccurrence():
                found += together_blocks(result, words)
            case Saturation():
                found += [saturation_figure(result, words), saturation_table(result, words)]
            case CodeComparison():
                found.append(comparison_table(result, words))
            case Necessity():
                found.append(necessity_table(result, words))
            case TruthTable():
                found.append(truth_table_table(result, words))
            case QcaSolution():
                found.append(solution_table(result, words))
    return found


def _basis(results: Mapping[str, Result], words: InterviewNames) -> list[Block]:
    agreement, codebook = _one(results, CoderAgreement), _one(results, Codebook)
    boundaries, segments = _one(results, BoundaryAgreement), _one(results, Segments)
    anchors = frozenset() if segments is None else frozenset(segments.frame["segment"])
    found = [] if agreement is None else agreement_blocks(agreement, words, anchors)
    if boundaries is not None:
        found.append(boundary_table(boundaries, words))
    return found if codebook is None else [*found, codebook_table(codebook, words)]
