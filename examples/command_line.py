"""What the examples' command lines have in common: arguments, and how they end when something goes wrong.

A mistake that the user can mend is one line and not a traceback; so is Ctrl-C. Every example imports this module.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from simple_autograd.errors import SimpleAutogradError


def parser(docstring: str) -> argparse.ArgumentParser:
    """Give a parser with the arguments that every example takes; the docstring's first line describes it."""
    arguments = argparse.ArgumentParser(description=docstring.splitlines()[0])
    arguments.add_argument(
        "--backend", default="numpy", help="numpy, or another that is installed, such as cupy"
    )
    arguments.add_argument("--seed", type=at_least(0), default=0)
    arguments.add_argument("--out", type=Path, default=Path("runs"), help="the folder for runs")
    return arguments


def at_least(least: int) -> Callable[[str], int]:
    """Give a type for `argparse`: integers from `least` on."""

    def integer(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is less than {least}")
        return number

    return integer


@contextmanager
def explained() -> Iterator[None]:
    """End the program with a line on what goes wrong inside: settings, backends and files that do not fit."""
    try:
        yield
    except (SimpleAutogradError, ValueError, OSError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: error: {error}")


def run(main: Callable[[], None], interrupted: str = "nothing was saved") -> None:
    """Call `main`; after Ctrl-C say in a line what became of the work, and exit with the status that shells expect."""
    try:
        main()
    except KeyboardInterrupt:
        print(f"\ninterrupted: {interrupted}", file=sys.stderr)
        sys.exit(130)
