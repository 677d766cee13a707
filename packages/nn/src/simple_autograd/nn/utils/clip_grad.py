"""Clipping gradients between ``backward`` and an optimizer's step. It writes into the gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ...backends import Backend, kernel
from ...types import Array, Namespace
from ...variable import Variable, wrap
from ...writes import written
from ..functional.arguments import backend_of_argument

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]


def clip_grad_norm_(
    parameters: Variable | Iterable[Variable],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Variable:
    """Scale all gradients down together, so that their norm, as that of one vector, is at most `max_norm`.

    Parameters
    ----------
    parameters
        Whose gradients; those without one are passed over.
    max_norm
        The largest norm.
    norm_type
        The order of the norm; infinity for the largest element.
    error_if_nonfinite
        Raise if the norm is NaN or infinite. By default gradients become NaN, or zero and NaN, then.

    Returns
    -------
    Variable
        The norm before, ().

    Raises
    ------
    RuntimeError
        If the norm is not finite and `error_if_nonfinite` is set.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> v = Variable([3.0, 4.0])
    >>> (v * v).sum().backward()
    >>> nn.utils.clip_grad_norm_([v], 1.0).item()
    10.0
    >>> v.grad.round(3)
    array([0.6, 0.8])
    """
    parameters = _listed(parameters)
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = get_total_norm(gradients, norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, norm)
    return norm


def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Variable:
    """Give the norm of several arrays, as that of one vector.

    Parameters
    ----------
    tensors
        A Variable or raw array, or several of one backend.
    norm_type
        The order of the norm; infinity for the largest element.
    error_if_nonfinite
        Raise if the norm is NaN or infinite.

    Returns
    -------
    Variable
        (), without a gradient; 0 for no arrays at all.

    Raises
    ------
    RuntimeError
        If the norm is not finite and `error_if_nonfinite` is set.
    """
    tensors = [tensors] if hasattr(tensors, "shape") else list(tensors)
    if not tensors:
        return Variable(0.0, requires_grad=False)
    backend: Backend = backend_of_argument("get_total_norm", "tensors", tensors[0])
    arrays = [tensor.data if isinstance(tensor, Variable) else tensor for tensor in tensors]
    filled = [array for array in arrays if math.prod(array.shape)] or arrays[:1]
    norm = backend.asarray(total_norm(backend, filled, float(norm_type)))
    if error_if_nonfinite and not bool(backend.xp.isfinite(norm)):
        raise RuntimeError(
            f"get_total_norm: the norm of order {norm_type} is {float(norm)}; needed is a finite one. Pass "
            f"error_if_nonfinite=False to go on."
        )
    return wrap(norm, backend, None)


@kernel
def total_norm(xp: Namespace, arrays: Sequence[Array], order: float) -> Array:
    """Give the norm of several arrays, as that of one vector."""
    norms = [xp.linalg.vector_norm(array, ord=order) for array in arrays]
    return xp.linalg.vector_norm(xp.stack(norms), ord=order)


def clip_grads_with_norm_(
    parameters: Variable | Iterable[Variable], max_norm: float, total_norm: Any
) -> None:
    """Scale all gradients by ``max_norm / total_norm``, if that is less than 1.

    Parameters
    ----------
    parameters
        Whose gradients; those without one are passed over.
    max_norm
        The largest norm.
    total_norm
        The norm that they have (see `get_total_norm`), a number or of shape ().
    """
    norm = total_norm.data if isinstance(total_norm, Variable) else total_norm
    for backend, array in _gradients(parameters):
        xp = backend.xp
        # Computed there, a device need not be waited for.
        share = max_norm / (backend.asarray(norm, dtype=array.dtype) + 1e-6)
        array *= xp.minimum(share, xp.ones_like(share))
        written(backend, array, "clip_grads_with_norm_")


def clip_grad_value_(parameters: Variable | Iterable[Variable], clip_value: float) -> None:
    """Clip every element of every gradient to ``[-clip_value, clip_value]``.

    Parameters
    ----------
    parameters
        Whose gradients; those without one are passed over.
    clip_value
        The largest size of an element.
    """
    bound = float(clip_value)
    for backend, array in _gradients(parameters):
        array[...] = backend.xp.clip(array, -bound, bound)
        written(backend, array, "clip_grad_value_")


def _listed(parameters: Variable | Iterable[Variable]) -> list[Variable]:
    return [parameters] if isinstance(parameters, Variable) else list(parameters)


def _gradients(parameters: Variable | Iterable[Variable]) -> list[tuple[Backend, Array]]:
    """Give the raw arrays of the gradients that there are, and their backends."""
    return [
        (parameter.backend, grad.data if isinstance(grad, Variable) else grad)
        for parameter in _listed(parameters)
        if (grad := parameter.grad) is not None
    ]
