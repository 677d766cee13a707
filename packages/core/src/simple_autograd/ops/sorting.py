"""Sorting functions: whole axes sorted, and the k largest or smallest of them.

Gradients go where the elements came from. Among equal ones that is a choice: sorting is stable unless told otherwise.
"""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace
from .arguments import refuse_complex
from .axes import axis_of
from .gathering import pick_along_axis, place_along_axis
from .index_keys import at_axis, complete
from .results import ValuesAndIndices

__all__ = ["argsort", "ranked_positions", "sort", "topk"]


@op
def sort(
    xp: Namespace, x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Array:
    """The elements in order along an axis; NaN counts as the largest.

    Parameters
    ----------
    x
        Real, any shape.
    axis
        Along which.
    descending
        The largest first.
    stable
        Let equal elements keep their order. That shows in the gradient only.
    """
    refuse_complex(xp, "sort", x)
    return xp.sort(x, axis=axis, descending=descending, stable=stable)


@sort.gradient("x")
def sort_wrt_x(xp, grad, x, axis, descending, stable):
    order = argsort(x, axis=axis, descending=descending, stable=stable)
    return place_along_axis(grad, order, axis=axis % x.ndim, length=x.shape[axis])


@op(differentiable=False)
def argsort(
    xp: Namespace, x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Array:
    """The positions of the elements in sorted order (see `sort`). Not differentiable."""
    refuse_complex(xp, "argsort", x)
    return xp.argsort(x, axis=axis, descending=descending, stable=stable)


def topk(x: Array, k: int, /, *, axis: int = -1, largest: bool = True) -> ValuesAndIndices:
    """The k largest elements along an axis in descending order, and where they are (PyTorch's ``topk``).

    Parameters
    ----------
    x
        Real, any shape.
    k
        How many.
    axis
        Along which.
    largest
        False gives the smallest, in ascending order.
    """
    axis = axis_of("topk", axis, x)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(
            f"topk: k is {k}; needed is a number of elements that axis {axis} has, at most {x.shape[axis]}."
        )
    indices = ranked_positions(x, ranks=tuple(range(k)), axis=axis, descending=largest)
    return ValuesAndIndices(pick_along_axis(x, indices, axis=axis), indices)


@op(differentiable=False)
def ranked_positions(
    xp: Namespace, x: Array, /, *, ranks: tuple[int, ...], axis: int, descending: bool = False
) -> Array:
    """The positions along an axis of the elements that have certain places in its sorted order.

    Parameters
    ----------
    x
        Real, any shape.
    ranks
        The places, 0 for the smallest (with `descending`, the largest).
    axis
        Along which. In the result its length is that of `ranks`.
    descending
        Count from the largest.
    """
    refuse_complex(xp, "ranked_positions", x)
    order = xp.argsort(x, axis=axis, descending=descending)
    if ranks == tuple(range(len(ranks))):
        return order[complete(order.shape, at_axis(slice(len(ranks)), axis, order.ndim))]
    return xp.take(order, xp.asarray(ranks, dtype=xp.int64), axis=axis)
