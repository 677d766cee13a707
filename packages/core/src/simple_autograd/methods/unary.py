"""Methods that work element by element on one array."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import ops
from .arguments import along_an_axis, cast_to, floating, required_axis
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["UnaryMethods"]


class UnaryMethods(VariablePart):
    """The elementwise methods of `Variable` that take no other array."""

    __slots__ = ()

    def abs(self) -> Variable:
        """Absolute value. The gradient at 0 is 0."""
        return ops.abs(self)

    absolute = abs

    def sign(self) -> Variable:
        """-1, 0 or 1 by the sign. The gradient is 0."""
        return ops.sign(self)

    def sgn(self) -> Variable:
        """`sign`; of complex elements, their direction ``v / abs(v)``."""
        return ops.sign(self)

    def signbit(self) -> Variable:
        """Whether the sign is negative. Not differentiable."""
        return ops.signbit(self)

    def neg(self) -> Variable:
        """The elements with the other sign."""
        return ops.negative(self)

    negative = neg

    def positive(self) -> Variable:
        """A copy, on the tape."""
        return ops.positive(self)

    def reciprocal(self) -> Variable:
        """``1 / v``, of integers too."""
        return ops.reciprocal(floating(self))

    def square(self) -> Variable:
        """``v * v``."""
        return ops.square(self)

    def sqrt(self) -> Variable:
        """Square root. The gradient at 0 is infinite."""
        return ops.sqrt(self)

    def rsqrt(self) -> Variable:
        """``1 / sqrt(v)``."""
        return ops.rsqrt(self)

    def exp(self) -> Variable:
        """``e`` to the power of the elements."""
        return ops.exp(self)

    def exp2(self) -> Variable:
        """2 to the power of the elements."""
        return ops.exp2(self)

    def expm1(self) -> Variable:
        """``exp(v) - 1``, accurate for small elements too."""
        return ops.expm1(self)

    def log(self) -> Variable:
        """Natural logarithm."""
        return ops.log(self)

    def log2(self) -> Variable:
        """Logarithm to the base 2."""
        return ops.log2(self)

    def log10(self) -> Variable:
        """Logarithm to the base 10."""
        return ops.log10(self)

    def log1p(self) -> Variable:
        """``log(1 + v)``, accurate for small elements too."""
        return ops.log1p(self)

    def sin(self) -> Variable:
        """Sine (radians)."""
        return ops.sin(self)

    def cos(self) -> Variable:
        """Cosine (radians)."""
        return ops.cos(self)

    def tan(self) -> Variable:
        """Tangent (radians)."""
        return ops.tan(self)

    def asin(self) -> Variable:
        """Inverse sine."""
        return ops.asin(self)

    arcsin = asin

    def acos(self) -> Variable:
        """Inverse cosine."""
        return ops.acos(self)

    arccos = acos

    def atan(self) -> Variable:
        """Inverse tangent."""
        return ops.atan(self)

    arctan = atan

    def sinh(self) -> Variable:
        """Hyperbolic sine."""
        return ops.sinh(self)

    def cosh(self) -> Variable:
        """Hyperbolic cosine."""
        return ops.cosh(self)

    def tanh(self) -> Variable:
        """Hyperbolic tangent."""
        return ops.tanh(self)

    def asinh(self) -> Variable:
        """Inverse hyperbolic sine."""
        return ops.asinh(self)

    arcsinh = asinh

    def acosh(self) -> Variable:
        """Inverse hyperbolic cosine."""
        return ops.acosh(self)

    arccosh = acosh

    def atanh(self) -> Variable:
        """Inverse hyperbolic tangent."""
        return ops.atanh(self)

    arctanh = atanh

    def sinc(self) -> Variable:
        """``sin(pi * v) / (pi * v)``; 1 at 0."""
        return ops.sinc(self)

    def deg2rad(self) -> Variable:
        """Degrees as radians."""
        return ops.deg2rad(self)

    def rad2deg(self) -> Variable:
        """Radians as degrees."""
        return ops.rad2deg(self)

    def ceil(self) -> Variable:
        """Rounded up. The gradient is 0."""
        return ops.ceil(self)

    def floor(self) -> Variable:
        """Rounded down. The gradient is 0."""
        return ops.floor(self)

    def trunc(self) -> Variable:
        """Rounded towards 0. The gradient is 0."""
        return ops.trunc(self)

    fix = trunc

    def frac(self) -> Variable:
        """What `trunc` cuts off. The gradient is 1."""
        return ops.frac(self)

    def angle(self) -> Variable:
        """The angle in the complex plane."""
        return ops.angle(self)

    def conj(self) -> Variable:
        """Complex conjugate; real elements stay."""
        return ops.conj(self) if self.is_complex() else ops.asarray(self, copy=True)

    conjugate = conj

    def isnan(self) -> Variable:
        """Whether elements are NaN. Not differentiable."""
        return ops.isnan(self)

    def isinf(self) -> Variable:
        """Whether elements are infinite. Not differentiable."""
        return ops.isinf(self)

    def isfinite(self) -> Variable:
        """Whether elements are neither infinite nor NaN. Not differentiable."""
        return ops.isfinite(self)

    def isposinf(self) -> Variable:
        """Whether elements are infinite and positive. Not differentiable."""
        return ops.equal(self, math.inf)

    def isneginf(self) -> Variable:
        """Whether elements are infinite and negative. Not differentiable."""
        return ops.equal(self, -math.inf)

    def isreal(self) -> Variable:
        """Whether elements have no imaginary part. Not differentiable."""
        if self.is_complex():
            return ops.equal(ops.imag(self), 0)
        return ops.ones_like(self, dtype="bool")

    def logical_not(self) -> Variable:
        """Whether elements are false. Not differentiable."""
        return ops.logical_not(self)

    def bitwise_not(self) -> Variable:
        """The bits inverted."""
        return ops.bitwise_invert(self)

    def erf(self) -> Variable:
        """The error function."""
        return ops.erf(self)

    def erfc(self) -> Variable:
        """``1 - erf(v)``."""
        return ops.erfc(self)

    def sigmoid(self) -> Variable:
        """``1 / (1 + exp(-v))``."""
        return ops.sigmoid(self)

    def relu(self) -> Variable:
        """``max(v, 0)``. The gradient at 0 is 0."""
        return ops.relu(self)

    def round(self, decimals: int = 0) -> Variable:
        """Rounded to so many decimals, halves to the even digit. The gradient is 0."""
        if decimals == 0:
            return ops.round(self)
        scale = 10.0**decimals
        return ops.divide(ops.round(ops.multiply(self, scale)), scale)

    def clip(self, min: Any = None, max: Any = None) -> Variable:
        """The elements, confined to [min, max]. The gradient passes where they lie within, borders included."""
        return ops.clip(self, min, max)

    clamp = clip

    def clamp_min(self, min: Any) -> Variable:
        """The elements, `min` where they are less."""
        return ops.clip(self, min)

    def clamp_max(self, max: Any) -> Variable:
        """The elements, `max` where they are greater."""
        return ops.clip(self, None, max)

    def nan_to_num(
        self, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
    ) -> Variable:
        """The elements with numbers in the place of NaN (0 by default) and infinities (the largest and smallest)."""
        return ops.nan_to_num(self, 0.0 if nan is None else nan, posinf, neginf)

    def logit(self, eps: float | None = None) -> Variable:
        """``log(v / (1 - v))``, the inverse of `sigmoid`; `eps` confines the elements to [eps, 1 - eps] first."""
        return ops.logit(self, eps)

    @along_an_axis
    def softmax(
        self, dim: int | None = None, *, axis: int | None = None, dtype: Any = None
    ) -> Variable:
        """Exponentials, divided by their sum along an axis."""
        return ops.softmax(cast_to(self, dtype), axis=required_axis("softmax", dim, axis))

    @along_an_axis
    def log_softmax(
        self, dim: int | None = None, *, axis: int | None = None, dtype: Any = None
    ) -> Variable:
        """The logarithm of `softmax`, computed without overflow."""
        return ops.log_softmax(cast_to(self, dtype), axis=required_axis("log_softmax", dim, axis))

    @property
    def real(self) -> Variable:
        """The real parts."""
        return ops.real(self)

    @property
    def imag(self) -> Variable:
        """The imaginary parts."""
        return ops.imag(self)

    # SciPy computes these.

    def erfinv(self) -> Variable:
        """The inverse of `erf`. Needs SciPy."""
        return ops.erfinv(self)

    def lgamma(self) -> Variable:
        """The logarithm of the absolute value of the gamma function. Needs SciPy."""
        return ops.gammaln(self)

    def digamma(self) -> Variable:
        """The derivative of `lgamma`. Needs SciPy."""
        return ops.digamma(self)

    def i0(self) -> Variable:
        """The modified Bessel function of order 0. Needs SciPy."""
        return ops.i0(self)

    def polygamma(self, n: int) -> Variable:
        """The `n`-th derivative of `digamma`. Needs SciPy."""
        return ops.polygamma(n, self)

    def mvlgamma(self, p: int) -> Variable:
        """The logarithm of the gamma function of dimension `p`. Needs SciPy."""
        return ops.multigammaln(self, p)
