"""Python's operators for Variables. Each forwards to the op of that name, and says nothing more.

This module and ``methods.py`` are the one place where imports go round: ops make Variables, and a Variable's operators
call ops. So they import the package ``ops`` as a whole and look its names up when called; the package's
``__init__.py`` imports ``ops`` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import ops

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["Operators"]


class Operators:
    """What ``+``, ``@``, ``[]`` and their like do. Operands are Variables, arrays of the same backend, or numbers."""

    __slots__ = ()

    def __add__(self, other: Any) -> Variable:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Variable:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Variable:
        return ops.subtract(self, other)

    def __rsub__(self, other: Any) -> Variable:
        return ops.subtract(other, self)

    def __mul__(self, other: Any) -> Variable:
        return ops.multiply(self, other)

    def __rmul__(self, other: Any) -> Variable:
        return ops.multiply(other, self)

    def __truediv__(self, other: Any) -> Variable:
        return ops.divide(self, other)

    def __rtruediv__(self, other: Any) -> Variable:
        return ops.divide(other, self)

    def __floordiv__(self, other: Any) -> Variable:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Variable:
        return ops.floor_divide(other, self)

    def __mod__(self, other: Any) -> Variable:
        return ops.remainder(self, other)

    def __rmod__(self, other: Any) -> Variable:
        return ops.remainder(other, self)

    def __pow__(self, other: Any) -> Variable:
        return ops.pow(self, other)

    def __rpow__(self, other: Any) -> Variable:
        return ops.pow(other, self)

    def __matmul__(self, other: Any) -> Variable:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Variable:
        return ops.matmul(other, self)

    def __neg__(self) -> Variable:
        return ops.negative(self)

    def __pos__(self) -> Variable:
        return ops.positive(self)

    def __abs__(self) -> Variable:
        return ops.abs(self)

    def __eq__(self, other: object) -> Variable:  # type: ignore[override]
        return ops.equal(self, other)

    def __ne__(self, other: object) -> Variable:  # type: ignore[override]
        return ops.not_equal(self, other)

    def __lt__(self, other: Any) -> Variable:
        return ops.less(self, other)

    def __le__(self, other: Any) -> Variable:
        return ops.less_equal(self, other)

    def __gt__(self, other: Any) -> Variable:
        return ops.greater(self, other)

    def __ge__(self, other: Any) -> Variable:
        return ops.greater_equal(self, other)

    # The logical and bitwise operators mean one or the other by the data type, as in the standard.

    def __and__(self, other: Any) -> Variable:
        return ops.bitwise_and(self, other)

    def __rand__(self, other: Any) -> Variable:
        return ops.bitwise_and(other, self)

    def __or__(self, other: Any) -> Variable:
        return ops.bitwise_or(self, other)

    def __ror__(self, other: Any) -> Variable:
        return ops.bitwise_or(other, self)

    def __xor__(self, other: Any) -> Variable:
        return ops.bitwise_xor(self, other)

    def __rxor__(self, other: Any) -> Variable:
        return ops.bitwise_xor(other, self)

    def __lshift__(self, other: Any) -> Variable:
        return ops.bitwise_left_shift(self, other)

    def __rlshift__(self, other: Any) -> Variable:
        return ops.bitwise_left_shift(other, self)

    def __rshift__(self, other: Any) -> Variable:
        return ops.bitwise_right_shift(self, other)

    def __rrshift__(self, other: Any) -> Variable:
        return ops.bitwise_right_shift(other, self)

    def __invert__(self) -> Variable:
        return ops.bitwise_invert(self)

    def __getitem__(self, key: Any) -> Variable:
        return ops.getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        ops.setitem(self, key, value)  # type: ignore[arg-type] # it is part of a Variable

    # v += w rebinds v to a new Variable: __iadd__ and its like are left undefined, and Python falls back to v + w.
    # So the tape never sees a value change, and no gradient can be falsified.
