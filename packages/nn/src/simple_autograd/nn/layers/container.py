"""Containers: modules made of modules. Those of parameters are in ``parameter_container.py``."""

from __future__ import annotations

import operator
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Self, overload

from ..module import Module

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Modules(Module):
    """What all containers share: their modules, in the order in which they were added."""

    def _held(self) -> dict[str, Module]:
        values = self.__dict__
        return {name: values[name] for name, kind in self._kinds.items() if kind == "module"}

    def __len__(self) -> int:
        return len(self._held())


class _Listed(_Modules):
    """What `Sequential` and `ModuleList` share: modules by place, under the names ``"0"``, ``"1"``, …."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._held().values())

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_at(index), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self._replace(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end; give the container itself."""
        place = len(self)
        # A slice of a Sequential keeps its modules' names, so the number may be taken.
        while str(place) in self._kinds:
            place += 1
        self.add_module(str(place), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end; give the container itself."""
        for module in list(self._iterable("extend", modules)):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put a module in before the one at `index`; give the container itself."""
        modules = list(self)
        modules.insert(index, module)
        self._replace(modules)
        return self

    def pop(self, index: int | slice) -> Module | Self:
        """Take a module out, or several; give what was taken."""
        taken = self[index]
        del self[index]
        return taken

    def __iadd__(self, other: Iterable[Module]) -> Self:
        return self.extend(self._iterable("+=", other))

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    @overload
    def __getitem__(self, index: int | slice) -> Module | Self: ...
    def __getitem__(self, index: int | slice) -> Module | Self:
        if isinstance(index, slice):
            return self._part(index)
        return self.__dict__[self._name_at(index)]

    def _part(self, index: slice) -> Self:
        """Give a container of some of the modules."""
        raise NotImplementedError

    def _replace(self, modules: list[Module]) -> None:
        """Hold these modules instead, numbered by their places; or raise, and hold those there were."""
        before = self._held()
        for name in before:
            delattr(self, name)
        try:
            self.extend(modules)
        except BaseException:
            for name in self._held():
                delattr(self, name)
            for name, module in before.items():
                self.add_module(name, module)
            raise

    def _iterable(self, what: str, modules: Any) -> Iterable[Module]:
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}: {what} was given a {type(modules).__name__}; needed are several modules, for "
                f"instance a list."
            )
        return modules

    def _name_at(self, index: int) -> str:
        names = list(self._held())
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(
                f"{type(self).__name__}: index is a {type(index).__name__}; needed is an integer, or to read or delete "
                f"several, a slice."
            ) from None
        if not -len(names) <= place < len(names):
            raise IndexError(
                f"{type(self).__name__}: index is {place}; needed is one of its {len(names)} modules."
            )
        return names[place]


class Sequential(_Listed):
    """Modules called one after the other, each with what the one before gave.

    It is indexed, sliced and iterated like a list; ``+`` and ``*`` make new ones of the same modules.

    Parameters
    ----------
    *modules
        The modules, which get the names ``"0"``, ``"1"``, …; or one mapping of names to modules.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> model[-1]
    Linear(in_features=8, out_features=2, bias=True)
    >>> len(model[:2])
    2
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, named in modules[0].items():
                self.add_module(name, named)
        else:
            for module in modules:
                self.append(module)  # type: ignore[arg-type] # which raises for anything but a Module

    def forward(self, x: Any) -> Any:
        """Call the modules in turn."""
        for module in self:
            x = module(x)
        return x

    def _part(self, index: slice) -> Self:
        names = list(self._held().items())[index]
        return type(self)(dict(names))

    def __add__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            return NotImplemented
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        return Sequential(*list(self) * self._times(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(list(self) * (self._times(times) - 1))

    def _times(self, times: int) -> int:
        if not isinstance(times, int):
            raise TypeError(
                f"Sequential: it is multiplied by a {type(times).__name__}; needed is an integer."
            )
        if times < 1:
            raise ValueError(f"Sequential: it is multiplied by {times}; needed is at least 1.")
        return times


class ModuleList(_Listed):
    """Modules in a list, which a model calls as it likes.

    Parameters
    ----------
    modules
        The modules.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Tanh()])
    ModuleList(
      (0-1): 2 x ReLU()
      (2): Tanh()
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def _part(self, index: slice) -> Self:
        return type(self)(list(self)[index])

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *self._iterable("+", other)])

    def __repr__(self) -> str:
        runs: list[tuple[str, int, int]] = []
        for place, module in enumerate(self):
            text = repr(module)
            if runs and runs[-1][0] == text:
                runs[-1] = (text, runs[-1][1], place)
            else:
                runs.append((text, place, place))
        lines = [
            f"({first}): {text}"
            if first == last
            else f"({first}-{last}): {last - first + 1} x {text}"
            for text, first, last in runs
        ]
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)" if lines else f"{type(self).__name__}()"


class ModuleDict(_Modules):
    """Modules by name, which a model calls as it likes.

    Parameters
    ----------
    modules
        A mapping of names to modules, or pairs of them.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> heads = nn.ModuleDict({"first": nn.Linear(4, 2), "second": nn.Linear(4, 3)})
    >>> heads["second"].out_features
    3
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[Any] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        modules = self._held()
        if key not in modules:
            raise KeyError(f"ModuleDict: key is {key!r}; needed is one of {list(modules)}.")
        return modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        self[key]
        delattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __contains__(self, key: object) -> bool:
        return key in self._held()

    def keys(self) -> KeysView[str]:
        """Give the names."""
        return self._held().keys()

    def items(self) -> ItemsView[str, Module]:
        """Give pairs of a name and a module."""
        return self._held().items()

    def values(self) -> ValuesView[Module]:
        """Give the modules."""
        return self._held().values()

    def clear(self) -> None:
        """Take all modules out."""
        for name in self._held():
            delattr(self, name)

    def pop(self, key: str) -> Module:
        """Take a module out, and give it."""
        module = self[key]
        del self[key]
        return module

    def update(self, modules: Mapping[str, Module] | Iterable[Any]) -> None:
        """Add modules, in the place of those that have their names already.

        Raises
        ------
        TypeError, ValueError
            If they are neither a mapping nor pairs.
        """
        for key, module in pairs_of("ModuleDict", modules):
            self[key] = module


def pairs_of(name: str, values: Any) -> list[tuple[str, Any]]:
    """Give the pairs of a mapping, or those given; raise for what is neither."""
    if isinstance(values, Mapping | _Modules) or hasattr(values, "keys"):
        return list(values.items())
    if not isinstance(values, Iterable):
        raise TypeError(
            f"{name}.update: it was given a {type(values).__name__}; needed is a mapping, or pairs of a name and a "
            f"value."
        )
    pairs = list(values)
    for place, pair in enumerate(pairs):
        if not isinstance(pair, Iterable):
            raise TypeError(
                f"{name}.update: element {place} is a {type(pair).__name__}; needed is a pair of a name and a value."
            )
        if len(tuple(pair)) != 2:
            raise ValueError(
                f"{name}.update: element {place} has {len(tuple(pair))} parts; needed is a pair of a name and a value."
            )
    return [(key, value) for key, value in pairs]
