"""One training step of an MLP (784-128-64-10, cross-entropy, Adam), as it is and replayed, beside PyTorch.

``python benchmarks/mlp_step.py [--batch 16 64 256] [--rounds 20]``. PyTorch is given each of its settings in turn
(Adam fused, foreach or neither; one thread or two), and its best counts. Where it is not installed, only our times
are printed.
"""

from __future__ import annotations

import argparse
import functools
import itertools
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _steps import HEADER, rows_of, step
from _timing import Candidate, machine, table

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


def ours(batch: int) -> functools.partial[None]:
    """Give our step."""
    model = network(nn)
    optimizer = nn.optim.Adam(model.parameters())
    return functools.partial(step, model, nn.CrossEntropyLoss(), optimizer, *data(batch))


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
    rows: list[list[object]] = []
    for batch in arguments.batch:
        make = functools.partial(ours, batch)
        rows += rows_of(batch, make, pytorchs(batch), rounds=arguments.rounds, unit=1e6)
    print(machine())
    print("One MLP step, µs; the ratio is PyTorch's best over ours.\n")
    print(table(HEADER, rows))


if __name__ == "__main__":
    main()
