"""Methods that change the shape or the order of the elements, join arrays or split one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Self

from .. import ops
from ..broadcasting import sum_to_shape
from ..ops.axes import one_axis
from ..types import Axis
from .arguments import along_an_axis, axis_of, one_of, vector_of
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["ShapeMethods"]


class ShapeMethods(VariablePart):
    """The shaping methods of `Variable`."""

    __slots__ = ()

    def reshape(self, *lengths: Any, shape: Any = None) -> Variable:
        """The same elements in another shape; one length may be -1."""
        return ops.reshape(self, one_of(lengths, shape))

    def view(self, *lengths: Any, size: Any = None) -> Variable:
        """The same elements in another shape; one length may be -1. It is `reshape`, and copies where it must."""
        return ops.reshape(self, one_of(lengths, size))

    def view_as(self, other: Variable) -> Variable:
        """The same elements in the shape of `other`."""
        return ops.reshape(self, other.shape)

    reshape_as = view_as

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Variable:
        """The axes from `start_dim` to `end_dim` as one."""
        return ops.flatten(self, start_dim, end_dim)

    def unflatten(self, dim: int, sizes: tuple[int, ...]) -> Variable:
        """One axis as several, of the lengths `sizes`; one of them may be -1."""
        place = one_axis("unflatten", dim, self.ndim)
        return ops.reshape(self, (*self.shape[:place], *sizes, *self.shape[place + 1 :]))

    def ravel(self) -> Variable:
        """All axes as one."""
        return ops.reshape(self, (-1,))

    def permute(self, *axes: Any, dims: Any = None) -> Variable:
        """The axes in another order."""
        return ops.permute_dims(self, one_of(axes, dims))

    def transpose(self, *axes: Any, dim0: int | None = None, dim1: int | None = None) -> Variable:
        """Two axes exchanged (PyTorch), or with no argument or a whole order of axes, NumPy's ``transpose``."""
        axes = one_of((*axes, *[dim for dim in (dim0, dim1) if dim is not None]))
        if len(axes) == 2:
            return self.swapaxes(*axes)
        return ops.permute_dims(self, axes or tuple(range(self.ndim))[::-1])

    @along_an_axis
    def swapaxes(self, axis0: int, axis1: int) -> Variable:
        """Two axes exchanged."""
        return ops.swapaxes(self, axis0, axis1)

    swapdims = swapaxes

    @along_an_axis
    def movedim(
        self, source: int | tuple[int, ...], destination: int | tuple[int, ...]
    ) -> Variable:
        """Axes brought to other places; the others keep their order."""
        return ops.moveaxis(self, source, destination)

    moveaxis = movedim

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

    @along_an_axis
    def squeeze(self, *dims: Any, dim: Axis = None, axis: Axis = None) -> Variable:
        """Axes of length one taken away: those named (longer ones stay), or all."""
        named = axis_of("squeeze", _axes_named(dims, dim), axis)
        if named is None:
            return ops.squeeze(self)
        named = named if isinstance(named, tuple) else (named,)
        lengths = dict(zip(range(-self.ndim, self.ndim), tuple(self.shape) * 2, strict=True))
        return ops.squeeze(self, tuple([dim for dim in named if lengths.get(dim, 1) == 1]))

    def unsqueeze(self, dim: int) -> Variable:
        """An axis of length one put in."""
        return ops.expand_dims(self, axis=dim)

    def expand(self, *lengths: Any, size: Any = None) -> Variable:
        """Axes of length one repeated to a shape; -1 keeps a length."""
        shape = one_of(lengths, size)
        extra = len(shape) - self.ndim
        shape = tuple(
            self.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(shape)
        )
        return ops.broadcast_to(self, shape)

    def expand_as(self, other: Variable) -> Variable:
        """Axes of length one repeated to the shape of `other`."""
        return ops.broadcast_to(self, other.shape)

    def broadcast_to(self, *lengths: Any, size: Any = None) -> Variable:
        """Axes of length one repeated to a shape."""
        return ops.broadcast_to(self, one_of(lengths, size))

    def repeat(self, *sizes: Any, repeats: Any = None) -> Variable:
        """Copies side by side, so many along each axis (PyTorch's ``repeat``, which is NumPy's ``tile``)."""
        sizes = one_of(sizes, repeats)
        if len(sizes) < self.ndim:
            raise ValueError(
                f"repeat: sizes {tuple(sizes)}; needed is a number for each of the {self.ndim} axes. To repeat "
                f"elements in a row (NumPy's repeat), use repeat_interleave."
            )
        return ops.tile(self, sizes)

    def tile(self, *counts: Any, dims: Any = None) -> Variable:
        """Copies side by side, so many along the last axes."""
        return ops.tile(self, one_of(counts, dims))

    def repeat_interleave(
        self,
        repeats: Any,
        dim: int | None = None,
        *,
        output_size: int | None = None,
        axis: int | None = None,
    ) -> Variable:
        """Each element several times in a row; of the flattened Variable by default (NumPy's ``repeat``)."""
        axis = axis_of("repeat_interleave", dim, axis)
        out = ops.repeat(self, repeats, axis=axis)
        length = out.shape[axis or 0]
        if output_size is not None and output_size != length:
            raise ValueError(
                f"repeat_interleave: output_size is {output_size}, and the repeats add up to {length}. Leave it out, "
                f"or correct one of them."
            )
        return out

    @along_an_axis
    def flip(self, *axes: Any, dims: Axis = None, axis: Axis = None) -> Variable:
        """The elements in reverse order along axes; with none named, along all (PyTorch asks for them)."""
        return ops.flip(self, axis=axis_of("flip", _axes_named(axes, dims), axis))

    def fliplr(self) -> Variable:
        """The elements in reverse order along the second axis."""
        return ops.flip(self, axis=1)

    def flipud(self) -> Variable:
        """The elements in reverse order along the first axis."""
        return ops.flip(self, axis=0)

    def roll(self, shifts: Any, dims: Axis = None, *, axis: Axis = None) -> Variable:
        """The elements moved along axes; what is pushed out at an end comes in at the other."""
        return ops.roll(self, shifts, axis=axis_of("roll", dims, axis))

    def rot90(self, k: int = 1, dims: tuple[int, int] = (0, 1)) -> Variable:
        """Turned by `k` right angles in the plane of two axes."""
        return ops.rot90(self, k, (dims[0], dims[1]))

    def tril(self, diagonal: int = 0) -> Variable:
        """The lower triangles of matrices; zeros above `diagonal`."""
        return ops.tril(self, k=diagonal)

    def triu(self, diagonal: int = 0) -> Variable:
        """The upper triangles of matrices; zeros below `diagonal`."""
        return ops.triu(self, k=diagonal)

    def diag(self, diagonal: int = 0) -> Variable:
        """A diagonal of a matrix; of a vector, the matrix that has it there."""
        return ops.diag(self, diagonal)

    def diag_embed(self, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Variable:
        """Matrices with the vectors along the last axis on a diagonal."""
        return ops.diag_embed(self, offset=offset, axis1=dim1, axis2=dim2)

    def diagflat(self, offset: int = 0) -> Variable:
        """The matrix that has the flattened Variable on a diagonal."""
        return ops.diagflat(self, offset)

    def concat(self, *others: Any, axis: int = 0) -> Variable:
        """This Variable and others, one after the other along an axis."""
        return ops.concat((self, *others), axis=axis)

    def split(
        self, split_size: int | Sequence[int], dim: int = 0, *, axis: int | None = None
    ) -> tuple[Variable, ...]:
        """Parts of length `split_size`, the last perhaps shorter, or of the lengths in a sequence."""
        axis = dim if axis is None else axis
        length = self.shape[axis]
        if not isinstance(split_size, Iterable):
            if split_size < 1:
                raise ValueError(f"split: a part cannot have the length {split_size}.")
            cuts = list(range(split_size, length, split_size))
        else:
            cuts = list(accumulate(split_size))
            if not cuts or cuts.pop() != length:
                raise ValueError(
                    f"split: the lengths {tuple(split_size)} do not add up to {length}, that of axis {axis}."
                )
        return ops.split(self, cuts, axis=axis)

    def chunk(self, chunks: int, dim: int = 0, *, axis: int | None = None) -> tuple[Variable, ...]:
        """At most so many parts, all of one length but perhaps the last."""
        axis = dim if axis is None else axis
        if chunks < 1:
            raise ValueError(f"chunk: needed is a positive number of parts, not {chunks}.")
        return self.split(max(-(-self.shape[axis] // chunks), 1), axis=axis)

    def split_with_sizes(self, split_sizes: Sequence[int], dim: int = 0) -> tuple[Variable, ...]:
        """Parts of the lengths in a sequence."""
        return self.split(tuple(split_sizes), dim)

    def tensor_split(self, indices_or_sections: Any, dim: int = 0) -> tuple[Variable, ...]:
        """So many parts, the first ones perhaps longer by one; or, as a sequence, the positions at which to cut."""
        sections = _plain(indices_or_sections)
        if isinstance(sections, Iterable):
            return ops.split(self, list(sections), axis=dim)
        if sections < 1:
            raise ValueError(f"tensor_split: needed is a positive number of parts, not {sections}.")
        each, longer = divmod(self.shape[dim], sections)
        lengths = [each + 1] * longer + [each] * (sections - longer)
        return ops.split(self, list(accumulate(lengths))[:-1], axis=dim)

    def hsplit(self, indices_or_sections: Any) -> tuple[Variable, ...]:
        """So many equal parts along the second axis (the first of a vector), or the positions at which to cut."""
        return self._equal_parts("hsplit", indices_or_sections, 0 if self.ndim == 1 else 1)

    def vsplit(self, indices_or_sections: Any) -> tuple[Variable, ...]:
        """So many equal parts along the first axis of at least two, or the positions at which to cut."""
        return self._equal_parts("vsplit", indices_or_sections, 0, needed=2)

    def dsplit(self, indices_or_sections: Any) -> tuple[Variable, ...]:
        """So many equal parts along the third axis, or the positions at which to cut."""
        return self._equal_parts("dsplit", indices_or_sections, 2)

    def _equal_parts(
        self, method: str, sections: Any, axis: int, needed: int | None = None
    ) -> tuple[Variable, ...]:
        needed = needed or axis + 1
        if self.ndim < needed:
            raise ValueError(
                f"{method}: needed are at least {needed} axes, this Variable has shape {tuple(self.shape)}."
            )
        return ops.split(self, _plain(sections), axis=axis)

    def unbind(self, dim: int = 0, *, axis: int | None = None) -> tuple[Variable, ...]:
        """The slices along an axis, without it."""
        return ops.unstack(self, axis=dim if axis is None else axis)

    def narrow(self, dim: int, start: int, length: int) -> Variable:
        """A stretch along an axis."""
        start = start + self.shape[dim] if start < 0 else start
        if not 0 <= start <= start + length <= self.shape[dim]:
            raise ValueError(
                f"narrow: from {start} on, {length} elements do not lie in axis {dim} of length {self.shape[dim]}."
            )
        return self.select(dim, slice(start, start + length))

    def select(self, dim: int, index: Any) -> Variable:
        """The slice at a position along an axis, without it."""
        return ops.getitem(self, (slice(None),) * one_axis("select", dim, self.ndim) + (index,))

    def unfold(self, dimension: int, size: int, step: int) -> Variable:
        """The windows of `size` elements along an axis, `step` apart, each as a new last axis."""
        v, place = vector_of(self), one_axis("unfold", dimension, self.ndim or 1)
        if step < 1 or not 0 <= size <= v.shape[place]:
            raise ValueError(
                f"unfold: size {size} and step {step} for axis {dimension} of length {v.shape[place]}; needed are a "
                f"size from 0 to that length and a positive step."
            )
        xp = self.backend.xp
        starts = xp.arange(0, v.shape[place] - size + 1, step)
        windows = ops.take(v, xp.expand_dims(starts, axis=1) + xp.arange(size), axis=place)
        out = ops.moveaxis(windows, place + 1, -1)
        return out if self.ndim else ops.reshape(out, (size,))

    def sum_to_size(self, *size: Any) -> Variable:
        """The sum over those axes that a shape lacks or has with length one: what undoes a broadcast."""
        shape = tuple(one_of(size))
        extra = self.ndim - len(shape)
        lengths = (1,) * extra + shape
        if extra < 0 or any(
            [wanted not in (1, length) for wanted, length in zip(lengths, self.shape, strict=True)]
        ):
            raise ValueError(
                f"sum_to_size: {shape} does not broadcast to the shape {tuple(self.shape)} of this Variable."
            )
        return sum_to_shape(ops, self, shape)

    def contiguous(self) -> Self:
        """This Variable itself: how its array lies in memory is the backend's affair."""
        return self


def _axes_named(axes: tuple[Any, ...], named: Axis) -> Axis:
    """Give the axes that a call names; None where it names none, which is not the same as an empty list of them."""
    return one_of(axes, named) if axes or named is not None else None


def _plain(sections: Any) -> Any:
    """Give a number of parts, or positions, as Python's numbers; they may be an array."""
    return sections.tolist() if hasattr(sections, "tolist") else sections
