"""Line search: how far to go in a direction, so that the strong Wolfe conditions hold.

`LBFGS` calls it. It knows of numbers and of a function to evaluate, not of parameters. After Nocedal and Wright,
Numerical Optimization, algorithms 3.5 and 3.6, with the safeguards that PyTorch (and minFunc before it) takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ...types import Array

__all__ = ["Point", "strong_wolfe"]


class Point(NamedTuple):
    """A place on the line.

    Attributes
    ----------
    t
        How far along the direction.
    value, gradient
        The function there, and its gradient, flat.
    slope
        The gradient along the direction.
    """

    t: float
    value: float
    gradient: Array
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    t: float,
    *,
    reach: float,
    max_trials: int,
    tolerance_change: float,
    c1: float = 1e-4,
    c2: float = 0.9,
) -> tuple[Point, int]:
    """Find a point low enough (Armijo, `c1`) and flat enough (curvature, `c2`).

    Parameters
    ----------
    evaluate
        Gives the point at a distance.
    start
        The point at 0.
    t
        The first distance to try.
    reach
        The largest element of the direction, in size.
    max_trials
        How many more points than the first may be tried.
    tolerance_change
        An interval that moves no element by more than this is not divided further.

    Returns
    -------
    tuple
        The point found, and how many were evaluated.
    """

    def too_high(point: Point) -> bool:
        return point.value > start.value + c1 * point.t * start.slope

    def flat_enough(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    # Go on until an interval is known to hold such a point.
    trials, previous, point = 0, start, evaluate(t)
    while trials < max_trials:
        if too_high(point) or (trials > 1 and point.value >= previous.value):
            break
        if flat_enough(point):
            return point, trials + 1
        if point.slope >= 0:
            break
        bounds = point.t + 0.01 * (point.t - previous.t), 10 * point.t
        t = _lowest_of_cubic(previous, point, *bounds)
        previous, point, trials = point, evaluate(t), trials + 1
    else:
        previous = start
    low, high = (previous, point) if previous.value <= point.value else (point, previous)

    # Narrow it down.
    near_end = False
    while trials < max_trials and abs(high.t - low.t) * reach >= tolerance_change:
        left, right = sorted((low.t, high.t))
        t = _lowest_of_cubic(low, high, left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) >= margin:
            near_end = False
        elif near_end or not left < t < right:
            # Twice near an end is too little progress: step away from it.
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            near_end = False
        else:
            near_end = True
        point, trials = evaluate(t), trials + 1
        if too_high(point) or point.value >= low.value:
            low, high = (low, point) if low.value <= point.value else (point, low)
        elif flat_enough(point):
            return point, trials + 1
        else:
            if point.slope * (high.t - low.t) >= 0:
                high = low
            low = point
    return low, trials + 1


def _lowest_of_cubic(first: Point, second: Point, lower: float, upper: float) -> float:
    """Give where the cubic through two points, with their slopes, is lowest between bounds; else the middle."""
    if first.t > second.t:
        first, second = second, first
    mixed = first.slope + second.slope
    if first.t != second.t:
        mixed -= 3 * (first.value - second.value) / (first.t - second.t)
    discriminant = mixed**2 - first.slope * second.slope
    if not discriminant >= 0:
        return (lower + upper) / 2
    root = math.sqrt(discriminant)
    share = (second.slope + root - mixed) / (second.slope - first.slope + 2 * root)
    return min(max(second.t - (second.t - first.t) * share, lower), upper)
