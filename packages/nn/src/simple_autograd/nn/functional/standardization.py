"""The operation behind normalization: values shifted and scaled to mean 0 and variance 1 over some axes.

``normalization.py`` and ``batch_normalization.py`` call `standardize`, each with axes of its own. No function that
users call is here. The operation and its backward are looked up among the backend's kernels.

With mean and variance over some axes, r = 1 / sqrt(var + eps) and z = (x - mean) * r, the result is
z * weight + bias. A gradient h of z gives x the gradient r * (h - mean(h) - z * mean(h * z)): a symmetric map, so it is
its own transpose. Not centered (RMS norm), the mean is taken to be 0 and the term mean(h) falls away.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ...broadcasting import sum_to_shape
from ...op import op
from ...types import Array, Namespace, Shape
from .arguments import check_real, check_shape, describe

__all__ = ["Settings", "check_axes", "check_channels", "standardize"]


class Settings(NamedTuple):
    """What `standardize` depends on besides its arrays."""

    axes: tuple[int, ...]
    eps: float
    centered: bool
    affine: Shape | None
    """The shape of weight and bias; None without them."""


def standardize(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    /,
    *,
    axes: tuple[int, ...],
    eps: float,
    centered: bool = True,
) -> tuple[Any, Any, Any, Any]:
    """Normalize over `axes`; give the result, z, the mean and the variance (biased, the axes kept).

    `weight` and `bias`, or one of them, are of one shape, which broadcasts to that of `x`.
    """
    given = bias if weight is None else weight
    affine = None if given is None else tuple(given.shape)
    return _standardize(x, weight, bias, settings=Settings(axes, eps, centered, affine))


@op(precision="float32")
def _standardize(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, settings: Settings
) -> tuple[Array, Array, Array, Array]:
    axes, eps, centered, _ = settings
    if centered:
        mean = xp.mean(x, axis=axes, keepdims=True)
        x = x - mean
    var = xp.mean(x * x, axis=axes, keepdims=True)
    if not centered:
        mean = xp.zeros_like(var)
    normal = x / xp.sqrt(var + eps)
    out = normal if weight is None else normal * weight
    return out if bias is None else out + bias, normal, mean, var


@_standardize.gradient("x", "weight", "bias")
def standardize_wrt_arguments(xp, grad, out, weight, settings):
    out_grad, normal_grad, mean_grad, var_grad = grad
    _, normal, _, var = out
    if out_grad is None:
        out_grad = xp.zeros_like(normal)
    for_x, *others = _standardize_backward(out_grad, weight, normal, var, settings=settings)
    # In higher orders gradients come through the other results too.
    if normal_grad is not None:
        plain = settings._replace(affine=None)
        for_x = for_x + _standardize_backward(normal_grad, None, normal, var, settings=plain)[0]
    count = math.prod([normal.shape[axis] for axis in settings.axes])
    if var_grad is not None:
        for_x = for_x + var_grad * xp.sqrt(var + settings.eps) * normal * (2 / count)
    if mean_grad is not None and settings.centered:
        for_x = for_x + mean_grad / count
    return for_x, *(others or (None, None))


@op
def _standardize_backward(
    xp: Namespace,
    above: Array,
    weight: Array | None,
    normal: Array,
    var: Array,
    /,
    *,
    settings: Settings,
) -> tuple[Array, ...]:
    """The gradients for x and, if there is any of the two, for weight and bias, given that of the result."""
    inner = above if weight is None else above * weight
    for_x = _project(xp, inner, normal, settings) / xp.sqrt(var + settings.eps)
    if settings.affine is None:
        return (for_x,)
    return (
        for_x,
        sum_to_shape(xp, above * normal, settings.affine),
        sum_to_shape(xp, above, settings.affine),
    )


@_standardize_backward.gradient("above", "weight", "normal", "var")
def standardize_backward_wrt_arguments(xp, grad, out, above, weight, normal, var, settings):
    along = xp.zeros_like(above) if grad[0] is None else grad[0]
    axes, eps, _, affine = settings
    root = xp.sqrt(var + eps)
    inner = above if weight is None else above * weight
    turned = _project(xp, along, normal, settings) / root
    for_above = turned if weight is None else turned * weight
    for_normal = (
        inner * xp.mean(along * normal, axis=axes, keepdims=True)
        + along * xp.mean(inner * normal, axis=axes, keepdims=True)
    ) / -root
    if affine is not None and grad[1] is not None:
        for_above = for_above + grad[1] * normal
        for_normal = for_normal + grad[1] * above
    if affine is not None and grad[2] is not None:
        for_above = for_above + grad[2]
    for_var = xp.sum(along * out[0], axis=axes, keepdims=True) / (-2 * (var + eps))
    return for_above, None if weight is None else turned * above, for_normal, for_var


def _project(xp, h, normal, settings):
    """Take out of a gradient of z what z cannot follow, because its mean and its variance are fixed."""
    axes = settings.axes
    projected = h - normal * xp.mean(h * normal, axis=axes, keepdims=True)
    return projected - xp.mean(h, axis=axes, keepdims=True) if settings.centered else projected


# Checks ---------------------------------------------------------------------------------------------------------------


def check_axes(function: str, x: Array, axes: int, needed: str) -> None:
    """Raise if `x` is not real floating, or has fewer axes than are needed.

    Raises
    ------
    TypeError, ValueError
        Naming the function.
    """
    check_real(function, "x", x)
    if len(x.shape) < axes:
        raise ValueError(f"{function}: x is a {describe(x)}; needed is the shape {needed}.")


def check_channels(function: str, x: Array, **vectors: Array | None) -> None:
    """Raise if something that is given has not one number for each channel of `x`.

    Raises
    ------
    TypeError, ValueError
        Naming the function and the argument.
    """
    for argument, value in vectors.items():
        if value is not None:
            check_shape(function, argument, value, (x.shape[1],), "one for each channel", x)
