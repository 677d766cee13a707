"""``Parameter``: a Variable that a module counts among what it learns.

It adds nothing to `Variable` but its type, by which `Module` knows it. How parameters are initialised is said in
``init.py``, and how they are moved to another backend or data type, here. Callers: the layers, and ``module.py``.
"""

from __future__ import annotations

from typing import Any

from ..backends import Backend, kernel
from ..types import Array, DType, Namespace
from ..variable import Variable

__all__ = ["Parameter", "assign_", "flat_zeros", "move_", "moved"]


class Parameter(Variable):
    """A Variable that, assigned to an attribute of a `Module`, is one of its parameters.

    Parameters
    ----------
    data
        An array of any backend, or whatever `Variable` takes. Memory is shared where it can be, and an optimizer
        writes into it.
    requires_grad
        Whether gradients flow to it.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> nn.Parameter([1.0, 2.0])
    Parameter([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    _held = True

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad)


@kernel
def flat_zeros(xp: Namespace, size: int, dtype: DType) -> Array:
    """Make the memory of parameters, or of what an optimizer knows of them."""
    return xp.zeros((size,), dtype=dtype)


def move_(variable: Variable, target: Backend, dtype: str | None) -> None:
    """Move a leaf, in place, to a backend and a data type; its gradient goes along.

    The Variable stays the same object, so who holds it (a module, an optimizer) holds it still. Graphs recorded
    before are not to be walked any more.

    Parameters
    ----------
    variable
        A leaf.
    target, dtype
        As in `moved`.
    """
    source = variable._backend
    data = moved(variable._raw, source, target, dtype)
    if data is variable._raw:
        return
    grad = variable.grad
    assign_(variable, data, target)
    if variable.requires_grad and grad is not None:
        raw = grad.data if isinstance(grad, Variable) else grad
        variable.grad = moved(raw, source, target, dtype)


def assign_(variable: Variable, array: Array, backend: Backend) -> None:
    """Let a leaf, in place, hold another array, of any backend and data type; its gradient is not changed.

    Raises
    ------
    TypeError
        If the leaf requires grad, and the array is of a type that has none.
    """
    node = variable._node
    if node is not None:
        if not backend.is_floating(array.dtype):
            raise TypeError(
                f"assign: the array has the type {array.dtype}; needed is a floating one, for a Variable that requires "
                f"grad."
            )
        node.backend, node.shape, node.dtype = backend, array.shape, array.dtype
    variable._raw, variable._backend = array, backend


def moved(array: Array, source: Backend, target: Backend, dtype: str | None) -> Array:
    """Give a raw array on another backend and as another data type; the array itself if it is there already.

    Parameters
    ----------
    array
        An array of `source`.
    source, target
        Where it is, and where it shall be.
    dtype
        The name of a data type for floating data, or None; data that is not floating keeps the type it has.
    """
    if dtype is None or not source.is_floating(array.dtype):
        dtype = source.dtype_name(array.dtype)
    if source is not target:
        array = target.moved(array, source)
    return target.xp.astype(array, target.dtype(dtype), copy=False)
