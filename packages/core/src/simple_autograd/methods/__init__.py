"""The methods of a Variable that compute: PyTorch's names, arguments and defaults, with NumPy's keywords accepted too.

``v.mean((0, -1), keepdim=True)`` and ``v.mean(axis=(0, -1), keepdims=True)`` say the same. ``simple_autograd.mean``
is the standard's function, and ``np.mean(v)`` NumPy's; where their defaults differ (``var``), each spelling means what
its home library says. Methods only translate arguments and forward to ops (see ``operators.py`` on the import). There
is one class per family of ops, in a file of its own; `Methods` is all of them.
"""

from __future__ import annotations

from .binary import BinaryMethods
from .conversions import ConversionMethods
from .creation import CreationMethods
from .indexing import IndexingMethods
from .linear_algebra import LinearAlgebraMethods
from .reductions import ReductionMethods
from .sets import SetMethods
from .shapes import ShapeMethods
from .sorting import SortingMethods
from .statistics import StatisticsMethods
from .unary import UnaryMethods

__all__ = ["Methods"]


class Methods(
    UnaryMethods,
    BinaryMethods,
    ReductionMethods,
    ShapeMethods,
    IndexingMethods,
    SortingMethods,
    StatisticsMethods,
    SetMethods,
    LinearAlgebraMethods,
    CreationMethods,
    ConversionMethods,
):
    """The computing methods of `Variable`."""

    __slots__ = ()
