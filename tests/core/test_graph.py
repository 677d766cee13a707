"""``graph`` on arrays of the host: what is recorded, what a replay does, and what is refused."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.errors import CaptureError
from simple_autograd.replay import each_time, holds_arrays, made_anew
from tests.core.arrays import is_floating, options_to_backend, to_backend
from tests.core.op_case import SMOOTH, OpCase, Sample
from tests.core.op_table import CASES, samples_of, several

CALLS = 6
"""One as it is, two or three that are recorded, the rest replays."""

numpy_only = pytest.mark.skipif("sa.get_backend().name != 'numpy'", reason="NumPy's own functions")


def numbers(value: Any) -> np.ndarray:
    """Give a raw array or a Variable as a NumPy array."""
    raw = value.data if isinstance(value, sa.Variable) else value
    return np.array(sa.get_backend().to_numpy(raw))


def inputs(count: int = CALLS, shape: tuple[int, ...] = (3, 4)) -> list[Any]:
    random = np.random.default_rng(0)
    return [sa.asarray(random.standard_normal(shape)) for _ in range(count)]


def weights(*shape: int) -> sa.Variable:
    return sa.Variable(sa.asarray(np.random.default_rng(1).standard_normal(shape)))


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


class Computed:
    """A sample's call of its op, and its gradients, as part of a step."""

    def __init__(self, case: OpCase, sample: Sample) -> None:
        self.case, self.args = case, sample.args
        self.options = options_to_backend(sample.options)
        self.differentiable = case.order > 0 and sample.kind == SMOOTH
        self.inputs = [sa.asarray(to_backend(a)) for a in sample.args if isinstance(a, np.ndarray)]

    def __call__(self, given: list[sa.Variable]) -> tuple[list[Any], list[Any]]:
        rest, args = iter(given), []
        for value in self.args:
            array = next(rest) if isinstance(value, np.ndarray) else value
            if self.differentiable and is_floating(value):
                array = array.detach().requires_grad_()
            args.append(array)
        results = several(self.case(*args, **self.options))
        roots = [out for out in results if out.requires_grad]
        sa.backward(roots, [out.detach() for out in roots])
        gradients = [v.grad for v in args if isinstance(v, sa.Variable) and v.requires_grad]
        return [out.detach() for out in results], gradients


READ_VALUES = {"from_dlpack", "nanmedian", "nanquantile"}
"""Ops whose Python reads values, which a step cannot that is to be replayed."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("part", range(10))
def test_every_op_is_replayed(part):
    """To the bit. Many in one step, for it is recorded call by call all the same."""
    computed = [
        Computed(case, sample)
        for case in CASES[part::10]
        if case.name not in READ_VALUES
        for sample in samples_of(case)[:2]
    ]

    def step(given):
        return [one(inputs) for one, inputs in zip(computed, given, strict=True)]

    given = [one.inputs for one in computed]
    expected, graphed = step(given), sa.graph(step, warmup=1)
    for _ in range(4):
        found = graphed(given)
    assert repr(graphed) == "<graph of step: recorded>"
    for one, ours, theirs in zip(computed, found, expected, strict=True):
        for mine, other in zip([*ours[0], *ours[1]], [*theirs[0], *theirs[1]], strict=True):
            assert (mine is None) == (other is None), one.case
            if mine is not None:
                np.testing.assert_array_equal(
                    numbers(mine), numbers(other), err_msg=str(one.case), strict=True
                )


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


class TestRefusals:
    def refused(self, step: Callable[..., Any], match: str) -> None:
        graphed = sa.graph(step, warmup=1)

        def run():
            for x in inputs():
                graphed(x)

        with pytest.raises(CaptureError, match=match):
            run()

    @numpy_only
    def test_random_numbers_of_numpys(self):
        random = np.random.default_rng()
        self.refused(
            lambda x: x * random.random(4),
            "reads an array of shape .4,. that is another one in each",
        )

    @numpy_only
    def test_an_array_of_numpys_that_is_made_anew_and_written(self):
        x = inputs()[0]

        def step(_):
            total = np.zeros((3, 4))
            return np.add(total, x.data, out=total)

        self.refused(step, "that is another one in each call")

    def test_an_operation_that_raises_and_is_caught(self):
        def step(x):
            try:
                return sa.linalg.inv(x @ x.T * 0)
            except np.linalg.LinAlgError:
                return x

        self.refused(
            step, r"an operation raised LinAlgError at .*\n.*inv.*\n?.*which the step caught"
        )

    def test_a_number_that_changes(self):
        count = [0]

        def step(x):
            count[0] += 1
            return x * count[0]

        self.refused(step, r"what is 3 in one call is 4 in the next, at .*test_graph\.py")

    def test_another_computation(self):
        count = [0]

        def step(x):
            count[0] += 1
            return x + 1 if count[0] % 2 else x * 2

        self.refused(step, r"does something else from call to call, at .*test_graph\.py")

    def test_more_computation(self):
        count = [0]

        def step(x):
            count[0] += 1
            for _ in range(count[0]):
                x = x * 2
            return x

        self.refused(step, "does more in one call than in another")

    def test_a_result_that_is_no_array(self):
        count = [0]

        def step(x):
            count[0] += 1
            return x, count[0]

        self.refused(step, "it returns something else from call to call that is no array")

    def test_a_state_that_is_kept_for_the_next_call(self):
        kept = [sa.zeros((3, 4))]

        def step(x):
            kept[0] = (kept[0] + x).detach()
            return kept[0]

        self.refused(step, "that is another one in each call")

    def test_a_graph_from_before_the_step(self):
        w = weights(3, 4)
        above = w * 2

        def step(x):
            return (above * x).sum()

        self.refused(
            step, "multiply: one operand is the result of an operation from before the step"
        )

    def test_a_parameter_whose_array_the_step_replaces(self):
        w = weights(3, 4)

        def step(x):
            w.data = x.data * 2
            return x

        self.refused(
            step, r"the step replaces the array of a Variable or a module \(shape \(3, 4\)\)"
        )
        assert type(w.data) is sa.get_backend().array_type

    @numpy_only
    def test_a_write_past_a_variable(self):
        w = weights(3, 4)
        raw = w.data

        def step(x):
            raw[0] *= 0.5
            return x * w

        self.refused(step, r"shape \(3, 4\) that a Variable holds was written past it")

    @numpy_only
    def test_a_write_past_one_of_two_views_of_an_array(self):
        raw = np.ones((2, 3, 4))
        v, w = (sa.Variable(part, requires_grad=False) for part in raw)

        def step(x):
            out = x * v + w
            raw[1, 0] *= 0.5
            return out

        self.refused(step, r"shape \(3, 4\) that a Variable holds was written past it")

    @numpy_only
    def test_a_write_past_a_variable_at_the_end(self):
        w = weights(3, 4)
        raw = w.data

        def step(x):
            out = x * w
            raw[0] *= 0.5
            return out

        self.refused(step, r"shape \(3, 4\) that a Variable holds was written past it")

    def test_a_host_function_that_replaces(self):
        w = weights(3, 4)

        @each_time
        def replace():
            w.data = w.data * 2

        def step(x):
            replace()
            return x * w

        self.refused(
            step, "replace, which is called at each replay, replaced the array or the gradi"
        )

    @pytest.mark.parametrize(
        ("read", "way"),
        [
            (lambda x: x.item(), "a value is read"),
            (lambda x: x.tolist(), "a value is read"),
            (lambda x: x.numpy(), "a value is read"),
            (lambda x: f"{x}", "a value is read"),
            (lambda x: float(x.data), r"float\(\) reads a value"),
            (lambda x: int(x.data), r"int\(\) reads a value"),
            (lambda x: complex(x.data), r"complex\(\) reads a value"),
            (lambda x: range(x.astype("int64").data), "indexing with it reads a value"),
            pytest.param(lambda x: x.data.tolist(), "tolist reads a value", marks=numpy_only),
            (lambda x: np.asarray(x.data), "making a NumPy array of it reads a value"),
        ],
    )
    def test_values_that_leave(self, read, way):
        self.refused(lambda x: (read(x.sum()), x)[1], f"{way}.*\n.*read\\(x\\.sum\\(\\)\\)|{way}")

    def test_a_gradient_to_which_the_step_would_add(self):
        w = weights(3, 4)

        def step(x):
            (w * x).sum().backward()

        graphed = sa.graph(step, warmup=1)
        for x in inputs():
            w.grad = None
            graphed(x)
            np.testing.assert_array_equal(numbers(w.grad), numbers(x))
        with pytest.raises(
            CaptureError, match="was None when the step was recorded, and is not now"
        ):
            graphed(inputs()[0])

    def test_an_array_that_got_away(self):
        kept = []

        def step(x):
            kept.append(x.data)
            return x

        graphed = sa.graph(step, warmup=1)
        for x in inputs(2):
            graphed(x)
        with pytest.raises(CaptureError, match="used after it"):
            kept[1] * 2

    def test_an_argument_that_requires_grad(self):
        with pytest.raises(CaptureError, match=r"requires grad, .* Pass v\.detach\(\)"):
            sa.graph(lambda x: x)(weights(3))

    def test_no_function(self):
        with pytest.raises(TypeError, match="step is a int; needed is a function"):
            sa.graph(3)
        with pytest.raises(ValueError, match="warmup is -1"):
            sa.graph(abs, warmup=-1)


class TestAfterwards:
    def test_all_is_as_it_was_after_an_error(self):
        w = weights(3, 4)
        raw, backend = w.data, sa.get_backend()
        w.grad = sa.ones((3, 4)).data
        gradient = w.grad
        kept = []

        def step(x):
            kept.append(w * x)
            raise KeyError("mine")

        graphed = sa.graph(step, warmup=0)
        with pytest.raises(KeyError, match="mine"):
            graphed(inputs()[0])
        assert w.data is raw
        assert w.grad is gradient
        assert w.backend is backend is sa.get_backend()
        assert kept[0].backend is backend
        assert not kept[0].requires_grad
        (w * w).sum().backward()

    def test_variables_that_a_recorded_call_leaves_behind_are_detached(self):
        w, kept = weights(3, 4), []
        graphed = sa.graph(lambda x: kept.append(w * x), warmup=0)
        for x in inputs(4):
            graphed(x)
        assert len(kept) == 2
        for x, v in zip(inputs(), kept, strict=False):
            assert v.backend is sa.get_backend()
            assert not v.requires_grad
            np.testing.assert_array_equal(numbers(v), numbers(w) * numbers(x))

    def test_other_threads_go_on(self):
        graphed = sa.graph(lambda x: x * 2, warmup=0)
        found = []
        threads = [
            threading.Thread(target=lambda x=x: found.append(graphed(x).tolist()))
            for x in inputs(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expected = [(2 * numbers(x)).tolist() for x in inputs(4)]
        assert sorted(found) == sorted(expected)

    def test_another_thread_may_not_use_what_is_recorded(self):
        w, errors = weights(3, 4), []

        def use():
            try:
                w * 2
            except CaptureError as error:
                errors.append(str(error))

        def step(x):
            thread = threading.Thread(target=use)
            thread.start()
            thread.join()
            return x * w

        graphed = sa.graph(step, warmup=1)
        for x in inputs():
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x) * numbers(w))
        assert len(errors) == 2
        assert "another thread computes with a Variable" in errors[0]

    def test_repr(self):
        graphed = sa.graph(abs, warmup=1)
        assert repr(graphed) == "<graph of abs: not recorded yet>"
        for _ in range(3):
            graphed(sa.ones((3,)))
        assert repr(graphed) == "<graph of abs: recorded>"
