"""What an operation takes beside Variables: NumPy's scalars, classes that know of Variables; and what it refuses."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import BackendMismatchError, OperandError
from tests.core.arrays import assert_close, assert_equal, dtype_name, to_backend, variable
from tests.core.raising import raises

# Every binary operator, and the method that Python asks of the other operand.
REFLECTED = {
    operator.add: "__radd__",
    operator.sub: "__rsub__",
    operator.mul: "__rmul__",
    operator.truediv: "__rtruediv__",
    operator.floordiv: "__rfloordiv__",
    operator.mod: "__rmod__",
    operator.pow: "__rpow__",
    operator.matmul: "__rmatmul__",
    operator.and_: "__rand__",
    operator.or_: "__ror__",
    operator.xor: "__rxor__",
    operator.lshift: "__rlshift__",
    operator.rshift: "__rrshift__",
    operator.lt: "__gt__",
    operator.le: "__ge__",
    operator.gt: "__lt__",
    operator.ge: "__le__",
    operator.eq: "__eq__",
    operator.ne: "__ne__",
}
each_operator = pytest.mark.parametrize("op", REFLECTED, ids=lambda op: op.__name__)
ARITHMETIC = [op for op in REFLECTED if op.__name__ in ("add", "sub", "mul", "truediv", "pow")]


class Foreign:
    """Of a class that no operation takes, and that has no operators."""


# Numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", [*ARITHMETIC, *list(REFLECTED)[-6:]], ids=lambda op: op.__name__)
@pytest.mark.parametrize("number", [np.float64(1.5), np.float32(1.5)], ids=["float64", "float32"])
def test_numpy_scalars_on_either_side(op, number):
    array = np.array([1.0, 1.5, 2.0])
    for out, expected in (
        (op(variable(array), number), op(array, number)),
        (op(number, variable(array)), op(number, array)),
    ):
        assert isinstance(out, Variable)
        assert_close(out, expected)
        assert out.requires_grad == (op in ARITHMETIC)


def test_numpy_scalars_of_other_kinds():
    assert_equal(variable(np.array([1, 2])) + np.int64(3), np.array([4, 5]))
    assert_equal(np.int64(3) * variable(np.array([1, 2])), np.array([3, 6]))
    assert_equal(variable(np.array([True, False])) & np.bool_(True), np.array([True, False]))
    assert_close(np.complex128(1j) * variable([1.0, 2.0]), np.array([1j, 2j]))
    assert_equal(
        sa.where(variable(np.array([True, False])), 1.0, np.float64(2)), np.array([1.0, 2.0])
    )


def test_numpy_scalars_keep_their_data_type():
    single = variable(np.ones(2, np.float32))
    assert dtype_name(single * np.float32(2)) == "float32"
    assert dtype_name(single * np.float64(2)) == "float64"
    assert dtype_name(single * 2.0) == "float32"


def test_numpy_arrays_with_axes_are_not_moved_to_another_backend(backend):
    if backend.name == "numpy":
        pytest.skip("they are its own")
    with raises(BackendMismatchError, "multiply: one operand is on backend", "'numpy'", "v.to("):
        variable([1.0]) * np.ones(1)
    assert_equal(variable([1.0]) * np.array(2.0), np.array([2.0]))


# Other classes ------------------------------------------------------------------------------------


@each_operator
def test_the_other_operands_class_is_asked(op):
    answering = type("Answering", (), {REFLECTED[op]: lambda self, other: ("answer", other)})
    v = variable([1.0, 2.0])
    answer, asked = op(v, answering())
    assert answer == "answer"
    assert asked is v


@pytest.mark.parametrize("op", ARITHMETIC, ids=lambda op: op.__name__)
def test_where_the_other_operands_class_has_no_answer_python_says_so(op):
    silent = type("Silent", (), {REFLECTED[op]: lambda self, other: NotImplemented})
    with raises(TypeError, "unsupported operand type(s)", "Variable", "Silent"):
        op(variable([1.0]), silent())


@pytest.mark.parametrize("op", ARITHMETIC, ids=lambda op: op.__name__)
@pytest.mark.parametrize(
    "other", [None, "a", [], (), {}, Foreign()], ids=lambda o: type(o).__name__
)
def test_what_is_no_operand_is_refused_on_either_side(op, other):
    name = type(other).__name__
    with raises(OperandError, "x2 is a", name, "needed is a Variable", "Convert it first"):
        op(variable([1.0]), other)
    with raises(OperandError, "x1 is a", name, "needed is a Variable", "Convert it first"):
        op(other, variable([1.0]))


@pytest.mark.parametrize("other", [None, "a", {}, Foreign()], ids=lambda o: type(o).__name__)
def test_nothing_else_equals_a_variable(other):
    """As in PyTorch; so ``v == None`` can be asked, and ``v in (None, v)``."""
    v = variable([1.0])
    assert (v == other) is False
    assert (other == v) is False
    assert (v != other) is True


def test_lists_are_not_compared_by_identity():
    """NumPy would compare the elements: False for all of it would be a trap."""
    for op in (operator.eq, operator.ne, operator.lt):
        with raises(OperandError, "x2 is a list", "Convert it first"):
            op(variable([1.0]), [1.0])


def test_functions_refuse_what_is_no_operand():
    v = variable([1.0])
    with raises(OperandError, "where: x2 is a NoneType"):
        sa.where(v > 0, v, None)
    with raises(OperandError, "maximum: x2 is a NoneType"):
        sa.maximum(v, None)
    with raises(OperandError, "concat: arrays[1] is a NoneType"):
        sa.concat([v, None])
    assert_equal(sa.clip(v, None, 0.5), np.array([0.5]))


def test_assigning_nothing_is_refused():
    plain = Variable(to_backend(np.zeros(2)), requires_grad=False)
    with raises(TypeError, "setitem: the value is a NoneType"):
        plain[0] = None
    assert plain.tolist() == [0.0, 0.0]
