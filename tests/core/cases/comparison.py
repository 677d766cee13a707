"""Cases of ``ops/comparison.py``: values only, nothing there has a gradient."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import BOOLEANS, INTEGERS, SPECIAL_VALUES, OpCase, binary, other

COMPARED = [other(np.array([1.0, 2.0]), np.array([1.0, 3.0])), other(np.array([1.0, 2.0]), 2.0)]
INTEGER_PAIRS = [
    other(INTEGERS, INTEGERS[::-1]),
    other(INTEGERS, INTEGERS[0]),
    other(INTEGERS, 3),
    other(3, INTEGERS),
    other(np.array(6), np.array(3)),
    other(np.zeros((0, 2), np.int64), np.array([1, 2])),
]
BOOLEAN_PAIRS = [other(BOOLEANS, BOOLEANS[::-1]), other(BOOLEANS, True), other(False, BOOLEANS)]
SHIFTS = [
    other(np.abs(INTEGERS), np.array([0, 1, 5])),
    other(INTEGERS, 2),
    other(3, np.array([0, 4])),
]
PREDICATES = [
    other(SPECIAL_VALUES),
    other(np.array([[1.0, np.nan], [np.inf, 0.0]]).astype(np.float32)),
    other(np.array(np.nan)),
    other(np.zeros((0, 3))),
    other(INTEGERS),
    other(np.array([1 + 1j, complex(0, np.nan), complex(np.inf, 0)])),
]

CASES = [
    OpCase("bitwise_and", np.bitwise_and, extra=[*INTEGER_PAIRS, *BOOLEAN_PAIRS], order=0),
    OpCase("bitwise_invert", np.invert, extra=[other(INTEGERS), other(BOOLEANS)], order=0),
    OpCase("bitwise_left_shift", np.left_shift, extra=SHIFTS, order=0),
    OpCase("bitwise_or", np.bitwise_or, extra=[*INTEGER_PAIRS, *BOOLEAN_PAIRS], order=0),
    OpCase("bitwise_right_shift", np.right_shift, extra=SHIFTS, order=0),
    OpCase("bitwise_xor", np.bitwise_xor, extra=[*INTEGER_PAIRS, *BOOLEAN_PAIRS], order=0),
    OpCase("equal", np.equal, binary(), COMPARED, order=0),
    OpCase("greater", np.greater, binary(), COMPARED, order=0),
    OpCase("greater_equal", np.greater_equal, binary(), COMPARED, order=0),
    OpCase("isfinite", np.isfinite, extra=PREDICATES, order=0),
    OpCase("isinf", np.isinf, extra=PREDICATES, order=0),
    OpCase("isnan", np.isnan, extra=PREDICATES, order=0),
    OpCase("less", np.less, binary(), COMPARED, order=0),
    OpCase("less_equal", np.less_equal, binary(), COMPARED, order=0),
    OpCase("logical_and", np.logical_and, extra=BOOLEAN_PAIRS, order=0),
    OpCase("logical_not", np.logical_not, extra=[other(BOOLEANS), other(np.array(True))], order=0),
    OpCase("logical_or", np.logical_or, extra=BOOLEAN_PAIRS, order=0),
    OpCase("logical_xor", np.logical_xor, extra=BOOLEAN_PAIRS, order=0),
    OpCase("not_equal", np.not_equal, binary(), COMPARED, order=0),
]
