"""Linear maps: ``x @ weight.T + bias`` as one operation.

The mathematics of ``layers/linear.py``. A backend may register a kernel ``linear`` that adds the bias in place.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

from ...op import op
from ...types import Array, Namespace
from .arguments import check_floating, describe, refuse_non_arrays

__all__ = ["linear"]


def linear(x: Array, weight: Array, bias: Array | None = None) -> Any:
    """``x @ weight.T + bias``: every vector along the last axis of `x` goes through one affine map.

    Parameters
    ----------
    x
        (..., K), floating.
    weight
        (M, K), floating.
    bias
        (M,), floating, or None for no bias.

    Returns
    -------
    Variable or array
        (..., M).

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an argument is no array, or `x` is not floating.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.linear(np.array([1.0, 2.0]), np.array([[1.0, 1.0], [0.0, 3.0]]), np.array([0.5, 0.0]))
    array([3.5, 6. ])
    """
    try:
        fits = (
            len(weight.shape) == 2
            and x.shape[-1:] == weight.shape[1:]
            and (bias is None or bias.shape == weight.shape[:1])
        )
    except AttributeError:
        refuse_non_arrays("linear", x=x, weight=weight, bias=weight if bias is None else bias)
    if not fits:
        _refuse_shapes(x, weight, bias)
    if x.dtype is not weight.dtype:
        check_floating("linear", "x", x)
    return _linear(x, weight, bias)


@op(precision="lower")
def _linear(xp: Namespace, x: Array, weight: Array, bias: Array | None, /) -> Array:
    out = xp.matmul(x, weight.T)
    return out if bias is None else out + bias


@_linear.gradient("x")
def linear_wrt_x(xp, grad, weight):
    return xp.matmul(grad, weight)


@_linear.gradient("weight")
def linear_wrt_weight(xp, grad, x):
    return _linear_backward_weight(grad, x)


@_linear.gradient("bias")
def linear_wrt_bias(xp, grad):
    return _linear_backward_bias(grad)


@op
def _linear_backward_weight(xp: Namespace, grad_out: Array, x: Array, /) -> Array:
    """The gradient for the weight, (M, K), of (..., M) and (..., K)."""
    return xp.matmul(_rows(xp, grad_out).T, _rows(xp, x))


@_linear_backward_weight.gradient("grad_out")
def linear_backward_weight_wrt_grad_out(xp, grad, x):
    return xp.matmul(x, grad.T)


@_linear_backward_weight.gradient("x")
def linear_backward_weight_wrt_x(xp, grad, grad_out):
    return xp.matmul(grad_out, grad)


@op
def _linear_backward_bias(xp: Namespace, grad_out: Array, /) -> Array:
    """The gradient for the bias, (M,), of (..., M)."""
    return xp.sum(_rows(xp, grad_out), axis=0)


@_linear_backward_bias.gradient("grad_out")
def linear_backward_bias_wrt_grad_out(xp, grad, grad_out_shape):
    return xp.broadcast_to(grad, grad_out_shape)


def _rows(xp, x):
    """Give (..., K) as (N, K)."""
    # The product, and not -1, which nothing can be found for where K is 0.
    return x if x.ndim == 2 else xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def _refuse_shapes(x: Array, weight: Array, bias: Array | None) -> NoReturn:
    if len(weight.shape) != 2:
        raise ValueError(f"linear: weight is a {describe(weight)}; needed are two axes, (out, in).")
    outputs, inputs = weight.shape
    if tuple(x.shape[-1:]) != (inputs,):
        raise ValueError(
            f"linear: x is a {describe(x)}; needed is a last axis of length {inputs}, because weight has shape "
            f"{tuple(weight.shape)}, (out, in)."
        )
    raise ValueError(
        f"linear: bias is a {describe(bias)}; needed is the shape ({outputs},), because weight has shape "
        f"{tuple(weight.shape)}, (out, in)."
    )
