"""Cases of ``ops/manipulation.py``."""

from __future__ import annotations

import math

import numpy as np

import simple_autograd as sa
from tests.core.op_case import Failing, OpCase, draw, sample, shapes


def flattened(x, start_axis=0, end_axis=-1):
    if x.ndim == 0:
        return x.reshape(1)
    start, end = start_axis % x.ndim, end_axis % x.ndim
    lengths = x.shape
    return x.reshape(*lengths[:start], math.prod(lengths[start : end + 1]), *lengths[end + 1 :])


def swaps(rng):
    for shape, axes in [
        ((2, 3, 4), (0, 2)),
        ((2, 3, 4), (-1, 1)),
        ((2, 3), (0, 0)),
        ((0, 3), (0, 1)),
    ]:
        yield sample(draw(rng, shape), *axes)


def moves(rng):
    for shape, source, destination in [
        ((2, 3, 4), 0, 2),
        ((2, 3, 4), -1, 0),
        ((2, 3, 4), (0, 1), (1, 2)),
        ((2, 3, 4, 2), (3, 1), (0, -1)),
        ((2, 3), 1, 1),
        ((0, 3), 0, 1),
        ((2,), (), ()),
    ]:
        yield sample(draw(rng, shape), source, destination)


MATRIX = np.zeros((2, 3))


def together(function, stack):
    """Give the arrays that a function of several gives as one."""
    return lambda *arrays: stack(list(function(*arrays)))


CASES = [
    OpCase(
        "broadcast_arrays",
        together(np.broadcast_arrays, np.stack),
        shapes(
            ((3,), (2, 1)),
            ((2, 3), ()),
            ((0,), (1,), (2, 1)),
            ((2, 3),),
        ),
        function=together(sa.broadcast_arrays, sa.stack),
        torch=lambda t: together(t.broadcast_tensors, t.stack),
        complex=True,
        errors=[
            Failing((np.zeros(2), np.zeros(3)), ["broadcast_arrays", "(2,)", "(3,)"], ValueError)
        ],
    ),
    OpCase(
        "broadcast_to",
        np.broadcast_to,
        shapes(
            ((3,), {"shape": (2, 3)}),
            ((2, 1, 3), {"shape": (4, 2, 5, 3)}),
            ((), {"shape": (2, 2)}),
            ((1,), {"shape": (0,)}),
            ((2, 3), {"shape": (2, 3)}),
        ),
        torch=lambda t: lambda x, shape: t.broadcast_to(x, shape),
        complex=True,
        errors=[Failing((MATRIX,), ["(2,3)", "(2,4)"], ValueError, {"shape": (2, 4)})],
    ),
    OpCase(
        "expand_dims",
        lambda x, axis=0: np.expand_dims(x, axis),
        shapes(
            *[((2, 3), {"axis": axis}) for axis in (0, 1, 2, -1, -3, (0, -1), (1, 2), (3, 0), ())],
            ((), {"axis": 0}),
            ((2,),),
        ),
        errors=[
            Failing(
                (MATRIX,), ["expand_dims: an axis stands twice"], ValueError, {"axis": (0, -4)}
            ),
            Failing((MATRIX,), ["expand_dims: axis 4"], ValueError, {"axis": (4, 0)}),
        ],
        complex=True,
    ),
    OpCase(
        "flatten",
        flattened,
        shapes(
            ((2, 3, 4),),
            ((2, 3, 4), {"start_axis": 1}),
            ((2, 3, 4), {"end_axis": -2}),
            ((),),
            ((2, 0, 3), {"start_axis": 1}),
        ),
        torch=lambda t: lambda x, start_axis=0, end_axis=-1: t.flatten(x, start_axis, end_axis),
        complex=True,
        errors=[
            Failing(
                (MATRIX,),
                ["flatten: start_axis is 2", "2 axes", "(2, 3)"],
                ValueError,
                {"start_axis": 2},
            ),
            Failing(
                (MATRIX,),
                ["start_axis 1 lies behind end_axis 0"],
                ValueError,
                {"start_axis": 1, "end_axis": 0},
            ),
        ],
    ),
    OpCase(
        "moveaxis",
        np.moveaxis,
        moves,
        torch=lambda t: t.movedim,
        complex=True,
        errors=[
            Failing((MATRIX, 0, 2), ["moveaxis: axis 2", "2 axes"], ValueError),
            Failing((MATRIX, (0, 0), (0, 1)), ["moveaxis", "none of them twice"], ValueError),
            Failing((MATRIX, (0, 1), 1), ["moveaxis", "as many"], ValueError),
        ],
    ),
    OpCase(
        "permute_dims",
        lambda x, axes: np.transpose(x, axes),
        shapes(
            ((2, 3, 4), {"axes": (1, 2, 0)}),
            ((2, 3, 4), {"axes": (-1, 0, -2)}),
            ((2, 3), {"axes": (0, 1)}),
            ((), {"axes": ()}),
            ((0, 3), {"axes": (1, 0)}),
        ),
        torch=lambda t: lambda x, axes: t.permute(x, axes),
        complex=True,
        errors=[Failing((MATRIX,), ["axes"], ValueError, {"axes": (0, 1, 2)})],
    ),
    OpCase(
        "reshape",
        lambda x, shape, copy=None: np.reshape(x, shape),
        shapes(
            ((2, 3, 4), {"shape": (4, 6)}),
            ((2, 3, 4), {"shape": (-1,)}),
            ((2, 3, 4), {"shape": (3, -1, 2)}),
            ((), {"shape": (1, 1)}),
            ((1,), {"shape": ()}),
            ((0, 3), {"shape": (3, 0)}),
            ((2, 3), {"shape": (6,), "copy": True}),
        ),
        torch=lambda t: lambda x, shape, copy=None: t.reshape(x, shape),
        complex=True,
        errors=[Failing((MATRIX,), ["reshape", "size 6", "(4,)"], ValueError, {"shape": (4,)})],
    ),
    OpCase(
        "squeeze",
        lambda x, axis=None: np.squeeze(x, axis),
        shapes(
            ((1, 2, 1, 3),),
            ((1, 2, 1, 3), {"axis": 0}),
            ((1, 2, 1, 3), {"axis": (0, -2)}),
            ((2, 3),),
            ((1, 0),),
            ((1, 1),),
        ),
        torch=lambda t: lambda x, axis=None: t.squeeze(x) if axis is None else t.squeeze(x, axis),
        complex=True,
        errors=[Failing((MATRIX,), ["squeeze", "one"], ValueError, {"axis": 0})],
    ),
    OpCase(
        "swapaxes",
        np.swapaxes,
        swaps,
        complex=True,
        errors=[Failing((MATRIX, 0, 2), ["swapaxes: axis 2", "2 axes"], ValueError)],
    ),
]
