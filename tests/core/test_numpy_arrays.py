"""NumPy's functions on arrays: what they refuse and how they say it. Their values: ``test_numpy_walk.py``."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.backends import get_backend
from simple_autograd.errors import NotDifferentiableError
from tests.core.arrays import assert_close, assert_equal, dtype_name, variable
from tests.core.numpy_call import MASK, MATRIX, ORDER, VECTOR
from tests.core.raising import raises

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def arrays_of(out):
    """Give one result or several as a list."""
    return list(out) if isinstance(out, tuple | list) else [out]


CONSTANT = {
    "where of a condition": lambda m: np.where(m > 1.0),
    "bincount": lambda m: np.bincount((m * 2).astype("int64").reshape(-1)),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_without_a_gradient_by_nature(name):
    out, expected = CONSTANT[name](variable(MATRIX)), CONSTANT[name](MATRIX)
    for part, truth in zip(arrays_of(out), arrays_of(expected), strict=True):
        assert not getattr(part, "requires_grad", False)
        assert_equal(part, np.asarray(truth))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: np.histogram(m), ["np.histogram", "np.bincount", "detach"]),
        (lambda m: np.histogram_bin_edges(m), ["np.histogram_bin_edges", "np.linspace"]),
        (lambda m: np.save("x", m), ["np.save", "v.detach().numpy()"]),
        (lambda m: np.emath.sqrt(m), ["sqrt", "operations of simple_autograd", "detach"]),
        (lambda m: np.quantile(m.detach(), m[0, 0] / 9), ["np.quantile", "q.detach()"]),
        (lambda m: np.unwrap(m, period=m[0, 0]), ["np.unwrap", "period"]),
        (lambda m: np.isfinite(m, out=m), ["np.isfinite with out", "requires grad"]),
        (lambda m: np.copyto(m, 1.0), ["np.copyto", "writes in place", "v[index] = values"]),
        (lambda m: np.fill_diagonal(m, 1.0), ["np.fill_diagonal", "writes in place"]),
        (lambda m: np.place(m, MASK, [1.0]), ["np.place"]),
        (lambda m: np.put(m, [0], [1.0]), ["np.put"]),
        (lambda m: np.putmask(m, MASK, 0.0), ["np.putmask"]),
        (lambda m: np.put_along_axis(m, ORDER, 0.0, 1), ["np.put_along_axis"]),
        (lambda m: np.copyto(np.zeros((3, 4)), m), ["np.copyto"]),
    ],
)
def test_what_would_lose_the_gradient_raises(call, words):
    with raises(NotDifferentiableError, *words):
        call(variable(MATRIX))


@pytest.mark.parametrize(
    ("call", "exception", "words"),
    [
        (lambda m: np.reshape(m, 12, order="F"), TypeError, ["np.reshape", "'F'", "row-major"]),
        (lambda m: np.pad(m, 1, "maximum"), ValueError, ["pad: mode 'maximum'"]),
        (lambda m: np.pad(m, 1, "mean", stat_length=2), TypeError, ["np.pad", "stat_length"]),
        (lambda m: np.pad(m, 1, "reflect", reflect_type="odd"), TypeError, ["np.pad", "reflect"]),
        (lambda m: np.sort(m, order="x"), TypeError, ["np.sort", "order"]),
        (
            lambda m: np.sort(m, kind="stable", stable=True),
            ValueError,
            ["np.sort", "kind and stable"],
        ),
        (lambda m: np.round(m, 1, np.zeros((3, 4))), TypeError, ["out"]),
        (lambda m: np.fix(m, np.zeros((3, 4))), TypeError, ["out"]),
        (lambda m: np.concatenate([m], 0, np.zeros((3, 4))), TypeError, ["out"]),
        (lambda m: np.stack([m], 0, np.zeros((1, 3, 4))), TypeError, ["out"]),
        (lambda m: np.vstack([m], dtype=int), TypeError, ["np.vstack: dtype is int64", "float64"]),
        (lambda m: np.linspace(m, 1.0, -1), ValueError, ["np.linspace: num is -1"]),
        (lambda m: np.clip(m, 0, 1, where=MASK), TypeError, ["np.clip()", "'where'"]),
        (lambda m: np.pad(m, 1, constant_values=m[0, 0]), TypeError, ["numpy()", "requires grad"]),
        (lambda m: np.quantile(m, 0.5, weights=m), TypeError, ["np.quantile", "weights"]),
        (
            lambda m: np.piecewise(m, [MASK, MASK], [1.0]),
            ValueError,
            ["np.piecewise", "2 conditions", "1 functions"],
        ),
        (lambda m: np.apply_along_axis(np.sum, 0, m[:, :0]), ValueError, ["(3, 0)", "axis 0"]),
        (
            lambda m: np.apply_over_axes(lambda a, axis: a[0, 0], m[None], 0),
            ValueError,
            ["np.apply_over_axes", "1 axes for 3"],
        ),
        (lambda m: np.geomspace(m * 0, 1.0), ValueError, ["np.geomspace", "0"]),
        (lambda m: np.ix_(m), ValueError, ["np.ix_", "(3, 4)"]),
        (lambda m: np.trim_zeros(m, "x"), ValueError, ["np.trim_zeros", "'x'"]),
        (lambda m: np.poly(m), ValueError, ["np.poly", "(3, 4)"]),
        (lambda m: np.polyder(m, -1), ValueError, ["np.polyder", "-1"]),
        (lambda m: np.polyint(m, 3, [1, 2]), ValueError, ["np.polyint", "m is 3 with 2"]),
        (lambda m: np.polyfit(m, m, 1), ValueError, ["np.polyfit", "x of shape (3, 4)"]),
        (lambda m: np.polyfit(m[:2, 0], m[:2, 0], 1, cov=True), ValueError, ["cov='unscaled'"]),
        (lambda m: np.concatenate([m], casting="no"), TypeError, ["np.concatenate", "casting"]),
        (
            lambda m: np.select([MASK], [m, m]),
            ValueError,
            ["np.select", "1 conditions", "2 choices"],
        ),
        (lambda m: np.average(m, 1, weights=[1.0]), ValueError, ["np.average", "(1,)", "(3, 4)"]),
        (lambda m: np.choose([0, 5, 0, 0], [m, m]), ValueError, ["np.choose", "2 choices"]),
        (lambda m: np.rollaxis(m, 2), ValueError, ["np.rollaxis", "2 axes"]),
        (lambda m: np.vsplit(m[0], 2), ValueError, ["np.vsplit", "2 or more axes"]),
        (
            lambda m: np.gradient(m, 1.0, 2.0, 3.0),
            TypeError,
            ["np.gradient", "3 spacings", "2 axes"],
        ),
        (lambda m: np.gradient(m[:1]), ValueError, ["np.gradient", "axis 0 has 1"]),
    ],
)
def test_what_cannot_be_done_says_so(call, exception, words):
    with raises(exception, *words):
        call(variable(MATRIX))


NUMBERS = np.array([2, -1, 3])
FLAGS = np.array([True, True, False])
EDGES = {
    "mean of booleans where": lambda m, n, f: np.mean(f, where=f),
    "var of integers where nothing is": lambda m, n, f: np.var(n, where=n > 9, ddof=1),
    "var with more corrections than numbers": lambda m, n, f: np.var(m, where=m > 1.2, ddof=99),
    "std around a mean": lambda m, n, f: np.std(m, mean=0.5, ddof=99),
    "cov with more corrections than numbers": lambda m, n, f: np.cov(m, ddof=9),
    "cov with more corrections than weights": lambda m, n, f: np.cov(
        m, fweights=[1, 1, 1, 1], ddof=9
    ),
    "sum where of a list": lambda m, n, f: np.sum(m, axis=0, where=[[True], [False], [True]]),
    "nanmean where of a list": lambda m, n, f: np.nanmean(m, where=[[True], [False], [True]]),
    "initial of another type": lambda m, n, f: np.max(n, initial=np.float64(2.5)),
    "linspace of integers": lambda m, n, f: np.linspace(m[0] - 2.0, 1.0, 4, dtype=int),
    "diff of no order": lambda m, n, f: np.diff(m, 0, append=1.0),
    "roll along no axis": lambda m, n, f: np.roll(m, 1, ()),
    "roll twice": lambda m, n, f: np.roll(m, (1, 2)),
    "fabs of integers": lambda m, n, f: np.fabs(n),
    "rint of integers": lambda m, n, f: np.rint(n),
    "modf of integers": lambda m, n, f: np.modf(n),
    "outer with a number": lambda m, n, f: np.subtract.outer(2.0, m),
    "quantile of nested parts": lambda m, n, f: np.quantile(m, [[0.1, 0.5], [0.2, 1.0]], axis=1),
    "quantile of a NumPy number": lambda m, n, f: np.quantile(m, np.float32(0.5)),
}


MIXED = {"mean of booleans where", "var of integers where nothing is"}


@pytest.mark.parametrize("name", EDGES)
def test_values_and_types_are_numpys_at_the_edges(name):
    if name in MIXED and get_backend().name != "numpy":
        pytest.skip("the standard does not mix kinds of numbers")
    given = [variable(value) for value in (MATRIX, NUMBERS, FLAGS)]
    with np.errstate(all="ignore"):
        expected = EDGES[name](MATRIX, NUMBERS, FLAGS)
        found = EDGES[name](*given)
    for part, truth in zip(arrays_of(found), arrays_of(expected), strict=True):
        assert_close(part, np.asarray(truth))
        assert dtype_name(part) == np.asarray(truth).dtype.name


WRITERS = {
    "np.copyto": lambda m: np.copyto(m, 0.5),
    "np.fill_diagonal": lambda m: np.fill_diagonal(m, 0.5),
    "np.place": lambda m: np.place(m, MASK, [0.5]),
    "np.put": lambda m: np.put(m, [0, 5], [0.5, 1.5]),
    "np.put_along_axis": lambda m: np.put_along_axis(m, ORDER[:, :1], 0.5, 1),
    "np.putmask": lambda m: np.putmask(m, MASK, 0.5),
    "np.add.at": lambda m: np.add.at(m, ([0, 0],), 0.5),
    "np.exp with out": lambda m: np.exp(MATRIX, out=m),
    "np.sum with out": lambda m: np.sum(MATRIX, axis=0, out=m[0]),
    "np.less with out": lambda m: np.less(MATRIX, 1.0, out=m),
}


@pytest.mark.skipif(get_backend().name != "numpy", reason="NumPy writes into its own arrays")
@pytest.mark.parametrize("writer", WRITERS)
def test_writing_in_place_is_noticed(writer):
    """A value that a rule has saved must not change unseen, whoever writes."""
    v, w = variable(MATRIX), variable(MATRIX, requires_grad=False)
    out = (v * w).sum()
    expected = MATRIX.copy()
    WRITERS[writer](expected)
    WRITERS[writer](w)
    assert_equal(w, expected)
    with raises(RuntimeError, "overwritten", writer):
        out.backward()


def test_what_newer_numpys_take_is_taken_beside_older_ones():
    v = variable(VECTOR)
    assert_equal(
        np.insert(v, np.array([True, False, False, True]), [8.0, 9.0]),
        [8.0, 0.3, 1.7, -0.4, 9.0, 2.2],
    )
    assert_equal(
        np.pad(variable(MATRIX), {-1: (1, 2)}, mode="edge"),
        np.pad(MATRIX, ((0, 0), (1, 2)), "edge"),
    )
    np.testing.assert_array_equal(np.pad(v, {0: 1}).tolist(), [0.0, *VECTOR, 0.0])


@pytest.mark.skipif(get_backend().name != "numpy", reason="it runs on NumPy's own arrays")
def test_namedtuples_of_variables_are_arguments():
    found = sa.unique_counts(variable([2.0, 1.0, 2.0]))
    assert_equal(np.lexsort(found), [0, 1])
