"""Methods that work element by element on two arrays: arithmetic, choices, comparisons, logic and bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from .arguments import floating
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
        if rounding_mode is None:
            return ops.divide(self, other)
        if ops.isdtype(ops.result_type(self, other), "integral"):
            return ops.floor_divide(ops.subtract(self, ops.fmod(self, other)), other)
        return ops.trunc(ops.divide(self, other))

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
        """The unit step; `values` where the elements are 0. Integers give integers."""
        dtype = ops.result_type(self, values)
        if self.backend.is_floating(dtype):
            return ops.heaviside(self, values)
        steps = ops.astype(ops.greater(self, 0), dtype)
        return ops.where(ops.equal(self, 0), values, steps)

    def ldexp(self, other: Any) -> Variable:
        """``v * 2**other``. For integers `other` it overflows only if the result does."""
        exponents = ops.asarray(other)
        if self.backend.is_floating(exponents.dtype):
            return ops.multiply(self, ops.exp2(exponents))
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

    def gcd(self, other: Any) -> Variable:
        """The greatest common divisor of integers."""
        a, b = ops.broadcast_arrays(ops.abs(self), ops.abs(other))
        while ops.any(b).item():  # Euclid's algorithm, for all elements until the last is done
            ended = ops.equal(b, 0)
            rest = ops.where(ended, 0, ops.remainder(a, ops.where(ended, 1, b)))
            a, b = ops.where(ended, a, b), rest
        return a

    def lcm(self, other: Any) -> Variable:
        """The least common multiple of integers; 0 if either is 0."""
        divisor = self.gcd(other)
        divisor = ops.where(ops.equal(divisor, 0), 1, divisor)
        return ops.abs(ops.multiply(ops.floor_divide(self, divisor), other))

    def lerp(self, end: Any, weight: Any) -> Variable:
        """``v + weight * (end - v)``: a part of the way to `end`."""
        return ops.add(self, ops.multiply(weight, ops.subtract(end, self)))

    def addcmul(self, tensor1: Any, tensor2: Any, *, value: float = 1) -> Variable:
        """``v + value * tensor1 * tensor2``."""
        return self.add(ops.multiply(tensor1, tensor2), alpha=value)

    def addcdiv(self, tensor1: Any, tensor2: Any, *, value: float = 1) -> Variable:
        """``v + value * tensor1 / tensor2``."""
        return self.add(ops.divide(tensor1, tensor2), alpha=value)

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

    def equal(self, other: Any) -> bool:
        """Whether another has the same shape and elements: one answer, where `eq` has one for each element."""
        return self.shape == other.shape and bool(ops.all(ops.equal(self, other)).item())

    def isclose(
        self, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
    ) -> Variable:
        """Whether ``abs(v - other) <= atol + rtol * abs(other)``. Not differentiable."""
        x, y = floating(self), floating(ops.asarray(other))
        gap = ops.abs(ops.subtract(x, y))
        allowed = ops.add(ops.multiply(ops.abs(y), rtol), atol)
        near = ops.logical_and(ops.isfinite(gap), ops.less_equal(gap, allowed))
        near = ops.logical_or(near, ops.equal(x, y))
        if equal_nan:
            near = ops.logical_or(near, ops.logical_and(ops.isnan(x), ops.isnan(y)))
        return near

    def allclose(
        self, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
    ) -> bool:
        """Whether `isclose` holds for all elements."""
        return bool(ops.all(self.isclose(other, rtol, atol, equal_nan)).item())

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
