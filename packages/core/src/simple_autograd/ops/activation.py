"""Functions of neural networks that the standard does not have: sigmoid and its kin, relu, gelu, softmax."""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Namespace
from .arguments import refuse_complex
from .special import erf

__all__ = [
    "gelu",
    "log_softmax",
    "logsigmoid",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
]

# The tanh of gelu is taken of A x + B x**3.
_GELU_A = math.sqrt(2 / math.pi)
_GELU_B = 0.044715 * _GELU_A


@op
def sigmoid(xp: Namespace, x: Array, /) -> Array:
    """``1 / (1 + exp(-x))``, elementwise, without overflow."""
    if xp.isdtype(x.dtype, "complex floating"):
        right = xp.real(x) >= 0
        small = xp.exp(xp.where(right, -x, x))
    else:
        right = x >= 0
        small = xp.exp(-xp.abs(x))  # in (0, 1] whatever the sign
    return xp.where(right, 1, small) / (1 + small)


@sigmoid.gradient("x")
def sigmoid_wrt_x(xp, grad, out):
    return sigmoid_backward(grad, out)


@op
def sigmoid_backward(xp: Namespace, above: Array, y: Array, /) -> Array:
    """The gradient of `sigmoid`: `above`, that of its result `y`, times the slope."""
    return above * y * (1 - y)


@sigmoid_backward.gradient("above")
def sigmoid_backward_wrt_above(xp, grad, y):
    return sigmoid_backward(grad, y)


@sigmoid_backward.gradient("y")
def sigmoid_backward_wrt_y(xp, grad, above, y):
    return grad * above * (1 - 2 * y)


@op
def logsigmoid(xp: Namespace, x: Array, /) -> Array:
    """The logarithm of `sigmoid`, elementwise, accurate where that is 0 or 1. Real."""
    refuse_complex(xp, "logsigmoid", x)
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


@logsigmoid.gradient("x")
def logsigmoid_wrt_x(xp, grad, x):
    return grad * sigmoid(-x)


@op
def silu(xp: Namespace, x: Array, /) -> Array:
    """``x * sigmoid(x)``, elementwise (also called swish)."""
    return x * sigmoid(x)


@silu.gradient("x")
def silu_wrt_x(xp, grad, x, out):
    return silu_backward(grad, x, out)


@op
def silu_backward(xp: Namespace, above: Array, x: Array, y: Array, /) -> Array:
    """The gradient of `silu` at `x`: `above`, that of its result `y`, times the slope. See `gelu_backward` for `y`."""
    part = sigmoid(x)
    return above * (part * (1 + x * (1 - part)))


@silu_backward.gradient("above")
def silu_backward_wrt_above(xp, grad, x, y):
    return silu_backward(grad, x, y)


@silu_backward.gradient("x")
def silu_backward_wrt_x(xp, grad, above, x):
    part = sigmoid(x)
    return grad * above * (part * (1 - part) * (2 + x * (1 - 2 * part)))


@silu_backward.gradient("y")
def silu_backward_wrt_y(xp, grad):
    return xp.zeros_like(grad)


def softplus(x: Array, /, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """``log(1 + exp(beta * x)) / beta``, elementwise: `relu` with a rounded corner. Real.

    Parameters
    ----------
    x
        Any shape.
    beta
        The larger, the sharper the corner.
    threshold
        Where ``beta * x`` is larger, the result is `x` itself and the gradient 1, as in PyTorch.
    """
    return _softplus(x, beta=beta, threshold=threshold)


@op(precision="float32")
def _softplus(xp: Namespace, x: Array, /, *, beta: float, threshold: float) -> Array:
    refuse_complex(xp, "softplus", x)
    scaled = x * beta
    # Without overflow: log(1 + e**t) = max(t, 0) + log(1 + e**-|t|).
    rounded = xp.maximum(scaled, 0) + xp.log1p(xp.exp(-xp.abs(scaled)))
    return xp.where(scaled > threshold, x, rounded / beta)


@_softplus.gradient("x")
def softplus_wrt_x(xp, grad, x, beta, threshold):
    scaled = x * beta
    return xp.where(scaled > threshold, grad, grad * sigmoid(scaled))


def gelu(x: Array, /, approximate: str = "none") -> Array:
    """The Gaussian error linear unit, elementwise: `x` times the normal distribution's area up to `x`. Real.

    Parameters
    ----------
    x
        Any shape.
    approximate
        ``"none"`` computes the area from `erf`, ``"tanh"`` as
        ``(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2``.

    Raises
    ------
    ValueError
        If `approximate` is neither.
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate is {approximate!r}; needed is 'none' or 'tanh'.")
    return _gelu_tanh(x) if approximate == "tanh" else _gelu(x)


@op
def _gelu(xp: Namespace, x: Array, /) -> Array:
    refuse_complex(xp, "gelu", x)
    return x * _normal_area(x)


@_gelu.gradient("x")
def gelu_wrt_x(xp, grad, x, out):
    return gelu_backward(grad, x, out)


@op
def gelu_backward(xp: Namespace, above: Array, x: Array, y: Array, /) -> Array:
    """The gradient of `gelu` at `x`: `above`, that of its result `y`, times the slope.

    The slope is the normal distribution's area up to `x`, plus `x` times its density; `y` is for kernels that find the
    area there.
    """
    return above * (_normal_area(x) + x * _normal_density(xp, x))


@gelu_backward.gradient("above")
def gelu_backward_wrt_above(xp, grad, x, y):
    return gelu_backward(grad, x, y)


@gelu_backward.gradient("x")
def gelu_backward_wrt_x(xp, grad, above, x):
    return grad * above * ((2 - x * x) * _normal_density(xp, x))


@gelu_backward.gradient("y")
def gelu_backward_wrt_y(xp, grad):
    return xp.zeros_like(grad)


def _normal_area(x):
    return 0.5 * (1 + erf(x * math.sqrt(0.5)))


def _normal_density(xp, x):
    return xp.exp(x * x * -0.5) * math.sqrt(0.5 / math.pi)


@op
def _gelu_tanh(xp: Namespace, x: Array, /) -> Array:
    refuse_complex(xp, "gelu", x)
    return 0.5 * x * (1 + xp.tanh(x * (_GELU_A + _GELU_B * (x * x))))


@_gelu_tanh.gradient("x")
def gelu_tanh_wrt_x(xp, grad, x, out):
    return gelu_tanh_backward(grad, x, out)


@op
def gelu_tanh_backward(xp: Namespace, above: Array, x: Array, y: Array, /) -> Array:
    """The same as `gelu_backward`, with ``approximate="tanh"``."""
    square = x * x
    tanh = xp.tanh(x * (_GELU_A + _GELU_B * square))
    inner = x * (_GELU_A + 3 * _GELU_B * square)
    return above * (0.5 * (1 + tanh) * (1 + (1 - tanh) * inner))


@gelu_tanh_backward.gradient("above")
def gelu_tanh_backward_wrt_above(xp, grad, x, y):
    return gelu_tanh_backward(grad, x, y)


@gelu_tanh_backward.gradient("x")
def gelu_tanh_backward_wrt_x(xp, grad, above, x):
    square = x * x
    tanh = xp.tanh(x * (_GELU_A + _GELU_B * square))
    first = _GELU_A + 3 * _GELU_B * square  # the derivatives of what tanh is taken of
    second = 6 * _GELU_B * x
    steep = 1 - tanh * tanh
    return grad * above * (steep * (first + x * (0.5 * second - tanh * first * first)))


@gelu_tanh_backward.gradient("y")
def gelu_tanh_backward_wrt_y(xp, grad):
    return xp.zeros_like(grad)


@op
def relu(xp: Namespace, x: Array, /) -> Array:
    """``max(x, 0)``, elementwise. The gradient at 0 is 0."""
    return xp.maximum(x, 0)


@relu.gradient("x")
def relu_wrt_x(xp, grad, out):
    return relu_backward(grad, out)


@op
def relu_backward(xp: Namespace, above: Array, y: Array, /) -> Array:
    """The gradient of `relu`: `above`, the gradient of its result `y`, where `y` is positive (or NaN)."""
    return xp.where(y <= 0, 0, above)


@relu_backward.gradient("above")
def relu_backward_wrt_above(xp, grad, y):
    return relu_backward(grad, y)


@relu_backward.gradient("y")
def relu_backward_wrt_y(xp, grad):
    return xp.zeros_like(grad)


@op(precision="float32")
def softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """Exponentials divided by their sum along an axis.

    Parameters
    ----------
    x
        Logits, real, any shape.
    axis
        The axis along which the results sum to 1.
    """
    if 0 in x.shape:  # an empty axis has no largest element
        return xp.exp(x)
    exponentials = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=axis, keepdims=True)


@softmax.gradient("x")
def softmax_wrt_x(xp, grad, out, axis):
    return out * (grad - xp.sum(grad * out, axis=axis, keepdims=True))


@op(precision="float32")
def log_softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """The logarithm of `softmax`, computed without overflow or loss.

    Parameters
    ----------
    x
        Logits, real, any shape.
    axis
        The axis along which the exponentials of the results sum to 1.
    """
    if 0 in x.shape:
        return xp.exp(x)
    shifted = x - xp.max(x, axis=axis, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


@log_softmax.gradient("x")
def log_softmax_wrt_x(xp, grad, out, axis):
    return grad - xp.exp(out) * xp.sum(grad, axis=axis, keepdims=True)
