"""One BLAS thread: matrices here are small, and threads that wait for one another cost more than they give.

On a machine whose other cores are busy, a fit of milliseconds takes several times as
long with the default number of threads (PERFORMANCE notes in benchmarks/).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@cache
def _controller(scipy_is_loaded: bool) -> Any:
    """The BLAS libraries of this process: NumPy's, and SciPy's own once it is loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def one_thread() -> AbstractContextManager[Any]:
    """``with one_thread():`` keeps NumPy's matrix products on one core inside, and as before after."""
    controller = _controller("scipy.linalg" in sys.modules)
    if all(library.get_num_threads() == 1 for library in controller.lib_controllers):
        return nullcontext()  # inside another: setting the limit again costs more than a small product
    limiter: AbstractContextManager[Any] = controller.limit(limits=1, user_api="blas")
    return limiter


def on_one_thread(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function, run inside `one_thread`."""

    @wraps(function)
    def inside(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with one_thread():
            return function(*args, **kwargs)

    return inside
