"""Losses against classes: what logits, or log-probabilities, are worth, as one number or one per sample.

The mathematics of ``layers/loss.py``; other losses are in the files ``*_loss.py``. Softmax and cross-entropy are one
operation, stable whatever the logits, whose backward needs nothing but the probabilities. Both it and its backward are
looked up among the backend's kernels.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, NoReturn

from ... import ops
from ...autocast import in_float32
from ...op import op
from ...types import Array, Namespace
from .arguments import (
    backend_of_argument,
    check_integer,
    check_real,
    describe,
    kind_of,
    raw_option,
    refuse_complex,
)
from .reduction import Reduction, check_reduction, reduced

__all__ = ["cross_entropy", "nll_loss"]


@in_float32
def cross_entropy(
    x: Array,
    targets: Array,
    weight: Array | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The cross-entropy of the softmax of logits, against classes or probabilities, in nats.

    Parameters
    ----------
    x
        Logits, (C,), (N, C) or (N, C, d1, ..., dk), real floating.
    targets
        Class indices of any integer type: (), (N,) or (N, d1, ..., dk), each in [0, C) or equal to `ignore_index`.
        Or probabilities: floating, in the shape of `x`; gradients flow to them too.
    weight
        (C,), a factor for each class; no gradient flows to it.
    ignore_index
        Samples with this class index count for nothing. With probabilities it must be negative, and is not used.
    reduction
        ``"mean"``: over the samples; with class indices, weighted by `weight` and without those ignored (NaN if none
        is left). ``"sum"``, or ``"none"``: one loss for each.
    label_smoothing
        The share, in [0, 1], of the target that is spread evenly over all classes.

    Returns
    -------
    Variable or array
        (), or with ``reduction="none"`` the shape of `x` without its class axis; the data type of `x`.

    Raises
    ------
    IndexError
        If a class index lies outside [0, C) and is not `ignore_index`.
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.cross_entropy(np.array([[0.0, 0.0], [9.0, 9.0]]), np.array([0, 1]), reduction="none")
    array([0.69314718, 0.69314718])
    """
    check_reduction("cross_entropy", reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(
            f"cross_entropy: label_smoothing is {label_smoothing}; needed is a number in [0, 1]."
        )
    of_classes = _holds_classes(x, targets)
    if not of_classes and ignore_index >= 0:
        raise ValueError(
            f"cross_entropy: ignore_index is {ignore_index}, and targets are probabilities, of which none is ignored; "
            f"leave it out, or multiply the losses of reduction='none' by zeros."
        )
    if weight is not None:
        weight = check_weight("cross_entropy", weight, x)
    settings = CrossEntropySettings(weight, ignore_index, reduction, label_smoothing)
    if of_classes:
        return _cross_entropy(x, targets, settings=settings)[0]
    return _cross_entropy_of_probabilities(x, targets, settings)


@in_float32
def nll_loss(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Any:
    """Minus the log-probabilities of the targets' classes: `cross_entropy` without the softmax.

    Parameters
    ----------
    x
        Log-probabilities, (C,), (N, C) or (N, C, d1, ..., dk), floating.
    target
        Class indices of any integer type: (), (N,) or (N, d1, ..., dk), each in [0, C) or equal to `ignore_index`.
    weight, ignore_index, reduction
        As in `cross_entropy`.

    Returns
    -------
    Variable or array
        (), or with ``reduction="none"`` the shape of `target`.

    Raises
    ------
    IndexError
        If a class index lies outside [0, C) and is not `ignore_index`.
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    check_reduction("nll_loss", reduction)
    check_real("nll_loss", "x", x)
    check_integer("nll_loss", "target", target)
    if not x.shape:
        raise ValueError(
            f"nll_loss: x is a {describe(x)}; needed is (C,), (N, C) or (N, C, d1, ..., dk)."
        )
    backend = backend_of_argument("nll_loss", "x", x)
    axis, shape = _class_axis(x), tuple(x.shape)
    samples = shape[:axis] + shape[axis + 1 :]
    raw = raw_option("nll_loss", "target", target, backend)
    if tuple(raw.shape) != samples:
        raise ValueError(
            f"nll_loss: target is a {describe(target)}; needed are class indices of shape {samples}, because x has "
            f"shape {shape}."
        )
    xp = backend.xp
    check_classes("nll_loss", "target", xp, raw, shape[axis], ignore_index)
    raw = xp.astype(raw, xp.int64)
    known = raw != ignore_index
    places = xp.where(known, raw, 0)
    factor = xp.astype(known, x.dtype)
    if weight is not None:
        weight = check_weight("nll_loss", weight, x)
        factor = factor * xp.reshape(xp.take(weight, xp.reshape(places, (-1,))), samples)
    picked = ops.pick_along_axis(x, xp.expand_dims(places, axis=axis), axis=axis)
    # Where nothing counts, not even an infinity does.
    loss = ops.multiply(ops.where(known, ops.reshape(picked, samples), 0), -factor)
    if reduction != "mean":
        return reduced(loss, reduction)
    count = xp.sum(factor)
    return ops.divide(ops.sum(loss), xp.where(count == 0, math.nan, count))


class CrossEntropySettings(NamedTuple):
    """What a cross-entropy depends on besides its arrays (see `cross_entropy`)."""

    weight: Array | None
    ignore_index: int
    reduction: Reduction
    label_smoothing: float


# Against class indices ------------------------------------------------------------------------------------------------
#
# Sample i has the target distribution q_i: weight[t] at its class t, smoothed, and nothing at all if it is ignored.
# With p the softmax, loss_i = -sum_c q_ic log p_ic, and so d loss_i / d x_ic = (sum_c q_ic) p_ic - q_ic.


@op
def _cross_entropy(
    xp: Namespace, x: Array, targets: Array, /, *, settings: CrossEntropySettings
) -> tuple[Array, Array]:
    """The loss, and the probabilities, which the gradient needs."""
    axis = _class_axis(x)
    check_classes("cross_entropy", "targets", xp, targets, x.shape[axis], settings.ignore_index)
    q = _target_distribution(xp, x, targets, settings)
    shifted = x - xp.max(x, axis=axis, keepdims=True)
    exponentials = xp.exp(shifted)
    total = xp.sum(exponentials, axis=axis, keepdims=True)
    # Where q is 0 nothing counts, not even a logit of minus infinity.
    surprisal = xp.where(q == 0, 0, xp.log(total) - shifted)
    loss = xp.sum(q * surprisal, axis=axis)
    if settings.reduction != "none":
        loss = xp.sum(loss)
    if settings.reduction == "mean":
        count = _count(xp, x, targets, settings)
        loss = loss / xp.where(count == 0, math.nan, count)
    return loss, exponentials / total


@_cross_entropy.gradient("x")
def cross_entropy_wrt_x(xp, grad, out, targets, settings):
    loss_grad, probabilities_grad = grad
    probabilities = out[1]
    if probabilities_grad is None:
        return _cross_entropy_backward(loss_grad, probabilities, targets, settings=settings)
    # In higher orders a gradient comes through the probabilities too: that of a softmax.
    weighted = probabilities_grad * probabilities
    total = xp.sum(weighted, axis=_class_axis(probabilities), keepdims=True)
    given = weighted - probabilities * total
    if loss_grad is None:
        return given
    return given + _cross_entropy_backward(loss_grad, probabilities, targets, settings=settings)


@op
def _cross_entropy_backward(
    xp: Namespace,
    loss_grad: Array,
    probabilities: Array,
    targets: Array,
    /,
    *,
    settings: CrossEntropySettings,
) -> Array:
    """The gradient for the logits, given that for the loss."""
    axis = _class_axis(probabilities)
    q = _target_distribution(xp, probabilities, targets, settings)
    if settings.reduction == "none":
        loss_grad = xp.expand_dims(loss_grad, axis=axis)
    elif settings.reduction == "mean":
        count = _count(xp, probabilities, targets, settings)
        loss_grad = loss_grad / xp.where(count == 0, 1, count)
    return loss_grad * (probabilities * xp.sum(q, axis=axis, keepdims=True) - q)


@_cross_entropy_backward.gradient("loss_grad")
def cross_entropy_backward_wrt_loss_grad(
    xp, grad, loss_grad_shape, probabilities, targets, settings
):
    # It is linear in the loss's gradient: its value at ones says by what each element of that is multiplied.
    ones = xp.ones(loss_grad_shape, dtype=probabilities.dtype)
    factors = _cross_entropy_backward(ones, probabilities, targets, settings=settings)
    axis = _class_axis(probabilities) if settings.reduction == "none" else None
    return xp.sum(grad * factors, axis=axis)


@_cross_entropy_backward.gradient("probabilities")
def cross_entropy_backward_wrt_probabilities(xp, grad, loss_grad, probabilities, targets, settings):
    # It is affine in the probabilities: what it gives for ones, less what it gives for zeros, is its slope.
    ones, zeros = xp.ones_like(probabilities), xp.zeros_like(probabilities)
    slope = _cross_entropy_backward(
        loss_grad, ones, targets, settings=settings
    ) - _cross_entropy_backward(loss_grad, zeros, targets, settings=settings)
    return grad * slope


def _class_axis(x):
    return 0 if x.ndim == 1 else 1


def _along_class_axis(xp, vector, x):
    """Give (C,) in a shape that broadcasts against logits."""
    return xp.reshape(vector, (-1,) + (1,) * (x.ndim - _class_axis(x) - 1))


def _target_distribution(xp, x, targets, settings):
    """Give q, in the shape and data type of the logits."""
    axis = _class_axis(x)
    classes = x.shape[axis]
    targets = xp.expand_dims(xp.astype(targets, xp.int64), axis=axis)
    hit = targets == _along_class_axis(xp, xp.arange(classes, dtype=xp.int64), x)
    q = xp.astype(hit, x.dtype)
    if settings.label_smoothing:
        q = q * (1 - settings.label_smoothing) + settings.label_smoothing / classes
    if settings.weight is not None:
        q = q * _along_class_axis(xp, settings.weight, x)
    return xp.where(targets == settings.ignore_index, 0, q)


def _count(xp, x, targets, settings):
    """Give the weights of the samples that are not ignored, added up: what a mean is divided by."""
    return xp.sum(_target_distribution(xp, x, targets, settings._replace(label_smoothing=0.0)))


# Against probabilities ------------------------------------------------------------------------------------------------


def _cross_entropy_of_probabilities(
    x: Array, targets: Array, settings: CrossEntropySettings
) -> Any:
    """Compose it of other operations, so that gradients flow to the targets as well."""
    axis = _class_axis(x)
    classes = x.shape[axis]
    if settings.label_smoothing:
        targets = targets * (1 - settings.label_smoothing) + settings.label_smoothing / classes
    if settings.weight is not None:
        targets = targets * _along_class_axis(ops, settings.weight, x)
    log_probabilities = ops.log_softmax(x, axis=axis)
    loss = ops.negative(ops.sum(ops.multiply(targets, log_probabilities), axis=axis))
    return reduced(loss, settings.reduction)


# Checks ---------------------------------------------------------------------------------------------------------------


def _holds_classes(x: Array, targets: Array) -> bool:
    """Say whether the targets are class indices, True, or probabilities, False; raise if they are neither."""
    check_real("cross_entropy", "x", x)
    held = kind_of("cross_entropy", "targets", targets)
    if held == "floating":
        refuse_complex("cross_entropy", "targets", targets)
    shape, given = tuple(x.shape), tuple(targets.shape)
    if not shape:
        raise ValueError(
            f"cross_entropy: x is a {describe(x)}; needed are logits, (C,), (N, C) or (N, C, d1, ..., dk)."
        )
    axis = _class_axis(x)
    samples = shape[:axis] + shape[axis + 1 :]
    if held == "integer":
        if given == samples:
            return True
        hint = " For one-hot targets, make them floating." if given == shape else ""
        _refuse_targets(ValueError, targets, f"class indices of shape {samples}", x, hint)
    if held == "boolean":
        _refuse_targets(TypeError, targets, "class indices or probabilities", x)
    if given != shape:
        error = TypeError if given == samples else ValueError
        hint = " Class indices must be integers." if given == samples else ""
        _refuse_targets(error, targets, f"probabilities of shape {shape}", x, hint)
    return False


def _refuse_targets(
    error: type[Exception], targets: Array, needed: str, x: Array, hint: str = ""
) -> NoReturn:
    raise error(
        f"cross_entropy: targets is a {describe(targets)}; needed are {needed}, because x has shape "
        f"{tuple(x.shape)}.{hint}"
    )


def check_classes(
    function: str, argument: str, xp: Namespace, targets: Array, classes: int, ignore_index: int
) -> None:
    """Raise if a raw class index is none of the classes and is not to be ignored.

    Raises
    ------
    IndexError
        Naming the function and the argument.
    """
    targets = xp.reshape(xp.astype(targets, xp.int64), (-1,))
    wrong = ((targets < 0) | (targets >= classes)) & (targets != ignore_index)
    if bool(xp.any(wrong)):
        first = int(targets[int(xp.argmax(xp.astype(wrong, xp.int8)))])
        raise IndexError(
            f"{function}: {argument} holds the class index {first}; needed are indices in [0, {classes}), because x "
            f"has {classes} classes, or ignore_index, which is {ignore_index}."
        )


def check_weight(function: str, weight: Array, x: Array) -> Array:
    """Give the class weights as a raw array of the data type of `x`; raise if they do not fit.

    Raises
    ------
    TypeError, ValueError
        Naming the function.
    """
    backend = backend_of_argument(function, "x", x)
    weight = raw_option(function, "weight", weight, backend)
    classes = x.shape[_class_axis(x)]
    if tuple(weight.shape) != (classes,):
        raise ValueError(
            f"{function}: weight is a {describe(weight)}; needed is the shape ({classes},), a factor for each "
            f"class, because x has shape {tuple(x.shape)}."
        )
    return backend.xp.astype(weight, x.dtype, copy=False)
