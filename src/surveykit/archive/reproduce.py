"""A reviewer's one command: run a study again and hold every published number against it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from surveykit.archive.claims import read_claims
from surveykit.archive.rerun import rerun
from surveykit.archive.verdict import Verdict, could_not_run, judge
from surveykit.errors import Place, SurveykitError

CLAIMS = "claims.yaml"
TIMEOUT = 600.0


def reproduce(study: str | Path, *, timeout: float = TIMEOUT) -> Verdict:
    """Recompute every published number of a study.

    Parameters
    ----------
    study : path
        A study folder with `study.yaml` and `claims.yaml`.
    timeout : float, default 600
        Seconds that the rerun may take.

    Returns
    -------
    Verdict
        `.outcome`, and `.to_frame()` with a row per published number.

    Raises
    ------
    SurveykitError
        A012 there is no claims.yaml; and what `read_claims` refuses. A run that fails raises nothing:
        the verdict says so.

    Examples
    --------
    >>> reproduce("analyses/smith_sivo_2012").outcome        # doctest: +SKIP
    'full reproduction'
    """
    folder = Path(study)
    path = folder / CLAIMS
    if not path.is_file():
        raise SurveykitError("A012", place=Place(file=str(path)))
    claims = read_claims(path)
    with tempfile.TemporaryDirectory(prefix="surveykit-") as scratch:
        again = rerun(folder.resolve(), Path(scratch) / "report", timeout)
    if again.run != "ran_ok":
        return could_not_run(again.run, again.notes)
    return judge(claims, again.results)
