"""Losses of probabilities, or of logits, against probabilities: binary cross-entropy, Kullback-Leibler divergence.

The mathematics of ``layers/probability_loss.py``. Losses against classes are in ``loss.py``.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from ... import ops
from ...autocast import in_float32
from ...op import op
from ...types import Array, Namespace
from ...variable import Variable
from .arguments import backend_of_argument, check_floating
from .reduction import Reduction, check_pair, factors, reduced

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"]


@in_float32
def binary_cross_entropy(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """``-(target * log(x) + (1 - target) * log(1 - x))``, in nats.

    Parameters
    ----------
    x
        Probabilities, any shape, floating.
    target
        Probabilities, in the shape of `x`; gradients flow to them too.
    weight
        Factors for the losses, broadcast to the shape of `x`; no gradient flows to them.
    reduction
        ``"mean"`` over all elements, ``"sum"``, or ``"none"``: one loss for each.

    Returns
    -------
    Variable or array
        (), or with ``reduction="none"`` the shape of `x`.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit, such as probabilities outside [0, 1].

    Notes
    -----
    As in PyTorch the logarithms are at least -100, and the gradient's divisor ``x * (1 - x)`` at least 1e-12.
    """
    target = check_pair("binary_cross_entropy", x, target, reduction)
    _check_range("binary_cross_entropy", "x", x, 1.0)
    _check_range("binary_cross_entropy", "target", target, 1.0)
    return _weighted("binary_cross_entropy", x, _binary_loss(x, target), weight, reduction)


@op
def _binary_loss(xp: Namespace, x: Array, target: Array, /) -> Array:
    return (target - 1) * _bounded_log(xp, 1 - x) - target * _bounded_log(xp, x)


@_binary_loss.gradient("x")
def binary_loss_wrt_x(xp, grad, x, target):
    return grad * (x - target) / xp.clip(x * (1 - x), 1e-12, None)


@_binary_loss.gradient("target")
def binary_loss_wrt_target(xp, grad, x):
    return grad * (_bounded_log(xp, 1 - x) - _bounded_log(xp, x))


def _bounded_log(xp, x):
    return xp.where(x == 0, -100, xp.clip(xp.log(xp.where(x == 0, 1, x)), -100, None))


@in_float32
def binary_cross_entropy_with_logits(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: Array | None = None,
) -> Any:
    """`binary_cross_entropy` of the sigmoid of logits, without overflow or loss.

    Parameters
    ----------
    x
        Logits, any shape, floating.
    target
        Probabilities, in the shape of `x`; gradients flow to them too.
    weight
        Factors for the losses, broadcast to the shape of `x`; no gradient flows to them.
    reduction
        As in `binary_cross_entropy`.
    pos_weight
        Factors for the part of the positive class, ``target * log(sigmoid(x))``, broadcast likewise.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    name = "binary_cross_entropy_with_logits"
    target = check_pair(name, x, target, reduction)
    if pos_weight is not None:
        pos_weight = factors(name, "pos_weight", pos_weight, x)
    return _weighted(name, x, _logistic_loss(x, target, factor=pos_weight), weight, reduction)


@op
def _logistic_loss(xp: Namespace, x: Array, target: Array, /, *, factor: Array | None) -> Array:
    positive = target if factor is None else target * factor
    return -(1 - target) * ops.logsigmoid(-x) - positive * ops.logsigmoid(x)


@_logistic_loss.gradient("x")
def logistic_loss_wrt_x(xp, grad, x, target, factor):
    if factor is None:
        return grad * (ops.sigmoid(x) - target)
    return grad * ((1 - target) * ops.sigmoid(x) - target * factor * ops.sigmoid(-x))


@_logistic_loss.gradient("target")
def logistic_loss_wrt_target(xp, grad, x, factor):
    if factor is None:
        return -grad * x
    return grad * (ops.logsigmoid(-x) - ops.logsigmoid(x) * factor)


@in_float32
def kl_div(
    x: Array,
    target: Array,
    *,
    reduction: Reduction | Literal["batchmean"] = "mean",
    log_target: bool = False,
) -> Any:
    """The Kullback-Leibler divergence, ``target * (log(target) - x)``, in nats.

    Parameters
    ----------
    x
        Logarithms of probabilities, (N, ...), floating.
    target
        Probabilities, or with `log_target` their logarithms, in the shape of `x`; gradients flow to them too.
    reduction
        ``"batchmean"``: the sum divided by N, which is the divergence. ``"mean"`` over all elements, ``"sum"``, or
        ``"none"``: one summand for each.
    log_target
        What `target` is.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit, such as negative probabilities.
    """
    by_batch = reduction == "batchmean"
    plain: Any = "sum" if by_batch else reduction
    target = check_pair("kl_div", x, target, plain)
    check_floating("kl_div", "target", target)
    if log_target:
        loss = ops.multiply(ops.exp(target), ops.subtract(target, x))
    else:
        _check_range("kl_div", "target", target, math.inf)
        loss = ops.subtract(ops.xlogy(target, target), ops.multiply(target, x))
    total = reduced(loss, plain)
    return ops.divide(total, (x.shape[0] if x.shape else 1) or math.nan) if by_batch else total


def _weighted(
    function: str, x: Array, loss: Any, weight: Array | None, reduction: Reduction
) -> Any:
    if weight is not None:
        loss = ops.multiply(loss, factors(function, "weight", weight, x))
    return reduced(loss, reduction)


def _check_range(function: str, argument: str, value: Array, largest: float) -> None:
    """Raise if an array holds what is no probability (NaN passes)."""
    xp = backend_of_argument(function, argument, value).xp
    raw = value.data if isinstance(value, Variable) else value
    wrong = (raw < 0) | (raw > largest)
    if bool(xp.any(wrong)):
        flat = xp.reshape(wrong, (-1,))
        first = float(xp.reshape(raw, (-1,))[int(xp.argmax(xp.astype(flat, xp.int8)))])
        needed = "in [0, 1]" if largest == 1 else "not negative"
        raise ValueError(
            f"{function}: {argument} holds {first}; needed are probabilities, {needed}."
        )
