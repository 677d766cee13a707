"""Calls of NumPy's ufuncs, made from their signatures, and of elementwise functions that are no ufuncs."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, CUBE, MATRIX, VECTOR, Call, call, constant, refused

X = np.array([0.3, 0.65, 0.8])
SQUARE = np.arange(9.0).reshape(3, 3)
OPERANDS = [X, np.array([[0.6], [0.75]])]
SPECIAL = {
    "arccosh": [X + 1],  # its domain begins at 1
    "ldexp": [X, np.array([2, -1, 3])],
    "matmul": [SQUARE, SQUARE[:, :2] + 1],
    "matvec": [SQUARE, X],
    "vecmat": [X, SQUARE],
    "vecdot": [SQUARE, 1 - X],
}
UFUNCS = {value.__name__: value for value in vars(np).values() if isinstance(value, np.ufunc)}
OF_FLOATS = {
    name
    for name, ufunc in UFUNCS.items()
    if any("d" in types[: ufunc.nin] for types in ufunc.types)
}
"""The others are of integers, booleans or dates only: there is no gradient."""

NO_GRADIENT = {
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isfinite", "isinf", "isnan", "signbit",
    "logical_and", "logical_not", "logical_or", "logical_xor",
}  # fmt: skip
"""Comparisons and questions."""

ORDERING = {"fmax", "fmin", "maximum", "minimum"}
REFUSED = {"spacing"}
"""What floats have a gradient of in principle, and a step function here."""


def ufunc_calls(name: str) -> list[Call]:
    """Give calls of a ufunc: arrays, a number on either side, complex numbers where it takes them."""
    ufunc = UFUNCS[name]
    args = SPECIAL.get(name, OPERANDS[: ufunc.nin])
    found = [call(ufunc, *args)]
    if ufunc.nin == 2 and name not in SPECIAL:
        found += [call(ufunc, X, 0.7), call(ufunc, 0.55, X)]
    if any("D" in types[: ufunc.nin] for types in ufunc.types) and name not in NO_GRADIENT:
        turned = [value + 0.4j * (1 + value) for value in args]
        twins = [call(ufunc, *turned), *([call(ufunc, turned[0], args[1])] if args[1:] else [])]
        if name in ORDERING:
            twins = [twin.on_numpy("the standard does not order complex numbers") for twin in twins]
        found += twins
    return found


CALLS = [
    *[c for name in sorted(OF_FLOATS - NO_GRADIENT - REFUSED) for c in ufunc_calls(name)],
    call(np.real, MATRIX),
    call(np.real, COMPLEX),
    call(np.imag, MATRIX).on_numpy("the standard's takes complex numbers only"),
    call(np.imag, COMPLEX),
    call(np.angle, VECTOR + 0.05),
    call(np.angle, COMPLEX, deg=True),
    call(np.real_if_close, COMPLEX),
    call(np.real_if_close, MATRIX + 0j),
    call(np.real_if_close, MATRIX + 1e-5j, tol=constant(1e-4)),
    call(np.round, MATRIX + 0.01),
    call(np.round, MATRIX + 0.01, 1),
    call(np.around, CUBE + 0.01, decimals=-1),
    call(np.fix, CUBE + 0.01),
    call(np.sinc, VECTOR),
    call(np.sinc, COMPLEX),
    call(np.i0, CUBE).needing("scipy"),
    call(np.nan_to_num, np.array([1.5, np.nan, -0.4])),
    call(
        np.nan_to_num,
        np.array([1.5, np.nan, np.inf, -np.inf]),
        nan=refused(1.0),
        posinf=2,
        neginf=3,
    ),
    call(np.clip, MATRIX, 0.55, 1.75),
    call(np.clip, MATRIX, max=VECTOR + 0.05),
    call(np.clip, MATRIX, VECTOR + 0.05, None),
]
