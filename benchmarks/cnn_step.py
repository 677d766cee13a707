"""One training step of a small CNN (28×28 images, cross-entropy, Adam), as it is and replayed, beside PyTorch.

``python benchmarks/cnn_step.py [--batch 64] [--rounds 20]``. The model: convolution 1→16 (3×3), ReLU, max-pool 2,
convolution 16→32 (3×3), ReLU, max-pool 2, global average, linear. PyTorch is given its images as they come and in its
own order (channels_last), Adam fused and foreach, one thread and two, and its best counts. Where it is not installed,
only our times are printed.
"""

from __future__ import annotations

import argparse
import functools
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _steps import HEADER, rows_of, step
from _timing import Candidate, machine, table

from simple_autograd import nn


def data(batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Give images and labels: random ones, in MNIST's shapes and types."""
    random = np.random.default_rng(0)
    return random.random((batch, 1, 28, 28), dtype=np.float32), random.integers(0, 10, batch)


def network(nn: Any, average: Any) -> Any:
    """Make the model from the layers of ``torch.nn`` or of ours; `average` ends in (N, C)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        *average,
        nn.Linear(32, 10),
    )


def ours(batch: int) -> functools.partial[None]:
    """Give our step."""
    model = network(nn, [nn.GlobalAvgPool2d()])
    optimizer = nn.optim.Adam(model.parameters())
    return functools.partial(step, model, nn.CrossEntropyLoss(), optimizer, *data(batch))


def pytorchs(batch: int) -> list[Candidate]:
    """Give PyTorch's step in each of its settings; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    candidates = []
    for name, order in (("NCHW", torch.contiguous_format), ("channels_last", torch.channels_last)):
        for adam, settings in {"fused": {"fused": True}, "foreach": {"foreach": True}}.items():
            images, labels = (torch.from_numpy(array) for array in data(batch))
            average = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()]
            model = network(torch.nn, average).to(memory_format=order)
            optimizer = torch.optim.Adam(model.parameters(), **settings)
            criterion = torch.nn.CrossEntropyLoss()
            images = images.contiguous(memory_format=order)
            call = functools.partial(step, model, criterion, optimizer, images, labels)
            for threads in (1, 2):
                before = functools.partial(torch.set_num_threads, threads)
                candidates.append(Candidate(f"{name}, {adam}, {threads} thread(s)", call, before))
    return candidates


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, nargs="+", default=[64])
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    rows: list[list[object]] = []
    for batch in arguments.batch:
        make = functools.partial(ours, batch)
        others = pytorchs(batch)
        rows += rows_of(batch, make, others, rounds=arguments.rounds, unit=1e6)
    print(machine())
    print("One CNN step, µs; the ratio is PyTorch's best over ours.\n")
    print(table(HEADER, rows))


if __name__ == "__main__":
    main()
