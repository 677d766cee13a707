"""Every benchmark, one after the other: ``python benchmarks/run.py [name ...] [--rounds N]``.

Each is a program of its own and runs in an interpreter of its own, so that threads and memory of one do not disturb the
next. Let the machine be quiet; README.md beside this says what was measured where.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

BENCHMARKS = [
    "overhead",
    "import_time",
    "mlp_step",
    "cnn_step",
    "convolution",
    "elementwise",
    "lstm_step",
    "vit_step",
    "memory",
]


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(BENCHMARKS)}")
    parser.add_argument("--rounds", help="how many turns each candidate gets")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    rounds = ["--rounds", arguments.rounds] if arguments.rounds else []
    failed = []
    for name in arguments.names or BENCHMARKS:
        print(f"\n## {name}\n", flush=True)
        script = Path(__file__).with_name(f"{name}.py")
        if subprocess.run([sys.executable, str(script), *rounds], check=False).returncode:
            failed.append(name)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
