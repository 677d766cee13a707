"""Every layer of the table, on a GPU beside NumPy with NumPy's weights; skipped, with the reason, where there is none.

None is left out: no case of the table draws random numbers when it is called, as PyTorch's would be others. CuPy
compiles its functions here, for a minute or several, the first time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.nn.cases import CASES
from tests.nn.layer_case import LayerCase
from tests.nn.test_layers import directions, run

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore:Initializing zero-element:UserWarning"),
]

State = dict[str, np.ndarray]
Results = list[tuple[str, np.ndarray]]

TOLERANCE = 1e-8


def made(case: LayerCase) -> Any:
    """Make a layer on the default backend, in double precision."""
    return case.make(nn, to_backend).to("float64")


def on_host(values: dict[str, Any]) -> State:
    return {name: to_numpy(value).copy() for name, value in values.items()}


def differentiated(case: LayerCase, state: State) -> Results:
    """Give a layer's values, gradients and what it remembers, for each of its calls, as NumPy arrays with names."""
    found: Results = []
    for number, call in enumerate(case.calls):
        # Gradients that are not recorded themselves come by other code: kernels, on raw arrays.
        for recorded in (True, False):
            layer = made(case)
            layer.load_state_dict(state)
            given = [sa.Variable(to_backend(value)) for value in call]
            out = run(layer, *given)
            assert type(out.data) is get_backend().array_type
            leaves = {f"input {i}": v for i, v in enumerate(given) if v.requires_grad}
            leaves |= dict(layer.named_parameters())
            (weight,) = directions([out.shape], 1)
            gradients = sa.grad(out, [*leaves.values()], to_backend(weight), create_graph=recorded)
            named = {"value": out}
            named |= {f"gradient of {n}": g for n, g in zip(leaves, gradients, strict=True)}
            named |= {f"{name} afterwards": value for name, value in layer.state_dict().items()}
            where = f"call {number}{', recorded' if recorded else ''}"
            found += [(f"{where}: {name}", value) for name, value in on_host(named).items()]
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_layers_give_numpys_values_and_gradients(case: LayerCase) -> None:
    with sa.use_backend("numpy"):
        state = on_host(made(case).state_dict())
        expected = differentiated(case, state)
    with sa.use_backend("cupy"):
        found = differentiated(case, state)
    for (name, ours), (numpys_name, truth) in zip(found, expected, strict=True):
        assert name == numpys_name
        try:
            assert_close(ours, truth, TOLERANCE)
        except AssertionError as error:
            error.add_note(name)
            raise
