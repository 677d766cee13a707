"""Every exception that the library raises on its own account.

::

    SimpleAutogradError
    ├── GraphError (RuntimeError)              the graph cannot give what was asked of it
    │   └── AnomalyError                       detect_anomaly met a NaN
    ├── NotDifferentiableError (TypeError)     a value would leave the tape without its gradient
    ├── BackendMismatchError (TypeError)       arrays of two backends in one operation
    └── BackendUnavailableError (RuntimeError) a backend is unknown, not installed, or has no device

Each is also a standard exception, so that ``except RuntimeError`` written for PyTorch keeps working. A plain
``TypeError`` or ``ValueError`` is raised where NumPy and PyTorch raise one: a wrong argument.
"""

from __future__ import annotations

__all__ = [
    "AnomalyError",
    "BackendMismatchError",
    "BackendUnavailableError",
    "GraphError",
    "NotDifferentiableError",
    "SimpleAutogradError",
]


class SimpleAutogradError(Exception):
    """The root of the tree."""


class GraphError(SimpleAutogradError, RuntimeError):
    """The recorded graph cannot give the gradient: freed, never recorded, or overwritten."""


class AnomalyError(GraphError):
    """``detect_anomaly`` met a NaN in a gradient, or a saved value that was overwritten."""


class NotDifferentiableError(SimpleAutogradError, TypeError):
    """A Variable that requires grad would have become a plain array, and its gradient zero."""


class BackendMismatchError(SimpleAutogradError, TypeError):
    """Arrays of different backends met in one operation."""


class BackendUnavailableError(SimpleAutogradError, RuntimeError):
    """The backend asked for is unknown, or something that it needs is missing."""
