"""What the tests of the datasets share: making IDX files, and reading batches back."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simple_autograd.backends import get_backend

CODES = {
    "uint8": 0x08,
    "int8": 0x09,
    "int16": 0x0B,
    "int32": 0x0C,
    "float32": 0x0D,
    "float64": 0x0E,
}
# The smallest presets: a decoder of xz allocates the dictionary before it sees the data.
COMPRESSORS = {
    "": bytes,
    ".gz": lambda content: gzip.compress(content, 1),
    ".xz": lambda content: lzma.compress(content, preset=0),
}


def _encode(array: np.ndarray, suffix: str = "") -> bytes:
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim])
    header += b"".join(length.to_bytes(4, "big") for length in array.shape)
    return COMPRESSORS[suffix](header + array.astype(array.dtype.newbyteorder(">")).tobytes())


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """From an array to an IDX file's content, and with ".gz" or ".xz", compressed."""
    return _encode


@pytest.fixture(scope="session")
def compress() -> Callable[[bytes, str], bytes]:
    """From a content and a suffix, "", ".gz" or ".xz", to the compressed content."""
    return lambda content, suffix: COMPRESSORS[suffix](content)


@pytest.fixture
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Twenty images, each filled with its number, and their labels."""
    images = np.arange(20, dtype=np.uint8).repeat(28 * 28).reshape(20, 28, 28)
    return images, (np.arange(20) % 10).astype(np.uint8)


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[..., Path]:
    """Write a training set into a new folder; contents may be arrays or raw bytes."""

    def write(
        images: Any, labels: Any, folder: str = "", mark: str = "-", suffix: str = ""
    ) -> Path:
        target = tmp_path / folder
        target.mkdir(parents=True, exist_ok=True)
        for name, content in ((f"images{mark}idx3", images), (f"labels{mark}idx1", labels)):
            if content is not None:
                data = content if isinstance(content, bytes) else _encode(content, suffix)
                (target / f"train-{name}-ubyte{suffix}").write_bytes(data)
        return tmp_path

    return write


@pytest.fixture
def host() -> Callable[[Any], Any]:
    """From a batch of the default backend to NumPy: an array, or a tuple of them."""

    def to_host(batch: Any) -> Any:
        if isinstance(batch, tuple):
            return tuple(get_backend().to_numpy(array) for array in batch)
        return get_backend().to_numpy(batch)

    return to_host
