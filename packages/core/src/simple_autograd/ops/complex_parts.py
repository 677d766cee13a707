"""Elementwise functions on complex numbers: their parts, conjugates and angles. Real numbers are complex ones too."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace

__all__ = ["angle", "conj", "imag", "real"]


@op
def conj(xp: Namespace, x: Array, /) -> Array:
    """Complex conjugate, elementwise; real elements stay."""
    return xp.conj(x)


@conj.gradient("x")
def conj_wrt_x(xp, grad):
    return xp.conj(grad)


@op
def real(xp: Namespace, x: Array, /) -> Array:
    """Real part, elementwise."""
    return xp.real(x)


@real.gradient("x")
def real_wrt_x(xp, grad):
    return grad


@op
def imag(xp: Namespace, x: Array, /) -> Array:
    """Imaginary part, elementwise."""
    return xp.imag(x)


@imag.gradient("x")
def imag_wrt_x(xp, grad):
    return grad * -1j


@op
def angle(xp: Namespace, x: Array, /) -> Array:
    """The angle in the complex plane, elementwise, in [-pi, pi]; of real elements 0 or pi.

    The gradient at 0 and that of real elements is 0.
    """
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.atan2(xp.imag(x), xp.real(x))
    return xp.atan2(xp.zeros_like(x), x)


@angle.gradient("x")
def angle_wrt_x(xp, grad, x):
    if not xp.isdtype(x.dtype, "complex floating"):
        return xp.zeros_like(grad)
    # d(angle) = Im(dz / z) = Re(-i / z * dz)
    zero = x == 0
    return xp.where(zero, 0, -1j * grad / xp.where(zero, 1, x))
