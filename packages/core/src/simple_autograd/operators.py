"""Python's operators for Variables: each does what the op of its name does.

What no op takes may be of a class that knows of Variables: it is asked (its ``__radd__`` and so on).

This module and ``methods/`` are the one place where imports go round: ops make Variables, and a Variable's operators
call ops. So they import the package ``ops`` as a whole and look its names up when called.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from . import ops
from .late import compiled_later

if TYPE_CHECKING:
    from collections.abc import Callable

    from .variable import Variable

__all__ = ["Operators"]


def _operator(
    name: str, *, asks: str | None = None, reflected: bool = False
) -> Callable[[Any, Any], Variable]:
    """Make an operator's method, compiled when first called (see `compile_operator`)."""

    def compile_into(call: FunctionType) -> None:
        from .calls import compile_operator

        compile_operator(call, getattr(ops, name).op, asks, reflected=reflected)

    return compiled_later(name, compile_into)


class Operators:
    """What ``+``, ``@``, ``[]`` and their like do. Operands are Variables, arrays of the same backend, or numbers."""

    __slots__ = ()

    __add__ = _operator("add", asks="__radd__")
    __radd__ = _operator("add", reflected=True)
    __sub__ = _operator("subtract", asks="__rsub__")
    __rsub__ = _operator("subtract", reflected=True)
    __mul__ = _operator("multiply", asks="__rmul__")
    __rmul__ = _operator("multiply", reflected=True)
    __truediv__ = _operator("divide", asks="__rtruediv__")
    __rtruediv__ = _operator("divide", reflected=True)
    __floordiv__ = _operator("floor_divide", asks="__rfloordiv__")
    __rfloordiv__ = _operator("floor_divide", reflected=True)
    __mod__ = _operator("remainder", asks="__rmod__")
    __rmod__ = _operator("remainder", reflected=True)
    __pow__ = _operator("pow", asks="__rpow__")
    __rpow__ = _operator("pow", reflected=True)
    __matmul__ = _operator("matmul", asks="__rmatmul__")
    __rmatmul__ = _operator("matmul", reflected=True)

    def __neg__(self) -> Variable:
        return ops.negative(self)

    def __pos__(self) -> Variable:
        return ops.positive(self)

    def __abs__(self) -> Variable:
        return ops.abs(self)

    __eq__ = _operator("equal", asks="__eq__")  # type: ignore[assignment]
    __ne__ = _operator("not_equal", asks="__ne__")  # type: ignore[assignment]
    __lt__ = _operator("less", asks="__gt__")
    __le__ = _operator("less_equal", asks="__ge__")
    __gt__ = _operator("greater", asks="__lt__")
    __ge__ = _operator("greater_equal", asks="__le__")

    # The logical and bitwise operators mean one or the other by the data type, as in the standard.

    __and__ = _operator("bitwise_and", asks="__rand__")
    __rand__ = _operator("bitwise_and", reflected=True)
    __or__ = _operator("bitwise_or", asks="__ror__")
    __ror__ = _operator("bitwise_or", reflected=True)
    __xor__ = _operator("bitwise_xor", asks="__rxor__")
    __rxor__ = _operator("bitwise_xor", reflected=True)
    __lshift__ = _operator("bitwise_left_shift", asks="__rlshift__")
    __rlshift__ = _operator("bitwise_left_shift", reflected=True)
    __rshift__ = _operator("bitwise_right_shift", asks="__rrshift__")
    __rrshift__ = _operator("bitwise_right_shift", reflected=True)

    def __invert__(self) -> Variable:
        return ops.bitwise_invert(self)

    def __getitem__(self, key: Any) -> Variable:
        return ops.getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        ops.setitem(self, key, value)  # type: ignore[arg-type] # it is part of a Variable

    # v += w rebinds v to a new Variable, so that the tape never sees a value change, and no gradient can be falsified.
    # But inside no_grad() a Variable that requires grad keeps doing so, and is written in place: p -= lr * p.grad. So
    # is what a module holds, frozen or not, which would not learn of a new Variable: average *= 0.9.

    def __iadd__(self, other: Any) -> Variable:
        return _augmented(self, self + other)  # type: ignore[arg-type]

    def __isub__(self, other: Any) -> Variable:
        return _augmented(self, self - other)  # type: ignore[arg-type]

    def __imul__(self, other: Any) -> Variable:
        return _augmented(self, self * other)  # type: ignore[arg-type]

    def __itruediv__(self, other: Any) -> Variable:
        return _augmented(self, self / other)  # type: ignore[arg-type]

    def __ifloordiv__(self, other: Any) -> Variable:
        return _augmented(self, self // other)  # type: ignore[arg-type]

    def __imod__(self, other: Any) -> Variable:
        return _augmented(self, self % other)  # type: ignore[arg-type]

    def __ipow__(self, other: Any) -> Variable:
        return _augmented(self, self**other)  # type: ignore[arg-type]

    def __imatmul__(self, other: Any) -> Variable:
        return _augmented(self, self @ other)  # type: ignore[arg-type]


def _augmented(variable: Variable, result: Variable) -> Variable:
    """Give what an augmented assignment binds: the result, or the Variable with the result written into it."""
    if result.requires_grad or not (variable.requires_grad or variable._held):
        return result
    ops.setitem(variable, ..., result)
    return variable
