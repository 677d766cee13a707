"""What the methods need of the Variable that they are part of; for type checkers, since `Variable` defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..backends import Backend
    from ..types import Shape

__all__ = ["VariablePart"]


class VariablePart:
    """The base of the classes that make up `Methods`."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def backend(self) -> Backend: ...  # noqa: D102
        @property
        def shape(self) -> Shape: ...  # noqa: D102
        @property
        def ndim(self) -> int: ...  # noqa: D102
        @property
        def size(self) -> int: ...  # noqa: D102
