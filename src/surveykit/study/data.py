"""Where a study's answers come from: simulated, a table of real answers, returned workbooks, an import.

Whatever the source, answers travel the same way: into the project's own
forms, back as workbooks, through collection into the store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from surveykit.errors import Note, Place, SurveykitError
from surveykit.responses.collect import CollectReport, collect, collected
from surveykit.responses.read import Responses, read_responses
from surveykit.results import Result
from surveykit.study.importing import take_in
from surveykit.study.made import MARK, make_room, remember_made
from surveykit.study.plan import Plan
from surveykit.study.returns import damaged, sheets_of, write_returned
from surveykit.study.simulate import simulate_answers
from surveykit.wording import pick

Progress = Callable[[str, int, int], None]
# A column of a table of answers: the language in which the respondent gets the form.
LANGUAGE = "language"


@dataclass(frozen=True)
class Collected:
    """The answers of a study, and what happened on the way. `responses` is None where no form was used."""

    responses: Responses | None
    frame: pd.DataFrame
    results: dict[str, Result] = field(default_factory=dict)


@dataclass(frozen=True)
class RoundTrip(Result):
    """Answers put into forms and read back: every cell compared.

    `n_workbooks`, `n_cells` compared, `n_different`; `different` has a row per
    cell that came back otherwise: `respondent item sent read`.
    """

    n_workbooks: int
    n_cells: int
    n_different: int
    different: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        counts = [self.n_workbooks, self.n_cells, self.n_different]
        return pd.DataFrame([counts], columns=["n_workbooks", "n_cells", "n_different"])


def gather(plan: Plan, progress: Progress, answers: Path | None = None) -> Collected | None:
    """The answers of a study; None where it has none (an interview guide, printed moments).

    `answers` is a CSV file of archived responses, taken as it is.
    """
    kind = plan.spec.data.kind
    if answers is not None:
        return Collected(None, pd.read_csv(answers, dtype={"respondent": str}))
    if kind in ("none", "moments"):
        return None
    if kind == "frame":
        return Collected(None, read_table(plan))
    results: dict[str, Result] = {}
    sent: pd.DataFrame | None = None
    if kind == "import":
        results["import"] = take_in(plan, progress=lambda done, total, file: progress("collect", done, total))
        responses = read_responses(plan.folder, plan.questionnaire.instrument)
        return Collected(responses, responses.frame, results)
    if kind != "returned":
        make_room(plan)
        sent = _simulated(plan, results, progress) if kind == "simulated" else _from_table(plan, progress)
        remember_made(plan.folder)
    results["collection"] = _collect(plan, progress)
    if kind == "returned":
        # Most came by `surveykit collect`, from folders outside the study: the store knows them all.
        results["collection"] = collected(plan.folder)
    responses = read_responses(plan.folder)
    frame = responses.frame
    if frame.empty:
        raise SurveykitError("T013", place=Place(file=str(plan.folder)))
    if kind == "table" and sent is not None:
        results["round_trip"] = compare_cells(sent, responses)
        frame = _with_kept(plan, frame)
    return Collected(responses, frame, results)


def _collect(plan: Plan, progress: Progress) -> CollectReport:
    returned = plan.folder / "returned"
    return collect(
        sorted(path for path in returned.rglob("*") if path.is_file() and path.name != MARK),
        plan.folder,
        instruments=plan.questionnaire,
        progress=lambda done, total, file: progress("collect", done, total),
    )


def _simulated(plan: Plan, results: dict[str, Result], progress: Progress) -> pd.DataFrame:
    data = plan.spec.data
    answers = simulate_answers(plan.questionnaire, data.n, seed=plan.spec.seed, population=data.population)
    items = [name for name in answers.columns if name not in ("respondent", "group")]
    sheets, damage = damaged(sheets_of(answers, items), plan.questionnaire, data.dirt, plan.spec.seed)
    folder = plan.folder / "returned"
    column = plan.spec.groups.column
    write_returned(
        plan.questionnaire, sheets, folder, column, lambda done, total: progress("write", done, total)
    )
    for name in damage.frame.loc[damage.frame["kind"] == "not_a_workbook", "value"]:
        (folder / name).write_text("Sorry, I could not open the form. Please call me.\n", encoding="utf-8")
    results["damage"] = damage
    return answers


def _from_table(plan: Plan, progress: Progress) -> pd.DataFrame:
    """Real answers out of a CSV file, into forms."""
    table = read_table(plan)
    data = plan.spec.data
    columns = {item.id: data.items.get(item.id, item.id.upper()) for item in plan.questionnaire.items}
    for column in (data.respondent, plan.spec.groups.column, *columns.values(), *data.keep):
        if column not in table.columns:
            offered = ", ".join(map(str, table.columns[:40]))
            raise SurveykitError("T008", path=data.path, column=column, offered=offered)
    answers = pd.DataFrame({name: table[column] for name, column in columns.items()})
    if LANGUAGE in table.columns and LANGUAGE not in columns:
        answers.insert(0, LANGUAGE, table[LANGUAGE].astype(str))
    answers.insert(0, "group", table[plan.spec.groups.column].astype(str))
    answers.insert(0, "respondent", table[data.respondent].astype(str))
    folder = plan.folder / "returned"
    sheets = sheets_of(answers, list(columns))
    column = plan.spec.groups.column
    write_returned(
        plan.questionnaire, sheets, folder, column, lambda done, total: progress("write", done, total)
    )
    return answers


def read_table(plan: Plan) -> pd.DataFrame:
    """The study's data file; refused (T007) with the way to get it where it is missing."""
    data = plan.spec.data
    path = plan.path(data.path or "")
    if not path.is_file():
        obtain = pick(data.obtain, "en") or "Change 'path' under 'data' in study.yaml."
        raise SurveykitError(
            "T007", place=Place(file=str(plan.folder / "study.yaml")), path=str(data.path), obtain=obtain
        )
    return pd.read_csv(path)


def compare_cells(sent: pd.DataFrame, responses: Responses) -> RoundTrip:
    """Hold what was read back against what was sent, cell by cell."""
    items = [name for name in sent.columns if name not in ("respondent", "group", LANGUAGE)]
    read = responses.frame.set_index("respondent").reindex(sent["respondent"])[items]
    wanted = sent.set_index("respondent")[items]
    equal = (wanted == read) | (wanted.isna() & read.isna())
    places = [(row, item) for item in items for row in equal.index[~equal[item]]]
    different = pd.DataFrame(
        [(row, item, wanted.at[row, item], read.at[row, item]) for row, item in places],
        columns=["respondent", "item", "sent", "read"],
    )
    return RoundTrip(len(responses.frame), int(equal.size), len(different), different)


def _with_kept(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of the table that do not travel through forms (weights, official scores), put beside."""
    data = plan.spec.data
    table = read_table(plan)
    kept = table[[data.respondent, *data.keep]].rename(columns={data.respondent: "respondent"})
    return frame.merge(kept.astype({"respondent": str}), on="respondent", how="left", validate="one_to_one")
