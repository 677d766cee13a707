"""Methods that copy, or go to another data type or backend."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import DType
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["ConversionMethods"]


class ConversionMethods(VariablePart):
    """The converting methods of `Variable`."""

    __slots__ = ()

    def astype(self, dtype: DType, *, copy: builtins.bool = True) -> Variable:
        """The elements as another data type; the gradient comes back as this one's."""
        return ops.astype(self, dtype, copy=copy)

    def to(self, target: Any) -> Variable:
        """On another backend (``v.to("cupy")``) or as another data type (``v.to("float32")``), on the tape."""
        return ops.to(self, target)  # type: ignore[arg-type] # it is part of a Variable

    def type_as(self, other: Variable) -> Variable:
        """As the data type of another."""
        return ops.astype(self, other.dtype, copy=False)

    def float(self) -> Variable:
        """As float32."""
        return ops.astype(self, "float32", copy=False)

    def double(self) -> Variable:
        """As float64."""
        return ops.astype(self, "float64", copy=False)

    def half(self) -> Variable:
        """As float16, which the standard does not ask backends to have."""
        return ops.astype(self, "float16", copy=False)

    def int(self) -> Variable:
        """As int32, without a gradient."""
        return ops.astype(self, "int32", copy=False)

    def long(self) -> Variable:
        """As int64, without a gradient."""
        return ops.astype(self, "int64", copy=False)

    def bool(self) -> Variable:
        """Whether the elements are not zero."""
        return ops.astype(self, "bool", copy=False)

    def clone(self) -> Variable:
        """A copy, on the tape."""
        return ops.asarray(self, copy=True)

    def dim(self) -> builtins.int:
        """The number of axes."""
        return self.ndim

    def numel(self) -> builtins.int:
        """The number of elements."""
        return self.size

    nelement = numel

    ndimension = dim

    @property
    def itemsize(self) -> builtins.int:
        """The number of bytes of an element."""
        return self.element_size()

    @property
    def nbytes(self) -> builtins.int:
        """The number of bytes of all elements."""
        return self.size * self.itemsize

    def element_size(self) -> builtins.int:
        """The number of bytes of an element."""
        if ops.isdtype(self.dtype, "bool"):
            return 1
        info = ops.iinfo if ops.isdtype(self.dtype, "integral") else ops.finfo
        return info(self.dtype).bits * (2 if self.is_complex() else 1) // 8

    def is_complex(self) -> builtins.bool:
        """Whether the elements are complex numbers."""
        return self.dtype in self.backend.complex_dtypes

    def is_floating_point(self) -> builtins.bool:
        """Whether the elements are real floating numbers."""
        return self.backend.is_floating(self.dtype) and not self.is_complex()
