"""NumPy's kernels for what is large: the same results as for what is small."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.backends import numpy_indexing, numpy_sorting


@pytest.fixture(autouse=True)
def host(backend):
    if not backend.is_host:
        pytest.skip("they are NumPy's kernels")


def both(module, name, monkeypatch, constants, *args, **options):
    """Run a kernel as for large arrays, and before that as for small ones."""
    monkeypatch.undo()
    kernel = module.KERNELS[name]
    expected = kernel(*args, **options)
    for constant, value in constants.items():
        assert hasattr(module, constant)
        monkeypatch.setattr(module, constant, value)
    return kernel(*args, **options), expected


@pytest.mark.parametrize("rows", [5, 100, 70_000])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_rows_add_up(rows, dtype, monkeypatch):
    random = np.random.default_rng(rows)
    key = random.integers(0, min(rows, np.iinfo(dtype).max), (3, 400)).astype(dtype)
    key[0, :50] = rows // 2 if rows < 200 else 7
    values = random.normal(size=(3, 400, 2, 5)).transpose(0, 1, 3, 2)
    large = {"_MANY": 1, "_WIDE": 1, "_ROUNDS": 3}
    for form in (key, (key,)):
        result, expected = both(
            numpy_indexing, "put_add", monkeypatch, large, values, key=form, shape=(rows, 5, 2)
        )
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
        assert result.shape == expected.shape


def test_rows_counted_from_the_end_add_up(monkeypatch):
    result, expected = both(
        numpy_indexing,
        "put_add",
        monkeypatch,
        {"_MANY": 1, "_WIDE": 1},
        np.arange(6.0).reshape(3, 2),
        key=np.array([-1, 0, 2]),
        shape=(3, 2),
    )
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("special", [[], [np.nan, np.nan], [np.inf, -np.inf], [-np.inf] * 38])
def test_first_positions(axis, descending, special, monkeypatch):
    x = np.random.default_rng(2).normal(size=(40, 40))
    x[: len(special), 1] = x[1, : len(special)] = special
    for kept in (x, x[::-1, ::2], x.astype(np.float32)):
        options = {"ranks": (0, 1, 2), "axis": axis, "descending": descending}
        positions, expected = both(
            numpy_sorting,
            "ranked_positions",
            monkeypatch,
            {"_LONG": 1, "_MANY": 1},
            kept,
            **options,
        )
        np.testing.assert_array_equal(
            np.take_along_axis(kept, positions, axis), np.take_along_axis(kept, expected, axis)
        )
        distinct = np.sort(positions, axis=axis)
        assert (np.diff(distinct, axis=axis) > 0).all()
