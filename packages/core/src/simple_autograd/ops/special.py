"""Special functions that need nothing beyond the standard: the error function and its relatives, ``x * log(y)``, ….

The error function follows S. L. Moshier's Cephes library (``ndtr.c``, 1984, which SciPy uses as well): rational
approximations in three ranges of the argument, each with a relative error below 1e-15. The functions that need SciPy
are in ``scipy_special.py``.
"""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Namespace
from .arguments import as_array, refuse_complex
from .extremes import clip

__all__ = ["entr", "erf", "erfc", "erfcx", "log_ndtr", "logit", "ndtr", "xlog1py", "xlogy"]

_ROOT_HALF = math.sqrt(0.5)
_TWO_BY_ROOT_PI = 2 / math.sqrt(math.pi)

# Coefficients of polynomials, highest power first. Below 1: erf(x) = x * T(x**2) / U(x**2).
_T = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
_U = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
# From 1 to 8: erfc(x) = exp(-x**2) * P(x) / Q(x).
_P = (
    2.46196981473530512524e-10,
    5.64189564831068821977e-1,
    7.46321056442269912687e0,
    4.86371970985681366614e1,
    1.96520832956077098242e2,
    5.26445194995477358631e2,
    9.34528527171957607540e2,
    1.02755188689515710272e3,
    5.57535335369399327526e2,
)
_Q = (
    1.0,
    1.32281951154744992508e1,
    8.67072140885989742329e1,
    3.54937778887819891062e2,
    9.75708501743205489753e2,
    1.82390916687909736289e3,
    2.24633760818710981792e3,
    1.65666309194161350182e3,
    5.57535340817727675546e2,
)
# From 8 on: erfc(x) = exp(-x**2) * v * R(v) / S(v) with v = 1 / x; the lowest power stands last.
_R = (
    2.97886665372100240670e0,
    7.40974269950448939160e0,
    6.16021097993053585195e0,
    5.01905042251180477414e0,
    1.27536670759978104416e0,
    5.64189583547755073984e-1,
)
_S = (
    3.36907645100081516050e0,
    9.60896809063285878198e0,
    1.70814450747565897222e1,
    1.20489539808096656605e1,
    9.39603524938001434673e0,
    2.26052863220117276590e0,
    1.0,
)


def _ratio(numerator, denominator, x):
    """Evaluate a rational function by Horner's rule."""
    above = below = 0.0
    for coefficient in numerator:
        above = above * x + coefficient
    for coefficient in denominator:
        below = below * x + coefficient
    return above / below


def _below_1(xp, x, size):
    """Give ``erf(x)`` where ``size = abs(x)`` is below 1, and something elsewhere."""
    size = xp.minimum(size, 1)
    return x * _ratio(_T, _U, size * size)


def _above_1(xp, size):
    """Give ``erfcx(size)`` for numbers from 1 on."""
    inverse = 1 / xp.maximum(size, 8)
    return xp.where(
        size < 8, _ratio(_P, _Q, xp.clip(size, 1, 8)), inverse * _ratio(_R, _S, inverse)
    )


def _exp_of_square(xp, size, sign):
    """Give ``exp(sign * size**2)`` for positive numbers to the last digit.

    The square is rounded, and the exponential makes much of that. So a part with few digits, whose square is exact, is
    split off (as in W. J. Cody's CALERF).
    """
    size = xp.minimum(size, 28)  # from there on the result is 0 or infinite
    coarse = xp.floor(size * 16) / 16
    return xp.exp(sign * coarse * coarse) * xp.exp(sign * (size - coarse) * (size + coarse))


@op
def erf(xp: Namespace, x: Array, /) -> Array:
    """The error function, elementwise: ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to `x`. Real."""
    refuse_complex(xp, "erf", x)
    size = xp.abs(x)
    middle = xp.clip(size, 1, 6)  # from 6 on the result is 1
    far = 1 - xp.exp(-middle * middle) * _ratio(_P, _Q, middle)
    return xp.where(size < 1, _below_1(xp, x, size), xp.sign(x) * far)


@erf.gradient("x")
def erf_wrt_x(xp, grad, x):
    return grad * (_TWO_BY_ROOT_PI * xp.exp(-x * x))


@op
def erfc(xp: Namespace, x: Array, /) -> Array:
    """``1 - erf(x)``, elementwise, accurate for large `x` too. Real."""
    refuse_complex(xp, "erfc", x)
    size = xp.abs(x)
    far = _above_1(xp, size) * _exp_of_square(xp, size, -1)
    return xp.where(size < 1, 1 - _below_1(xp, x, size), xp.where(x < 0, 2 - far, far))


@erfc.gradient("x")
def erfc_wrt_x(xp, grad, x):
    return -grad * (_TWO_BY_ROOT_PI * xp.exp(-x * x))


@op
def erfcx(xp: Namespace, x: Array, /) -> Array:
    """``exp(x**2) * erfc(x)``, elementwise, where either factor would overflow or vanish too. Real."""
    refuse_complex(xp, "erfcx", x)
    size = xp.abs(x)
    far = _above_1(xp, size)
    growth = _exp_of_square(xp, xp.where(x < 1, size, 0), 1)
    near = growth * (1 - _below_1(xp, x, size))
    return xp.where(size < 1, near, xp.where(x < 0, 2 * growth - far, far))


@erfcx.gradient("x")
def erfcx_wrt_x(xp, grad, out, x):
    return grad * (2 * x * out - _TWO_BY_ROOT_PI)


@op
def ndtr(xp: Namespace, x: Array, /) -> Array:
    """The area under the standard normal density up to `x`, elementwise. Real."""
    refuse_complex(xp, "ndtr", x)
    return erfc(x * -_ROOT_HALF) * 0.5


@ndtr.gradient("x")
def ndtr_wrt_x(xp, grad, x):
    return grad * (_ROOT_HALF / math.sqrt(math.pi) * xp.exp(x * x * -0.5))


@op
def log_ndtr(xp: Namespace, x: Array, /) -> Array:
    """The logarithm of `ndtr`, elementwise, accurate where that is 0 or 1. Real."""
    refuse_complex(xp, "log_ndtr", x)
    scaled = x * _ROOT_HALF
    left = xp.minimum(scaled, -_ROOT_HALF)
    right = xp.maximum(scaled, -_ROOT_HALF)
    return xp.where(
        x < -1,
        xp.log(erfcx(-left) / 2) - left * left,
        xp.log1p(-erfc(right) / 2),
    )


@log_ndtr.gradient("x")
def log_ndtr_wrt_x(xp, grad, x):
    # The density divided by the area, either side in the form that neither overflows nor vanishes.
    left, right = xp.where(x < 0, x, 0), xp.where(x < 0, 0, x)
    density = xp.exp(right * right * -0.5) * (_ROOT_HALF / math.sqrt(math.pi))
    slope = xp.where(
        x < 0, 1 / (math.sqrt(math.pi / 2) * erfcx(left * -_ROOT_HALF)), density / ndtr(right)
    )
    return grad * slope


@op
def xlogy(xp: Namespace, x: Array, y: Array, /) -> Array:
    """``x * log(y)``, elementwise, and 0 where `x` is 0 and `y` is not NaN. Real.

    The gradient for `x` is 0 where `x` is 0 and `y` is not positive.
    """
    refuse_complex(xp, "xlogy", x, y)
    x, y = as_array(xp, x, y), as_array(xp, y, x)
    nothing = (x == 0) & (y == y)
    return xp.where(nothing, 0, x * xp.log(xp.where(nothing, 1, y)))


@xlogy.gradient("x")
def xlogy_wrt_x(xp, grad, x, y):
    y = as_array(xp, y, x)
    nothing = (x == 0) & (y <= 0)
    return xp.where(nothing, 0, grad * xp.log(xp.where(nothing, 1, y)))


@xlogy.gradient("y")
def xlogy_wrt_y(xp, grad, x, y):
    return grad * (x / y)


@op
def xlog1py(xp: Namespace, x: Array, y: Array, /) -> Array:
    """``x * log(1 + y)``, elementwise, accurate for small `y`, and 0 where `x` is 0 and `y` is not NaN. Real.

    The gradient for `x` is 0 where `x` is 0 and `y` is not above -1.
    """
    refuse_complex(xp, "xlog1py", x, y)
    x, y = as_array(xp, x, y), as_array(xp, y, x)
    nothing = (x == 0) & (y == y)
    return xp.where(nothing, 0, x * xp.log1p(xp.where(nothing, 0, y)))


@xlog1py.gradient("x")
def xlog1py_wrt_x(xp, grad, x, y):
    y = as_array(xp, y, x)
    nothing = (x == 0) & (y <= -1)
    return xp.where(nothing, 0, grad * xp.log1p(xp.where(nothing, 0, y)))


@xlog1py.gradient("y")
def xlog1py_wrt_y(xp, grad, x, y):
    return grad * (x / (1 + y))


@op
def entr(xp: Namespace, x: Array, /) -> Array:
    """``-x * log(x)``, elementwise, 0 at 0 and -inf below. Real. The gradient at 0 is infinite."""
    refuse_complex(xp, "entr", x)
    positive = x > 0
    below = xp.where(x < 0, -math.inf, x)  # 0 and NaN stay
    return xp.where(positive, -x * xp.log(xp.where(positive, x, 1)), below)


@entr.gradient("x")
def entr_wrt_x(xp, grad, x):
    return -grad * (xp.log(x) + 1)


def logit(x: Array, /, eps: float | None = None) -> Array:
    """``log(x / (1 - x))``, elementwise, the inverse of `sigmoid`; `eps` confines `x` to [eps, 1 - eps] first. Real."""
    return _logit(x if eps is None else clip(x, eps, 1 - eps))


@op
def _logit(xp: Namespace, x: Array, /) -> Array:
    refuse_complex(xp, "logit", x)
    return xp.log(x) - xp.log1p(-x)


@_logit.gradient("x")
def logit_wrt_x(xp, grad, x):
    return grad / (x * (1 - x))
