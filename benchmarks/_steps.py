"""What the benchmarks of training steps share: the step, and our times as it is and replayed beside PyTorch's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from _timing import Candidate, compared, measure

import simple_autograd as sa

__all__ = ["HEADER", "replayed", "rows_of", "step"]

HEADER = ["batch", "how", "min", "median", "PyTorch min", "median", "ratio min", "median", "best"]


def step(model: Any, criterion: Any, optimizer: Any, images: Any, labels: Any) -> None:
    """Make one training step; the same lines for both libraries."""
    optimizer.zero_grad(set_to_none=True)
    criterion(model(images), labels).backward()
    optimizer.step()


def replayed(eager: functools.partial[None]) -> Callable[[], None]:
    """Give a step of ours as its graph; its last two arguments are the batch."""
    *fixed, images, labels = eager.args
    return functools.partial(sa.graph(functools.partial(eager.func, *fixed)), images, labels)


def rows_of(
    batch: int,
    ours: Callable[[], functools.partial[None]],
    others: Sequence[Candidate],
    *,
    rounds: int,
    unit: float,
) -> list[list[object]]:
    """Measure a step, which `ours` makes, in both ways; give the table's rows (see `compared`)."""
    both = [Candidate("as it is", ours()), Candidate("replayed", replayed(ours()))]
    times = measure([*both, *others], rounds=rounds)
    return [[batch, mine.name, *compared(mine, times[2:], unit)] for mine in times[:2]]
