"""The methods of a Variable that compute: PyTorch's names, arguments and defaults, with NumPy's keywords accepted too.

``v.mean((0, -1), keepdim=True)`` and ``v.mean(axis=(0, -1), keepdims=True)`` say the same. ``simple_autograd.mean``
is the standard's function, and ``np.mean(v)`` NumPy's; where their defaults differ (``var``), each spelling means what
its home library says. Methods only translate arguments and forward to ops (see ``operators.py`` on the import). There
is one class per family of ops, in a file of its own; `Methods` is all of them.
"""

from __future__ import annotations

from .binary import BinaryMethods
from .conversions import ConversionMethods
from .indexing import IndexingMethods
from .linear_algebra import LinearAlgebraMethods
from .reductions import ReductionMethods
from .shapes import ShapeMethods
from .sorting import SortingMethods
from .unary import UnaryMethods

__all__ = ["Methods"]


class Methods(
    UnaryMethods,
    BinaryMethods,
    ReductionMethods,
    ShapeMethods,
    IndexingMethods,
    SortingMethods,
    LinearAlgebraMethods,
    ConversionMethods,
):
    """The computing methods of `Variable`."""

    __slots__ = ()
