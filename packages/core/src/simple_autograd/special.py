"""``simple_autograd.special``: special functions under the names that SciPy and PyTorch share.

Those below "needs SciPy" compute with SciPy, which is imported at their first call; the others are core's own. All
are differentiable to every order, and `scipy.special`'s functions of these names, called with a Variable, are these.
"""

from __future__ import annotations

from .ops import (
    erf,
    erfc,
    exp2,
    expm1,
    log1p,
    log_softmax,
    logit,
    logsumexp,
    sinc,
    softmax,
    xlogy,
)
from .ops import logsigmoid as log_expit
from .ops import sigmoid as expit
from .ops.special import entr, erfcx, log_ndtr, ndtr, xlog1py

# Needs SciPy.
from .ops.scipy_special import (  # isort: skip
    beta,
    betainc,
    betaln,
    digamma,
    erfcinv,
    erfinv,
    fdtr,
    fdtrc,
    gamma,
    gammainc,
    gammaincc,
    gammaln,
    i0,
    i0e,
    i1,
    i1e,
    multigammaln,
    ndtri,
    polygamma,
    stdtr,
)
from .ops.scipy_special import digamma as psi

__all__ = [
    "beta",
    "betainc",
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
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
    "log1p",
    "log_expit",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "sinc",
    "softmax",
    "stdtr",
    "xlog1py",
    "xlogy",
]
