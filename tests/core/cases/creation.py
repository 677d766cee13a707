"""Cases of ``ops/creation.py``: no arrays go in, or only their shape and data type do."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import INTEGERS, Failing, OpCase, other, sample, shapes

SHAPES = [
    other((2, 3)),
    other(4),
    other(()),
    other((0, 2)),
    other((2,), dtype="float32"),
    other((2,), dtype="int32"),
    other((2,), dtype="complex128"),
    other((2,), dtype="bool"),
]
LIKE = [
    other(np.ones((2, 3))),
    other(np.array(1.0, np.float32)),
    other(INTEGERS),
    other(INTEGERS, dtype="float32"),
]


def shape_of(function):
    """Give the shape and data type alone of what is uninitialised."""
    return lambda *args, **options: sa.zeros_like(function(*args, **options))


def grid(xp):
    """Give all the coordinates that a namespace's ``meshgrid`` gives as one array."""
    return lambda *arrays, indexing="xy": xp.stack(xp.meshgrid(*arrays, indexing=indexing))


CASES = [
    OpCase(
        "arange",
        np.arange,
        extra=[
            other(5),
            other(2, 5),
            other(1.5, 4, 0.5),
            other(5, 0, -2),
            other(3, dtype="float32"),
            other(0),
        ],
        order=0,
        raw=False,
    ),
    OpCase(
        "asarray",
        np.asarray,
        shapes(((2, 3),), ((),), ((2, 3), {"copy": True}), ((2,), {"dtype": "float64"})),
        [
            sample([1.0 + 1j, 2.0 - 1j]),
            other(2.5),
            other([[1, 2], [3, 4]]),
            other([True, False]),
            other(np.ones(2, np.float32), dtype="float64"),
            other(np.ones(2), dtype="int64"),
        ],
        raw=False,
        errors=[
            Failing(
                (np.ones(2),),
                ["asarray: copy=False", "float64", "float32"],
                ValueError,
                {"dtype": "float32", "copy": False},
            )
        ],
    ),
    OpCase("empty", np.zeros, extra=SHAPES, function=shape_of(sa.empty), order=0, raw=False),
    OpCase(
        "empty_like",
        np.zeros_like,
        extra=LIKE,
        function=shape_of(sa.empty_like),
        order=0,
        raw=False,
    ),
    OpCase(
        "eye",
        lambda n, m=None, **options: np.eye(n, m, **options),
        extra=[
            other(3),
            other(2, 3),
            other(3, 2, k=1),
            other(3, k=-1),
            other(2, dtype="float32"),
            other(0),
        ],
        order=0,
        raw=False,
    ),
    OpCase(
        "from_dlpack",
        np.asarray,
        extra=[other(INTEGERS), other(INTEGERS.astype(np.uint8)), other(np.array(3))],
        order=0,
        raw=False,
    ),
    OpCase(
        "full",
        np.full,
        extra=[
            other((2, 3), 1.5),
            other(2, 7),
            other((), True),
            other((0, 2), 1.0),
            other((2,), 1, dtype="float32"),
        ],
        order=0,
        raw=False,
    ),
    OpCase(
        "full_like",
        np.full_like,
        extra=[
            other(np.ones((2, 3)), 1.5),
            other(INTEGERS, 7),
            other(INTEGERS, 1.5, dtype="float32"),
        ],
        order=0,
        raw=False,
    ),
    OpCase(
        "linspace",
        np.linspace,
        extra=[
            other(0.0, 1.0, 5),
            other(0, 10, num=11),
            other(1.0, -1.0, 4, endpoint=False),
            other(0.0, 1.0, 1),
            other(0.0, 1.0, 0),
            other(0.0, 1.0, 3, dtype="float32"),
        ],
        order=0,
        raw=False,
    ),
    OpCase(
        "meshgrid",
        grid(np),
        shapes(
            ((2,), (3,)),
            ((2,), (3,), {"indexing": "ij"}),
            ((2,), (3,), (2,)),
            ((3,),),
            ((), (2,)),
            ((0,), (2,)),
        ),
        [sample([1.0 + 1j, 2.0 - 1j], [0.5j, 1.5, -1j])],
        function=grid(sa),
        torch=lambda t: grid(t),
        mixes=False,
        errors=[
            Failing(
                (np.ones(2),), ["meshgrid: indexing 'ab'", "'xy'"], ValueError, {"indexing": "ab"}
            ),
            Failing((np.ones((2, 2)),), ["meshgrid", "(2, 2)", "one-dimensional"], ValueError),
        ],
    ),
    OpCase("ones", np.ones, extra=SHAPES, order=0, raw=False),
    OpCase("ones_like", np.ones_like, extra=LIKE, order=0, raw=False),
    OpCase("zeros", np.zeros, extra=SHAPES, order=0, raw=False),
    OpCase("zeros_like", np.zeros_like, extra=LIKE, order=0, raw=False),
]
