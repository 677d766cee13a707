"""NumPy's integers and arrays of them where Python's would do: as axes, lengths, shifts and numbers of parts."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from tests.core.arrays import assert_equal, to_numpy, variable

DATA = np.random.default_rng(0).permutation(6).reshape(2, 3) / 2 + 0.5

CALLS = {
    "sum": lambda m, n: m.sum(n(0)),
    "mean": lambda m, n: sa.mean(m, axis=n(-1)),
    "max with ties": lambda m, n: sa.max(m * 0.0, axis=n(0)),
    "amax with ties": lambda m, n: (m * 0.0).amax(n(0)),
    "std": lambda m, n: sa.std(m, axis=n(0)),
    "prod": lambda m, n: sa.prod(m, axis=n(0)),
    "logsumexp": lambda m, n: m.logsumexp(n(1)),
    "median": lambda m, n: sa.median(m, axis=n(0)),
    "vector_norm": lambda m, n: sa.linalg.vector_norm(m, axis=n(1)),
    "norm": lambda m, n: sa.linalg.norm(m, axis=n(1)),
    "softmax": lambda m, n: m.softmax(n(1)),
    "cumsum": lambda m, n: m.cumsum(n(1)),
    "fft": lambda m, n: sa.abs(sa.fft.fft(m, axis=n(0))),
    "expand_dims": lambda m, n: sa.expand_dims(m, axis=n(1)),
    "moveaxis": lambda m, n: sa.moveaxis(m, n(0), n(1)),
    "squeeze": lambda m, n: m[:1].squeeze(n(0)),
    "split": lambda m, n: sa.split(m, n(3), axis=n(1))[1],
    "split method": lambda m, n: m.split(n(2), dim=n(1))[1],
    "tile": lambda m, n: sa.tile(m, n(2)),
    "tensordot": lambda m, n: sa.tensordot(m, sa.matrix_transpose(m), axes=n(1)),
    "tensordot pair": lambda m, n: sa.tensordot(m, sa.matrix_transpose(m), axes=(n(1), n(0))),
    "np.sum": lambda m, n: np.sum(m, axis=n(0)),
    "np.reshape": lambda m, n: np.reshape(m, n(6)),
    "np.broadcast_to": lambda m, n: np.broadcast_to(m[:1, 0], n(4)),
    "np.resize": lambda m, n: np.resize(m, n(4)),
    "np.expand_dims": lambda m, n: np.expand_dims(m, n(0)),
    "np.moveaxis": lambda m, n: np.moveaxis(m, n(0), n(1)),
    "np.roll": lambda m, n: np.roll(m, n(1)),
    "np.roll axis": lambda m, n: np.roll(m, n(1), n(1)),
    "np.tile": lambda m, n: np.tile(m, n(2)),
    "np.average": lambda m, n: np.average(m, n(0), weights=[1.0, 2.0]),
    "np.gradient": lambda m, n: np.gradient(m, axis=n(1)),
    "np.pad": lambda m, n: np.pad(m, {n(0): n(1)}),
    "np.zeros_like": lambda m, n: m.sum() + np.zeros_like(m, shape=n(3)),
}


@pytest.mark.parametrize("name", CALLS)
def test_numpys_integers_are_pythons(name):
    results = []
    for number in (int, np.int64):
        v = variable(DATA)
        out = CALLS[name](v, number)
        (out * out).sum().backward()
        results.append((to_numpy(out.detach()), to_numpy(v.grad)))
    for found, expected in zip(results[1], results[0], strict=True):
        assert_equal(found, expected)


def test_arrays_of_integers_are_tuples():
    v = variable(DATA)
    assert np.tile(v, np.array([2, 1])).shape == (4, 3)
    assert np.broadcast_to(v, np.array([2, 2, 3])).shape == (2, 2, 3)
    assert np.reshape(v, np.array([3, 2])).shape == (3, 2)
    assert sa.pad(v, np.array([[0, 1], [2, 0]])).shape == (3, 5)
