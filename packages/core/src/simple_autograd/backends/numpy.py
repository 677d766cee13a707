"""The NumPy backend: the one that is always there, and the default."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from ..types import Array, DType
from . import (
    numpy_elementwise,
    numpy_indexing,
    numpy_linear_algebra,
    numpy_resampling,
    numpy_sorting,
)
from .base import Backend
from .numpy_memory import keep_freed_memory

__all__ = ["NumPyBackend"]


# fmt: off
_PLAIN = (
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and",
    "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor",
    "cbrt", "ceil", "conj", "copysign", "cos", "cosh", "deg2rad", "divide", "equal", "exp",
    "exp2", "floor", "floor_divide", "fmax", "fmin", "fmod", "greater",
    "greater_equal", "heaviside", "hypot", "isfinite", "isinf", "isnan", "ldexp", "less",
    "less_equal", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply",
    "negative", "nextafter", "not_equal", "positive", "rad2deg", "reciprocal", "remainder",
    "sign", "signbit", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc",
)
# fmt: on


class NumPyBackend(Backend):
    """NumPy on the CPU. NumPy's own namespace follows the standard since 2.1, so it is used as it is."""

    is_host = True

    def __init__(self) -> None:
        super().__init__("numpy", np, np.ndarray)
        self.scalar_types = (np.generic,)
        # Beyond the standard, but NumPy has it, and its gradients need their conjugates too.
        self.complex_dtypes |= {np.dtype(np.clongdouble)}
        # These bodies say no more than "call the namespace's function", so the function itself takes their place.
        self.register_kernels({name: getattr(np, name) for name in _PLAIN})
        for family in (
            numpy_elementwise,
            numpy_indexing,
            numpy_linear_algebra,
            numpy_resampling,
            numpy_sorting,
        ):
            self.register_kernels(family.KERNELS)
        keep_freed_memory()

    def asarray(self, obj: Any, *, dtype: DType | None = None, copy: bool | None = None) -> Array:
        """Give `obj` as a NumPy array (see `Backend.asarray`); memory is shared where it can be."""
        return np.asarray(obj, dtype=dtype, copy=copy)

    def to_numpy(self, array: Array) -> np.ndarray:
        """Give `array` itself."""
        return array

    def dtype(self, spec: Any) -> np.dtype:
        """Give the data type for a name, a Python or NumPy type.

        Raises
        ------
        TypeError
            If there is none. NumPy gets ``"bfloat16"`` from the package ml_dtypes.
        """
        try:
            return np.dtype(spec)
        except TypeError:
            if spec != "bfloat16":
                raise
            return _bfloat16()

    def is_floating(self, dtype: DType) -> bool:
        """Say whether `dtype` is a real or complex floating type."""
        dtype = np.dtype(dtype)
        # The name of a type takes NumPy microseconds; ml_dtypes' types have kind V.
        return dtype.kind in "fc" or (dtype.kind == "V" and dtype.name == "bfloat16")

    def operand(self, value: Any, operation: str, argument: str) -> Array:
        """Take NumPy's scalars and plain subclasses (memory maps); refuse the ones with rules of their own."""
        if isinstance(value, np.generic):
            return np.asarray(value)
        if isinstance(value, np.ma.MaskedArray | np.matrix):
            # No OperandError: their own operators are not to be asked, since they drop what a Variable is.
            raise TypeError(self._no_operand(value, operation, argument))
        if isinstance(value, np.ndarray):
            return value.view(np.ndarray)
        return super().operand(value, operation, argument)

    def is_view(self, array: Array) -> bool:
        """Say whether the array borrows its memory, or may not be written."""
        return array.base is not None or not array.flags.writeable

    def memory_key(self, array: Array) -> Hashable:
        """Give the identity of the array that owns the memory."""
        while (base := getattr(array, "base", None)) is not None:
            array = base
        return id(array)

    def is_writeable(self, array: Array) -> bool:
        """Say whether NumPy lets one write into `array`."""
        return array.flags.writeable


def _bfloat16() -> np.dtype:
    try:
        import ml_dtypes
    except ImportError as error:
        raise TypeError(
            "data type 'bfloat16': NumPy has it from the package ml_dtypes, which is not installed. Install it: pip "
            "install ml_dtypes"
        ) from error
    return np.dtype(ml_dtypes.bfloat16)
