"""Hooks of modules: functions that are called around a forward pass, in a backward pass, and around loading state.

`Hooked` is the part of ``Module`` that registers them. A module that has any is called by `call`; one that has none
pays nothing.

A backward pass meets a module twice: where gradients enter its outputs and where they leave its inputs. Both places
are one operation, `_crossing`, that hands its arrays on; its rule shows the gradients to the hooks.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..op import op
from ..tape import is_grad_enabled, now
from ..types import Array, Namespace
from ..variable import RemovableHandle, Variable

if TYPE_CHECKING:
    from .module import Module

__all__ = ["Hook", "Hooked", "Hooks", "call"]


class Hook(NamedTuple):
    """A function, and how it is to be called.

    Attributes
    ----------
    function
        What the user has registered.
    with_kwargs
        Whether it is given the keyword arguments of the module's call as well.
    always
        Whether it is called even if the forward pass raises.
    """

    function: Callable[..., Any]
    with_kwargs: bool = False
    always: bool = False


class Hooks:
    """The hooks of one module by kind, each kind in the order in which they are called."""

    def __init__(self) -> None:
        self.forward_pre: dict[int, Hook] = {}
        self.forward: dict[int, Hook] = {}
        self.backward_pre: dict[int, Hook] = {}
        self.backward: dict[int, Hook] = {}
        self.state_pre: dict[int, Hook] = {}
        self.state_post: dict[int, Hook] = {}
        self.load_pre: dict[int, Hook] = {}
        self.load_post: dict[int, Hook] = {}

    def add(self, kind: str, hook: Hook, *, prepend: bool = False) -> RemovableHandle:
        """Add a hook, as the last of its kind or the first; give what removes it."""
        hooks: dict[int, Hook] = getattr(self, kind)
        key, others = now(), dict(hooks)
        if prepend:
            hooks.clear()
        hooks[key] = hook
        hooks.update(others)
        return RemovableHandle(hooks, key)  # type: ignore[arg-type] # it only takes the key away


class Hooked:
    """What registers hooks: a part of `Module`."""

    _hooks: Hooks | None = None

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before every `forward`. What it returns, unless None, are the new arguments.

        Parameters
        ----------
        hook
            The function.
        prepend
            Call it before the hooks that there are, not after.
        with_kwargs
            Call ``hook(module, args, kwargs)``, which returns None or a pair of new ones.
        """
        return self._hook("forward_pre", Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after every `forward`. What it returns, unless None, is the new output.

        Parameters
        ----------
        hook
            The function.
        prepend
            Call it before the hooks that there are, not after.
        with_kwargs
            Call ``hook(module, args, kwargs, output)``.
        always_call
            Call it even if `forward` raises, with None for the output.
        """
        return self._hook("forward", Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when a backward pass comes to the module.

        Parameters
        ----------
        hook
            The function. It is given a tuple, with None where an output got no gradient: raw arrays, or Variables
            under ``create_graph=True``. What it returns, unless None, takes the tuple's place.
        prepend
            Call it before the hooks that there are, not after.
        """
        return self._hook("backward_pre", Hook(hook), prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when a backward pass has gone through the module.

        Parameters
        ----------
        hook
            The function. It is given two tuples as in `register_full_backward_pre_hook`. `grad_input` has a place
            for every positional argument: zeros for a Variable that got no gradient, None for what is no Variable.
            What the hook returns, unless None, takes its place.
        prepend
            Call it before the hooks that there are, not after.
        """
        return self._hook("backward", Hook(hook), prepend)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before `state_dict` looks at this module."""
        return self._hook("state_pre", Hook(hook))

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after it; the hook may change the dict."""
        return self._hook("state_post", Hook(hook))

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a hook before `load_state_dict` looks for this module's values.

        It is called as ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
        error_msgs)``, and may change the dict (which is a copy) and the lists.
        """
        return self._hook("load_pre", Hook(hook))

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after `load_state_dict` has loaded; it may change the lists."""
        return self._hook("load_post", Hook(hook))

    def _hook(self, kind: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
        if self._hooks is None:
            object.__setattr__(self, "_hooks", Hooks())
        assert self._hooks is not None
        return self._hooks.add(kind, hook, prepend=prepend)


def call(module: Module, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call the module's ``forward`` with its hooks around it."""
    called: set[int] = set()
    try:
        return _call(module, hooks, args, kwargs, called)
    except Exception:
        for key, hook in hooks.forward.items():
            if hook.always and key not in called:
                _call_after_failure(hook, module, args, kwargs)
        raise


def _call(
    module: Module,
    hooks: Hooks,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    called: set[int],
) -> Any:
    for hook in list(hooks.forward_pre.values()):
        if hook.with_kwargs:
            changed = hook.function(module, args, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise RuntimeError(
                        f"{type(module).__name__}: a forward pre-hook with kwargs returned a "
                        f"{type(changed).__name__}; needed is None, or a tuple of new arguments and keyword arguments."
                    )
                args, kwargs = changed
        else:
            changed = hook.function(module, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
    crossing = None
    if (hooks.backward or hooks.backward_pre) and is_grad_enabled():
        crossing = _Crossing(module, hooks)
        args = crossing.enter(args)
    result = module.forward(*args, **kwargs)
    for key, hook in list(hooks.forward.items()):
        called.add(key)
        given = (args, kwargs, result) if hook.with_kwargs else (args, result)
        changed = hook.function(module, *given)
        if changed is not None:
            result = changed
    return result if crossing is None else crossing.leave(result)


def _call_after_failure(
    hook: Hook, module: Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    """Call a forward hook that is to be called always; what it raises must not hide the first exception."""
    try:
        hook.function(module, *((args, kwargs, None) if hook.with_kwargs else (args, None)))
    except Exception as error:
        warnings.warn(
            f"{type(module).__name__}: a forward hook raised {error!r} after the forward pass had failed.",
            UserWarning,
            stacklevel=4,
        )


# In a backward pass ---------------------------------------------------------------------------------------------------


@op
def _crossing(xp: Namespace, /, *arrays: Array, show: Callable[..., Any]) -> tuple[Array, ...]:
    """Hand arrays on; in a backward pass `show` is given their gradients, and gives those that go on."""
    return arrays


@_crossing.gradient("arrays")
def crossing_wrt_arrays(xp, grad, index, show):  # type: ignore[no-untyped-def] # a rule
    return show(xp, grad)[index]


Zeros = Callable[[int], Any]
"""Gives a gradient of zeros for the value at a place of a call's arguments, None if that is no Variable."""


class _Crossing:
    """Where gradients enter and leave a module in one call of it."""

    def __init__(self, module: Module, hooks: Hooks) -> None:
        self._module = module
        self._hooks = hooks
        self._inputs = _Side(())
        self._grad_outputs: tuple[Any, ...] = ()

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Mark the inputs."""
        self._inputs = _Side(args)
        return self._inputs.mark(args, self._leave_backward)

    def leave(self, result: Any) -> Any:
        """Mark the outputs."""
        if not isinstance(result, Variable | tuple):
            warnings.warn(
                f"{type(self._module).__name__}: it has backward hooks and returned a {type(result).__name__}; needed "
                f"is a Variable or a tuple of them. The hooks are not called.",
                UserWarning,
                stacklevel=4,
            )
            return result
        outputs = result if isinstance(result, tuple) else (result,)
        marked = _Side(outputs).mark(outputs, self._enter_backward)
        if isinstance(result, Variable):
            return marked[0]
        return result._make(marked) if hasattr(result, "_make") else marked

    def _enter_backward(self, grads: tuple[Any, ...], zeros: Zeros) -> tuple[Any, ...]:
        for hook in list(self._hooks.backward_pre.values()):
            grads = self._replaced("pre-hook", grads, hook.function(self._module, grads))
        if self._inputs.places:
            self._grad_outputs = grads
        else:
            for hook in list(self._hooks.backward.values()):
                nothing = (None,) * self._inputs.count
                if hook.function(self._module, nothing, grads) is not None:
                    raise RuntimeError(
                        f"{type(self._module).__name__}: a backward hook returned gradients for the inputs, but no "
                        f"input requires grad. Return None."
                    )
        return grads

    def _leave_backward(self, grads: tuple[Any, ...], zeros: Zeros) -> tuple[Any, ...]:
        grads = tuple(zeros(place) if grad is None else grad for place, grad in enumerate(grads))
        grad_outputs, self._grad_outputs = self._grad_outputs, ()
        for hook in list(self._hooks.backward.values()):
            changed = hook.function(self._module, grads, grad_outputs)
            grads = self._replaced("hook", grads, changed)
        return grads

    def _replaced(self, kind: str, grads: tuple[Any, ...], changed: Any) -> tuple[Any, ...]:
        if changed is None:
            return grads
        changed = changed if isinstance(changed, tuple) else (changed,)
        if len(changed) != len(grads):
            raise RuntimeError(
                f"{type(self._module).__name__}: a backward {kind} returned {len(changed)} gradients; needed are "
                f"{len(grads)}, or None."
            )
        return changed


class _Side:
    """The inputs or the outputs of one call, and which of them have gradients."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.count = len(values)
        self._kinds = {
            place: (value.shape, value.dtype)
            for place, value in enumerate(values)
            if isinstance(value, Variable)
        }
        self.places = [place for place in self._kinds if values[place].requires_grad]
        # Gradients, those that go on in their place, and how often these are still asked for.
        self._shown: tuple[Any, list[Any], int] = (None, [], 0)

    def mark(
        self, values: Sequence[Any], show: Callable[[tuple[Any, ...], Zeros], tuple[Any, ...]]
    ) -> tuple[Any, ...]:
        """Give the values; those with gradients have crossed, and `show` will be given the gradients of all."""
        marked = list(values)
        if self.places:
            crossed = _crossing(
                *[values[place] for place in self.places], show=functools.partial(self._show, show)
            )
            for place, value in zip(self.places, crossed, strict=True):
                marked[place] = value
        return tuple(marked)

    def _show(self, show: Callable[..., Any], xp: Namespace, grads: Any) -> list[Any]:
        """Call `show`, but once for each pass: the rule is asked for one input at a time."""
        key, passed, left = self._shown
        if key is not grads:
            spread: list[Any] = [None] * self.count
            for place, grad in zip(self.places, grads, strict=True):
                spread[place] = _conjugate(xp, grad)
            given = show(tuple(spread), functools.partial(self._zeros, xp))
            passed = [
                self._zeros(xp, place) if given[place] is None else _conjugate(xp, given[place])
                for place in self.places
            ]
            left = len(passed)
        # Gradients that are Variables lead back to here: kept longer, they would close a cycle.
        self._shown = (grads, passed, left - 1) if left > 1 else (None, [], 0)
        return passed

    def _zeros(self, xp: Namespace, place: int) -> Any:
        """Give the gradient of a value that has none; None if it is no Variable."""
        if place not in self._kinds:
            return None
        shape, dtype = self._kinds[place]
        return xp.zeros(shape, dtype=dtype)


def _conjugate(xp: Namespace, grad: Any) -> Any:
    """Go between the gradient that users see and the one that the tape carries; the same for real data."""
    if grad is None or not xp.isdtype(grad.dtype, "complex floating"):
        return grad
    return xp.conj(grad)
