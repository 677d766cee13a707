"""Methods of statistics: covariances, and counts of integers and of numbers in bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import ops
from ..types import Array
from .arguments import floating
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["StatisticsMethods"]


class StatisticsMethods(VariablePart):
    """The methods of `Variable` that relate variables of a sample, and count."""

    __slots__ = ()

    def cov(
        self, *, correction: float = 1, fweights: Array | None = None, aweights: Array | None = None
    ) -> Variable:
        """The covariances of the rows; columns are observations.

        Parameters
        ----------
        correction
            What is subtracted from the number of observations to divide by.
        fweights
            How often each observation counts, integers.
        aweights
            The weights of observations.
        """
        if self.ndim > 2:
            raise ValueError(
                f"cov: needed are at most two axes, this has shape {tuple(self.shape)}."
            )
        rows = floating(self)
        rows = rows if self.ndim == 2 else ops.reshape(rows, (1, -1))
        given = [weights for weights in (fweights, aweights) if weights is not None]
        if given:
            real = ops.finfo(rows.dtype).dtype
            given = [ops.astype(weights, real, copy=False) for weights in given]
            weights = given[0] if len(given) == 1 else ops.multiply(*given)
            total = ops.sum(weights)
            mean = ops.divide(ops.sum(ops.multiply(rows, weights), axis=1, keepdims=True), total)
        else:
            weights, total = 1, rows.shape[1]
            mean = ops.mean(rows, axis=1, keepdims=True)
        if aweights is not None:
            correction = correction * ops.sum(ops.multiply(weights, given[-1])) / total
        rows = ops.subtract(rows, mean)
        sums = ops.matmul(rows, ops.matrix_transpose(ops.conj(ops.multiply(rows, weights))))
        divisor = total - correction
        out = ops.divide(sums, ops.maximum(divisor, 0) if given else max(divisor, 0))
        return ops.reshape(out, ()) if out.size == 1 else out

    def corrcoef(self) -> Variable:
        """The correlations of the rows; columns are observations."""
        covariances = self.cov()
        if not covariances.ndim:
            return ops.divide(covariances, covariances)
        spread = ops.sqrt(ops.real(ops.diagonal(covariances)))
        return ops.divide(ops.divide(covariances, ops.expand_dims(spread, axis=1)), spread)

    def bincount(self, weights: Array | None = None, minlength: int = 0) -> Variable:
        """How often each of the integers from 0 on occurs in a vector, or the sums of `weights` where it does."""
        if self.ndim != 1 or (self.size and ops.min(self).item() < 0):
            raise ValueError(
                f"bincount: needed is a vector without negative numbers, this has shape {tuple(self.shape)}"
                f"{f' and the least element {ops.min(self).item()}' if self.size else ''}."
            )
        length = max(ops.max(self).item() + 1 if self.size else 0, minlength)
        values = (
            ops.ones_like(self, dtype="int64")
            if weights is None
            else floating(ops.asarray(weights))
        )
        return ops.put_add(values, self.data, (length,))

    def histc(self, bins: int = 100, min: float = 0, max: float = 0) -> Variable:
        """How many elements lie in each of `bins` equal parts of [min, max]. Not differentiable.

        If `min` and `max` are equal they are the least and the largest element.
        """
        x = ops.reshape(self.detach(), (-1,))
        if min == max and self.size:
            min, max = ops.min(x).item(), ops.max(x).item()
        if min == max:
            min, max = min - 1, max + 1
        x = x[ops.logical_and(ops.greater_equal(x, min), ops.less_equal(x, max))]
        places = ops.divide(ops.subtract(x, min) * bins, max - min)
        places = ops.minimum(ops.astype(places, "int64"), bins - 1)
        return ops.put_add(ops.ones_like(x), places.data, (bins,))
