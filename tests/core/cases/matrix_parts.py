"""Cases of ``ops/matrix_parts.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import BOOLEANS, INTEGERS, Failing, OpCase, draw, other, sample, shapes

TRIANGLES = (
    ((3, 4),),
    *[((3, 4), {"k": k}) for k in (1, -1, 5, -5)],
    ((2, 4, 3), {"k": 1}),
    ((0, 3),),
    ((2, 0, 0),),
)


def diagonals(*of_shapes):
    def samples(rng):
        for shape in of_shapes:
            for k in (0, 1, -2):
                yield sample(draw(rng, shape), k)
        yield sample(draw(rng, of_shapes[0]))

    return samples


def embedded(x, offset=0, axis1=-2, axis2=-1):
    size = x.shape[-1] + abs(offset)
    out = np.zeros((*x.shape[:-1], size, size), x.dtype)
    places = np.arange(x.shape[-1])
    out[..., places + max(-offset, 0), places + max(offset, 0)] = x
    return np.moveaxis(out, (-2, -1), (axis1, axis2))


CASES = [
    OpCase(
        "diag",
        np.diag,
        diagonals((3,), (3, 4), (4, 3), (0,), (0, 3)),
        [other(INTEGERS, 1)],
        torch=lambda t: t.diag,
        complex=True,
        errors=[Failing((np.zeros((2, 2, 2)),), ["diag", "(2, 2, 2)", "diag_embed"], ValueError)],
    ),
    OpCase(
        "diag_embed",
        embedded,
        shapes(
            ((3,),),
            ((3,), {"offset": 2}),
            ((2, 3), {"offset": -1}),
            ((2, 3), {"axis1": 0, "axis2": 2}),
            ((2, 3), {"axis1": -1, "axis2": 0}),
            ((2, 0),),
        ),
        torch=lambda t: (
            lambda x, offset=0, axis1=-2, axis2=-1: t.diag_embed(x, offset, axis1, axis2)
        ),
        complex=True,
    ),
    OpCase(
        "diagflat",
        np.diagflat,
        diagonals((3,), (2, 3), (), (0,)),
        torch=lambda t: t.diagflat,
        complex=True,
    ),
    OpCase(
        "tril",
        lambda x, k=0: np.tril(x, k),
        shapes(*TRIANGLES),
        [other(INTEGERS, k=1), other(BOOLEANS)],
        torch=lambda t: lambda x, k=0: t.tril(x, k),
        complex=True,
    ),
    OpCase(
        "triu",
        lambda x, k=0: np.triu(x, k),
        shapes(*TRIANGLES),
        [other(INTEGERS, k=-1), other(BOOLEANS)],
        torch=lambda t: lambda x, k=0: t.triu(x, k),
        complex=True,
    ),
]
