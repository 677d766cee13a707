"""How long ``import simple_autograd`` takes beyond ``import numpy``, and PyTorch's import beside it.

``python benchmarks/import_time.py [--rounds 15]``. Each import runs in an interpreter of its own, in turn; the
files are in the operating system's cache, and compiled.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys

# The script's own folder is the first place where Python looks.
from _timing import machine, table

COMPILE_NOT = "PYTHONDONTWRITEBYTECODE"
MODULES = ["numpy", "simple_autograd", "simple_autograd.nn", "simple_autograd.datasets", "torch"]


def seconds(module: str) -> float:
    """Import a module in a fresh interpreter; give how long the import took."""
    program = (
        f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    )
    # Installed packages are compiled; a source tree becomes so in the first round.
    environment = {name: os.environ[name] for name in os.environ if name != COMPILE_NOT}
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return float(run.stdout)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    modules = [name for name in MODULES if importlib.util.find_spec(name.partition(".")[0])]
    times: dict[str, list[float]] = {name: [] for name in modules}
    for round_ in range(arguments.rounds + 1):
        for name in modules:
            found = seconds(name) * 1e3
            if round_:  # the first one may compile
                times[name].append(found)
    least, middle = min(times["numpy"]), statistics.median(times["numpy"])
    rows = [
        [
            name,
            min(found),
            statistics.median(found),
            min(found) - least,
            statistics.median(found) - middle,
        ]
        for name, found in times.items()
    ]
    print(machine())
    print("Import, ms.\n")
    print(table(["", "min", "median", "beyond NumPy, min", "median"], rows))


if __name__ == "__main__":
    main()
