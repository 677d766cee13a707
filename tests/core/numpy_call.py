"""``Call``: one call of a NumPy function, for ``test_numpy_walk.py`` to make with arrays and with Variables.

The tables are in ``numpy_calls/``, one file per family. What a call has as floating arrays and Python floats are its
*places*: each is tried as a Variable that requires grad, alone and with all others. A place may be marked
`refused` (a Variable there must raise) or `constant` (it has no gradient by nature). Everything here is NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.core.arrays import is_floating

GRADIENT, REFUSED, CONSTANT, SYMMETRIC = "gradient", "refused", "constant", "symmetric"

RNG = np.random.default_rng(3)
MATRIX = RNG.permutation(12).reshape(3, 4) / 5 + 0.1
CUBE = RNG.permutation(24).reshape(2, 3, 4) / 10 + 0.15
VECTOR = np.array([0.3, 1.7, -0.4, 2.2])
MASK = MATRIX > 1.2
HOLED = np.where(MATRIX > 2.0, np.nan, MATRIX)
ORDER = np.argsort(MATRIX, axis=1)
COMPLEX = VECTOR + 1j * VECTOR[::-1]


@dataclass(frozen=True)
class Marked:
    """A place, what a Variable there means, and whether its elements move together with those of other places."""

    value: Any
    kind: str = GRADIENT
    tied: bool = False


def refused(value: Any) -> Marked:
    """Mark a place where a Variable that requires grad must raise."""
    return Marked(value, REFUSED)


def constant(value: Any) -> Marked:
    """Mark a place that has no gradient by nature: tolerances, what is compared with."""
    return replace(value, kind=CONSTANT) if isinstance(value, Marked) else Marked(value, CONSTANT)


def tied(value: Any) -> Marked:
    """Mark elements that must stay equal to others, or zero: finite differences move all of them in proportion."""
    return Marked(value, tied=True)


def symmetric(value: Any) -> Marked:
    """Mark symmetric (Hermitian) matrices, of which a function reads one triangle."""
    return Marked(value, SYMMETRIC)


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes
    ----------
    function, args, options
        What is called with what.
    pick
        From the result, what is defined: NumPy leaves some orders open.
    numpy_only
        Why other backends than NumPy cannot do it; empty if they can.
    needs
        The module that must be installed for it.
    """

    function: Any
    args: tuple[Any, ...]
    options: dict[str, Any]
    pick: Callable[[Any], Any] = lambda out: out
    numpy_only: str = ""
    needs: str = ""

    def __str__(self) -> str:
        parts = [*map(_short, self.args), *(f"{k}={_short(v)}" for k, v in self.options.items())]
        return f"{name_of(self.function)}({', '.join(parts)})"

    def then(self, pick: Callable[[Any], Any]) -> Call:
        """Give the call with something done to its result."""
        return replace(self, pick=pick)

    def on_numpy(self, reason: str) -> Call:
        """Give the call as one that only the NumPy backend can do."""
        return replace(self, numpy_only=reason)

    def needing(self, module: str) -> Call:
        """Give the call as one that needs another module."""
        return replace(self, needs=module)

    @property
    def places(self) -> list[Marked]:
        """Where a Variable may stand."""
        return list(_places([self.args, self.options]))

    def values(self) -> list[Any]:
        """Give what stands in the places, as arrays."""
        return [np.asarray(place.value) for place in self.places]

    def __call__(self, values: list[Any] | None = None) -> Any:
        """Call the function, with `values` in the places."""
        rest = iter([place.value for place in self.places] if values is None else values)
        args, options = _filled((self.args, self.options), rest)
        return self.pick(self.function(*args, **options))


def call(function: Any, /, *args: Any, **options: Any) -> Call:
    """Describe a call."""
    return Call(function, args, options)


def name_of(function: Any) -> str:
    """Give the name that a function goes by: ``linalg.norm``, ``add.reduce``."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{owner.__name__}.{function.__name__}"
    home = getattr(function, "__module__", None) or ""
    prefix = home.removeprefix("numpy").lstrip(".")
    name = getattr(function, "__name__", type(function).__name__)
    return f"{prefix}.{name}" if prefix in ("linalg", "fft") else name


def _places(value: Any) -> Iterator[Marked]:
    if isinstance(value, Marked):
        yield value
    elif is_floating(value) or type(value) in (float, complex):
        yield Marked(value)
    elif isinstance(value, dict | list | tuple) and not _is_array(value):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _places(item)


def _filled(value: Any, rest: Iterator[Any]) -> Any:
    if isinstance(value, Marked) or is_floating(value) or type(value) in (float, complex):
        return next(rest)
    if isinstance(value, dict):
        return {key: _filled(item, rest) for key, item in value.items()}
    if isinstance(value, list | tuple) and not _is_array(value):
        return type(value)([_filled(item, rest) for item in value])
    return value


def _is_array(value: Any) -> bool:
    """Say whether a list or tuple holds numbers only, and so stands for one array."""
    if isinstance(value, list | tuple):
        return all(_is_array(item) for item in value)
    return isinstance(value, int | float | complex)


def _short(value: Any) -> str:
    """Say what a value is in few letters."""
    if isinstance(value, Marked):
        return _short(value.value)
    if isinstance(value, np.ndarray):
        return f"{value.dtype.kind}{value.shape}".replace(" ", "")
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_short, value)) + "]"
    return re.sub(r" object at 0x\w+", "", getattr(value, "__name__", None) or str(value))
