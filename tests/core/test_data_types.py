"""Data types: questions about them, promotion, and how gradients keep to them."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.backends import get_backend
from tests.core.arrays import dtype_name, to_numpy, variable
from tests.core.raising import raises


def dtype(name):
    return get_backend().dtype(name)


def test_names_are_the_default_backends(backend):
    for name in ("bool", "int8", "uint64", "float32", "float64", "complex64", "complex128"):
        assert getattr(sa, name) == dtype(name)
    with raises(AttributeError, "float33"):
        _ = sa.float33


def test_isdtype():
    assert sa.isdtype(dtype("float32"), "real floating")
    assert sa.isdtype(dtype("int8"), ("bool", "integral"))
    assert not sa.isdtype(dtype("complex64"), "real floating")
    assert sa.isdtype(dtype("float32"), dtype("float32"))


def test_can_cast():
    assert sa.can_cast(dtype("float32"), dtype("float64"))
    assert not sa.can_cast(dtype("float64"), dtype("float32"))
    assert sa.can_cast(variable(np.ones(1, np.float32)), dtype("float64"))


def test_limits():
    assert sa.finfo(dtype("float32")).eps == np.finfo(np.float32).eps
    assert sa.finfo(variable(1.0)).bits == 64
    assert sa.iinfo(dtype("int16")).max == 32767
    assert sa.iinfo(variable(np.array(1))).min == np.iinfo(np.int64).min


@pytest.mark.parametrize("name", ["float32", "float64", "complex64", "complex128"])
def test_limits_are_plain_numbers(name):
    """NumPy's are scalars of the type, and what is computed with them takes that type."""
    limits = sa.finfo(dtype(name))
    real = np.finfo(name)
    assert [type(number) for number in limits] == [
        int,
        float,
        float,
        float,
        float,
        type(limits.dtype),
    ]
    assert limits.bits == real.bits
    assert (limits.eps, limits.max, limits.min) == (real.eps, real.max, real.min)
    assert limits.smallest_normal == real.smallest_normal
    assert limits.dtype == dtype({"complex64": "float32", "complex128": "float64"}.get(name, name))
    assert sa.finfo(variable(np.ones(1, name))) == limits


@pytest.mark.parametrize("name", ["bool", "int8", "float32", "complex64"])
def test_copies_of_every_type(name):
    v = variable(np.ones(2, name))
    for copy in (sa.asarray(v, copy=True), v.clone(), np.copy(v)):
        assert copy.dtype == v.dtype
        assert copy.requires_grad == v.requires_grad
        assert copy.tolist() == v.tolist()
        assert not np.shares_memory(to_numpy(copy), to_numpy(v))


def test_result_type():
    assert sa.result_type(dtype("float32"), dtype("float64")) == dtype("float64")
    assert sa.result_type(variable(np.ones(1, np.float32)), dtype("float32")) == dtype("float32")
    assert sa.result_type(variable(np.ones(1, np.float32)), 2.0) == dtype("float32")


@pytest.mark.parametrize("name", ["float32", "float64", "complex64", "complex128"])
def test_everything_stays_in_its_type(name):
    """Values, gradients and second gradients; no number in a rule widens them."""
    v = variable(np.array([[0.5, 0.25], [0.75, 0.125]]).astype(name))
    out = ((v @ v).exp() * 2 / (v + 1) - v**2).sum(0)[[0, 0]].mean()
    assert dtype_name(out) == name
    (first,) = sa.grad(out, v, create_graph=True)
    assert dtype_name(first) == name
    (second,) = sa.grad((first * first).sum(), v)
    assert dtype_name(second) == name


def test_single_precision_stays_single_in_real_functions():
    v = variable(np.array([[0.5, 0.25], [0.75, 0.125]], np.float32))
    for function in (
        lambda x: x.sigmoid(),
        lambda x: x.relu(),
        lambda x: x.softmax(0),
        lambda x: x.log_softmax(-1),
        lambda x: x.var(0),
        lambda x: x.std(),
        lambda x: x.max(1),
        lambda x: x.min(),
        lambda x: x.clip(0.2, 0.6),
        lambda x: sa.where(x > 0.3, x, 0.0),
        lambda x: sa.where(x > 0.3, 1.0, x),
        lambda x: x.maximum(0.3),
        lambda x: x % 0.3,
        lambda x: 2.0**x,
        lambda x: abs(x - 0.3),
    ):
        out = function(v)
        assert dtype_name(out) == "float32"
        (first,) = sa.grad(out.sum(), v, create_graph=True)
        assert dtype_name(first) == "float32"


def test_cast_carries_the_gradient_back():
    v = variable(np.array([1.5, 2.5], np.float32))
    wide = v.astype("float64")
    (wide * wide).sum().backward()
    assert dtype_name(v.grad) == "float32"
    np.testing.assert_array_equal(to_numpy(v.grad), np.array([3.0, 5.0], np.float32))


def test_cast_to_integers_cuts_the_graph():
    v = variable([1.5, 2.5])
    assert not v.astype("int64").requires_grad
    assert not v.astype("bool").requires_grad


def test_cast_refuses_another_device():
    with raises(ValueError, "astype: x is on device", "v.to(...)"):
        sa.astype(variable([1.0]), "float32", device="elsewhere")


def test_extended_precision_keeps_the_convention_of_complex_gradients(backend):
    if backend.name != "numpy":
        pytest.skip("the standard has no extended precision")
    for dtype in (np.complex128, np.clongdouble):
        z = variable(np.array([1 + 2j], dtype))
        sa.sum(sa.real(z * z * (1 + 1j))).backward()
        assert z.grad.dtype == dtype
        np.testing.assert_array_equal(z.grad, [-2 - 6j])
