"""NumPy's kernels for the steps of ``optim``.

A step goes over the parameters in pieces: a large one by itself, in chunks that stay in the cache from pass to pass, on
several threads if it is very large; small ones gathered, so that there are few calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .memory import scratch
from .threads import split

__all__ = ["adam_step", "elementwise_step", "sgd_step", "stored_transposed"]

Array = np.ndarray

_LARGE = 16_384
"""A parameter of so many elements is worth calls of its own; smaller ones are gathered."""

_CHUNK = 524_288
"""So many elements of a large parameter are updated at a time, to find them in the cache from pass to pass."""

_PART = 262_144
"""So many elements of a large parameter repay each thread."""

_FLUSH_EVERY = 64
"""So many steps apart, subnormal numbers are looked for in a mean."""

Update = Callable[[int, int, list[Array], Array], None]
"""Updates a piece: where it starts and ends in the flat state, the parameters' arrays that it is, and its gradient,
flat, which may be the user's own array and is not to be written."""


def sgd_step(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    momentum_buffer: Array | None,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
) -> None:
    """One step of SGD, piece by piece."""

    def update(start: int, end: int, arrays: list[Array], gradient: Array) -> None:
        gradient = _adjusted(gradient, arrays, weight_decay, maximize)
        work = scratch.take("update", end - start, arrays[0].dtype)
        if momentum_buffer is None:
            np.multiply(gradient, lr, out=work)
        else:
            buffer = momentum_buffer[start:end]
            buffer *= momentum
            np.multiply(gradient, 1 - dampening, out=work)
            buffer += work
            if nesterov:
                np.multiply(buffer, momentum, out=work)
                work += gradient
                work *= lr
            else:
                np.multiply(buffer, lr, out=work)
        _subtract(arrays, work)

    _by_pieces(update, parameters, gradients)


def adam_step(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    *,
    step: int,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    shrinkage: float,
    maximize: bool,
) -> None:
    """One step of Adam, piece by piece: twelve passes, ten of which touch two arrays only."""
    beta1, beta2 = betas
    correction = math.sqrt(1 - beta2**step)
    size = lr * correction / (1 - beta1**step)

    def update(start: int, end: int, arrays: list[Array], gradient: Array) -> None:
        gradient = _adjusted(gradient, arrays, weight_decay, maximize)
        mean, square = exp_avg[start:end], exp_avg_sq[start:end]
        work = scratch.take("update", end - start, mean.dtype)
        np.multiply(gradient, 1 - beta1, out=work)
        mean *= beta1
        mean += work
        if step % _FLUSH_EVERY == 0:
            _flush(mean)
        # The square of the gradient from that of (1 - beta1) * gradient, which is at hand.
        work *= work
        work *= (1 - beta2) / (1 - beta1) ** 2
        square *= beta2
        square += work
        if max_exp_avg_sq is not None:
            largest = max_exp_avg_sq[start:end]
            square = np.maximum(largest, square, out=largest)
        np.sqrt(square, out=work)
        work += eps * correction
        np.divide(mean, work, out=work)
        work *= size
        if shrinkage:
            for array in arrays:
                array *= 1 - shrinkage
        _subtract(arrays, work)

    _by_pieces(update, parameters, gradients)


def elementwise_step(
    rule: Callable[..., Array],
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    state: Sequence[Array],
    settings: Mapping[str, Any],
    *,
    weight_decay: float = 0,
    shrinkage: float = 0,
    maximize: bool = False,
) -> None:
    """One step of any elementwise rule, piece by piece: what the rule makes on its way stays in the cache."""

    def update(start: int, end: int, arrays: list[Array], gradient: Array) -> None:
        if len(arrays) == 1:
            parameter = arrays[0].reshape(-1)
        else:
            parameter = _gathered("parameter", arrays, end - start, arrays[0].dtype)
        if maximize:
            gradient = -gradient
        if weight_decay:
            gradient = gradient + weight_decay * parameter
        change = rule(np, parameter, gradient, *[array[start:end] for array in state], **settings)
        if shrinkage:
            change = change + shrinkage * parameter
        _subtract(arrays, change)

    _by_pieces(update, parameters, gradients)


def stored_transposed(array: Array) -> bool:
    """Matrices in Fortran's order are; see `linear_backward_weight`."""
    return array.ndim == 2 and array.flags.f_contiguous and not array.flags.c_contiguous


def _by_pieces(update: Update, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
    """Cut the flat state into pieces to be updated at a time: a chunk of a large parameter, or several small ones."""
    place = start = 0
    while place < len(parameters):
        first, end = place, start
        while place < len(parameters) and end - start < _CHUNK and not _is_large(parameters[place]):
            end += parameters[place].size
            place += 1
        if place > first:
            pieces = list(parameters[first:place])
            gradient = _gathered("gradient", gradients[first:place], end - start, pieces[0].dtype)
            update(start, end, pieces, gradient)
        else:
            array, gradient = parameters[place].reshape(-1), gradients[place].reshape(-1)
            end, place = start + array.size, place + 1
            _by_chunks(update, start, array, gradient)
        start = end


def _by_chunks(update: Update, start: int, array: Array, gradient: Array) -> None:
    """Update a large parameter, whose state starts there."""

    def work(worker: int, workers: int) -> None:
        share = math.ceil(array.size / workers / 1024) * 1024  # not within a line of the cache
        last = min(array.size, (worker + 1) * share)
        for at in range(worker * share, last, _CHUNK):
            end = min(at + _CHUNK, last)
            update(start + at, start + end, [array[at:end]], gradient[at:end])

    split(work, array.size // _PART)


def _flush(mean: Array) -> None:
    """Set subnormal numbers to zero.

    The mean of a gradient that has become zero (a unit that no longer fires) decays to the smallest subnormal number
    and stays there, for 0.9 of that rounds to itself; and processors take longer over subnormal numbers.
    """
    mean[np.abs(mean) < np.finfo(mean.dtype).tiny] = 0


def _is_large(parameter: Array) -> bool:
    return parameter.size >= _LARGE and parameter.flags.c_contiguous


def _adjusted(gradient: Array, arrays: list[Array], weight_decay: float, maximize: bool) -> Array:
    """Give the gradient to step against: its negative to maximize, and with weight decay added."""
    if maximize:
        gradient = np.negative(gradient)
    if weight_decay:
        decayed = _gathered("decayed", arrays, gradient.size, arrays[0].dtype)
        decayed *= weight_decay
        decayed += gradient
        return decayed
    return gradient


def _gathered(use: str, arrays: Sequence[Array], size: int, dtype: np.dtype) -> Array:
    """Give a flat copy of arrays, one after the other, in scratch memory."""
    parts = [array.reshape(-1) for array in arrays]
    return np.concatenate(parts, out=scratch.take(use, size, dtype))


def _subtract(arrays: list[Array], update: Array) -> None:
    """Subtract from arrays, in place, their parts of a flat update."""
    start = 0
    for array in arrays:
        end = start + array.size
        np.subtract(array, update[start:end].reshape(array.shape), out=array)
        start = end
