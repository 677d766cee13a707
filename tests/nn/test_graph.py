"""``graph`` of training steps on the host: what is recorded call by call."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.errors import CaptureError
from tests.core.arrays import is_floating, to_backend
from tests.graph_cases import Refusals, Replays, host
from tests.nn.cases import CASES
from tests.nn.layer_case import LayerCase
from tests.nn.test_layers import run

pytestmark = pytest.mark.skipif(
    "sa.get_backend().is_remote",
    reason="a GPU has graphs of its own: tests/backend_cupy/test_graph.py",
)


def reads_values(case: LayerCase) -> bool:
    """Say whether a layer's Python reads values: how long the longest bag is, how many batches there were."""
    if case.text.startswith("nn.EmbeddingBag("):
        return len(case.calls[0]) > 1 or "padding_idx" in case.text
    return case.text == "nn.BatchNorm2d(4, 0.1, None)"


class TestReplays(Replays):
    recordings = 2


class TestRefusals(Refusals):
    recordings = 2

    @pytest.mark.parametrize("case", [*filter(reads_values, CASES)], ids=str)
    def test_layers_that_read_values(self, case):
        layer = case.make(nn, to_backend).to("float64")
        graphed = sa.graph(layer, warmup=1)
        given = [Variable(to_backend(value), requires_grad=False) for value in case.calls[0]]
        graphed(*given)
        with pytest.raises(CaptureError, match=r"int\(\) reads a value"):
            graphed(*given)


@pytest.mark.filterwarnings("ignore:Initializing zero-element:UserWarning")
@pytest.mark.parametrize("part", range(10))
def test_every_layer_is_replayed(part):
    """To the bit, with its gradients, its buffers and what it draws. Many in one step."""
    cases = [case for case in CASES if not reads_values(case)][part::10]
    layers = [case.make(nn, to_backend).to("float64") for case in cases]
    given = [[sa.asarray(to_backend(value)) for value in case.calls[0]] for case in cases]
    states = [
        {name: host(value).copy() for name, value in layer.state_dict().items()} for layer in layers
    ]

    def step(given):
        results = []
        for layer, arrays in zip(layers, given, strict=True):
            variables = [
                array.detach().requires_grad_() if is_floating(host_type(array)) else array
                for array in arrays
            ]
            layer.zero_grad()
            out = run(layer, *variables)
            if out.requires_grad:
                out.backward(out.detach())
            results.append(
                [out, *[v.grad for v in (*variables, *layer.parameters())], *layer.buffers()]
            )
        return results

    made = []
    for make in (step, sa.graph(step, warmup=1)):
        sa.manual_seed(1)
        for layer, state in zip(layers, states, strict=True):
            layer.load_state_dict({name: to_backend(value) for name, value in state.items()})
            layer.zero_grad()
        for _ in range(5):
            results = make(given)
        made.append([[None if x is None else host(x).copy() for x in result] for result in results])
    assert repr(make) == "<graph of step: recorded>"
    for case, expected, found in zip(cases, *made, strict=True):
        for one, other in zip(found, expected, strict=True):
            assert (one is None) == (other is None), case
            np.testing.assert_array_equal(one, other, err_msg=str(case))


def host_type(array: Variable) -> np.ndarray:
    """Give an empty array of NumPy's with the data type of a Variable."""
    return np.empty(0, array.backend.dtype_name(array.dtype))
