"""Dropout: values or whole channels left out at random while training, and the others made up for it.

The mathematics of ``layers/dropout.py``. Draws come from the default generator of the backend, so
`simple_autograd.manual_seed` brings them back. A backend may have a kernel ``dropout``, which draws by itself.
"""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...backends import Backend, Generator
from ...op import op
from ...random import default_generator
from ...replay import made_anew
from ...types import Array, Namespace, Shape
from .arguments import backend_of_argument, check_floating, describe

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
]

# What SELU saturates at for very negative numbers: minus its scale times its alpha.
_SELU_FLOOR = -1.7580993408473766


def dropout(x: Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zero every element with probability `p`, and divide the others by ``1 - p``.

    Parameters
    ----------
    x
        Any shape, floating.
    p
        The probability, in [0, 1].
    training
        Without it, `x` itself is the result.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.

    Raises
    ------
    ValueError
        If `p` is no probability.

    Examples
    --------
    >>> import numpy as np
    >>> import simple_autograd as sa
    >>> from simple_autograd.nn import functional as F
    >>> sa.manual_seed(1)
    >>> F.dropout(np.ones(4), 0.5)
    array([0., 2., 2., 2.])
    """
    return _dropped("dropout", x, p, training, None)


def dropout1d(x: Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zero every channel of (N, C, L) or (C, L) with probability `p`, as `dropout` does elements.

    Parameters
    ----------
    x
        Floating.
    p, training, inplace
        As in `dropout`.
    """
    return _dropped_channels("dropout1d", x, p, training, 1)


def dropout2d(x: Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zero every channel of (N, C, H, W) with probability `p`, as `dropout` does elements.

    Parameters
    ----------
    x
        Floating. Three axes are taken for (N, C, L), as in PyTorch, and not for (C, H, W).
    p, training, inplace
        As in `dropout`.
    """
    return _dropped_channels("dropout2d", x, p, training, 2)


def dropout3d(x: Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zero every channel of (N, C, D, H, W) with probability `p`, as `dropout` does elements.

    Parameters
    ----------
    x
        Floating. Four axes are taken for (N, C, H, W), as in PyTorch, and not for (C, D, H, W).
    p, training, inplace
        As in `dropout`.
    """
    return _dropped_channels("dropout3d", x, p, training, 3)


def alpha_dropout(x: Array, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Set every element with probability `p` to where SELU saturates, and keep mean 0 and variance 1.

    Parameters
    ----------
    x
        Any shape, floating.
    p, training, inplace
        As in `dropout`.
    """
    return _alpha_dropped("alpha_dropout", x, p, training, None)


def feature_alpha_dropout(
    x: Array, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """Do with every channel of (N, C, ...) what `alpha_dropout` does with elements.

    Parameters
    ----------
    x
        Floating, at least two axes.
    p, training, inplace
        As in `dropout`.
    """
    return _alpha_dropped("feature_alpha_dropout", x, p, training, 2)


def _dropped(function: str, x: Array, p: float, training: bool, axes: int | None) -> Any:
    check_probability(function, p)
    check_floating(function, "x", x)
    if not training or p == 0:
        return x
    return _dropout(x, draw=_draw(backend_of_argument(function, "x", x), x, p, axes))


@made_anew
class Draw:
    """Which elements an operation keeps: drawn when it is first computed, and the same in its gradients.

    Parameters
    ----------
    generator
        What draws: for each element a number of [0, 1), and those are kept whose number is at least `p`.
    shape
        One draw may serve many elements: it broadcasts to the shape of those.
    p
        The probability that an element is dropped.

    Attributes
    ----------
    kept
        What was drawn, as the one who drew it keeps it; None before.
    """

    __slots__ = ("generator", "kept", "p", "shape")

    def __init__(self, generator: Generator, shape: Shape, p: float) -> None:
        self.generator = generator
        self.shape = shape
        self.p = p
        self.kept: Any = None

    def __getnewargs__(self) -> tuple[Generator, Shape, float]:
        return self.generator, self.shape, self.p

    def ones(self, xp: Namespace, dtype: Any) -> Array:
        """Draw 1 with probability ``1 - p``, and 0 else."""
        return xp.astype(self.generator.uniform(self.shape) >= self.p, dtype)


def _draw(backend: Backend, x: Array, p: float, axes: int | None) -> Draw:
    """Make a draw for each element of `x`, or for each slice of its first axes."""
    shape: Shape = tuple(x.shape)
    if axes is not None:
        shape = shape[:axes] + (1,) * (len(shape) - axes)
    return Draw(default_generator(backend), shape, p)


@op
def _dropout(xp: Namespace, x: Array, /, *, draw: Draw) -> Array:
    """What is kept of `x`, divided by ``1 - p``."""
    if draw.kept is None:
        draw.kept = draw.ones(xp, x.dtype)
        # With p = 1 nothing is kept, and there is nothing to make up for.
        if draw.p < 1:
            draw.kept /= 1 - draw.p
    return x * draw.kept


@_dropout.gradient("x")
def dropout_wrt_x(xp, grad, draw):
    return _dropout(grad, draw=draw)


def _dropped_channels(function: str, x: Array, p: float, training: bool, spatial: int) -> Any:
    """Drop channels of inputs with as many spatial axes; one axis less, and for 1d it is a single sample."""
    backend_of_argument(function, "x", x)
    ndim = len(x.shape)
    if ndim not in (spatial + 1, spatial + 2):
        raise ValueError(
            f"{function}: x is a {describe(x)}; needed are {spatial + 2} axes, or {spatial + 1}. For other shapes "
            f"there is dropout."
        )
    return _dropped(function, x, p, training, 1 if (spatial, ndim) == (1, 2) else 2)


def _alpha_dropped(function: str, x: Array, p: float, training: bool, axes: int | None) -> Any:
    check_probability(function, p)
    check_floating(function, "x", x)
    if not training or p == 0:
        return x
    if p == 1:
        return ops.multiply(x, 0)
    backend = backend_of_argument(function, "x", x)
    kept = _draw(backend, x, p, axes).ones(backend.xp, x.dtype)
    # The mean afterwards would be p * floor, and the variance (1 - p) * (1 + p * floor**2).
    scale = 1 / math.sqrt((1 - p) * (1 + p * _SELU_FLOOR**2))
    shift = (1 - kept) * (_SELU_FLOOR * scale) - p * _SELU_FLOOR * scale
    return ops.add(ops.multiply(x, kept * scale), shift)


def check_probability(function: str, p: float) -> None:
    """Raise if `p` is no probability.

    Raises
    ------
    ValueError
        Naming the function or layer.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"{function}: p is {p}; needed is a probability, in [0, 1].")
