"""Normalization of single samples: over their last axes, over groups of channels, over neighbours, by a norm.

The mathematics of ``layers/normalization.py``. Batch and instance norm are in ``batch_normalization.py``, and the
operation that they all share in ``standardization.py``.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from ... import ops
from ...types import Array, Shape
from .arguments import (
    backend_of_argument,
    check_floating,
    check_real,
    check_shape,
    describe,
    shaped_like,
    with_axis,
)
from .standardization import check_axes, check_channels, standardize

__all__ = ["group_norm", "layer_norm", "local_response_norm", "normalize", "rms_norm"]


def layer_norm(
    x: Array,
    normalized_shape: int | Sequence[int],
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> Any:
    """The last axes of every sample shifted and scaled to mean 0 and variance 1, then by ``* weight + bias``.

    Parameters
    ----------
    x
        (..., *normalized_shape), floating.
    normalized_shape
        The lengths of the axes over which to take mean and (biased) variance.
    weight, bias
        Of the shape `normalized_shape`, or None for none.
    eps
        Added to the variance.

    Returns
    -------
    Variable or array
        The shape of `x`.

    Raises
    ------
    ValueError
        If shapes do not fit together.
    TypeError
        If an argument is no array, or `x` is not floating.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.layer_norm(np.array([[1.0, 3.0], [5.0, 1.0]]), (2,), eps=0.0)
    array([[-1.,  1.],
           [ 1., -1.]])
    """
    axes = _last_axes("layer_norm", x, normalized_shape, weight=weight, bias=bias)
    return standardize(x, weight, bias, axes=axes, eps=eps)[0]


def rms_norm(
    x: Array,
    normalized_shape: int | Sequence[int],
    weight: Array | None = None,
    eps: float | None = None,
) -> Any:
    """The last axes of every sample divided by the root of their mean square, then ``* weight``.

    Parameters
    ----------
    x
        (..., *normalized_shape), floating.
    normalized_shape
        The lengths of the axes over which to take the mean.
    weight
        Of the shape `normalized_shape`, or None for none.
    eps
        Added to the mean square; None means the distance from 1 to the next number of the data type.

    Returns
    -------
    Variable or array
        The shape of `x`.

    Raises
    ------
    ValueError
        If shapes do not fit together.
    TypeError
        If an argument is no array, or `x` is not floating.
    """
    axes = _last_axes("rms_norm", x, normalized_shape, weight=weight)
    if eps is None:
        eps = float(backend_of_argument("rms_norm", "x", x).xp.finfo(x.dtype).eps)
    return standardize(x, weight, None, axes=axes, eps=eps, centered=False)[0]


def group_norm(
    x: Array,
    num_groups: int,
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> Any:
    """Every group of channels of every sample shifted and scaled to mean 0 and variance 1, then ``* weight + bias``.

    Parameters
    ----------
    x
        (N, C, d1, ..., dk), floating.
    num_groups
        Into how many groups of equal size the C channels are split.
    weight, bias
        (C,), or None for none.
    eps
        Added to the variance.

    Returns
    -------
    Variable or array
        The shape of `x`.

    Raises
    ------
    ValueError
        If shapes do not fit together, or C is no multiple of `num_groups`.
    TypeError
        If an argument is no array, or `x` is not floating.
    """
    check_axes("group_norm", x, 2, "(N, C, d1, ..., dk)")
    samples, channels, *rest = x.shape
    if num_groups < 1 or channels % num_groups:
        raise ValueError(
            f"group_norm: num_groups is {num_groups}; needed is a divisor of the {channels} channels of x, which has "
            f"shape {tuple(x.shape)}."
        )
    grouped = (num_groups, channels // num_groups, *rest)
    check_channels("group_norm", x, weight=weight, bias=bias)
    affine = [
        None if vector is None else ops.reshape(vector, (*grouped[:2], *(1,) * len(rest)))
        for vector in (weight, bias)
    ]
    axes = tuple(range(2, len(x.shape) + 1))
    out = standardize(ops.reshape(x, (samples, *grouped)), *affine, axes=axes, eps=eps)[0]
    return ops.reshape(out, tuple(x.shape))


def normalize(x: Array, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """Vectors along an axis divided by their norm.

    Parameters
    ----------
    x
        Any shape that has the axis `dim`.
    p
        The order of the norm.
    dim
        The axis along which the vectors lie.
    eps
        What a smaller norm is replaced by; the norm then has no gradient.

    Returns
    -------
    Variable or array
        The shape of `x`.

    Raises
    ------
    TypeError, ValueError
        If `x` is not floating, or `dim` is no axis of it.
    """
    check_floating("normalize", "x", x)
    vectors = with_axis("normalize", x, dim)
    norm = ops.vector_norm(vectors, axis=dim, keepdims=True, ord=p)
    return shaped_like(ops.divide(vectors, ops.clip(norm, eps)), x)


def local_response_norm(
    x: Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """Every value divided by ``(k + alpha * m) ** beta``, m the mean square over `size` neighbouring channels.

    Parameters
    ----------
    x
        (N, C, d1, ..., dk), floating, with at least three axes.
    size
        How many channels the mean goes over; those beyond the first and the last count as 0.
    alpha, beta, k
        As above.

    Returns
    -------
    Variable or array
        The shape of `x`.
    """
    check_axes("local_response_norm", x, 3, "(N, C, d1, ..., dk)")
    if size < 1:
        raise ValueError(
            f"local_response_norm: size is {size}; needed is an integer of at least 1."
        )
    channels = x.shape[1]
    rest = ((0, 0),) * (len(x.shape) - 2)
    square = ops.pad(ops.multiply(x, x), ((0, 0), (size // 2, (size - 1) // 2), *rest))
    total = sum(
        [ops.getitem(square, (slice(None), slice(i, i + channels))) for i in range(1, size)],
        start=ops.getitem(square, (slice(None), slice(channels))),
    )
    return ops.divide(x, ops.pow(ops.add(ops.multiply(total, alpha / size), k), beta))


def normalized_lengths(name: str, normalized_shape: int | Sequence[int]) -> Shape:
    """Give the lengths that `normalized_shape` means, which may be one number.

    Raises
    ------
    TypeError
        If it is neither an integer nor a tuple or list, naming the function or layer.
    """
    if isinstance(normalized_shape, tuple | list):
        return tuple(normalized_shape)
    try:
        return (operator.index(normalized_shape),)  # type: ignore[arg-type] # if it is none, that raises
    except TypeError:
        raise TypeError(
            f"{name}: normalized_shape is {normalized_shape!r}; needed is an integer, or a tuple of them."
        ) from None


def _last_axes(
    function: str, x: Array, normalized_shape: int | Sequence[int], **affine: Array | None
) -> tuple[int, ...]:
    """Give the axes that `normalized_shape` means; raise if they are not those of `x` and the parameters."""
    check_real(function, "x", x)
    shape = normalized_lengths(function, normalized_shape)
    ndim = len(x.shape)
    if not shape or tuple(x.shape[max(ndim - len(shape), 0) :]) != shape:
        raise ValueError(
            f"{function}: x is a {describe(x)}; needed is a shape that ends in normalized_shape, which is {shape}."
        )
    for argument, value in affine.items():
        if value is not None:
            check_shape(function, argument, value, shape, "normalized_shape", x)
    return tuple(range(ndim - len(shape), ndim))
