"""``simple_autograd.linalg``: the standard's linear algebra extension, and NumPy's and PyTorch's further functions.

All batched: matrices are the last two axes, vectors the last one. The functions themselves are in ``ops/``.
"""

from __future__ import annotations

from .ops.decompositions import QRResult, SVDResult, cholesky, qr, svd, svdvals
from .ops.diagonals import diagonal, trace
from .ops.eigenvalues import EighResult, EigResult, eig, eigh, eigvals, eigvalsh
from .ops.equations import solve_triangular, tensorinv, tensorsolve
from .ops.matrix_functions import matrix_exp, matrix_power
from .ops.norms import cond, matrix_norm, norm, vector_norm
from .ops.products import (
    cross,
    matmul,
    matrix_transpose,
    multi_dot,
    outer,
    tensordot,
    vecdot,
)
from .ops.solving import (
    LstsqResult,
    SlogdetResult,
    det,
    inv,
    logdet,
    lstsq,
    matrix_rank,
    pinv,
    slogdet,
    solve,
)

__all__ = [
    "EigResult",
    "EighResult",
    "LstsqResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "vecdot",
    "vector_norm",
]
