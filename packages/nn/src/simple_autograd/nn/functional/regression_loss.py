"""Losses of numbers against numbers: squared, absolute and mixed errors, and the likelihoods of two distributions.

The mathematics of ``layers/regression_loss.py``. Most are compositions of other operations.
"""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...autocast import in_float32
from ...op import op
from ...types import Array, Namespace
from ...variable import Variable
from .arguments import backend_of_argument, check_floating, describe
from .distance import at_least
from .reduction import Reduction, check_pair, check_same_shape, factors, reduced

__all__ = [
    "gaussian_nll_loss",
    "huber_loss",
    "l1_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
]


@in_float32
def mse_loss(
    x: Array, target: Array, *, reduction: Reduction = "mean", weight: Array | None = None
) -> Any:
    """The squared error, ``(x - target)**2``.

    Parameters
    ----------
    x
        Any shape, floating.
    target
        The shape of `x`; gradients flow to it too.
    reduction
        ``"mean"`` over all elements, ``"sum"``, or ``"none"``: one loss for each.
    weight
        The shape of `x`: factors, to which no gradient flows. The mean is then divided by their sum.

    Returns
    -------
    Variable or array
        (), or with ``reduction="none"`` the shape of `x`.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    array(2.)
    """
    target = check_pair("mse_loss", x, target, reduction)
    return _weighted("mse_loss", x, ops.square(ops.subtract(x, target)), weight, reduction)


@in_float32
def l1_loss(
    x: Array, target: Array, *, reduction: Reduction = "mean", weight: Array | None = None
) -> Any:
    """The absolute error, ``abs(x - target)``. Its gradient where they are equal is 0.

    Parameters
    ----------
    x, target, reduction, weight
        As in `mse_loss`.
    """
    target = check_pair("l1_loss", x, target, reduction, takes_complex=True)
    return _weighted("l1_loss", x, ops.abs(ops.subtract(x, target)), weight, reduction)


@in_float32
def smooth_l1_loss(
    x: Array, target: Array, *, reduction: Reduction = "mean", beta: float = 1.0
) -> Any:
    """The absolute error less ``beta / 2``, but where it is below `beta`, the squared error divided by ``2 * beta``.

    Parameters
    ----------
    x, target, reduction
        As in `mse_loss`.
    beta
        At least 0.
    """
    target = check_pair("smooth_l1_loss", x, target, reduction)
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta is {beta}; needed is at least 0.")
    if beta == 0:
        return reduced(ops.abs(ops.subtract(x, target)), reduction)
    loss = _bent_square(x, target, bound=beta)
    return reduced(loss if beta == 1 else ops.multiply(loss, 1 / beta), reduction)


@op
def _bent_square(xp: Namespace, x: Array, target: Array, /, *, bound: float) -> Array:
    """Half the squared difference, but where that is larger than `bound`, the tangent: Huber's loss."""
    size = xp.abs(x - target)
    near = xp.clip(size, max=bound)
    return near * (size - near / 2)


@_bent_square.gradient("x")
def bent_square_wrt_x(xp, grad, x, target, bound):
    return grad * xp.clip(x - target, -bound, bound)


@_bent_square.gradient("target")
def bent_square_wrt_target(xp, grad, x, target, bound):
    return grad * xp.clip(target - x, -bound, bound)


@in_float32
def huber_loss(
    x: Array,
    target: Array,
    reduction: Reduction = "mean",
    delta: float = 1.0,
    weight: Array | None = None,
) -> Any:
    """`delta` times the absolute error less ``delta / 2``, but where it is at most `delta`, half the squared error.

    Parameters
    ----------
    x, target, reduction
        As in `mse_loss`.
    delta
        More than 0.
    weight
        The shape of `x`: factors, to which no gradient flows. The mean is over the elements nevertheless.
    """
    target = check_pair("huber_loss", x, target, reduction)
    if delta <= 0:
        raise ValueError(f"huber_loss: delta is {delta}; needed is more than 0.")
    loss = _bent_square(x, target, bound=delta)
    # Unlike the other two, PyTorch's does not divide the mean by the sum of the weights.
    if weight is not None:
        loss = ops.multiply(loss, _weights("huber_loss", x, weight))
    return reduced(loss, reduction)


@in_float32
def gaussian_nll_loss(
    x: Array,
    target: Array,
    var: Array | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Any:
    """Minus the logarithm of the normal density, of expected values and variances, at the targets.

    Parameters
    ----------
    x
        The expected values, (..., D), floating.
    target
        The shape of `x`, in which axes may have the length 1; gradients flow to it too.
    var
        The variances: a number, or (..., D), in which axes may have the length 1, or (...). Gradients flow to them.
    full
        Whether to add the constant, ``log(2 * pi) / 2``.
    eps
        What smaller variances count as; their gradient passes nevertheless.
    reduction
        As in `mse_loss`.

    Raises
    ------
    ValueError
        If a variance is negative, or a shape does not fit.
    """
    backend = backend_of_argument("gaussian_nll_loss", "x", x)
    if _stretches("gaussian_nll_loss", "target", target, x):
        target = ops.broadcast_to(target, tuple(x.shape))
    target = check_pair("gaussian_nll_loss", x, target, reduction)
    if isinstance(var, int | float):
        var = backend.xp.asarray(float(var), dtype=x.dtype)
    check_floating("gaussian_nll_loss", "var", var)
    shape, given = tuple(x.shape), tuple(var.shape)
    if given and given == shape[:-1] and given != shape:
        var = ops.expand_dims(var, axis=-1)
    elif given and not _stretches("gaussian_nll_loss", "var", var, x):
        raise ValueError(
            f"gaussian_nll_loss: var is a {describe(var)}; needed is the shape of x, {shape}, in which axes may have "
            f"the length 1, or the same without its last axis, or a number."
        )
    if backend.xp.any((var.data if isinstance(var, Variable) else var) < 0):
        raise ValueError("gaussian_nll_loss: var holds a negative number; needed are variances.")
    var = at_least(var, eps)
    error = ops.divide(ops.square(ops.subtract(x, target)), var)
    loss = ops.multiply(ops.add(ops.log(var), error), 0.5)
    if full:
        loss = ops.add(loss, math.log(2 * math.pi) / 2)
    return reduced(loss, reduction)


def _stretches(function: str, argument: str, value: Array, x: Array) -> bool:
    """Say whether an array has the shape of `x`, or one that differs from it only by axes of length 1."""
    backend_of_argument(function, argument, value)
    given, shape = tuple(value.shape), tuple(x.shape)
    return len(given) == len(shape) and all(
        [have in (1, length) for have, length in zip(given, shape, strict=True)]
    )


@in_float32
def poisson_nll_loss(
    x: Array,
    target: Array,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> Any:
    """Minus the logarithm of the Poisson distribution's probability of the targets.

    Parameters
    ----------
    x
        The expected numbers, or with `log_input` their logarithms; any shape, floating.
    target
        The shape of `x`; gradients flow to it too.
    log_input
        What `x` is.
    full
        Whether to add Stirling's approximation of ``log(target!)``, where the target is above 1.
    eps
        Added to expected numbers before their logarithm is taken.
    reduction
        As in `mse_loss`.
    """
    target = check_pair("poisson_nll_loss", x, target, reduction)
    if log_input:
        loss = ops.subtract(ops.exp(x), ops.multiply(target, x))
    else:
        loss = ops.subtract(x, ops.multiply(target, ops.log(ops.add(x, eps))))
    if full:
        large = ops.where(target > 1, target, 1)
        log = ops.log(large)
        stirling = ops.add(
            ops.subtract(ops.multiply(large, log), large),
            ops.multiply(ops.add(log, math.log(2 * math.pi)), 0.5),
        )
        loss = ops.add(loss, ops.where(target > 1, stirling, 0))
    return reduced(loss, reduction)


def _weighted(
    function: str, x: Array, loss: Any, weight: Array | None, reduction: Reduction
) -> Any:
    if weight is None:
        return reduced(loss, reduction)
    weight = _weights(function, x, weight)
    loss = ops.multiply(loss, weight)
    if reduction == "mean":
        return ops.divide(ops.sum(loss), ops.sum(weight))
    return reduced(loss, reduction)


def _weights(function: str, x: Array, weight: Array) -> Array:
    check_same_shape(function, "weight", weight, x)
    return factors(function, "weight", weight, x)
