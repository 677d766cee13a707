"""NumPy's kernels for the steps of ``optim``.

A step goes over the flat state in pieces that stay in the cache from pass to pass: several parameters at a time, so
that there are few calls, or a part of a large one, whose parts are shared out among several threads. Only the passes
that read the gradients and that write the parameters are made for each of these by itself.
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

_CHUNK = 524_288
"""So many elements are updated at a time, to find them in the cache from pass to pass."""

_PART = 262_144
"""So many elements of a parameter repay a thread; it is then updated by itself."""

_SHORT = 4096
"""Gradients of so few elements on average are sooner copied together than read one by one."""

_LEAST_SCALE = 1 / 16
"""A decay is put off until it comes to this. A sum that waits for longer could overflow before its mean does."""

Update = Callable[[int, int, Sequence[Array], Sequence[Array]], None]
"""Updates a piece: where it starts and ends in the flat state, the parameters' arrays that it is, and their gradients,
which may be the user's own arrays and are not to be written."""


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

    def update(
        start: int, end: int, parameters: Sequence[Array], gradients: Sequence[Array]
    ) -> None:
        work = scratch.take("update", end - start, parameters[0].dtype)
        parts = _parts(work, parameters)
        factor = lr if momentum_buffer is None else 1
        _read(parameters, gradients, factor, weight_decay, maximize, out=work, parts=parts)
        if momentum_buffer is not None:
            buffer, other = (
                momentum_buffer[start:end],
                scratch.take("other", end - start, work.dtype),
            )
            buffer *= momentum
            buffer += np.multiply(work, 1 - dampening, out=other) if dampening else work
            if nesterov:
                work += np.multiply(buffer, momentum, out=other)
                work *= lr
            else:
                np.multiply(buffer, lr, out=work)
        _subtract(parameters, parts)

    _by_pieces(update, parameters, gradients)


def adam_step(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    *,
    scales: dict[str, float],
    step: int,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    shrinkage: float,
    maximize: bool,
) -> None:
    """One step of Adam, piece by piece, in ten passes over memory.

    The means decay in `scales` alone, nearly always: what is added to an array is divided by its scale.
    """
    beta1, beta2 = betas
    decay1, scale1 = _put_off(scales["exp_avg"] * beta1, exp_avg)
    may = max_exp_avg_sq is None  # the largest would have to decay too
    decay2, scale2 = _put_off(scales["exp_avg_sq"] * beta2, exp_avg_sq, may=may)
    share1, share2 = (1 - beta1) / scale1, (1 - beta2) / scale2
    correction = math.sqrt((1 - beta2**step) / scale2)
    size = lr * scale1 * correction / (1 - beta1**step)

    def update(
        start: int, end: int, parameters: Sequence[Array], gradients: Sequence[Array]
    ) -> None:
        if shrinkage:
            for parameter in parameters:
                parameter *= 1 - shrinkage
        mean, square = exp_avg[start:end], exp_avg_sq[start:end]
        work = scratch.take("update", end - start, mean.dtype)
        parts = _parts(work, parameters)
        _read(parameters, gradients, share1, weight_decay, maximize, out=work, parts=parts)
        if decay1 != 1:
            mean *= decay1
        mean += work
        # The square of the gradient from that of share1 * gradient, which is at hand.
        work *= work
        work *= share2 / share1**2
        if decay2 != 1:
            square *= decay2
        square += work
        if max_exp_avg_sq is not None:
            largest = max_exp_avg_sq[start:end]
            square = np.maximum(largest, square, out=largest)
        np.sqrt(square, out=work)
        work += eps * correction
        np.divide(mean, work, out=work)
        work *= size
        _subtract(parameters, parts)

    _by_pieces(update, parameters, gradients)
    scales.update(exp_avg=scale1, exp_avg_sq=scale2)


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

    def update(
        start: int, end: int, parameters: Sequence[Array], gradients: Sequence[Array]
    ) -> None:
        parameter, gradient = _gathered("parameter", parameters), _gathered("gradient", gradients)
        if maximize:
            gradient = -gradient
        if weight_decay:
            gradient = gradient + weight_decay * parameter
        change = rule(np, parameter, gradient, *[array[start:end] for array in state], **settings)
        if shrinkage:
            change = change + shrinkage * parameter
        _subtract(parameters, _parts(change, parameters))

    _by_pieces(update, parameters, gradients)


def stored_transposed(array: Array) -> bool:
    """Matrices in Fortran's order are; see `linear_backward_weight`."""
    return array.ndim == 2 and array.flags.f_contiguous and not array.flags.c_contiguous


def _by_pieces(update: Update, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
    """Cut the flat state into pieces to be updated at a time: several parameters, or a chunk of a large one."""
    place = start = 0
    while place < len(parameters):
        first, end = place, start
        while place < len(parameters) and end - start < _CHUNK and not _is_large(parameters[place]):
            end += parameters[place].size
            place += 1
        if place > first:
            update(start, end, parameters[first:place], gradients[first:place])
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
            update(start + at, start + end, [array[at:end]], [gradient[at:end]])

    split(work, array.size // _PART)


def _put_off(product: float, array: Array, *, may: bool = True) -> tuple[float, float]:
    """Split what an array is to be multiplied by: what is done now, and what is put off, or 1.

    What is put off is done when it has become small. So the mean of a gradient that has become zero (a unit that no
    longer fires) gets to zero soon; in small steps it would stay at the smallest subnormal number, which 0.9 of it is
    rounded to, and processors take longer over subnormal numbers.
    """
    least = _LEAST_SCALE if may and array.dtype.itemsize >= 4 else 1
    return (1.0, product) if product >= least else (product, 1.0)


def _is_large(parameter: Array) -> bool:
    return parameter.size >= _PART and parameter.flags.c_contiguous


def _parts(flat: Array, arrays: Sequence[Array]) -> list[Array]:
    """Give the parts of a flat array that belong to arrays, in their shapes."""
    parts, start = [], 0
    for array in arrays:
        end = start + array.size
        parts.append(flat[start:end].reshape(array.shape))
        start = end
    return parts


def _read(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    factor: float,
    weight_decay: float,
    maximize: bool,
    *,
    out: Array,
    parts: Sequence[Array],
) -> None:
    """Write the gradients to step against, times a factor: negative to maximize, and with weight decay added.

    They are written to a flat array, of which the parts are given too.
    """
    # As an array, or each product would have to make one of it.
    signed = np.asarray(-factor if maximize else factor, out.dtype)
    if out.size < _SHORT * len(parts):
        np.concatenate([gradient.reshape(-1) for gradient in gradients], out=out)
        out *= signed
    else:
        for gradient, part in zip(gradients, parts, strict=True):
            np.multiply(gradient, signed, out=part)
    if weight_decay:
        decay = scratch.take("decay", out.size, out.dtype)
        np.multiply(_gathered("parameter", parameters), factor * weight_decay, out=decay)
        out += decay


def _gathered(use: str, arrays: Sequence[Array]) -> Array:
    """Give arrays as one flat array: a copy, in scratch memory, if they are several."""
    parts = [array.reshape(-1) for array in arrays]
    if len(parts) == 1:
        return parts[0]
    size = sum([part.size for part in parts])
    return np.concatenate(parts, out=scratch.take(use, size, parts[0].dtype))


def _subtract(arrays: Sequence[Array], parts: Sequence[Array]) -> None:
    """Subtract from arrays, in place, their parts of an update."""
    for array, part in zip(arrays, parts, strict=True):
        array -= part
