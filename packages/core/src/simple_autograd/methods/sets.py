"""Methods on the different elements, or slices, of a Variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from .arguments import vector_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["SetMethods"]


class SetMethods(VariablePart):
    """The methods of `Variable` that leave out what is there already. Values keep the gradient, that of the first."""

    __slots__ = ()

    def unique(
        self,
        sorted: bool = True,
        return_inverse: bool = False,
        return_counts: bool = False,
        dim: int | None = None,
    ) -> Any:
        """The different elements, or slices along `dim`, in order in any case.

        If asked for, also which one stands where, and how often each occurs.
        """
        if dim is None:
            found = ops.unique_all(self)
            return _asked_for(
                found.values, found.inverse_indices, found.counts, return_inverse, return_counts
            )
        v, xp = vector_of(self), self.backend.xp
        keys = _rows(v, dim)
        order = xp.arange(v.shape[dim])
        for column in reversed(range(keys.shape[1])):
            by_this = ops.argsort(ops.getitem(keys, (order, column)), stable=True)
            order = xp.take(order, by_this._raw, axis=0)
        values, inverse, counts = ops.take(v, order, axis=dim).unique_consecutive(True, True, dim)
        inverse = ops.index_put(inverse, (order,), inverse)
        return _asked_for(values, inverse, counts, return_inverse, return_counts)

    def unique_consecutive(
        self, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
    ) -> Any:
        """The elements, or slices along `dim`, without those that are as the one before.

        If asked for, also which one stands where, and how often each occurs in a row.
        """
        v = ops.reshape(self, (-1,)) if dim is None else vector_of(self)
        axis, xp = dim or 0, self.backend.xp
        length = v.shape[axis]
        rows = _rows(v, axis)._raw
        new = xp.ones((length,), dtype=xp.bool)
        if length:
            new[1:] = xp.any(rows[1:, :] != rows[:-1, :], axis=1)
        (starts,) = xp.nonzero(new)
        inverse = xp.cumulative_sum(xp.astype(new, xp.int64), axis=0) - 1
        counts = xp.diff(starts, append=xp.asarray([length], dtype=starts.dtype))
        return _asked_for(
            ops.take(v, starts, axis=axis),
            ops.reshape(ops.asarray(inverse), self.shape if dim is None else (length,)),
            ops.asarray(counts),
            return_inverse,
            return_counts,
        )


def _rows(v: Variable, axis: int) -> Variable:
    """Give the slices along an axis as the rows of a matrix."""
    length = v.shape[axis]
    width = v.size // length if length else 0
    return ops.reshape(ops.moveaxis(v.detach(), axis, 0), (length, width))


def _asked_for(
    values: Any, inverse: Any, counts: Any, return_inverse: bool, return_counts: bool
) -> Any:
    extras = [inverse] * return_inverse + [counts] * return_counts
    return (values, *extras) if extras else values
