"""Networks trained on the double of CuPy, with the kernels in the emulation of CUDA: the numbers are NumPy's.

Here operations find their kernels by themselves, and call them with what they call bodies with.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.backends import Backend
from simple_autograd.nn import functional
from tests.backend_cupy.double import arrays
from tests.backend_cupy.host import cupy_double as emulated
from tests.backend_cupy.host import emulation

pytestmark = pytest.mark.skipif(bool(emulation.NO_COMPILER), reason=emulation.NO_COMPILER)

launched: list[str] = []
"""The kernels that have been launched."""


class RawKernel(emulated.RawKernel):
    """Stands for a kernel of ``cupy.RawModule``; its arrays are those of the double."""

    def __call__(
        self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        launched.append(self.name)
        # The double does the stream's work first, and refuses arrays of other devices.
        given = [arg for arg in args if isinstance(arg, arrays.ndarray)]

        def run(*found: np.ndarray) -> None:
            rest = iter(found)
            plain = tuple([next(rest) if isinstance(arg, arrays.ndarray) else arg for arg in args])
            emulation.launch(self.code, self.name, grid, block, plain)

        arrays.run(run, *given)


class RawModule(emulated.RawModule):
    """Stands for ``cupy.RawModule``."""

    kernel = RawKernel


@pytest.fixture
def with_kernels(
    cupy_double: Any, on_double: Backend, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backend]:
    """Give the backend on the double, with its kernels and its generator."""
    from simple_autograd_cupy import CupyBackend, kernels

    monkeypatch.setattr(cupy_double, "RawModule", RawModule, raising=False)
    hidden = kernels.kernel_of
    importlib.reload(kernels)
    launching = importlib.import_module("simple_autograd_cupy.kernels.launching")
    launching._module.cache_clear()
    launching._kernel.cache_clear()

    def generator(backend: Backend, seed: int | None = None) -> Any:
        from simple_autograd_cupy.kernels.random import CupyGenerator

        return CupyGenerator(backend, seed)

    monkeypatch.setattr(CupyBackend, "generator", generator)
    monkeypatch.setattr("simple_autograd.random._generators", {})
    launched.clear()
    yield on_double
    kernels.kernel_of = hidden


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
    found = train(with_kernels, OPTIMIZERS[name])
    expected = train(sa.get_backend("numpy"), OPTIMIZERS[name])
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-4, atol=1e-5, err_msg=key)
    for kernel in (
        "uniform",
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
        "gelu_slope",
        "silu",
        "leaky_relu",
        "relu_backward",
        "cross_entropy",
        "cross_entropy_backward",
        "adam_step" if name == "adamw" else "sgd_step",
    ):
        assert kernel in launched, kernel
    # All parameters are updated by one launch in each step.
    assert launched.count("adam_step") + launched.count("sgd_step") == 3
