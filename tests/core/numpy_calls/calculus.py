"""Calls of NumPy's functions on sampled functions: differences, integrals, interpolation; statistics; ranges."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, CUBE, MATRIX, VECTOR, call, constant, refused

COUNTS = np.array([2, 0, 1, 1])
POINTS = np.array([0.1, 1.2, 1.5, 3.0])

CALLS = [
    call(np.diff, MATRIX),
    call(np.diff, MATRIX, 2, 0, prepend=0.0, append=MATRIX[:1]),
    call(np.ediff1d, MATRIX),
    call(np.ediff1d, VECTOR, to_end=[8.0, 9.0], to_begin=0.3),
    call(np.unwrap, MATRIX * 4, axis=0),
    call(np.unwrap, MATRIX * 4, constant(1.0), period=refused(3.0)),
    call(np.trapezoid, MATRIX, dx=0.5),
    call(np.trapezoid, MATRIX, POINTS, axis=1),
    call(np.trapezoid, MATRIX, [0.0, 1.0, 3.0], axis=0),
    call(np.trapezoid, MATRIX, MATRIX * 2, axis=0),
    call(np.gradient, MATRIX),
    call(np.gradient, MATRIX, 2.0, axis=1, edge_order=2),
    call(np.gradient, MATRIX, 0.5, POINTS),
    call(np.gradient, MATRIX[0], POINTS, edge_order=2),
    call(np.interp, MATRIX, [0.0, 1.05, 2.55], VECTOR[:3]),
    call(np.interp, MATRIX - 1.05, POINTS, VECTOR * 2, left=refused(-1.0), right=refused(-2.0)),
    call(np.interp, 1.3, POINTS, COMPLEX),
    call(np.interp, MATRIX + 0.05, POINTS, VECTOR, period=refused(2.5)),
    call(np.convolve, MATRIX[0], VECTOR[:2], "same"),
    call(np.convolve, COMPLEX, VECTOR[:2]),
    call(np.correlate, np.concatenate([VECTOR, MATRIX[0]]), VECTOR[:3]),
    call(np.correlate, VECTOR[:2], MATRIX[0], "same"),
    call(np.correlate, COMPLEX, COMPLEX[1:] * VECTOR[:3], "full"),
    call(np.vander, VECTOR),
    call(np.vander, VECTOR, 3, increasing=True),
    # Ranges
    call(np.linspace, 0.3, 1.7, 5),
    call(np.linspace, MATRIX[0], VECTOR, 4, endpoint=False, axis=1),
    call(np.linspace, VECTOR, 1.0, 3, retstep=True),
    call(np.logspace, 0.3, 1.7, 5),
    call(np.logspace, MATRIX[0], VECTOR, 4, endpoint=False, base=2.5, axis=1),
    call(np.logspace, VECTOR, 1.0, 3, base=POINTS),
    call(np.geomspace, 0.3, 17.0, 5),
    call(np.geomspace, -POINTS, [-2.0, -3.0, -4.0, -5.0], 4, axis=-1),
    call(np.geomspace, POINTS, 2.0, 4, endpoint=False),
    call(np.geomspace, COMPLEX, 2.0 - 1j, 3),
    call(np.meshgrid, VECTOR, MATRIX[0]),
    call(np.meshgrid, VECTOR, MATRIX[0], CUBE[0, 0], sparse=True),
    call(np.full_like, constant(MATRIX), refused(3.5)),
    # Statistics
    call(np.cov, MATRIX),
    call(np.cov, VECTOR, MATRIX[0], bias=True),
    call(np.cov, MATRIX, rowvar=False, ddof=0),
    call(np.cov, VECTOR),
    call(np.cov, MATRIX, fweights=COUNTS, aweights=[1.0, 2.0, 0.5, 1.5]),
    call(np.cov, np.stack([COMPLEX * VECTOR, VECTOR + 0j])),
    call(np.corrcoef, MATRIX),
    call(np.corrcoef, MATRIX, VECTOR),
    call(np.bincount, [3, 1, 1, 0], VECTOR, minlength=6),
]
if hasattr(np, "trapz"):  # an old name, which NumPy has given up
    CALLS.append(call(getattr(np, "trapz"), MATRIX))  # noqa: B009
