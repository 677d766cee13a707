"""``detect_anomaly``: find the forward line behind a NaN gradient, and writes that nothing else can see.

While it is on, each recorded node keeps the lines of the program that made it and a fingerprint of every array that
its rules saved. ``walk.py`` then asks this module after each rule. It is for debugging: it costs a stack walk per
operation and reads every saved array twice.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from .errors import AnomalyError
from .tape import Node, _ModeContext
from .types import Array

__all__ = ["check_gradient", "check_saved", "describe", "detect_anomaly"]

_HERE = os.path.dirname(__file__)


class _Trace(NamedTuple):
    """What `detect_anomaly` keeps with a node."""

    lines: str
    fingerprints: tuple[int, ...]


def _arrays(node: Node) -> list[Array]:
    """Give the arrays that a node's rules saved, in a fixed order."""
    arrays = []
    for value in node.saved():
        values = value if isinstance(value, tuple | list) else (value,)
        arrays += [item for item in values if type(item) is node.backend.array_type]
    return arrays


def _fingerprints(node: Node) -> tuple[int, ...]:
    import zlib

    return tuple(zlib.crc32(node.backend.to_numpy(array).tobytes()) for array in _arrays(node))


def _remember(node: Node) -> None:
    """Keep with a fresh node where it was made; lines inside this library are left out."""
    import traceback  # needed while debugging only

    frames = [frame for frame in traceback.extract_stack() if not frame.filename.startswith(_HERE)]
    node.extra().trace = _Trace("".join(traceback.format_list(frames[-3:])), _fingerprints(node))


class detect_anomaly(_ModeContext):  # noqa: N801 - PyTorch's name
    """Raise where a gradient turns NaN, naming the forward line of the operation it came from.

    Forward and backward both run inside the ``with`` block. Values that were overwritten through raw arrays between
    the two (``v.data[...] = …``, or the array that a Variable shares memory with) are found as well.

    Raises
    ------
    AnomalyError
        From ``backward`` within the block.
    """

    _changes = {"anomaly": _remember}  # noqa: RUF012 - see set_grad_enabled


def describe(node: Node) -> str:
    """Give the forward lines of a node, if they were kept."""
    if node.extras is None or node.extras.trace is None:
        return "Run forward and backward inside simple_autograd.detect_anomaly() to see the forward line."
    return f"Its forward line (last call last):\n{node.extras.trace.lines}"


def check_saved(node: Node) -> None:
    """Raise if an array that `node` saved has changed since."""
    if node.extra().trace is not None and node.extra().trace.fingerprints != _fingerprints(node):
        raise AnomalyError(
            f"backward of {node.name}: an array that it saved was overwritten after the forward pass. "
            f"Write into a copy instead. {describe(node)}"
        )


def check_gradient(node: Node, argument: str, grad: Array) -> None:
    """Raise if the gradient that a rule of `node` has just given, a raw array, holds a NaN."""
    xp = node.backend.xp
    if bool(xp.any(xp.isnan(grad))):
        raise AnomalyError(
            f"backward of {node.name}: the gradient for {argument} (shape {tuple(grad.shape)}) holds NaN. "
            f"{describe(node)}"
        )
