"""Alpha of the variables behind ordinal items."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from surveykit.errors import Note, note
from surveykit.formatting import share
from surveykit.options import checked_call
from surveykit.results import Result


@dataclass(frozen=True, repr=False)
class OrdinalAlphaResult(Result):
    """Alpha of the normal variables behind ordinal items: the formula on polychoric correlations.

    It is not the reliability of the sum of the answers (see `composite_reliability`
    for that). `table`: a row per item, `item ordinal_alpha_if_dropped`.
    """

    ordinal_alpha: float
    lambda6: float
    average_r: float
    median_r: float
    signal_noise: float
    table: pd.DataFrame
    correlations: pd.DataFrame
    n: int
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per item."""
        return self.table

    def __repr__(self) -> str:
        return (
            f"<OrdinalAlphaResult: ordinal alpha = {share(self.ordinal_alpha)}, {self.n_items} items, "
            f"n = {self.n}>"
        )


@checked_call
def ordinal_alpha(items: pd.DataFrame, *, missing: str = "listwise") -> OrdinalAlphaResult:
    """Alpha from polychoric correlations (Zumbo, Gadermann & Zeisser).

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        Ordinal answers as numbers, NaN for missing. At least 2 columns.
    missing : {"listwise", "pairwise"}, default "listwise"

    Returns
    -------
    OrdinalAlphaResult

    Raises
    ------
    SurveykitError
        As `polychoric`.

    Notes
    -----
    Equal to psych::alpha of a lavaan polychoric matrix (tests/reference). Chalmers
    (2018) argues against it: it describes variables that nobody observed.

    References
    ----------
    Zumbo, Gadermann & Zeisser (2007), doi:10.22237/jmasm/1177992180. Chalmers (2018),
    doi:10.1177/0013164417727036.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> latent = rng.normal(size=(200, 1)) + rng.normal(size=(200, 3))
    >>> ordinal_alpha(pd.DataFrame(np.digitize(latent, [-1, 0, 1]), columns=["a", "b", "c"]))
    <OrdinalAlphaResult: ordinal alpha = .678, 3 items, n = 200>
    """
    from surveykit.analysis.polychoric import polychoric
    from surveykit.estimation.reliability import scale_coefficients, scale_matrices

    found = polychoric(items, missing=missing)
    scale = scale_coefficients(scale_matrices(found.correlations.to_numpy()), found.n)
    names = list(found.correlations.columns)
    table = pd.DataFrame({"item": names, "ordinal_alpha_if_dropped": scale.alpha[1:]}, index=names)
    return OrdinalAlphaResult(
        ordinal_alpha=float(scale.alpha[0]),
        lambda6=float(scale.lambda6[0]),
        average_r=float(scale.average_r[0]),
        median_r=float(scale.median_r[0]),
        signal_noise=float(scale.signal_noise[0]),
        table=table,
        correlations=found.correlations,
        n=found.n,
        n_items=len(names),
        notes=found.notes if len(names) > 2 else (*found.notes, note("S009")),
    )
