"""The state of a module: its parameters and persistent buffers by dotted names, out of it and into it.

What ``Module.state_dict`` and ``Module.load_state_dict`` do is here. Loading is planned first and written then, so that
a state that does not fit changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..backends import Backend, backend_of, get_backend
from ..types import Array
from ..variable import Variable
from ..writes import written
from .parameter import Parameter, assign_, moved

if TYPE_CHECKING:
    from .module import Module

__all__ = ["IncompatibleKeys", "backend_of_value", "gather", "load"]


class IncompatibleKeys(NamedTuple):
    """What `Module.load_state_dict` met and could not place.

    Attributes
    ----------
    missing_keys
        Keys of the module that were not given.
    unexpected_keys
        Keys given that the module does not have.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def gather(module: Module, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
    """Put the state into a dict, in PyTorch's order: own parameters, own buffers, then the modules'."""
    hooks = module._hooks
    for hook in list(hooks.state_pre.values()) if hooks else ():
        hook.function(module, prefix, keep_vars)
    for name, value in _own_state(module).items():
        destination[prefix + name] = value if keep_vars else _raw(value)
    for name, child in module._own("module"):
        child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in list(hooks.state_post.values()) if hooks else ():
        if hook.function(module, destination, prefix, {"version": 1}) is not None:
            raise RuntimeError(
                f"{type(module).__name__}.state_dict: a post-hook returned something; needed is None. Change the "
                f"state_dict that it is given."
            )


def load(
    module: Module, state_dict: Mapping[str, Any], strict: bool, assign: bool
) -> IncompatibleKeys:
    """Write a state into a module (see `Module.load_state_dict`)."""
    plan = _Plan(strict, assign)
    plan.visit(module, dict(state_dict), "")
    name, keys = type(module).__name__, IncompatibleKeys(plan.missing, plan.unexpected)
    if plan.post_hooks:
        # They are called when all is loaded, and may forgive a key.
        plan.refuse(name, plan.faults)
    else:
        plan.refuse(name, plan.key_faults() + plan.faults)
    for write in plan.writes:
        write()
    for owner, function in plan.post_hooks:
        if function(owner, keys) is not None:
            raise RuntimeError(
                f"{type(owner).__name__}.load_state_dict: a post-hook returned something; needed is None. Change the "
                f"keys that it is given."
            )
    plan.refuse(name, plan.key_faults())
    return keys


class _Plan:
    """What is to be written, and what does not fit."""

    def __init__(self, strict: bool, assign: bool) -> None:
        self._strict = strict
        self._assign = assign
        self.missing: list[str] = []
        self.unexpected: list[str] = []
        self.faults: list[str] = []
        self.writes: list[Callable[[], None]] = []
        self.post_hooks: list[tuple[Module, Callable[..., Any]]] = []

    def visit(self, module: Module, state: dict[str, Any], prefix: str) -> None:
        """Plan the loading of a module, out of a state whose keys begin with `prefix`."""
        hooks = module._hooks
        for hook in list(hooks.load_pre.values()) if hooks else ():
            metadata: dict[str, Any] = {"assign_to_params_buffers": True} if self._assign else {}
            lists = (self.missing, self.unexpected, self.faults)
            hook.function(module, state, prefix, metadata, self._strict, *lists)
        own = _own_state(module)
        for name, target in own.items():
            if prefix + name in state:
                self._plan(module, name, target, prefix + name, state[prefix + name])
            else:
                self.missing.append(prefix + name)
        children = dict(module._own("module"))
        for key in state:
            name, dot, _ = key.removeprefix(prefix).partition(".")
            if name not in (children if dot else own):
                self.unexpected.append(key)
        for name, child in children.items():
            inner = f"{prefix}{name}."
            self.visit(child, {k: v for k, v in state.items() if k.startswith(inner)}, inner)
        if hooks:
            self.post_hooks += [(module, hook.function) for hook in hooks.load_post.values()]

    def _plan(self, module: Module, name: str, target: Any, key: str, value: Any) -> None:
        if isinstance(value, Variable):
            backend, array = value.backend, value.data
        else:
            # NumPy's arrays come from outside and go where the module is; a device's own stay there.
            source = backend_of(value)
            backend = backend_of_value(target) if source is None or source.is_host else source
            array = value if source is backend else backend.asarray(value)
        if target.shape == () and tuple(array.shape) == (1,):
            array = array[0, ...]
        if tuple(array.shape) != tuple(target.shape):
            self.faults.append(
                f"size mismatch for {key}: it has shape {tuple(array.shape)} in state_dict; needed is the module's, "
                f"{tuple(target.shape)}."
            )
        elif not self._assign:
            held = backend_of_value(target)
            if array.dtype in backend.complex_dtypes and target.dtype not in held.complex_dtypes:
                self.faults.append(
                    f"{key}: it is {array.dtype} in state_dict, and {target.dtype} in the module; needed are real "
                    f"numbers, as imaginary parts would be lost."
                )
            elif not held.is_writeable(_raw(target)):
                self.faults.append(
                    f"{key}: the module's array may not be written; needed is one that may, for instance a copy, or "
                    f"assign=True."
                )
            self.writes.append(lambda: _copy(target, array, backend, key))
        elif isinstance(value, Parameter) and isinstance(target, Parameter):
            self.writes.append(
                lambda: setattr(module, name, value.requires_grad_(target.requires_grad))
            )
        elif isinstance(target, Variable):
            self.writes.append(lambda: assign_(target, array, backend))
        else:
            self.writes.append(lambda: setattr(module, name, array))

    def key_faults(self) -> list[str]:
        """Say which keys do not match, if they must."""
        faults = []
        if self._strict and self.missing:
            faults.append(f"Missing key(s) in state_dict: {_quoted(self.missing)}.")
        if self._strict and self.unexpected:
            faults.append(f"Unexpected key(s) in state_dict: {_quoted(self.unexpected)}.")
        return faults

    def refuse(self, name: str, faults: list[str]) -> None:
        """Raise if there are faults."""
        if faults:
            loaded = "all else was loaded" if self.post_hooks else "nothing was loaded"
            lines = "\n\t".join(faults)
            raise RuntimeError(f"Error(s) in loading state_dict for {name}; {loaded}:\n\t{lines}")


def _own_state(module: Module) -> dict[str, Any]:
    return dict([*module._own("parameter"), *module._own("buffer")])


def _copy(target: Any, array: Array, source: Backend, key: str) -> None:
    """Write an array into a parameter or buffer, on the backend and as the data type that this has."""
    backend, raw = backend_of_value(target), _raw(target)
    raw[...] = backend.xp.astype(moved(array, source, backend, None), raw.dtype, copy=False)
    written(backend, raw, f"load_state_dict ({key})")


def backend_of_value(value: Any) -> Backend:
    """Give the backend of a parameter or buffer."""
    return value.backend if isinstance(value, Variable) else backend_of(value) or get_backend()


def _raw(value: Any) -> Array:
    """Give the raw array of a parameter or buffer."""
    return value.data if isinstance(value, Variable) else value


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
