"""Methods that take elements by position or condition, or write or add at positions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import ops
from ..ops.axes import one_axis
from ..types import Array
from .arguments import along_an_axis, axis_of, vector_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["IndexingMethods"]

_REDUCTIONS = {"add": "sum", "multiply": "prod"}
"""What PyTorch's `scatter` calls two of the reductions of `scatter_reduce`."""


class IndexingMethods(VariablePart):
    """The indexing methods of `Variable`. None writes in place; those of PyTorch with an underscore do not exist."""

    __slots__ = ()

    def take(self, index: Array, axis: int | None = None) -> Variable:
        """The elements at positions, of the flattened Variable by default."""
        if axis is None:
            return ops.take(ops.reshape(self, (-1,)), index)
        return ops.take(self, index, axis=axis)

    def take_along_dim(self, indices: Array, dim: int | None = None) -> Variable:
        """The elements at positions along an axis, with positions of their own for each line along it."""
        if dim is None:
            return ops.take_along_axis(ops.reshape(self, (-1,)), ops.reshape(indices, (-1,)))
        return ops.take_along_axis(self, indices, axis=dim)

    def gather(self, dim: int, index: Array) -> Variable:
        """``out[i, j] = v[index[i, j], j]`` for axis 0, and so on."""
        shape = getattr(index, "shape", None)
        if shape is not None and 0 in shape:  # PyTorch lets it have any number of axes then
            return ops.reshape(ops.getitem(ops.reshape(self, (-1,)), slice(0)), shape)
        out = ops.gather(vector_of(self), dim, vector_of(index))
        return ops.reshape(out, ()) if shape == () else out

    @along_an_axis
    def scatter(
        self,
        dim: int,
        index: Array,
        src: Any = None,
        *,
        value: complex | None = None,
        reduce: str | None = None,
    ) -> Variable:
        """A copy with ``out[index[i, j], j] = src[i, j]`` for axis 0, and so on; `src` may be a number, or `value`.

        With `reduce` ``"add"`` or ``"multiply"`` what is written is added to what is there, or multiplied with it.
        """
        if (src is None) == (value is None):
            raise TypeError("scatter: needed is either src or value, one of them.")
        src = value if src is None else src
        if reduce is not None:
            if reduce not in _REDUCTIONS:
                raise ValueError(
                    f"scatter: reduce is {reduce!r}; there are 'add' and 'multiply'. For others use scatter_reduce."
                )
            if not hasattr(src, "shape"):
                src = self.backend.xp.full(tuple(index.shape), src, dtype=self.dtype)
            return self.scatter_reduce(dim, index, src, _REDUCTIONS[reduce])
        return ops.scatter(self, dim, vector_of(index), vector_of(src))

    @along_an_axis
    def scatter_add(self, dim: int, index: Array, src: Array) -> Variable:
        """As `scatter`, but what is written is added, and adds up."""
        return ops.scatter_add(self, dim, vector_of(index), vector_of(src))

    @along_an_axis
    def scatter_reduce(
        self, dim: int, index: Array, src: Array, reduce: str, *, include_self: bool = True
    ) -> Variable:
        """As `scatter`, but what comes to one position is reduced: its ``sum prod mean amax amin``.

        `include_self` says whether what is there already is one of the elements.
        """
        index, src = vector_of(index), vector_of(src)
        return ops.scatter_reduce(self, dim, index, src, reduce=reduce, include_self=include_self)

    @along_an_axis
    def index_select(self, dim: int, index: Array) -> Variable:
        """The slices at positions along an axis."""
        return ops.take(self, vector_of(index), axis=dim)

    @along_an_axis
    def index_add(self, dim: int, index: Array, source: Array, *, alpha: float = 1) -> Variable:
        """A copy with slices of `source`, times `alpha`, added at positions along an axis."""
        return ops.index_add(self, dim, vector_of(index), vector_of(source), alpha=alpha)

    @along_an_axis
    def index_reduce(
        self, dim: int, index: Array, source: Array, reduce: str, *, include_self: bool = True
    ) -> Variable:
        """As `index_add`, but the slices that come to one position are reduced: ``prod mean amax amin``."""
        source = vector_of(source)
        behind = source.ndim - one_axis("index_reduce", dim, source.ndim) - 1
        lines = ops.broadcast_to(ops.reshape(index, (-1,) + (1,) * behind), source.shape)
        return self.scatter_reduce(dim, lines, source, reduce, include_self=include_self)

    @along_an_axis
    def index_copy(self, dim: int, index: Array, source: Array) -> Variable:
        """A copy with slices of `source` written at positions along an axis; of several to one, the last counts."""
        return self._with_slices("index_copy", dim, vector_of(index), vector_of(source))

    @along_an_axis
    def index_fill(self, dim: int, index: Array, value: Any) -> Variable:
        """A copy with `value` written at positions along an axis."""
        return self._with_slices("index_fill", dim, vector_of(index), value)

    def select_scatter(self, src: Array, dim: int, index: int) -> Variable:
        """A copy with `src` written over the slice at a position along an axis."""
        return self._with_slices("select_scatter", dim, index, src)

    def slice_scatter(
        self,
        src: Array,
        dim: int = 0,
        start: int | None = None,
        end: int | None = None,
        step: int = 1,
    ) -> Variable:
        """A copy with `src` written over the slices from `start` to before `end` along an axis."""
        return self._with_slices("slice_scatter", dim, slice(start, end, step), src)

    def diagonal_scatter(
        self, src: Array, offset: int = 0, dim1: int = 0, dim2: int = 1
    ) -> Variable:
        """A copy with `src` written over a diagonal of the matrices that two axes make."""
        matrices = ops.moveaxis(self, (dim1, dim2), (-2, -1))
        rows, columns = matrices.shape[-2:]
        first = max(-offset, 0)
        along = self.backend.xp.arange(first, max(min(rows, columns - offset), first))
        written = ops.index_put(matrices, (..., along, along + offset), src)
        return ops.moveaxis(written, (-2, -1), (dim1, dim2))

    def _with_slices(self, method: str, dim: int, index: Any, values: Any) -> Variable:
        key = (slice(None),) * one_axis(method, dim, self.ndim) + (index,)
        return ops.index_put(self, key, values)

    def index_put(
        self, indices: tuple[Array, ...], values: Any, accumulate: bool = False
    ) -> Variable:
        """A copy with `values` written at ``[indices]``, or with `accumulate` added there."""
        if not accumulate:
            return ops.index_put(self, tuple(indices), values)
        selected = ops.getitem(self, tuple(indices))
        values = ops.broadcast_to(values, selected.shape)
        return ops.add(self, ops.put_add(values, tuple(indices), self.shape))

    def masked_fill(self, mask: Array, value: Any) -> Variable:
        """The elements, and `value` where `mask` holds."""
        return ops.masked_fill(self, mask, value)

    def masked_select(self, mask: Array) -> Variable:
        """The elements where `mask` holds, in one axis."""
        both = ops.broadcast_arrays(self, mask)
        return ops.getitem(both[0], both[1])

    def masked_scatter(self, mask: Array, source: Array) -> Variable:
        """A copy with the elements of `source`, one after the other, written where `mask` holds."""
        v, mask = ops.broadcast_arrays(self, mask)
        count = int(ops.count_nonzero(mask))
        if math.prod(source.shape) < count:
            raise ValueError(
                f"masked_scatter: the mask holds at {count} places, and the source of shape {tuple(source.shape)} has "
                f"fewer elements."
            )
        values = ops.getitem(ops.reshape(source, (-1,)), slice(count))
        return ops.index_put(v, (mask,), values)

    def nonzero(self, as_tuple: bool = False) -> Any:
        """Where elements are not zero: one row per element, or (`as_tuple`) one vector per axis."""
        found = ops.nonzero(vector_of(self))
        if as_tuple:
            return found
        rows = ops.stack(found, axis=1)
        return rows if self.ndim else ops.getitem(rows, (slice(None), slice(0)))

    argwhere = nonzero

    def count_nonzero(self, dim: Any = None, *, axis: Any = None) -> Variable:
        """How many elements are not zero."""
        return ops.count_nonzero(self, axis=axis_of("count_nonzero", dim, axis))
