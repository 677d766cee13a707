"""The bilinear layer: see ``functional/bilinear.py``."""

from __future__ import annotations

import math
from typing import Any

from ...types import Array, DType
from .. import init
from ..functional import bilinear
from ..module import Module
from ..parameter import Parameter
from .linear import check_sizes, empty_parameter

__all__ = ["Bilinear"]


class Bilinear(Module):
    """``x1 @ weight[o] @ x2 + bias[o]``, with parameters drawn from the uniform distribution on ``±1/sqrt(in1)``.

    Parameters
    ----------
    in1_features, in2_features
        The lengths of the last axes of both arguments.
    out_features
        That of the result.
    bias
        Whether to add a bias.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight
        (out_features, in1_features, in2_features).
    bias
        (out_features,), or None.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(
            "Bilinear",
            1,
            in1_features=in1_features,
            in2_features=in2_features,
            out_features=out_features,
        )
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = empty_parameter((out_features, in1_features, in2_features), dtype)
        self.register_parameter("bias", empty_parameter((out_features,), dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters, as PyTorch does."""
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, x1: Array, x2: Array) -> Any:
        """Map (..., in1_features) and (..., in2_features) to (..., out_features)."""
        return bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
