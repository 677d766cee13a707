"""Cases of ``ops/rearranging.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import Failing, OpCase, draw, other, sample, shapes

INTEGERS = np.arange(6, dtype=np.int32).reshape(2, 3)
MATRIX = np.zeros((2, 3))


def repeats(rng):
    for shape, counts, axis in [
        ((2, 3), 2, 0),
        ((2, 3), 3, -1),
        ((2, 3), 2, None),
        ((2, 3), 0, 1),
        ((2, 3), np.array([2, 0, 1]), 1),
        ((2, 3), np.array([1, 3]), 0),
        ((2,), np.array([2]), 0),
        ((3,), np.array([0, 0, 0]), None),
        ((0, 2), 2, 0),
        ((), 3, None),
    ]:
        yield sample(draw(rng, shape), counts, axis=axis)


def torch_repeat(torch):
    return lambda x, counts, axis=None: torch.repeat_interleave(x, counts, axis)


def turns(rng):
    for k in range(-1, 5):
        yield sample(draw(rng, (2, 3)), k)
    yield sample(draw(rng, (2, 3, 4)), 1, (2, 0))
    yield sample(draw(rng, (2, 3, 4)), 3, (-1, 1))
    yield sample(draw(rng, (0, 3)), 1)


CASES = [
    OpCase(
        "flip",
        lambda x, axis=None: np.flip(x, axis),
        shapes(
            ((2, 3),),
            ((2, 3), {"axis": 0}),
            ((2, 3), {"axis": -1}),
            ((2, 3, 4), {"axis": (0, 2)}),
            ((0, 3), {"axis": 1}),
            ((),),
        ),
        torch=lambda t: (
            lambda x, axis=None: t.flip(
                x,
                tuple(range(x.ndim))
                if axis is None
                else axis
                if isinstance(axis, tuple)
                else (axis,),
            )
        ),
        complex=True,
    ),
    OpCase(
        "repeat",
        np.repeat,
        repeats,
        [other(INTEGERS, 2, axis=1)],
        torch=torch_repeat,
        constant=("repeats",),
        complex=True,
        errors=[Failing((MATRIX, 2), ["repeat: axis 2", "2 axes"], ValueError, {"axis": 2})],
    ),
    OpCase(
        "roll",
        lambda x, shift, axis=None: np.roll(x, shift, axis),
        shapes(
            ((2, 3), {"shift": 1}),
            ((2, 3), {"shift": -2, "axis": 1}),
            ((2, 3), {"shift": (1, 5), "axis": (0, 1)}),
            ((2, 3), {"shift": (1, 1), "axis": (1, 1)}),
            ((4,), {"shift": 9, "axis": 0}),
            ((0, 3), {"shift": 1, "axis": 0}),
            ((), {"shift": 1}),
        ),
        torch=lambda t: lambda x, shift, axis=None: t.roll(x, shift, axis),
        complex=True,
    ),
    OpCase(
        "rot90",
        np.rot90,
        turns,
        torch=lambda t: lambda x, k, axes=(0, 1): t.rot90(x, k, axes),
        complex=True,
        errors=[
            Failing((MATRIX, 1, (0, -2)), ["rot90", "two different ones"], ValueError),
            Failing((np.zeros(2), 1), ["rot90: axis 1", "1 axes"], ValueError),
        ],
    ),
    OpCase(
        "tile",
        lambda x, repetitions: np.tile(x, repetitions),
        shapes(
            ((2, 3), {"repetitions": (2, 3)}),
            ((2, 3), {"repetitions": (2,)}),
            ((3,), {"repetitions": (2, 2)}),
            ((2, 3), {"repetitions": ()}),
            ((2, 3), {"repetitions": (0, 2)}),
            ((0, 3), {"repetitions": (2, 2)}),
            ((), {"repetitions": (2,)}),
        ),
        function=lambda x, repetitions: sa.tile(x, repetitions),
        torch=lambda t: lambda x, repetitions: t.tile(x, repetitions),
        complex=True,
    ),
]
