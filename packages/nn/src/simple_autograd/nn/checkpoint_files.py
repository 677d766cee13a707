"""How a checkpoint lies on disk: bytes that show damage, a file that is whole or not there, and its predecessors.

A file is safetensors, with one entry of its own in the metadata: notes in JSON, and in them a SHA-256 of notes and
arrays, so that no flipped bit goes unseen. It is written beside its place, synced, and renamed. What the arrays and
notes mean is ``checkpoint.py``'s affair, which is the only caller.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy

from ..errors import SimpleAutogradError

__all__ = ["CheckpointError", "read", "write"]

_METADATA = "simple_autograd"
_DIGEST = "sha256"
_VERSION = 2


class CheckpointError(SimpleAutogradError, ValueError):
    """A checkpoint is damaged, or lacks what was asked of it."""


# Bytes -----------------------------------------------------------------------------------------------------------


def write(path: Path, arrays: Mapping[str, Any], notes: Mapping[str, Any], keep: int) -> None:
    """Write a checkpoint under a name, where the one before becomes its first predecessor.

    Parameters
    ----------
    path
        The file.
    arrays
        NumPy arrays by key.
    notes
        What JSON can say.
    keep
        How many checkpoints to keep, this one included.
    """
    # As it will be read: JSON makes strings of keys and lists of tuples, and the digest is of what is read.
    notes = json.loads(json.dumps({"version": _VERSION, **notes}))
    metadata = {_METADATA: json.dumps({**notes, _DIGEST: _digest(arrays, notes)})}
    _place(path, safetensors.numpy.save(dict(arrays), metadata), keep)


def read(path: Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Give the arrays and the notes of a file; None for notes if it is none of ours.

    Raises
    ------
    CheckpointError
        If the file is damaged, or of another version.
    """
    content = path.read_bytes()
    try:
        arrays = safetensors.numpy.load(content)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        metadata = header.get("__metadata__", {})
        if _METADATA not in metadata:
            return arrays, None
        notes = json.loads(metadata[_METADATA])
        version = notes.get("version")
        digest = notes.pop(_DIGEST, None)
    except KeyError as error:  # of NumPy's types by the format's names
        raise CheckpointError(
            f"load: {path} holds arrays of type {error}, which NumPy does not have. Save them in another, for "
            f"instance float32."
        ) from error
    except (
        safetensors.SafetensorError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise CheckpointError(_damaged(path, str(error))) from error
    if version != _VERSION:
        raise CheckpointError(
            f"load: {path} has the format version {version!r}; this version reads {_VERSION}."
        )
    if digest != _digest(arrays, notes) or not isinstance(notes.get("extra"), dict):
        raise CheckpointError(_damaged(path, "its content does not fit its SHA-256"))
    return arrays, notes


def _digest(arrays: Mapping[str, Any], notes: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(notes).encode())
    for key in sorted(arrays):
        array = arrays[key]
        digest.update(json.dumps([key, str(array.dtype), list(array.shape)]).encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()


def _damaged(path: Path, why: str) -> str:
    before = _predecessor(path, 1)
    hint = f" Its predecessor is {before}." if before.exists() else ""
    return f"load: {path} is damaged or no safetensors file: {why}.{hint}"


# Files -----------------------------------------------------------------------------------------------------------


def _predecessor(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.{number}{path.suffix}")


def _place(path: Path, content: bytes, keep: int) -> None:
    """Write a file so that its name always stands for a whole one, and keep those before."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"save: the folder {path.parent} for {path.name} does not exist. Make it first."
        )
    # A killed process leaves the file that it was writing.
    for left in glob.glob(f".{glob.escape(path.name)}.*.tmp", root_dir=path.parent):
        path.with_name(left).unlink(missing_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write_synced(beside, content)
        if keep > 1 and path.exists():
            _make_predecessor(path, keep)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if os.name == "posix":  # the renames themselves, on disk
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _make_predecessor(path: Path, keep: int) -> None:
    """Give the file at `path` a second name, that of its first predecessor, and move the others on by one."""
    first = _predecessor(path, 1)
    if first.exists() and os.path.samefile(first, path):
        return  # An earlier call was killed after this, and before the new file was renamed.
    # A call killed between two of these renames has left a gap, which takes what is moved on; nothing else is lost.
    last = next((n for n in range(1, keep) if not _predecessor(path, n).exists()), keep - 1)
    for number in range(last, 1, -1):
        os.replace(_predecessor(path, number - 1), _predecessor(path, number))
    beside = path.with_name(f".{path.name}.{os.getpid()}.1.tmp")
    try:
        os.link(path, beside)
    except OSError:  # a file system without links
        _write_synced(beside, path.read_bytes())
    os.replace(beside, first)


def _write_synced(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
