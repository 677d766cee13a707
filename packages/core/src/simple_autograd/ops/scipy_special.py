"""Special functions that SciPy computes: gamma, beta and Bessel functions, distributions made of them, inverses.

SciPy is imported when one of them is called; nothing else in core needs it. It computes on the host: arrays of another
backend go there and back, unless that backend has a function of its own (`Backend.special`). The gradients are written
in these functions themselves, so every order follows. ``special.py`` beside this package gives them their public names.
"""

from __future__ import annotations

import math

from ..backends import backend_of
from ..op import op
from ..types import Array, Namespace
from .arguments import as_array, refuse_complex
from .special import xlog1py, xlogy

__all__ = [
    "beta",
    "betainc",
    "betaln",
    "digamma",
    "erfcinv",
    "erfinv",
    "fdtr",
    "fdtrc",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "ive",
    "multigammaln",
    "ndtri",
    "polygamma",
    "stdtr",
]


def _scipy(xp: Namespace, name: str, *arguments: Array) -> Array:
    """Call the backend's function of that name, or else SciPy's; numbers go as they are."""
    refuse_complex(xp, name, *arguments)
    backend = next(found for value in arguments if (found := backend_of(value)) is not None)
    own = backend.special(name)
    if own is not None:
        return own(*arguments)
    try:
        from scipy import special  # slow to import, and few programs get here
    except ImportError as error:
        raise ImportError(
            f'{name}: it needs SciPy. Install it: pip install scipy, or pip install "simple-autograd[special]".'
        ) from error
    values = [
        backend.to_numpy(value) if type(value) is backend.array_type else value
        for value in arguments
    ]
    return backend.asarray(getattr(special, name)(*values))


# Gamma and beta ---------------------------------------------------------------------------------------------------


@op
def gammaln(xp: Namespace, x: Array, /) -> Array:
    """The logarithm of the absolute value of the gamma function, elementwise. Real."""
    return _scipy(xp, "gammaln", x)


@gammaln.gradient("x")
def gammaln_wrt_x(xp, grad, x):
    return grad * digamma(x)


@op
def gamma(xp: Namespace, x: Array, /) -> Array:
    """The gamma function, elementwise. Real."""
    return _scipy(xp, "gamma", x)


@gamma.gradient("x")
def gamma_wrt_x(xp, grad, out, x):
    return grad * (out * digamma(x))


@op
def digamma(xp: Namespace, x: Array, /) -> Array:
    """The derivative of `gammaln`, elementwise. Real."""
    return _scipy(xp, "digamma", x)


@digamma.gradient("x")
def digamma_wrt_x(xp, grad, x):
    return grad * polygamma(1, x)


def polygamma(n: int, x: Array, /) -> Array:
    """The `n`-th derivative of `digamma`, elementwise. Real.

    Parameters
    ----------
    n
        A whole number from 0 on.
    x
        Any shape.

    Raises
    ------
    ValueError
        If `n` is no such number.
    """
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"polygamma: n is {n!r}; needed is a whole number from 0 on.")
    return digamma(x) if n == 0 else _polygamma(x, n=n)


@op
def _polygamma(xp: Namespace, x: Array, /, *, n: int) -> Array:
    # That is SciPy's own formula, but SciPy's function makes single precision double.
    return _scipy(xp, "zeta", n + 1.0, x) * ((-1) ** (n + 1) * math.factorial(n))


@_polygamma.gradient("x")
def polygamma_wrt_x(xp, grad, x, n):
    return grad * polygamma(n + 1, x)


def multigammaln(x: Array, d: int, /) -> Array:
    """The logarithm of the gamma function of dimension `d`, elementwise: ``gammaln`` for 1. Real.

    Parameters
    ----------
    x
        Any shape; larger than ``(d - 1) / 2``.
    d
        A whole number from 1 on.

    Raises
    ------
    ValueError
        If `d` is no such number.
    """
    if not isinstance(d, int) or d < 1:
        raise ValueError(f"multigammaln: d is {d!r}; needed is a whole number from 1 on.")
    total = gammaln(x)
    for i in range(1, d):
        total = total + gammaln(x - i / 2)
    return total + d * (d - 1) / 4 * math.log(math.pi)


@op
def betaln(xp: Namespace, a: Array, b: Array, /) -> Array:
    """The logarithm of the absolute value of `beta`, elementwise. Real."""
    return _scipy(xp, "betaln", a, b)


@betaln.gradient("a")
def betaln_wrt_a(xp, grad, a, b):
    return grad * (digamma(a) - digamma(a + b))


@betaln.gradient("b")
def betaln_wrt_b(xp, grad, a, b):
    return grad * (digamma(b) - digamma(a + b))


@op
def beta(xp: Namespace, a: Array, b: Array, /) -> Array:
    """The beta function, elementwise: ``gamma(a) * gamma(b) / gamma(a + b)``. Real."""
    return _scipy(xp, "beta", a, b)


@beta.gradient("a")
def beta_wrt_a(xp, grad, out, a, b):
    return grad * (out * (digamma(a) - digamma(a + b)))


@beta.gradient("b")
def beta_wrt_b(xp, grad, out, a, b):
    return grad * (out * (digamma(b) - digamma(a + b)))


@op
def gammainc(xp: Namespace, a: Array, x: Array, /) -> Array:
    """The lower incomplete gamma function divided by ``gamma(a)``, elementwise. Real.

    There is a gradient for `x` only; `a` must not require grad.
    """
    return _scipy(xp, "gammainc", a, x)


@gammainc.gradient("x")
def gammainc_wrt_x(xp, grad, a, x):
    return grad * _gamma_density(xp, a, x)


@op
def gammaincc(xp: Namespace, a: Array, x: Array, /) -> Array:
    """``1 - gammainc(a, x)``, elementwise, accurate for large `x` too. Real. `a` must not require grad."""
    return _scipy(xp, "gammaincc", a, x)


@gammaincc.gradient("x")
def gammaincc_wrt_x(xp, grad, a, x):
    return -grad * _gamma_density(xp, a, x)


def _gamma_density(xp, a, x):
    a = _order(xp, a, x)
    return xp.exp(xlogy(a - 1, x) - x - gammaln(a))


def _order(xp, a, x):
    """Give the order of a function, which may be integers or a number, as an array of the data type of `x`."""
    return xp.astype(as_array(xp, a, x), x.dtype)


@op
def betainc(xp: Namespace, a: Array, b: Array, x: Array, /) -> Array:
    """The incomplete beta function divided by ``beta(a, b)``, elementwise. Real.

    There is a gradient for `x` only; `a` and `b` must not require grad. It is infinite at 0 for a < 1, at 1 for b < 1.
    """
    return _scipy(xp, "betainc", a, b, x)


@betainc.gradient("x")
def betainc_wrt_x(xp, grad, a, b, x):
    a, b = _order(xp, a, x), _order(xp, b, x)
    return grad * xp.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


@op
def stdtr(xp: Namespace, df: Array, t: Array, /) -> Array:
    """The area of Student's t distribution with `df` degrees of freedom up to `t`, elementwise. Real.

    There is a gradient for `t` only; `df` must not require grad.
    """
    return _scipy(xp, "stdtr", df, t)


@stdtr.gradient("t")
def stdtr_wrt_t(xp, grad, df, t):
    df = _order(xp, df, t)
    logarithm = -betaln(df / 2, 0.5) - (df + 1) / 2 * xp.log1p(t * t / df)
    return grad * xp.exp(logarithm) / xp.sqrt(df)


def fdtr(dfn: Array, dfd: Array, x: Array, /) -> Array:
    """The area of the F distribution up to `x`, elementwise. Real. The degrees of freedom must not require grad."""
    return betainc(dfn / 2, dfd / 2, dfn * x / (dfd + dfn * x))


def fdtrc(dfn: Array, dfd: Array, x: Array, /) -> Array:
    """``1 - fdtr(dfn, dfd, x)``, elementwise, accurate for large `x` too. Real."""
    return betainc(dfd / 2, dfn / 2, dfd / (dfd + dfn * x))


# Inverses of the error function -------------------------------------------------------------------------------------


@op
def erfinv(xp: Namespace, x: Array, /) -> Array:
    """The inverse of `erf`, elementwise. Real. The gradient at 1 and -1 is infinite."""
    return _scipy(xp, "erfinv", x)


@erfinv.gradient("x")
def erfinv_wrt_x(xp, grad, out):
    return grad * (math.sqrt(math.pi) / 2 * xp.exp(out * out))


@op
def erfcinv(xp: Namespace, x: Array, /) -> Array:
    """The inverse of `erfc`, elementwise. Real. The gradient at 0 and 2 is infinite."""
    return _scipy(xp, "erfcinv", x)


@erfcinv.gradient("x")
def erfcinv_wrt_x(xp, grad, out):
    return -grad * (math.sqrt(math.pi) / 2 * xp.exp(out * out))


@op
def ndtri(xp: Namespace, x: Array, /) -> Array:
    """The inverse of `ndtr`, elementwise: quantiles of the normal distribution. Real."""
    return _scipy(xp, "ndtri", x)


@ndtri.gradient("x")
def ndtri_wrt_x(xp, grad, out):
    return grad * (math.sqrt(2 * math.pi) * xp.exp(out * out * 0.5))


# Modified Bessel functions of the first kind --------------------------------------------------------------------------


@op
def i0(xp: Namespace, x: Array, /) -> Array:
    """The modified Bessel function of order 0, elementwise. Real."""
    return _scipy(xp, "i0", x)


@i0.gradient("x")
def i0_wrt_x(xp, grad, x):
    return grad * i1(x)


@op
def i1(xp: Namespace, x: Array, /) -> Array:
    """The modified Bessel function of order 1, elementwise. Real."""
    return _scipy(xp, "i1", x)


@i1.gradient("x")
def i1_wrt_x(xp, grad, out, x):
    return grad * (i0(x) - _by_argument(xp, out, x, i0, iv))


@op
def iv(xp: Namespace, x: Array, /, *, n: int) -> Array:
    """The modified Bessel function of order `n`, elementwise. Real."""
    return _scipy(xp, "iv", float(n), x)


@iv.gradient("x")
def iv_wrt_x(xp, grad, x, n):
    return grad * ((iv(x, n=n - 1) + iv(x, n=n + 1)) / 2)


@op
def i0e(xp: Namespace, x: Array, /) -> Array:
    """``exp(-abs(x)) * i0(x)``, elementwise. Real. The gradient at 0 is 0."""
    return _scipy(xp, "i0e", x)


@i0e.gradient("x")
def i0e_wrt_x(xp, grad, out, x):
    return grad * (i1e(x) - xp.sign(x) * out)


@op
def i1e(xp: Namespace, x: Array, /) -> Array:
    """``exp(-abs(x)) * i1(x)``, elementwise. Real."""
    return _scipy(xp, "i1e", x)


@i1e.gradient("x")
def i1e_wrt_x(xp, grad, out, x):
    return grad * (i0e(x) - _by_argument(xp, out, x, i0e, ive) - xp.sign(x) * out)


@op
def ive(xp: Namespace, x: Array, /, *, n: int) -> Array:
    """``exp(-abs(x)) * iv(x, n)``, elementwise. Real."""
    return _scipy(xp, "ive", float(n), x)


@ive.gradient("x")
def ive_wrt_x(xp, grad, out, x, n):
    return grad * ((ive(x, n=n - 1) + ive(x, n=n + 1)) / 2 - xp.sign(x) * out)


def _by_argument(xp, i1x, x, order_0, order_n):
    """Give ``i1(x) / x``, by an identity near 0, where the quotient's derivatives cancel."""
    near = xp.abs(x) < 1
    small = xp.where(near, x, 0)
    return xp.where(near, (order_0(small) - order_n(small, n=2)) / 2, i1x / xp.where(near, 1, x))
