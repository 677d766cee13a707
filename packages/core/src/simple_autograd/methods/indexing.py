"""Methods that take elements by position or condition, or write or add at positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import Array
from .arguments import axis_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["IndexingMethods"]


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
        return ops.gather(self, dim, index)

    def scatter(self, dim: int, index: Array, src: Any) -> Variable:
        """A copy with ``out[index[i, j], j] = src[i, j]`` for axis 0, and so on. `src` may be a number."""
        return ops.scatter(self, dim, index, src)

    def scatter_add(self, dim: int, index: Array, src: Array) -> Variable:
        """As `scatter`, but what is written is added, and adds up."""
        return ops.scatter_add(self, dim, index, src)

    def index_select(self, dim: int, index: Array) -> Variable:
        """The slices at positions along an axis."""
        return ops.take(self, index, axis=dim)

    def index_add(self, dim: int, index: Array, source: Array, *, alpha: float = 1) -> Variable:
        """A copy with slices of `source`, times `alpha`, added at positions along an axis."""
        return ops.index_add(self, dim, index, source, alpha=alpha)

    def index_copy(self, dim: int, index: Array, source: Array) -> Variable:
        """A copy with slices of `source` written at positions along an axis; of several to one, the last counts."""
        return ops.index_put(self, (slice(None),) * (dim % self.ndim) + (index,), source)

    def index_fill(self, dim: int, index: Array, value: Any) -> Variable:
        """A copy with `value` written at positions along an axis."""
        return self.index_copy(dim, index, value)

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

    def nonzero(self, as_tuple: bool = False) -> Any:
        """Where elements are not zero: one row per element, or (`as_tuple`) one vector per axis."""
        found = ops.nonzero(self)
        return found if as_tuple else ops.stack(found, axis=1)

    argwhere = nonzero

    def count_nonzero(self, dim: Any = None, *, axis: Any = None) -> Variable:
        """How many elements are not zero."""
        return ops.count_nonzero(self, axis=axis_of("count_nonzero", dim, axis))
