"""Checkpoints: everything that training needs to go on, in one safetensors file. Never pickle.

Arrays are stored under ``model.<key>`` and ``optimizer.<parameter>.<name>``; what is not an array (hyperparameters,
the epoch, states of random generators) is JSON in the file's metadata. A file appears under its name only when it is
whole: it is written beside it, synced, and renamed. A damaged one is refused before anything is touched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy

from ..backends import backend_of, get_backend
from ..errors import SimpleAutogradError
from .module import Module
from .optim import Optimizer

__all__ = ["CheckpointError", "load", "save"]

_METADATA = "simple_autograd"
_VERSION = 1


class CheckpointError(SimpleAutogradError, ValueError):
    """A checkpoint is damaged, or lacks what was asked of it."""


def save(
    path: str | os.PathLike[str],
    *,
    model: Module | None = None,
    optimizer: Optimizer | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a checkpoint, atomically: at any moment there is the old file or the new one, whole.

    Parameters
    ----------
    path
        The file; its folder must exist. ``.safetensors`` is the usual ending.
    model, optimizer
        Whose ``state_dict()`` to store.
    extra
        Whatever else shall come back from `load`: anything that JSON can say.

    Raises
    ------
    TypeError
        If something in `extra` is nothing that JSON can say.
    """
    arrays: dict[str, Any] = {}
    notes: dict[str, Any] = {"version": _VERSION, "extra": dict(extra or {})}
    if model is not None:
        arrays.update({f"model.{key}": value for key, value in model.state_dict().items()})
    if optimizer is not None:
        state = optimizer.state_dict()
        notes["optimizer"] = {"param_groups": state["param_groups"], "state": {}}
        for index, values in state["state"].items():
            for name, value in values.items():
                if backend_of(value) is not None:
                    arrays[f"optimizer.{index}.{name}"] = value
                else:
                    notes["optimizer"]["state"].setdefault(str(index), {})[name] = value
    metadata = {_METADATA: json.dumps(notes)}
    _write(
        Path(path),
        safetensors.numpy.save({key: _host(value) for key, value in arrays.items()}, metadata),
    )


def load(
    path: str | os.PathLike[str],
    *,
    model: Module | None = None,
    optimizer: Optimizer | None = None,
    strict: bool = True,
) -> dict[str, Any]:
    """Read a checkpoint into a model and an optimizer; give what was stored as ``extra``.

    Parameters
    ----------
    path
        A file that `save` wrote. One with plain weights (such as safetensors files from PyTorch) fits `model` too.
    model, optimizer
        What to bring to the stored state. Both are left as they were if anything is wrong.
    strict
        Whether the model's keys must be the file's exactly.

    Returns
    -------
    dict
        What `save` was given as `extra`; empty for a file of plain weights.

    Raises
    ------
    CheckpointError
        If the file is damaged, or holds no state for `optimizer`.
    FileNotFoundError
        If there is no such file.
    """
    arrays, notes = _read(Path(path))
    weights = {
        key.removeprefix("model."): value
        for key, value in arrays.items()
        if key.startswith("model.")
    }
    if notes is None:
        weights, notes = arrays, {"extra": {}}
    if optimizer is not None:
        if "optimizer" not in notes:
            raise CheckpointError(f"load: {os.fspath(path)} holds no state of an optimizer.")
        before = optimizer.state_dict()
        optimizer.load_state_dict(_optimizer_state(arrays, notes["optimizer"]))
    try:
        if model is not None:
            model.load_state_dict(weights, strict=strict)
    except BaseException:
        if optimizer is not None:
            optimizer.load_state_dict(before)
        raise
    return notes["extra"]


def _optimizer_state(arrays: Mapping[str, Any], notes: Mapping[str, Any]) -> dict[str, Any]:
    state: dict[int, dict[str, Any]] = {
        int(index): dict(values) for index, values in notes["state"].items()
    }
    for key, value in arrays.items():
        if key.startswith("optimizer."):
            _, index, name = key.split(".", 2)
            state.setdefault(int(index), {})[name] = value
    return {"state": state, "param_groups": notes["param_groups"]}


def _host(array: Any) -> Any:
    """Give an array for safetensors: NumPy's, in row-major order, which its writer takes for granted."""
    backend = backend_of(array) or get_backend()
    return get_backend("numpy").xp.asarray(backend.to_numpy(array), order="C")


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if os.name == "posix":  # the rename itself, on disk
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Give the arrays and the notes of a file; None for notes if it is none of ours."""
    content = path.read_bytes()
    try:
        arrays = safetensors.numpy.load(content)
        length = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        if _METADATA not in metadata:
            return arrays, None
        notes = json.loads(metadata[_METADATA])
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"load: {path} is damaged or no safetensors file: {error}") from error
    if (
        not isinstance(notes, dict)
        or notes.get("version") != _VERSION
        or not isinstance(notes.get("extra"), dict)
    ):
        found = notes.get("version") if isinstance(notes, dict) else None
        raise CheckpointError(
            f"load: {path} has the format version {found!r}; this version reads {_VERSION}."
        )
    return arrays, notes
