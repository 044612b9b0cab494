"""Linear algebra on stacks, with the types that the engine uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def inverse(stack: FloatArray) -> FloatArray:
    """Inverses of (..., k, k)."""
    return np.asarray(np.linalg.inv(stack), dtype=np.float64)
