"""Containers: modules made of modules."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, overload

from ..module import Module

__all__ = ["Sequential"]


class Sequential(Module):
    """Modules called one after the other, each with what the one before gave.

    It is indexed, sliced and iterated like a list.

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

    def _modules(self) -> list[Module]:
        values = self.__dict__
        return [values[name] for name in self._names()]

    def _names(self) -> list[str]:
        return [name for name, kind in self._kinds.items() if kind == "module"]

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules())

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Module | Self:
        if isinstance(index, slice):
            names = self._names()[index]
            return type(self)({name: self.__dict__[name] for name in names})
        return self.__dict__[self._name_at(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_at(index), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = self._modules()
        del modules[index]
        self._replace(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end; give the container itself."""
        place = len(self)
        # A slice keeps its modules' names, so the number may be taken.
        while str(place) in self._kinds:
            place += 1
        self.add_module(str(place), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end; give the container itself."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put a module in before the one at `index`; give the container itself."""
        modules = self._modules()
        modules.insert(index, module)
        self._replace(modules)
        return self

    def _replace(self, modules: list[Module]) -> None:
        """Hold these modules instead, numbered by their places."""
        for name in self._names():
            delattr(self, name)
        self.extend(modules)

    def _name_at(self, index: int) -> str:
        names = self._names()
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(
                f"Sequential: index is a {type(index).__name__}; needed is an integer or a slice."
            ) from None
        if not -len(names) <= place < len(names):
            raise IndexError(
                f"Sequential: index is {place}; needed is one of its {len(names)} modules."
            )
        return names[place]
