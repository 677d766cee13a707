"""Several GPUs: functions that run on one of them, whichever is the current one.

CuPy computes on the device that is current in the thread, and takes arrays of no other. On a machine
with one GPU nothing here runs: ``backend.py`` asks how many there are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import cupy

__all__ = ["NamespaceOn", "moved", "runs_on"]


def runs_on(device: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function run with that device as the current one; one that does already stays."""
    if getattr(function, "device", None) == device:
        return function
    current, choose = cupy.cuda.runtime.getDevice, cupy.cuda.runtime.setDevice

    def call(*args: Any, **options: Any) -> Any:
        before = current()
        if before == device:
            return function(*args, **options)
        choose(device)
        try:
            return function(*args, **options)
        finally:
            choose(before)

    functools.update_wrapper(call, function)
    call.device = device  # type: ignore[attr-defined]
    return call


def moved(array: Any) -> Any:
    """Copy an array of another device to the current one, in the order of the current streams of both."""
    with array.device:
        array = cupy.ascontiguousarray(array)  # CuPy copies no others between devices
        ready = cupy.cuda.get_current_stream().record()
    cupy.cuda.get_current_stream().wait_event(ready)
    return array.copy()


class NamespaceOn:
    """A namespace whose functions run on one device.

    Parameters
    ----------
    namespace
        The namespace; what it holds besides functions stays as it is.
    device
        The number of the device.
    """

    def __init__(self, namespace: ModuleType, device: int) -> None:
        self._namespace = namespace
        self._device = device

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._namespace, name)
        if isinstance(value, ModuleType):
            value = NamespaceOn(value, self._device)
        elif callable(value) and not isinstance(value, type):
            value = runs_on(self._device, value)
        setattr(self, name, value)  # so that it is found at once the next time
        return value

    def __dir__(self) -> list[str]:
        return dir(self._namespace)
