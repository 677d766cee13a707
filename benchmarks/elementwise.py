"""Large arrays that are gone over rather than multiplied, beside PyTorch: norms, activations, pooling, images, Adam.

``python benchmarks/elementwise.py [--rounds 5] [--only N ...]``. Functions are timed forward and backward. PyTorch is
given one thread and two, and Adam each of its settings; its best counts. Where it is not installed, only our times are
printed.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

# The script's own folder is the first place where Python looks.
from _timing import Candidate, compared, machine, measure, table

import simple_autograd as sa
from simple_autograd import nn

Shapes = Sequence[tuple[int, ...]]


class Case(NamedTuple):
    """A function, called as ``call(functional, *inputs, *others)``.

    Attributes
    ----------
    shapes
        Of the arguments that gradients are asked for.
    call
        Calls it, out of our ``functional`` or PyTorch's.
    others
        Arguments without gradients.
    """

    shapes: Shapes
    call: Callable[..., Any]
    others: Sequence[np.ndarray] = ()


def labels(count: int, classes: int) -> np.ndarray:
    """Give random classes."""
    return np.random.default_rng(1).integers(0, classes, count)


IMAGES, LARGE_IMAGES = (64, 64, 28, 28), (16, 64, 112, 112)
HIDDEN = (8, 197, 3072)

CASES = {
    "layer norm (8192, 512)": Case(
        [(8192, 512), (512,), (512,)], lambda f, x, *affine: f.layer_norm(x, (512,), *affine)
    ),
    "layer norm (1088, 32)": Case(
        [(1088, 32), (32,), (32,)], lambda f, x, *affine: f.layer_norm(x, (32,), *affine)
    ),
    "group norm (64, 64, 28, 28), 8 groups": Case(
        [IMAGES, (64,), (64,)], lambda f, x, *affine: f.group_norm(x, 8, *affine)
    ),
    "batch norm (64, 64, 28, 28)": Case(
        [IMAGES, (64,), (64,)],
        lambda f, x, *affine: f.batch_norm(x, None, None, *affine, training=True),
    ),
    "GELU (64, 17, 128)": Case([(64, 17, 128)], lambda f, x: f.gelu(x)),
    "GELU (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.gelu(x)),
    "GELU with tanh (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.gelu(x, approximate="tanh")),
    "SiLU (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.silu(x)),
    "ReLU (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.relu(x)),
    "leaky ReLU (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.leaky_relu(x)),
    "hardswish (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.hardswish(x)),
    "ELU (8, 197, 3072)": Case([HIDDEN], lambda f, x: f.elu(x)),
    "max-pool (16, 64, 112, 112), 2": Case([LARGE_IMAGES], lambda f, x: f.max_pool2d(x, 2)),
    "max-pool (16, 64, 112, 112), 3, stride 2": Case(
        [LARGE_IMAGES], lambda f, x: f.max_pool2d(x, 3, 2, 1)
    ),
    "average pool (16, 64, 112, 112), 2": Case([LARGE_IMAGES], lambda f, x: f.avg_pool2d(x, 2)),
    "adaptive average pool (32, 512, 7, 7), 1": Case(
        [(32, 512, 7, 7)], lambda f, x: f.adaptive_avg_pool2d(x, 1)
    ),
    "adaptive average pool (64, 64, 28, 28), 7": Case(
        [IMAGES], lambda f, x: f.adaptive_avg_pool2d(x, 7)
    ),
    "adaptive max-pool (64, 64, 28, 28), 7": Case(
        [IMAGES], lambda f, x: f.adaptive_max_pool2d(x, 7)
    ),
    "upsampling (8, 64, 56, 56), nearest by 2": Case(
        [(8, 64, 56, 56)], lambda f, x: f.interpolate(x, scale_factor=2)
    ),
    "upsampling (8, 64, 56, 56), bilinear by 2": Case(
        [(8, 64, 56, 56)], lambda f, x: f.interpolate(x, scale_factor=2, mode="bilinear")
    ),
    "reflected border (8, 64, 56, 56), 1": Case(
        [(8, 64, 56, 56)], lambda f, x: f.pad(x, (1, 1, 1, 1), mode="reflect")
    ),
    "depthwise convolution (16, 128, 28, 28), 3": Case(
        [(16, 128, 28, 28), (128, 1, 3, 3)],
        lambda f, x, weight: f.conv2d(x, weight, padding=1, groups=128),
    ),
    "depthwise convolution (8, 96, 56, 56), 7": Case(
        [(8, 96, 56, 56), (96, 1, 7, 7)],
        lambda f, x, weight: f.conv2d(x, weight, padding=3, groups=96),
    ),
    "cross-entropy (64, 10)": Case(
        [(64, 10)], lambda f, x, labels: f.cross_entropy(x, labels), [labels(64, 10)]
    ),
    "cross-entropy (8192, 1000)": Case(
        [(8192, 1000)], lambda f, x, labels: f.cross_entropy(x, labels), [labels(8192, 1000)]
    ),
    "attention (8, 8, 256, 64)": Case(
        [(8, 8, 256, 64)] * 3, lambda f, *x: f.scaled_dot_product_attention(*x)
    ),
}

STEPS: dict[str, Shapes] = {
    "Adam, a parameter of 10 million": [(10_000_000,)],
    "Adam, 10 parameters of 1 million": [(1000, 1000)] * 10,
}


def drawn(shapes: Shapes) -> list[np.ndarray]:
    """Give random arrays."""
    random = np.random.default_rng(0)
    return [random.standard_normal(shape, dtype=np.float32) for shape in shapes]


def ours(case: Case) -> Callable[[], object]:
    """Give our forward and backward pass."""
    inputs = [sa.Variable(array) for array in drawn(case.shapes)]
    call = functools.partial(case.call, nn.functional, *inputs, *case.others)
    (above,) = drawn([call().shape])
    return lambda: sa.grad(call(), inputs, above)


def our_step(shapes: Shapes) -> Callable[[], object]:
    """Give our step of Adam."""
    parameters = [nn.Parameter(array) for array in drawn(shapes)]
    for parameter, gradient in zip(parameters, drawn(shapes), strict=True):
        parameter.grad = gradient
    return nn.optim.Adam(parameters).step


def pytorchs(case: Case) -> list[Candidate]:
    """Give PyTorch's passes; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    inputs = [torch.from_numpy(array).requires_grad_() for array in drawn(case.shapes)]
    others = [torch.from_numpy(array) for array in case.others]
    call = functools.partial(case.call, torch.nn.functional, *inputs, *others)
    above = torch.from_numpy(np.array(drawn([tuple(call().shape)])[0]))
    return [
        Candidate(
            f"{threads} thread(s)",
            lambda: torch.autograd.grad(call(), inputs, above),
            functools.partial(torch.set_num_threads, threads),
        )
        for threads in (1, 2)
    ]


def pytorchs_steps(shapes: Shapes) -> list[Candidate]:
    """Give PyTorch's steps in each of Adam's settings; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    candidates = []
    for settings in ({"fused": True}, {"foreach": True}, {}):
        parameters = [torch.from_numpy(array).requires_grad_() for array in drawn(shapes)]
        for parameter, gradient in zip(parameters, drawn(shapes), strict=True):
            parameter.grad = torch.from_numpy(gradient)
        optimizer = torch.optim.Adam(parameters, **settings)
        for threads in (1, 2):
            name = f"{next(iter(settings), 'default')}, {threads} thread(s)"
            before = functools.partial(torch.set_num_threads, threads)
            candidates.append(Candidate(name, optimizer.step, before))
    return candidates


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="rows, counted from 1")
    arguments = parser.parse_args()
    rows = []
    for place, name in enumerate([*CASES, *STEPS], 1):
        if arguments.only and place not in arguments.only:
            continue
        if name in CASES:
            mine, others = ours(CASES[name]), pytorchs(CASES[name])
        else:
            mine, others = our_step(STEPS[name]), pytorchs_steps(STEPS[name])
        first, *rest = measure(
            [Candidate("simple_autograd", mine), *others], rounds=arguments.rounds
        )
        rows.append([name, *compared(first, rest, 1e3)])
    print(machine())
    print("Forward and backward, or one step, ms; the ratio is PyTorch's best over ours.\n")
    header = ["", "ours min", "median", "PyTorch min", "median", "ratio min", "median", "best"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
