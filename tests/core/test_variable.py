"""``Variable`` itself: what it is made of, what it shows, how it leaves the library. Gradients are elsewhere."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError, NotDifferentiableError
from tests.core.arrays import (
    assert_equal,
    dtype_name,
    shares_host_memory,
    to_numpy,
    variable,
)
from tests.core.raising import raises

FLOATING = ["float32", "float64", "complex64", "complex128"]
OTHERS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


# What it is made of -------------------------------------------------------------------------------


def test_shares_memory_with_an_array_of_the_default_backend(backend):
    array = backend.asarray(np.arange(3.0))
    v = Variable(array)
    assert backend.memory_key(v.data) == backend.memory_key(array)
    array[0] = 7.0
    assert_equal(v, np.array([7.0, 1.0, 2.0]))


@pytest.mark.parametrize("data", [[1.0, 2.0], [[1, 2], [3, 4]], 2.5, True, np.arange(3.0), 1 + 2j])
def test_takes_what_the_backend_takes(backend, data):
    v = Variable(data)
    assert type(v.data) is backend.array_type
    assert v.backend is backend
    assert_equal(v, np.asarray(data))
    assert (v.shape, v.ndim, v.size) == (np.shape(data), np.ndim(data), np.size(data))


def test_of_a_variable_is_a_new_leaf_on_the_same_memory(backend):
    v = variable([1.0, 2.0]) * 2
    w = Variable(v)
    assert backend.memory_key(w.data) == backend.memory_key(v.data)
    assert w.is_leaf
    assert w.requires_grad


@pytest.mark.parametrize(
    "data", ["text", [None], [object()], np.array(["a"])], ids=["text", "None", "object", "texts"]
)
def test_refuses_what_is_no_numbers(data):
    with pytest.raises(TypeError):
        Variable(data)


@pytest.mark.parametrize("dtype", FLOATING)
def test_floating_data_requires_grad_by_default(dtype):
    v = variable(np.ones(2, dtype))
    assert v.requires_grad
    assert dtype_name(v) == dtype
    assert not variable(np.ones(2, dtype), requires_grad=False).requires_grad


@pytest.mark.parametrize("dtype", OTHERS)
def test_other_data_never_requires_grad(dtype):
    v = variable(np.ones(2, dtype))
    assert not v.requires_grad
    with raises(TypeError, "Variable: gradients need floating", dtype, "requires_grad=False"):
        variable(np.ones(2, dtype), requires_grad=True)
    with raises(TypeError, "requires_grad_: gradients need floating", dtype):
        v.requires_grad_()
    v.requires_grad_(False)


def test_requires_grad_can_be_switched_on_a_leaf():
    v = variable([1.0], requires_grad=False)
    assert v.requires_grad_() is v
    assert v.requires_grad
    (v * 2).backward()
    v.requires_grad = False
    assert not v.requires_grad
    assert v.grad is None
    with raises(GraphError, "requires_grad_: this Variable is the result of multiply", "detach"):
        (variable([1.0]) * 2).requires_grad_(False)


def test_results_are_no_leaves():
    v = variable([1.0, 2.0])
    w = v * 2
    assert v.is_leaf
    assert v.grad_fn is None
    assert not w.is_leaf
    assert w.grad_fn.name == "multiply"
    assert w.grad_fn.next_functions[0].name == "leaf"
    assert w.detach().is_leaf
    assert w.detach().data is w.data


def test_data_can_be_replaced_on_a_leaf(backend):
    v = variable([1.0, 2.0])
    v.data = np.array([[3.0, 4.0, 5.0]])
    assert type(v.data) is backend.array_type
    (v * v).sum().backward()
    assert_equal(v.grad, np.array([[6.0, 8.0, 10.0]]))
    v.data = variable([9.0])
    assert_equal(v, np.array([9.0]))
    with raises(GraphError, "data: this Variable is the result of multiply", "detach"):
        (v * 2).data = np.array([1.0])
    with raises(TypeError, "data: gradients need floating", "int64"):
        v.data = np.array([1, 2])


# How it leaves the library ------------------------------------------------------------------------


def test_numpy_refuses_to_lose_a_gradient(backend):
    v = variable([1.0, 2.0])
    for convert in (np.asarray, np.array, lambda v: v.numpy(), lambda v: v.__array__()):
        with raises(NotDifferentiableError, "requires grad", "v.detach()"):
            convert(v)
    np.testing.assert_array_equal(v.detach().numpy(), [1.0, 2.0], strict=True)
    if backend.is_remote:
        return
    for convert in (np.asarray, np.array):
        np.testing.assert_array_equal(convert(v.detach()), [1.0, 2.0], strict=True)
    assert np.asarray(v.detach(), dtype=np.float32).dtype == np.float32
    assert issubclass(NotDifferentiableError, TypeError)


def test_numpy_shares_memory_where_it_can(backend):
    if not shares_host_memory(backend):
        pytest.skip("its arrays are not on the host")
    v = variable([1.0, 2.0], requires_grad=False)
    v.numpy()[0] = 5.0
    assert v.tolist() == [5.0, 2.0]


def test_numbers_come_out():
    v = variable([[2.5]], requires_grad=False)
    assert (v.item(), float(v), int(v), complex(v), bool(v)) == (2.5, 2.5, 2, 2.5 + 0j, True)
    assert type(v.item()) is float
    assert variable(2.5).item() == 2.5
    assert bool(variable(2.5))
    assert v.tolist() == [[2.5]]
    assert variable(np.array(3)).__index__() == 3
    assert [10, 20, 30][variable(np.array(1))] == 20
    assert not variable([0.0])


def test_numbers_do_not_come_out_of_several():
    v = variable([1.0, 2.0], requires_grad=False)
    for convert, name in [(float, "float"), (int, "int"), (complex, "complex")]:
        with raises(TypeError, f"{name}: needed is one element", "(2,)"):
            convert(v)
        with raises(NotDifferentiableError, f"{name}: ", "requires grad", "v.item()"):
            convert(variable(1.0))
    with raises(ValueError, "item: needed is one element", "(2,)"):
        v.item()
    with raises(ValueError, "bool: the truth", "ambiguous", "any()"):
        bool(v)
    with raises(TypeError, "index: only an integer", "float64"):
        [1, 2][variable(1.0)]
    with raises(TypeError, "index: only an integer", "one element", "(2,)"):
        [1, 2][v]


# Containers, copies, printing ---------------------------------------------------------------------


def test_length_and_iteration():
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    assert len(v) == 2
    rows = list(v)
    assert [row.tolist() for row in rows] == [[1.0, 2.0], [3.0, 4.0]]
    (rows[1] * 2).sum().backward()
    assert_equal(v.grad, np.array([[0.0, 0.0], [2.0, 2.0]]))
    for operation in (len, iter):
        with raises(TypeError, operation.__name__, "zero-dimensional"):
            operation(variable(1.0))


def test_hash_is_identity_and_equality_is_elementwise():
    v, w = variable([1.0, 2.0]), variable([1.0, 3.0])
    assert (v == w).tolist() == [True, False]
    assert len({v, w, v}) == 2
    assert {v: "v"}[v] == "v"


def test_copies():
    v = variable([1.0, 2.0])
    (v * 3).sum().backward()
    shallow, deep = copy.copy(v), copy.deepcopy(v)
    assert shallow.data is v.data
    assert shallow.grad is None
    assert_equal(deep, np.array([1.0, 2.0]))
    assert_equal(deep.grad, np.array([3.0, 3.0]))
    deep.data[0], deep.grad[0] = 9.0, 9.0
    assert v.tolist() == [1.0, 2.0]
    assert_equal(v.grad, np.array([3.0, 3.0]))
    assert not copy.deepcopy(variable([1.0], requires_grad=False)).requires_grad
    with raises(GraphError, "deepcopy: this Variable is the result of multiply", "clone"):
        copy.deepcopy(v * 2)


def test_one_variable_twice_stays_one_in_a_deep_copy():
    v = variable([1.0])
    first, second = copy.deepcopy([v, v])
    assert first is second is not v


@pytest.mark.parametrize("requires_grad", [True, False])
def test_pickle_round_trip(backend, requires_grad):
    v = variable([[1.0, 2.0]], requires_grad=requires_grad)
    w = pickle.loads(pickle.dumps(v))
    assert type(w.data) is backend.array_type
    assert_equal(w, np.array([[1.0, 2.0]]))
    assert w.requires_grad == requires_grad
    with raises(GraphError, "pickle: this Variable is the result of multiply", "detach"):
        pickle.dumps(variable([1.0]) * 2)


def test_clone_is_a_copy_on_the_tape():
    v = variable([1.0, 2.0])
    w = v.clone()
    assert w.data is not v.data
    (w * 2).sum().backward()
    assert_equal(v.grad, np.array([2.0, 2.0]))


class TestRepr:
    def check(self, v, *lines):
        text = repr(v)
        if v.backend.name != "numpy":
            backend = f"backend={v.backend.name!r}"
            text = text.replace(f", {backend}", "")
        assert text.splitlines() == [*lines]

    def test_small(self):
        self.check(variable([1.0, 2.5]), "Variable([1. , 2.5], requires_grad=True)")
        self.check(variable(2.0), "Variable(2., requires_grad=True)")
        self.check(variable([1.0], requires_grad=False), "Variable([1.])")

    def test_of_a_result(self):
        self.check(variable([1.0]) * 2, "Variable([2.], grad_fn=<multiply>)")

    def test_other_dtypes(self):
        self.check(variable(np.array([1, 2])), "Variable([1, 2])")
        self.check(variable(np.array([True])), "Variable([ True])")
        floats = np.array([1.5], np.float32)
        self.check(variable(floats), "Variable([1.5], dtype=float32, requires_grad=True)")

    def test_rows_are_aligned(self):
        self.check(
            variable([[1.0, 2.0], [3.0, -4.0]]),
            "Variable([[ 1.,  2.],",
            "          [ 3., -4.]], requires_grad=True)",
        )

    def test_large_is_shortened(self):
        text = repr(variable(np.zeros(10_000)))
        assert "..." in text
        assert len(text) < 200

    def test_empty(self):
        assert repr(variable(np.zeros((0, 3)))).startswith("Variable([], ")

    def test_names_the_backend_unless_it_is_numpy(self, backend):
        assert ("backend=" in repr(variable([1.0]))) == (backend.name != "numpy")

    def test_subclass_prints_its_own_name(self):
        class Weight(Variable):
            pass

        text = repr(Weight([[1.0], [2.0]])).splitlines()
        assert text[0] == "Weight([[1.],"
        assert text[1].startswith("        [2.]]")


class Named(Variable):
    """A class that users derive, with a constructor of its own."""

    def __init__(self, array, name):
        super().__init__(array, retains_grad=False)
        self.name = name


class Derived(Named):
    def __init__(self):
        super().__init__([1.0, 2.0], "derived")


def test_derived_classes_construct_as_any_class_does():
    v = Derived()
    assert v.name == "derived"
    assert v.requires_grad
    assert not v.retains_grad
    assert isinstance(v, Named)
    assert type(v * 2) is Variable
    assert type(variable([1.0])) is type(variable([1.0]) * 2) is Variable
    with raises(TypeError, "array"):
        Named(name="x")


def test_constructors_arguments_can_be_looked_up():
    assert [*inspect.signature(Variable).parameters] == ["array", "requires_grad", "retains_grad"]
    assert [*inspect.signature(Named).parameters] == ["array", "name"]
    with raises(TypeError, "array"):
        Variable()
    with raises(TypeError, "grad"):
        Variable([1.0], grad=True)


def test_format():
    assert f"{variable(2.0):.2f}" == "2.00"
    assert f"{variable([2.0])}" == repr(variable([2.0]))
    assert f"loss {variable(0.12345):.3f}" == "loss 0.123"


def test_attributes_cannot_be_invented():
    with pytest.raises(AttributeError):
        variable([1.0]).gard = None


def test_array_namespace_is_the_library():
    assert variable([1.0]).__array_namespace__() is sa
    with raises(ValueError, "2030.12", "2024.12"):
        variable([1.0]).__array_namespace__(api_version="2030.12")


def test_to_numpy_of_a_gradient_is_what_the_backend_gives(backend):
    v = variable([1.0, 2.0])
    v.sum().backward()
    assert type(v.grad) is backend.array_type
    np.testing.assert_array_equal(to_numpy(v.grad), [1.0, 1.0])
