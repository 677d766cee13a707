"""``einsum``: sums of products of any number of tensors, written as subscripts."""

from __future__ import annotations

from typing import Any

from ..op import op
from ..types import Array, Namespace, Shape
from .contraction_plan import Term, contraction, from_sublists, places_of
from .diagonals import put_diagonal

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


@op(precision="lower")
def _einsum(xp: Namespace, *operands: Array, subscripts: str | tuple[Term, ...]) -> Array:
    for place, x in enumerate(operands):
        if not hasattr(x, "shape"):
            raise TypeError(
                f"einsum: operand {place} is a number, {x}; needed are arrays. Multiply the result by it."
            )
    plan = contraction(subscripts, tuple([tuple(x.shape) for x in operands]))
    left = list(operands)
    for place, diagonals, summed in plan.reductions:
        x = left[place]
        for order in diagonals:
            x = xp.linalg.diagonal(xp.permute_dims(x, order))
        left[place] = xp.sum(x, axis=summed, dtype=x.dtype) if summed else x
    for (i, j), orders, shapes, contracted, shape in plan.products:
        x2, x1 = left.pop(j), left.pop(i)
        x1 = _arranged(xp, x1, orders[0], shapes[0])
        x2 = _arranged(xp, x2, orders[1], shapes[1])
        out = xp.matmul(x1, x2) if contracted else x1 * x2
        left.append(_arranged(xp, out, None, shape))
    (x,) = left
    final = plan.order
    if final is None and len(operands) == 1:
        final = tuple(range(len(plan.output)))  # a result is never the operand itself
    return _arranged(xp, x, final, None)


def _arranged(xp: Namespace, x: Array, order: tuple[int, ...] | None, shape: Shape | None) -> Array:
    if order is not None:
        x = xp.permute_dims(x, order)
    return x if shape is None else xp.reshape(x, shape)


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
    if shape != [*found.shape]:
        found = xp.reshape(found, tuple(shape))
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
    return found if term == own else xp.permute_dims(found, places_of(term, own))


def _with_diagonal(xp: Namespace, x: Array, term: Term, label: int) -> tuple[Array, Term]:
    """Put in a second axis of a label, with zeros beside the diagonal; both stand at the end."""
    axis = term.index(label)
    rest = tuple([place for place in range(len(term)) if place != axis])
    length = x.shape[axis]
    x = put_diagonal(xp.permute_dims(x, (*rest, axis)), rows=length, columns=length)
    return x, (*[term[place] for place in rest], label, label)
