"""Methods that copy, or go to another data type or backend."""

from __future__ import annotations

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

    def astype(self, dtype: DType, *, copy: bool = True) -> Variable:
        """The elements as another data type; the gradient comes back as this one's."""
        return ops.astype(self, dtype, copy=copy)

    def to(self, target: Any) -> Variable:
        """On another backend (``v.to("cupy")``) or as another data type (``v.to("float32")``), on the tape."""
        return ops.to(self, target)  # type: ignore[arg-type] # it is part of a Variable

    def clone(self) -> Variable:
        """A copy, on the tape."""
        return ops.asarray(self, copy=True)

    def dim(self) -> int:
        """The number of axes."""
        return self.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self.size
