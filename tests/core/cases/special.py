"""Cases of ``ops/special.py``; SciPy is not asked for, so its references are written out."""

from __future__ import annotations

import math

import numpy as np

from simple_autograd.ops import special
from tests.core.op_case import Failing, OpCase, binary, kink, sample, unary

# In each of the ranges that have an approximation of their own, and where they meet.
RANGES = [0.0, 1e-9, 0.3, -0.3, 0.99, 1.01, -2.5, 4.0, 6.5, -6.5, 7.99, 8.01, -9.0, 20.0, 27.0]
UNDEFINED = "the gradient where the result is NaN"


def by_python(function):
    """Make a function of arrays of one of Python numbers."""

    def of_arrays(x):
        x = np.asarray(x)
        values = [function(value) for value in x.ravel().tolist()]
        return np.reshape(np.array(values, np.result_type(x.dtype, np.float32)), x.shape)

    return of_arrays


erf, erfc = by_python(math.erf), by_python(math.erfc)


@by_python
def erfcx(x):
    if not x < 20:  # NaN as well
        return (1 - 1 / (2 * x * x)) / (x * math.sqrt(math.pi))
    return math.exp(x * x) * math.erfc(x) if x > -26 else math.inf


@by_python
def ndtr(x):
    return math.erfc(-x / math.sqrt(2)) / 2


@by_python
def log_ndtr(x):
    if not x <= -5:  # NaN as well
        return math.log1p(-math.erfc(x / math.sqrt(2)) / 2)
    z = -x / math.sqrt(2)
    return math.log(float(erfcx(z)) / 2) - z * z if z < 1e150 else -math.inf


def xlogy(x, y):
    y = np.asarray(y, np.result_type(x, y))  # a number takes the array's type
    product = x * np.log(y)
    return np.where((x == 0) & ~np.isnan(y), 0, product).astype(product.dtype)


def xlog1py(x, y):
    y = np.asarray(y, np.result_type(x, y))
    product = x * np.log1p(y)
    return np.where((x == 0) & ~np.isnan(y), 0, product).astype(product.dtype)


def entr(x):
    logarithm = np.log(np.where(x > 0, x, 1))
    return np.where(x < 0, -np.inf, -x * logarithm).astype(np.result_type(x.dtype, np.float32))


def logit(x, eps=None):
    x = x if eps is None else np.clip(x, eps, 1 - eps)
    return np.log(x / (1 - x))


def refuses_complex(name):
    return [Failing((np.array([1j]),), [name, "real", "complex128"])]


def of_special(name):
    return lambda torch: getattr(torch.special, name)


CASES = [
    OpCase(
        "entr",
        entr,
        unary(0.1, 4, special_in_torch=UNDEFINED),
        [kink([0.0])],
        function=special.entr,
        torch=of_special("entr"),
        errors=refuses_complex("entr"),
    ),
    OpCase(
        "erf",
        erf,
        unary(-4, 4),
        [sample(RANGES)],
        torch=of_special("erf"),
        errors=refuses_complex("erf"),
    ),
    OpCase(
        "erfc",
        erfc,
        unary(-4, 4),
        [sample(RANGES)],
        torch=of_special("erfc"),
        errors=refuses_complex("erfc"),
    ),
    OpCase(
        "erfcx",
        erfcx,
        unary(-2, 9),
        [sample(RANGES[:12])],
        function=special.erfcx,
        torch=of_special("erfcx"),
        errors=refuses_complex("erfcx"),
    ),
    OpCase(
        "log_ndtr",
        log_ndtr,
        unary(-9, 4, special_in_torch="the gradient at -inf is NaN there"),
        [sample([-1.0, -1.001, -0.999, -30.0, 10.0])],
        function=special.log_ndtr,
        torch=of_special("log_ndtr"),
        errors=refuses_complex("log_ndtr"),
    ),
    OpCase(
        "logit",
        logit,
        unary(0.05, 0.95, special_in_torch=UNDEFINED),
        [kink([0.0, 1.0]), sample([0.05, 0.3, 0.95], eps=0.1), kink([0.1, 0.9, 2.0], eps=0.1)],
        torch=lambda t: t.logit,
        errors=refuses_complex("logit"),
    ),
    OpCase(
        "ndtr",
        ndtr,
        unary(-4, 4),
        [sample(RANGES)],
        function=special.ndtr,
        torch=of_special("ndtr"),
        errors=refuses_complex("ndtr"),
    ),
    OpCase(
        "xlog1py",
        xlog1py,
        binary(away=0.2, low2=-0.9, integers=False),
        [kink([0.0, 0.0, 1.0], [2.0, -2.0, 3.0])],
        function=special.xlog1py,
        torch=of_special("xlog1py"),
    ),
    OpCase(
        "xlogy",
        xlogy,
        binary(away=0.2, low2=0.1, integers=False),
        [kink([0.0, 0.0, 1.0], [2.0, -2.0, 3.0])],
        torch=of_special("xlogy"),
    ),
]
