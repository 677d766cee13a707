"""Large arrays cut into tiles that stay in the cache from pass to pass, for as many threads as they repay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .threads import split

__all__ = ["by_tiles", "on_threads", "tiles"]

_TILES = 2
"""So many tiles of an elementwise function repay a thread."""


def by_tiles(work: Callable[[slice], None], count: int, step: int, most: int) -> None:
    """Call ``work(here)`` for all tiles of `count` things, at most `step` in each, on `most` threads at most."""

    def run(worker: int, workers: int) -> None:
        for here in tiles(count, step, worker, workers):
            work(here)

    split(run, most)


def on_threads(work: Callable[[slice], None], count: int, step: int) -> None:
    """Call ``work(here)`` for all of `count` elements, `step` at a time: as core's ``one_by_one``, but on threads."""
    by_tiles(work, count, step, count // (_TILES * step))


def tiles(count: int, step: int, worker: int, workers: int) -> Iterator[slice]:
    """Give a worker's share of `count` things, `step` at a time, and at least one."""
    first, end = count * worker // workers, count * (worker + 1) // workers
    step = max(1, step)
    for start in range(first, end, step):
        yield slice(start, min(start + step, end))
