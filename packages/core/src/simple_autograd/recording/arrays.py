"""``RecordedArray``: what stands for a raw array while a step is recorded."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from ..types import Array, DType, Namespace, Shape
from ..variable import Variable

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["RecordedArray", "RecordedScalar"]

_WAYS_OUT = frozenset(
    {"item", "tolist", "tobytes", "tofile", "dump", "dumps", "data", "ctypes", "flat"}
)
"""What gives an array's values, or its memory, to others."""


@dataclass(frozen=True, slots=True)
class Named:
    """Gives an attribute of an array by name; of a method, what it gives."""

    name: str

    def __call__(self, array: Array, *args: Any, **options: Any) -> Any:
        attribute = getattr(array, self.name)
        return attribute(*args, **options) if callable(attribute) else attribute


class RecordedArray:
    """A raw array, and its place in a recording. Whatever is done with it, the recording does and notes.

    Attributes
    ----------
    value
        The raw array, of the backend that is recorded.
    place
        By which number the recording knows it; None before it is used, of an array that was there before.
    """

    __slots__ = ("place", "recording", "value")

    def __init__(self, value: Array, place: int | None, recording: Recording) -> None:
        self.value = value
        self.place = place
        self.recording = recording

    def __repr__(self) -> str:
        return f"<recorded array, shape {tuple(self.shape)}, {self.dtype}>"

    @property
    def shape(self) -> Shape:
        """The lengths of the axes."""
        return self.value.shape

    @property
    def dtype(self) -> DType:
        """The data type."""
        return self.value.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.value.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.value.size

    def __getattr__(self, name: str) -> Any:
        """Give a method that is noted when called, an array such as ``a.T``, or what an array is (``a.strides``)."""
        if name.startswith("__"):
            raise AttributeError(f"a recorded array has no {name}")
        if name in _WAYS_OUT:
            self._leave(name)
        attribute = getattr(self.value, name)
        if callable(attribute):
            return functools.partial(self._call, name)
        inner = self.recording.inner
        if isinstance(attribute, (inner.array_type, *inner.scalar_types, float, complex)):
            return self._call(name)
        return attribute

    def _call(self, name: str, *args: Any, **options: Any) -> Any:
        return self.recording.call(Named(name), (self, *args), options)

    # Values that leave -------------------------------------------------------------------------------------------

    def _leave(self, way: str) -> NoReturn:
        self.recording.refuse(f"{way} reads a value")

    def __bool__(self) -> bool:
        """Say whether it is true; a replay makes sure that it still is."""
        return bool(self.recording.call(bool, (self,), {}))

    def __float__(self) -> float:
        self._leave("float()")

    def __int__(self) -> int:
        self._leave("int()")

    def __complex__(self) -> complex:
        self._leave("complex()")

    def __index__(self) -> int:
        self._leave("indexing with it")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._leave("making a NumPy array of it")

    def __dlpack__(self, **options: Any) -> Any:
        self._leave("handing its memory on (DLPack)")

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._leave("pickling")

    # Python's protocols ------------------------------------------------------------------------------------------

    __hash__ = object.__hash__

    def __copy__(self) -> Any:
        return self.recording.backend.asarray(self, copy=True)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.__copy__()

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array without axes")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return iter([self[index] for index in range(len(self))])

    def __getitem__(self, key: Any) -> Any:
        return self.recording.call(operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:
        self.recording.call(operator.setitem, (self, key, value), {})

    # Those of arrays ---------------------------------------------------------------------------------------------

    def __array_namespace__(self, *, api_version: str | None = None) -> Namespace:
        return self.recording.backend.xp

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any([isinstance(value, Variable) for value in inputs]):
            return NotImplemented
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.recording.call(function, inputs, options)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, options: Any
    ) -> Any:
        if any([issubclass(kind, Variable) for kind in types]):
            return NotImplemented
        return self.recording.call(function, args, options)


class RecordedScalar(RecordedArray):
    """A scalar that NumPy, or Python, gives where the standard has an array without axes.

    It counts as little for an array of the backend as NumPy's do. So the same is made of it, and the numbers are the
    same: scalars do not always round as arrays do.
    """

    __slots__ = ()


def _binary(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(self: RecordedArray, other: Any) -> Any:
        if isinstance(other, Variable):
            return NotImplemented
        return self.recording.call(function, (self, other), {})

    return apply


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(self: RecordedArray, other: Any) -> Any:
        return self.recording.call(function, (other, self), {})

    return apply


def _unary(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: self.recording.call(function, (self,), {})


# fmt: off
_OPERATORS = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift",
)
# fmt: on


def _give_operators() -> None:
    for name in _OPERATORS:
        function = getattr(operator, f"__{name}__")
        setattr(RecordedArray, f"__{name}__", _binary(function))
        setattr(RecordedArray, f"__r{name}__", _reflected(function))
        setattr(RecordedArray, f"__i{name}__", _binary(getattr(operator, f"__i{name}__")))
    for name in ("lt", "le", "eq", "ne", "gt", "ge"):
        setattr(RecordedArray, f"__{name}__", _binary(getattr(operator, name)))
    for name in ("neg", "pos", "abs", "invert"):
        setattr(RecordedArray, f"__{name}__", _unary(getattr(operator, name)))


_give_operators()
