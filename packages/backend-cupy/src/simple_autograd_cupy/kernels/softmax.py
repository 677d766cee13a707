"""Softmax, its logarithm, and cross-entropy against class indices, in as few passes over the logits.

A class index that is no class cannot raise here, for nobody waits for the GPU: its loss and its gradient are NaN.
"""

from __future__ import annotations

import math
from typing import Any

import cupy

from .launching import THREADS, covered, dense, empty, launch, real_dtype, shape_of_blocks

__all__ = ["cross_entropy", "cross_entropy_backward", "log_softmax", "softmax"]

Array = Any


def softmax(x: Array, *, axis: int) -> Any:
    """One launch for the largest, the sum and the quotients."""
    return _softmax(x, axis, logarithm=0)


def log_softmax(x: Array, *, axis: int) -> Any:
    """One launch for the largest, the sum and the differences."""
    return _softmax(x, axis, logarithm=1)


def _softmax(x: Array, axis: int, logarithm: int) -> Any:
    if not covered(x) or not x.ndim:
        return NotImplemented
    x, out = dense(x), empty(x.shape, x.dtype)
    samples = _samples(x, axis % x.ndim)
    _launch("softmax", x, samples, x, out, *samples, logarithm)
    return out


def cross_entropy(x: Array, targets: Array, *, settings: Any) -> Any:
    """The loss and the probabilities in one launch; one more, of one block, for a mean or a sum."""
    if not covered(x, settings.weight):
        return NotImplemented
    x, targets, settings = dense(x), _classes(targets), _told(settings)
    samples, real = _samples(x, min(1, x.ndim - 1)), real_dtype(x.dtype)
    probabilities, losses = empty(x.shape, x.dtype), empty(targets.shape, real)
    options, weight = (settings.ignore_index, settings.label_smoothing), settings.weight
    arrays = (x, targets, weight, probabilities, losses)
    _launch("cross_entropy", x, samples, *arrays, *samples, *options)
    if settings.reduction == "none":
        return losses.astype(x.dtype, copy=False), probabilities
    loss = empty((), x.dtype)
    numbers = (*_counting(x, targets, settings), int(settings.reduction == "mean"))
    _launch_one("reduced", x, targets.size, losses, targets, weight, loss, *numbers)
    return loss, probabilities


def cross_entropy_backward(
    loss_grad: Array, probabilities: Array, targets: Array, *, settings: Any
) -> Any:
    """The gradient for the logits in one launch; one more, of one block, for a mean."""
    if not covered(probabilities, loss_grad, settings.weight):
        return NotImplemented
    probabilities, targets, settings = dense(probabilities), _classes(targets), _told(settings)
    samples = _samples(probabilities, min(1, probabilities.ndim - 1))
    mean, each = settings.reduction == "mean", settings.reduction == "none"
    divisor = _divisor(probabilities, targets, settings) if mean else None
    out = empty(probabilities.shape, probabilities.dtype)
    arrays = (dense(loss_grad), probabilities, targets, settings.weight, divisor, out)
    options = (settings.ignore_index, settings.label_smoothing, int(each))
    _launch("cross_entropy_backward", probabilities, samples, *arrays, *samples, *options)
    return out


def _told(settings: Any) -> Any:
    """Give the settings as kernels take them: Python's numbers, and a weight that lies in one piece."""
    return settings._replace(
        weight=None if settings.weight is None else dense(settings.weight),
        ignore_index=int(settings.ignore_index),
        label_smoothing=float(settings.label_smoothing),
    )


def _divisor(x: Array, targets: Array, settings: Any) -> Array:
    """Add up what the samples count, (): the weights of those that are not ignored."""
    out = empty((), real_dtype(x.dtype))
    numbers = _counting(x, targets, settings)
    _launch_one("counted", x, targets.size, targets, settings.weight, out, *numbers)
    return out


def _counting(x: Array, targets: Array, settings: Any) -> tuple[int, ...]:
    """Give what the kernels that count samples are told."""
    return targets.size, x.size // targets.size, settings.ignore_index


def _classes(targets: Array) -> Array:
    return dense(targets.astype(cupy.int64, copy=False))


def _samples(x: Array, axis: int) -> tuple[int, int, int]:
    """Give how many samples there are, of how many classes, and how far apart these lie."""
    classes = x.shape[axis]
    return x.size // classes, classes, math.prod(x.shape[axis + 1 :])


def _launch(name: str, like: Array, samples: tuple[int, int, int], *args: Any) -> None:
    count, classes, inner = samples
    width, rows = shape_of_blocks(classes) if inner == 1 else (1, THREADS)
    launch("softmax", name, like.dtype, (-(-count // rows),), (width, rows), *args)


def _launch_one(name: str, like: Array, count: int, *args: Any) -> None:
    """Launch one block, as wide as pays for so many numbers."""
    launch("softmax", name, like.dtype, (1,), (shape_of_blocks(count)[0],), *args)
