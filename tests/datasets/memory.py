"""How much memory a call takes, of which nothing hangs, runs away or inflates may take much."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
MIB = 2**20


def frugal(function: Callable[[], Result]) -> Result:
    """Give what a function gives, and see that Python and NumPy held little memory meanwhile.

    What a content asks for it asks for every time; a collection of cycles or another thread, whose
    memory is traced as well, falls into one call and not into the next.
    """
    for _ in range(3):
        tracemalloc.start()
        try:
            found = function()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        if peak < 4 * MIB:
            return found
    raise AssertionError(f"{peak / MIB:.1f} MiB were held at once")
