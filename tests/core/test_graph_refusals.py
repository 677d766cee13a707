"""``graph`` on arrays of the host: steps that are refused, and what is left behind."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.errors import CaptureError
from simple_autograd.replay import each_time
from tests.core.graph_steps import inputs, numbers, numpy_only, weights

pytestmark = pytest.mark.skipif(
    "sa.get_backend().is_remote",
    reason="a GPU has graphs of its own: tests/backend_cupy/test_graph.py",
)


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

    @numpy_only
    def test_an_argument_that_is_given_back_or_copied_by_its_layout(self):
        @sa.op
        def contiguous(xp, x, /):
            return np.ascontiguousarray(x)

        def step(x):
            out = contiguous(x).data
            out += 1
            return out

        graphed, x = sa.graph(step, warmup=0), np.zeros((3, 4))
        for count in range(1, 5):
            graphed(sa.asarray(x))
            assert (x == count).all()
        with pytest.raises(
            CaptureError, match=r"what was 'the same array' when .* is 'another' now"
        ):
            graphed(sa.asarray(np.zeros((4, 3)).T))

    def test_a_function_that_is_made_in_each_call(self):
        count = [0]

        @sa.op
        def applied(xp, x, /, *, function):
            return function(x)

        def same(x):
            return applied(x, function=lambda array, factor=3: array * factor)

        def other(x):
            count[0] += 1
            return applied(x, function=lambda array, factor=count[0]: array * factor)

        graphed = sa.graph(same, warmup=0)
        for x in inputs():
            np.testing.assert_array_equal(numbers(graphed(x)), numbers(x) * 3)
        assert repr(graphed) == "<graph of same: recorded>"
        self.refused(other, "in one call is")

    def test_a_number_that_changes(self):
        count = [0]

        def step(x):
            count[0] += 1
            return x * count[0]

        self.refused(step, r"what is 3 in one call is 4 in the next, at .*test_graph_refusals\.py")

    def test_another_computation(self):
        count = [0]

        def step(x):
            count[0] += 1
            return x + 1 if count[0] % 2 else x * 2

        self.refused(step, r"does something else from call to call, at .*test_graph_refusals\.py")

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
            (lambda x: pickle.dumps(x.data), "pickling reads a value"),
            (lambda x: x.data.__dlpack__(), r"handing its memory on \(DLPack\) reads a value"),
        ],
    )
    def test_values_that_leave(self, read, way):
        self.refused(lambda x: (read(x.sum()), x)[1], f"{way}.*\n.*read\\(x\\.sum\\(\\)\\)|{way}")

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

    def test_an_argument_that_requires_grad_later(self):
        graphed = sa.graph(lambda x: x * 2, warmup=0)
        for x in inputs(3):
            graphed(x)
        with pytest.raises(CaptureError, match=r"argument 0, of shape \(3, 4\), requires grad"):
            graphed(weights(3, 4))

    def test_a_leaf_that_requires_grad_for_a_part_of_the_step(self):
        w = sa.Variable(sa.ones((3, 4)), requires_grad=False)

        @each_time
        def look():
            pass

        def step(x):
            w.requires_grad_()
            (w * x).sum().backward()
            look()
            w.requires_grad_(False)

        self.refused(step, "requires grad in a part of the step and not at its end")

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
