"""Taking a batch normalisation into the layer before it, for a model that is no longer trained."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from ...types import Array
from ...variable import Variable
from ..module import Module
from ..parameter import Parameter

__all__ = [
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
]

M = TypeVar("M", bound=Module)


def fuse_conv_bn_eval(conv: M, bn: Module, transpose: bool = False) -> M:
    """Give one convolution that computes what `conv` and `bn` compute one after the other.

    Parameters
    ----------
    conv
        A convolutional layer, in eval mode.
    bn
        The batch normalisation after it, in eval mode, with running statistics.
    transpose
        Whether the convolution is a transposed one.

    Raises
    ------
    ValueError
        If one of them is in training mode, or `bn` has no running statistics.
    """
    return _fused("fuse_conv_bn_eval", conv, bn, fuse_conv_bn_weights, transpose)


def fuse_linear_bn_eval(linear: M, bn: Module) -> M:
    """Give one linear layer that computes what `linear` and `bn` compute one after the other.

    Parameters
    ----------
    linear
        A linear layer, in eval mode.
    bn
        The batch normalisation after it, in eval mode, with running statistics, of as many features as `linear` gives.

    Raises
    ------
    ValueError
        If one of them is in training mode, `bn` has no running statistics, or the features differ.
    """
    if bn.num_features not in (1, linear.out_features):  # type: ignore[attr-defined] # a layer's settings
        raise ValueError(
            f"fuse_linear_bn_eval: bn has {bn.num_features} features; needed are the {linear.out_features} that "  # type: ignore[attr-defined]
            f"linear gives."
        )
    return _fused("fuse_linear_bn_eval", linear, bn, fuse_linear_bn_weights)


def _fused(function: str, layer: M, bn: Any, weights: Any, *options: bool) -> M:
    for name, module in (("the layer", layer), ("bn", bn)):
        if module.training:
            raise ValueError(
                f"{function}: {name} is in training mode; needed is eval mode. Call eval() first."
            )
    if bn.running_mean is None or bn.running_var is None:
        raise ValueError(
            f"{function}: bn has no running statistics; needed is a layer with track_running_stats=True."
        )
    fused: Any = copy.deepcopy(layer)
    statistics = (bn.running_mean, bn.running_var, bn.eps)
    fused.weight, fused.bias = weights(
        fused.weight, fused.bias, *statistics, bn.weight, bn.bias, *options
    )
    return fused


def fuse_conv_bn_weights(
    conv_w: Parameter,
    conv_b: Parameter | None,
    bn_rm: Array,
    bn_rv: Array,
    bn_eps: float,
    bn_w: Array | None,
    bn_b: Array | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """Give the weight and the bias of a convolution with a batch normalisation taken in.

    Parameters
    ----------
    conv_w, conv_b
        Those of the convolution: (C_out, C_in, k1, ...), transposed (C_in, C_out, k1, ...); and (C_out,) or None.
    bn_rm, bn_rv, bn_eps
        The running mean and variance, (C_out,), and what is added to the variance.
    bn_w, bn_b
        Weight and bias of the normalisation, (C_out,) or None.
    transpose
        Whether the convolution is a transposed one.

    Raises
    ------
    ValueError
        If there are other numbers of outputs and of features.
    """
    features = bn_rm.shape[0]
    # A transposed convolution's weight has the outputs of one group on its second axis.
    groups = features // conv_w.shape[1] if transpose else None
    if features != (conv_w.shape[0] if groups is None else groups * conv_w.shape[1]):
        raise ValueError(
            f"fuse_conv_bn_weights: bn_rm has {features} features, and conv_w the shape {tuple(conv_w.shape)}; needed "
            f"are as many features as the convolution has outputs."
        )
    return _folded(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, groups)


def fuse_linear_bn_weights(
    linear_w: Parameter,
    linear_b: Parameter | None,
    bn_rm: Array,
    bn_rv: Array,
    bn_eps: float,
    bn_w: Array | None,
    bn_b: Array | None,
) -> tuple[Parameter, Parameter]:
    """Give the weight and the bias of a linear layer with a batch normalisation taken in.

    Parameters
    ----------
    linear_w, linear_b
        Those of the layer: (out, in), and (out,) or None.
    bn_rm, bn_rv, bn_eps
        The running mean and variance, (out,), and what is added to the variance.
    bn_w, bn_b
        Weight and bias of the normalisation, (out,) or None.
    """
    return _folded(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)


def _folded(
    weight: Parameter,
    bias: Parameter | None,
    mean: Any,
    variance: Any,
    eps: float,
    scale: Any,
    shift: Any,
    groups: int | None = None,
) -> tuple[Parameter, Parameter]:
    """Fold a factor for each output into a weight with a row for each; or, with `groups`, into a transposed one."""
    xp = weight.backend.xp
    mean, variance, scale, shift, offset = (
        value.data if isinstance(value, Variable) else value
        for value in (mean, variance, scale, shift, bias)
    )
    factor = 1 / xp.sqrt(variance + eps)
    if scale is not None:
        factor = factor * scale
    offset = -mean * factor if offset is None else (offset - mean) * factor
    if shift is not None:
        offset = offset + shift
    rows, *rest = weight.shape
    if groups is None:
        outputs, by_groups, along = rows, (rows, *rest), (-1, *(1,) * len(rest))
    else:
        outputs, by_groups = groups * rest[0], (groups, rows // groups, *rest)
        along = (groups, 1, -1, *(1,) * (len(rest) - 1))
    scaled = xp.reshape(weight.data, by_groups) * xp.reshape(factor, along)
    dtype = weight.dtype
    return (
        Parameter(
            xp.astype(xp.reshape(scaled, weight.shape), dtype, copy=False),
            weight.requires_grad,
        ),
        Parameter(
            xp.astype(xp.broadcast_to(offset, (outputs,)), dtype, copy=True),
            weight.requires_grad if bias is None else bias.requires_grad,
        ),
    )
