"""Cases of ``ops/fourier.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd import fft
from tests.core.op_case import FLOATING_ONLY, Failing, OpCase, draw, other, sample

NORMS = ("backward", "ortho", "forward")
INTEGERS = np.array([[3, 0, -2], [1, 7, -5]])


def along_one(*, real=False):
    """Sample a transform along one axis: lengths cut and padded, even and odd, all norms."""

    def samples(rng):
        for norm in NORMS:
            for n in (None, 3, 4, 6, 9, 1):
                for array in arrays(rng, (2, 5), real):
                    yield sample(array, n=n, norm=norm)
        for axis in (0, 1, -2):
            for array in arrays(rng, (3, 2, 2), real):
                yield sample(array, axis=axis, n=4)
                yield sample(array, axis=axis)
        for array in arrays(rng, (6,), real):
            yield sample(array)

    return samples


def along_several(axes=None, *, real=False):
    """Sample a transform along several axes."""
    calls = (
        {},
        {"axes": (0, 1)},
        {"axes": (-1, 0)},
        {"s": (4, 3), "axes": (2, 0)},
        {"s": (3, 5), "axes": (0, -1), "norm": "ortho"},
        {"s": (5, 2), "axes": (1, 2), "norm": "forward"},
    )

    def samples(rng):
        for options in calls:
            for array in arrays(rng, (2, 3, 4), real):
                yield sample(array, **options)
        if axes is None:
            for options in ({"axes": (1,)}, {"s": (3,), "axes": (2,)}):
                for array in arrays(rng, (2, 3, 4), real):
                    yield sample(array, **options)

    return samples


def arrays(rng, shape, real):
    yield draw(rng, shape)
    if not real:
        yield draw(rng, shape) + 1j * draw(rng, shape)


def renamed(function):
    """Give torch's function under NumPy's argument names."""

    def call(x, **options):
        names = {"axis": "dim", "axes": "dim"}
        found = function(x, **{names.get(name, name): value for name, value in options.items()})
        return found.resolve_conj()

    return call


def transform(name, samples, *, errors=()):
    """Make the case of one transform."""
    return OpCase(
        name,
        getattr(np.fft, name),
        samples,
        [other(INTEGERS, refused=FLOATING_ONLY)],
        function=getattr(fft, name),
        torch=lambda t: renamed(getattr(t.fft, name)),
        errors=errors,
    )


def shift(name):
    def samples(rng):
        for options in ({}, {"axes": 0}, {"axes": (0, 1)}, {"axes": -1}):
            yield sample(draw(rng, (3, 4)), **options)
        yield sample(draw(rng, (0, 3)))

    return OpCase(
        name,
        getattr(np.fft, name),
        samples,
        [other(INTEGERS, refused=FLOATING_ONLY)],
        function=getattr(fft, name),
        torch=lambda t: renamed(getattr(t.fft, name)),
        complex=True,
    )


def frequencies(name):
    def reference(n, d=1.0, dtype=None):
        return getattr(np.fft, name)(n, d).astype(dtype or np.float64)

    return OpCase(
        name,
        reference,
        extra=[other(n=n) for n in (1, 4, 5)]
        + [other(n=6, d=0.5), other(n=5, d=2.0, dtype="float32")],
        function=lambda n, **options: getattr(sa.fft, name)(n, **options),
        order=0,
        raw=False,
    )


def twice(name):
    return [Failing((np.zeros((2, 2)),), [name, "each once"], ValueError, {"axes": (0, -2)})]


NO_AXIS = [Failing((np.zeros(2),), ["fftn", "axis 3"], ValueError, {"axes": (3,)})]
BAD_NORM = [Failing((np.zeros(3),), ["hfft", "'both'"], ValueError, {"norm": "both"})]

CASES = [
    transform("fft", along_one()),
    transform("fft2", along_several((-2, -1))),
    frequencies("fftfreq"),
    transform("fftn", along_several(), errors=[*twice("fftn"), *NO_AXIS]),
    shift("fftshift"),
    transform("hfft", along_one(), errors=BAD_NORM),
    transform("ifft", along_one()),
    transform("ifft2", along_several((-2, -1))),
    transform("ifftn", along_several(), errors=twice("ifftn")),
    shift("ifftshift"),
    transform("ihfft", along_one(real=True)),
    transform("irfft", along_one()),
    transform("irfft2", along_several((-2, -1))),
    transform("irfftn", along_several(), errors=twice("irfftn")),
    transform("rfft", along_one(real=True)),
    transform("rfft2", along_several((-2, -1), real=True)),
    frequencies("rfftfreq"),
    transform("rfftn", along_several(real=True), errors=twice("rfftn")),
]
