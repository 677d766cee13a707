"""Cases of ``ops/products.py``."""

from __future__ import annotations

import functools

import numpy as np

import simple_autograd as sa
from tests.core.op_case import INTEGERS, Failing, OpCase, other, shapes

PRODUCTS = [
    ((3, 4), (4, 2)),
    ((4,), (4,)),
    ((3, 4), (4,)),
    ((4,), (4, 3)),
    ((2, 3, 4), (4, 5)),
    ((2, 3, 4), (4,)),
    ((4,), (2, 4, 3)),
    ((3, 4), (2, 4, 2)),
    ((2, 1, 3, 4), (3, 4, 2)),
    ((2, 1, 3, 4), (4, 2)),
    ((1, 2, 3), (2, 3, 2)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0, 2, 3), (3, 2)),
    ((2, 3, 0), (0, 2)),
    ((2, 3, 2), (2, 0)),
    ((0,), (0,)),
]
SQUARE = np.arange(4).reshape(2, 2)
LONG = np.arange(3.0)
NUMBERS = [other(LONG, 3.0), other(3.0, LONG)]


def torch_axes(axes):
    return axes if isinstance(axes, int) else [list(part) for part in axes]


def promoted(torch, function):
    """Give torch's function that wants one data type, for several."""

    def call(*tensors, **options):
        dtype = functools.reduce(torch.promote_types, [tensor.dtype for tensor in tensors])
        return function(*[tensor.to(dtype) for tensor in tensors], **options)

    return call


def chained(*arrays):
    return functools.reduce(np.matmul, arrays)


CASES = [
    OpCase(
        "matmul",
        np.matmul,
        shapes(*PRODUCTS),
        [other(SQUARE, SQUARE), other(SQUARE.astype(np.float32), SQUARE.astype(np.float64))],
        torch=lambda t: promoted(t, t.matmul),
        complex=True,
        errors=[
            Failing((np.zeros((2, 3)), np.zeros((2, 3))), ["matmul"], ValueError),
            Failing((np.zeros((2, 3)), 2.0), ["matmul"], ValueError),
            Failing((np.zeros((2, 2, 3)), np.zeros((2, 3))), ["matmul"], ValueError),
        ],
    ),
    OpCase(
        "matrix_transpose",
        lambda x: np.swapaxes(x, -1, -2),
        shapes(((3, 4),), ((2, 3, 4),), ((0, 2),)),
        [other(SQUARE)],
        torch=lambda t: lambda x: x.mT,
        complex=True,
    ),
    OpCase(
        "tensordot",
        lambda x1, x2, axes=2: np.tensordot(x1, x2, axes),
        shapes(
            ((2, 3, 4), (3, 4, 2)),
            ((2, 3), (3,), {"axes": 1}),
            ((2,), (3,), {"axes": 0}),
            ((2, 3), (), {"axes": 0}),
            ((2, 3, 4), (4, 5, 2), {"axes": ((2, 0), (0, 2))}),
            ((2, 3, 4), (4, 3, 5), {"axes": ((-2, -1), (-2, -3))}),
            ((3, 2), (2, 3, 2), {"axes": ((1,), (2,))}),
            ((2, 3), (2, 3), {"axes": ((1, 0), (1, 0))}),
            ((2, 0), (0, 3), {"axes": 1}),
        ),
        [other(SQUARE, SQUARE, axes=1)],
        torch=lambda t: promoted(
            t, lambda x1, x2, axes=2: t.tensordot(x1, x2, dims=torch_axes(axes))
        ),
        complex=True,
        errors=[Failing((np.zeros((2, 3)), np.zeros((2, 3))), [], ValueError, {"axes": 1})],
    ),
    OpCase(
        "vecdot",
        np.vecdot,
        shapes(
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (4, 2, 3)),
            ((4, 1, 3), (2, 3)),
            ((3, 2), (3, 2), {"axis": 0}),
            ((3, 2), (5, 3, 1), {"axis": -2}),
            ((2, 0), (2, 0)),
        ),
        [other(SQUARE, SQUARE)],
        torch=lambda t: promoted(t, lambda x1, x2, axis=-1: t.linalg.vecdot(x1, x2, dim=axis)),
        complex=True,
        errors=[
            Failing((np.zeros((2, 3)), np.zeros(3)), ["vecdot", "axis 0"], ValueError, {"axis": 0})
        ],
    ),
    OpCase(
        "cross",
        np.linalg.cross,
        shapes(
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((4, 1, 3), (2, 3)),
            ((3, 2), (3, 2), {"axis": 0}),
            ((2, 3, 2), (3, 1), {"axis": -2}),
            ((0, 3), (0, 3)),
        ),
        [other(np.array([1, 2, 3]), np.array([0, 1, -1]))],
        torch=lambda t: promoted(
            t, lambda x1, x2, axis=-1: t.linalg.cross(*t.broadcast_tensors(x1, x2), dim=axis)
        ),
        complex=True,
        errors=[
            Failing((np.zeros((3, 3)), np.zeros(3)), ["cross", "axis 0"], ValueError, {"axis": 0}),
            Failing((np.zeros(2), np.zeros(2)), [], ValueError),
        ],
    ),
    OpCase(
        "outer",
        np.outer,
        shapes(((3,), (2,)), ((1,), (3,)), ((0,), (3,))),
        [other(np.array([1, 2]), np.array([3, 4, 5]))],
        torch=lambda t: t.outer,
        complex=True,
        errors=[Failing((np.zeros((2, 2)), np.zeros(2)), ["outer", "x1", "(2, 2)"], ValueError)],
    ),
    OpCase(
        "inner",
        np.inner,
        shapes(((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 2, 3)), ((), (2,)), ((2, 0), (0,))),
        [*NUMBERS, other(SQUARE, SQUARE)],
        torch=lambda t: promoted(t, t.inner),
        complex=True,
    ),
    OpCase(
        "dot",
        np.dot,
        shapes(
            ((3,), (3,)),
            ((2, 3), (3, 2)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((2, 3, 4), (4,)),
            ((2, 3), (2, 3, 4)),
            ((3,), (2, 3, 4)),
            ((), (2, 3)),
        ),
        [*NUMBERS, other(SQUARE, SQUARE)],
        complex=True,
    ),
    OpCase(
        "kron",
        np.kron,
        shapes(
            ((2, 3), (3, 2)),
            ((3,), (2,)),
            ((2,), (2, 1, 3)),
            ((2, 1, 3), (2,)),
            ((), (2, 3)),
            ((0, 2), (2,)),
        ),
        [*NUMBERS, other(SQUARE, INTEGERS)],
        torch=lambda t: t.kron,
        complex=True,
    ),
    OpCase(
        "multi_dot",
        chained,
        shapes(
            ((3, 4), (4, 2)),
            ((2, 5), (5, 3), (3, 4)),
            ((5,), (5, 3), (3, 2), (2,)),
            ((4, 1), (1, 4), (4, 1), (1, 4)),
            ((3,), (3,)),
        ),
        function=lambda *arrays: sa.linalg.multi_dot(arrays),
        torch=lambda t: promoted(t, lambda *arrays: t.linalg.multi_dot(arrays)),
        complex=True,
        errors=[
            Failing((LONG,), ["multi_dot", "two", "got 1"], ValueError),
            Failing((LONG, LONG, LONG), ["multi_dot", "matrices", "(3,)"], ValueError),
        ],
    ),
]
