"""The data of a structural equation model: a frame or summary statistics, checked, split by group."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import Note, SurveykitError, note
from surveykit.options import nearest, shown

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SHOWN = 12  # names listed in a refusal
# Fourth powers of larger numbers, or of smaller ones, leave the range of floating point.
LARGEST, SMALLEST = 1e75, 1e-75
# More than that takes longer, or more memory, than anybody has.
MOST_DRAWS, MOST_CASES, MOST_JOBS = 1_000_000, 10_000_000, 10_000
MOST_OBSERVED = 10**12


@dataclass(frozen=True)
class Cases:
    """The rows of one group.

    `values` (n, p) in the order of `names`, NaN for missing; `index` (n,) the rows' labels in
    the frame; `cluster` (n,) codes or None; `n_original` rows of the group before any was left out.
    """

    label: str
    names: tuple[str, ...]
    values: FloatArray
    index: NDArray[Any]
    cluster: IntArray | None
    n_original: int

    def columns(self, names: Sequence[str]) -> FloatArray:
        """Some variables, (n, len(names))."""
        place = {name: at for at, name in enumerate(self.names)}
        return self.values[:, [place[name] for name in names]]

    def keep(self, rows: NDArray[np.bool_]) -> Cases:
        """Some of the rows."""
        cluster = None if self.cluster is None else self.cluster[rows]
        return Cases(self.label, self.names, self.values[rows], self.index[rows], cluster, self.n_original)


@dataclass(frozen=True)
class Summary:
    """Summary statistics of one group: `cov` (p, p), `mean` (p,) or None, and the number of cases."""

    label: str
    names: tuple[str, ...]
    cov: FloatArray
    mean: FloatArray | None
    n: int

    def select(self, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Covariances and means (zero if none were given) of some variables."""
        place = {name: at for at, name in enumerate(self.names)}
        at = [place[name] for name in names]
        mean = np.zeros(len(at)) if self.mean is None else self.mean[at]
        return self.cov[np.ix_(at, at)], mean


def check_frame(data: Any) -> pd.DataFrame:
    """Refuse what is not a frame with unambiguous names (M080, M087)."""
    if not isinstance(data, pd.DataFrame):
        raise SurveykitError("M080", found="nothing" if data is None else type(data).__name__)
    frame: pd.DataFrame = data
    given = frame.columns.tolist()
    names = [str(name) for name in given]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise SurveykitError("M087", names=", ".join(twice))
    return frame if given == names else frame.set_axis(names, axis=1)


def require(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse (M081) variables that the frame does not have; products ``a:b`` are made from their parts."""
    have = set(frame.columns.tolist())
    wanted = [part for name in names for part in ([name] if name in have else name.split(":"))]
    missing = list(dict.fromkeys(name for name in wanted if name not in have))
    if missing:
        raise _unknown("M081", missing, frame.columns)


def _unknown(code: str, missing: Sequence[str], have: Iterable[str]) -> SurveykitError:
    known = list(have)
    close = [nearest(name, known) for name in missing]
    hints = [f"{name} → {one}" for name, one in zip(missing, close, strict=True) if one is not None]
    shown = ", ".join(known[:SHOWN]) + (", …" if len(known) > SHOWN else "")
    return SurveykitError(code, names=", ".join(missing), nearest="; ".join(hints), columns=shown)


def ordered_columns(dtypes: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` whose column is an ordered categorical: ordered without being asked."""
    return tuple(name for name in names if _is_ordered(dtypes.get(name)))


def column_dtypes(frame: pd.DataFrame) -> dict[str, Any]:
    """Column -> dtype, without taking each column out of the frame."""
    return dict(zip(frame.columns.tolist(), frame.dtypes.tolist(), strict=True))


def _is_ordered(dtype: Any) -> bool:
    return isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)


def read_groups(
    frame: pd.DataFrame,
    names: Sequence[str],
    dtypes: Mapping[str, Any],
    *,
    group: str | None = None,
    group_label: Sequence[Any] | None = None,
    cluster: str | None = None,
) -> tuple[tuple[Cases, ...], tuple[Note, ...]]:
    """The rows of each group, groups in order of first appearance (or as `group_label` says).

    Raises M082 (no such grouping or cluster variable), M085 (text), M086 (infinite),
    M095 (a cluster without a name), M113 (no such group).
    """
    values = numbers(frame, names, dtypes)
    codes = _cluster_codes(frame, cluster)
    if group is None:
        whole = Cases("", tuple(names), values, frame.index.to_numpy(), codes, len(frame))
        return (whole,), ()
    if not isinstance(group, str) or group not in frame.columns:
        raise _unknown("M082", [str(group)], frame.columns)
    labels = _labels(frame[group])
    present = [label for label in dict.fromkeys(labels) if label is not None]
    if not present:
        raise SurveykitError("M084", where="", total=len(frame), gaps=f"{group} {len(frame)}")
    given = [group_label] if isinstance(group_label, str) else group_label
    chosen = present if given is None else list(dict.fromkeys(_label(one) for one in given))
    unknown = [label for label in chosen if label not in present]
    if unknown:
        raise SurveykitError("M113", names=", ".join(map(str, unknown)), allowed=", ".join(present))
    notes = []
    without = labels.count(None)
    if without:
        notes.append(note("M083", group=group, count=without))
    everything = np.array([-1 if one is None else present.index(one) for one in labels])
    cases = []
    for label in chosen:
        rows = everything == present.index(label)
        own = Cases(label, tuple(names), values, frame.index.to_numpy(), codes, int(rows.sum())).keep(rows)
        cases.append(own)
    return tuple(cases), tuple(notes)


def _labels(column: pd.Series[Any]) -> list[str | None]:
    return [None if missing else _label(value) for value, missing in zip(column, column.isna(), strict=True)]


def _label(value: Any) -> str:
    """A group's name as text; 1.0 and 1 are the same group."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cluster_codes(frame: pd.DataFrame, cluster: str | None) -> IntArray | None:
    if cluster is None:
        return None
    if not isinstance(cluster, str) or cluster not in frame.columns:
        raise _unknown("M082", [str(cluster)], frame.columns)
    codes, _ = pd.factorize(frame[cluster])
    if (codes < 0).any():
        raise SurveykitError("M095", cluster=cluster, count=int((codes < 0).sum()))
    return codes.astype(np.int64)


def numbers(frame: pd.DataFrame, names: Sequence[str], dtypes: Mapping[str, Any]) -> FloatArray:
    """Columns as floats (n, p), NaN for missing; ordered categoricals by rank, ``a:b`` as a product."""
    if all(_is_plain(dtypes.get(name)) for name in names):
        place = {name: at for at, name in enumerate(dtypes)}
        values = frame.take([place[name] for name in names], axis=1).to_numpy(dtype=np.float64)
    else:
        values = np.empty((len(frame), len(names)))
        for at, name in enumerate(names):
            values[:, at] = _product(frame, name)
    check_sizes(np.fmax.reduce(np.abs(values), axis=0, initial=0.0), names)
    return values


def check_sizes(largest: FloatArray, names: Sequence[str]) -> None:
    """Refuse infinite numbers (M086), and those whose products a computer cannot hold (S080)."""
    if largest.max(initial=0.0) < LARGEST and not (largest[largest > 0] < SMALLEST).any():
        return
    infinite = np.isinf(largest)
    if infinite.any():
        raise SurveykitError("M086", names=", ".join(np.array(names)[infinite].tolist()))
    worst = int(np.argmax(np.where(largest > 0, np.abs(np.log(np.where(largest > 0, largest, 1.0))), 0.0)))
    raise SurveykitError("S080", name=names[worst], size=f"{largest[worst]:.3g}")


def _product(frame: pd.DataFrame, name: str) -> FloatArray:
    parts = [name] if name in frame.columns else name.split(":")
    out = np.ones(len(frame))
    for part in parts:
        out = out * _column(frame[part], part)
    return out


def _is_plain(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in "fiub"


def _column(column: pd.Series[Any], name: str) -> FloatArray:
    """One column as floats; M085 where it is text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        if column.dtype.ordered:
            codes = column.cat.codes.to_numpy(dtype=np.float64)
            return np.where(codes < 0, np.nan, codes + 1)
        column = column.astype(column.cat.categories.dtype)
    if _is_plain(column.dtype):
        return column.to_numpy(dtype=np.float64)
    try:
        if pd.api.types.is_complex_dtype(column.dtype):
            raise TypeError
        if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
            return column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.array([np.nan if pd.isna(one) else _number(one) for one in column], dtype=np.float64)
    except (TypeError, ValueError):
        texts = list(dict.fromkeys(str(one) for one in column.dropna()))[:3]
        raise SurveykitError("M085", name=name, examples=", ".join(texts)) from None


def _number(value: Any) -> float:
    """A number stored as an object; text is not read as one."""
    if isinstance(value, str):
        raise TypeError
    try:
        return float(value)
    except OverflowError:  # a whole number beyond floating point
        return math.inf


def read_summaries(
    sample_cov: Any, sample_mean: Any, sample_nobs: Any, group_label: Sequence[Any] | None = None
) -> tuple[Summary, ...]:
    """Covariance matrices (one, or by group), with means and numbers of cases.

    Raises M089 (no names), M091 (not square, symmetric and complete), M090 (no number of cases),
    M092 (groups that do not match), M117 (no number).
    """
    covs = _by_group(sample_cov)
    if sample_nobs is None:
        raise SurveykitError("M090")
    counts, means = _by_group(sample_nobs, scalar=True), _by_group(sample_mean)
    labels = list(covs) if group_label is None else [_label(one) for one in group_label]
    for given, what in ((counts, "sample_nobs"), (means, "sample_mean")):
        if given and (len(given) != len(covs) or not _same_names(given, covs)):
            raise SurveykitError("M092", option=what, found=len(given), groups=len(covs))
    if len(labels) != len(covs):
        raise SurveykitError("M092", option="group_label", found=len(labels), groups=len(covs))
    single = len(covs) == 1
    out = []
    for at, (key, cov) in enumerate(covs.items()):
        names, matrix = _covariance(cov)
        mean = _mean(_at(means, key, at), names) if means else None
        n = whole_number("sample_nobs", _at(counts, key, at), 2, MOST_OBSERVED)
        out.append(Summary("" if single else labels[at], names, matrix, mean, n))
    return tuple(out)


def whole_number(option: str, value: Any, minimum: int, maximum: int | None = None) -> int:
    """Refuse what is not a whole number or too small (M117), or larger than can be done (M167)."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or not _is_whole(value) or value < minimum:
        raise SurveykitError("M117", option=option, value=shown(value), minimum=minimum)
    if maximum is not None and value > maximum:
        raise SurveykitError("M167", option=option, value=shown(value), maximum=f"{maximum:,}")
    return int(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or bool(np.isfinite(value) and int(value) == value)


def _by_group(given: Any, scalar: bool = False) -> dict[str, Any]:
    """Label -> statistic of each group, from one, a list or a mapping; `scalar`: each is one number."""
    if given is None:
        return {}
    parts: dict[str, Any] = {}
    if isinstance(given, Mapping):
        parts = {_label(key): one for key, one in given.items()}
    elif isinstance(given, list | tuple) or (scalar and isinstance(given, np.ndarray | pd.Series)):
        parts = {f"Group {at + 1}": one for at, one in enumerate(given)}
    whole = not parts or (not scalar and all(np.isscalar(one) for one in parts.values()))
    return {"Group 1": given} if whole else parts


def _same_names(given: Mapping[str, Any], covs: Mapping[str, Any]) -> bool:
    plain = all(key.startswith("Group ") for key in given) or all(key.startswith("Group ") for key in covs)
    return plain or set(given) == set(covs)


def _at(given: Mapping[str, Any], key: str, at: int) -> Any:
    return given[key] if key in given else list(given.values())[at]


def _covariance(cov: Any) -> tuple[tuple[str, ...], FloatArray]:
    if not isinstance(cov, pd.DataFrame):
        raise SurveykitError("M089", found=type(cov).__name__)
    names = tuple(str(name) for name in cov.columns)
    rows = [str(name) for name in cov.index]
    if set(rows) == set(names) and len(set(rows)) == len(rows):
        cov = cov.set_axis(rows, axis=0).set_axis(list(names), axis=1).loc[list(names)]
    matrix = floats(cov)
    square = matrix is not None and matrix.shape[0] == matrix.shape[1] and len(set(names)) == len(names)
    if matrix is None or not square or not np.isfinite(matrix).all():
        raise SurveykitError("M091", rows=cov.shape[0], columns=cov.shape[1])
    if not np.allclose(matrix, matrix.T, rtol=1e-6):
        raise SurveykitError("M091", rows=cov.shape[0], columns=cov.shape[1])
    check_sizes(np.sqrt(np.abs(np.diag(matrix))), names)
    return names, (matrix + matrix.T) / 2


def floats(given: Any) -> FloatArray | None:
    """Numbers as an array; None where there is anything else, complex numbers and text included."""
    values = given.to_numpy(dtype=object) if isinstance(given, pd.DataFrame | pd.Series) else given
    try:
        array = np.array(values, dtype=object)
        plain = [isinstance(one, Real) and not isinstance(one, bool) for one in array.ravel()]
        return array.astype(np.float64) if all(plain) else None
    except (TypeError, ValueError, OverflowError):
        return None


def _mean(mean: Any, names: tuple[str, ...]) -> FloatArray:
    """The means in the order of the names; M165 where they are not one finite number a variable."""
    named = isinstance(mean, pd.Series | Mapping)
    lookup = {str(name): value for name, value in mean.items()} if named else {}
    missing = [name for name in names if named and name not in lookup]
    if missing:
        raise _unknown("M081", missing, lookup)
    values = floats([lookup[name] for name in names] if named else mean)
    if values is None or not np.isfinite(values).all():
        raise SurveykitError("M165", found=type(mean).__name__)
    if values.size != len(names):
        raise SurveykitError("M092", option="sample_mean", found=values.size, groups=len(names))
    check_sizes(np.abs(values.ravel()), names)
    return values.ravel()
