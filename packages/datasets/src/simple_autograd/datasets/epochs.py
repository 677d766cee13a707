"""An epoch: which items each of its batches has, and what random transforms draw from in each.

Both follow from the loader's seed and the numbers of epoch and batch alone. So a batch is the same
wherever it is read, in the loop, ahead of it or in a worker process, and whether those before it
were read or not. Reading the items is left to ``reading.py``. Callers: ``DataLoader``, its worker
processes, and the random transforms.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Epoch", "batch_generator", "in_worker", "new_generator"]


class Epoch(NamedTuple):
    """The batches of one epoch.

    Parameters
    ----------
    seed, number
        Of the loader, and of the epoch.
    length
        How many items there are.
    batch_size
        How many of them a batch has; the last one may have fewer.
    order : (length,), integers
        The items' numbers in their order; None for 0, 1, 2 and so on.
    """

    seed: int
    number: int
    length: int
    batch_size: int
    order: np.ndarray | None

    def read(self, read: Callable[[Any], Any], batch: int, *, worker: bool = False) -> Any:
        """Give what `read` makes of the items of a batch; random transforms draw from its generator.

        Parameters
        ----------
        read
            A function of a slice, or of an array of item numbers.
        batch
            The batch's number.
        worker
            Whether this is a worker process, which has a copy of the dataset.
        """
        start = batch * self.batch_size
        stop = min(start + self.batch_size, self.length)
        token = _current.set(_Draws(self, batch, worker))
        try:
            return read(slice(start, stop) if self.order is None else self.order[start:stop])
        finally:
            _current.reset(token)

    def seeds(self, batch: int) -> np.random.SeedSequence:
        """Give what all random numbers for a batch follow from; no other batch, and no order, has it."""
        return np.random.SeedSequence([self.seed, self.number], spawn_key=(batch,))


class _Draws:
    """The generator of the batch that is being read, made when it is first asked for."""

    __slots__ = ("_generator", "batch", "epoch", "worker")

    def __init__(self, epoch: Epoch, batch: int, worker: bool) -> None:
        self.epoch, self.batch, self.worker = epoch, batch, worker
        self._generator: np.random.Generator | None = None

    def generator(self) -> np.random.Generator:
        if self._generator is None:
            self._generator = np.random.default_rng(self.epoch.seeds(self.batch))
        return self._generator


_current: ContextVar[_Draws | None] = ContextVar("the batch that a DataLoader reads", default=None)


@cache  # Made when it is needed: numpy.random takes a while to import.
def _outside() -> np.random.Generator:
    return np.random.default_rng()


def new_generator(caller: str, generator: np.random.Generator | int | None) -> np.random.Generator:
    """Give a generator, or a new one from a seed; in the name of `caller`, raise for anything else."""
    try:
        return np.random.default_rng(generator)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{caller}: generator is {generator!r}; needed is a NumPy generator, or a seed, an int "
            "of at least 0."
        ) from None


def batch_generator() -> np.random.Generator:
    """Give the random generator of the batch that a ``DataLoader`` is reading.

    Random transforms of one's own that draw from it repeat what they drew with the loader's seed,
    with ``prefetch``, in worker processes, and after resuming inside an epoch.

    Returns
    -------
    numpy.random.Generator
        All calls for one batch give the same one. Outside of a loader, one that was seeded by the
        operating system.

    Examples
    --------
    >>> from simple_autograd.datasets import batch_generator
    >>> def add_noise(images):
    ...     return images + batch_generator().normal(0, 0.1, images.shape)
    """
    draws = _current.get()
    return _outside() if draws is None else draws.generator()


def in_worker() -> bool:
    """Say whether a batch is being read in a worker process."""
    draws = _current.get()
    return draws is not None and draws.worker
