"""Python's operators: either side, every kind of operand, rebinding, and writing in place."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError, NotDifferentiableError
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable
from tests.core.raising import raises

ARITHMETIC = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
BITWISE = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]
IN_PLACE = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
    operator.ifloordiv: operator.floordiv,
    operator.imod: operator.mod,
    operator.ipow: operator.pow,
}
LEFT, RIGHT = np.array([2.5, 1.0, 3.7]), np.array([1.2, 1.0, 2.0])


def named(operators):
    return pytest.mark.parametrize("op", operators, ids=lambda op: op.__name__)


def operands(values, backend, *, on_the_left=False):
    """Give every kind of operand that means these values (or the first of them)."""
    yield "Variable", variable(values), values
    yield "constant", variable(values, requires_grad=False), values
    if not (on_the_left and backend.name == "strict"):  # its arrays never ask the other operand
        yield "array", to_backend(values), values
    yield "number", values[0].item(), values[0].item()
    yield "NumPy scalar", values[0], values[0]


@named([*ARITHMETIC, *COMPARISONS])
def test_every_kind_of_operand_on_either_side(op, backend):
    for kind, other, value in operands(RIGHT, backend):
        out = op(variable(LEFT), other)
        assert isinstance(out, Variable), kind
        assert_close(out, op(LEFT, value))
        assert out.requires_grad == (op in ARITHMETIC), kind
    for kind, other, value in operands(LEFT, backend, on_the_left=True):
        out = op(other, variable(RIGHT))
        assert isinstance(out, Variable), kind
        assert_close(out, op(value, RIGHT))
        assert out.requires_grad == (op in ARITHMETIC), kind


@named(ARITHMETIC)
def test_gradient_does_not_depend_on_the_kind_of_operand(op, backend):
    for _, other, _ in operands(RIGHT, backend):
        v, w = variable(LEFT), variable(np.full(3, RIGHT[0]) if np.isscalar(other) else RIGHT)
        op(v, w).sum().backward()
        twin = variable(LEFT)
        op(twin, other).sum().backward()
        assert_close(twin.grad, v.grad)
    for _, other, _ in operands(LEFT, backend, on_the_left=True):
        v, w = variable(np.full(3, LEFT[0]) if np.isscalar(other) else LEFT), variable(RIGHT)
        op(v, w).sum().backward()
        twin = variable(RIGHT)
        op(other, twin).sum().backward()
        assert_close(twin.grad, w.grad)


def test_matrix_product_from_either_side(backend):
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    lefts = [variable(a), variable(a, requires_grad=False)]
    if backend.name != "strict":
        lefts.append(to_backend(a))
    for left, right in [(variable(a), to_backend(b)), *((left, variable(b)) for left in lefts)]:
        out = left @ right
        assert isinstance(out, Variable)
        assert out.requires_grad
        assert_close(out, a @ b)


@named(BITWISE)
def test_bitwise_operators_from_either_side(op):
    left, right = np.array([6, 3, 12]), np.array([1, 2, 3])
    assert_equal(op(variable(left), variable(right)), op(left, right))
    assert_equal(op(variable(left), 2), op(left, 2))
    assert_equal(op(12, variable(right)), op(12, right))


def test_unary_operators():
    v = variable(LEFT)
    assert_equal(-v, -LEFT)
    assert_equal(+v, LEFT)
    assert_equal(abs(-v), LEFT)
    assert_equal(~variable(np.array([True, False])), np.array([False, True]))
    (-(+v) * 2).sum().backward()
    assert_equal(v.grad, np.full(3, -2.0))


def test_python_numbers_do_not_widen_single_precision():
    v = variable(LEFT.astype(np.float32))
    for out in (v * 2, 2.5 * v, v / 3, v**2, 1 - v):
        assert to_numpy(out).dtype == np.float32


def test_comparison_chooses_in_where():
    v = variable([-1.0, 2.0])
    sa.where(v > 0, v, v * 0.5).sum().backward()
    assert_equal(v.grad, np.array([0.5, 1.0]))


@pytest.mark.parametrize(
    "other", ["text", [1.0, 2.0, 3.7], object(), {}], ids=["str", "list", "object", "dict"]
)
def test_other_operands_are_refused(other):
    kind = type(other).__name__
    with raises(TypeError, "add: x2 is a", kind, "needed is a Variable", "Convert it first"):
        variable(LEFT) + other
    with raises(TypeError, "subtract: x1 is a", kind):
        other - variable(LEFT)


@pytest.mark.parametrize("op", IN_PLACE, ids=lambda op: op.__name__)
def test_augmented_assignment_rebinds(op):
    v, w = variable(LEFT), variable(RIGHT)
    out = op(v, w)
    assert out is not v
    assert_equal(v, LEFT)
    assert_close(out, IN_PLACE[op](LEFT, RIGHT))
    assert out.requires_grad


@pytest.mark.parametrize("op", IN_PLACE, ids=lambda op: op.__name__)
def test_augmented_assignment_inside_no_grad_writes_what_requires_grad(op):
    v, w, plain = variable(LEFT), variable(RIGHT), variable(LEFT, requires_grad=False)
    with sa.no_grad():
        out = op(v, w)
        assert op(plain, w) is not plain
    assert out is v
    assert v.requires_grad
    assert v.is_leaf
    assert_close(v, IN_PLACE[op](LEFT, RIGHT))


def test_a_step_of_descent_inside_no_grad_is_seen_by_the_tape():
    parameters = [variable([1.0, 2.0]), variable([3.0])]
    loss = sum((p * p).sum() for p in parameters)
    loss.backward(retain_graph=True)
    with sa.no_grad():
        for p in parameters:
            p -= 0.5 * p.grad
    assert [p.tolist() for p in parameters] == [[0.0, 0.0], [0.0]]
    with raises(GraphError, "multiply", "overwritten"):
        loss.backward()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_small_powers_are_products(dtype):
    data = np.random.default_rng(0).normal(size=1000).astype(dtype)
    v = variable(data)
    assert_equal(v**3, data * data * data)
    assert_equal(v**4.0, (data * data) ** 2)
    (v**4).sum().backward()
    assert_equal(v.grad, 4 * np.conj(data * data * data))
    v = variable(data, requires_grad=True)
    (v**-1).sum().backward()
    assert_equal(v.grad, -np.conj((1 / data) * (1 / data)))


def test_small_powers_of_integers_are_integers(backend):
    v = variable(np.array([-3, 2]))
    assert_equal(v**3, np.array([-27, 8]))
    assert_equal(v**4, np.array([81, 16]))
    if backend.name == "numpy":
        for exponent in (-2.0, 3.0, 4.0):
            power = v**exponent
            assert power.dtype == np.float64
            assert_close(power, np.array([-3.0, 2.0]) ** exponent)
        with raises(ValueError, "negative integer powers"):
            v**-2


def test_augmented_assignment_in_a_loop_differentiates():
    v = variable([1.0, 2.0])
    total = v
    for _ in range(3):
        total += v * v
    total.sum().backward()
    assert_equal(v.grad, 1 + 6 * np.array([1.0, 2.0]))


def test_augmented_assignment_to_an_array_does_not_lose_the_gradient(backend):
    if backend.name != "numpy":
        pytest.skip("whether an array can be added to in place is its library's to say")
    array = np.zeros(3)
    with raises(NotDifferentiableError, "np.add with out", "a = a + v"):
        array += variable(LEFT)


def test_numpys_plain_subclasses_are_arrays(backend, tmp_path):
    if backend.name != "numpy":
        pytest.skip("they are NumPy's")
    mapped = np.memmap(tmp_path / "mapped", np.float64, "w+", shape=(3,))
    mapped[:] = RIGHT
    out = variable(LEFT) * mapped
    assert type(out.data) is np.ndarray
    assert_equal(out, LEFT * RIGHT)
    out.sum().backward()
    assert_equal(mapped, RIGHT)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_subclasses_with_rules_of_their_own_are_refused(backend):
    if backend.name != "numpy":
        pytest.skip("they are NumPy's")
    for other in (np.ma.masked_array(RIGHT, [0, 1, 0]), np.asmatrix(RIGHT)):
        with raises(TypeError, "multiply: x2 is a numpy", type(other).__name__):
            variable(LEFT) * other


# Assignment ---------------------------------------------------------------------------------------


def test_assigning_to_a_leaf_that_requires_grad_is_refused():
    v = variable(LEFT)
    with raises(GraphError, "setitem: this Variable is a leaf that requires grad", "no_grad()"):
        v[0] = 1.0
    assert_equal(v, LEFT)


def test_assignment_without_gradients_writes_in_place(backend):
    array = to_backend(LEFT.copy())
    plain = Variable(array, requires_grad=False)
    plain[0] = 9.0
    plain[1:] = to_backend(np.array([8.0, 7.0]))
    assert_equal(array, np.array([9.0, 8.0, 7.0]))
    plain[plain > 7.5] = variable(0.0, requires_grad=False)
    assert_equal(array, np.array([0.0, 0.0, 7.0]))


def test_assignment_inside_no_grad_writes_into_a_leaf():
    v = variable(LEFT)
    with sa.no_grad():
        v[0] = 5.0
        v[-1] = v[1]
    assert v.tolist() == [5.0, 1.0, 1.0]
    v.detach()[1] = 6.0
    assert v.tolist() == [5.0, 6.0, 1.0]
    assert v.requires_grad
    assert v.is_leaf


def test_recorded_assignment_as_in_pytorch(torch):
    def program(v, w, zeros):
        x = v * 1.0
        x[1] = w[0] * w[2]
        x[:1] = 2.0
        zeros[1:] = v[:2]
        return (x * x + zeros * 3).sum()

    v, w = variable(LEFT), variable(RIGHT)
    program(v, w, variable(np.zeros(3), requires_grad=False)).backward()
    a, b = (torch.tensor(values, requires_grad=True) for values in (LEFT, RIGHT))
    program(a, b, torch.zeros(3, dtype=torch.float64)).backward()
    assert_close(v.grad, a.grad.numpy())
    assert_close(w.grad, b.grad.numpy())


def test_recorded_assignment_leaves_what_was_computed_before_alone():
    v = variable(LEFT)
    x = v * 1.0
    square = x * x
    x[0] = 100.0
    (square.sum() + x.sum()).backward()
    assert_close(v.grad, 2 * LEFT + np.array([0.0, 1.0, 1.0]))
