"""Methods that change the shape or the order of the elements, or join arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import Axis
from .arguments import axis_of, one_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["ShapeMethods"]


class ShapeMethods(VariablePart):
    """The shaping methods of `Variable`."""

    __slots__ = ()

    def reshape(self, *shape: Any) -> Variable:
        """The same elements in another shape; one length may be -1."""
        return ops.reshape(self, one_of(shape))

    view = reshape

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Variable:
        """The axes from `start_dim` to `end_dim` as one."""
        return ops.flatten(self, start_dim, end_dim)

    def ravel(self) -> Variable:
        """All axes as one."""
        return ops.reshape(self, (-1,))

    def permute(self, *dims: Any) -> Variable:
        """The axes in another order."""
        return ops.permute_dims(self, one_of(dims))

    def transpose(self, *axes: Any) -> Variable:
        """Two axes exchanged (PyTorch), or with no argument or a whole order of axes, NumPy's ``transpose``."""
        axes = one_of(axes)
        if len(axes) == 2:
            return ops.swapaxes(self, *axes)
        return ops.permute_dims(self, axes or tuple(range(self.ndim))[::-1])

    def swapaxes(self, axis0: int, axis1: int) -> Variable:
        """Two axes exchanged."""
        return ops.swapaxes(self, axis0, axis1)

    def t(self) -> Variable:
        """The transpose of a matrix; a vector or number is given back."""
        if self.ndim > 2:
            raise ValueError(
                f"t: needed are at most two axes, this Variable has shape {tuple(self.shape)}. Use mT."
            )
        return self.T

    @property
    def T(self) -> Variable:  # noqa: N802 - the field's name
        """The axes in reverse order."""
        return ops.permute_dims(self, tuple(range(self.ndim))[::-1])

    @property
    def mT(self) -> Variable:  # noqa: N802 - the standard's name
        """The last two axes exchanged."""
        return ops.matrix_transpose(self)

    def squeeze(self, *dims: Any, axis: Axis = None) -> Variable:
        """Axes of length one taken away: those named (longer ones stay), or all."""
        named = axis_of("squeeze", one_of(dims) or None, axis)
        if named is not None:
            named = (named,) if isinstance(named, int) else named
            lengths = dict(zip(range(-self.ndim, self.ndim), self.shape * 2, strict=True))
            named = tuple(dim for dim in named if lengths.get(dim, 1) == 1)
        return ops.squeeze(self, named)

    def unsqueeze(self, dim: int) -> Variable:
        """An axis of length one put in."""
        return ops.expand_dims(self, axis=dim)

    def expand(self, *shape: Any) -> Variable:
        """Axes of length one repeated to a shape; -1 keeps a length."""
        shape = one_of(shape)
        extra = len(shape) - self.ndim
        lengths = tuple(
            self.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(shape)
        )
        return ops.broadcast_to(self, lengths)

    def concat(self, *others: Any, axis: int = 0) -> Variable:
        """This Variable and others, one after the other along an axis."""
        return ops.concat((self, *others), axis=axis)
