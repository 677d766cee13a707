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
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
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


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> T:
    """Fill with draws from the normal distribution that lie in [a, b], drawn anew until they do.

    Parameters
    ----------
    tensor
        Of any shape, floating.
    mean, std
        Those of the distribution before it is cut.
    a, b
        Where it is cut: numbers, not multiples of `std`.
    generator
        Where to draw from, by default the backend's default generator.

    Raises
    ------
    ValueError
        If `a` is not less than `b`, or `std` is not above 0.
    """
    raw, backend = _raw("trunc_normal_", tensor)
    if not a < b or not std > 0:
        raise ValueError(
            f"trunc_normal_: a is {a}, b {b} and std {std}; needed is an a below b, and a std above 0."
        )
    xp, draw = backend.xp, generator or default_generator(backend)
    dtype = backend.dtype_name(raw.dtype)
    likely = _share_of_normal((a - mean) / std, (b - mean) / std) > 0.3
    peak = max(a, min(mean, b))
    # So far away from the likeliest number nothing is drawn; and one cannot draw evenly up to infinity.
    first, last = max(a, peak - 40 * std), min(b, peak + 40 * std)
    values = missing = None
    while missing is None or bool(xp.any(missing)):
        if likely:
            drawn = draw.normal(raw.shape, mean, std, dtype)
            refused = (drawn < a) | (drawn > b)
        else:
            # In a tail few normal draws would lie inside: draw evenly, and keep as many as the density says.
            drawn = draw.uniform(raw.shape, first, last, dtype)
            density = ((peak - mean) ** 2 - (drawn - mean) ** 2) / (2 * std**2)
            refused = draw.uniform(raw.shape, 0.0, 1.0, dtype) > xp.exp(density)
        values = drawn if missing is None else xp.where(missing, drawn, values)
        missing = refused if missing is None else missing & refused
    return _fill(tensor, "trunc_normal_", values)


def _share_of_normal(low: float, high: float) -> float:
    """Give the probability of a standard normal draw to lie between two numbers."""
    return (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2


def constant_(tensor: T, val: float) -> T:
    """Fill with one number."""
    return _fill(tensor, "constant_", val)


def ones_(tensor: T) -> T:
    """Fill with ones."""
    return _fill(tensor, "ones_", 1)


def zeros_(tensor: T) -> T:
    """Fill with zeros."""
    return _fill(tensor, "zeros_", 0)


def eye_(tensor: T) -> T:
    """Fill a matrix with the identity: ones on the diagonal, zeros elsewhere.

    Raises
    ------
    ValueError
        If `tensor` does not have two axes.
    """
    raw, backend = _raw("eye_", tensor)
    if len(raw.shape) != 2:
        raise ValueError(f"eye_: tensor has shape {tuple(raw.shape)}; needed are two axes.")
    return _fill(tensor, "eye_", backend.xp.eye(*raw.shape, dtype=raw.dtype))


def dirac_(tensor: T, groups: int = 1) -> T:
    """Fill the weight of a convolution so that it hands its channels on, as many as it can.

    Parameters
    ----------
    tensor
        (C_out, C_in, k1), (C_out, C_in, k1, k2) or (C_out, C_in, k1, k2, k3).
    groups
        How many groups of output channels hand on the input channels each.

    Raises
    ------
    ValueError
        If `tensor` has another number of axes, or `groups` does not divide C_out.
    """
    raw, backend = _raw("dirac_", tensor)
    if len(raw.shape) not in (3, 4, 5):
        raise ValueError(
            f"dirac_: tensor has shape {tuple(raw.shape)}; needed are three, four or five axes."
        )
    if raw.shape[0] % groups:
        raise ValueError(
            f"dirac_: groups is {groups}; needed is a number that divides the {raw.shape[0]} output channels."
        )
    values = backend.xp.zeros(raw.shape, dtype=raw.dtype)
    centre = tuple(length // 2 for length in raw.shape[2:])
    outputs = raw.shape[0] // groups
    for first in range(0, raw.shape[0], outputs or 1):
        for channel in range(min(outputs, raw.shape[1])):
            values[(first + channel, channel, *centre)] = 1
    return _fill(tensor, "dirac_", values)


def orthogonal_(tensor: T, gain: float = 1, generator: Generator | None = None) -> T:
    """Fill with a random orthogonal matrix, the later axes taken as one (Saxe and others, 2014).

    Parameters
    ----------
    tensor
        A weight: (out, in), or (out, in, k1, ..., kn). Its rows or its columns, whichever are fewer, become orthogonal.
    gain
        Their length.
    generator
        Where to draw from, by default the backend's default generator.

    Raises
    ------
    ValueError
        If `tensor` has fewer than two axes.
    """
    raw, backend = _raw("orthogonal_", tensor)
    if len(raw.shape) < 2:
        raise ValueError(
            f"orthogonal_: tensor has shape {tuple(raw.shape)}; needed are at least two axes, (out, in, ...)."
        )
    rows, columns = raw.shape[0], math.prod(raw.shape[1:])
    if not rows * columns:
        return tensor
    xp, draw = backend.xp, generator or default_generator(backend)
    normal = draw.normal((rows, columns), 0.0, 1.0, backend.dtype_name(raw.dtype))
    q, r = xp.linalg.qr(normal if rows >= columns else normal.T)
    # With the signs of r's diagonal taken out, every orthogonal matrix is as likely as any other.
    q = q * xp.sign(xp.linalg.diagonal(r))
    q = q if rows >= columns else q.T
    return _fill(tensor, "orthogonal_", gain * xp.reshape(q, raw.shape))


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> T:
    """Fill a matrix with normal draws, and in every column some share with zeros (Martens, 2010).

    Parameters
    ----------
    tensor
        (M, N).
    sparsity
        The share of every column that is zero.
    std
        The deviation of the others.
    generator
        Where to draw from, by default the backend's default generator.

    Raises
    ------
    ValueError
        If `tensor` does not have two axes.
    """
    raw, backend = _raw("sparse_", tensor)
    if len(raw.shape) != 2:
        raise ValueError(f"sparse_: tensor has shape {tuple(raw.shape)}; needed are two axes.")
    rows, columns = raw.shape
    xp, draw = backend.xp, generator or default_generator(backend)
    values = draw.normal((rows, columns), 0.0, std, backend.dtype_name(raw.dtype))
    # In each column the ranks of the rows are those of a random order, and the first ranks become zeros.
    orders = [xp.expand_dims(draw.permutation(rows), axis=1) for _ in range(columns)]
    if orders:
        zero = xp.concat(orders, axis=1) < math.ceil(sparsity * rows)
        values = xp.where(zero, 0, values)
    return _fill(tensor, "sparse_", values)


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
