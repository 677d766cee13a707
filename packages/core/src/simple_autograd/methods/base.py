"""What the methods need of the Variable that they are part of; for type checkers, since `Variable` defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..backends import Backend
    from ..types import Array, DType, Shape
    from ..variable import Variable

__all__ = ["VariablePart"]


class VariablePart:
    """The base of the classes that make up `Methods`."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def backend(self) -> Backend: ...  # noqa: D102
        @property
        def dtype(self) -> DType: ...  # noqa: D102
        @property
        def shape(self) -> Shape: ...  # noqa: D102
        @property
        def ndim(self) -> int: ...  # noqa: D102
        @property
        def size(self) -> int: ...  # noqa: D102
        @property
        def data(self) -> Array: ...  # noqa: D102

        def detach(self) -> Variable: ...  # noqa: D102
        def is_complex(self) -> bool: ...  # noqa: D102
