"""``autocast``: mixed precision. Matrix products in 16 bits, what needs range or precision in float32.

Which operations are which stands at each: ``@op(precision="lower")`` or ``@op(precision="float32")``; all others take
what they are given. Losses that are compositions are decorated with `in_float32`. The lists are PyTorch's (its
documentation, "Autocast Op Reference"), and so are the rules: only float32 and the 16-bit types are cast, never
float64; a cast is an operation on the tape, so a parameter stays float32 and gets a float32 gradient.

``calls.py`` asks ``state.casts`` where an operation has a precision and some thread is not in the default mode. So
other operations pay nothing, and those that have one, in a program without autocast, a branch.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from .backends import Backend, backend_of, get_backend
from .tape import _ModeContext, default
from .types import DType
from .variable import Variable

if TYPE_CHECKING:
    from .op import Op

__all__ = ["Precision", "autocast", "in_float32", "state"]

Precision = Literal["lower", "float32"]
"""What an operation computes in under autocast: the 16-bit type, or float32."""

P = ParamSpec("P")
T = TypeVar("T")

_LOWER = ("float16", "bfloat16")
_CAST = ("float32", *_LOWER)


class _State(threading.local):
    """How this thread casts the arrays of an operation: not at all, unless inside `autocast`."""

    casts: Casts | None = None


state = _State()


class Casts:
    """What a block of `autocast` does with the arrays of an operation that has a precision.

    Parameters
    ----------
    lower
        The name of the 16-bit type.
    """

    __slots__ = ("lower",)

    def __init__(self, lower: str) -> None:
        self.lower = lower

    def arguments(self, op: Op, *arrays: Any) -> list[Any]:
        """Give an operation's arrays in its precision."""
        name = self.lower if op.precision == "lower" else "float32"
        return [_cast(x, name) for x in arrays]

    def result(self, backend: Backend, out: Any) -> Any:
        """Give the raw result of an operation in 16 bits as such.

        NumPy multiplies matrices of bfloat16 in float32, and leaves the result so.
        """
        if isinstance(out, tuple):
            return tuple([self.result(backend, item) for item in out])
        name = backend.dtype_name(out.dtype)
        return backend.asarray(out, dtype=self.lower) if name == "float32" else out


class autocast(_ModeContext):  # noqa: N801 - PyTorch's name
    """Compute in mixed precision: a context manager or a decorator, for the current thread.

    Matrix products, linear maps, convolutions, attention and recurrences cast their floating arguments to `dtype`.
    Exponentials, logarithms, powers, sums, variances, softmax, normalization and losses cast them to float32. All
    others compute in what they are given, by the rules of promotion. float64 is never touched.

    Only the forward pass, with its loss, belongs inside: the backward pass has the data types of the forward. With
    float16, small gradients underflow unless the loss is scaled (``nn.amp.GradScaler``).

    Parameters
    ----------
    dtype
        ``"float16"`` or ``"bfloat16"``, in any spelling of the default backend.
    enabled
        False switches autocast off inside the block.

    Raises
    ------
    ValueError
        If `dtype` is neither.
    TypeError
        On entry, if the default backend lacks it; and from an operation, if that one's does.

    Examples
    --------
    >>> import numpy as np
    >>> import simple_autograd as sa
    >>> w = sa.Variable(np.eye(2, dtype="float32"))
    >>> with sa.autocast("float16"):
    ...     out = w @ w
    >>> out.dtype, out.sum().dtype
    (dtype('float16'), dtype('float16'))
    >>> out.sum().backward()
    >>> w.grad.dtype
    dtype('float32')
    """

    def __init__(self, dtype: str | DType, enabled: bool = True) -> None:
        super().__init__()
        backend = get_backend()
        name = dtype if isinstance(dtype, str) else backend.dtype_name(backend.dtype(dtype))
        if name not in _LOWER:
            raise ValueError(
                f"autocast: dtype is {dtype!r}; needed is 'float16' or 'bfloat16', what matrix products are to be "
                f"computed in."
            )
        self._changes = {"dtype": name, "enabled": enabled}

    def __enter__(self) -> None:
        casts = Casts(self._changes["dtype"]) if self._changes["enabled"] else None
        if casts is not None:
            _dtype(get_backend(), casts.lower)
        self._before.append({"casts": state.casts})
        state.casts = casts
        default.count(1)

    def __exit__(self, *exception: object) -> None:
        default.count(-1)
        state.casts = self._before.pop()["casts"]


def in_float32(function: Callable[P, T], /) -> Callable[P, T]:
    """Decorate a function that is composed of operations: under autocast its 16-bit arguments become float32."""

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> T:
        if default.everywhere or state.casts is None:
            return function(*args, **options)
        widened: dict[str, Any] = {name: _cast(x, "float32") for name, x in options.items()}
        return function(*[_cast(x, "float32") for x in args], **widened)

    return call


def _cast(x: Any, name: str) -> Any:
    """Give a Variable or raw array of float32 or 16 bits as the data type of that name; all else as it is."""
    backend = x._backend if isinstance(x, Variable) else backend_of(x)
    if backend is None:
        return x
    given = backend.dtype_name(x.dtype)
    if given == name or given not in _CAST:
        return x
    from .ops import astype

    return astype(x, _dtype(backend, name))


def _dtype(backend: Backend, name: str) -> DType:
    """Give a backend's data type of that name."""
    dtype = backend.dtype(name)
    if isinstance(dtype, str):
        raise TypeError(
            f"autocast: the backend {backend.name!r} has no {name}. Leave autocast out there, or choose a backend that "
            f"has it, such as 'numpy'."
        )
    return dtype
