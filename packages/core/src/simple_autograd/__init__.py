"""simple_autograd: automatic differentiation for anyone who has NumPy.

Wrap an array in ``Variable``, compute, call ``.backward()``. The module is itself an array namespace: its functions
follow the Python array API standard, on Variables. ``simple_autograd.nn`` and ``simple_autograd.datasets`` come in
distributions of their own.
"""

from __future__ import annotations

# The other distributions add their subpackages to this one.
__path__ = __import__("pkgutil").extend_path(__path__, __name__)

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import lazy, ops
from .autocast import autocast
from .backends import Backend, get_backend, register_backend, set_backend, use_backend
from .info import __array_namespace_info__ as __array_namespace_info__
from .op import op
from .random import default_generator, manual_seed
from .tape import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .variable import Variable

if TYPE_CHECKING:
    from . import fft, linalg, special
    from .anomaly import detect_anomaly
    from .graphed import graph
    from .ops import *
    from .walk import backward, grad

__version__ = "0.1.0"

__array_api_version__ = "2024.12"

# The standard's constants.
e = math.e
inf = math.inf
nan = math.nan
newaxis = None
pi = math.pi

_DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "complex64",
    "complex128",
)

__all__ = [
    "Backend",
    "Variable",
    "autocast",
    "backward",
    "default_generator",
    "detect_anomaly",
    "e",
    "enable_grad",
    "fft",
    "get_backend",
    "grad",
    "graph",
    "inf",
    "inference_mode",
    "is_grad_enabled",
    "linalg",
    "manual_seed",
    "nan",
    "newaxis",
    "no_grad",
    "op",
    "pi",
    "register_backend",
    "set_backend",
    "set_grad_enabled",
    "special",
    "use_backend",
    *ops.__all__,
]


_load, _names = lazy.load_later(
    globals(),
    lazy.homes_of(
        {
            "anomaly": "detect_anomaly",
            "fft": "fft",
            "graphed": "graph",
            "linalg": "linalg",
            "special": "special",
            "walk": "backward grad",
        }
    ),
)


def __getattr__(name: str) -> Any:
    """Give the data types, which are those of the default backend, and what is loaded when first asked for."""
    if name in _DTYPES:
        return get_backend().dtype(name)
    if name in ("datasets", "nn"):
        return _load_distribution(name)
    if name not in ops.__all__:
        return _load(name)
    function = getattr(ops, name)
    globals()[name] = function
    return function


def _load_distribution(name: str) -> Any:
    """Import a subpackage that is installed by itself, or say how."""
    module = f"{__name__}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ModuleNotFoundError(
            f"{module} is not installed. Install it: pip install simple-autograd-{name}",
            name=module,
        ) from None


def __dir__() -> list[str]:
    return [*_names(), *_DTYPES, *ops.__all__]
