"""NumPy's kernels for ``functional/loss.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....backends import Backend
from ...functional.loss import CrossEntropySettings

__all__ = ["cross_entropy", "cross_entropy_backward"]

Array = np.ndarray


def cross_entropy(
    x: Array, targets: Array, *, settings: CrossEntropySettings
) -> tuple[Array, Array]:
    """Logits (N, C) with nothing weighted, smoothed or ignored; all else is left to the portable body."""
    places = _places(x, targets, settings)
    if places is None:
        return _portable("cross_entropy", x, targets, settings=settings)
    probabilities = np.subtract(x, np.maximum.reduce(x, axis=1, keepdims=True))
    chosen = probabilities.reshape(-1)[places]
    np.exp(probabilities, out=probabilities)
    total = np.add.reduce(probabilities, axis=1, keepdims=True)
    probabilities /= total
    loss = np.log(total[:, 0])
    loss -= chosen
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
