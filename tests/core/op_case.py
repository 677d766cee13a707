"""``OpCase``: what the generic tests need to know of one op, and generators of its samples.

The entries are in ``cases/``, one file per family of ops; ``op_table.py`` collects them and the
tests ``test_op_*.py`` read them. A typical op takes one entry::

    OpCase("sin", np.sin, unary(), torch=lambda t: t.sin, complex=True)

Everything here is NumPy; the tests bring the arrays to the backend of the run.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import simple_autograd as sa
from simple_autograd import ops

SMOOTH, KINK, SPECIAL, OTHER = "smooth", "kink", "special", "other"

MIXED_KINDS = {"strict": "the standard does not mix integers with floating data"}
FLOATING_ONLY = {"strict": "the standard defines this function for floating data only"}


@dataclass(frozen=True)
class Sample:
    """One call of an op.

    Attributes
    ----------
    args
        NumPy arrays, Python numbers, or None where an argument is left out.
    options
        The rest of the call, by name. A ``dtype`` is given by its name.
    kind
        ``SMOOTH``: every gradient test applies. ``KINK``: the gradient is a convention (a tie, a
        step, an infinite slope), compared with PyTorch only. ``SPECIAL``: NaN and infinities,
        compared with NumPy, and with PyTorch if the case has it. ``OTHER``: the value only (integers,
        booleans).
    refused
        Who cannot do this sample, and why: a backend's name (there the call must raise), or
        ``"torch"`` (not compared).
    """

    args: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: str = SMOOTH
    refused: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [_short(value) for value in self.args]
        parts += [f"{name}={_short(value)}" for name, value in self.options.items()]
        return " ".join([*([] if self.kind == SMOOTH else [self.kind]), *parts]) or "no arguments"


@dataclass(frozen=True)
class Failing:
    """A call that must fail: which exception, and words that its message has, in this order."""

    args: tuple[Any, ...]
    words: Sequence[str]
    exception: type[Exception] = TypeError
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OpCase:
    """One op.

    Attributes
    ----------
    name
        The op's name: in ``simple_autograd``, or in ``simple_autograd.op.OPS``.
    reference
        The same function of NumPy arrays.
    samples
        From a seeded random generator, calls that the op can do.
    extra
        More samples, written out; among them the ties and kinks.
    function
        What to call, if not ``simple_autograd.<name>``. Arrays are its positional arguments.
    torch
        From the module torch, the same function of tensors.
    constant
        The array arguments that have no gradient by nature (a condition, positions).
    order
        How often the op can be differentiated: 2 stands for always, 0 for never.
    complex
        Whether complex data is tested as well: each smooth sample then has complex twins.
    mixes
        Whether the arguments may have different precision.
    raw
        Whether raw arrays give a raw array. Creation functions give Variables.
    errors
        Calls that fail.
    tolerance
        By data type, how far values and gradients may be from the truth, in relation to it.
    """

    name: str
    reference: Callable[..., Any]
    samples: Callable[[np.random.Generator], Iterable[Sample]] = lambda rng: ()
    extra: Sequence[Sample] = ()
    function: Callable[..., Any] | None = None
    torch: Callable[[Any], Callable[..., Any]] | None = None
    constant: tuple[str, ...] = ()
    order: int = 2
    complex: bool = False
    mixes: bool = True
    raw: bool = True
    errors: Sequence[Failing] = ()
    tolerance: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the op."""
        function = self.function or getattr(sa, self.name, None) or getattr(ops, self.name)
        return function(*args, **options)

    def all_samples(self) -> list[Sample]:
        """Draw the samples, the same ones each time."""
        found = [*self.samples(self.rng()), *self.extra]
        if self.complex:
            found += [twin for sample in found for twin in _complex_twins(sample, self.rng())]
        return found

    def rng(self) -> np.random.Generator:
        """Give a generator seeded by the name."""
        return np.random.default_rng(zlib.crc32(self.name.encode()))

    def within(self, dtype: str) -> float:
        """Give the tolerance for a data type."""
        default = 1e-5 if dtype in ("float32", "complex64") else 1e-8
        return self.tolerance.get(dtype, default)


# Samples written out -------------------------------------------------------------------------------


def sample(*args: Any, **options: Any) -> Sample:
    """Make a smooth sample; lists become arrays of float64."""
    return Sample(tuple(_array(value) for value in args), options)


def kink(*args: Any, **options: Any) -> Sample:
    """Make a sample at a tie, step or infinite slope."""
    return replace(sample(*args, **options), kind=KINK)


def other(*args: Any, refused: Mapping[str, str] | None = None, **options: Any) -> Sample:
    """Make a sample whose value alone is tested; its arrays may be of any data type."""
    return Sample(args, options, kind=OTHER, refused=refused or {})


def refused(sample: Sample, **reasons: str) -> Sample:
    """Say who cannot do a sample (``strict=…``, ``torch=…``), and why."""
    return replace(sample, refused={**sample.refused, **reasons})


# Samples drawn -------------------------------------------------------------------------------------

SPECIAL_VALUES = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 1e300, -1e-310])
INTEGERS = np.array([[3, 0, -2], [1, 7, -5]])
BOOLEANS = np.array([[True, False, True], [False, False, True]])

UNARY_SHAPES = [(3, 4), (), (0, 3), (2, 1, 3)]
BINARY_SHAPES = [
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((3, 1), (2, 1, 4)),
    ((), (3,)),
    ((2, 0), (1,)),
    ((), ()),
]


def draw(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    low: float = -2.0,
    high: float = 2.0,
    *,
    away: float = 0.0,
    place: int = 0,
) -> np.ndarray:
    """Draw numbers in [low, high] without ties, `away` from 0.

    Arguments drawn with different places (0, 1, 2) have no ties among each other either, and none
    with 0, so finite differences do not meet the kinks of ``max`` or ``abs``.
    """
    size = int(np.prod(shape))
    steps = 64
    numbers = rng.choice(steps, size=size, replace=False) + (place + 0.5) / 3
    values = low + (high - low) * numbers / steps
    return np.reshape(values + np.copysign(away, values), shape)


def unary(
    low: float = -2.0,
    high: float = 2.0,
    *,
    away: float = 0.0,
    integers: bool = False,
    special_in_torch: str = "",
    **options: Any,
) -> Callable[[np.random.Generator], Iterable[Sample]]:
    """Sample a function of one array: shapes, integers (which only NumPy may take), NaN, infinities.

    `special_in_torch` says why PyTorch's gradient differs at NaN and infinities.
    """

    def samples(rng: np.random.Generator) -> Iterable[Sample]:
        for shape in UNARY_SHAPES:
            yield Sample((draw(rng, shape, low, high, away=away),), options)
        positive = INTEGERS if low < 0 else np.abs(INTEGERS) + 1
        yield other(positive, refused={} if integers else FLOATING_ONLY, **options)
        reasons = {"torch": special_in_torch} if special_in_torch else {}
        yield Sample((SPECIAL_VALUES,), options, kind=SPECIAL, refused=reasons)

    return samples


def binary(
    low: float = -2.0,
    high: float = 2.0,
    *,
    low2: float | None = None,
    high2: float | None = None,
    away: float = 0.0,
    away2: float = 0.0,
    integers: bool = True,
    numbers: tuple[float, ...] = (1.5, 2),
    special_in_torch: str = "",
) -> Callable[[np.random.Generator], Iterable[Sample]]:
    """Sample a function of two arrays: broadcasting, numbers on either side, integers, NaN.

    `special_in_torch` says why PyTorch's gradient differs at NaN and infinities.
    """
    low2, high2 = low if low2 is None else low2, high if high2 is None else high2

    def samples(rng: np.random.Generator) -> Iterable[Sample]:
        def first(shape: tuple[int, ...]) -> np.ndarray:
            return draw(rng, shape, low, high, away=away)

        def second(shape: tuple[int, ...]) -> np.ndarray:
            return draw(rng, shape, low2, high2, away=away2, place=1)

        for shape, shape2 in BINARY_SHAPES:
            yield Sample((first(shape), second(shape2)))
        for number in numbers:
            yield Sample((first((2, 3)), number))
            yield Sample((number, second((2, 3))))
        ones = np.abs(INTEGERS) + 1
        yield other(ones, ones[::-1], refused={} if integers else FLOATING_ONLY)
        yield other(first((2, 3)), ones, refused=MIXED_KINDS)
        yield other(first((2, 3)).astype(np.float32), np.abs(second((3,))))
        reasons = {"torch": special_in_torch} if special_in_torch else {}
        yield Sample((SPECIAL_VALUES[:, None], SPECIAL_VALUES), kind=SPECIAL, refused=reasons)

    return samples


def reductions(
    *, axes: bool = True, empty: bool = True, **options: Any
) -> Callable[[np.random.Generator], Iterable[Sample]]:
    """Sample a reduction: over none, one and (with `axes`) several axes, kept or not."""

    def samples(rng: np.random.Generator) -> Iterable[Sample]:
        several = [(0, 2), (-1, 0), (0, 1, 2)] if axes else []
        for axis in [None, 0, -1, *several]:
            for keepdims in (False, True):
                array = draw(rng, (3, 2, 4))
                yield Sample((array,), {"axis": axis, "keepdims": keepdims, **options})
        yield Sample((draw(rng, (3, 0)),), {"axis": 0, **options})
        yield Sample((draw(rng, (1, 3)),), {"axis": 0})
        if axes:
            all_in_torch = {"torch": "an empty tuple of axes means all of them there"}
            yield Sample((draw(rng, (3, 2)),), {"axis": (), **options}, refused=all_in_torch)
        yield Sample((draw(rng, ()),), options)
        if empty:
            yield Sample((draw(rng, (3, 0)),), {"axis": 1, **options}, kind=SPECIAL)
        with_nan = draw(rng, (3, 4))
        with_nan[1, 2] = np.nan
        with_nan[2, 0] = np.inf
        yield Sample((with_nan,), {"axis": 1, **options}, kind=SPECIAL)

    return samples


def shapes(
    *calls: tuple[Any, ...], away: float = 0.0, **options: Any
) -> Callable[[np.random.Generator], Iterable[Sample]]:
    """Sample a function of as many arrays as each call has shapes; a dict at its end has options."""

    def samples(rng: np.random.Generator) -> Iterable[Sample]:
        for call in calls:
            own = call[-1] if call and isinstance(call[-1], dict) else {}
            lengths = call[: len(call) - bool(own)]
            arrays = [draw(rng, shape, away=away, place=i % 3) for i, shape in enumerate(lengths)]
            yield Sample(tuple(arrays), {**options, **own})

    return samples


def _complex_twins(sample: Sample, rng: np.random.Generator) -> Iterable[Sample]:
    """Give a smooth sample with all its arrays complex, and with the first of several."""
    places = [i for i, value in enumerate(sample.args) if _is_float64(value)]
    if sample.kind != SMOOTH or not places:
        return
    for chosen in [places] if len(places) == 1 else [places, places[:1]]:
        args = list(sample.args)
        for i in chosen:
            # The imaginary parts stay clear of the branch cuts along the real axis.
            imaginary = draw(rng, args[i].shape, 0.3, 1.5, place=i % 3)
            args[i] = np.asarray(args[i] + 1j * imaginary)
        yield replace(sample, args=tuple(args))


def _is_float64(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64


def _array(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, list | np.generic) else value


def _short(value: Any) -> str:
    """Say what a value is in few letters."""
    if not isinstance(value, np.ndarray):
        return str(value).replace(" ", "")
    kind = "" if value.dtype == np.float64 else value.dtype.name
    return kind + str(value.shape).replace(" ", "")
