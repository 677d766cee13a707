"""Convolutions, forward and backward, beside PyTorch.

``python benchmarks/convolution.py [--rounds 5] [--only N ...]``. Gradients are asked for the images and for the weight.
PyTorch is given its images as they come (NCHW) and in its own order (channels_last), on one thread and on two, and its
best counts. Where it is not installed, only our times are printed.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# The script's own folder is the first place where Python looks.
from _timing import Candidate, compared, machine, measure, table

import simple_autograd as sa
from simple_autograd.nn import functional


class Case(NamedTuple):
    """The shapes of one convolution: images (count, channels, size, size), a square kernel."""

    count: int
    channels: int
    size: int
    outputs: int
    kernel: int
    padding: int
    stride: int


CASES = [
    Case(64, 1, 28, 16, 3, 0, 1),
    Case(64, 16, 13, 32, 3, 0, 1),
    Case(64, 32, 28, 64, 3, 1, 1),
    Case(32, 3, 31, 6, 7, 0, 1),
    Case(16, 64, 56, 64, 3, 1, 1),
    Case(16, 128, 28, 128, 3, 1, 1),
    Case(16, 256, 14, 256, 3, 1, 1),
    Case(8, 3, 224, 64, 7, 3, 2),
    Case(16, 64, 56, 128, 1, 0, 1),
]


def data(case: Case) -> list[np.ndarray]:
    """Give images, a weight, a bias, and a gradient from above."""
    random = np.random.default_rng(0)
    length = (case.size + 2 * case.padding - case.kernel) // case.stride + 1
    shapes = [
        (case.count, case.channels, case.size, case.size),
        (case.outputs, case.channels, case.kernel, case.kernel),
        (case.outputs,),
        (case.count, case.outputs, length, length),
    ]
    return [random.standard_normal(shape, dtype=np.float32) for shape in shapes]


def ours(case: Case) -> Callable[[], object]:
    """Give our forward and backward pass."""
    *arrays, above = data(case)
    inputs = [sa.Variable(array) for array in arrays]

    def run() -> object:
        out = functional.conv2d(*inputs, stride=case.stride, padding=case.padding)
        return sa.grad(out, inputs, above)

    return run


def pytorchs(case: Case) -> list[Candidate]:
    """Give PyTorch's passes in each of its settings; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    candidates = []
    for order in (torch.contiguous_format, torch.channels_last):
        tensors = [torch.from_numpy(array) for array in data(case)]
        for place in (0, 1, 3):
            tensors[place] = tensors[place].contiguous(memory_format=order)
        *inputs, above = tensors
        for tensor in inputs:
            tensor.requires_grad_()

        def run(inputs: list[torch.Tensor] = inputs, above: torch.Tensor = above) -> object:
            out = torch.nn.functional.conv2d(*inputs, stride=case.stride, padding=case.padding)
            return torch.autograd.grad(out, inputs, above)

        for threads in (1, 2):
            name = "NCHW" if order is torch.contiguous_format else "channels_last"
            before = functools.partial(torch.set_num_threads, threads)
            candidates.append(Candidate(f"{name}, {threads} thread(s)", run, before))
    return candidates


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="rows, counted from 1")
    arguments = parser.parse_args()
    rows = []
    for place, case in enumerate(CASES, 1):
        if arguments.only and place not in arguments.only:
            continue
        candidates = [Candidate("simple_autograd", ours(case)), *pytorchs(case)]
        mine, *others = measure(candidates, rounds=arguments.rounds)
        rows.append([", ".join(map(str, case)), *compared(mine, others, 1e3)])
    print(machine())
    print("Forward and backward, ms; the ratio is PyTorch's best over ours.\n")
    header = ["N, C, size, O, K, padding, stride", "ours min", "median"]
    header += ["PyTorch min", "median", "ratio min", "median", "best"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
