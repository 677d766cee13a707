"""The overhead of one small operation: 20 chained multiplications of 16 elements, beside PyTorch.

``python benchmarks/overhead.py [--rounds 20]``. Forward alone, and forward with backward; once where both factors
require grad, and once where one is a constant. So small, an operation costs what the library around it costs; NumPy's
own multiplication is printed for comparison.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _timing import Candidate, machine, measure, table

from simple_autograd import Variable

LENGTH = 20


def chain(x: Any, factor: Any) -> Any:
    """Multiply `x` by `factor` again and again."""
    for _ in range(LENGTH):
        x = x * factor
    return x


def forward_and_backward(x: Any, factor: Any, gradient: Any) -> None:
    """Compute the chain and its gradients, of fresh leaves."""
    x.grad = factor.grad = None
    chain(x, factor).backward(gradient)


def candidates(
    make: Callable[[np.ndarray, bool], Any], gradient: Any, name: str
) -> dict[str, Candidate]:
    """Give the four measurements of one library."""
    numbers = np.linspace(0.9, 1.1, 16, dtype=np.float32)
    found = {}
    for constant in (False, True):
        x, factor = make(numbers, True), make(numbers, not constant)
        by = "a constant" if constant else "a variable"
        found[f"forward, by {by}"] = Candidate(name, functools.partial(chain, x, factor))
        found[f"forward + backward, by {by}"] = Candidate(
            name, functools.partial(forward_and_backward, x, factor, gradient)
        )
    return found


def pytorchs() -> dict[str, Candidate]:
    """Give PyTorch's measurements; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)  # nothing so small is split, and idle threads disturb

    def make(numbers: np.ndarray, requires_grad: bool) -> Any:
        return torch.tensor(numbers, requires_grad=requires_grad)

    return candidates(make, torch.ones(16), "PyTorch")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    ours, theirs = candidates(Variable, np.ones(16, np.float32), "ours"), pytorchs()
    plain = Candidate("NumPy", functools.partial(chain, *[np.ones(16, np.float32)] * 2))
    rows = []
    for name, mine in ours.items():
        others = [theirs[name]] if theirs else []
        timings = measure([mine, plain, *others], rounds=arguments.rounds)
        times = [value * 1e6 / LENGTH for t in timings for value in (t.minimum, t.median)]
        ratios = [times[0] / times[4], times[1] / times[5]] if others else []
        rows.append(
            [name, *times[:2], times[2], *(times[4:] or ["–", "–"]), *(ratios or ["–", "–"])]
        )
    print(machine())
    print("Per multiplication, µs; the ratio is ours over PyTorch's.\n")
    header = ["", "ours min", "median", "NumPy min", "PyTorch min", "median", "ratio min", "median"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
