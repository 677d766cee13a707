"""NumPy's kernels for ``functional/loss.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....backends import Backend
from ...functional.loss import CrossEntropySettings
from .tiles import by_tiles

__all__ = ["cross_entropy", "cross_entropy_backward"]

Array = np.ndarray

_TILE = 2**18
"""About so many logits are gone over at a time, which stay in the cache from pass to pass, and repay a thread."""


def cross_entropy(
    x: Array, targets: Array, *, settings: CrossEntropySettings
) -> tuple[Array, Array]:
    """Logits (N, C) with nothing weighted, smoothed or ignored; all else is left to the portable body."""
    places = _places(x, targets, settings)
    if places is None:
        return _portable("cross_entropy", x, targets, settings=settings)
    count, classes = x.shape
    chosen = x.reshape(-1)[places]
    probabilities = np.empty(x.shape, x.dtype)
    loss = np.empty(count, x.dtype)

    def work(rows: slice) -> None:
        tile, largest = probabilities[rows], np.maximum.reduce(x[rows], axis=1)
        np.subtract(x[rows], largest[:, None], out=tile)
        np.exp(tile, out=tile)
        total = np.add.reduce(tile, axis=1)
        tile /= total[:, None]
        # The two logits first: both may be large.
        loss[rows] = np.log(total) - (chosen[rows] - largest)

    by_tiles(work, count, _TILE // classes, x.size // _TILE)
    if settings.reduction == "none":
        return loss, probabilities
    summed = np.add.reduce(loss)
    return summed / len(x) if settings.reduction == "mean" else summed, probabilities


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
    return np.arange(0, count * classes, classes) + targets


def _portable(name: str, *args: Any, **options: Any) -> Any:
    return Backend.portable[name](np, *args, **options)
