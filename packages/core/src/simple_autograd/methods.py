"""The methods of a Variable that compute: PyTorch's names, arguments and defaults, with NumPy's keywords accepted too.

``v.mean((0, -1), keepdim=True)`` and ``v.mean(axis=(0, -1), keepdims=True)`` say the same. ``simple_autograd.mean``
is the standard's function, and ``np.mean(v)`` NumPy's; where their defaults differ (``var``), each spelling means what
its home library says. Methods only translate arguments and forward to ops (see ``operators.py`` on the import).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import ops
from .types import Axis, DType

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["Methods"]


def _axis(method: str, dim: Axis, axis: Axis) -> Axis:
    """Give the one axis argument of two spellings."""
    if axis is None:
        return tuple(dim) if isinstance(dim, list) else dim
    if dim is not None:
        raise TypeError(
            f"{method}: got both dim={dim!r} and axis={axis!r}; they are two names for one thing."
        )
    return tuple(axis) if isinstance(axis, list) else axis


def _one(args: tuple[Any, ...]) -> Any:
    """Give ``f(2, 3)`` and ``f((2, 3))`` one meaning."""
    return args[0] if len(args) == 1 and isinstance(args[0], tuple | list) else args


class Methods:
    """The computing methods of `Variable`."""

    __slots__ = ()

    # Elementwise ------------------------------------------------------------------------------------------------

    def abs(self) -> Variable:
        """Absolute value. The gradient at 0 is 0."""
        return ops.abs(self)

    def sqrt(self) -> Variable:
        """Square root."""
        return ops.sqrt(self)

    def exp(self) -> Variable:
        """``e`` to the power of the elements."""
        return ops.exp(self)

    def log(self) -> Variable:
        """Natural logarithm."""
        return ops.log(self)

    def sin(self) -> Variable:
        """Sine (radians)."""
        return ops.sin(self)

    def cos(self) -> Variable:
        """Cosine (radians)."""
        return ops.cos(self)

    def tanh(self) -> Variable:
        """Hyperbolic tangent."""
        return ops.tanh(self)

    def sigmoid(self) -> Variable:
        """``1 / (1 + exp(-v))``."""
        return ops.sigmoid(self)

    def relu(self) -> Variable:
        """``max(v, 0)``. The gradient at 0 is 0."""
        return ops.relu(self)

    def softmax(self, dim: int | None = None, *, axis: int | None = None) -> Variable:
        """Exponentials, divided by their sum along an axis."""
        return ops.softmax(self, axis=_required("softmax", dim, axis))

    def log_softmax(self, dim: int | None = None, *, axis: int | None = None) -> Variable:
        """The logarithm of `softmax`, computed without overflow."""
        return ops.log_softmax(self, axis=_required("log_softmax", dim, axis))

    def pow(self, exponent: Any) -> Variable:
        """The elements to the power of `exponent`."""
        return ops.pow(self, exponent)

    def square(self) -> Variable:
        """``v * v``."""
        return ops.square(self)

    def maximum(self, other: Any) -> Variable:
        """The larger of two, elementwise. Equal elements share the gradient in halves."""
        return ops.maximum(self, other)

    def minimum(self, other: Any) -> Variable:
        """The smaller of two, elementwise. Equal elements share the gradient in halves."""
        return ops.minimum(self, other)

    def clip(self, min: Any = None, max: Any = None) -> Variable:
        """The elements, confined to [min, max]. The gradient passes where they lie within, borders included."""
        return ops.clip(self, min, max)

    clamp = clip

    def where(self, condition: Any, other: Any) -> Variable:
        """The elements where `condition` holds, those of `other` elsewhere."""
        return ops.where(condition, self, other)

    def matmul(self, other: Any) -> Variable:
        """The matrix product ``v @ other``."""
        return ops.matmul(self, other)

    # Reductions -------------------------------------------------------------------------------------------------

    def sum(
        self,
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The sum over axes; over all of them by default."""
        return ops.sum(
            self, axis=_axis("sum", dim, axis), keepdims=keepdim or keepdims, dtype=dtype
        )

    def mean(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The mean over axes; over all of them by default."""
        return ops.mean(self, axis=_axis("mean", dim, axis), keepdims=keepdim or keepdims)

    def var(
        self,
        dim: Axis = None,
        unbiased: bool = True,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        correction: float | None = None,
    ) -> Variable:
        """The variance over axes, divided by N - 1 (by N if `unbiased` is False, by N - `correction` if given)."""
        return ops.var(
            self,
            axis=_axis("var", dim, axis),
            correction=float(unbiased) if correction is None else correction,
            keepdims=keepdim or keepdims,
        )

    def std(
        self,
        dim: Axis = None,
        unbiased: bool = True,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        correction: float | None = None,
    ) -> Variable:
        """The square root of `var`. The gradient where it is 0 is 0."""
        return ops.std(
            self,
            axis=_axis("std", dim, axis),
            correction=float(unbiased) if correction is None else correction,
            keepdims=keepdim or keepdims,
        )

    def max(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The largest values. Ties: over one axis the first gets the gradient, over all or several they share it."""
        return ops.max(self, axis=_axis("max", dim, axis), keepdims=keepdim or keepdims)

    def min(
        self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None, keepdims: bool = False
    ) -> Variable:
        """The smallest values. Ties: over one axis the first gets the gradient, over all or several they share it."""
        return ops.min(self, axis=_axis("min", dim, axis), keepdims=keepdim or keepdims)

    def argmax(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None
    ) -> Variable:
        """The index of the first largest value. Not differentiable."""
        return ops.argmax(self, axis=_axis("argmax", dim, axis), keepdims=keepdim)

    def argmin(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None
    ) -> Variable:
        """The index of the first smallest value. Not differentiable."""
        return ops.argmin(self, axis=_axis("argmin", dim, axis), keepdims=keepdim)

    def all(self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None) -> Variable:
        """Whether all elements are true. Not differentiable."""
        return ops.all(self, axis=_axis("all", dim, axis), keepdims=keepdim)

    def any(self, dim: Axis = None, keepdim: bool = False, *, axis: Axis = None) -> Variable:
        """Whether any element is true. Not differentiable."""
        return ops.any(self, axis=_axis("any", dim, axis), keepdims=keepdim)

    # Shapes -----------------------------------------------------------------------------------------------------

    def reshape(self, *shape: Any) -> Variable:
        """The same elements in another shape; one length may be -1."""
        return ops.reshape(self, _one(shape))

    view = reshape

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Variable:
        """The axes from `start_dim` to `end_dim` as one."""
        return ops.flatten(self, start_dim, end_dim)

    def ravel(self) -> Variable:
        """All axes as one."""
        return ops.reshape(self, (-1,))

    def permute(self, *dims: Any) -> Variable:
        """The axes in another order."""
        return ops.permute_dims(self, _one(dims))

    def transpose(self, *axes: Any) -> Variable:
        """Two axes exchanged (PyTorch), or with no argument or a whole order of axes, NumPy's ``transpose``."""
        axes = _one(axes)
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
        """Axes of length one taken away: those named, or all."""
        return ops.squeeze(self, _axis("squeeze", _one(dims) or None, axis))

    def unsqueeze(self, dim: int) -> Variable:
        """An axis of length one put in."""
        return ops.expand_dims(self, axis=dim)

    def expand(self, *shape: Any) -> Variable:
        """Axes of length one repeated to a shape; -1 keeps a length."""
        shape = _one(shape)
        extra = len(shape) - self.ndim
        lengths = tuple(
            self.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(shape)
        )
        return ops.broadcast_to(self, lengths)

    def concat(self, *others: Any, axis: int = 0) -> Variable:
        """This Variable and others, one after the other along an axis."""
        return ops.concat((self, *others), axis=axis)

    # Elsewhere --------------------------------------------------------------------------------------------------

    def astype(self, dtype: DType, *, copy: bool = True) -> Variable:
        """The elements as another data type; the gradient comes back as this one's."""
        return ops.astype(self, dtype, copy=copy)

    def to(self, target: Any) -> Variable:
        """On another backend (``v.to("cupy")``) or as another data type (``v.to("float32")``), on the tape."""
        return ops.to(self, target)

    def clone(self) -> Variable:
        """A copy, on the tape."""
        return ops.positive(self)

    def dim(self) -> int:
        """The number of axes."""
        return self.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self.size


def _required(method: str, dim: int | None, axis: int | None) -> int:
    found = _axis(method, dim, axis)
    if found is None:
        raise TypeError(
            f"{method}: needed is the axis along which the results sum to one, for instance {method}(-1)."
        )
    return found
