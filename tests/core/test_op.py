"""``@op``: ops that users define, with options, several arrays, several outputs; and what goes wrong."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError, OperandError
from simple_autograd.op import OPS
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable
from tests.core.raising import raises


@pytest.fixture(autouse=True)
def _definitions_stay_here():
    """Forget the ops that a test has defined."""
    yield
    # Not all that are new: families of the library may have been loaded meanwhile.
    for name in [name for name, op in OPS.items() if op.body.__module__ == __name__]:
        del OPS[name]


def scaled_power():
    """Define an op with an option, a rule that needs it, and one that needs only a shape."""

    @sa.op
    def scaled(xp, x, bias, /, *, power=2):
        """``x**power + bias``."""
        return x**power + bias

    @scaled.gradient("x")
    def scaled_wrt_x(xp, grad, x, power):
        return grad * power * x ** (power - 1)

    @scaled.gradient("bias")
    def scaled_wrt_bias(xp, grad, bias_shape):
        assert bias_shape == (1,)
        return grad

    return scaled


def test_defined_op_differentiates_twice_with_its_options():
    scaled = scaled_power()
    v, bias = variable([2.0, 3.0]), variable([1.0])
    out = scaled(v, bias, power=3)
    assert_equal(out, np.array([9.0, 28.0]))
    first, for_bias = sa.grad(out.sum(), [v, bias], create_graph=True)
    assert_equal(first, 3 * np.array([4.0, 9.0]))
    assert_equal(for_bias, np.array([2.0]))
    (second,) = sa.grad(first.sum(), v)
    assert_equal(second, 6 * np.array([2.0, 3.0]))


def test_option_left_out_is_its_default_for_the_rule_too():
    v = variable([2.0, 3.0])
    scaled_power()(v, to_backend(np.ones(1))).sum().backward()
    assert_equal(v.grad, np.array([4.0, 6.0]))


def test_defined_op_looks_like_a_function():
    scaled = scaled_power()
    assert scaled.__name__ == "scaled"
    assert scaled.__doc__ == "``x**power + bias``."
    assert list(inspect.signature(scaled).parameters) == ["x", "bias", "power"]
    assert OPS["scaled"] is scaled.op
    assert repr(scaled.op) == "<op scaled>"


def test_positional_option():
    @sa.op
    def shifted(xp, x, /, by=1.0):
        return x + by

    @shifted.gradient("x")
    def shifted_wrt_x(xp, grad, by):
        return grad * by

    v = variable([1.0])
    assert_equal(shifted(v, 5.0), np.array([6.0]))
    shifted(v, 5.0).backward()
    assert_equal(v.grad, np.array([5.0]))


def two_outputs():
    """Define an op that gives a pair, whose rule sees a pair of gradients, None for what was not used."""

    @sa.op
    def both(xp, x, /):
        return x * x, xp.sum(x)

    @both.gradient("x")
    def both_wrt_x(xp, grad, x):
        square, total = grad
        given = xp.zeros_like(x)
        if square is not None:
            given = given + 2 * x * square
        if total is not None:
            given = given + total
        return given

    return both


def test_an_integer_output_has_no_gradient():
    @sa.op
    def with_place(xp, x, /):
        return xp.max(x), xp.argmax(x)

    @with_place.gradient("x")
    def with_place_wrt_x(xp, grad, out, x_shape):
        return grad[0] * sa.astype(sa.equal(sa.arange(*x_shape), out[1]), "float64")

    v = variable([1.0, 3.0, 2.0])
    largest, place = with_place(v)
    assert largest.requires_grad
    assert not place.requires_grad
    (first,) = sa.grad(largest * largest, v, create_graph=True)
    assert_equal(first, np.array([0.0, 6.0, 0.0]))


def test_several_outputs():
    v = variable([1.0, 2.0])
    square, total = two_outputs()(v)
    assert (square.shape, total.shape) == ((2,), ())
    (square.sum() * total).backward()
    assert_equal(v.grad, 2 * np.array([1.0, 2.0]) * 3 + 5)


@pytest.mark.parametrize(("used", "expected"), [(0, [2.0, 4.0]), (1, [1.0, 1.0])])
def test_one_of_several_outputs(used, expected):
    v = variable([1.0, 2.0])
    two_outputs()(v)[used].sum().backward()
    assert_equal(v.grad, np.array(expected))


def test_several_outputs_differentiate_twice():
    v = variable([1.0, 2.0])
    square, total = two_outputs()(v)
    (first,) = sa.grad((square * total).sum(), v, create_graph=True)
    # sum(v**2) sum(v): the gradient is 2 v s + q, and that of its sum 2 s + 2 s + 2 (2 v) ...
    s, q, x = 3.0, 5.0, np.array([1.0, 2.0])
    assert_equal(first, 2 * x * s + q)
    (second,) = sa.grad(first.sum(), v)
    assert_equal(second, 2 * s + 2 * x.sum() + 2 * x * 2)


def test_hooks_and_retained_gradients_of_one_output():
    v = variable([1.0, 2.0])
    square, total = two_outputs()(v)
    square.retain_grad()
    total.register_hook(lambda grad: grad * 10)
    (square.sum() + total).backward()
    assert_equal(square.grad, np.ones(2))
    assert_equal(v.grad, 2 * np.array([1.0, 2.0]) + 10)


def variadic_sum():
    @sa.op
    def weighted_sum(xp, *arrays, step=1):
        return sum((i * step + 1) * array for i, array in enumerate(arrays))

    @weighted_sum.gradient("arrays")
    def weighted_sum_wrt_arrays(xp, grad, index, step, arrays, arrays_shape, out):
        assert len(arrays) == len(arrays_shape) == 3
        return (index * step + 1) * grad * arrays[index] / arrays[index]

    return weighted_sum


def test_variadic_op_with_a_mixture_of_operands():
    v, w = variable([1.0, 2.0]), variable([3.0, 4.0])
    out = variadic_sum()(v, to_backend(np.array([5.0, 6.0])), w, step=2)
    assert_equal(out, np.array([1 + 15 + 15.0, 2 + 18 + 20.0]))
    out.sum().backward()
    assert_equal(v.grad, np.array([1.0, 1.0]))
    assert_equal(w.grad, np.array([5.0, 5.0]))


def test_variadic_op_differentiates_twice():
    @sa.op
    def product(xp, *arrays):
        return arrays[0] * arrays[1]

    @product.gradient("arrays")
    def product_wrt_arrays(xp, grad, index, arrays):
        return grad * arrays[1 - index]

    v, w = variable([2.0]), variable([3.0])
    (first,) = sa.grad(product(v, w), v, create_graph=True)
    assert_equal(first, np.array([3.0]))
    (mixed,) = sa.grad(first, w)
    assert_equal(mixed, np.array([1.0]))


def test_op_that_is_not_differentiable_records_nothing():
    @sa.op(differentiable=False)
    def rounded_down(xp, x, /):
        return xp.floor(x)

    out = rounded_down(variable([1.5]))
    assert not out.requires_grad
    assert_equal(out, np.array([1.0]))


def test_rule_is_handed_raw_arrays_and_the_backends_namespace(backend):
    seen = []

    @sa.op
    def spied(xp, x, /):
        assert xp is backend.xp
        assert type(x) is backend.array_type
        return x * 2

    @spied.gradient("x")
    def spied_wrt_x(xp, grad, x):
        seen.append((xp, type(grad), type(x)))
        return grad * 2

    v = variable([1.0])
    spied(v).sum().backward()
    sa.grad(spied(v).sum(), v, create_graph=True)
    assert seen == [(backend.xp, backend.array_type, backend.array_type), (sa, Variable, Variable)]


def test_result_is_saved_without_a_cycle_and_lifted_onto_the_tape():
    @sa.op
    def exponential(xp, x, /):
        return xp.exp(x)

    @exponential.gradient("x")
    def exponential_wrt_x(xp, grad, out):
        return grad * out

    v = variable([0.5])
    gradient = exponential(v)
    for _ in range(3):
        (gradient,) = sa.grad(gradient.sum(), v, create_graph=True)
        assert_close(gradient, np.exp([0.5]))


# What goes wrong ------------------------------------------------------------------------------------


def test_argument_without_a_rule():
    @sa.op
    def lopsided(xp, x1, x2, /):
        return x1 + x2

    @lopsided.gradient("x1")
    def lopsided_wrt_x1(xp, grad):
        return grad

    v, w = variable([1.0]), variable([2.0])
    assert lopsided(v, w.detach()).requires_grad
    with raises(GraphError, "lopsided: it has no gradient for its argument 'x2'", "x2.detach()"):
        lopsided(v, w)

    @sa.op
    def bare(xp, *arrays):
        return arrays[0]

    with raises(GraphError, "bare: it has no gradient for its argument 'arrays'"):
        bare(v)


def test_defining_an_op_again_replaces_it():
    """As a notebook does whose cell is run twice."""

    def define(factor):
        @sa.op
        def scaled_by(xp, x, /):
            return x * factor

        return scaled_by

    assert define(2)(variable([1.0], requires_grad=False)).tolist() == [2.0]
    assert define(3)(variable([1.0], requires_grad=False)).tolist() == [3.0]


def test_name_of_one_of_the_librarys_ops_is_taken():
    """Kernels go by the name: this op would silently be computed by the library's logarithm."""
    with raises(ValueError, "op: there is an op 'log' already", "simple_autograd.ops.exponential"):

        @sa.op
        def log(xp, x, /):
            return x * 7


def divided_product(calls):
    """Define an op whose first two arguments have one rule together; it notes its calls."""

    @sa.op
    def divided(xp, x, y, z, /):
        """``x * y / z``, and the product."""
        return x * y / z, x * y

    @divided.gradient("x", "y")
    def divided_wrt_factors(xp, grad, out, x, y, z):
        calls.append(type(x))
        above = sum(
            [g for g in (None if grad[0] is None else grad[0] / z, grad[1]) if g is not None]
        )
        return above * y, above * x

    @divided.gradient("z")
    def divided_wrt_z(xp, grad, out, z):
        return -grad[0] * out[0] / z

    return divided


@pytest.mark.parametrize("confined", [False, True], ids=["backward", "with inputs"])
def test_one_array_that_a_rule_gives_to_two_arguments_becomes_two_gradients(confined):
    @sa.op
    def sum_of_two(xp, x, y, /):
        return x + y

    @sum_of_two.gradient("x", "y")
    def sum_of_two_wrt_both(xp, grad):
        doubled = grad * 1
        return doubled, doubled

    x, y = variable([1.0, 2.0]), variable([3.0, 4.0])
    out = sum_of_two(x, y.detach()) + sum_of_two(x, y)
    out.sum().backward(inputs=[x, y] if confined else None)
    assert_close(x.grad, np.array([2.0, 2.0]))
    assert_close(y.grad, np.array([1.0, 1.0]))
    x.sum().backward()
    assert_close(y.grad, np.array([1.0, 1.0]))


def test_one_rule_for_several_arguments_runs_once():
    calls = []
    divided = divided_product(calls)
    x, y, z = variable([2.0, 3.0]), variable([5.0]), variable([4.0, 8.0])
    out, product = divided(x, y, z)
    grads = sa.grad([out.sum(), product.sum()], [x, y, z], retain_graph=True)
    assert len(calls) == 1
    assert_close(grads[0], np.array([5 / 4 + 5, 5 / 8 + 5]))
    assert_close(grads[1], np.array([2 / 4 + 2 + 3 / 8 + 3]))
    assert_close(grads[2], np.array([-10 / 16, -15 / 64]))
    (only,) = sa.grad(product.sum(), y)
    assert_close(only, np.array([5.0]))
    (only,) = sa.grad(divided(x.detach(), y, z.detach())[0].sum(), y)
    assert_close(only, np.array([2 / 4 + 3 / 8]))
    (only,) = sa.grad(divided(x.detach(), y.detach(), z)[0].sum(), z)
    assert_close(only, np.array([-10 / 16, -15 / 64]))
    assert len(calls) == 3


def test_one_rule_for_several_arguments_differentiates_again():
    divided = divided_product([])
    x, y, z = variable([2.0, 3.0]), variable([5.0]), variable([4.0, 8.0])
    first = sa.grad(divided(x, y, z)[0].sum(), [x, y, z], create_graph=True)
    second = sa.grad(sum((g * g).sum() for g in first), [x, y, z])
    again = sa.grad((x * y / z).sum(), [x, y, z], create_graph=True)
    expected = sa.grad(sum((g * g).sum() for g in again), [x, y, z])
    for found, truth in zip(second, expected, strict=True):
        assert_close(found, truth)


def test_one_rule_for_several_arguments_names_the_one_that_turns_nan():
    divided = divided_product([])
    x, y, z = variable([2.0, 3.0]), variable([5.0]), variable([4.0, 8.0])
    with sa.detect_anomaly():
        out = divided(x, y * np.nan, z.detach())[0]
        with raises(GraphError, "backward of divided", "gradient for x", "divided(x"):
            out.sum().backward()
    out = divided(x, y, z.detach())[0]
    out.sum().backward()
    with raises(GraphError, "freed"):
        out.sum().backward()


def test_rule_for_no_argument():
    scaled = scaled_power()
    with raises(ValueError, "scaled.gradient: 'power' is none of its arrays, ('x', 'bias')"):
        scaled.gradient("power")


def test_rule_that_asks_for_what_there_is_not():
    @sa.op
    def asking(xp, x, /):
        return x * 1

    @asking.gradient("x")
    def asking_wrt_x(xp, grad, wish):
        return grad

    with raises(TypeError, "asking: a rule asks for 'wish'", "out", "<array>_shape"):
        asking(variable([1.0]))


@pytest.mark.parametrize("shape", [(3,), (), (2, 2, 3), (1,), (5, 4, 1), (1, 2)], ids=str)
@pytest.mark.parametrize("create_graph", [False, True])
def test_rule_that_gives_a_wrong_shape(shape, create_graph):
    @sa.op
    def misshapen(xp, x, /):
        return xp.sum(x)

    @misshapen.gradient("x")
    def misshapen_wrt_x(xp, grad):
        return xp.ones(shape)

    v = variable(np.ones((2, 2)))
    with raises(GraphError, "backward of misshapen: its rule for x gave", str(shape), "(2, 2)"):
        misshapen(v).backward(create_graph=create_graph)
    assert v.grad is None


def test_failing_rule_leaves_no_gradient_behind():
    @sa.op
    def failing(xp, x, /):
        return x * 1

    @failing.gradient("x")
    def failing_wrt_x(xp, grad):
        raise ZeroDivisionError("in the rule")

    v, w = variable([1.0]), variable([2.0])
    total = failing(v * 2) + w * 3
    with pytest.raises(ZeroDivisionError, match="in the rule"):
        total.backward()
    assert v.grad is None
    assert w.grad is None
    assert sa.is_grad_enabled()


def test_freed_part_of_the_graph_is_found_before_anything_accumulates():
    v, w = variable([1.0]), variable([2.0])
    freed = v * v
    freed.sum().backward()
    v.grad = None
    with raises(GraphError, "freed"):
        (freed * w + w).sum().backward()
    assert v.grad is None
    assert w.grad is None


@pytest.mark.parametrize(
    ("define", "name", "meaning"),
    [
        (lambda: sa.op(lambda xp, grad, /: grad), "grad", "gradient of the result"),
        (lambda: sa.op(lambda xp, x, /, *, out: x), "out", "result"),
        (lambda: sa.op(lambda xp, x, index, /: x), "index", "position among"),
        (lambda: sa.op(lambda namespace, *xp: xp[0]), "xp", "namespace"),
    ],
    ids=["grad", "out", "index", "xp"],
)
def test_names_that_rules_ask_for_are_reserved(define, name, meaning):
    with raises(ValueError, "op: ", f"parameter {name!r}", meaning, "another name"):
        define()


def test_array_that_may_be_left_out():
    @sa.op
    def biased(xp, x, bias: object | None, /):
        return x if bias is None else x + bias

    assert biased(variable([1.0], requires_grad=False), None).tolist() == [1.0]
    assert to_numpy(biased(to_backend(np.ones(1)), None)).tolist() == [1.0]

    @sa.op
    def shifted(xp, x, shift=None, /):
        return x if shift is None else x + shift

    assert shifted(variable([1.0], requires_grad=False), None).tolist() == [1.0]
    assert shifted(variable([1.0], requires_grad=False)).tolist() == [1.0]

    @sa.op
    def strict(xp, x, bias, /):
        return x if bias is None else x + bias

    with raises(OperandError, "strict: bias is a NoneType"):
        strict(variable([1.0]), None)


def test_no_array_at_all():
    with raises(TypeError, "add: needed is a Variable or an array, got int, float", "Convert it"):
        sa.add(1, 2.0)
    with raises(TypeError, "exp: needed is a Variable or an array, got list"):
        sa.exp([1.0])


def test_zero_dimensional_values_pass_through_ops_called_by_rules():
    """NumPy's arithmetic turns zero-dimensional arrays to scalars, and a rule may hand one to an op."""
    v = variable([1.0, 2.0, 3.0])
    (v[0] * v[1] * 2).backward()
    assert_equal(v.grad, np.array([4.0, 2.0, 0.0]))
    (v[0].relu() * 2).backward()
    assert to_numpy(v.grad)[0] == 6.0


def test_what_is_compiled_bears_the_ops_name():
    v = variable([1.0, 2.0])
    with raises(TypeError, "multiply() missing 1 required positional argument: 'x2'"):
        sa.multiply(v)
    with raises(TypeError, "subtract() takes 2 positional arguments but 3 were given"):
        v.__sub__(1.0, 2.0)
    with pytest.raises(ValueError, match="broadcast") as error:
        v + variable([1.0, 2.0, 3.0])
    assert "add" in [entry.name for entry in error.traceback]
