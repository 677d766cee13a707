"""The peak memory of the training steps of the other benchmarks, beside PyTorch.

``python benchmarks/memory.py [mlp_step cnn_step vit_step lstm_step] [--steps 20]``. Each library makes its steps in a
process of its own. What the process holds before the first one (the interpreter, the libraries, model and data) is
compared with the most that it ever held: the difference is what the steps took. Read from ``/proc``, so on Linux only.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The script's own folder is the first place where Python looks.
from _timing import machine, table

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "mlp_step": (64,),
    "cnn_step": (64,),
    "vit_step": (64, 4),
    "lstm_step": ("LSTM",),
}
"""By benchmark, what its functions ``ours`` and ``pytorchs`` are called with."""


def resident(field: str) -> int:
    """Give how much memory the process holds (``VmRSS``), or the most it ever held (``VmHWM``), in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    sys.exit(f"memory: /proc/self/status does not say {field}")


def measure(benchmark: str, library: str, steps: int) -> dict[str, int]:
    """Make some steps in this process; give what it held before and at most.

    Of PyTorch's settings the first on two threads is taken: fused Adam, and for the CNN NCHW.
    """
    module = importlib.import_module(benchmark)
    if library == "ours":
        made = module.ours(*ARGUMENTS[benchmark])
        step: Callable[[], None] = getattr(made, "call", made)
    else:
        first = next(
            candidate
            for candidate in module.pytorchs(*ARGUMENTS[benchmark])
            if candidate.name.endswith("2 thread(s)")
        )
        first.before()
        step = first.call
    before = resident("VmRSS")
    for _ in range(steps):
        step()
    return {"before": before, "peak": resident("VmHWM")}


def in_a_process(benchmark: str, library: str, steps: int) -> dict[str, int] | None:
    """Measure in a new process; None where PyTorch is not installed."""
    if library == "pytorch" and not importlib.util.find_spec("torch"):
        return None
    command = [sys.executable, __file__, benchmark, "--steps", str(steps), "--within", library]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(ARGUMENTS)}")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, help="of no account here; the other benchmarks' flag")
    parser.add_argument("--within", choices=["ours", "pytorch"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(ARGUMENTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(ARGUMENTS)}")
    if arguments.within:
        print(json.dumps(measure(arguments.names[0], arguments.within, arguments.steps)))
        return
    rows = []
    for name in arguments.names or ARGUMENTS:
        take = functools.partial(in_a_process, name, steps=arguments.steps)
        mine, theirs = take("ours"), take("pytorch")
        assert mine is not None  # only PyTorch may be missing
        rows.append(row(name, mine, theirs))
    print(machine())
    print(
        "Memory in MB: what the steps took at most, and the process in all; the ratio is ours over PyTorch's.\n"
    )
    print(table(["", "ours", "PyTorch", "ratio", "ours in all", "PyTorch in all"], rows))


def row(name: str, mine: dict[str, int], theirs: dict[str, int] | None) -> list[object]:
    """Give a line of the table."""
    taken = (mine["peak"] - mine["before"]) / 1e6
    if theirs is None:
        return [name, taken, "–", "–", mine["peak"] / 1e6, "–"]
    others = (theirs["peak"] - theirs["before"]) / 1e6
    return [name, taken, others, taken / others, mine["peak"] / 1e6, theirs["peak"] / 1e6]


if __name__ == "__main__":
    main()
