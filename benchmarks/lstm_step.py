"""One forward and backward pass of an LSTM (input 64, hidden 128, sequence 50, batch 32), beside PyTorch.

``python benchmarks/lstm_step.py [--cell LSTM GRU RNN] [--rounds 20]``. Gradients go to the parameters and to the input.
PyTorch runs on one thread and on two, and its best counts. Where it is not installed, only our times are printed.
"""

from __future__ import annotations

import argparse
import functools
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _timing import Candidate, compared, machine, measure, table

from simple_autograd import Variable, nn

INPUT, HIDDEN, STEPS, BATCH = 64, 128, 50, 32


def data() -> tuple[np.ndarray, np.ndarray]:
    """Give a batch of sequences, and a gradient for the outputs."""
    random = np.random.default_rng(0)
    return (
        random.standard_normal((STEPS, BATCH, INPUT), dtype=np.float32),
        random.standard_normal((STEPS, BATCH, HIDDEN), dtype=np.float32),
    )


def step(layer: Any, x: Any, above: Any) -> None:
    """Compute outputs and gradients; the same lines for both libraries."""
    x.grad = None
    layer.zero_grad()
    outputs, _ = layer(x)
    outputs.backward(above)


def ours(cell: str) -> Candidate:
    """Give our step."""
    x, above = data()
    layer = getattr(nn, cell)(INPUT, HIDDEN)
    return Candidate("simple_autograd", functools.partial(step, layer, Variable(x), above))


def pytorchs(cell: str) -> list[Candidate]:
    """Give PyTorch's step, on one thread and on two; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    x, above = (torch.from_numpy(array) for array in data())
    x.requires_grad_()
    layer = getattr(torch.nn, cell)(INPUT, HIDDEN)
    return [
        Candidate(
            f"{threads} thread(s)",
            functools.partial(step, layer, x, above),
            functools.partial(torch.set_num_threads, threads),
        )
        for threads in (1, 2)
    ]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cell", nargs="+", choices=["LSTM", "GRU", "RNN"], default=["LSTM"])
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    rows = []
    for cell in arguments.cell:
        mine, *others = measure([ours(cell), *pytorchs(cell)], rounds=arguments.rounds)
        rows.append([cell, *compared(mine, others, 1e3)])
    print(machine())
    print("Forward and backward, ms; the ratio is PyTorch's best over ours.\n")
    header = ["cell", "ours min", "median", "PyTorch min", "median", "ratio min", "median", "best"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
