"""Methods that reduce axes: sums, extremes, questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import Axis
from .arguments import axis_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["ReductionMethods"]


class ReductionMethods(VariablePart):
    """The reducing methods of `Variable`."""

    __slots__ = ()

    def sum(
        self,
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The sum over axes; over all of them by default."""
        if dtype is not None:
            dtype = self.backend.dtype(dtype)
        return ops.sum(
            self, axis=axis_of("sum", dim, axis), keepdims=keepdim or keepdims, dtype=dtype
        )

    def prod(
        self,
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The product over axes; over all of them by default."""
        if dtype is not None:
            dtype = self.backend.dtype(dtype)
        return ops.prod(
            self, axis=axis_of("prod", dim, axis), keepdims=keepdim or keepdims, dtype=dtype
        )

    def mean(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The mean over axes; over all of them by default."""
        return ops.mean(self, axis=axis_of("mean", dim, axis), keepdims=keepdim or keepdims)

    def var(
        self,
        dim: Axis = None,
        unbiased: bool = True,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        correction: float | None = None,
    ) -> Variable:
        """The variance over axes, divided by N - 1 (by N if `unbiased` is False, by N - `correction` if given)."""
        return ops.var(
            self,
            axis=axis_of("var", dim, axis),
            correction=float(unbiased) if correction is None else correction,
            keepdims=keepdim or keepdims,
        )

    def std(
        self,
        dim: Axis = None,
        unbiased: bool = True,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        correction: float | None = None,
    ) -> Variable:
        """The square root of `var`. The gradient where it is 0 is 0."""
        return ops.std(
            self,
            axis=axis_of("std", dim, axis),
            correction=float(unbiased) if correction is None else correction,
            keepdims=keepdim or keepdims,
        )

    def logsumexp(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The logarithm of the sum of exponentials, without overflow."""
        return ops.logsumexp(
            self, axis=axis_of("logsumexp", dim, axis), keepdims=keepdim or keepdims
        )

    def max(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The largest values. Ties: over one axis the first gets the gradient, over all or several they share it."""
        return ops.max(self, axis=axis_of("max", dim, axis), keepdims=keepdim or keepdims)

    def min(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The smallest values. Ties: over one axis the first gets the gradient, over all or several they share it."""
        return ops.min(self, axis=axis_of("min", dim, axis), keepdims=keepdim or keepdims)

    def amax(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The largest values. Ties share the gradient, over one axis as well."""
        return ops.max(
            self, axis=_several(axis_of("amax", dim, axis)), keepdims=keepdim or keepdims
        )

    def amin(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The smallest values. Ties share the gradient, over one axis as well."""
        return ops.min(
            self, axis=_several(axis_of("amin", dim, axis)), keepdims=keepdim or keepdims
        )

    def nansum(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The sum over axes of the elements that are not NaN."""
        return ops.nansum(self, axis=axis_of("nansum", dim, axis), keepdims=keepdim or keepdims)

    def nanmean(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The mean over axes of the elements that are not NaN."""
        return ops.nanmean(self, axis=axis_of("nanmean", dim, axis), keepdims=keepdim or keepdims)

    def argmax(
        self,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        axis: int | None = None,
        keepdims: bool = False,
    ) -> Variable:
        """The index of the first largest value. Not differentiable."""
        return ops.argmax(self, axis=axis_of("argmax", dim, axis), keepdims=keepdim or keepdims)

    def argmin(
        self,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        axis: int | None = None,
        keepdims: bool = False,
    ) -> Variable:
        """The index of the first smallest value. Not differentiable."""
        return ops.argmin(self, axis=axis_of("argmin", dim, axis), keepdims=keepdim or keepdims)

    def all(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """Whether all elements are true. Not differentiable."""
        return ops.all(self, axis=axis_of("all", dim, axis), keepdims=keepdim or keepdims)

    def any(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """Whether any element is true. Not differentiable."""
        return ops.any(self, axis=axis_of("any", dim, axis), keepdims=keepdim or keepdims)


def _several(axis: Axis) -> Axis:
    """Give one axis as a tuple: then ties are treated as over several."""
    return axis if axis is None or isinstance(axis, tuple) else (axis,)
