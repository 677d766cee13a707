"""Calls of NumPy's older functions on polynomials, coefficients of the highest power first."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, MATRIX, VECTOR, call, constant, refused, tied

TIMES = np.array([0.1, 0.7, 1.2, 2.3, 3.1])
VALUES = np.array([1.0, 2.0, -0.5, 0.3, 4.0])
CUBIC = np.array([1.5, -0.4, 2.2, 0.7])

CALLS = [
    call(np.poly, VECTOR),
    call(np.poly, MATRIX[:, :3]).on_numpy("the standard has no eig"),
    call(np.poly1d, VECTOR).then(lambda p: p.coeffs),
    call(np.poly1d, VECTOR).then(lambda p: p.deriv()(0.7)),
    call(np.polyadd, CUBIC, VECTOR[:2]),
    call(np.polyadd, 1.5, VECTOR),
    call(np.polysub, VECTOR[:2], CUBIC),
    call(np.polymul, CUBIC, [2.0, -1.0]),
    call(np.polydiv, CUBIC, VECTOR[:2]),
    call(np.polydiv, VECTOR[:2], constant(CUBIC)),
    call(np.polyder, CUBIC),
    call(np.polyder, CUBIC, 2),
    call(np.polyint, CUBIC),
    call(np.polyint, CUBIC, 2, [0.5, 1.5]),
    call(np.polyint, CUBIC, 2, k=refused(0.5)),
    call(np.polyval, CUBIC, MATRIX),
    call(np.polyval, COMPLEX, 0.5),
    call(np.polyfit, TIMES, VALUES, 2),
    call(np.polyfit, TIMES, np.stack([VALUES, TIMES**2], axis=1), 1, w=VALUES**2 + 1),
    call(np.polyfit, TIMES, VALUES, 2, rcond=refused(1e-10), full=True).then(lambda out: out[:4]),
    call(np.polyfit, TIMES, VALUES, 1, cov=True),
    call(np.polyfit, TIMES, VALUES, 1, cov="unscaled"),
    call(np.roots, CUBIC).on_numpy("the standard has no eig"),
    call(np.roots, tied(np.array([0.0, 1.5, -0.4, 2.2, 0.0]))).on_numpy("the standard has no eig"),
]
