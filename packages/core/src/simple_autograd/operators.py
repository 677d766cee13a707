"""Python's operators for Variables. Each forwards to the op of that name, and says nothing more.

What no op takes may be of a class that knows of Variables: it is asked (its ``__radd__`` and the like), see `_leave_to`.

This module and ``methods.py`` are the one place where imports go round: ops make Variables, and a Variable's operators
call ops. So they import the package ``ops`` as a whole and look its names up when called; the package's
``__init__.py`` imports ``ops`` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import ops
from .errors import OperandError

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["Operators"]


class Operators:
    """What ``+``, ``@``, ``[]`` and their like do. Operands are Variables, arrays of the same backend, or numbers."""

    __slots__ = ()

    def __add__(self, other: Any) -> Variable:
        try:
            return ops.add(self, other)
        except OperandError as error:
            return _leave_to(other, "__radd__", error)

    def __radd__(self, other: Any) -> Variable:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Variable:
        try:
            return ops.subtract(self, other)
        except OperandError as error:
            return _leave_to(other, "__rsub__", error)

    def __rsub__(self, other: Any) -> Variable:
        return ops.subtract(other, self)

    def __mul__(self, other: Any) -> Variable:
        try:
            return ops.multiply(self, other)
        except OperandError as error:
            return _leave_to(other, "__rmul__", error)

    def __rmul__(self, other: Any) -> Variable:
        return ops.multiply(other, self)

    def __truediv__(self, other: Any) -> Variable:
        try:
            return ops.divide(self, other)
        except OperandError as error:
            return _leave_to(other, "__rtruediv__", error)

    def __rtruediv__(self, other: Any) -> Variable:
        return ops.divide(other, self)

    def __floordiv__(self, other: Any) -> Variable:
        try:
            return ops.floor_divide(self, other)
        except OperandError as error:
            return _leave_to(other, "__rfloordiv__", error)

    def __rfloordiv__(self, other: Any) -> Variable:
        return ops.floor_divide(other, self)

    def __mod__(self, other: Any) -> Variable:
        try:
            return ops.remainder(self, other)
        except OperandError as error:
            return _leave_to(other, "__rmod__", error)

    def __rmod__(self, other: Any) -> Variable:
        return ops.remainder(other, self)

    def __pow__(self, other: Any) -> Variable:
        try:
            return ops.pow(self, other)
        except OperandError as error:
            return _leave_to(other, "__rpow__", error)

    def __rpow__(self, other: Any) -> Variable:
        return ops.pow(other, self)

    def __matmul__(self, other: Any) -> Variable:
        try:
            return ops.matmul(self, other)
        except OperandError as error:
            return _leave_to(other, "__rmatmul__", error)

    def __rmatmul__(self, other: Any) -> Variable:
        return ops.matmul(other, self)

    def __neg__(self) -> Variable:
        return ops.negative(self)

    def __pos__(self) -> Variable:
        return ops.positive(self)

    def __abs__(self) -> Variable:
        return ops.abs(self)

    def __eq__(self, other: object) -> Variable:  # type: ignore[override]
        try:
            return ops.equal(self, other)
        except OperandError as error:
            return _leave_to(other, "__eq__", error)

    def __ne__(self, other: object) -> Variable:  # type: ignore[override]
        try:
            return ops.not_equal(self, other)
        except OperandError as error:
            return _leave_to(other, "__ne__", error)

    def __lt__(self, other: Any) -> Variable:
        try:
            return ops.less(self, other)
        except OperandError as error:
            return _leave_to(other, "__gt__", error)

    def __le__(self, other: Any) -> Variable:
        try:
            return ops.less_equal(self, other)
        except OperandError as error:
            return _leave_to(other, "__ge__", error)

    def __gt__(self, other: Any) -> Variable:
        try:
            return ops.greater(self, other)
        except OperandError as error:
            return _leave_to(other, "__lt__", error)

    def __ge__(self, other: Any) -> Variable:
        try:
            return ops.greater_equal(self, other)
        except OperandError as error:
            return _leave_to(other, "__le__", error)

    # The logical and bitwise operators mean one or the other by the data type, as in the standard.

    def __and__(self, other: Any) -> Variable:
        try:
            return ops.bitwise_and(self, other)
        except OperandError as error:
            return _leave_to(other, "__rand__", error)

    def __rand__(self, other: Any) -> Variable:
        return ops.bitwise_and(other, self)

    def __or__(self, other: Any) -> Variable:
        try:
            return ops.bitwise_or(self, other)
        except OperandError as error:
            return _leave_to(other, "__ror__", error)

    def __ror__(self, other: Any) -> Variable:
        return ops.bitwise_or(other, self)

    def __xor__(self, other: Any) -> Variable:
        try:
            return ops.bitwise_xor(self, other)
        except OperandError as error:
            return _leave_to(other, "__rxor__", error)

    def __rxor__(self, other: Any) -> Variable:
        return ops.bitwise_xor(other, self)

    def __lshift__(self, other: Any) -> Variable:
        try:
            return ops.bitwise_left_shift(self, other)
        except OperandError as error:
            return _leave_to(other, "__rlshift__", error)

    def __rlshift__(self, other: Any) -> Variable:
        return ops.bitwise_left_shift(other, self)

    def __rshift__(self, other: Any) -> Variable:
        try:
            return ops.bitwise_right_shift(self, other)
        except OperandError as error:
            return _leave_to(other, "__rrshift__", error)

    def __rrshift__(self, other: Any) -> Variable:
        return ops.bitwise_right_shift(other, self)

    def __invert__(self) -> Variable:
        return ops.bitwise_invert(self)

    def __getitem__(self, key: Any) -> Variable:
        return ops.getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        ops.setitem(self, key, value)  # type: ignore[arg-type] # it is part of a Variable

    # v += w rebinds v to a new Variable, so that the tape never sees a value change, and no gradient can be falsified.
    # But inside no_grad() a Variable that requires grad keeps doing so, and is written in place: p -= lr * p.grad.

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
    if not variable.requires_grad or result.requires_grad:
        return result
    ops.setitem(variable, ..., result)
    return variable


def _leave_to(other: Any, method: str, error: OperandError) -> Any:
    """Give ``NotImplemented`` where the class of an operand that no op takes has the answer to an operator.

    Python then asks ``other.method``. Of Python's own classes none has one, but for ``==`` and ``!=`` with what is no
    sequence of numbers: those compare identities then (``v == None`` is False, as in PyTorch).
    """
    if type(other).__module__ == "builtins":
        answers = method in ("__eq__", "__ne__") and not isinstance(other, list | tuple)
    else:
        answers = hasattr(type(other), method)
    if answers:
        return NotImplemented
    raise error
