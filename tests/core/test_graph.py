"""``graph`` on arrays of the host: what a replay does."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.errors import CaptureError
from simple_autograd.replay import each_time, holds_arrays, made_anew
from tests.core.graph_steps import CALLS, inputs, numbers, numpy_only, weights

pytestmark = pytest.mark.skipif(
    "sa.get_backend().is_remote",
    reason="a GPU has graphs of its own: tests/backend_cupy/test_graph.py",
)


def assert_as_eager(
    make: Callable[[], Callable[[Any], Any]], given: list[Any] | None = None
) -> Any:
    """Compare the results of a step, and of its graph; `make` makes the step with what it works on."""
    given = inputs() if given is None else given
    eager, step = make(), sa.graph(make(), warmup=1)
    for x in given:
        expected, found = eager(x), step(x)
        for one, other in zip(_flat(found), _flat(expected), strict=True):
            np.testing.assert_array_equal(numbers(one), numbers(other))
    assert "recorded" in repr(step)
    return step


def _flat(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


class TestReplays:
    def test_a_gradient_step(self):
        def make():
            w = weights(4, 2)

            def step(x):
                w.grad = None
                loss = ((x @ w).tanh() ** 2).mean()
                loss.backward()
                with sa.no_grad():
                    w[...] = w - 0.1 * w.grad
                return loss, w.data

            return step

        assert_as_eager(make)

    def test_gradients_of_gradients(self):
        def make():
            w = weights(4)

            def step(x):
                y = (w * x).exp().sum()
                (first,) = sa.grad(y, w, create_graph=True)
                w.grad = None
                (first * first).sum().backward()
                return first, w.grad

            return step

        assert_as_eager(make, inputs(shape=(4,)))

    def test_leaves_whose_gradient_is_a_variable(self):
        w, other = weights(3, 4), weights(3)
        (other * other).sum().backward(create_graph=True)
        gradient = other.grad
        assert isinstance(gradient, sa.Variable)

        def step(x):
            w.grad = None
            (w * x).sum().backward()

        graphed = sa.graph(step, warmup=0)
        for x in inputs():
            graphed(x)
            np.testing.assert_array_equal(numbers(w.grad), numbers(x))
        assert other.grad is gradient

    def test_gradients_that_are_added_up(self):
        def make():
            w = weights(3, 4)

            def step(x):
                (w * x).sum().backward()
                (w * x * w).sum().backward()
                return w.grad * 1

            return step

        assert_as_eager(make)

    def test_hooks_work_on_arrays_in_replays_too(self):
        def make():
            w = weights(3, 4)
            w.register_hook(lambda grad: grad * 2)

            def step(x):
                w.grad = None
                (w * x).sum().backward()
                return w.grad

            return step

        assert_as_eager(make)

    def test_several_outputs_scalars_and_indices(self):
        def step(x):
            values, order = sa.sort(x, axis=1), sa.argsort(x, axis=1)
            q, r = sa.linalg.qr(x.T)
            return values, order, q @ r, x.sum(), x[1], x[:, ::2], x[None, ..., 0], sa.max(x)

        assert_as_eager(lambda: step)

    def test_what_is_made_in_the_step_is_made_in_each_replay(self):
        def step(x):
            total = sa.zeros((4,)) + sa.asarray([1.0, 2.0, 3.0, 4.0])
            for row in x:
                total += row
            return total

        assert_as_eager(lambda: step)

    @numpy_only
    def test_raw_arrays_are_recorded_too(self):
        def make():
            w, total = weights(3, 4), np.zeros(4)

            def step(x):
                raw = x.data
                scaled = np.tanh(raw) * w.data
                scaled[:, 0] = 7
                scaled += np.concatenate([raw[:1], raw[1:]]).T.copy().T
                summed = np.add(total, scaled.sum(axis=0), out=total)
                summed[1:] *= 0.5
                return scaled, np.where(raw > 0, raw, 0), summed.copy(), (2 - raw).clip(0, 1)

            return step

        eager, graphed = make(), sa.graph(make(), warmup=1)
        for x in inputs():
            for one, other in zip(graphed(x), eager(x), strict=True):
                np.testing.assert_array_equal(one, other)
        assert "recorded" in repr(graphed)

    @numpy_only
    def test_copies_are_arrays_of_their_own(self):
        def step(x):
            raw = x.data
            made = [copy.copy(raw), copy.deepcopy(raw)]
            for array in made:
                array += 1
            return (raw, *made)

        assert_as_eager(lambda: step)

    @numpy_only
    def test_parts_of_scalars_are_recorded_too(self):
        """Recorded twice with the same numbers, what was read as it was then would not show."""

        def step(x):
            scalar = (x.data * (1 + 2j)).sum()
            return x * (scalar.real + scalar.imag + scalar.T.conj().real)

        graphed, x = sa.graph(step, warmup=0), inputs()[0]
        for factor in (1, 1, 2, 3):
            expected = step(factor * x)
            np.testing.assert_array_equal(numbers(graphed(factor * x)), numbers(expected))
        assert repr(graphed) == "<graph of step: recorded>"

    @numpy_only
    def test_arrays_that_are_no_variables_are_read_where_they_lie(self):
        mask = np.ones(4)
        graphed = sa.graph(lambda x: x * mask, warmup=1)
        for number, x in enumerate(inputs()):
            mask[:] = number
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x) * number)

    def test_raw_inputs_come_in_raw(self):
        kinds = []

        def step(x):
            kinds.append(isinstance(x, sa.Variable))
            return x * 2

        graphed = sa.graph(step, warmup=1)
        for x in inputs():
            out = graphed(x.data)
            assert type(out) is sa.get_backend().array_type
            np.testing.assert_array_equal(numbers(out), 2 * numbers(x))
        assert kinds == [False] * 3

    def test_results_are_new_and_detached(self):
        w = weights(3, 4)
        graphed = sa.graph(lambda x: {"a": w * x, "b": (x.data, None, 3)}, warmup=1)
        found = [graphed(x) for x in inputs()]
        for x, out in zip(inputs(), found, strict=True):
            assert not out["a"].requires_grad
            np.testing.assert_array_equal(numbers(out["a"]), numbers(w) * numbers(x))
            assert out["b"][1:] == (None, 3)

    def test_results_of_different_calls_are_different_arrays(self):
        graphed = sa.graph(lambda x: sa.asarray([1.0, 2.0]), warmup=0)
        one, other = [graphed(x) for x in inputs()][-2:]
        assert one.data is not other.data

    def test_what_the_first_call_makes_needs_no_warm_up(self):
        made = {}

        def make(x):
            made["w"] = sa.Variable(sa.ones((4,)))

        def step(x):
            if not made:
                each_time(make)(None)
            return x * made["w"]

        graphed = sa.graph(step, warmup=0)
        for x in inputs():
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x))
        assert "recorded" in repr(graphed)

    def test_functions_of_the_host_are_called_each_time(self):
        count, factor = [0], sa.Variable(sa.zeros((1,)), requires_grad=False)

        @each_time
        def next_factor(variable):
            count[0] += 1
            variable.data[...] = count[0]

        def step(x):
            next_factor(factor)
            return x * factor

        graphed = sa.graph(step, warmup=1)
        for number, x in enumerate(inputs(), 1):
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x) * number)

    def test_a_graph_in_a_recorded_step_is_a_part_of_it(self):
        inner = sa.graph(lambda x: x * 2, warmup=0)
        graphed = sa.graph(lambda x: inner(x) + 1, warmup=0)
        for x in inputs():
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x) * 2 + 1)
        assert repr(inner) == "<graph of <lambda>: not recorded yet>"

    def test_a_graph_in_a_function_of_the_host_has_replays_of_its_own(self):
        inner = sa.graph(lambda x: x * 2, warmup=0)
        total = sa.Variable(sa.zeros((3, 4)), requires_grad=False)

        @each_time
        def add(x):
            total.data[...] = total.data + inner(sa.asarray(x)).data

        def step(x):
            add(x.data)
            return total + x

        graphed = sa.graph(step, warmup=0)
        expected = np.zeros((3, 4))
        for x in inputs():
            expected += 2 * numbers(x)
            np.testing.assert_array_equal(numbers(graphed(x)), expected + numbers(x))
        assert "recorded>" in repr(inner)
        assert "not" not in repr(inner)

    def test_objects_in_which_an_op_keeps_something_are_made_anew(self):
        @made_anew
        class Once:
            def __init__(self, scale):
                self.scale, self.used = scale, False

            def __getnewargs__(self):
                return (self.scale,)

        @sa.op
        def use_once(xp, x, /, *, once):
            assert not once.used
            once.used = True
            return x * once.scale

        graphed = sa.graph(lambda x: use_once(x, once=Once(3)), warmup=1)
        for x in inputs():
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x) * 3)

    def test_arrays_of_marked_classes_are_written_in_replays(self):
        @holds_arrays
        class Counter:
            def __init__(self):
                self.count = sa.zeros((1,)).data

        counter = Counter()

        def step(x):
            counter.count[...] = counter.count + 1
            return x

        graphed = sa.graph(step, warmup=1)
        for x in inputs():
            graphed(x)
        assert numbers(counter.count).tolist() == [CALLS]
        counter.count = sa.zeros((1,)).data
        with pytest.raises(CaptureError, match=r"array 'count' of a module .* was replaced since"):
            graphed(inputs()[0])

    def test_what_a_replay_does_not_need_is_freed(self):
        alive: list[Any] = []
        most = [0]

        @sa.op
        def watched(xp, x, /):
            out = x + 0
            alive[:] = [reference for reference in alive if reference() is not None]
            alive.append(weakref.ref(out))
            most[0] = max(most[0], len(alive))
            return out

        def step(x):
            for _ in range(20):
                x = watched(x)
            return x

        if sa.get_backend().name != "numpy":
            pytest.skip("other arrays may be kept by their library")
        graphed = sa.graph(step, warmup=1)
        for x in inputs(4):
            graphed(x)
        most[0] = 0
        graphed(inputs()[0])
        assert most[0] <= 3

    @numpy_only
    def test_the_gradients_of_before_are_freed_first(self):
        w, before, alive = weights(3, 4), [lambda: None], []

        @sa.op
        def look(xp, x, /):
            alive.append(before[0]() is not None)
            return x + 0

        def step(x):
            w.grad = None
            (w * look(x)).sum().backward()

        graphed = sa.graph(step, warmup=1)
        for x in inputs():
            graphed(x)
            before[0] = weakref.ref(w.grad)
        assert alive[-2:] == [False, False]


class TestValues:
    def test_a_branch_must_go_the_same_way(self):
        def step(x):
            return x if x.sum() > 0 else -x

        graphed, positive = sa.graph(step, warmup=1), sa.ones((3,))
        for _ in range(5):
            assert graphed(positive).tolist() == [1.0] * 3
        with pytest.raises(CaptureError, match=r"was True when the step was recorded is False now"):
            graphed(-positive)
        assert graphed(positive).tolist() == [1.0] * 3

    def test_shapes_must_stay(self):
        graphed = sa.graph(lambda x: sa.nonzero(x > 0)[0] * 2, warmup=1)
        x = sa.asarray([1.0, -1.0, 1.0])
        for _ in range(5):
            assert graphed(x).tolist() == [0, 4]
        with pytest.raises(CaptureError, match=r"was \(2,\) when the step was recorded is \(3,\)"):
            graphed(sa.ones((3,)))

    def test_errors_of_an_op_are_its_own_in_replays(self):
        graphed = sa.graph(lambda x, i: sa.take(x, i, axis=0), warmup=1)
        x = sa.asarray([1.0, 2.0, 3.0])
        for _ in range(5):
            graphed(x, sa.asarray([0, 2]))
        with pytest.raises(IndexError):
            graphed(x, sa.asarray([0, 3]))
