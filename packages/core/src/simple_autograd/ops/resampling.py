"""Linear maps along an axis: each element of the result is a weighted sum of a few, at places known beforehand.

Borders of elements of an array, images made larger or smaller, and averages of windows of different lengths are all
such maps, and so are their gradients. A map is done by slices, as few as there are progressions among its places.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..op import op
from ..types import Array, Namespace

__all__ = ["resample"]


class Move(NamedTuple):
    """Some elements of the result, and what is written or added to them.

    Attributes
    ----------
    to, source
        Slices of the result and of the array, of one length, or one of them of length 1.
    weights
        What the elements are multiplied by: a number, or one for each.
    summed
        Whether all of them go to one place.
    first
        Whether nothing was written there before.
    """

    to: slice
    source: slice
    weights: float | tuple[float, ...]
    summed: bool
    first: bool


class _Progression(NamedTuple):
    """Terms that follow one another in steps: places of the result, of what is mapped, and the weights."""

    place: int
    source: int
    place_step: int
    source_step: int
    weights: tuple[float, ...]


class AxisMap:
    """A linear map from an axis to another one. Make it once for given lengths: it is compared by identity.

    Parameters
    ----------
    length, source_length
        Of the result, and of what is mapped.
    terms
        ``(place, source, weight)``: what is added up at a place of the result.

    Attributes
    ----------
    moves
        How it is done: in order.
    has_gaps
        Whether some places must be 0 before.
    """

    def __init__(
        self, length: int, source_length: int, terms: Iterable[tuple[int, int, float]]
    ) -> None:
        up = max(1, round(length / max(source_length, 1)))
        down = max(1, round(source_length / max(length, 1)))
        steps = dict.fromkeys([(up, 1), (1, down), (1, 1), (1, -1), (-1, 1), (1, 0), (0, 1)])
        # A place and a source as one number; a step from the last source leads to no other place's.
        row = source_length + down + 1
        weights: dict[int, float] = {}
        for place, source, weight in terms:
            term = place * row + source
            weights[term] = weights.get(term, 0) + weight
        self._set(length, source_length, _progressions(weights, row, list(steps)))

    def _set(self, length: int, source_length: int, progressions: list[_Progression]) -> None:
        self.length = length
        self.source_length = source_length
        self._progressions = sorted(progressions, key=lambda found: -len(found.weights))
        self.moves: list[Move] = []
        written, begun = bytearray(length), bytearray(length)
        for place, source, place_step, source_step, weights in self._progressions:
            count = len(weights)
            to = _slice(place, place_step, count)
            same = weights.count(weights[0]) == count
            first = 1 not in written[to]
            self.moves.append(
                Move(
                    to,
                    _slice(source, source_step, count),
                    weights[0] if same else weights,
                    not place_step and count > 1,
                    first,
                )
            )
            ones = b"\1" * len(written[to])
            written[to] = ones
            if first:
                begun[to] = ones
        self.has_gaps = 0 in begun

    @functools.cached_property
    def transpose(self) -> AxisMap:
        """The map backwards, from the result to what is mapped: the same progressions, turned round."""
        turned = [
            _Progression(source, place, source_step, place_step, weights)
            for place, source, place_step, source_step, weights in self._progressions
        ]
        made = AxisMap.__new__(AxisMap)
        made._set(self.source_length, self.length, turned)
        return made

    @property
    def terms(self) -> dict[tuple[int, int], float]:
        """The weights by place and source."""
        return {
            (place + place_step * number, source + source_step * number): weight
            for place, source, place_step, source_step, weights in self._progressions
            for number, weight in enumerate(weights)
        }


def _progressions(
    left: dict[int, float], row: int, steps: list[tuple[int, int]]
) -> list[_Progression]:
    """Cut terms into progressions, each as long as there is one in some of the steps."""
    found = []
    for start in sorted(left):
        if start not in left:
            continue
        longest, best = range(0), (1, 1)
        for step in steps:
            jump = step[0] * row + step[1]
            end = start + jump
            while end in left:
                end += jump
            if len(range(start, end, jump)) > len(longest):
                longest, best = range(start, end, jump), step
        found.append(_Progression(*divmod(start, row), *best, tuple(map(left.pop, longest))))
    return found


def _slice(start: int, step: int, count: int) -> slice:
    if not step or count == 1:
        return slice(start, start + 1)
    end = start + step * (count - 1) + (1 if step > 0 else -1)
    return slice(start, end if end >= 0 else None, step)


@op
def resample(xp: Namespace, x: Array, /, *, axis: int, along: AxisMap) -> Array:
    """`x` with a linear map done along an axis, counted from the front."""
    shape = (*x.shape[:axis], along.length, *x.shape[axis + 1 :])
    out = (xp.zeros if along.has_gaps else xp.empty)(shape, dtype=x.dtype)
    before = (slice(None),) * axis
    for move in along.moves:
        part: Any = x[(*before, move.source, ...)]
        if isinstance(move.weights, tuple):
            weights = xp.asarray(move.weights, dtype=x.dtype)
            part = part * xp.reshape(weights, (-1, *(1,) * (x.ndim - axis - 1)))
        elif move.weights != 1:
            part = part * move.weights
        if move.summed:
            part = xp.sum(part, axis=axis, keepdims=True, dtype=x.dtype)
        key = (*before, move.to, ...)
        out[key] = part if move.first else out[key] + part
    return out


@resample.gradient("x")
def resample_wrt_x(xp, grad, axis, along):
    return resample(grad, axis=axis, along=along.transpose)
