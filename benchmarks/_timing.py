"""What the benchmarks share: candidates timed in turn, in one process, and a table of the results.

Candidates take turns in rounds, so that a busy spell of the machine meets all of them alike. Each call is timed by
itself. The minimum says what the code costs on a quiet machine, the median what one gets; a ratio is to be read of
minima first.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

__all__ = ["Candidate", "Timing", "best", "compared", "machine", "measure", "table"]


class Candidate(NamedTuple):
    """Something to be timed.

    Attributes
    ----------
    name
        What the table calls it.
    call
        What is timed.
    before
        Called before each of its turns and not timed, for instance to set a number of threads.
    """

    name: str
    call: Callable[[], Any]
    before: Callable[[], Any] = lambda: None


class Timing(NamedTuple):
    """How long a call took, in seconds."""

    name: str
    minimum: float
    median: float


def measure(
    candidates: Sequence[Candidate], *, rounds: int = 20, seconds: float = 0.05
) -> list[Timing]:
    """Time candidates in turn.

    Parameters
    ----------
    candidates
        What to time.
    rounds
        How many turns each gets.
    seconds
        How long a turn lasts about; its first calls, a tenth of it, are not counted.
    """
    calls = {}
    for candidate in candidates:
        candidate.before()
        candidate.call()
        start = time.perf_counter()
        candidate.call()
        calls[candidate.name] = max(3, int(seconds / (time.perf_counter() - start)))
    times: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for candidate in candidates:
                candidate.before()
                call, clock, into = candidate.call, time.perf_counter, times[candidate.name]
                for _ in range(calls[candidate.name] // 10 + 1):
                    call()
                for _ in range(calls[candidate.name]):
                    start = clock()
                    call()
                    into.append(clock() - start)
            gc.collect()
    finally:
        gc.enable()
    return [Timing(name, min(found), statistics.median(found)) for name, found in times.items()]


def best(timings: Sequence[Timing]) -> Timing:
    """Give the smallest minimum and the smallest median, under the name of who has the minimum."""
    first = min(timings, key=lambda timing: timing.minimum)
    return Timing(first.name, first.minimum, min(timing.median for timing in timings))


def compared(mine: Timing, others: Sequence[Timing], unit: float) -> list[object]:
    """Give the cells of a line that compares: minimum and median of ours, of the best of others, and ratios; its name.

    `unit` is how many of the table's units a second has.
    """
    cells: list[object] = [mine.minimum * unit, mine.median * unit]
    if not others:
        return [*cells, *"–––––"]
    theirs = best(others)
    cells += [theirs.minimum * unit, theirs.median * unit]
    return [*cells, theirs.minimum / mine.minimum, theirs.median / mine.median, theirs.name]


def machine() -> str:
    """Describe the machine and the versions in a line."""
    import os
    import platform

    import numpy as np

    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as lines:
            model = next(line for line in lines if line.startswith("model name")).partition(": ")[2]
    except (OSError, StopIteration):
        pass
    return (
        f"{model.strip()}, {os.cpu_count()} cores; Python {platform.python_version()}, "
        f"NumPy {np.__version__}"
    )


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Give a Markdown table with aligned columns; numbers get three significant digits."""
    cells = [[_text(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell >= 1000 else f"{cell:.3g}"
    return str(cell)
