"""``einsum``: sums of products of any number of tensors, written as subscripts."""

from __future__ import annotations

import math
from typing import Any

from ..op import op
from ..types import Array, Namespace, Shape
from .diagonals import put_diagonal
from .einsum_plan import Contraction, Term, contraction, from_sublists

__all__ = ["einsum"]


def einsum(subscripts: Any, /, *operands: Any) -> Array:
    """Sum of products by Einstein's convention: what the output does not name is summed over.

    Parameters
    ----------
    subscripts
        Letters for each operand's axes, ``"ij,jk->ik"``. ``...`` stands for any further axes, which broadcast. Without
        ``->`` the output has the ellipsis's axes and, in alphabetical order, the letters that occur once. A letter
        twice in one operand takes its diagonal. Or operands and lists of integers in turn, the output's list last:
        ``einsum(x1, [0, 1], x2, [1, 2], [0, 2])``.
    *operands
        One array for each. Axes of one letter have one length, or length one, which broadcasts.

    Raises
    ------
    ValueError
        If the subscripts do not fit the operands.

    Notes
    -----
    Products are taken in pairs, in a greedy order, and each is a matrix product as far as it can be one. The gradient
    is an einsum again.

    Examples
    --------
    >>> import simple_autograd as sa
    >>> x = sa.Variable([[1.0, 2.0], [3.0, 4.0]])
    >>> sa.einsum("ii", x).backward()
    >>> x.grad
    array([[1., 0.],
           [0., 1.]])
    """
    if not isinstance(subscripts, str):
        subscripts, operands = from_sublists((subscripts, *operands))
    return _einsum(*operands, subscripts=subscripts)


@op
def _einsum(xp: Namespace, *operands: Array, subscripts: str | tuple[Term, ...]) -> Array:
    plan = contraction(subscripts, tuple([tuple(x.shape) for x in operands]))
    # Length one in the place of a longer label broadcasts, so that operand does not really have the label.
    own = [
        [
            label
            for label, length in zip(term, x.shape, strict=True)
            if length == plan.lengths[label]
        ]
        for x, term in zip(operands, plan.terms, strict=True)
    ]
    left = [
        _reduced(xp, x, term, _needed(plan, own, place, place).intersection(own[place]))
        for place, (x, term) in enumerate(zip(operands, plan.terms, strict=True))
    ]
    for i, j in plan.pairs:
        needed = _needed(plan, [term for _, term in left], i, j)
        (x2, term2), (x1, term1) = left.pop(j), left.pop(i)
        left.append(_product(xp, x1, term1, x2, term2, needed))
    ((x, term),) = left
    if not plan.pairs:  # a result is never the operand itself
        return xp.permute_dims(x, _places(term, plan.output))
    return _permuted(xp, x, term, plan.output)


@_einsum.gradient("operands")
def einsum_wrt_operands(xp, grad, index, operands, subscripts):
    plan = contraction(subscripts, tuple([tuple(x.shape) for x in operands]))
    own = plan.terms[index]
    lengths = dict(zip(own, operands[index].shape, strict=True))  # each label once
    terms = (plan.output, *plan.terms[:index], *plan.terms[index + 1 :])
    met = tuple([label for label in lengths if any([label in term for term in terms])])
    others = (*operands[:index], *operands[index + 1 :])
    found = _einsum(grad, *others, subscripts=(*terms, met))
    # What this operand alone has was summed over: all its elements get the same. And where its length one stood
    # against a longer one, it was repeated.
    shape = [found.shape[met.index(label)] if label in met else 1 for label in lengths]
    found = _reshaped(xp, found, tuple(shape))
    repeated = [
        axis for axis, length in enumerate(lengths.values()) if length == 1 and shape[axis] != 1
    ]
    if repeated:
        found = xp.sum(found, axis=tuple(repeated), keepdims=True)
    if tuple(found.shape) != tuple(lengths.values()):
        found = xp.broadcast_to(found, tuple(lengths.values()))
    term = tuple(lengths)
    for label in lengths:
        for _ in range(own.count(label) - 1):
            found, term = _with_diagonal(xp, found, term, label)
    return found if term == own else xp.permute_dims(found, _places(term, own))


def _with_diagonal(xp: Namespace, x: Array, term: Term, label: int) -> tuple[Array, Term]:
    """Put in a second axis of a label, with zeros beside the diagonal; both stand at the end."""
    axis = term.index(label)
    rest = tuple([place for place in range(len(term)) if place != axis])
    length = x.shape[axis]
    x = put_diagonal(xp.permute_dims(x, (*rest, axis)), rows=length, columns=length)
    return x, (*[term[place] for place in rest], label, label)


def _needed(plan: Contraction, terms: Any, i: int, j: int) -> set[int]:
    """Give the labels that something other than the operands i and j asks for."""
    others = [term for place, term in enumerate(terms) if place not in (i, j)]
    return set(plan.output).union(*others)


def _reduced(xp: Namespace, x: Array, term: Term, needed: set[int]) -> tuple[Array, Term]:
    """Take diagonals of labels that stand twice, and sum over those that are not needed."""
    while len(set(term)) < len(term):
        label = next(label for label in term if term.count(label) > 1)
        first, second = [axis for axis, other in enumerate(term) if other == label][:2]
        rest = [axis for axis in range(len(term)) if axis not in (first, second)]
        x = xp.linalg.diagonal(xp.permute_dims(x, (*rest, first, second)))
        term = (*[term[axis] for axis in rest], label)
    summed = [axis for axis, label in enumerate(term) if label not in needed]
    if summed:
        x = xp.sum(x, axis=tuple(summed), dtype=x.dtype)
        term = tuple([label for label in term if label in needed])
    return x, term


def _product(
    xp: Namespace, x1: Array, term1: Term, x2: Array, term2: Term, needed: set[int]
) -> tuple[Array, Term]:
    """Multiply two operands and sum over the labels that nobody needs any more."""
    both = [label for label in term1 if label in term2]
    kept = tuple([label for label in both if label in needed])
    summed = tuple([label for label in both if label not in needed])
    own1 = tuple([label for label in term1 if label not in both])
    own2 = tuple([label for label in term2 if label not in both])
    lengths = {**dict(zip(term1, x1.shape, strict=True)), **dict(zip(term2, x2.shape, strict=True))}
    x1 = _permuted(xp, x1, term1, kept + own1 + summed)
    x2 = _permuted(xp, x2, term2, kept + summed + own2)
    if summed:
        stack = [lengths[label] for label in kept]
        rows, inside, columns = [
            math.prod([lengths[label] for label in labels]) for labels in (own1, summed, own2)
        ]
        x1 = _reshaped(xp, x1, (*stack, rows, inside))
        x2 = _reshaped(xp, x2, (*stack, inside, columns))
        out = xp.matmul(x1, x2)
    else:
        x1 = _reshaped(xp, x1, (*x1.shape, *[1] * len(own2)))
        x2 = _reshaped(xp, x2, (*x2.shape[: len(kept)], *[1] * len(own1), *x2.shape[len(kept) :]))
        out = x1 * x2
    term = kept + own1 + own2
    return _reshaped(xp, out, tuple([lengths[label] for label in term])), term


def _permuted(xp: Namespace, x: Array, term: Term, wanted: Term) -> Array:
    """Bring the axes of `x` from the order of one term to that of another."""
    return x if term == wanted else xp.permute_dims(x, _places(term, wanted))


def _places(term: Term, wanted: Term) -> tuple[int, ...]:
    """Give the order of axes that leads from one term to another; a label may stand in both several times."""
    free: list[int | None] = list(term)
    places = []
    for label in wanted:
        place = free.index(label)
        free[place] = None
        places.append(place)
    return tuple(places)


def _reshaped(xp: Namespace, x: Array, shape: Shape) -> Array:
    return x if tuple(x.shape) == shape else xp.reshape(x, shape)
