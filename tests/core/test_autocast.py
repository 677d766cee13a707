"""``autocast``: which operation computes in what, the gradients' data types, nesting, threads, and who cannot."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.autocast import in_float32
from simple_autograd.op import OPS

BFLOAT16 = pytest.param(
    "bfloat16",
    marks=pytest.mark.skipif(
        importlib.util.find_spec("ml_dtypes") is None, reason="ml_dtypes is not installed"
    ),
)
each_lower = pytest.mark.parametrize("lower", ["float16", BFLOAT16])

SMALL = np.linspace(0.5, 1.5, 12).reshape(3, 4)


@pytest.fixture
def on_numpy() -> Iterator[None]:
    """Run on NumPy whatever the run's backend is: array-api-strict has no type of 16 bits."""
    with sa.use_backend("numpy"):
        yield


def variable(dtype: str = "float32") -> sa.Variable:
    return sa.Variable(SMALL.astype(sa.get_backend("numpy").dtype(dtype)))


LOWER = {
    "matmul": lambda v: v @ v.T,
    "reflected matmul": lambda v: SMALL.T.astype("float32") @ v,
    "tensordot": lambda v: sa.tensordot(v, v.T, axes=1),
    "product of vectors": lambda v: v.flatten() @ v.flatten(),
    "vecdot": lambda v: sa.vecdot(v, v),
    "einsum": lambda v: sa.einsum("ij,kj->ik", v, v),
}
WIDE = {
    "exp": sa.exp,
    "log": sa.log,
    "pow": lambda v: v**2,
    "reflected pow": lambda v: 2**v,
    "rsqrt": sa.rsqrt,
    "softmax": lambda v: sa.softmax(v, axis=-1),
    "log_softmax": lambda v: sa.log_softmax(v, axis=-1),
    "sum": sa.sum,
    "cumulative_sum": lambda v: sa.cumulative_sum(v, axis=0),
    "vector_norm": sa.linalg.vector_norm,
}
AS_GIVEN = {"multiply": lambda v: v * v, "relu": sa.relu, "max": lambda v: v.max(), "mean": sa.mean}


def of(table):
    return pytest.mark.parametrize("function", table.values(), ids=table)


@pytest.mark.usefixtures("on_numpy")
class TestPrecision:
    @each_lower
    @of(LOWER)
    def test_products_are_lower_and_gradients_float32(self, lower, function):
        if lower == "bfloat16" and function is LOWER["vecdot"]:
            pytest.skip("its rule asks numpy.isdtype, which knows no bfloat16")
        v, w = variable(), variable()
        with sa.autocast(lower):
            out = function(v)
        assert out.dtype == sa.get_backend().dtype(lower)
        assert out.grad_fn.dtype == out.dtype
        out.sum().backward()
        assert v.grad.dtype == np.float32
        expected = function(w)
        expected.sum().backward()
        tolerance = 2e-3 if lower == "float16" else 2e-2
        np.testing.assert_allclose(out.data.astype("float32"), expected.data, rtol=tolerance)
        np.testing.assert_allclose(v.grad, w.grad, rtol=2 * tolerance)

    @each_lower
    @of(WIDE)
    def test_what_needs_range_is_float32(self, lower, function):
        v = variable(lower)
        with sa.autocast(lower):
            out = function(v)
        assert out.dtype == np.float32
        out.sum().backward()
        assert v.grad.dtype == v.dtype
        wide = function(sa.Variable(v.data.astype("float32")))
        np.testing.assert_array_equal(out.data, wide.data)

    @each_lower
    @of(AS_GIVEN)
    def test_all_else_stays_as_given(self, lower, function):
        with sa.autocast(lower):
            assert function(variable(lower)).dtype == sa.get_backend().dtype(lower)
            assert function(variable()).dtype == np.float32

    @of({**LOWER, **WIDE})
    def test_float64_is_never_touched(self, function):
        with sa.autocast("float16"):
            if function is not LOWER["reflected matmul"]:
                assert function(variable("float64")).dtype == np.float64

    def test_integers_and_numbers_are_left_alone(self):
        with sa.autocast("float16"):
            assert sa.sum(sa.Variable([1, 2])).dtype == np.int64
            assert (variable("float16") ** 2).dtype == np.float32

    def test_raw_arrays_too(self):
        raw = SMALL.astype("float32")
        with sa.autocast("float16"):
            out = sa.matmul(raw, raw.T)
        assert type(out) is np.ndarray
        assert out.dtype == np.float16

    def test_second_derivatives_come_through_the_casts(self):
        v = variable()
        with sa.autocast("float16"):
            (first,) = sa.grad(sa.exp(v @ v.T).sum(), v, create_graph=True)
        assert first.dtype == np.float32
        first.sum().backward()
        assert v.grad.dtype == np.float32
        assert np.isfinite(v.grad).all()

    def test_a_backward_pass_inside_gives_the_same(self):
        v, w = variable(), variable()
        with sa.autocast("float16"):
            sa.softmax(v @ v.T, axis=-1).max().backward()
        with sa.autocast("float16"):
            loss = sa.softmax(w @ w.T, axis=-1).max()
        loss.backward()
        np.testing.assert_array_equal(v.grad, w.grad)


@pytest.mark.usefixtures("on_numpy")
class TestExtent:
    def product(self) -> str:
        return str((variable() @ variable().T).dtype)

    def test_ends_with_the_block_and_after_an_error(self):
        with sa.autocast("float16"):
            assert self.product() == "float16"
        assert self.product() == "float32"
        with pytest.raises(TypeError), sa.autocast("float16"):
            sa.matmul(1, 2)
        assert self.product() == "float32"

    def test_nests(self):
        with sa.autocast("float16"):
            with sa.autocast("float16", enabled=False):
                assert self.product() == "float32"
            assert self.product() == "float16"
            with sa.no_grad():
                assert self.product() == "float16"

    def test_decorates(self):
        assert sa.autocast("float16")(self.product)() == "float16"
        assert self.product() == "float32"

    def test_of_a_decorated_generator_each_step_is_inside(self):
        @sa.autocast("float16")
        def steps():
            yield self.product()
            with sa.autocast("float16", enabled=False):
                yield self.product()
            yield self.product()

        found = [(inside, self.product()) for inside in steps()]
        assert found == [("float16", "float32"), ("float32", "float32"), ("float16", "float32")]

    def test_one_object_may_be_entered_many_times(self):
        context = sa.autocast("float16")
        with context, context:
            assert self.product() == "float16"
        assert self.product() == "float32"

    def test_belongs_to_the_thread(self):
        found = []

        def elsewhere():
            with sa.use_backend("numpy"):
                found.append(self.product())

        with sa.autocast("float16"):
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
        assert found == ["float32"]

    def test_leaves_nothing_behind_that_ops_ask(self):
        from simple_autograd.tape import default

        with sa.autocast("float16"):
            assert not default.everywhere
        assert default.everywhere

    def test_a_decorated_composition_gets_float32(self):
        @in_float32
        def half(x, *, other):
            return x.dtype, other.dtype

        given = variable("float16")
        assert half(given, other=given) == (np.float16, np.float16)
        with sa.autocast("float16"):
            assert half(given, other=given) == (np.float32, np.float32)


def test_other_types_are_refused():
    with pytest.raises(
        ValueError, match=r"autocast: dtype is 'float64'; needed is 'float16' or 'bf"
    ):
        sa.autocast("float64")


def test_a_data_type_of_the_backend_names_it_too():
    with sa.use_backend("numpy"), sa.autocast(np.float16):
        assert (variable() @ variable().T).dtype == np.float16


def test_a_backend_without_the_type_says_so(backend):
    if backend.name != "strict":
        pytest.skip("it has float16")
    with (
        pytest.raises(TypeError, match="autocast: the backend 'strict' has no float16"),
        sa.autocast("float16"),
    ):
        pass


def test_every_precision_is_one_that_there_is():
    for name in ("matmul", "softmax"):  # loads families
        getattr(sa, name)
    assert {op.precision for op in OPS.values()} == {None, "lower", "float32"}
