"""``CupyGenerator``: random numbers drawn on the GPU, the same that NumPy's generator draws from the seed; and dropout.

NumPy's generator keeps the state, so that is read, set and stored as on NumPy. Uniform numbers of single and double
precision are drawn by the GPU (see ``random.cu``); others, which initial values are made of, by NumPy. Dropout draws
and multiplies in one launch.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import cupy
import numpy

from simple_autograd.backends import Generator
from simple_autograd.replay import each_time

from .launching import MOST, covered, dense, empty, launch, launch_each, passed

__all__ = ["CupyGenerator", "dropout"]

Array = Any

_THREADS, _DRAWN = 128, 16
"""In a block, and so many states are drawn from by each thread: as in ``random.cu``."""

_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_WORD = 2**64
_MOVES = numpy.dtype(
    [
        ("state", numpy.uint64, 2),
        ("multipliers", numpy.uint64, (32, 2)),
        ("summands", numpy.uint64, (32, 2)),
    ]
)
"""What the kernel knows as ``Moves``."""


class CupyGenerator(Generator):
    """A seeded generator whose uniform numbers are drawn on the GPU (see `Generator`)."""

    @each_time
    def uniform(
        self,
        shape: tuple[int, ...],
        low: float = 0.0,
        high: float = 1.0,
        dtype: Any = "float32",
    ) -> Array:
        """Draw from the uniform distribution on [low, high)."""
        count = math.prod(shape)
        if dtype not in ("float32", "float64") or not 0 < count <= MOST:
            return super().uniform(shape, low, high, dtype)
        out = empty(shape, dtype)
        self._launch("uniform", out.dtype, count, dtype == "float32", (out,))
        if high - low != 1:
            out *= high - low
        if low:
            out += low
        return out

    @each_time
    def draw_kept(self, kept: Array, p: float, x: Array | None, out: Array | None) -> None:
        """Draw `kept`, bytes: 1 where the uniform number of single precision is at least `p`, else 0.

        Given `x`, it is multiplied by that and divided by ``1 - p``, into `out`.
        """
        dtype = cupy.dtype("float32") if x is None else x.dtype
        numbers = (float(p), _rest(p))
        self._launch("draw_kept", dtype, kept.size, True, (x, out, kept), *numbers)

    def _launch(
        self,
        name: str,
        dtype: Any,
        count: int,
        single: bool,
        arrays: tuple[Array | None, ...],
        *numbers: float,
    ) -> None:
        """Launch a kernel that draws so many numbers, in single precision or double, and move the state on."""
        state: Any = self._numpy.bit_generator.state
        held, states = -1, count
        if single:
            # Each state gives two numbers; of an odd number of them the last half is kept.
            held = state["uinteger"] if state["has_uint32"] else -1
            states = (count - (held >= 0) + 1) // 2
        blocks = max(1, -(-states // (_DRAWN * _THREADS)))
        draws = (_moves(state["state"]), held, states, count)
        launch("random", name, dtype, (blocks,), (_THREADS,), *arrays, *draws, *numbers)
        self._skip(state, states, count - (held >= 0) if single else 0)

    def _skip(self, state: dict[str, Any], states: int, halves: int) -> None:
        """Move on by so many states, from which so many halves have been drawn."""
        bits: Any = self._numpy.bit_generator
        bits.advance(states)
        after = bits.state["state"]
        if halves:
            # NumPy keeps the upper half even once it is drawn.
            upper = _output(after["state"]) >> 32
            bits.state = {**state, "state": after, "has_uint32": halves % 2, "uinteger": upper}
        elif states:
            bits.state = {**state, "state": after}
        else:
            bits.state = {**state, "has_uint32": 0}


def dropout(x: Array, *, draw: Any) -> Any:
    """What is kept of `x`, divided by ``1 - p``, in one launch; the first time, it draws. Another one for channels."""
    if not covered(x) or getattr(draw.kept, "dtype", cupy.uint8) != cupy.uint8:
        return NotImplemented
    x, out, drawn = dense(x), empty(x.shape, x.dtype), draw.kept is not None
    if not drawn:
        draw.kept = empty(draw.shape, cupy.uint8)
    inner = x.size // draw.kept.size
    if not drawn:
        fused = (x, out) if inner == 1 else (None, None)
        draw.generator.draw_kept(draw.kept, draw.p, *fused)
    if drawn or inner > 1:
        arrays = (x, draw.kept, out)
        launch_each("random", "dropout", x.dtype, x.size, *arrays, _rest(draw.p), inner)
    return out


def _rest(p: float) -> float:
    """Give what is kept on average; 1 where nothing is, and there is nothing to make up for."""
    return float(1 - p) if p < 1 else 1.0


def _moves(state: dict[str, int]) -> Any:
    """Give what the kernel is told of a state."""
    moves = _moves_of(state["inc"]).copy()
    moves["state"][0] = divmod(state["state"], _WORD)
    return passed(moves.tobytes())


@functools.lru_cache(maxsize=16)
def _moves_of(increment: int) -> numpy.ndarray:
    """Give, for each k, what 2**k moves multiply the state by, and what they add."""
    moves = numpy.zeros(1, _MOVES)
    multiplier, summand = _MULTIPLIER, increment
    for k in range(32):
        moves["multipliers"][0, k] = divmod(multiplier, _WORD)
        moves["summands"][0, k] = divmod(summand, _WORD)
        summand = (multiplier + 1) * summand % _WORD**2
        multiplier = multiplier * multiplier % _WORD**2
    return moves


def _output(state: int) -> int:
    """Give the number that a state stands for."""
    mixed, turn = (state >> 64) ^ (state % _WORD), state >> 122
    return (mixed >> turn | mixed << (64 - turn)) % _WORD
