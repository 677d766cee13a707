"""``Backend``: what the library asks of an array library.

One instance stands for one array library on one device. It holds a namespace of the array API standard, the type of
its arrays, the ways in and out of it, a random generator, and the functions that compute each op there.
Nothing here knows of Variables or the tape. ``numpy.py`` beside this file is the backend everybody has; others are
registered (see ``registry.py``).
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import numpy as np

from ..errors import BackendUnavailableError, OperandError
from ..types import Array, DType, Namespace

__all__ = ["Backend"]

_NOTHING = contextlib.nullcontext()


class Backend:
    """An array library, as the ops see it.

    Parameters
    ----------
    name
        What ``set_backend`` and ``v.to`` call it.
    xp
        A namespace of the array API standard, 2024.12.
    array_type
        The exact type of its arrays.

    Attributes
    ----------
    bodies
        From an op's name to the function that computes it on raw arrays, ``(*arrays, **options)``: a kernel that was
        registered, or, once `body` was asked for it, the portable body that the op's file holds, bound to `xp`.
    is_host
        Whether its arrays are NumPy's own: data from outside, which goes where new arrays go.
    is_remote
        Whether its arrays lie on a device, from which they go to the host only when asked to.
    several_devices
        Whether its library has arrays on several devices here, each of them a backend of its own (`holder_of`).
    complex_dtypes
        Its complex data types.
    scalar_types
        The types that its namespace gives where the standard has zero-dimensional arrays (NumPy's scalars).
    operand_types
        The types that an op takes from this backend without looking closer: its array type and Python's numbers.
    optional_types
        The same and None, for ops with an array argument that may be left out.
    """

    is_host: ClassVar[bool] = False
    is_remote: ClassVar[bool] = False
    several_devices: bool = False
    portable: ClassVar[dict[str, Callable[..., Any]]] = {}
    """Every op's portable body, ``(xp, *arrays, **options)``, by name; filled by ``@op``."""

    def __init__(self, name: str, xp: Namespace, array_type: type[Any]) -> None:
        self.name = name
        self.xp = xp
        self.array_type = array_type
        self.scalar_types: tuple[type, ...] = ()
        self.bodies: dict[str, Callable[..., Any]] = {}
        self.complex_dtypes = frozenset({self.dtype("complex64"), self.dtype("complex128")})
        self.operand_types = frozenset({array_type, bool, int, float, complex})
        self.optional_types = self.operand_types | {type(None)}

    def __repr__(self) -> str:
        return f"<backend {self.name!r}>"

    # Devices ----------------------------------------------------------------------------------------------------

    def on_device(self, device: str) -> Backend:
        """Give the backend for another device of the library, as users name it behind a colon (``"NAME:1"``).

        Raises
        ------
        BackendUnavailableError
            If there is no such device.
        """
        raise BackendUnavailableError(
            f"backend {self.name!r} has one device, which is not chosen by {device!r}. Use {self.name!r}."
        )

    def holder_of(self, array: Array) -> Backend:
        """Give the backend of the device on which `array`, an array of this library, lies."""
        return self

    def current(self) -> AbstractContextManager[Any]:
        """Make this backend's device the one that its library computes on, in a ``with`` block.

        The backward walk asks for it, whose rules use the operators of raw arrays; all else sees to it by itself.
        """
        return _NOTHING

    # In and out -------------------------------------------------------------------------------------------------

    def asarray(self, obj: Any, *, dtype: DType | None = None, copy: bool | None = None) -> Array:
        """Give `obj` as an array of this backend.

        Parameters
        ----------
        obj
            An array of this backend, a NumPy array, a Python number, or nested sequences of numbers.
        dtype
            Any spelling that `dtype` takes; None keeps what `obj` has.
        copy
            True always copies, False raises where a copy is needed, None copies only where needed.
        """
        if dtype is not None:
            dtype = self.dtype(dtype)
        if not isinstance(obj, self.array_type):
            obj = self._from_host(obj)
        return self.xp.asarray(obj, dtype=dtype, copy=copy)

    def moved(self, array: Array, source: Backend) -> Array:
        """Give an array of the backend `source` as one of this backend."""
        return self.asarray(array if isinstance(array, self.array_type) else source.to_numpy(array))

    def uploading(self) -> AbstractContextManager[Callable[[Sequence[Any]], list[Array]]]:
        """Give a context for many batches from the host, and in it a function of the arrays of a batch.

        The function gives them as arrays of this backend; NumPy arrays may be written to again as soon as it returns,
        unless the backend is NumPy. A backend whose device is not the host's copies while the device is at work.
        """
        return contextlib.nullcontext(lambda arrays: [self.asarray(array) for array in arrays])

    def _from_host(self, obj: Any) -> Any:
        """Prepare what came from the host (NumPy arrays, nested lists) for `xp.asarray`."""
        return obj

    def to_numpy(self, array: Array) -> Any:
        """Give `array` as a NumPy array; on the host without a copy where that is possible."""
        raise NotImplementedError

    def dtype(self, spec: Any) -> DType:
        """Give this backend's data type for a name (``"float32"``), a NumPy type, or one of its own."""
        if not isinstance(spec, str):
            name = getattr(spec, "__name__", None) or getattr(spec, "name", None)
            if not isinstance(name, str):
                return spec
        else:
            name = spec
        return getattr(self.xp, {"bool_": "bool"}.get(name, name), spec)

    def dtype_name(self, dtype: DType) -> str:
        """Give the standard's name of `dtype`, such as ``"float32"``."""
        return str(dtype).rpartition(".")[2]

    def operand(self, value: Any, operation: str, argument: str) -> Array:
        """Give `value`, which is none of `operand_types`, as an array for an operation; raise if it is none.

        Raises
        ------
        OperandError
            If `value` is nothing that an array operation can mean.
        """
        if isinstance(value, np.generic) or (type(value) is np.ndarray and not value.shape):
            # NumPy's scalars, and what NumPy makes of them before it asks a Variable (np.float64(2) < v).
            return self.xp.asarray(value.item(), dtype=self.dtype(value.dtype.name))
        raise OperandError(self._no_operand(value, operation, argument))

    def _no_operand(self, value: Any, operation: str, argument: str) -> str:
        return (
            f"{operation}: {argument} is a {_typename(value)}; needed is a Variable, a {_typename(self.array_type)} "
            f"(backend {self.name!r}) or a Python number. Convert it first, for instance with "
            f"simple_autograd.asarray(...)."
        )

    def takes_arrays_of(self, other: Backend) -> bool:
        """Say whether an operation here takes an array of another backend, as `operand` makes it one of this one."""
        return False

    def is_floating(self, dtype: DType) -> bool:
        """Say whether `dtype` is a real or complex floating type, one that gradients can have."""
        return self.dtype_name(dtype).startswith(("float", "complex", "bfloat"))

    # Memory -----------------------------------------------------------------------------------------------------

    def is_view(self, array: Array) -> bool:
        """Say whether `array` may share its memory with another one. When in doubt, True: it costs a copy."""
        return True

    def memory_key(self, array: Array) -> Hashable:
        """Give a key that two live arrays share exactly if they share memory."""
        return id(array)

    def is_writeable(self, array: Array) -> bool:
        """Say whether `array` may be written in place."""
        return True

    # The rest ---------------------------------------------------------------------------------------------------

    def special(self, name: str) -> Callable[..., Array] | None:
        """Give the library's own function that is `name` in ``scipy.special``; None where SciPy has to compute."""
        return None

    def generator(self, seed: int | None = None) -> Any:
        """Give a new random generator (see `simple_autograd.backends.random.Generator`)."""
        from .random import Generator

        return Generator(self, seed)

    def synchronize(self) -> None:
        """Wait until the device has done all that was asked of it. Nothing to do on a CPU."""

    def graphed(self, step: Callable[..., Any], warmup: int) -> Any:
        """Give what captures a step with the device's own means, a `simple_autograd.graphed.GraphedStep`.

        None where there are none: then a step is recorded call by call.
        """
        return None

    def body(self, name: str) -> Callable[..., Any]:
        """Give the function that computes an op here: its kernel, or the portable body bound to `xp`."""
        if name not in self.bodies:
            self.bodies[name] = functools.partial(self.portable[name], self.xp)
        return self.bodies[name]

    def register_kernels(self, kernels: Mapping[str, Callable[..., Any]]) -> None:
        """Add functions ``(*arrays, **options)`` that run in place of the portable bodies, by the op's name."""
        self.bodies.update(kernels)


def _typename(value: Any) -> str:
    """Give the qualified name of a value's type, or of a type."""
    cls = value if isinstance(value, type) else type(value)
    return (
        cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    )
