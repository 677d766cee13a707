"""Batch and instance normalization: channels normalized by their own statistics, or by running ones.

The mathematics of ``layers/batch_normalization.py``. Running statistics are written in place, with which gradients have
nothing to do.
"""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...types import Array, Shape
from ...variable import Variable
from ...writes import written
from .arguments import backend_of_argument, describe, raw_option
from .standardization import check_axes, check_channels, standardize

__all__ = ["batch_norm", "instance_norm"]


def batch_norm(
    x: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Every channel shifted and scaled to mean 0 and variance 1, then by ``* weight + bias``.

    Parameters
    ----------
    x
        (N, C) or (N, C, d1, ..., dk), floating.
    running_mean, running_var
        (C,), or None. When training, the batch's are mixed into them, in place (the variance unbiased); otherwise they
        are what `x` is normalized by, and no gradient flows to them.
    weight, bias
        (C,), or None for none.
    training
        Whether to normalize by the batch's own mean and (biased) variance.
    momentum
        The batch's share of the new running statistics.
    eps
        Added to the variance.

    Returns
    -------
    Variable or array
        The shape of `x`.

    Raises
    ------
    ValueError
        If shapes do not fit together, there is only one value per channel to train on, `eps` is not positive, or
        running statistics are needed and missing.
    TypeError
        If an argument is no array, or `x` is not floating.
    """
    check_axes("batch_norm", x, 2, "(N, C) or (N, C, d1, ..., dk)")
    if eps < 0 or (training and eps == 0):
        needed = "more than 0 when training" if training else "at least 0"
        raise ValueError(f"batch_norm: eps is {eps}; needed is {needed}.")
    running = _running("batch_norm", x, running_mean, running_var)
    weight, bias = _per_channel("batch_norm", x, weight, bias)
    if not training:
        if running is None:
            raise ValueError(
                "batch_norm: running_mean or running_var is None; needed are both where training is False. Pass "
                "training=True to normalize by the batch's own."
            )
        return _by_running(x, running, weight, bias, eps)
    channels = x.shape[1]
    count = math.prod(x.shape) // channels if channels else 0
    if count == 1:
        raise ValueError(
            f"batch_norm: x is a {describe(x)}; needed is more than one value per channel when training."
        )
    if count == 0:  # nothing to learn from, and nothing to normalize
        return _scaled(x, 1 if weight is None else weight, bias)
    axes = (0, *range(2, len(x.shape)))
    out, _, mean, var = standardize(x, weight, bias, axes=axes, eps=eps)
    if running is not None:
        _update(x, running, mean, var, momentum, count)
    return out


def instance_norm(
    x: Array,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Array | None = None,
    bias: Array | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Every channel of every sample shifted and scaled to mean 0 and variance 1, then by ``* weight + bias``.

    Parameters
    ----------
    x
        (N, C, d1, ..., dk), floating.
    running_mean, running_var
        (C,), or None. With `use_input_stats` the samples' statistics, averaged, are mixed into them, in place.
    weight, bias
        (C,), or None for none.
    use_input_stats
        Whether to normalize by each sample's own mean and variance, rather than by the running ones.
    momentum
        The input's share of the new running statistics.
    eps
        Added to the variance.

    Returns
    -------
    Variable or array
        The shape of `x`.

    Raises
    ------
    ValueError
        If shapes do not fit together, or there is only one value per channel and sample.
    TypeError
        If an argument is no array, or `x` is not floating.
    """
    check_axes("instance_norm", x, 3, "(N, C, d1, ..., dk)")
    running = _running("instance_norm", x, running_mean, running_var)
    weight, bias = _per_channel("instance_norm", x, weight, bias)
    if not use_input_stats:
        if running is None:
            raise ValueError(
                "instance_norm: running_mean or running_var is None; needed are both where use_input_stats is False."
            )
        return _by_running(x, running, weight, bias, eps)
    count = math.prod(x.shape[2:])
    if count < 2:
        raise ValueError(
            f"instance_norm: x is a {describe(x)}; needed is more than one value per channel and sample."
        )
    axes = tuple(range(2, len(x.shape)))
    out, _, mean, var = standardize(x, weight, bias, axes=axes, eps=eps)
    if running is not None and x.shape[0]:
        _update(x, running, mean, var, momentum, count)
    return out


# Running statistics ---------------------------------------------------------------------------------------------------


def _by_running(
    x: Array, running: tuple[Array, Array], weight: Array | None, bias: Array | None, eps: float
) -> Any:
    """Normalize by given statistics: a factor and a summand per channel."""
    mean, var = (ops.reshape(vector, _channel_shape(x)) for vector in running)
    factor = ops.rsqrt(ops.add(var, eps))
    if weight is not None:
        factor = ops.multiply(factor, weight)
    shift = ops.negative(ops.multiply(mean, factor))
    return _scaled(x, factor, shift if bias is None else ops.add(shift, bias))


def _scaled(x: Array, factor: Array | float, summand: Array | None) -> Any:
    out = ops.multiply(x, factor)
    return out if summand is None else ops.add(out, summand)


def _update(
    x: Array, running: tuple[Array, Array], mean: Any, var: Any, momentum: float, count: int
) -> None:
    """Mix statistics, averaged over samples where each has its own, into the running ones, in place."""
    backend = backend_of_argument("batch_norm", "x", x)
    unbiased = count / (count - 1)
    for old, found, factor in zip(running, (mean, var), (1.0, unbiased), strict=True):
        new = found.data if isinstance(found, Variable) else found
        new = backend.xp.mean(backend.xp.reshape(new, (-1, old.shape[0])), axis=0)
        old[...] = backend.xp.astype(
            old * (1 - momentum) + new * (momentum * factor), old.dtype, copy=False
        )
        written(backend, old, "an update of running statistics")


def _running(
    function: str, x: Array, mean: Array | None, var: Array | None
) -> tuple[Array, Array] | None:
    """Give the running statistics as raw arrays; None if there are none."""
    if mean is None or var is None:
        return None
    backend = backend_of_argument(function, "x", x)
    check_channels(function, x, running_mean=mean, running_var=var)
    return (
        raw_option(function, "running_mean", mean, backend),
        raw_option(function, "running_var", var, backend),
    )


def _channel_shape(x: Array) -> Shape:
    """Give (C,) in a shape that broadcasts against `x`."""
    return (x.shape[1], *(1,) * (len(x.shape) - 2))


def _per_channel(
    function: str, x: Array, weight: Array | None, bias: Array | None
) -> tuple[Any, Any]:
    """Give weight and bias in a shape that broadcasts against `x`."""
    check_channels(function, x, weight=weight, bias=bias)
    if len(x.shape) == 2:
        return weight, bias
    shape = _channel_shape(x)
    return (
        None if weight is None else ops.reshape(weight, shape),
        None if bias is None else ops.reshape(bias, shape),
    )
