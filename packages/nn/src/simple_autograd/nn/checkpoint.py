"""Checkpoints: everything that training needs to go on, in one safetensors file. Never pickle.

Arrays are stored under ``model.<key>`` and ``optimizer.<parameter>.<name>``; what is not an array (hyperparameters, the
states of scheduler, loader and gradient scaler, of the random generator) is JSON in the file's metadata. How that
becomes a file that shows damage is in ``checkpoint_files.py``. What does not fit is refused, and nothing of it is left
anywhere.
"""

from __future__ import annotations

import contextlib
import copy
import json
import operator
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from ..backends import backend_of, get_backend
from ..random import default_generator
from .checkpoint_files import CheckpointError, read, write
from .module import Module
from .optim import Optimizer
from .state import backend_of_value

__all__ = ["CheckpointError", "load", "save"]


class Stateful(Protocol):
    """What has a state that JSON can say: a scheduler, a ``DataLoader``, a ``GradScaler``."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: dict[str, Any], /) -> object: ...


def save(
    path: str | os.PathLike[str],
    *,
    model: Module | None = None,
    optimizer: Optimizer | None = None,
    scheduler: Stateful | None = None,
    loader: Stateful | None = None,
    scaler: Stateful | None = None,
    extra: Mapping[str, Any] | None = None,
    keep: int = 1,
) -> None:
    """Write a checkpoint, atomically: at any moment there is the old file or the new one, whole.

    The state of the default backend's random generator is always stored with it.

    Parameters
    ----------
    path
        The file; its folder must exist. ``.safetensors`` is the usual ending.
    model, optimizer
        Whose ``state_dict()`` to store.
    scheduler, loader, scaler
        The same; anything will do that has ``state_dict`` and ``load_state_dict``, and a state that JSON can say. A
        ``DataLoader`` is saved inside an epoch as well as between two, and then goes on at the next batch.
    extra
        Whatever else shall come back from `load`: anything that JSON can say. JSON makes strings of the keys of dicts,
        and lists of tuples.
    keep
        How many checkpoints to keep: the new one, and before it ``<stem>.1<suffix>`` (the one before), ``<stem>.2``,
        and so on. 1 keeps the new one alone, and touches no file so numbered.

    Raises
    ------
    TypeError
        If something is nothing that JSON can say, or has no state.
    ValueError
        If `keep` is less than 1.
    FileNotFoundError
        If the folder does not exist.
    """
    keep = _checked_keep(keep)
    arrays: dict[str, Any] = {}
    notes: dict[str, Any] = {"extra": _plain("extra", dict(extra or {}))}
    if model is not None:
        arrays.update({f"model.{key}": value for key, value in model.state_dict().items()})
    if optimizer is not None:
        state = optimizer.state_dict()
        numbers: dict[str, dict[str, Any]] = {}
        for index, values in state["state"].items():
            for name, value in values.items():
                if backend_of(value) is not None:
                    arrays[f"optimizer.{index}.{name}"] = value
                else:
                    numbers.setdefault(str(index), {})[name] = value
        groups = {"param_groups": state["param_groups"], "state": numbers}
        notes["optimizer"] = _plain("optimizer", groups)
    for name, part in (("scheduler", scheduler), ("loader", loader), ("scaler", scaler)):
        if part is not None:
            _require_state("save", name, part)
            notes[name] = _plain(name, part.state_dict())
    notes["random"] = _plain("the random generator", default_generator().state)
    write(Path(path), {key: _host(value) for key, value in arrays.items()}, notes, keep)


def load(
    path: str | os.PathLike[str],
    *,
    model: Module | None = None,
    optimizer: Optimizer | None = None,
    scheduler: Stateful | None = None,
    loader: Stateful | None = None,
    scaler: Stateful | None = None,
    strict: bool = True,
    random: bool = True,
) -> dict[str, Any]:
    """Bring a model, an optimizer and all else to a checkpoint's state; give what was stored as ``extra``.

    Parameters
    ----------
    path
        A file that `save` wrote. One with plain weights (such as safetensors files from PyTorch) fits `model` too.
    model, optimizer, scheduler, loader, scaler
        What to bring to the stored state. All are left as they were if anything is wrong. Only what is given is
        loaded, whatever else the file holds.
    strict
        Whether the model's keys must be the file's exactly.
    random
        Whether to bring the default backend's random generator to the stored state as well, if there is one.

    Returns
    -------
    dict
        What `save` was given as `extra`; empty for a file of plain weights.

    Raises
    ------
    CheckpointError
        If the file is damaged, holds no state for something given, or one that does not fit. Of a model, all missing
        and unexpected keys and all wrong shapes are listed.
    FileNotFoundError
        If there is no such file.
    """
    given = {
        "optimizer": optimizer,
        "scheduler": scheduler,
        "loader": loader,
        "scaler": scaler,
    }
    targets: dict[str, Stateful] = {}
    for part, target in given.items():
        if target is not None:
            _require_state("load", part, target)
            targets[part] = target
    name = os.fspath(path)
    arrays, notes = read(Path(path))
    if notes is None:
        weights, notes = arrays, {"extra": {}}
    else:
        weights = _under("model.", arrays)
        if model is not None and not weights and model.state_dict():
            raise CheckpointError(f"load: {name} holds no state of a model.")
    for part in targets:
        if part not in notes:
            article = "an" if part == "optimizer" else "a"
            raise CheckpointError(f"load: {name} holds no state of {article} {part}.")
    with contextlib.ExitStack() as undo:
        for part, target in targets.items():
            with _fitting(name, part):
                state = notes[part]
                if part == "optimizer":
                    state = _optimizer_state(arrays, state)
                undo.callback(target.load_state_dict, copy.deepcopy(target.state_dict()))
                target.load_state_dict(state)
        if random and "random" in notes:
            with _fitting(name, "random generator (random=False leaves it as it is)"):
                generator = default_generator()
                undo.callback(setattr, generator, "state", generator.state)
                generator.state = notes["random"]
        # Last the model, which checks the whole of its state before it changes anything.
        if model is not None:
            with _fitting(name, "model"):
                _require_kinds(model, weights)
                model.load_state_dict(weights, strict=strict)
        undo.pop_all()  # All fits: nothing is to be undone.
    extra: dict[str, Any] = notes["extra"]
    return extra


# To be stored ----------------------------------------------------------------------------------------------------


def _checked_keep(keep: int) -> int:
    try:
        number = operator.index(keep)
    except TypeError:
        raise TypeError(f"save: keep is a {type(keep).__name__}; needed is an int.") from None
    if number < 1:
        raise ValueError(f"save: keep is {number}; needed is at least 1, the new checkpoint.")
    return number


def _require_state(operation: str, name: str, part: Any) -> None:
    if not (hasattr(part, "state_dict") and hasattr(part, "load_state_dict")):
        raise TypeError(
            f"{operation}: {name} is a {type(part).__name__}; needed is an object with state_dict and load_state_dict."
        )


def _plain(name: str, value: Any) -> Any:
    """Give `value` as JSON gives it back; raise where it cannot."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"save: the state of {name} holds something that JSON cannot say ({error}); needed are numbers, strings, "
            f"booleans, None, and lists and dicts of them. Convert it first, for instance with float(...)."
        ) from error


def _host(array: Any) -> Any:
    """Give an array for safetensors: NumPy's, in row-major order, which its writer takes for granted."""
    backend = backend_of(array) or get_backend()
    return get_backend("numpy").xp.asarray(backend.to_numpy(array), order="C")


# To be loaded ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _fitting(path: str, part: str) -> Iterator[None]:
    """Say of whatever goes wrong inside that the file does not fit."""
    try:
        yield
    except Exception as error:
        raise CheckpointError(f"load: {path} does not fit the {part}: {error}") from error


def _under(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {key.removeprefix(prefix): v for key, v in arrays.items() if key.startswith(prefix)}


def _optimizer_state(arrays: Mapping[str, Any], notes: Mapping[str, Any]) -> dict[str, Any]:
    state: dict[int, dict[str, Any]] = {
        int(index): dict(values) for index, values in notes["state"].items()
    }
    for key, value in _under("optimizer.", arrays).items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    return {"state": state, "param_groups": notes["param_groups"]}


def _require_kinds(model: Module, weights: Mapping[str, Any]) -> None:
    """Raise where floating numbers are to be made of integers, or the like: no rounding, but another meaning."""
    faults = []
    for key, value in model.state_dict().items():
        if key in weights:
            backend = backend_of_value(value)
            needed, found = backend.dtype_name(value.dtype), str(weights[key].dtype)
            if needed.rstrip("0123456789") != found.rstrip("0123456789"):
                faults.append(f"{key} has the data type {found}; needed is {needed}")
    if faults:
        raise TypeError(f"{'; '.join(faults)}. Nothing was loaded.")
