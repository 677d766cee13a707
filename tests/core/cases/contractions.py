"""Cases of ``ops/einsum.py``. What NumPy and random subscripts have to say is in ``test_einsum.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.cases.products import promoted
from tests.core.op_case import Failing, OpCase, draw, other, refused, sample

CALLS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ji,jk->ki", (3, 2), (3, 4)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("i,j->ji", (2,), (3,)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("bhqd,bhkd->bhqk", (2, 1, 2, 3), (2, 1, 3, 3)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 2)),
    ("...ij,...jk", (2, 3), (4, 3, 2)),
    ("i...,i...->...", (2, 3), (2, 3)),
    ("i...->...i", (2, 3, 4)),
    ("...,...", (2, 3), (3,)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iij->ji", (3, 3, 2)),
    ("iii->i", (2, 2, 2)),
    ("iijj->ij", (2, 2, 3, 3)),
    ("ijij,j->i", (2, 3, 2, 3), (3,)),
    ("ii,i->i", (3, 3), (3,)),
    ("ba", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->i", (2, 3)),
    ("ijk->ki", (2, 3, 4)),
    ("ij,k->i", (2, 3), (4,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("i,ij,j->", (3,), (3, 2), (2,)),
    ("ab,bc,cd,de->ae", (2, 3), (3, 2), (2, 3), (3, 1)),
    ("i,i,i->i", (3,), (3,), (3,)),
    ("ij,jk,ki->", (2, 3), (3, 4), (4, 2)),
    (",->", (), ()),
    (",ij->ji", (), (2, 3)),
    ("ij,jk->ik", (2, 0), (0, 3)),
    ("ij,jk->ik", (0, 2), (2, 3)),
    # Length one stands for any length.
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,jk->ik", (2, 1), (3, 4)),
    ("ij,ij->", (2, 1), (1, 3)),
]


def samples(rng):
    for subscripts, *lengths in CALLS:
        arrays = [draw(rng, shape, place=i % 3) for i, shape in enumerate(lengths)]
        yield sample(*arrays, subscripts=subscripts)


def call(library):
    return lambda *operands, subscripts: library.einsum(subscripts, *operands)


def failing(words, subscripts, *lengths):
    arrays = tuple(np.zeros(shape) for shape in lengths)
    return Failing(arrays, ["einsum", *words], ValueError, {"subscripts": subscripts})


CASES = [
    OpCase(
        "einsum",
        call(np),
        samples,
        [
            other(np.arange(6).reshape(2, 3), np.arange(3), subscripts="ij,j->i"),
            other(np.arange(6, dtype=np.int32).reshape(2, 3), subscripts="ij->i"),
            refused(sample([1.0, 2.0], subscripts=" i -> i "), torch="it is given one more space"),
        ],
        function=call(sa),
        torch=lambda t: promoted(t, call(t)),
        complex=True,
        errors=[
            Failing(
                (2.0, np.zeros(2)),
                ["einsum", "operand 0 is a number"],
                options={"subscripts": ",i"},
            ),
            failing(["2 operands", "1 were given"], "ij,jk->ik", (2, 3)),
            failing(["operand 1", "1 axes", "names 2"], "ij,jk->ik", (2, 3), (3,)),
            failing(["operand 0", "3 axes", "names 2", "..."], "ij->", (2, 3, 4)),
            failing(["'j'", "length 4 in operand 1", "and 3 elsewhere"], "ij,jk", (2, 3), (4, 2)),
            failing(["'i'", "length 3 in operand 0", "and 2 elsewhere"], "ii", (2, 3)),
            failing(["'k' in the output is in no operand"], "ij->k", (2, 3)),
            failing(["twice in the output"], "ij->ii", (2, 3)),
            failing(["ellipsis that the output lacks"], "...i->i", (2, 3)),
            failing(["operand 0", "needed are letters"], "i1->i", (2, 3)),
            failing(["'...'", "length 3 in operand 1", "and 2 elsewhere"], "...,...", (2,), (3,)),
        ],
    ),
]
