"""Files from the network, and members of archives: fetched through pooch, checked, never unpacked.

A file counts only once its SHA-256 is right: pooch writes to a temporary file beside its place and
renames it then. Archives are read in memory, member by member, so nothing is written to where their
paths point; one with a path that leads outside is refused all the same. However much an archive
promises, no more is decompressed than the limit. pooch, which is in the extra
``simple-autograd-datasets[download]``, is imported only for a download. The only caller is
``downloaded.py``.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO

from .errors import DatasetError

__all__ = ["fetch", "read_members"]

_TIMEOUT = 30  # Seconds without a byte, after which a mirror is given up.
_PIECE = 2**16
# What the decoders of the standard library raise for bytes that are wrong: OSError and ValueError
# where they seek to a place or read a length that cannot be.
_DAMAGES = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, OSError, ValueError, OverflowError),
    *(NotImplementedError, RuntimeError),  # A zip's version, its encryption; deep recursion.
)
_MAX_BYTES = 2**30  # As in idx.py. The largest archive here, CIFAR-10's, holds 184 MB.


def fetch(name: str, path: Path, sha256: str, mirrors: Sequence[str]) -> None:
    """Download a file unless it is there with the right SHA-256; mirrors are tried in turn.

    Parameters
    ----------
    name
        What error messages call the dataset.
    path
        Where it belongs; its last part is its name on the mirrors.
    sha256
        Of its content, in hexadecimal.
    mirrors
        Addresses of folders.

    Raises
    ------
    ImportError
        If pooch is not installed.
    ConnectionError
        If no mirror gives the file, or none gives it whole.
    OSError
        If the folder cannot be made.
    """
    try:
        import pooch
    except ImportError as error:
        raise ImportError(
            f"{name}: download=True needs pooch, which is not installed. Install it with: pip "
            'install "simple-autograd-datasets[download]"'
        ) from error
    downloader = pooch.HTTPDownloader(
        progressbar=importlib.util.find_spec("tqdm") is not None,
        chunk_size=_PIECE,
        timeout=_TIMEOUT,
    )
    # A folder that cannot be written to is no fault of the mirrors.
    path.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for mirror in mirrors:
        address = f"{mirror.rstrip('/')}/{path.name}"
        try:
            pooch.retrieve(
                address,
                f"sha256:{sha256}",
                fname=path.name,
                path=path.parent,
                downloader=downloader,
            )
            return
        # requests' errors are OSErrors; pooch raises ValueError for another hash.
        except (OSError, ValueError) as error:
            reasons.append(f"\n    {address}: {error}")
    raise ConnectionError(
        f"{name}: {path.name} could not be downloaded from any of {len(mirrors)} mirrors:"
        f"{''.join(reasons)}\nCheck the network, or fetch the file on another machine (its SHA-256 "
        f"is {sha256}), put it at {path}, and leave download out."
    )


def read_members(path: Path, names: Collection[str], *, max_bytes: int = _MAX_BYTES) -> list[bytes]:
    """Read members of a zip or a gzipped tar archive, in the order of `names`.

    Parameters
    ----------
    path
        The archive.
    names
        The members' paths in it.
    max_bytes
        The most bytes that they, or all there is in a tar archive, may hold; 1 GiB unless told.

    Raises
    ------
    DatasetError
        If the archive is damaged, lacks a member, holds too much, or has any path that leads
        outside.
    OSError
        If it cannot be read.
    """
    found: dict[str, bytes] = {}
    with open(path, "rb") as source:
        read = _zip_members if zipfile.is_zipfile(source) else _tar_members
        source.seek(0)
        try:
            left = max_bytes
            for name, stream in read(source, str(path), names, max_bytes):
                pieces = []
                # In pieces, since some streams allocate at once all that they are asked for.
                while piece := stream.read(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise _too_much(str(path), max_bytes)
                    pieces.append(piece)
                found[name] = b"".join(pieces)
        except DatasetError:
            raise
        except _DAMAGES as error:
            raise DatasetError(
                f"{path}: the archive is damaged or truncated ({error}); expected a whole zip or "
                "gzipped tar archive. Delete it and download it again."
            ) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise DatasetError(
            f"{path}: members: {', '.join(missing)} missing; expected all of {', '.join(names)}. "
            "Delete the file and download it again."
        )
    return [found[name] for name in names]


def _zip_members(
    source: IO[bytes], path: str, names: Collection[str], max_bytes: int
) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            _refuse_outside(path, member.orig_filename)
        for name in names:
            if name in archive.NameToInfo:
                method = archive.NameToInfo[name].compress_type
                if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    # Of the other methods zipfile decompresses 4 KB at once, to gigabytes it may be.
                    raise DatasetError(
                        f"{path}: member {name}: compression method {method}; expected "
                        f"{zipfile.ZIP_STORED} (none) or {zipfile.ZIP_DEFLATED} (deflate). Delete "
                        "the file and download it again."
                    )
                with archive.open(name) as stream:
                    yield name, stream


def _tar_members(
    source: IO[bytes], path: str, names: Collection[str], max_bytes: int
) -> Iterator[tuple[str, IO[bytes]]]:
    content = _Limited(gzip.GzipFile(fileobj=source), path, max_bytes)
    # As a stream, which is read in small pieces and never backwards.
    with tarfile.open(fileobj=content, mode="r|") as archive:  # type: ignore[call-overload]
        for member in archive:
            _refuse_outside(path, member.name)
            if member.name in names and member.isfile():
                stream = archive.extractfile(member)
                if stream is not None:
                    yield member.name, stream


class _Limited:
    """A stream that is read only so far: headers, too, and what is skipped, cost memory and time."""

    def __init__(self, stream: gzip.GzipFile, path: str, max_bytes: int) -> None:
        self._stream, self._path = stream, path
        self._left = self._max_bytes = max_bytes

    def read(self, size: int, /) -> bytes:
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise _too_much(self._path, self._max_bytes)
        return content


def _too_much(path: str, max_bytes: int) -> DatasetError:
    return DatasetError(
        f"{path}: content: more than {max_bytes} bytes; expected at most that many. Delete the file "
        "and download it again."
    )


def _refuse_outside(path: str, name: str) -> None:
    parts = re.split(r"[/\\]", name)
    if ".." in parts or not parts[0] or ":" in parts[0] or "\0" in name:
        raise DatasetError(
            f"{path}: member {name!r}: its path leads outside of the archive; expected paths below "
            "it alone. Delete the file: it is not what its place says it is."
        )
