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
    terms
        The weights by place and source.
    moves
        How it is done: in order.
    has_gaps
        Whether some places must be 0 before.
    """

    def __init__(
        self, length: int, source_length: int, terms: Iterable[tuple[int, int, float]]
    ) -> None:
        self.length = length
        self.source_length = source_length
        self.terms: dict[tuple[int, int], float] = {}
        for place, source, weight in terms:
            self.terms[place, source] = self.terms.get((place, source), 0) + weight
        self.moves = self._moves()
        begun = {place for move in self.moves if move.first for place in range(length)[move.to]}
        self.has_gaps = len(begun) < length

    @functools.cached_property
    def transpose(self) -> AxisMap:
        """The map backwards, from the result to what is mapped."""
        terms = [(source, place, weight) for (place, source), weight in self.terms.items()]
        return AxisMap(self.source_length, self.length, terms)

    def _moves(self) -> list[Move]:
        """Cut the terms into progressions, each as long as there is one; the longest come first."""
        left = dict(sorted(self.terms.items()))
        up = max(1, round(self.length / max(self.source_length, 1)))
        down = max(1, round(self.source_length / max(self.length, 1)))
        steps = list(dict.fromkeys([(up, 1), (1, down), (1, 1), (1, -1), (-1, 1), (1, 0), (0, 1)]))
        progressions = []
        while left:
            start = next(iter(left))
            runs = [_progression(left, start, step) for step in steps]
            run = max(runs, key=len)
            step = steps[runs.index(run)]
            progressions.append((run, step, [left.pop(term) for term in run]))
        progressions.sort(key=lambda found: -len(found[0]))
        moves, written = [], set[int]()
        for run, step, weights in progressions:
            to = _slice(run[0][0], step[0], len(run))
            places = {place for place, _ in run}
            weight = weights[0] if len(set(weights)) == 1 else tuple(weights)
            source = _slice(run[0][1], step[1], len(run))
            summed = not step[0] and len(run) > 1
            moves.append(Move(to, source, weight, summed, not places & written))
            written |= places
        return moves


def _progression(
    terms: dict[tuple[int, int], float], start: tuple[int, int], step: tuple[int, int]
) -> list[tuple[int, int]]:
    """Give the terms that follow one another in some steps."""
    run, (place, source) = [start], start
    while (term := (place + step[0] * len(run), source + step[1] * len(run))) in terms:
        run.append(term)
    return run


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
