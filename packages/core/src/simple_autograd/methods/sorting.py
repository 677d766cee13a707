"""Methods that sort, choose by rank, or accumulate along an axis.

Those that give elements and their positions give PyTorch's pair ``(values, indices)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..ops.results import ValuesAndIndices
from ..types import Array
from .arguments import along_an_axis, axis_of, required_axis
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["SortingMethods"]


class SortingMethods(VariablePart):
    """The methods of `Variable` on the order of its elements."""

    __slots__ = ()

    @along_an_axis
    def sort(
        self,
        dim: int = -1,
        descending: bool = False,
        stable: bool = False,
        *,
        axis: int | None = None,
    ) -> ValuesAndIndices:
        """The elements in order along an axis, and where they were."""
        axis = dim if axis is None else axis
        indices = ops.argsort(self, axis=axis, descending=descending, stable=stable)
        return ValuesAndIndices(ops.pick_along_axis(self, indices, axis=axis % self.ndim), indices)

    @along_an_axis
    def argsort(
        self,
        dim: int = -1,
        descending: bool = False,
        stable: bool = False,
        *,
        axis: int | None = None,
    ) -> Variable:
        """The positions of the elements in order along an axis. Not differentiable."""
        axis = dim if axis is None else axis
        return ops.argsort(self, axis=axis, descending=descending, stable=stable)

    def msort(self) -> Variable:
        """The elements in order along the first axis."""
        return self.sort(0).values

    def searchsorted(
        self, values: Any, side: str = "left", sorter: Array | None = None
    ) -> Variable:
        """Where `values` would have to be put in to keep this vector sorted (NumPy's method). Not differentiable."""
        return ops.searchsorted(self, values, side=side, sorter=sorter)

    @along_an_axis
    def topk(
        self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> ValuesAndIndices:
        """The `k` largest (or smallest) elements along an axis, and where they are; in order in any case."""
        return ops.topk(self, k, axis=dim, largest=largest)

    @along_an_axis
    def kthvalue(self, k: int, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices:
        """The `k`-th smallest elements along an axis, counted from 1, and where they are."""
        if not 1 <= k <= self.shape[dim]:
            raise ValueError(
                f"kthvalue: k is {k}; axis {dim} has {self.shape[dim]} elements, counted from 1."
            )
        return self._of_rank(k - 1, dim, keepdim)

    @along_an_axis
    def median(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None
    ) -> Any:
        """The lower one of the middle elements: over all as one Variable, along an axis with its position.

        NaN if there is one. ``simple_autograd.median`` is NumPy's, between the two.
        """
        axis = axis_of("median", dim, axis)
        if axis is None:
            return ops.reshape(self, (-1,)).median(0).values
        self._need_elements("median", axis)
        found = self._of_rank((self.shape[axis] - 1) // 2, axis, keepdim=True)
        # A NaN is sorted to the end: where there is one, it is what the last position gives.
        last = self._of_rank(self.shape[axis] - 1, axis, keepdim=True)
        missing = ops.isnan(last.values)
        indices = ops.where(missing, last.indices, found.indices)
        return self._at(indices, axis, keepdim)

    @along_an_axis
    def nanmedian(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None
    ) -> Any:
        """`median` of the elements that are not NaN; NaN where there is none."""
        axis = axis_of("nanmedian", dim, axis)
        if axis is None:
            return ops.reshape(self, (-1,)).nanmedian(0).values
        self._need_elements("nanmedian", axis)
        numbers = ops.count_nonzero(ops.equal(self, self), axis=axis, keepdims=True)
        ranks = ops.floor_divide(ops.subtract(ops.maximum(numbers, 1), 1), 2)
        indices = ops.take_along_axis(ops.argsort(self, axis=axis), ranks, axis=axis)
        return self._at(indices, axis, keepdim)

    @along_an_axis
    def mode(self, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices:
        """The most frequent elements along an axis, of several the least, and where they stand last."""
        self._need_elements("mode", dim)
        order = ops.moveaxis(ops.argsort(self, axis=dim), dim, -1)
        line = ops.take_along_axis(ops.moveaxis(self.detach(), dim, -1), order, axis=-1)
        # How often the element of each place in the order has occurred up to there.
        places = ops.cumulative_sum(ops.ones_like(line, dtype="int64"), axis=-1)
        starts = ops.not_equal(line[..., 1:], line[..., :-1])
        starts = ops.concat([ops.ones_like(line[..., :1], dtype="bool"), starts], axis=-1)
        counts = ops.subtract(places, ops.cummax(ops.where(starts, places, 0), axis=-1).values)
        most = ops.argmax(counts, axis=-1, keepdims=True)
        indices = ops.moveaxis(ops.take_along_axis(order, most, axis=-1), -1, dim)
        return self._at(indices, dim, keepdim)

    def quantile(
        self,
        q: Any,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
        axis: int | None = None,
    ) -> Variable:
        """The values below which a part `q` of the elements lies."""
        return ops.quantile(
            self,
            q,
            axis=axis_of("quantile", dim, axis, self),
            keepdims=keepdim,
            method=interpolation,
        )

    def nanquantile(
        self,
        q: Any,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
        axis: int | None = None,
    ) -> Variable:
        """`quantile` of the elements that are not NaN."""
        return ops.nanquantile(
            self,
            q,
            axis=axis_of("nanquantile", dim, axis, self),
            keepdims=keepdim,
            method=interpolation,
        )

    @along_an_axis
    def cumsum(
        self, dim: int | None = None, *, axis: int | None = None, dtype: Any = None
    ) -> Variable:
        """The sums up to each position along an axis."""
        axis = required_axis("cumsum", dim, axis)
        return ops.cumulative_sum(self, axis=axis, dtype=self._dtype(dtype))

    @along_an_axis
    def cumprod(
        self, dim: int | None = None, *, axis: int | None = None, dtype: Any = None
    ) -> Variable:
        """The products up to each position along an axis."""
        axis = required_axis("cumprod", dim, axis)
        return ops.cumulative_prod(self, axis=axis, dtype=self._dtype(dtype))

    @along_an_axis
    def cummax(self, dim: int) -> ValuesAndIndices:
        """The largest elements up to each position along an axis, and where they are."""
        return ops.cummax(self, axis=dim)

    @along_an_axis
    def cummin(self, dim: int) -> ValuesAndIndices:
        """The smallest elements up to each position along an axis, and where they are."""
        return ops.cummin(self, axis=dim)

    @along_an_axis
    def logcumsumexp(self, dim: int) -> Variable:
        """The logarithms of the sums of exponentials up to each position along an axis."""
        return ops.logcumsumexp(self, axis=dim)

    def diff(
        self, n: int = 1, dim: int = -1, prepend: Array = None, append: Array = None
    ) -> Variable:
        """Differences of neighbours along an axis, `n` times."""
        return ops.diff(self, n=n, axis=dim, prepend=prepend, append=append)

    def _dtype(self, dtype: Any) -> Any:
        return None if dtype is None else self.backend.dtype(dtype)

    def _need_elements(self, method: str, axis: int) -> None:
        if self.shape[axis] == 0:
            raise ValueError(f"{method}: there are no elements along axis {axis} to choose from.")

    def _of_rank(self, rank: int, axis: int, keepdim: bool) -> ValuesAndIndices:
        return self._at(ops.ranked_positions(self, ranks=(rank,), axis=axis), axis, keepdim)

    def _at(self, indices: Array, axis: int, keepdim: bool) -> ValuesAndIndices:
        """Give the elements at one position for each line along an axis, and the positions."""
        values = ops.pick_along_axis(self, indices, axis=axis % self.ndim)
        if not keepdim:
            values, indices = ops.squeeze(values, axis), ops.squeeze(indices, axis)
        return ValuesAndIndices(values, indices)
