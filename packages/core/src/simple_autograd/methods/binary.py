"""Methods that work element by element on two arrays: arithmetic, choices, comparisons, logic and bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["BinaryMethods"]


class BinaryMethods(VariablePart):
    """The elementwise methods of `Variable` that take another array, or a number."""

    __slots__ = ()

    def add(self, other: Any, *, alpha: float = 1) -> Variable:
        """``v + alpha * other``."""
        return ops.add(self, other if alpha == 1 else other * alpha)

    def sub(self, other: Any, *, alpha: float = 1) -> Variable:
        """``v - alpha * other``."""
        return ops.subtract(self, other if alpha == 1 else other * alpha)

    subtract = sub

    def div(self, other: Any, *, rounding_mode: str | None = None) -> Variable:
        """``v / other``, rounded down (``"floor"``) or towards 0 (``"trunc"``) if asked for; then the gradient is 0."""
        if rounding_mode == "floor":
            return ops.floor_divide(self, other)
        if rounding_mode not in (None, "trunc"):
            raise ValueError(
                f"div: rounding_mode is {rounding_mode!r}; needed is None, 'trunc' or 'floor'."
            )
        quotient = ops.divide(self, other)
        return quotient if rounding_mode is None else ops.trunc(quotient)

    divide = div

    def true_divide(self, other: Any) -> Variable:
        """``v / other``."""
        return ops.divide(self, other)

    def mul(self, other: Any) -> Variable:
        """``v * other``."""
        return ops.multiply(self, other)

    multiply = mul

    def remainder(self, other: Any) -> Variable:
        """``v % other``, with the sign of `other`."""
        return ops.remainder(self, other)

    def fmod(self, other: Any) -> Variable:
        """The remainder with the sign of the Variable."""
        return ops.fmod(self, other)

    def floor_divide(self, other: Any) -> Variable:
        """``v // other``. The gradient is 0."""
        return ops.floor_divide(self, other)

    def pow(self, exponent: Any) -> Variable:
        """``v ** exponent``."""
        return ops.pow(self, exponent)

    def hypot(self, other: Any) -> Variable:
        """``sqrt(v**2 + other**2)``, without overflow. The gradient at the origin is 0."""
        return ops.hypot(self, other)

    def atan2(self, other: Any) -> Variable:
        """The angle of the points (other, v). The gradient at the origin is 0."""
        return ops.atan2(self, other)

    arctan2 = atan2

    def copysign(self, other: Any) -> Variable:
        """The elements with the signs of `other`."""
        return ops.copysign(self, other)

    def nextafter(self, other: Any) -> Variable:
        """The next number towards `other`."""
        return ops.nextafter(self, other)

    def heaviside(self, values: Any) -> Variable:
        """The unit step; `values` where the elements are 0."""
        return ops.heaviside(self, values)

    def ldexp(self, other: Any) -> Variable:
        """``v * 2**other``, for integers `other`."""
        return ops.ldexp(self, other)

    def logaddexp(self, other: Any) -> Variable:
        """``log(exp(v) + exp(other))``, without overflow."""
        return ops.logaddexp(self, other)

    def logaddexp2(self, other: Any) -> Variable:
        """``log2(2**v + 2**other)``, without overflow."""
        return ops.logaddexp2(self, other)

    def xlogy(self, other: Any) -> Variable:
        """``v * log(other)``, and 0 where `v` is 0."""
        return ops.xlogy(self, other)

    def maximum(self, other: Any) -> Variable:
        """The larger of two. Equal elements share the gradient in halves."""
        return ops.maximum(self, other)

    def minimum(self, other: Any) -> Variable:
        """The smaller of two. Equal elements share the gradient in halves."""
        return ops.minimum(self, other)

    def fmax(self, other: Any) -> Variable:
        """The larger of two, a number rather than NaN."""
        return ops.fmax(self, other)

    def fmin(self, other: Any) -> Variable:
        """The smaller of two, a number rather than NaN."""
        return ops.fmin(self, other)

    def eq(self, other: Any) -> Variable:
        """``v == other``. Not differentiable, as all comparisons."""
        return ops.equal(self, other)

    def ne(self, other: Any) -> Variable:
        """``v != other``."""
        return ops.not_equal(self, other)

    not_equal = ne

    def lt(self, other: Any) -> Variable:
        """``v < other``."""
        return ops.less(self, other)

    less = lt

    def le(self, other: Any) -> Variable:
        """``v <= other``."""
        return ops.less_equal(self, other)

    less_equal = le

    def gt(self, other: Any) -> Variable:
        """``v > other``."""
        return ops.greater(self, other)

    greater = gt

    def ge(self, other: Any) -> Variable:
        """``v >= other``."""
        return ops.greater_equal(self, other)

    greater_equal = ge

    def logical_and(self, other: Any) -> Variable:
        """Whether both are true."""
        return ops.logical_and(self, other)

    def logical_or(self, other: Any) -> Variable:
        """Whether either is true."""
        return ops.logical_or(self, other)

    def logical_xor(self, other: Any) -> Variable:
        """Whether exactly one is true."""
        return ops.logical_xor(self, other)

    def bitwise_and(self, other: Any) -> Variable:
        """``v & other``."""
        return ops.bitwise_and(self, other)

    def bitwise_or(self, other: Any) -> Variable:
        """``v | other``."""
        return ops.bitwise_or(self, other)

    def bitwise_xor(self, other: Any) -> Variable:
        """``v ^ other``."""
        return ops.bitwise_xor(self, other)

    def bitwise_left_shift(self, other: Any) -> Variable:
        """``v << other``."""
        return ops.bitwise_left_shift(self, other)

    def bitwise_right_shift(self, other: Any) -> Variable:
        """``v >> other``."""
        return ops.bitwise_right_shift(self, other)

    def float_power(self: Variable, exponent: Any) -> Variable:  # type: ignore[misc]
        """The elements to the power of `exponent`, in double precision."""
        is_complex = ops.isdtype(self.dtype, "complex floating")
        return ops.pow(ops.astype(self, "complex128" if is_complex else "float64"), exponent)

    def where(self, condition: Any, other: Any) -> Variable:
        """The elements where `condition` holds, those of `other` elsewhere."""
        return ops.where(condition, self, other)
