"""Networks trained on the double of CuPy, with the kernels in the emulation of CUDA: the numbers are NumPy's.

Here operations find their kernels by themselves, and call them with what they call bodies with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.backends import Backend
from simple_autograd.nn import functional
from tests.backend_cupy.host import emulation
from tests.backend_cupy.launches import counted

pytestmark = pytest.mark.skipif(bool(emulation.NO_COMPILER), reason=emulation.NO_COMPILER)


class Network(nn.Module):
    """Some of every kind of layer that has kernels."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 12)
        self.convolution = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.another = nn.Conv2d(4, 4, 2, groups=2, bias=False)
        self.batch_norm = nn.BatchNorm2d(4)
        self.group_norm = nn.GroupNorm(2, 4)
        self.layer_norm = nn.LayerNorm(6)
        self.rms_norm = nn.RMSNorm(6)
        self.linear = nn.Linear(12, 6)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Any) -> Any:
        images = functional.max_pool2d(
            functional.gelu(self.batch_norm(self.another(self.convolution(x)))), 2
        )
        images = functional.avg_pool2d(functional.silu(self.group_norm(images)), 2, padding=1)
        features = images.reshape(len(x), -1)[:, :12]
        features = features + self.embedding(self.tokens).reshape(len(x), -1)
        features = functional.dropout(functional.relu(self.linear(features)), 0.3)
        return self.head(self.rms_norm(functional.leaky_relu(self.layer_norm(features))))


def train(backend: Backend, optimizer: Any) -> dict[str, np.ndarray]:
    """Make three steps from fixed numbers; give the parameters and buffers."""
    rng = np.random.default_rng(3)
    with sa.use_backend("numpy"):
        network = Network()
        for parameter in network.parameters():
            parameter.data[...] = rng.normal(size=parameter.shape) * 0.3
    network.to(backend.name)
    x = backend.asarray(rng.normal(size=(4, 3, 6, 6)).astype("float32"))
    network.tokens = backend.asarray(rng.integers(0, 5, (4, 1)))
    targets = backend.asarray(rng.integers(0, 5, 4))
    stepping = optimizer(network.parameters())
    sa.manual_seed(5)
    for _ in range(3):
        stepping.zero_grad()
        functional.cross_entropy(network(x), targets, label_smoothing=0.1).backward()
        stepping.step()
    return {key: backend.to_numpy(value) for key, value in network.state_dict().items()}


OPTIMIZERS = {
    "adamw": lambda parameters: nn.optim.AdamW(parameters, lr=0.01, weight_decay=0.1),
    "sgd": lambda parameters: nn.optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_gives_numpys_numbers(with_kernels: Backend, name: str) -> None:
    with counted() as launched:
        found = train(with_kernels, OPTIMIZERS[name])
    expected = train(sa.get_backend("numpy"), OPTIMIZERS[name])
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-4, atol=1e-5, err_msg=key)
    for kernel in (
        "draw_kept",
        "dropout",
        "unfold_windows",
        "fold_windows",
        "scatter_add",
        "standardize",
        "standardize_backward",
        "max_pool",
        "place_winners",
        "sum_pool",
        "spread_sums",
        "gelu",
        "gelu_backward",
        "silu",
        "leaky_relu",
        "relu_backward",
        "cross_entropy",
        "cross_entropy_backward",
        "adam_step" if name == "adamw" else "sgd_step",
    ):
        assert kernel in launched, kernel
    # All parameters are updated by one launch in each step.
    assert launched["adam_step"] + launched["sgd_step"] == 3


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("masked", [False, True])
def test_attention_gives_numpys_numbers(
    with_kernels: Backend, dropout: float, masked: bool
) -> None:
    """Also its gradients of both orders, the second of which are portable."""
    values = [np.random.default_rng(i).normal(size=(2, 5, 8)).astype("float32") for i in range(3)]
    seen = np.tri(5, dtype=bool)
    seen[0] = False
    results = {}
    for backend in (with_kernels, sa.get_backend("numpy")):
        sa.manual_seed(4)
        with sa.use_backend(backend.name), counted() as launched:
            rows = [sa.Variable(backend.asarray(value)) for value in values]
            # Heads, as a layer makes them of rows.
            heads = [v.reshape(2, 5, 2, 4).permute(0, 2, 1, 3) for v in rows]
            mask = backend.asarray(seen) if masked else None
            out = functional.scaled_dot_product_attention(*heads, mask, dropout, not masked)
            plain = sa.grad((out * out).sum(), rows, retain_graph=True)
            assert "attention_backward" in launched or backend is not with_kernels
            first = sa.grad((out * out).sum(), rows, create_graph=True)
            second = sa.grad(sum((g * g).sum() for g in first), rows)
            arrays = [out.data, *plain, *[g.data for g in first], *second]
            results[backend] = [backend.to_numpy(array) for array in arrays]
    for found, expected in zip(*results.values(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


LAYERS = {"dropout": (6, 4), "dropout2d": (3, 2, 2, 2)}


@pytest.mark.parametrize("name", LAYERS)
def test_dropout_of_a_captured_step_is_drawn_anew(with_kernels: Backend, name: str) -> None:

    def step(x: Any) -> Any:
        v = sa.Variable(x)
        out = getattr(functional, name)(v, 0.4)
        return out.data, *sa.grad((out * out).sum(), v)

    x = np.random.default_rng(2).normal(size=LAYERS[name]).astype("float32")
    results = {}
    for backend in (with_kernels, sa.get_backend("numpy")):
        run = sa.graph(step, warmup=1) if backend is with_kernels else step
        sa.manual_seed(4)
        with sa.use_backend(backend.name):
            results[backend] = [
                [backend.to_numpy(array).copy() for array in run(backend.asarray(x))]
                for _ in range(5)
            ]
    for found, expected in zip(*results.values(), strict=True):
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
    assert len({found[0].tobytes() for found in results[with_kernels]}) == 5


@pytest.mark.parametrize(("name", "forward"), [("dropout", 1), ("dropout2d", 2)])
def test_dropout_is_one_launch_each_way(with_kernels: Backend, name: str, forward: int) -> None:
    v = sa.Variable(with_kernels.asarray(np.ones(LAYERS[name], "float32")))
    with counted() as launched:
        out = getattr(functional, name)(v, 0.4)
    assert launched.total() == forward
    ones = with_kernels.xp.ones_like(out.data)
    with counted() as launched:
        sa.grad(out, v, ones)
    assert launched == {"dropout": 1, "gemm": 0}
