"""Every exception that the library raises on its own account.

::

    SimpleAutogradError
    ├── GraphError (RuntimeError)              the graph cannot give what was asked of it
    │   └── AnomalyError                       detect_anomaly met a NaN
    ├── NotDifferentiableError (TypeError)     a value would leave the tape without its gradient
    ├── OperandError (TypeError)               an operand is nothing that an operation on arrays takes
    ├── BackendMismatchError (TypeError)       arrays of two backends in one operation
    ├── BackendUnavailableError (RuntimeError) a backend is unknown, not installed, or has no device
    ├── CaptureError (RuntimeError)            a step cannot be recorded once and replayed
    ├── CheckpointError (ValueError)           in nn: a checkpoint is damaged, or lacks what was asked of it
    ├── DatasetError (ValueError)              in datasets: a data file contradicts itself, or what was asked for
    └── WorkerError (RuntimeError)             in datasets: a worker process of a DataLoader ended before its work

Each is also a standard exception, so that ``except RuntimeError`` written for PyTorch keeps working. A plain
``TypeError`` or ``ValueError`` is raised where NumPy and PyTorch raise one: a wrong argument.
"""

from __future__ import annotations

__all__ = [
    "AnomalyError",
    "BackendMismatchError",
    "BackendUnavailableError",
    "CaptureError",
    "GraphError",
    "NotDifferentiableError",
    "OperandError",
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


class OperandError(SimpleAutogradError, TypeError):
    """An operand is neither a Variable, nor an array, nor a number.

    Python's operators turn it into ``NotImplemented`` where the operand's own class may know the answer.
    """


class BackendMismatchError(SimpleAutogradError, TypeError):
    """Arrays of different backends met in one operation."""


class BackendUnavailableError(SimpleAutogradError, RuntimeError):
    """The backend asked for is unknown, or something that it needs is missing."""


class CaptureError(SimpleAutogradError, RuntimeError):
    """A training step cannot be recorded once and replayed, or no longer be replayed."""
