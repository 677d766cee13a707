"""The networks of ``examples/mnist.py``, and training steps of ours and of PyTorch's, for ``gpu.py``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

import simple_autograd as sa
from simple_autograd import nn

__all__ = ["batch_of", "network", "our_captured", "our_step", "torch_step", "training"]


def network(layers: Any, name: str) -> Any:
    """Make a network of ``examples/mnist.py`` from the layers of ``torch.nn`` or of ours."""
    if name == "vit":
        import vit_step

        position = vit_step.first_position()
        if layers is not nn:
            import torch

            position = torch.from_numpy(position)
        return vit_step.network(layers, position, 4)
    if name == "cnn":
        return layers.Sequential(
            *(layers.Conv2d(1, 16, 3), layers.ReLU(), layers.MaxPool2d(2)),
            *(layers.Conv2d(16, 32, 3), layers.ReLU(), layers.MaxPool2d(2)),
            *(layers.AdaptiveAvgPool2d(1), layers.Flatten(), layers.Linear(32, 10)),
        )
    return layers.Sequential(
        layers.Flatten(),
        *(layers.Linear(784, 128), layers.ReLU()),
        *(layers.Linear(128, 64), layers.ReLU()),
        layers.Linear(64, 10),
    )


def training(layers: Any, model: Any, optim: Any = nn.optim, **settings: Any) -> Callable[..., Any]:
    """Give a function that makes a training step; the same lines for both libraries."""
    criterion, optimizer = layers.CrossEntropyLoss(), optim.Adam(model.parameters(), **settings)

    def step(images: Any, labels: Any) -> Any:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


def batch_of(batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw images and labels, in MNIST's shapes and types."""
    random = np.random.default_rng(0)
    images = random.random((batch, 1, 28, 28), dtype=np.float32)
    return images, random.integers(0, 10, batch)


def our_step(name: str, batch: int) -> Callable[[], Any]:
    """Give our step as it is."""
    backend = sa.get_backend()
    step = training(nn, network(nn, name).to(backend.name))
    return functools.partial(step, *[backend.asarray(array) for array in batch_of(batch)])


def our_captured(name: str, batch: int) -> Callable[[], Any]:
    """Give our step, captured."""
    step = our_step(name, batch)
    captured = sa.graph(step.func)  # type: ignore[attr-defined] # it is a partial
    return functools.partial(captured, *step.args)  # type: ignore[attr-defined]


def torch_step(torch: Any, name: str, batch: int, how: str) -> Callable[[], Any]:
    """Give PyTorch's step: eager, compiled (its model), or captured whole as a CUDA graph."""
    arrays = [torch.from_numpy(array).cuda() for array in batch_of(batch)]
    model = network(torch.nn, name).cuda()
    if how == "compiled":
        torch._dynamo.reset()  # else it takes another batch for a sign that shapes will go on changing
        return functools.partial(
            training(torch.nn, torch.compile(model), torch.optim, fused=True), *arrays
        )
    if how == "eager":
        return functools.partial(training(torch.nn, model, torch.optim, fused=True), *arrays)
    step = training(torch.nn, model, torch.optim, fused=True, capturable=True)
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            step(*arrays)
    torch.cuda.current_stream().wait_stream(aside)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step(*arrays)
    return captured.replay
