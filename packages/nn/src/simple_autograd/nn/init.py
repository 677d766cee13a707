"""Initial values for parameters: PyTorch's functions, under its names and with its definitions.

Each writes in place into an array or a Variable, which it gives back, and records nothing. Random ones draw from
the default generator of the array's backend (`simple_autograd.manual_seed` seeds it), or from the one they are given.
"""

from __future__ import annotations

import math
from typing import Literal, TypeVar

from ..backends import Backend, Generator, backend_of
from ..random import default_generator
from ..types import Array
from ..variable import Variable
from ..writes import written

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

T = TypeVar("T")

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Give the factor by which weights before a nonlinearity are widened, so that its output keeps the variance.

    Parameters
    ----------
    nonlinearity
        ``"linear"``, ``"conv2d"`` and its like, ``"sigmoid"``, ``"tanh"``, ``"relu"``, ``"leaky_relu"`` or ``"selu"``.
    param
        The negative slope of ``"leaky_relu"``, 0.01 by default.

    Raises
    ------
    ValueError
        If the nonlinearity is none of these.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(
                f"calculate_gain: param is {slope!r}; needed is leaky_relu's negative slope, a number."
            )
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(
            f"calculate_gain: nonlinearity is {nonlinearity!r}; needed is one of "
            f"{', '.join([*_GAINS, 'leaky_relu'])}."
        )
    return _GAINS[nonlinearity]


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> T:
    """Fill with draws from the uniform distribution on [a, b)."""
    raw, backend = _raw("uniform_", tensor)
    draw = generator or default_generator(backend)
    return _fill(tensor, "uniform_", draw.uniform(raw.shape, a, b, backend.dtype_name(raw.dtype)))


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> T:
    """Fill with draws from the normal distribution."""
    raw, backend = _raw("normal_", tensor)
    draw = generator or default_generator(backend)
    values = draw.normal(raw.shape, mean, std, backend.dtype_name(raw.dtype))
    return _fill(tensor, "normal_", values)


def constant_(tensor: T, val: float) -> T:
    """Fill with one number."""
    return _fill(tensor, "constant_", val)


def ones_(tensor: T) -> T:
    """Fill with ones."""
    return _fill(tensor, "ones_", 1)


def zeros_(tensor: T) -> T:
    """Fill with zeros."""
    return _fill(tensor, "zeros_", 0)


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Fill with draws from [-a, a), where ``a = gain * sqrt(6 / (fan_in + fan_out))`` (Glorot and Bengio, 2010).

    Parameters
    ----------
    tensor
        A weight: (out, in), or (out, in, k1, ..., kn).
    gain
        A factor, see `calculate_gain`.
    generator
        Where to draw from, by default the backend's default generator.

    Raises
    ------
    ValueError
        If `tensor` has fewer than two axes.
    """
    bound = gain * math.sqrt(6 / sum(_fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Fill with normal draws of deviation ``gain * sqrt(2 / (fan_in + fan_out))`` (see `xavier_uniform_`)."""
    std = gain * math.sqrt(2 / sum(_fans("xavier_normal_", tensor)))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Fill with draws from [-b, b), where ``b = gain * sqrt(3 / fan)`` (He and others, 2015).

    Parameters
    ----------
    tensor
        A weight: (out, in), or (out, in, k1, ..., kn).
    a
        The negative slope of the ``"leaky_relu"`` that follows.
    mode
        ``"fan_in"`` keeps the variance of the forward pass, ``"fan_out"`` that of the backward pass.
    nonlinearity
        What follows the layer, see `calculate_gain`.
    generator
        Where to draw from, by default the backend's default generator.

    Raises
    ------
    ValueError
        If `tensor` has fewer than two axes, or `mode` or `nonlinearity` is unknown.
    """
    std = _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Fill with normal draws of deviation ``gain / sqrt(fan)`` (see `kaiming_uniform_`)."""
    return normal_(
        tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), generator
    )


def _kaiming_std(name: str, tensor: object, a: float, mode: str, nonlinearity: str) -> float:
    fans = dict(zip(("fan_in", "fan_out"), _fans(name, tensor), strict=True))
    if mode not in fans:
        raise ValueError(f"{name}: mode is {mode!r}; needed is 'fan_in' or 'fan_out'.")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans[mode])


def _fans(name: str, tensor: object) -> tuple[int, int]:
    """Give how many inputs go into an output of a weight, and how many outputs an input goes into."""
    shape = _raw(name, tensor)[0].shape
    if len(shape) < 2:
        raise ValueError(
            f"{name}: tensor has shape {tuple(shape)}; needed are at least two axes, (out, in, ...)."
        )
    field = math.prod(shape[2:])
    # An axis of length 0 leaves nothing to fill; 1 only keeps the divisions from failing.
    return max(shape[1] * field, 1), max(shape[0] * field, 1)


def _raw(name: str, tensor: object) -> tuple[Array, Backend]:
    """Give the raw array of a tensor, and its backend."""
    raw = tensor.data if isinstance(tensor, Variable) else tensor
    backend = backend_of(raw)
    if backend is None:
        raise TypeError(
            f"{name}: tensor is a {type(tensor).__name__}; needed is a Variable or an array."
        )
    return raw, backend


def _fill(tensor: T, name: str, values: Array | float) -> T:
    raw, backend = _raw(name, tensor)
    raw[...] = values
    written(backend, raw, f"init.{name}")
    return tensor
