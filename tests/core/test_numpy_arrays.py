"""NumPy's functions on shapes, positions, order and statistics: its values, its defaults, and true gradients."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from simple_autograd.errors import BackendMismatchError, NotDifferentiableError
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable
from tests.core.gradcheck import check, direction, inner, slope
from tests.core.raising import raises

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

RNG = np.random.default_rng(3)
MATRIX = RNG.permutation(12).reshape(3, 4) / 5 + 0.1
CUBE = RNG.permutation(24).reshape(2, 3, 4) / 10 + 0.15
VECTOR = np.array([0.3, 1.7, -0.4, 2.2])
HOLED = np.where(MATRIX > 2.0, np.nan, MATRIX)
COUNTS = np.array([2, 0, 1, 1])
MASK = MATRIX > 1.2
ORDER = np.argsort(MATRIX, axis=1)
COMPLEX = VECTOR + 1j * VECTOR[::-1]

# Each is called with arrays and with Variables.
CALLS = {
    "reshape": lambda m, c, v: np.reshape(m, (2, -1)),
    "reshape to a number": lambda m, c, v: np.reshape(m, -1),
    "ravel": lambda m, c, v: np.ravel(c),
    "squeeze": lambda m, c, v: np.squeeze(c[:1], axis=0),
    "expand_dims": lambda m, c, v: np.expand_dims(m, (0, -1)),
    "broadcast_to": lambda m, c, v: np.broadcast_to(v, (2, 4)),
    "broadcast_arrays": lambda m, c, v: np.broadcast_arrays(m, v, subok=True)[1],
    "atleast_1d": lambda m, c, v: np.atleast_1d(v[0], m),
    "atleast_2d": lambda m, c, v: np.atleast_2d(v),
    "atleast_3d": lambda m, c, v: np.atleast_3d(v[0], v, m, c),
    "resize": lambda m, c, v: np.resize(m, (5, 3)),
    "resize to less": lambda m, c, v: np.resize(m, 3),
    "transpose": lambda m, c, v: np.transpose(c),
    "transpose axes": lambda m, c, v: np.transpose(c, [1, 2, 0]),
    "permute_dims": lambda m, c, v: np.permute_dims(c, (2, 0, 1)),
    "matrix_transpose": lambda m, c, v: np.matrix_transpose(c),
    "swapaxes": lambda m, c, v: np.swapaxes(c, 0, -1),
    "moveaxis": lambda m, c, v: np.moveaxis(c, [0, 1], [-1, 0]),
    "rollaxis": lambda m, c, v: np.rollaxis(c, 2),
    "rollaxis start": lambda m, c, v: np.rollaxis(c, 0, 3),
    "rollaxis negative": lambda m, c, v: np.rollaxis(c, -1, -2),
    "flip": lambda m, c, v: np.flip(c, (0, 2)),
    "fliplr": lambda m, c, v: np.fliplr(m),
    "flipud": lambda m, c, v: np.flipud(v),
    "rot90": lambda m, c, v: np.rot90(c, 3, (0, 2)),
    "roll": lambda m, c, v: np.roll(m, 5),
    "roll axes": lambda m, c, v: np.roll(m, (1, 2), axis=(0, 1)),
    "roll one shift": lambda m, c, v: np.roll(m, 1, axis=(0, 1)),
    "repeat": lambda m, c, v: np.repeat(m, 2),
    "repeat counts": lambda m, c, v: np.repeat(m, [2, 0, 1, 1], axis=1),
    "tile": lambda m, c, v: np.tile(m, 2),
    "tile more": lambda m, c, v: np.tile(v, (2, 2)),
    "pad": lambda m, c, v: np.pad(m, ((1, 0), (2, 3)), constant_values=((1, 2), (3, 4))),
    "pad reflect": lambda m, c, v: np.pad(m, 2, "reflect"),
    "pad array": lambda m, c, v: np.pad(v, np.array([1, 2]), "wrap"),
    "pad dict": lambda m, c, v: np.pad(m, {-1: (1, 2)}, mode="edge"),
    "tril": lambda m, c, v: np.tril(c, 1),
    "triu": lambda m, c, v: np.triu(m, k=-1),
    "diag": lambda m, c, v: np.diag(v, 1),
    "diag of a matrix": lambda m, c, v: np.diag(m, -1),
    "diagflat": lambda m, c, v: np.diagflat(m),
    "clip": lambda m, c, v: np.clip(m, 0.55, 1.75),
    "clip max": lambda m, c, v: np.clip(m, max=v),
    "copy": lambda m, c, v: np.copy(m),
    "astype": lambda m, c, v: np.astype(m, np.complex128),
    "concatenate": lambda m, c, v: np.concatenate([m, m * 2, [[1.0, 2.0, 3.0, 4.0]]]),
    "concat": lambda m, c, v: np.concat((m, v), axis=None, dtype=np.complex128),
    "stack": lambda m, c, v: np.stack([v, v * v], axis=-1),
    "vstack": lambda m, c, v: np.vstack([v, m]),
    "hstack": lambda m, c, v: np.hstack([v, [5.0]]),
    "hstack of matrices": lambda m, c, v: np.hstack([m, m]),
    "dstack": lambda m, c, v: np.dstack([v, v * 2]),
    "column_stack": lambda m, c, v: np.column_stack([v[:3], m]),
    "append": lambda m, c, v: np.append(m, v),
    "append axis": lambda m, c, v: np.append(m, m[:1], axis=0),
    "block": lambda m, c, v: np.block([[m, m[:, :1]], [v, 3.0]]),
    "block of a list": lambda m, c, v: np.block([v, 1.0, v]),
    "split": lambda m, c, v: np.split(m, 2, axis=1)[1],
    "split positions": lambda m, c, v: np.split(v, [1, 3])[1],
    "array_split": lambda m, c, v: np.array_split(m, 2)[0],
    "array_split more": lambda m, c, v: np.array_split(v, 3)[2],
    "hsplit": lambda m, c, v: np.hsplit(m, 2)[0],
    "hsplit of a vector": lambda m, c, v: np.hsplit(v, [2])[1],
    "vsplit": lambda m, c, v: np.vsplit(m, 3)[2],
    "dsplit": lambda m, c, v: np.dsplit(c, 2)[0],
    "unstack": lambda m, c, v: np.unstack(m, axis=1)[3],
    "where": lambda m, c, v: np.where(MASK, m, 0.0),
    "where lists": lambda m, c, v: np.where([True, False, True, False], v, [1.0, 2.0, 3.0, 4.0]),
    "take": lambda m, c, v: np.take(m, [[0, 5], [5, -1]]),
    "take axis": lambda m, c, v: np.take(m, [0, 2, 2], axis=1),
    "take wrap": lambda m, c, v: np.take(v, [5, -7], mode="wrap"),
    "take clip": lambda m, c, v: np.take(m, [5, -7], axis=0, mode="clip"),
    "take_along_axis": lambda m, c, v: np.take_along_axis(m, ORDER, axis=1),
    "take_along_axis flat": lambda m, c, v: np.take_along_axis(m, ORDER[0], axis=None),
    "compress": lambda m, c, v: np.compress([False, True, True], m, axis=0),
    "extract": lambda m, c, v: np.extract(MASK, m),
    "delete": lambda m, c, v: np.delete(m, 1, axis=1),
    "delete several": lambda m, c, v: np.delete(m, [0, 5, -1]),
    "delete slice": lambda m, c, v: np.delete(v, slice(None, None, 2)),
    "insert": lambda m, c, v: np.insert(v, 2, 9.0),
    "insert several at one": lambda m, c, v: np.insert(v, 1, v[:2]),
    "insert several": lambda m, c, v: np.insert(m, [1, 1, 3], v[:3], axis=1),
    "insert a column": lambda m, c, v: np.insert(m, 1, v[:3], axis=1),
    "insert columns": lambda m, c, v: np.insert(m, 1, m.T[:2], axis=1),
    "insert slice": lambda m, c, v: np.insert(v, slice(0, 4, 2), v[:2]),
    "insert mask": lambda m, c, v: np.insert(v, np.array([True, False, False, True]), v[:2]),
    "insert list of one": lambda m, c, v: np.insert(m, [0], m[:, :2], axis=1),
    "select": lambda m, c, v: np.select([MASK, MATRIX > 0.8], [m, v], default=-1.0),
    "choose": lambda m, c, v: np.choose([2, 0, 1, 1], [v, m[0], 5.0]),
    "choose wrap": lambda m, c, v: np.choose(np.array([3, -1, 1, 1]), [v, m[0]], mode="wrap"),
    "sort": lambda m, c, v: np.sort(m),
    "sort flat": lambda m, c, v: np.sort(m, axis=None),
    "sort kind": lambda m, c, v: np.sort(c, 1, kind="stable"),
    "partition first": lambda m, c, v: np.partition(m, 1, axis=1)[:, 1],
    "partition flat": lambda m, c, v: np.partition(m, (2, 7), axis=None)[np.array([2, 7])],
    "unique": lambda m, c, v: np.unique(m),
    "unique index": lambda m, c, v: np.unique(np.trunc(m), return_index=True)[1],
    "unique axis": lambda m, c, v: np.unique(m, axis=1, return_counts=True)[0],
    "unique_values": lambda m, c, v: np.unique_values(v) * 2,
    "unique_counts": lambda m, c, v: np.unique_counts(v).values,
    "unique_inverse": lambda m, c, v: np.unique_inverse(v).values,
    "unique_all": lambda m, c, v: np.unique_all(v).values,
    "union1d": lambda m, c, v: np.union1d(m, v + 0.01),
    "median": lambda m, c, v: np.median(m),
    "median axis": lambda m, c, v: np.median(c, (0, 2), keepdims=True),
    "nanmedian": lambda m, c, v: np.nanmedian(m + HOLED, axis=1),
    "quantile": lambda m, c, v: np.quantile(m, 0.3, 1),
    "quantile of several": lambda m, c, v: np.quantile(m, [0.3, 0.9], axis=0, method="hazen"),
    "percentile": lambda m, c, v: np.percentile(m, 30, axis=0),
    "nanquantile": lambda m, c, v: np.nanquantile(m + HOLED, 0.3, axis=1),
    "nanpercentile": lambda m, c, v: np.nanpercentile(m + HOLED, [30, 60]),
    "sum": lambda m, c, v: np.sum(m, 1),
    "sum where": lambda m, c, v: np.sum(m, axis=0, where=MASK, initial=2.0),
    "prod": lambda m, c, v: np.prod(m, axis=1, keepdims=True),
    "prod where": lambda m, c, v: np.prod(m, where=MASK),
    "max": lambda m, c, v: np.max(m, 1),
    "amax initial": lambda m, c, v: np.amax(m, axis=0, initial=2.1, where=MASK),
    "min": lambda m, c, v: np.min(m),
    "amin": lambda m, c, v: np.amin(m, (0, 1)),
    "mean": lambda m, c, v: np.mean(m, 0),
    "mean where": lambda m, c, v: np.mean(m, axis=1, where=MASK, keepdims=True),
    "var": lambda m, c, v: np.var(m),
    "var ddof": lambda m, c, v: np.var(m, axis=1, ddof=1),
    "var where": lambda m, c, v: np.var(m, axis=0, where=MATRIX > 0.5),
    "var mean": lambda m, c, v: np.var(m, axis=0, mean=np.mean(m, axis=0, keepdims=True)),
    "std": lambda m, c, v: np.std(m, 1),
    "std where": lambda m, c, v: np.std(m, where=MASK, correction=1),
    "ptp": lambda m, c, v: np.ptp(m, axis=1),
    "average": lambda m, c, v: np.average(m),
    "average weights": lambda m, c, v: np.average(m, 1, weights=v),
    "average all": lambda m, c, v: np.average(m, weights=m * m),
    "average axes": lambda m, c, v: np.average(c, (2, 1), weights=m.T),
    "average returned": lambda m, c, v: np.average(m, axis=0, weights=m * m, returned=True),
    "nansum": lambda m, c, v: np.nansum(m + HOLED, axis=1),
    "nanprod": lambda m, c, v: np.nanprod(m + HOLED, axis=0),
    "nanmean": lambda m, c, v: np.nanmean(m + HOLED),
    "nanvar": lambda m, c, v: np.nanvar(m + HOLED, axis=1),
    "nanstd": lambda m, c, v: np.nanstd(m + HOLED, axis=0, ddof=1, keepdims=True),
    "nanmax": lambda m, c, v: np.nanmax(m + HOLED, axis=1),
    "nanmin": lambda m, c, v: np.nanmin(m + HOLED),
    "cumsum": lambda m, c, v: np.cumsum(m),
    "cumsum axis": lambda m, c, v: np.cumsum(m, 0),
    "cumprod": lambda m, c, v: np.cumprod(m, axis=1),
    "nancumsum": lambda m, c, v: np.nancumsum(m + HOLED, axis=1),
    "nancumprod": lambda m, c, v: np.nancumprod(m + HOLED),
    "cumulative_sum": lambda m, c, v: np.cumulative_sum(m, axis=1, include_initial=True),
    "cumulative_prod": lambda m, c, v: np.cumulative_prod(v),
    "diff": lambda m, c, v: np.diff(m),
    "diff ends": lambda m, c, v: np.diff(m, 2, 0, prepend=0.0, append=m[:1]),
    "ediff1d": lambda m, c, v: np.ediff1d(m),
    "ediff1d ends": lambda m, c, v: np.ediff1d(v, to_end=[8.0, 9.0], to_begin=v[0]),
    "unwrap": lambda m, c, v: np.unwrap(m * 4, axis=0),
    "trapezoid": lambda m, c, v: np.trapezoid(m, dx=0.5),
    "trapezoid x": lambda m, c, v: np.trapezoid(m, np.cumsum(v * v), axis=1),
    "trapezoid axis": lambda m, c, v: np.trapezoid(m, [0.0, 1.0, 3.0], axis=0),
    "trapezoid points": lambda m, c, v: np.trapezoid(m, m * 2, axis=0),
    "gradient": lambda m, c, v: np.gradient(m),
    "gradient axis": lambda m, c, v: np.gradient(m, 2.0, axis=1, edge_order=2),
    "gradient spacings": lambda m, c, v: np.gradient(m, 0.5, np.array([0.0, 1.0, 1.5, 3.0])),
    "gradient coordinates": lambda m, c, v: np.gradient(m[0], np.cumsum(v * v), edge_order=2),
    "interp": lambda m, c, v: np.interp(m, [0.0, 1.0, 2.5], v[:3]),
    "interp ends": lambda m, c, v: np.interp(m - 1, np.cumsum(v * v), v * 2, left=-1.0, right=-2.0),
    "convolve": lambda m, c, v: np.convolve(m[0], v[:2], "same"),
    "correlate": lambda m, c, v: np.correlate(np.concatenate([v, m[0]]), v[:3]),
    "correlate longer": lambda m, c, v: np.correlate(v[:2], m[0], "same"),
    "correlate complex": lambda m, c, v: np.correlate(COMPLEX, COMPLEX[1:] * v[:3], "full"),
    "vander": lambda m, c, v: np.vander(v),
    "vander increasing": lambda m, c, v: np.vander(v, 3, increasing=True),
    "linspace": lambda m, c, v: np.linspace(v[0], v[1], 5),
    "linspace arrays": lambda m, c, v: np.linspace(m[0], v, 4, endpoint=False, axis=1),
    "linspace step": lambda m, c, v: np.linspace(v, 1.0, 3, retstep=True),
    "cov": lambda m, c, v: np.cov(m),
    "cov of two": lambda m, c, v: np.cov(v, m[0], bias=True),
    "cov columns": lambda m, c, v: np.cov(m, rowvar=False, ddof=0),
    "cov of one": lambda m, c, v: np.cov(v),
    "cov weights": lambda m, c, v: np.cov(m, fweights=COUNTS, aweights=[1.0, 2.0, 0.5, 1.5]),
    "cov complex": lambda m, c, v: np.cov(np.stack([COMPLEX * v, v + 0j])),
    "corrcoef": lambda m, c, v: np.corrcoef(m),
    "bincount": lambda m, c, v: np.bincount([3, 1, 1, 0], v, minlength=6),
    "meshgrid": lambda m, c, v: np.meshgrid(v, m[0])[1],
    "meshgrid sparse": lambda m, c, v: np.meshgrid(v, m[0], sparse=True)[0],
}  # fmt: skip


def arrays_of(out):
    """Give one result or several as a list."""
    return list(out) if isinstance(out, tuple | list) else [out]


def flat(out):
    return np.concatenate([to_numpy(part).ravel() for part in arrays_of(out)])


@pytest.mark.parametrize("name", CALLS)
def test_value_and_gradient(name):
    call, arrays = CALLS[name], [MATRIX, CUBE, VECTOR]
    expected = call(*arrays)
    variables = [variable(array) for array in arrays]
    try:
        out = call(*variables)
    except BackendMismatchError:
        assert get_backend().name != "numpy"
        pytest.skip("it mixes NumPy's arrays with the backend's, which is refused")
    parts = arrays_of(out)
    assert type(out) in (tuple, list) or isinstance(out, Variable)
    for part, truth in zip(parts, arrays_of(expected), strict=True):
        assert isinstance(part, Variable)
        assert_close(part, np.asarray(truth))
        assert part.dtype == to_backend(np.asarray(truth)).dtype
    recorded = [part for part in parts if part.requires_grad]
    if not recorded:
        assert parts[0].dtype == to_backend(np.zeros(0, np.int64)).dtype, "the gradient is lost"
        return
    rng = np.random.default_rng(0)
    above = [direction(rng, to_numpy(part)) for part in recorded]
    grads = sa.grad(recorded, variables, [to_backend(a) for a in above], allow_unused=True)

    def value(*changed):
        found = arrays_of(call(*[variable(array, requires_grad=False) for array in changed]))
        kept = [f for f, part in zip(found, parts, strict=True) if part.requires_grad]
        return sum(inner(a, to_numpy(f)) for a, f in zip(above, kept, strict=True))

    for k, (grad, array) in enumerate(zip(grads, arrays, strict=True)):
        step = direction(rng, array)
        actual = 0.0 if grad is None else inner(to_numpy(grad), step)
        check(actual, slope(value, arrays, k, step * 1e-2) * 1e2, 1e-7)


CONSTANT = {
    "where of a condition": lambda m: np.where(m > 1.0),
    "argsort": lambda m: np.argsort(m),
    "searchsorted": lambda m: np.searchsorted(m[0], m[1]),
    "digitize": lambda m: np.digitize(m, [0.5, 1.5]),
    "isin": lambda m: np.isin(m, [1.0, 2.0]),
    "nanargmax": lambda m: np.nanargmax(m),
    "bincount": lambda m: np.bincount((m * 2).astype("int64").reshape(-1)),
    "zeros_like": lambda m: np.zeros_like(m, shape=(2, 2), dtype=np.float32),
    "full_like": lambda m: np.full_like(m, 3.0),
    "ones_like": lambda m: np.ones_like(m, order="C"),
    "triu_indices_from": lambda m: np.triu_indices_from(m),
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
        (lambda m: np.piecewise(m, [MASK], [1.0, 2.0]), ["np.piecewise", "detach"]),
        (lambda m: np.apply_along_axis(np.sum, 0, m), ["np.apply_along_axis", "detach"]),
        (lambda m: np.histogram(m), ["np.histogram", "detach"]),
        (lambda m: np.intersect1d(m, m), ["np.intersect1d", "detach"]),
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
        (lambda m: np.quantile(m, 0.5, weights=m), TypeError, ["np.quantile", "weights"]),
        (lambda m: np.interp(m, [0, 1], [0, 1], period=2), TypeError, ["np.interp", "period"]),
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


@pytest.mark.skipif(get_backend().name != "numpy", reason="NumPy writes into its own arrays")
def test_writing_in_place_is_noticed():
    """A value that a rule has saved must not change unseen, whoever writes."""
    v, w = variable(VECTOR), variable(VECTOR, requires_grad=False)
    out = (v * w).sum()
    np.copyto(w, 0.0)
    assert w.tolist() == [0.0] * 4
    with raises(RuntimeError, "overwritten", "np.copyto"):
        out.backward()
