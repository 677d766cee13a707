"""Methods that make Variables of the backend and data type of another one. They require no grad, unless asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import DType, Shape
from .arguments import one_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["CreationMethods"]


class CreationMethods(VariablePart):
    """The creating methods of `Variable`."""

    __slots__ = ()

    def new_zeros(self, *size: Any, **options: Any) -> Variable:
        """Zeros of a shape (`dtype`, `device` and `requires_grad` by keyword)."""
        return self._new("zeros", one_of(size), **options)

    def new_ones(self, *size: Any, **options: Any) -> Variable:
        """Ones of a shape (`dtype`, `device` and `requires_grad` by keyword)."""
        return self._new("ones", one_of(size), **options)

    def new_empty(self, *size: Any, **options: Any) -> Variable:
        """An array of a shape, whatever its memory held before (`dtype`, `device`, `requires_grad` by keyword)."""
        return self._new("empty", one_of(size), **options)

    def new_full(self, size: int | Shape, fill_value: complex, **options: Any) -> Variable:
        """One number in every place of a shape (`dtype`, `device` and `requires_grad` by keyword)."""
        return self._new("full", size, fill_value, **options)

    def _new(
        self,
        function: str,
        *args: Any,
        dtype: DType = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Variable:
        dtype = self.dtype if dtype is None else self.backend.dtype(dtype)
        array = getattr(self.backend.xp, function)(*args, dtype=dtype, device=device)
        return ops.asarray(array).requires_grad_(requires_grad)
