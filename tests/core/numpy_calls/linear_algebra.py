"""Calls of NumPy's products and of ``np.linalg``."""

from __future__ import annotations

import numpy as np

from tests.core.matrices import normal, regular, spread
from tests.core.numpy_call import call, constant, refused, symmetric

RNG = np.random.default_rng(5)
SQUARE, STACK = regular(RNG, 3, 3), regular(RNG, 2, 3, 3)
TALL, WIDE = spread(RNG, 4, 2), spread(RNG, 2, 4)
COMPLEX = regular(RNG, 3, 3, complex=True)
SYMMETRIC = spread(RNG, 3, 3)
SYMMETRIC = SYMMETRIC + SYMMETRIC.T
HERMITIAN = COMPLEX + COMPLEX.conj().T
VECTOR, COLUMNS = normal(RNG, 3), normal(RNG, 3, 2)
CUBE = normal(RNG, 2, 3, 4)
TENSOR = regular(RNG, 6, 6).reshape(2, 3, 6)
NO_EIG = "the standard has no eig"

CALLS = [
    # Products
    call(np.dot, SQUARE, COLUMNS),
    call(np.dot, VECTOR, VECTOR),
    call(np.dot, CUBE, CUBE.swapaxes(1, 2)),
    call(np.dot, [1.0, 2.0, 3.0], COLUMNS),
    call(np.dot, VECTOR, 2.0),
    call(np.vdot, SQUARE, SQUARE[::-1]),
    call(np.vdot, COMPLEX, SQUARE),
    call(np.inner, SQUARE, STACK),
    call(np.outer, SQUARE, VECTOR),
    call(np.linalg.outer, VECTOR, VECTOR),
    call(np.tensordot, CUBE, STACK, axes=(1, 2)),
    call(np.tensordot, CUBE, CUBE, axes=([0, 2], [0, 2])),
    call(np.tensordot, SQUARE, SQUARE),
    call(np.linalg.tensordot, SQUARE, SQUARE, axes=1),
    call(np.kron, SQUARE, COLUMNS),
    call(np.cross, VECTOR, SQUARE),
    call(np.cross, CUBE[:, :, :3], SQUARE, axisa=1, axisc=0),
    call(np.cross, COLUMNS, COLUMNS[::-1], axis=0),
    call(np.linalg.cross, SQUARE, SQUARE[::-1]),
    call(np.linalg.matmul, STACK, COLUMNS),
    call(np.linalg.vecdot, SQUARE, COMPLEX, axis=0),
    call(np.linalg.multi_dot, [SQUARE, COLUMNS, COLUMNS.T]),
    call(np.einsum, "ij,jk->ki", SQUARE, COLUMNS, optimize=True),
    call(np.einsum, "ii", COMPLEX),
    call(np.einsum, SQUARE, [0, 1], COLUMNS, [1, 2], [2, 0]),
    call(np.einsum, SQUARE, [Ellipsis, 3], VECTOR, [3]),
    # Diagonals
    call(np.diagonal, CUBE),
    call(np.diagonal, CUBE, 1, 2, 0),
    call(np.trace, CUBE),
    call(np.trace, CUBE, axis1=1, axis2=-1, offset=-1),
    call(np.linalg.diagonal, CUBE, offset=1),
    call(np.linalg.trace, CUBE, offset=1),
    call(np.linalg.matrix_transpose, CUBE),
    # Decompositions
    call(np.linalg.cholesky, symmetric(SYMMETRIC @ SYMMETRIC), upper=True),
    call(np.linalg.qr, TALL),
    call(np.linalg.qr, WIDE, mode="complete"),
    call(np.linalg.qr, SQUARE, mode="r"),
    call(np.linalg.svd, TALL, full_matrices=False),
    call(np.linalg.svd, SQUARE),
    call(np.linalg.svd, WIDE, compute_uv=False),
    call(np.linalg.svdvals, COMPLEX),
    call(np.linalg.eigh, symmetric(SYMMETRIC)),
    call(np.linalg.eigh, symmetric(SYMMETRIC), "U"),
    call(np.linalg.eigvalsh, symmetric(SYMMETRIC), UPLO="U"),
    call(np.linalg.eigvalsh, symmetric(HERMITIAN)),
    call(np.linalg.eig, SQUARE).then(lambda out: out.eigenvalues).on_numpy(NO_EIG),
    call(np.linalg.eigvals, COMPLEX).on_numpy(NO_EIG),
    # Equations
    call(np.linalg.inv, STACK),
    call(np.linalg.solve, STACK, COLUMNS),
    call(np.linalg.solve, COMPLEX, VECTOR),
    call(np.linalg.tensorinv, TENSOR.reshape(6, 2, 3), ind=1),
    call(np.linalg.tensorsolve, TENSOR, COLUMNS.T),
    call(np.linalg.tensorsolve, TENSOR.transpose(2, 0, 1), VECTOR.repeat(2), axes=(1, 2)),
    call(np.linalg.pinv, TALL),
    call(np.linalg.pinv, TALL, refused(1e-3)),
    call(np.linalg.pinv, TALL, rtol=None),
    call(np.linalg.lstsq, TALL, CUBE[0].T[:, :2]),
    call(np.linalg.lstsq, TALL, CUBE[0, 0], rcond=refused(1e-10)),
    call(np.linalg.lstsq, WIDE, VECTOR[:2]),
    call(np.linalg.det, STACK),
    call(np.linalg.slogdet, COMPLEX),
    call(np.linalg.matrix_power, SQUARE, -2),
    # Norms
    call(np.linalg.norm, CUBE),
    call(np.linalg.norm, CUBE, 1, axis=(0, 2), keepdims=True),
    call(np.linalg.norm, SQUARE, "nuc"),
    call(np.linalg.norm, VECTOR, 3),
    call(np.linalg.norm, COMPLEX, constant(np.inf)),
    call(np.linalg.vector_norm, CUBE, axis=1, ord=1),
    call(np.linalg.matrix_norm, CUBE, ord=-2),
    call(np.linalg.cond, STACK),
    call(np.linalg.cond, SQUARE, 1),
]
