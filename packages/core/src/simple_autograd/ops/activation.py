"""Functions of neural networks that the standard does not have: sigmoid, relu, softmax and its logarithm."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace

__all__ = ["log_softmax", "relu", "sigmoid", "softmax"]


@op
def sigmoid(xp: Namespace, x: Array, /) -> Array:
    """``1 / (1 + exp(-x))``, elementwise, without overflow."""
    small = xp.exp(-xp.abs(x))  # in (0, 1] whatever the sign
    return xp.where(x >= 0, 1, small) / (1 + small)


@sigmoid.gradient("x")
def sigmoid_wrt_x(xp, grad, out):
    return grad * out * (1 - out)


@op
def relu(xp: Namespace, x: Array, /) -> Array:
    """``max(x, 0)``, elementwise. The gradient at 0 is 0."""
    return xp.maximum(x, 0)


@relu.gradient("x")
def relu_wrt_x(xp, grad, out):
    return relu_backward(grad, out)


@op
def relu_backward(xp: Namespace, grad: Array, out: Array, /) -> Array:
    """The gradient of `relu`: `grad` where the result `out` is positive."""
    return xp.where(out > 0, grad, 0)


@relu_backward.gradient("grad")
def relu_backward_wrt_grad(xp, grad, out):
    return relu_backward(grad, out)


@relu_backward.gradient("out")
def relu_backward_wrt_out(xp, grad):
    return xp.zeros_like(grad)


@op
def softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """Exponentials divided by their sum along an axis.

    Parameters
    ----------
    x
        Logits, real, any shape.
    axis
        The axis along which the results sum to 1.
    """
    exponentials = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=axis, keepdims=True)


@softmax.gradient("x")
def softmax_wrt_x(xp, grad, out, axis):
    return out * (grad - xp.sum(grad * out, axis=axis, keepdims=True))


@op
def log_softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """The logarithm of `softmax`, computed without overflow or loss.

    Parameters
    ----------
    x
        Logits, real, any shape.
    axis
        The axis along which the exponentials of the results sum to 1.
    """
    shifted = x - xp.max(x, axis=axis, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


@log_softmax.gradient("x")
def log_softmax_wrt_x(xp, grad, out, axis):
    return grad - xp.exp(out) * xp.sum(grad, axis=axis, keepdims=True)
