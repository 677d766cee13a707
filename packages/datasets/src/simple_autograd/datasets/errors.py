"""The exception that this package raises on its own account.

::

    SimpleAutogradError            the root of core's tree
    └── DatasetError (ValueError)  a data file contradicts itself, or what was asked for

Wrong arguments raise plain ``TypeError``, ``ValueError`` and ``IndexError``; files that are not
there raise ``FileNotFoundError``. Callers: the decoders and the datasets.
"""

from __future__ import annotations

from simple_autograd.errors import SimpleAutogradError

__all__ = ["DatasetError"]


class DatasetError(SimpleAutogradError, ValueError):
    """A data file is damaged, truncated, or not what its place says it is.

    The message names the file, the field, what it says, and what was expected.
    """
