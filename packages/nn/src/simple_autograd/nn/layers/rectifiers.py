"""Activation layers put together of pieces: see ``functional/rectifiers.py``, which says what holds at the kinks."""

from __future__ import annotations

from typing import Any

from ...types import Array, DType
from .. import init
from ..functional import (
    celu,
    elu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu6,
    rrelu,
    selu,
    softshrink,
    threshold,
)
from ..module import Module
from ..parameter import Parameter
from .activation import InPlace
from .linear import check_sizes, empty_array

__all__ = [
    "CELU",
    "ELU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "RReLU",
    "ReLU6",
    "Softshrink",
    "Threshold",
]


class LeakyReLU(InPlace):
    """`x` where it is positive, ``negative_slope * x`` elsewhere.

    Parameters
    ----------
    negative_slope
        The slope below 0.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """Give the settings."""
        return self._with_inplace(f"negative_slope={self.negative_slope}")


class PReLU(Module):
    """`x` where it is positive, ``weight * x`` elsewhere, with slopes that are learned.

    Parameters
    ----------
    num_parameters
        1, or the number of channels, C.
    init
        What the slopes begin with.
    dtype
        The parameter's data type, by default float32. It is made on the default backend.

    Attributes
    ----------
    weight
        (num_parameters,).
    """

    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: DType | None = None
    ) -> None:
        super().__init__()
        check_sizes("PReLU", 1, num_parameters=num_parameters)
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty_array((num_parameters,), dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the slopes to what they began with."""
        init.constant_(self.weight, self.init)

    def forward(self, x: Array) -> Any:
        """Apply it to any shape; with several slopes to (N, C, ...)."""
        return prelu(x, self.weight)

    def extra_repr(self) -> str:
        """Give the setting."""
        return f"num_parameters={self.num_parameters}"


class RReLU(InPlace):
    """`LeakyReLU` with a slope drawn for every element while training; evaluated, with the middle one.

    Parameters
    ----------
    lower, upper
        Between what to draw from the uniform distribution.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return rrelu(x, self.lower, self.upper, self.training)

    def extra_repr(self) -> str:
        """Give the settings."""
        return self._with_inplace(f"lower={self.lower}, upper={self.upper}")


class ELU(InPlace):
    """`x` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Parameters
    ----------
    alpha
        Minus the limit for very negative `x`.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return elu(x, self.alpha)

    def extra_repr(self) -> str:
        """Give the settings."""
        return self._with_inplace(f"alpha={self.alpha}")


class CELU(ELU):
    """`x` where it is positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere: smooth at 0.

    Parameters
    ----------
    alpha
        Minus the limit for very negative `x`; not 0.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return celu(x, self.alpha)


class SELU(InPlace):
    """`ELU` with the numbers that keep mean 0 and variance 1.

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return selu(x)


class Threshold(InPlace):
    """`x` where it is larger than `threshold`, `value` elsewhere.

    Parameters
    ----------
    threshold, value
        Numbers.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return threshold(x, self.threshold, self.value)

    def extra_repr(self) -> str:
        """Give the settings."""
        return self._with_inplace(f"threshold={self.threshold}, value={self.value}")


class Hardtanh(InPlace):
    """`x` confined to [min_val, max_val].

    Parameters
    ----------
    min_val, max_val
        The bounds.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if min_val >= max_val:
            raise ValueError(
                f"Hardtanh: min_val is {min_val}; needed is less than max_val, which is {max_val}."
            )
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """Give the settings."""
        return self._with_inplace(f"min_val={self.min_val}, max_val={self.max_val}")


class ReLU6(InPlace):
    """`x` confined to [0, 6].

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return relu6(x)


class Hardsigmoid(InPlace):
    """``x / 6 + 1 / 2`` confined to [0, 1].

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return hardsigmoid(x)

    def extra_repr(self) -> str:
        """Give nothing, as PyTorch does."""
        return ""


class Hardswish(Hardsigmoid):
    """``x`` times `Hardsigmoid` of it.

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return hardswish(x)


class Hardshrink(Module):
    """`x` where it lies outside [-lambd, lambd], 0 elsewhere.

    Parameters
    ----------
    lambd
        The bound.
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return hardshrink(x, self.lambd)

    def extra_repr(self) -> str:
        """Give the bound."""
        return str(self.lambd)


class Softshrink(Hardshrink):
    """`x` moved towards 0 by `lambd`, and 0 where it would pass it.

    Parameters
    ----------
    lambd
        At least 0.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return softshrink(x, self.lambd)
