"""The standard's Fourier transforms (``simple_autograd.fft``).

The matrix of the discrete Fourier transform is symmetric, so the rule of a complex transform is that transform; a
real one's follows from counting each frequency but the first, and for even lengths the last, twice. Cutting and padding
to a length are each other's transposes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ..backends import get_backend
from ..op import op
from ..types import Array, Axis, DType, Namespace, Shape
from ..variable import Variable, wrap
from .axes import as_tuple, one_axis, shape_of
from .complex_parts import conj

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

Norm = Literal["backward", "ortho", "forward"]

# Along one axis ---------------------------------------------------------------------------------------------------


@op
def fft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward"
) -> Array:
    """Discrete Fourier transform, ``sum(x[j] * exp(-2j * pi * j * k / n))`` over j, for k from 0 to n - 1.

    Parameters
    ----------
    x
        Complex or real, any shape.
    n
        The length to transform: `x` is cut, or padded with zeros at its end. None means that of `x`.
    axis
        Along which axis.
    norm
        What is divided by n: "backward", the inverse; "forward", this; "ortho", both by its root.

    Returns
    -------
    Array
        Complex, with length n along `axis`.
    """
    return xp.fft.fft(_complex(xp, x), n=n, axis=axis, norm=norm)


@fft.gradient("x")
def fft_wrt_x(xp, grad, x_shape, axis, norm):
    return _resized(xp, fft(grad, axis=axis, norm=norm), axis, x_shape)


@op
def ifft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward"
) -> Array:
    """Inverse of `fft`, with the same arguments."""
    return xp.fft.ifft(_complex(xp, x), n=n, axis=axis, norm=norm)


@ifft.gradient("x")
def ifft_wrt_x(xp, grad, x_shape, axis, norm):
    return _resized(xp, ifft(grad, axis=axis, norm=norm), axis, x_shape)


@op
def rfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward"
) -> Array:
    """The first half of `fft` of real data; the other half is its mirror image, conjugated.

    Parameters
    ----------
    x
        Real, any shape.
    n, axis, norm
        As in `fft`.

    Returns
    -------
    Array
        Complex, with length ``n // 2 + 1`` along `axis`.
    """
    return xp.fft.rfft(x, n=n, axis=axis, norm=norm)


@rfft.gradient("x")
def rfft_wrt_x(xp, grad, x_shape, n, axis, norm):
    n = x_shape[axis] if n is None else n
    halved = grad * ((1 + _unpaired(xp, grad, n, axis)) / 2)
    return _resized(xp, irfft(xp.conj(halved), n=n, axis=axis, norm=_OTHER[norm]), axis, x_shape)


@op
def irfft(
    xp: Namespace, x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward"
) -> Array:
    """Inverse of `rfft`: real data from the first half of their transform.

    Parameters
    ----------
    x
        Complex or real, any shape. The imaginary parts of frequency 0, and of n / 2 for even n, do not count.
    n
        The length of the result along `axis`; ``n // 2 + 1`` elements of `x` are used. None means ``2 * (m - 1)`` for
        a length m of `x`.
    axis, norm
        As in `fft`.

    Returns
    -------
    Array
        Real.
    """
    return xp.fft.irfft(_complex(xp, x), n=n, axis=axis, norm=norm)


@irfft.gradient("x")
def irfft_wrt_x(xp, grad, x_shape, axis, norm):
    spectrum = xp.conj(rfft(grad, axis=axis, norm=_OTHER[norm]))
    doubled = spectrum * (2 - _unpaired(xp, spectrum, grad.shape[axis], axis))
    return _resized(xp, doubled, axis, x_shape)


def hfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """`fft` of data that are their own mirror image, conjugated: real, from the first half of the data.

    Parameters
    ----------
    x
        Complex or real, any shape.
    n
        The length of the result; None means ``2 * (m - 1)`` for a length m of `x`.
    axis, norm
        As in `fft`.
    """
    return irfft(conj(x), n=n, axis=axis, norm=_other(norm))


def ihfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Inverse of `hfft`: the first half, complex, of what transforms to the real `x`."""
    return conj(rfft(x, n=n, axis=axis, norm=_other(norm)))


# Along several axes -----------------------------------------------------------------------------------------------


def fftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """`fft` along several axes, one after the other.

    Parameters
    ----------
    x
        Complex or real, any shape.
    s
        The lengths to transform; -1 and None mean that of `x`.
    axes
        Along which axes, each once; None means the last ``len(s)``, or all.
    norm
        As in `fft`.
    """
    s, axes = _lengths("fftn", x, s, axes)
    return _fftn(x, s=s, axes=axes, norm=norm)


@op
def _fftn(xp: Namespace, x: Array, /, *, s: Shape, axes: tuple[int, ...], norm: Norm) -> Array:
    return xp.fft.fftn(_complex(xp, x), s=s, axes=axes, norm=norm)


@_fftn.gradient("x")
def fftn_wrt_x(xp, grad, x_shape, axes, norm):
    return _resized(xp, fftn(grad, axes=axes, norm=norm), axes, x_shape)


def ifftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """Inverse of `fftn`, with the same arguments."""
    s, axes = _lengths("ifftn", x, s, axes)
    return _ifftn(x, s=s, axes=axes, norm=norm)


@op
def _ifftn(xp: Namespace, x: Array, /, *, s: Shape, axes: tuple[int, ...], norm: Norm) -> Array:
    return xp.fft.ifftn(_complex(xp, x), s=s, axes=axes, norm=norm)


@_ifftn.gradient("x")
def ifftn_wrt_x(xp, grad, x_shape, axes, norm):
    return _resized(xp, ifftn(grad, axes=axes, norm=norm), axes, x_shape)


def rfftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """`fftn` of real data: `rfft` along the last of the axes, then `fft` along the others."""
    s, axes = _lengths("rfftn", x, s, axes)
    half = rfft(x, n=s[-1], axis=axes[-1], norm=norm)
    return fftn(half, s=s[:-1], axes=axes[:-1], norm=norm) if len(axes) > 1 else half


def irfftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """Inverse of `rfftn`: `ifft` along all of the axes but the last, then `irfft` along it.

    Parameters
    ----------
    x
        Complex or real, any shape.
    s
        The lengths of the result; None, and -1 for the last, means as in `irfft`.
    axes, norm
        As in `fftn`.
    """
    last = None if s is None or s[-1] in (-1, None) else s[-1]
    s, axes = _lengths("irfftn", x, s, axes)
    if len(axes) > 1:
        x = ifftn(x, s=s[:-1], axes=axes[:-1], norm=norm)
    return irfft(x, n=last, axis=axes[-1], norm=norm)


def fft2(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Any = (-2, -1), norm: Norm = "backward"
) -> Array:
    """`fftn` along two axes, by default the last ones."""
    return fftn(x, s=s, axes=axes, norm=norm)


def ifft2(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Any = (-2, -1), norm: Norm = "backward"
) -> Array:
    """`ifftn` along two axes, by default the last ones."""
    return ifftn(x, s=s, axes=axes, norm=norm)


def rfft2(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Any = (-2, -1), norm: Norm = "backward"
) -> Array:
    """`rfftn` along two axes, by default the last ones."""
    return rfftn(x, s=s, axes=axes, norm=norm)


def irfft2(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Any = (-2, -1), norm: Norm = "backward"
) -> Array:
    """`irfftn` along two axes, by default the last ones."""
    return irfftn(x, s=s, axes=axes, norm=norm)


# Frequencies ------------------------------------------------------------------------------------------------------


def fftfreq(n: int, /, *, d: float = 1.0, dtype: DType = None, device: Any = None) -> Variable:
    """The frequencies of `fft`: 0, 1, …, then the negative ones, divided by ``n * d``.

    Parameters
    ----------
    n
        The transform's length.
    d
        The distance between the samples.
    dtype
        The result's data type, by default the default one.
    device
        A device of the default backend.
    """
    return _frequencies("fftfreq", n, d, dtype, device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: DType = None, device: Any = None) -> Variable:
    """The frequencies of `rfft`: 0, 1, …, n // 2, divided by ``n * d`` (see `fftfreq`)."""
    return _frequencies("rfftfreq", n, d, dtype, device)


def _frequencies(name: str, n: int, d: float, dtype: DType, device: Any) -> Variable:
    backend = get_backend()
    found = getattr(backend.xp.fft, name)(n, d=d, device=device)
    if dtype is not None:  # NumPy's take none
        found = backend.xp.astype(found, backend.dtype(dtype))
    return wrap(found, backend, None)


@op
def fftshift(xp: Namespace, x: Array, /, *, axes: Axis = None) -> Array:
    """Frequency 0 moved to the middle of axes; of all, if None."""
    return xp.fft.fftshift(x, axes=axes)


@fftshift.gradient("x")
def fftshift_wrt_x(xp, grad, axes):
    return ifftshift(grad, axes=axes)


@op
def ifftshift(xp: Namespace, x: Array, /, *, axes: Axis = None) -> Array:
    """Inverse of `fftshift`: frequency 0 moved back to the front."""
    return xp.fft.ifftshift(x, axes=axes)


@ifftshift.gradient("x")
def ifftshift_wrt_x(xp, grad, axes):
    return fftshift(grad, axes=axes)


# What they share --------------------------------------------------------------------------------------------------

_OTHER: dict[str, Norm] = {"backward": "forward", "forward": "backward", "ortho": "ortho"}
"""The norm with which a transform in the other direction has the same factor."""


def _other(norm: Norm) -> Any:
    if norm not in _OTHER:
        raise ValueError(f"hfft: norm is {norm!r}; needed is 'backward', 'ortho' or 'forward'.")
    return _OTHER[norm]


def _complex(xp: Namespace, x: Array) -> Array:
    """Give real data as complex, which the standard's complex transforms ask for."""
    if xp.isdtype(x.dtype, "complex floating"):
        return x
    return xp.astype(x, xp.result_type(x.dtype, xp.complex64))


def _unpaired(xp, spectrum, n, axis):
    """Give 1 for the frequencies of a real transform of length n that stand for themselves alone, and 0 elsewhere."""
    places = xp.arange(spectrum.shape[axis])
    alone = xp.astype((places == 0) | (2 * places == n), spectrum.dtype)
    return xp.reshape(alone, (-1,) + (1,) * (-axis - 1 if axis < 0 else spectrum.ndim - axis - 1))


def _resized(xp, x, axes, shape):
    """Cut `x`, or pad it with zeros at the end, to the lengths that `shape` has along axes."""
    for axis in as_tuple(axes):
        axis = axis % len(shape)
        missing = shape[axis] - x.shape[axis]
        if missing < 0:
            x = x[(*[slice(None)] * axis, slice(0, shape[axis]), ...)]
        elif missing > 0:
            zeros = (*x.shape[:axis], missing, *x.shape[axis + 1 :])
            x = xp.concat([x, xp.zeros(zeros, dtype=x.dtype)], axis=axis)
    return x


def _lengths(
    operation: str, x: Array, s: Sequence[int] | None, axes: Sequence[int] | None
) -> tuple[Shape, tuple[int, ...]]:
    """Give the lengths to transform, and the axes counted from the front."""
    ndim = len(shape_of(operation, x))
    if axes is None:
        axes = range(ndim) if s is None else range(ndim - len(s), ndim)
    axes = tuple(one_axis(operation, axis, ndim) for axis in axes)
    given: Sequence[int | None] = (None,) * len(axes) if s is None else s
    if len(given) != len(axes) or len(set(axes)) < len(axes) or not axes:
        raise ValueError(
            f"{operation}: s={s!r} and axes={axes!r} for shape {tuple(x.shape)}; needed is at least one axis, each "
            f"once, and as many lengths."
        )
    lengths = tuple(
        x.shape[axis] if length in (-1, None) else length
        for length, axis in zip(given, axes, strict=True)
    )
    return lengths, axes
