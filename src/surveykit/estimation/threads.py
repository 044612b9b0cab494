"""One BLAS thread: matrices here are small, and threads that wait for one another cost more than they give.

On a machine whose other cores are busy, a fit of milliseconds takes several times as
long with the default number of threads (PERFORMANCE notes in benchmarks/).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """``with one_thread():`` keeps NumPy's matrix products on one core inside, and as before after."""
    limiter: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limiter
