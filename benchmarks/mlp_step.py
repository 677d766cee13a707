"""One training step of an MLP (784-128-64-10, cross-entropy, Adam), as it is and replayed, beside PyTorch.

``python benchmarks/mlp_step.py [--batch 16 64 256] [--rounds 20]``. PyTorch is given each of its settings in turn
(Adam fused, foreach or neither; one thread or two), and its best counts. Where it is not installed, only our times
are printed.
"""

from __future__ import annotations

import argparse
import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _timing import Candidate, compared, machine, measure, table

import simple_autograd as sa
from simple_autograd import nn

LAYERS = (784, 128, 64, 10)


def data(batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Give images and labels: random ones, in MNIST's shapes and types."""
    random = np.random.default_rng(0)
    return random.random((batch, LAYERS[0]), dtype=np.float32), random.integers(0, 10, batch)


def network(nn: Any) -> Any:
    """Make the model from the layers of ``torch.nn`` or of ours."""
    layers: list[Any] = []
    for inputs, outputs in itertools.pairwise(LAYERS):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def step(model: Any, criterion: Any, optimizer: Any, images: Any, labels: Any) -> None:
    """Make one training step; the same lines for both libraries."""
    optimizer.zero_grad(set_to_none=True)
    criterion(model(images), labels).backward()
    optimizer.step()


def ours(batch: int) -> functools.partial[None]:
    """Give our step."""
    model = network(nn)
    optimizer = nn.optim.Adam(model.parameters())
    return functools.partial(step, model, nn.CrossEntropyLoss(), optimizer, *data(batch))


def replayed(eager: functools.partial[None]) -> Callable[[], None]:
    """Give a step of ours as its graph; its last two arguments are the batch."""
    *fixed, images, labels = eager.args
    return functools.partial(sa.graph(functools.partial(eager.func, *fixed)), images, labels)


def pytorchs(batch: int) -> list[Candidate]:
    """Give PyTorch's step in each of its settings; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    images, labels = (torch.from_numpy(array) for array in data(batch))
    candidates = []
    for threads in (1, 2):
        for name, settings in {
            "fused": {"fused": True},
            "foreach": {"foreach": True},
            "default": {},
        }.items():
            model = network(torch.nn)
            optimizer = torch.optim.Adam(model.parameters(), **settings)
            call = functools.partial(
                step, model, torch.nn.CrossEntropyLoss(), optimizer, images, labels
            )
            before = functools.partial(torch.set_num_threads, threads)
            candidates.append(Candidate(f"{name}, {threads} thread(s)", call, before))
    return candidates


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, nargs="+", default=[16, 64, 256])
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    rows = []
    for batch in arguments.batch:
        both = [Candidate("as it is", ours(batch)), Candidate("replayed", replayed(ours(batch)))]
        times = measure([*both, *pytorchs(batch)], rounds=arguments.rounds)
        rows += [[batch, mine.name, *compared(mine, times[2:], 1e6)] for mine in times[:2]]
    print(machine())
    print("One MLP step, µs; the ratio is PyTorch's best over ours.\n")
    print(
        table(
            [
                "batch",
                "how",
                "min",
                "median",
                "PyTorch min",
                "median",
                "ratio min",
                "median",
                "best",
            ],
            rows,
        )
    )


if __name__ == "__main__":
    main()
