"""Methods that reduce axes: sums, extremes, questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..ops.results import MinAndMax
from ..types import Array, Axis
from .arguments import axis_of, cast_to
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
            self, axis=axis_of("sum", dim, axis, self), keepdims=keepdim or keepdims, dtype=dtype
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
            self, axis=axis_of("prod", dim, axis, self), keepdims=keepdim or keepdims, dtype=dtype
        )

    def mean(
        self,
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The mean over axes; over all of them by default."""
        return ops.mean(
            cast_to(self, dtype),
            axis=axis_of("mean", dim, axis, self),
            keepdims=keepdim or keepdims,
        )

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
        dim, unbiased = _told_apart(dim, unbiased)
        return ops.var(
            self,
            axis=axis_of("var", dim, axis, self),
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
        dim, unbiased = _told_apart(dim, unbiased)
        return ops.std(
            self,
            axis=axis_of("std", dim, axis, self),
            correction=float(unbiased) if correction is None else correction,
            keepdims=keepdim or keepdims,
        )

    def logsumexp(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The logarithm of the sum of exponentials, without overflow."""
        return ops.logsumexp(
            self, axis=axis_of("logsumexp", dim, axis, self), keepdims=keepdim or keepdims
        )

    def max(
        self,
        dim: Axis | Array = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
    ) -> Variable:
        """The largest values. Ties: over one axis the first gets the gradient, over all or several they share it.

        Given another array instead of an axis it is `maximum`.
        """
        if dim is not None and isinstance(dim, VariablePart | self.backend.array_type):
            return ops.maximum(self, dim)
        return ops.max(self, axis=axis_of("max", dim, axis, self), keepdims=keepdim or keepdims)

    def min(
        self,
        dim: Axis | Array = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
    ) -> Variable:
        """The smallest values. Ties: over one axis the first gets the gradient, over all or several they share it.

        Given another array instead of an axis it is `minimum`.
        """
        if dim is not None and isinstance(dim, VariablePart | self.backend.array_type):
            return ops.minimum(self, dim)
        return ops.min(self, axis=axis_of("min", dim, axis, self), keepdims=keepdim or keepdims)

    def amax(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The largest values. Ties share the gradient, over one axis as well."""
        return ops.max(
            self, axis=_several(axis_of("amax", dim, axis, self)), keepdims=keepdim or keepdims
        )

    def amin(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The smallest values. Ties share the gradient, over one axis as well."""
        return ops.min(
            self, axis=_several(axis_of("amin", dim, axis, self)), keepdims=keepdim or keepdims
        )

    def aminmax(self, *, dim: int | None = None, keepdim: bool = False) -> MinAndMax:
        """The smallest and the largest values: `amin` and `amax`."""
        return MinAndMax(self.amin(dim, keepdim), self.amax(dim, keepdim))

    def nansum(
        self,
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The sum over axes of the elements that are not NaN."""
        return ops.nansum(
            cast_to(self, dtype),
            axis=axis_of("nansum", dim, axis, self),
            keepdims=keepdim or keepdims,
        )

    def nanmean(
        self,
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The mean over axes of the elements that are not NaN."""
        return ops.nanmean(
            cast_to(self, dtype),
            axis=axis_of("nanmean", dim, axis, self),
            keepdims=keepdim or keepdims,
        )

    def argmax(
        self,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        axis: int | None = None,
        keepdims: bool = False,
    ) -> Variable:
        """The index of the first largest value. Not differentiable."""
        return ops.argmax(
            self, axis=axis_of("argmax", dim, axis, self), keepdims=keepdim or keepdims
        )

    def argmin(
        self,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        axis: int | None = None,
        keepdims: bool = False,
    ) -> Variable:
        """The index of the first smallest value. Not differentiable."""
        return ops.argmin(
            self, axis=axis_of("argmin", dim, axis, self), keepdims=keepdim or keepdims
        )

    def all(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """Whether all elements are true. Not differentiable."""
        return ops.all(self, axis=axis_of("all", dim, axis, self), keepdims=keepdim or keepdims)

    def any(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """Whether any element is true. Not differentiable."""
        return ops.any(self, axis=axis_of("any", dim, axis, self), keepdims=keepdim or keepdims)


def _several(axis: Axis) -> Axis:
    """Give one axis as a tuple: then ties are treated as over several."""
    return axis if axis is None or isinstance(axis, tuple) else (axis,)


def _told_apart(dim: Any, unbiased: bool) -> tuple[Axis, bool]:
    """Give ``v.var(False)`` the meaning of ``v.var(unbiased=False)``."""
    return (None, dim) if isinstance(dim, bool) else (dim, unbiased)
