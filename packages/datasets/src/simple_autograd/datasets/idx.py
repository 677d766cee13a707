"""The IDX format, in which MNIST and its relatives are kept: from bytes to a NumPy array.

An IDX file is a header and the values, all big-endian::

    0x00 0x00   dtype code   D          4 bytes, the magic number
    length of axis 1 … length of axis D  4 bytes each, unsigned
    values                               in C order

Files may be compressed with gzip or xz, which is seen from their first bytes and not from their
name. A file is not trusted: its declared size is held against a limit before anything is read, and
memory grows only with the values that are really there, however much a header or a compressed
stream promises.

What the values mean (images, labels) is left to the datasets. Callers: the datasets and users.
"""

from __future__ import annotations

import gzip
import io
import lzma
import math
import os
import zlib
from importlib.resources import files
from typing import Any, BinaryIO, Protocol

import numpy as np

from .errors import DatasetError

__all__ = ["decode_idx", "read_embedded", "read_idx"]

_DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_MAX_BYTES = 2**30  # The largest relative of MNIST, EMNIST by class, needs 547 MB.
_MAX_AXES = 32  # NumPy takes 64.
_PIECE = 2**20
_XZ_MEMORY = 2**27  # What `xz -9` asks for is 65 MiB; a forged stream may ask for 4 GiB.
_GZIP_MAGIC = b"\x1f\x8b"
_XZ_MAGIC = b"\xfd7zXZ\x00"
_COPY_AGAIN = "Copy or download the file again."


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = _MAX_BYTES) -> np.ndarray:
    """Read an IDX file, plain or compressed with gzip or xz.

    Parameters
    ----------
    path
        The file.
    max_bytes
        The most bytes of values that the file may declare; 1 GiB unless told.

    Returns
    -------
    numpy.ndarray
        The shape that the file declares, and its dtype in native byte order: uint8, int8, int16,
        int32, float32 or float64. Its memory is its own.

    Raises
    ------
    DatasetError
        If the file is damaged, truncated, too long, or no IDX file.
    OSError
        If it cannot be read.
    """
    with open(path, "rb") as source:
        return _decode(source, os.fspath(path), max_bytes)


def decode_idx(
    data: bytes | bytearray | memoryview, *, name: str = "<bytes>", max_bytes: int = _MAX_BYTES
) -> np.ndarray:
    """Decode the content of an IDX file, plain or compressed with gzip or xz.

    Parameters
    ----------
    data
        The whole content.
    name
        What error messages call the file.
    max_bytes
        The most bytes of values that the content may declare; 1 GiB unless told.

    Returns
    -------
    numpy.ndarray
        As `read_idx` gives it.

    Raises
    ------
    DatasetError
        If the content is damaged, truncated, too long, or no IDX file.
    """
    return _decode(io.BytesIO(data), name, max_bytes)


def read_embedded(name: str) -> np.ndarray:
    """Read one of the IDX files that ship inside this package, in its folder ``data``."""
    content = files(__package__).joinpath("data", name).read_bytes()
    return decode_idx(content, name=f"embedded {name}")


class _Readable(Protocol):
    """A stream of which at most `size` bytes are read at a time; fewer only at its end."""

    def read(self, size: int, /) -> bytes: ...


class _XzStream:
    """An xz file that is decompressed no further than it is read.

    ``lzma.LZMAFile`` would do, but it has no way to limit the memory that the stream asks for.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        pieces: list[bytes] = []
        while size and not self._decompressor.eof:
            compressed = b""
            if self._decompressor.needs_input and not (compressed := self._source.read(2**16)):
                raise EOFError("the stream has no end marker")
            piece = self._decompressor.decompress(compressed, max_length=size)
            pieces.append(piece)
            size -= len(piece)
        if size and (self._decompressor.unused_data or self._source.read(1)):
            raise lzma.LZMAError("there is more after the end of the stream")
        return b"".join(pieces)


def _decode(source: BinaryIO, name: str, max_bytes: int) -> np.ndarray:
    first = source.read(len(_XZ_MAGIC))
    source.seek(0)
    stream: _Readable = source
    kind = ""
    if first.startswith(_GZIP_MAGIC):
        stream, kind = gzip.GzipFile(fileobj=source), "gzip"
    elif first == _XZ_MAGIC:
        stream, kind = _XzStream(source), "xz"
    try:
        return _decode_stream(stream, name, max_bytes)
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise DatasetError(
            f"{name}: the {kind} stream around the data is damaged or truncated ({error}); "
            f"expected one whole {kind} stream and nothing after it. {_COPY_AGAIN}"
        ) from error


def _decode_stream(stream: _Readable, name: str, max_bytes: int) -> np.ndarray:
    dtype, shape = _read_header(stream, name, max_bytes)
    declared = math.prod(shape) * dtype.itemsize
    values = bytearray()
    while len(values) < declared:
        # In pieces, since asking for all at once would allocate all before knowing that it is
        # there.
        piece = stream.read(min(_PIECE, declared - len(values)))
        if not piece:
            raise DatasetError(
                f"{name}: values: {len(values)} bytes; expected {declared} bytes for the declared "
                f"shape {shape} of {dtype.name}. The file is truncated, or its shape is wrong. "
                f"{_COPY_AGAIN}"
            )
        values += piece
    if stream.read(1):
        raise DatasetError(
            f"{name}: values: more than {declared} bytes; expected exactly {declared} for the "
            f"declared shape {shape} of {dtype.name}. The file has something behind its data, or "
            f"its shape is wrong. {_COPY_AGAIN}"
        )
    array = np.frombuffer(values, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(stream: _Readable, name: str, max_bytes: int) -> tuple[np.dtype, tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4:
        raise DatasetError(
            f"{name}: magic number: the file ends after {len(magic)} bytes; expected 4. "
            f"The file is truncated or empty. {_COPY_AGAIN}"
        )
    if magic[:2] != b"\0\0":
        raise DatasetError(
            f"{name}: magic number: 0x{magic.hex()}; expected 0x0000, a dtype code and the number "
            "of dimensions, such as 0x00000803 for images or 0x00000801 for labels. This is no "
            "IDX file, plain or compressed with gzip or xz."
        )
    dtype = _DTYPES.get(magic[2])
    if dtype is None:
        known = ", ".join(f"0x{code:02x} ({known.name})" for code, known in _DTYPES.items())
        raise DatasetError(
            f"{name}: dtype code: 0x{magic[2]:02x} in the magic number 0x{magic.hex()}; "
            f"expected one of {known}."
        )
    axes = magic[3]
    if not 1 <= axes <= _MAX_AXES:
        raise DatasetError(
            f"{name}: number of dimensions: {axes} in the magic number 0x{magic.hex()}; "
            f"expected 1 to {_MAX_AXES}."
        )
    lengths = stream.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise DatasetError(
            f"{name}: shape: the file ends after {len(lengths)} bytes of it; expected {4 * axes} "
            f"bytes for {axes} dimensions. The file is truncated. {_COPY_AGAIN}"
        )
    shape = tuple(int.from_bytes(lengths[i : i + 4], "big") for i in range(0, 4 * axes, 4))
    # A length of 0 must not hide others beside it that no array can have.
    if math.prod(max(length, 1) for length in shape) * dtype.itemsize > max_bytes:
        raise DatasetError(
            f"{name}: shape: {shape} of {dtype.name}; expected at most {max_bytes} bytes of values "
            f"in all. If the file is sound and really as large, read it with a larger max_bytes."
        )
    return dtype, shape
