"""The NumPy backend keeps freed memory where the C library can: large results cause no page faults."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from simple_autograd.backends.numpy_memory import keep_freed_memory

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the C library is not glibc"
)

FAULTS = """
import resource
import numpy as np
import simple_autograd

x = np.ones(1 << 18, np.float32)  # a mebibyte, 256 pages
for _ in range(10):
    x * 2
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    y = x * 2
    z = y + x
    del y, z
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(**environment):
    settings = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    settings.pop("GLIBC_TUNABLES", None)
    done = subprocess.run(
        [sys.executable, "-c", FAULTS],
        env={**settings, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout)


def test_large_results_are_not_paged_in_anew():
    assert faults() < 1000


def test_settings_of_the_user_count():
    assert faults(MALLOC_MMAP_THRESHOLD_="131072", MALLOC_TRIM_THRESHOLD_="131072") > 10_000


@pytest.mark.parametrize(
    "name", ["SIMPLE_AUTOGRAD_KEEP_MEMORY", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES"]
)
def test_it_can_be_forbidden(name, monkeypatch):
    for other in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    assert keep_freed_memory()
    monkeypatch.setenv(name, "0")
    assert not keep_freed_memory()
