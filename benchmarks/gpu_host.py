"""What training steps on CuPy take the host, measured without a GPU: on an emulated one that does nothing.

``python benchmarks/gpu_host.py [mlp cnn vit] [--batch 64] [--rounds 20]``, in a checkout, for it uses the tests'
emulation (tests/backend_cupy/emulated, which says what must be installed). Steps are those of ``gpu.py``, as they are
and captured. A GPU can only add to these times: where it is faster than its host, as in small steps, they are what one
waits for. Launching itself takes a driver some microseconds, which are not in here.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

# The script's own folder is the first place where Python looks.
from _timing import Candidate, machine, measure, table

from tests.backend_cupy import emulated

NETWORKS = ("mlp", "cnn", "vit")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "networks", nargs="*", metavar="network", help=f"any of {', '.join(NETWORKS)}"
    )
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=20, help="how many turns each gets")
    arguments = parser.parse_args()
    if unknown := set(arguments.networks) - set(NETWORKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NETWORKS)}")
    if lacking := emulated.missing():
        sys.exit(f"gpu_host: {lacking}")
    emulated.install(idle=True)
    import _gpu_steps

    import simple_autograd as sa

    sa.set_backend("cupy")
    steps = [
        Candidate(f"{name}, {how}", make(name, arguments.batch))
        for name in arguments.networks or NETWORKS
        for how, make in (("as it is", _gpu_steps.our_step), ("captured", _gpu_steps.our_captured))
    ]
    print(machine())
    print(f"The host's time of a step, batch {arguments.batch}, µs.\n")
    results = measure(steps, rounds=arguments.rounds)
    rows = [[timing.name, timing.minimum * 1e6, timing.median * 1e6] for timing in results]
    print(table(["step", "min", "median"], rows))


if __name__ == "__main__":
    main()
