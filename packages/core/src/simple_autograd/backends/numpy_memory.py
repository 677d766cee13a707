"""Memory for NumPy's results that is not paged in anew each time.

The C library gives a large array pages of its own and returns them to the system when the array is freed; the next
result of that size is then zeroed and faulted in page by page, which takes longer than most operations on it. A
training step makes the same large arrays again and again. Where the C library is glibc, it can be told to keep such
memory; elsewhere nothing is done. See docs/decisions/0006.
"""

from __future__ import annotations

import ctypes
import os

__all__ = ["keep_freed_memory"]

# From glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3

_MiB = 1 << 20

_SETTINGS = {
    _M_MMAP_THRESHOLD: 32
    * _MiB,  # the most that glibc takes: larger arrays still get pages of their own
    _M_TRIM_THRESHOLD: 512 * _MiB,  # so much free memory is kept
    _M_TOP_PAD: 16 * _MiB,
}

_SET_BY_USERS = (
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_TOP_PAD_",
    "GLIBC_TUNABLES",
)


def keep_freed_memory() -> bool:
    """Ask the C library to keep the memory of freed arrays, up to 512 MiB, and say whether it does.

    It is left alone where ``SIMPLE_AUTOGRAD_KEEP_MEMORY=0`` is in the environment, or settings of its own are.
    """
    if os.environ.get("SIMPLE_AUTOGRAD_KEEP_MEMORY") == "0":
        return False
    if any([name in os.environ for name in _SET_BY_USERS]):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    return all([mallopt(name, value) == 1 for name, value in _SETTINGS.items()])
