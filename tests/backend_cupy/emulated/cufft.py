"""cuFFT, with NumPy."""
# ruff: noqa: N802 - the names are cuFFT's

from __future__ import annotations

import ctypes
import math
from typing import Any, NamedTuple

import numpy as np

from .binding import Address, Int, Size, function, give, ignored
from .memory import array_at
from .streams import Stream, enqueue, stream_of


class Layout(NamedTuple):
    """How the samples of transforms lie: what the axes are cut out of, and how far samples and transforms are apart."""

    lengths: tuple[int, ...]
    step: int
    apart: int

    def at(self, address: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Give the array of (transforms, *samples) at an address."""
        dtype = np.dtype(dtype)
        steps = [self.step]
        for length in self.lengths[:0:-1]:
            steps.insert(0, steps[0] * length)
        steps = [self.apart, *steps]
        last = sum([(n - 1) * step for n, step in zip(shape, steps, strict=True)])
        strides = tuple([step * dtype.itemsize for step in steps])
        return np.ndarray(shape, dtype, array_at(address, (last + 1,), dtype), strides=strides)


class Plan:
    """The sizes of transforms, how many there are, and how they lie; None for one after the other."""

    number: int | None = None
    sizes: tuple[int, ...] = ()
    count = 0
    layouts: tuple[Layout | None, Layout | None] = (None, None)

    @property
    def stream(self) -> Stream:
        return stream_of(self.number)


_plans: list[Plan] = []


@function
def cufftGetVersion(version: Address) -> Int:
    give(version, 12000)


@function
def cufftCreate(plan: Address) -> Int:
    _plans.append(Plan())
    give(plan, len(_plans) - 1)


ignored("cufftDestroy", "cufftSetAutoAllocation", "cufftSetWorkArea")


@function
def cufftSetStream(plan: Int, stream: Address) -> Int:
    _plans[plan].number = stream


@function
def cufftMakePlan1d(plan: Int, n: Int, type_: Int, count: Int, size: Address) -> Int:
    _plans[plan].sizes, _plans[plan].count = (n,), count
    give(size, 512, Size)


@function
def cufftMakePlanMany(
    plan: Int,
    rank: Int,
    n: Address,
    in_lengths: Address,
    in_step: Int,
    in_apart: Int,
    out_lengths: Address,
    out_step: Int,
    out_apart: Int,
    type_: Int,
    count: Int,
    size: Address,
) -> Int:
    def layout(lengths: int | None, step: int, apart: int) -> Layout | None:
        return Layout(_lengths(rank, lengths), step, apart) if lengths else None

    made = _plans[plan]
    made.sizes, made.count = _lengths(rank, n), count
    made.layouts = (layout(in_lengths, in_step, in_apart), layout(out_lengths, out_step, out_apart))
    give(size, 512, Size)


def _lengths(rank: int, address: int) -> tuple[int, ...]:
    return tuple((ctypes.c_int * rank).from_address(address))


def _execute(plan: int, source: int, target: int, kinds: str, direction: int) -> int:
    made = _plans[plan]
    axes = tuple(range(1, 1 + len(made.sizes)))

    def side(which: int, address: int) -> np.ndarray:
        half = kinds[which].isupper() and not kinds.isupper()
        shape = (*made.sizes[:-1], made.sizes[-1] // 2 + 1) if half else made.sizes
        layout = made.layouts[which] or Layout(shape, 1, math.prod(shape))
        return layout.at(address, (made.count, *shape), kinds[which])

    def work() -> None:
        x = side(0, source)
        if kinds in ("fF", "dD"):
            found = np.fft.rfftn(x, axes=axes)
        elif kinds in ("Ff", "Dd"):
            found = np.fft.irfftn(x, s=made.sizes, axes=axes, norm="forward")
        elif direction < 0:
            found = np.fft.fftn(x, axes=axes)
        else:
            found = np.fft.ifftn(x, axes=axes, norm="forward")
        side(1, target)[...] = found

    return enqueue(made.stream, work)


@function
def cufftExecC2C(plan: Int, source: Address, target: Address, direction: Int) -> Int:
    return _execute(plan, source, target, "FF", direction)


@function
def cufftExecZ2Z(plan: Int, source: Address, target: Address, direction: Int) -> Int:
    return _execute(plan, source, target, "DD", direction)


@function
def cufftExecR2C(plan: Int, source: Address, target: Address) -> Int:
    return _execute(plan, source, target, "fF", -1)


@function
def cufftExecD2Z(plan: Int, source: Address, target: Address) -> Int:
    return _execute(plan, source, target, "dD", -1)


@function
def cufftExecC2R(plan: Int, source: Address, target: Address) -> Int:
    return _execute(plan, source, target, "Ff", 1)


@function
def cufftExecZ2D(plan: Int, source: Address, target: Address) -> Int:
    return _execute(plan, source, target, "Dd", 1)
