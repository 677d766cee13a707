"""``graph``: replays beside the step itself, on the double, where captured work is done at a launch, and on a GPU."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.errors import CaptureError, GraphError
from simple_autograd.replay import each_time
from tests.backend_cupy.double import cublas as double_of_cublas
from tests.graph_cases import Refusals, Replays, host

pytestmark = pytest.mark.usefixtures("_backend")


@pytest.fixture(params=["double", pytest.param("gpu", marks=pytest.mark.gpu)])
def _backend(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run on the double, and again on a GPU where there is one."""
    if request.param == "double":
        request.getfixturevalue("on_double")
        yield
    else:
        with sa.use_backend("cupy"):
            yield


class TestReplays(Replays):
    def test_outputs_are_static_and_detached(self):
        v = sa.Variable(sa.ones((2,)))
        captured = sa.graph(lambda x: {"a": v * x, "b": (x.data, None, 3)}, warmup=0)
        first = captured(sa.asarray([1.0, 2.0]))
        second = captured(sa.asarray([3.0, 4.0]))
        assert second is first
        assert not first["a"].requires_grad
        assert first["a"].tolist() == host(first["b"][0]).tolist() == [3.0, 4.0]
        assert first["b"][1:] == (None, 3)

    def test_memory_is_the_graphs_own(self):
        captured = sa.get_backend().graphed(lambda x: (x * 2).sum(), 1)
        for _ in range(2):
            captured(sa.ones((1000,)))
        used = captured._pool.total_bytes()
        assert used >= 2 * 8000
        captured(sa.ones((1000,)))
        assert captured._pool.total_bytes() == used

    def test_products_need_no_warm_up(self, monkeypatch):
        from simple_autograd_cupy import cublas

        monkeypatch.setattr(double_of_cublas, "handles", [])
        monkeypatch.setattr(cublas, "_handles", cublas._Handles())
        monkeypatch.setattr(cublas, "_unused", {})
        captured = sa.graph(lambda x: x @ x, warmup=0)
        for factor in (1.0, 2.0):
            x = np.full((3, 3), factor)
            np.testing.assert_array_equal(host(captured(sa.asarray(x))), x @ x)

    def test_what_the_host_keeps_is_not_in_the_graphs_memory(self):
        """The graph writes there in each replay, also where the step had freed what it had."""
        kept = []

        @each_time
        def keep():
            before = captured._pool.used_bytes()
            kept.append(sa.full((1000,), float(len(kept))))
            assert captured._pool.used_bytes() == before

        def step(x):
            doubled = (x * 2).sum()
            keep()
            return doubled

        captured = sa.get_backend().graphed(step, 0)
        for _ in range(4):
            captured(sa.ones((1000,)))
        assert [array.sum().item() for array in kept] == [0, 1000, 2000, 3000]


class TestRefusals(Refusals):
    def test_a_branch_on_a_value(self):
        def step(x):
            if x.sum() > 2:
                return x
            return -x

        self.refused(step, "if x.sum() > 2:")

    def test_an_array_made_of_the_hosts(self):
        self.refused(lambda x: x + sa.asarray([1.0, 2.0, 3.0]), "sa.asarray([1.0, 2.0, 3.0])")

    def test_what_the_library_itself_reads(self):
        classes = sa.asarray(np.array([0, 1, 1]))
        self.refused(
            lambda x: nn.functional.nll_loss(x[:, None] * sa.ones((1, 2)), classes), "nll_loss(x"
        )

    def test_the_work_of_a_call_that_failed_is_waited_for(self):
        kept = []

        def step(x):
            kept.append(x.data.copy())
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            sa.graph(step, warmup=1)(sa.ones((3,)))
        assert host(kept[0]).tolist() == [1.0] * 3

    def test_after_a_refusal_gradients_are_as_before(self):
        v = sa.Variable(sa.ones((3,)))

        def step(x):
            v.grad = None
            (v * x).sum().backward()
            return v.data.get()

        captured = sa.graph(step, warmup=1)
        captured(sa.ones((3,)))
        before = v.grad
        with pytest.raises(CaptureError):
            captured(sa.ones((3,)))
        assert v.grad is before

    def test_no_wrong_gradient_through_an_output_that_was_overwritten(self):
        v = sa.Variable(sa.ones((3,)))
        captured = sa.graph(lambda x: x * 2, warmup=0)
        loss = (v * captured(sa.ones((3,)))).sum()
        captured(sa.zeros((3,)))
        with pytest.raises(GraphError, match="overwritten by a replay of the graph that gave it"):
            loss.backward()
