"""Bilinear maps: what `linear` is for one argument, for two. The mathematics of ``layers/bilinear.py``."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array
from .arguments import backend_of_argument, check_floating, describe

__all__ = ["bilinear"]


def bilinear(x1: Array, x2: Array, weight: Array, bias: Array | None = None) -> Any:
    """``out[o] = sum over i and j of x1[i] * weight[o, i, j] * x2[j], + bias[o]``.

    Parameters
    ----------
    x1
        (..., I), floating.
    x2
        (..., J), with the same leading axes.
    weight
        (O, I, J).
    bias
        (O,), or None for no bias.

    Returns
    -------
    Variable or array
        (..., O).

    Raises
    ------
    TypeError, ValueError
        If an argument has a type or shape that does not fit.
    """
    for argument, given in (("x1", x1), ("x2", x2), ("weight", weight)):
        check_floating("bilinear", argument, given)
    if (
        len(weight.shape) != 3
        or not x1.shape
        or not x2.shape
        or tuple(x1.shape[:-1]) != tuple(x2.shape[:-1])
        or tuple(weight.shape[1:]) != (x1.shape[-1], x2.shape[-1])
    ):
        raise ValueError(
            f"bilinear: x1 has shape {tuple(x1.shape)}, x2 {tuple(x2.shape)} and weight {tuple(weight.shape)}; needed "
            f"are (..., I), (..., J) and (O, I, J)."
        )
    outputs, inputs, others = weight.shape
    if bias is not None:
        backend_of_argument("bilinear", "bias", bias)
        if tuple(bias.shape) != (outputs,):
            raise ValueError(
                f"bilinear: bias is a {describe(bias)}; needed is the shape ({outputs},), because weight has shape "
                f"{tuple(weight.shape)}, (O, I, J)."
            )
    # One product for the first argument, and for each row of it one with the second.
    matrix = ops.reshape(ops.permute_dims(weight, (1, 0, 2)), (inputs, outputs * others))
    lead = tuple(x1.shape[:-1])
    partial = ops.reshape(ops.matmul(x1, matrix), (*lead, outputs, others))
    out = ops.squeeze(ops.matmul(partial, ops.expand_dims(x2, axis=-1)), -1)
    return out if bias is None else ops.add(out, bias)
