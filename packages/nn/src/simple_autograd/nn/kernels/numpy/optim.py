"""NumPy's kernels for the steps of ``optim``.

A step goes over the parameters in pieces: a large one by itself, in chunks that stay in the cache from pass to pass;
small ones gathered, so that there are few calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .memory import scratch

__all__ = ["adam_step", "elementwise_step", "sgd_step", "stored_transposed"]

Array = np.ndarray

_LARGE = 16_384
"""A parameter of so many elements is worth calls of its own; smaller ones are gathered."""

_CHUNK = 131_072
"""So many elements of a large parameter are updated at a time, to find them in the cache from pass to pass."""

_FLUSH_EVERY = 64
"""So many steps apart, subnormal numbers are looked for in a mean."""

Piece = tuple[int, int, list[Array], Array]


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
    for start, end, arrays, gradient in _pieces(parameters, gradients):
        gradient = _adjusted(gradient, arrays, weight_decay, maximize)
        update = scratch.take("update", end - start, arrays[0].dtype)
        if momentum_buffer is None:
            np.multiply(gradient, lr, out=update)
        else:
            buffer = momentum_buffer[start:end]
            buffer *= momentum
            np.multiply(gradient, 1 - dampening, out=update)
            buffer += update
            if nesterov:
                np.multiply(buffer, momentum, out=update)
                update += gradient
                update *= lr
            else:
                np.multiply(buffer, lr, out=update)
        _subtract(arrays, update)


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
    for start, end, arrays, gradient in _pieces(parameters, gradients):
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
    for start, end, arrays, gradient in _pieces(parameters, gradients):
        if len(arrays) == 1:
            parameter = arrays[0].reshape(-1)
        else:
            parameter = _gathered("parameter", arrays, end - start, arrays[0].dtype)
        if maximize:
            gradient = -gradient
        if weight_decay:
            gradient = gradient + weight_decay * parameter
        update = rule(np, parameter, gradient, *[array[start:end] for array in state], **settings)
        if shrinkage:
            update = update + shrinkage * parameter
        _subtract(arrays, update)


def stored_transposed(array: Array) -> bool:
    """Matrices in Fortran's order are; see `linear_backward_weight`."""
    return array.ndim == 2 and array.flags.f_contiguous and not array.flags.c_contiguous


def _pieces(parameters: Sequence[Array], gradients: Sequence[Array]) -> Iterator[Piece]:
    """Cut the flat state into pieces to be updated at a time: a chunk of a large parameter, or several small ones.

    Gives where a piece starts and ends, the parameters' arrays that it is, and its gradient, flat, which may be the
    user's own array and is not to be written.
    """
    place = start = 0
    while place < len(parameters):
        first, end = place, start
        while place < len(parameters) and end - start < _CHUNK and not _is_large(parameters[place]):
            end += parameters[place].size
            place += 1
        if place > first:
            pieces = list(parameters[first:place])
            gradient = _gathered("gradient", gradients[first:place], end - start, pieces[0].dtype)
            yield start, end, pieces, gradient
        else:
            array, gradient = parameters[place].reshape(-1), gradients[place].reshape(-1)
            end, place = start + array.size, place + 1
            for at in range(0, array.size, _CHUNK):
                part = array[at : at + _CHUNK]
                yield start + at, start + at + part.size, [part], gradient[at : at + _CHUNK]
        start = end


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
