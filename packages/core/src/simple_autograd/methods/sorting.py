"""Methods that sort, choose by rank, or accumulate along an axis.

Those that give elements and their positions give PyTorch's pair ``(values, indices)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..ops.results import ValuesAndIndices
from ..types import Array
from .arguments import axis_of, required_axis
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["SortingMethods"]


class SortingMethods(VariablePart):
    """The methods of `Variable` on the order of its elements."""

    __slots__ = ()

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
        if not self.ndim:
            return ValuesAndIndices(ops.asarray(self, copy=True), ops.argmax(self))
        indices = ops.argsort(self, axis=axis, descending=descending, stable=stable)
        return ValuesAndIndices(ops.pick_along_axis(self, indices, axis=axis % self.ndim), indices)

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

    def topk(
        self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> ValuesAndIndices:
        """The `k` largest (or smallest) elements along an axis, and where they are; in order in any case."""
        return ops.topk(self, k, axis=dim, largest=largest)

    def kthvalue(self, k: int, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices:
        """The `k`-th smallest elements along an axis, counted from 1, and where they are."""
        if not 1 <= k <= self.shape[dim]:
            raise ValueError(
                f"kthvalue: k is {k}; axis {dim} has {self.shape[dim]} elements, counted from 1."
            )
        return self._of_rank(k - 1, dim, keepdim)

    def median(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None
    ) -> Any:
        """The lower one of the middle elements: over all as one Variable, along an axis with its position.

        NaN if there is one. ``simple_autograd.median`` is NumPy's, between the two.
        """
        axis = axis_of("median", dim, axis)
        if axis is None:
            return ops.quantile(self, 0.5, method="lower")
        found = self._of_rank((self.shape[axis] - 1) // 2, axis, keepdim=True)
        # A NaN is sorted to the end: where there is one, it is what the last position gives.
        last = self._of_rank(self.shape[axis] - 1, axis, keepdim=True)
        missing = ops.isnan(last.values)
        indices = ops.where(missing, last.indices, found.indices)
        return self._at(indices, axis, keepdim)

    def nanmedian(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None
    ) -> Variable:
        """The lower one of the middle elements that are not NaN (the values alone)."""
        axis = axis_of("nanmedian", dim, axis)
        return ops.nanquantile(self, 0.5, axis=axis, keepdims=keepdim, method="lower")

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
            self, q, axis=axis_of("quantile", dim, axis), keepdims=keepdim, method=interpolation
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
            self, q, axis=axis_of("nanquantile", dim, axis), keepdims=keepdim, method=interpolation
        )

    def unique(
        self, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False
    ) -> Any:
        """The different elements, in order; if asked for, which one stands where, and how often each occurs."""
        found = ops.unique_all(self)
        extras = [found.inverse_indices] * return_inverse + [found.counts] * return_counts
        return (found.values, *extras) if extras else found.values

    def cumsum(
        self, dim: int | None = None, *, axis: int | None = None, dtype: Any = None
    ) -> Variable:
        """The sums up to each position along an axis."""
        axis = required_axis("cumsum", dim, axis)
        return ops.cumulative_sum(self, axis=axis, dtype=self._dtype(dtype))

    def cumprod(
        self, dim: int | None = None, *, axis: int | None = None, dtype: Any = None
    ) -> Variable:
        """The products up to each position along an axis."""
        axis = required_axis("cumprod", dim, axis)
        return ops.cumulative_prod(self, axis=axis, dtype=self._dtype(dtype))

    def cummax(self, dim: int) -> ValuesAndIndices:
        """The largest elements up to each position along an axis, and where they are."""
        return ops.cummax(self, axis=dim)

    def cummin(self, dim: int) -> ValuesAndIndices:
        """The smallest elements up to each position along an axis, and where they are."""
        return ops.cummin(self, axis=dim)

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

    def _of_rank(self, rank: int, axis: int, keepdim: bool) -> ValuesAndIndices:
        return self._at(ops.ranked_positions(self, ranks=(rank,), axis=axis), axis, keepdim)

    def _at(self, indices: Array, axis: int, keepdim: bool) -> ValuesAndIndices:
        """Give the elements at one position for each line along an axis, and the positions."""
        values = ops.pick_along_axis(self, indices, axis=axis % self.ndim)
        if not keepdim:
            values, indices = ops.squeeze(values, axis), ops.squeeze(indices, axis)
        return ValuesAndIndices(values, indices)
