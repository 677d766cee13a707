"""The exceptions that this package raises on its own account.

::

    SimpleAutogradError            the root of core's tree
    ├── DatasetError (ValueError)   a data file contradicts itself, or what was asked for
    └── WorkerError (RuntimeError)  a worker process of a DataLoader ended before its work

Wrong arguments raise plain ``TypeError``, ``ValueError`` and ``IndexError``; files that are not
there raise ``FileNotFoundError``. Callers: the decoders, the datasets and the workers.
"""

from __future__ import annotations

from simple_autograd.errors import SimpleAutogradError

__all__ = ["DatasetError", "WorkerError"]


class DatasetError(SimpleAutogradError, ValueError):
    """A data file is damaged, truncated, or not what its place says it is.

    The message names the file, the field, what it says, and what was expected.
    """


class WorkerError(SimpleAutogradError, RuntimeError):
    """A worker process of a ``DataLoader`` was killed or ended, or raised what cannot be pickled."""
