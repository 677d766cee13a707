"""Linear layers: see ``functional/linear.py``."""

from __future__ import annotations

import math
import operator
from typing import Any

from ...backends import get_backend
from ...types import Array, DType
from .. import init
from ..functional import linear
from ..module import Module
from ..parameter import Parameter, flat_zeros

__all__ = ["Identity", "Linear"]


class Linear(Module):
    """``x @ weight.T + bias``, with parameters drawn from the uniform distribution on ``±1/sqrt(in_features)``.

    Parameters
    ----------
    in_features, out_features
        The lengths of the last axis before and after.
    bias
        Whether to add a bias.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight
        (out_features, in_features).
    bias
        (out_features,), or None.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> nn.Linear(20, 30)(np.zeros((5, 20), dtype="float32")).shape
    (5, 30)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, dtype: DType | None = None
    ) -> None:
        super().__init__()
        check_sizes("Linear", 0, in_features=in_features, out_features=out_features)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = empty_parameter((out_features, in_features), dtype)
        self.register_parameter("bias", empty_parameter((out_features,), dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters, as PyTorch does."""
        # With this `a`, the bound of kaiming_uniform_ is 1 / sqrt(in_features).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Array) -> Any:
        """Map (..., in_features) to (..., out_features)."""
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Identity(Module):
    """Gives back what it gets. It takes any arguments, so that it can stand in for another layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Array) -> Any:
        """Give `x` itself."""
        return x


def check_sizes(layer: str, least: int, **sizes: Any) -> None:
    """Raise for a size that is no integer, or less than `least`.

    Raises
    ------
    TypeError, ValueError
        Naming the layer and the size.
    """
    for argument, value in sizes.items():
        try:
            fits = operator.index(value) >= least
        except TypeError:
            raise TypeError(
                f"{layer}: {argument} is {value!r}; needed is an integer of at least {least}."
            ) from None
        if not fits:
            raise ValueError(
                f"{layer}: {argument} is {value}; needed is an integer of at least {least}."
            )


def empty_parameter(shape: tuple[int, ...], dtype: DType | None) -> Parameter:
    """Make a parameter on the default backend, to be initialised.

    A matrix is stored as (in, out) and seen as (out, in): products of row-major data with it are faster so.
    """
    if len(shape) == 2:
        return Parameter(empty_array(shape[::-1], dtype).T)
    return Parameter(empty_array(shape, dtype))


def empty_array(shape: tuple[int, ...], dtype: DType | None) -> Array:
    """Make an array on the default backend, to be initialised; float32 if no data type is given."""
    backend = get_backend()
    dtype = backend.dtype("float32" if dtype is None else dtype)
    return backend.xp.reshape(flat_zeros(backend, math.prod(shape), dtype), shape)
