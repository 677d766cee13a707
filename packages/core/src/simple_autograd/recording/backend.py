"""The backend that stands for another one while a step is recorded."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NoReturn

from ..backends import Backend
from ..types import Array, DType, Namespace
from .arrays import RecordedArray, RecordedScalar

if TYPE_CHECKING:
    from .recording import Recording

__all__ = ["RecordingBackend"]


class RecordingBackend(Backend):
    """A backend whose arrays are recorded ones: all it computes, it has computed by the backend that is recorded.

    An op's body, or the kernel in its place, is one call of the recording, however much it does.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._inner = inner = recording.inner
        super().__init__(inner.name, _Recorded(inner.xp, recording), RecordedArray)
        self.complex_dtypes = inner.complex_dtypes
        self.scalar_types = (RecordedScalar,)

    def asarray(self, obj: Any, *, dtype: DType | None = None, copy: bool | None = None) -> Array:
        """Give `obj` as a recorded array."""
        keeps = dtype is None or getattr(obj, "dtype", None) == self.dtype(dtype)
        if type(obj) is RecordedArray and keeps and copy is not True:
            return obj
        return self._recording.call(self._inner.asarray, (obj,), {"dtype": dtype, "copy": copy})

    def to_numpy(self, array: Array) -> NoReturn:
        """Raise: a replay would not read a value again."""
        self._recording.refuse("a value is read (item(), numpy(), print)")

    def dtype(self, spec: Any) -> DType:
        """Give the data type for a name or another spelling."""
        return self._inner.dtype(spec)

    def dtype_name(self, dtype: DType) -> str:
        """Give the standard's name of a data type."""
        return self._inner.dtype_name(dtype)

    def is_floating(self, dtype: DType) -> bool:
        """Say whether a data type is a real or complex floating one."""
        return self._inner.is_floating(dtype)

    def takes_arrays_of(self, other: Backend) -> bool:
        """Say whether `other` is the recorded backend."""
        return other is self._inner

    def operand(self, value: Any, operation: str, argument: str) -> Array:
        """Take what the recorded backend takes; its arrays are ones that were there before."""
        if type(value) is RecordedScalar:
            return self.asarray(value)
        if not isinstance(value, self._inner.array_type):
            value = self._inner.operand(value, operation, argument)
        return self._recording.before(value)

    def current(self) -> AbstractContextManager[Any]:
        """Make the recorded backend's device the current one."""
        return self._inner.current()

    def is_view(self, array: Array) -> bool:
        """Say whether the array may share its memory with another one."""
        return self._inner.is_view(array.value)

    def memory_key(self, array: Array) -> Hashable:
        """Give a key that two live arrays share exactly if they share memory."""
        return self._inner.memory_key(array.value)

    def is_writeable(self, array: Array) -> bool:
        """Say whether the array may be written in place."""
        return self._inner.is_writeable(array.value)

    def generator(self, seed: int | None = None) -> Any:
        """Give a generator of the recorded backend."""
        return self._inner.generator(seed)

    def body(self, name: str) -> Callable[..., Any]:
        """Give a function that calls an op's body and has the call noted."""
        if name not in self.bodies:
            self.bodies[name] = _recorded(self._inner.body(name), self._recording)
        return self.bodies[name]


class _Recorded:
    """A namespace whose functions are noted when they are called."""

    def __init__(self, namespace: Namespace, recording: Recording) -> None:
        self._namespace = namespace
        self._recording = recording

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._namespace, name)
        if isinstance(found, type) or not callable(found):
            # Data types and constants; linalg and fft.
            value = _Recorded(found, self._recording) if hasattr(found, "__spec__") else found
        else:
            value = _recorded(found, self._recording)
        setattr(self, name, value)
        return value


def _recorded(function: Callable[..., Any], recording: Recording) -> Callable[..., Any]:
    return lambda *args, **options: recording.call(function, args, options)
