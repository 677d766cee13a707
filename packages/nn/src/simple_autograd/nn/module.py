"""``Module``: what layers and models are built of.

A module owns parameters, buffers and other modules, by the names of its attributes. This file holds the base class;
what its hooks do is in ``hooks.py``, how its state is gathered and loaded in ``state.py``. The layers themselves are in
``layers/``, and the mathematics they call in ``functional/``.

Attributes live in the instance's ``__dict__``, as any object's do, so a forward pass reads them at Python's own
speed; a module only remembers, in ``_kinds``, which of its attributes are parameters, buffers and modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, Self

from ..backends import Backend, backend_of, get_backend
from ..replay import holds_arrays
from ..types import Array, DType
from ..variable import Variable
from . import hooks, state
from .parameter import Parameter, move_, moved

__all__ = ["Module"]

Kind = Literal["parameter", "module", "buffer", "temporary buffer"]

_BUFFERS: tuple[Kind, Kind] = ("buffer", "temporary buffer")
_NEEDED = {
    "parameter": "a Parameter or None; to change its values, write into its data",
    "module": "a Module or None",
    "buffer": "an array, a Variable that does not require grad, or None",
    "temporary buffer": "an array, a Variable that does not require grad, or None",
}


@holds_arrays
class Module(hooks.Hooked):
    """The base class of all layers and models.

    A subclass calls ``super().__init__()``, assigns parameters and other modules to attributes, and defines
    ``forward``. Calling the module calls ``forward``.

    Attributes
    ----------
    training
        Whether the module is being trained; layers that behave otherwise when evaluated (dropout, normalisation)
        ask it. `train` and `eval` set it.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> class TwoLayers(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.first = nn.Linear(4, 3)
    ...         self.second = nn.Linear(3, 2, bias=False)
    ...
    ...     def forward(self, x):
    ...         return self.second(self.first(x).relu())
    >>> model = TwoLayers()
    >>> list(model.state_dict())
    ['first.weight', 'first.bias', 'second.weight']
    >>> model
    TwoLayers(
      (first): Linear(in_features=4, out_features=3, bias=True)
      (second): Linear(in_features=3, out_features=2, bias=False)
    )
    """

    training: bool
    _kinds: dict[str, Kind]

    def __init__(self) -> None:
        object.__setattr__(self, "_kinds", {})
        object.__setattr__(self, "training", True)

    def __getstate__(self) -> dict[str, Any]:
        # A shallow copy keeps books of its own: what is assigned to it is no attribute of the original.
        return {**self.__dict__, "_kinds": dict(self._kinds)}

    # Calling ----------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward`, with the hooks around it."""
        if self._hooks is None:
            return self.forward(*args, **kwargs)
        return hooks.call(self, self._hooks, args, kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's result; a subclass defines it."""
        raise NotImplementedError(
            f"{type(self).__name__}: it defines no forward. Define forward(self, ...) in the class."
        )

    # Attributes -------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        kind = _kind_of(value)
        if kind is not None:
            self._register(name, value, kind)
            return
        kind = self.__dict__.get("_kinds", {}).get(name)
        if kind is not None and not _fits(kind, value):
            raise TypeError(
                f"{type(self).__name__}.{name}: it is a {kind} and cannot become a {type(value).__name__}; needed is "
                f"{_NEEDED[kind]}. To make something else of the name, delete the attribute first."
            )
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._kinds.pop(name, None)

    def _register(self, name: str, value: Any, kind: Kind) -> None:
        if "_kinds" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}.{name}: a {kind} cannot be assigned before Module.__init__ has run. Call "
                f"super().__init__() first in {type(self).__name__}.__init__."
            )
        self._kinds[name] = kind
        object.__setattr__(self, name, value)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under a name. None reserves the name for a parameter that this module does without."""
        self._check_new("register_parameter", name, param, "parameter")
        self._register(name, param, "parameter")

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a module under a name; the same as `add_module`."""
        self._check_new("register_module", name, module, "module")
        self._register(name, module, "module")

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module under a name: what assigning it to an attribute does, for names made while running."""
        self.register_module(name, module)

    def register_buffer(
        self, name: str, tensor: Array | Variable | None, persistent: bool = True
    ) -> None:
        """Add a buffer under a name: an array that belongs to the module's state and is not learned.

        Parameters
        ----------
        name
            The attribute's name.
        tensor
            A raw array, a Variable that does not require grad, or None. A NumPy array goes to the default backend.
        persistent
            Whether it is part of `state_dict`.
        """
        if tensor is not None and not isinstance(tensor, Variable):
            tensor = Variable(tensor, requires_grad=False).data
        kind: Kind = "buffer" if persistent else "temporary buffer"
        self._check_new("register_buffer", name, tensor, kind)
        self._register(name, tensor, kind)

    def _check_new(self, method: str, name: str, value: Any, kind: Kind) -> None:
        where = f"{type(self).__name__}.{method}"
        if not isinstance(name, str):
            raise TypeError(f"{where}: name is a {type(name).__name__}; needed is a string.")
        if name == "" or "." in name:
            raise KeyError(
                f"{where}: name is {name!r}; needed is a name that is not empty and has no dot in it, because dots "
                f"separate names in state_dict's keys."
            )
        if hasattr(self, name) and name not in self.__dict__.get("_kinds", {}):
            raise KeyError(f"{where}: there is an attribute {name!r} already. Choose another name.")
        if not _fits(kind, value):
            raise TypeError(
                f"{where}: {name} is a {type(value).__name__}; needed is {_NEEDED[kind]}."
            )

    def _own(self, *kinds: Kind) -> list[tuple[str, Any]]:
        """Give the names and values of this module's own attributes of some kinds that are not None."""
        values = self.__dict__
        return [
            (name, values[name])
            for name, kind in self._kinds.items()
            if kind in kinds and values[name] is not None
        ]

    # Walking ----------------------------------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Give the modules directly in this one, each once, with their names."""
        seen: set[int] = set()
        for name, module in self._own("module"):
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Give the modules directly in this one, each once."""
        for _, module in self.named_children():
            yield module

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Give this module and all below it, each once unless `remove_duplicate` is False, with dotted names."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._own("module"):
            yield from module.named_modules(memo, _join(prefix, name), remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """Give this module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Give the parameters of this module and of those below it, with dotted names.

        Parameters
        ----------
        prefix
            What the names begin with.
        recurse
            False gives this module's own only.
        remove_duplicate
            Give a parameter that is shared once, under its first name.
        """
        yield from self._named(("parameter",), prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Give the parameters of this module and of those below it, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Give the buffers of this module and of those below it, as `named_parameters` gives parameters."""
        yield from self._named(_BUFFERS, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """Give the buffers of this module and of those below it, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named(
        self, kinds: tuple[Any, ...], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        seen: set[int] = set()
        for path, module in modules:
            for name, value in module._own(*kinds):
                if id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield _join(path, name), value

    def get_submodule(self, target: str) -> Module:
        """Give the module of a dotted name; ``""`` is this one.

        Raises
        ------
        AttributeError
            If there is none of that name.
        """
        module: Any = self
        for name in target.split(".") if target else ():
            module = module.__dict__.get(name) if module._kinds.get(name) == "module" else None
            if module is None:
                raise AttributeError(
                    f"{type(self).__name__}.get_submodule: target is {target!r}, and there is no module {name!r}; "
                    f"needed is one of named_modules()."
                )
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module in the place of the one of a dotted name, or add it there unless `strict`.

        Raises
        ------
        AttributeError
            If there is no such place.
        """
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict:
            parent.get_submodule(name)
        if name not in parent._kinds:
            parent.add_module(name, module)
        elif parent._kinds[name] == "module":
            setattr(parent, name, module)
        else:
            raise AttributeError(
                f"{type(self).__name__}.set_submodule: target is {target!r}, a {parent._kinds[name]}; needed is a "
                f"module's name."
            )

    def get_parameter(self, target: str) -> Parameter:
        """Give the parameter of a dotted name.

        Raises
        ------
        AttributeError
            If there is none of that name.
        """
        return self._get("get_parameter", target, ("parameter",))

    def get_buffer(self, target: str) -> Any:
        """Give the buffer of a dotted name.

        Raises
        ------
        AttributeError
            If there is none of that name.
        """
        return self._get("get_buffer", target, _BUFFERS)

    def _get(self, method: str, target: str, kinds: tuple[Kind, ...]) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if module._kinds.get(name) not in kinds:
            raise AttributeError(
                f"{type(self).__name__}.{method}: target is {target!r}, and {type(module).__name__} has no {kinds[0]} "
                f"{name!r}; needed is one of named_{kinds[0]}s()."
            )
        return module.__dict__[name]

    # Changing all of it -----------------------------------------------------------------------------------------

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call a function on every module below this one, then on this one; give the module itself."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all modules below; give the module itself."""
        if not isinstance(mode, bool):
            raise ValueError(
                f"{type(self).__name__}.train: mode is a {type(mode).__name__}; needed is a bool."
            )
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set `training` to False here and in all modules below; give the module itself."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say of every parameter whether gradients shall flow to it; give the module itself."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradient of every parameter, or with ``set_to_none=False``, set it to zero."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            else:
                parameter.zero_grad()

    def to(self, target: str | Backend | DType) -> Self:
        """Move all parameters and buffers to a backend, or to a floating data type; give the module itself.

        Parameters stay the objects they are, and take their gradients along; what an optimizer has gathered about
        them stays behind, so move a model before making its optimizer. A data type changes floating parameters and
        buffers only.

        Parameters
        ----------
        target
            A backend or its name (``"numpy"``, ``"cupy"``), or a data type or its name (``"float64"``).

        Raises
        ------
        TypeError
            If the data type is not a floating one.
        """
        backend, dtype = _backend_or_dtype(type(self).__name__, target)
        for parameter in self.parameters():
            move_(parameter, backend or parameter.backend, dtype)
        for module in self.modules():
            for name, buffer in module._own(*_BUFFERS):
                source = state.backend_of_value(buffer)
                if isinstance(buffer, Variable):
                    move_(buffer, backend or source, dtype)
                else:
                    module.__dict__[name] = moved(buffer, source, backend or source, dtype)
        return self

    def type(self, dst_type: DType) -> Self:
        """Make all floating parameters and buffers of a floating data type; the same as `to`."""
        return self.to(dst_type)

    def float(self) -> Self:
        """Make all floating parameters and buffers float32."""
        return self.to("float32")

    def double(self) -> Self:
        """Make all floating parameters and buffers float64."""
        return self.to("float64")

    def half(self) -> Self:
        """Make all floating parameters and buffers float16, which the standard does not ask backends to have."""
        return self.to("float16")

    # State ------------------------------------------------------------------------------------------------------

    def state_dict(
        self,
        *,
        destination: dict[str, Any] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> dict[str, Any]:
        """Give all parameters and persistent buffers by their dotted names, as raw arrays.

        On the NumPy backend ``np.savez(file, **model.state_dict())`` saves them. The arrays are the module's own, not
        copies: the next step of an optimizer changes them. Copy them to keep them.

        Parameters
        ----------
        destination
            A dict to put them into, by default a new one.
        prefix
            What the keys begin with.
        keep_vars
            Give the parameters themselves, Variables, in place of their arrays.
        """
        destination = {} if destination is None else destination
        state.gather(self, destination, prefix, keep_vars)
        return destination

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> state.IncompatibleKeys:
        """Copy values into the parameters and persistent buffers, in place.

        Nothing is written before all of it is known to fit (only the hooks of `register_load_state_dict_post_hook`
        may forgive keys that do not, and so the keys are looked at last where there are any).

        Parameters
        ----------
        state_dict
            Arrays by name, as `state_dict` gives them, in the shapes of this module's; what NumPy can read will do.
            They are cast to this module's data types.
        strict
            Whether the keys must be exactly this module's.
        assign
            Take the arrays given themselves, with their backends and data types, in place of copying what they hold;
            of a `Parameter` given, take that.

        Returns
        -------
        IncompatibleKeys
            The keys that were missing and those that were not expected; both empty if `strict`.

        Raises
        ------
        RuntimeError
            If keys do not match and `strict` is set, or if a value does not have the shape it must have; the message
            lists all of it.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"{type(self).__name__}.load_state_dict: state_dict is a {type(state_dict).__name__}; needed is a "
                f"mapping of names to arrays."
            )
        return state.load(self, state_dict, strict, assign)

    # Printing ---------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Give what stands between the parentheses of the module's own line of `repr`."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        inner = [
            f"({name}): {_indented(repr(self.__dict__[name]))}"
            for name, kind in self._kinds.items()
            if kind == "module"
        ]
        if not inner and len(lines) <= 1:
            return f"{type(self).__name__}({extra})"
        body = "\n  ".join(lines + inner)
        return f"{type(self).__name__}(\n  {body}\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _kind_of(value: Any) -> Kind | None:
    """Give the kind that a value has by its type alone."""
    if isinstance(value, Parameter):
        return "parameter"
    return "module" if isinstance(value, Module) else None


def _fits(kind: Kind, value: Any) -> bool:
    """Say whether an attribute of a kind may have a value."""
    if value is None:
        return True
    if kind in _BUFFERS:
        if isinstance(value, Variable):
            return not value.requires_grad
        return backend_of(value) is not None
    return _kind_of(value) == kind


def _backend_or_dtype(name: str, target: Any) -> tuple[Backend | None, str | None]:
    """Tell a backend from a floating data type, whose name is given."""
    kind = target.rstrip("0123456789") if isinstance(target, str) else ""
    if isinstance(target, Backend) or kind not in ("", "bool", "int", "uint", "float", "complex"):
        return get_backend(target), None
    here = get_backend()
    dtype = here.dtype(target)
    if not here.is_floating(dtype):
        raise TypeError(
            f"{name}.to: target is {target!r}; needed is a floating data type, because gradients need one, or a "
            f"backend."
        )
    return None, here.dtype_name(dtype)
