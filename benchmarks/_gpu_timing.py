"""What ``gpu.py`` measures with and writes with: CUDA events, candidates in turn, and a report of sections.

A candidate is called several times between two events, so that what the host does while the GPU is at work counts for
nothing, and what the GPU waits for counts in full: that is what a training loop sees. Whatever fails, a candidate or a
whole section, is reported, and the rest goes on.
"""

from __future__ import annotations

import json
import math
import statistics
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from _timing import table

__all__ = ["Candidate", "Clock", "Result", "Section", "Settings", "clock_of", "measure", "report"]


class Clock(Protocol):
    """How a library's work on the GPU is timed."""

    def __call__(self, call: Callable[[], Any], times: int) -> float:
        """Make some calls, and give how long one took, in seconds."""


class Candidate(NamedTuple):
    """Something to be timed.

    Attributes
    ----------
    name
        What the table calls it.
    make
        Gives what is timed; called once, and what it raises is reported.
    clock
        Its library's.
    """

    name: str
    make: Callable[[], Callable[[], Any]]
    clock: Clock


class Settings(NamedTuple):
    """How long to measure: so many rounds, in each of which every candidate runs for so many seconds."""

    rounds: int = 9
    seconds: float = 0.1
    quick: bool = False


class Result(NamedTuple):
    """What became of a candidate: how long one call took (the median of the rounds, in seconds), or why it failed."""

    name: str
    seconds: float | None
    error: str = ""


class Section(NamedTuple):
    """A part of the report."""

    title: str
    header: Sequence[str]
    rows: list[list[object]]
    notes: list[str]


def clock_of(event: Callable[[], Any], milliseconds: Callable[[Any, Any], float]) -> Clock:
    """Give the clock of a library, by how it makes an event and tells the time between two."""

    def clock(call: Callable[[], Any], times: int) -> float:
        start, end = event(), event()
        start.record()
        for _ in range(times):
            call()
        end.record()
        end.synchronize()
        return milliseconds(start, end) / 1e3 / times

    return clock


def measure(candidates: Sequence[Candidate], settings: Settings) -> list[Result]:
    """Time candidates in turn, in rounds, after a warm-up of each."""
    failed: dict[str, str] = {}
    calls: dict[str, tuple[Callable[[], Any], int]] = {}
    for candidate in candidates:
        try:
            call = candidate.make()
            candidate.clock(call, 5)  # compiles, captures, finds memory
            once = max(candidate.clock(call, 3), 1e-7)
            calls[candidate.name] = call, max(3, min(1000, int(settings.seconds / once)))
        except Exception as error:
            failed[candidate.name] = _short(error)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(settings.rounds):
        for candidate in candidates:
            if candidate.name not in failed:
                call, count = calls[candidate.name]
                try:
                    times[candidate.name].append(candidate.clock(call, count))
                except Exception as error:
                    failed[candidate.name] = _short(error)
    return [
        Result(candidate.name, None, failed[candidate.name])
        if candidate.name in failed
        else Result(candidate.name, statistics.median(times[candidate.name]))
        for candidate in candidates
    ]


def report(
    sections: dict[str, Callable[[Settings], Section]],
    settings: Settings,
    machine: dict[str, str],
    folder: Path,
    minutes: float = math.inf,
) -> list[str]:
    """Run sections, print each as it is done, and store all as Markdown and JSON.

    Parameters
    ----------
    sections
        By name, what measures each.
    settings
        How long to measure.
    machine
        What it runs on, as is told at the top.
    folder
        Where to store ``gpu.md`` and ``gpu.json``.
    minutes
        After so many no further section begins; those that are left out are told.

    Returns
    -------
    list
        The names of those that failed.
    """
    parts = [
        "# On a GPU",
        "",
        *[f"- {key}: {value}" for key, value in machine.items()],
        "",
        "`python benchmarks/gpu.py` wrote this. Medians; a ratio above 1 says that ours is faster.",
    ]
    stored: dict[str, Any] = {"machine": machine, "sections": {}}
    failed = []
    begun = time.perf_counter()
    for name, run in sections.items():
        start = time.perf_counter()
        try:
            if start - begun > 60 * minutes:
                raise TimeoutError(f"{minutes} minutes were over before it began")
            section = run(settings)
        except Exception as error:
            failed.append(name)
            section = Section(name, ["failed"], [[_short(error)]], [])
            traceback.print_exc()
        notes = [*section.notes, f"{time.perf_counter() - start:.0f} s to measure."]
        text = [f"## {section.title}", "", table(section.header, section.rows), "", *notes]
        print("\n".join(["", *text]), flush=True)
        parts += ["", *text]
        stored["sections"][name] = {
            "header": list(section.header),
            "rows": section.rows,
            "notes": notes,
        }
        # After each section, so that an interruption loses one at most.
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gpu.md").write_text("\n".join(parts) + "\n")
        (folder / "gpu.json").write_text(json.dumps(stored, indent=1) + "\n")
    return failed


def _short(error: Exception) -> str:
    """Give an error in a line that a table can hold."""
    text = f"{type(error).__name__}: {error}".replace("|", "/")
    return " ".join(text.split())[:200]
