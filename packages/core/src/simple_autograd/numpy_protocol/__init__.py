"""What NumPy's own functions mean for Variables: ``np.exp(v)``, ``np.concatenate([v, w])``, ``np.var(v)``.

NumPy asks `Variable` (``__array_ufunc__``, ``__array_function__``), which asks ``dispatch.py``. The other modules fill
its tables, one per family, with adapters in NumPy's signatures and defaults (``np.var`` has ``ddof=0``). This package is
imported when NumPy first asks, not with the library.
"""

from __future__ import annotations

# Importing the families registers their adapters.
from . import creation, manipulation, not_differentiable, reductions, ufuncs  # noqa: F401
from .dispatch import call_function, call_ufunc

__all__ = ["call_function", "call_ufunc"]
