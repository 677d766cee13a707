"""NumPy's kernels for ``functional/loss.py``."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ....backends import Backend
from ...functional.loss import CrossEntropySettings
from .memory import ones
from .tiles import by_tiles

__all__ = ["cross_entropy", "cross_entropy_backward"]

Array = np.ndarray

_TILE = 2**18
"""About so many logits are gone over at a time, which stay in the cache from pass to pass, and repay a thread."""

_FEW = 32
"""Rows of so many logits are short."""


def cross_entropy(
    x: Array, targets: Array, *, settings: CrossEntropySettings
) -> tuple[Array, Array]:
    """Logits (N, C) with nothing weighted, smoothed or ignored; all else is left to the portable body."""
    places = _places(x, targets, settings)
    if places is None:
        return _portable("cross_entropy", x, targets, settings=settings)
    count, classes = x.shape
    probabilities = np.empty(x.shape, x.dtype)
    if x.size < 2 * _TILE:
        loss = _losses(x, places, probabilities)
    else:
        loss = np.empty(count, x.dtype)

        def work(rows: slice) -> None:
            within = places[rows] - rows.start * classes
            loss[rows] = _losses(x[rows], within, probabilities[rows])

        by_tiles(work, count, _TILE // classes, x.size // _TILE)
    if settings.reduction == "none":
        return loss, probabilities
    summed = np.add.reduce(loss)
    return np.asarray(summed / count if settings.reduction == "mean" else summed), probabilities


def _losses(x: Array, places: Array, probabilities: Array) -> Array:
    """Give the loss of each row of logits, one of which is chosen, by its place; write the probabilities."""
    np.subtract(x, _largest(x)[:, None], out=probabilities)
    # Less the largest, which the logarithm is of too: both logits may be large.
    chosen = probabilities.reshape(-1)[places]
    np.exp(probabilities, out=probabilities)
    total = _sums(probabilities)
    probabilities /= total[:, None]
    return np.log(total) - chosen


def _sums(x: Array) -> Array:
    """Give the sum of each row."""
    return np.add.reduce(x, axis=1) if x.dtype.itemsize < 4 else x @ ones(x.shape[1], x.dtype)


def _largest(x: Array) -> Array:
    """Give the largest logit of each row. NumPy takes long over short rows: there, column by column in a copy."""
    if x.shape[1] <= _FEW:
        return np.maximum.reduce(np.ascontiguousarray(x.T))
    return np.maximum.reduce(x, axis=1)


def cross_entropy_backward(
    loss_grad: Array, probabilities: Array, targets: Array, *, settings: CrossEntropySettings
) -> Array:
    """The probabilities, less 1 at the targets, times the gradient (see `cross_entropy`)."""
    places = _places(probabilities, targets, settings)
    if places is None:
        return _portable(
            "cross_entropy_backward", loss_grad, probabilities, targets, settings=settings
        )
    if settings.reduction == "mean":
        loss_grad = loss_grad / len(probabilities)
    factors = loss_grad[:, None] if settings.reduction == "none" else loss_grad
    out = np.multiply(probabilities, factors, order="C")
    out.reshape(-1)[places] -= loss_grad
    return out


def _places(x: Array, targets: Array, settings: CrossEntropySettings) -> Array | None:
    """Give where in the flattened logits the targets' are; None if the case is not the plain one."""
    weight, ignore_index, _, label_smoothing = settings
    if x.ndim != 2 or x.size == 0 or weight is not None or label_smoothing:
        return None
    count, classes = x.shape
    if targets.dtype != np.intp:
        targets = targets.astype(np.intp)
    # Read as unsigned, what is negative is very large: one comparison finds all that is no class.
    if np.maximum.reduce(targets.view(np.uintp)) >= classes or 0 <= ignore_index < classes:
        return None
    return _row_starts(count, classes) + targets


@functools.lru_cache(maxsize=2)
def _row_starts(count: int, classes: int) -> Array:
    """Give where in the flattened logits each row begins: the same in every step, forward and backward."""
    starts = np.arange(0, count * classes, classes)
    starts.flags.writeable = False
    return starts


def _portable(name: str, *args: Any, **options: Any) -> Any:
    return Backend.portable[name](np, *args, **options)
