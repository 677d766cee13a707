"""What NumPy's own functions mean for Variables: ``np.exp(v)``, ``np.concatenate([v, w])``, ``np.var(v)``.

NumPy asks `Variable` (``__array_ufunc__``, ``__array_function__``), which asks ``ufunc_calls.py`` and ``dispatch.py``.
The other modules fill their tables, one per family, with adapters in NumPy's signatures and defaults (``np.var`` has
``ddof=0``). This package is imported when NumPy first asks, not with the library.
"""

from __future__ import annotations

# Importing the families registers their adapters.
from . import (  # noqa: F401
    calculus,
    creation,
    elementwise,
    fourier,
    functional,
    indexing,
    joining,
    linear_algebra,
    manipulation,
    not_differentiable,
    polynomials,
    ranges,
    reductions,
    sets,
    sorting,
    statistics,
    ufunc_methods,
    ufuncs,
)
from .dispatch import call_function
from .ufunc_calls import call_ufunc

__all__ = ["call_function", "call_ufunc"]
