"""Containers of parameters; those of modules are in ``container.py``."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, KeysView, Mapping
from typing import Any, NoReturn, Self

from ...backends import backend_of
from ...variable import Variable
from ..module import Module
from ..parameter import Parameter
from .container import pairs_of

__all__ = ["ParameterDict", "ParameterList"]


def _as_parameter(value: Any) -> Any:
    """Make a parameter of a Variable or raw array; give anything else as it is."""
    if isinstance(value, Parameter) or not (isinstance(value, Variable) or backend_of(value)):
        return value
    return Parameter(value)


def _lines(pairs: Iterable[tuple[Any, Any]]) -> str:
    """Give what `repr` says of the values."""
    lines = []
    for key, value in pairs:
        if isinstance(value, Variable):
            size = "x".join(map(str, value.shape))
            dtype = value.backend.dtype_name(value.dtype)
            lines.append(f"  ({key}): {type(value).__name__} containing: [{dtype} of size {size}]")
        else:
            lines.append(f"  ({key}): Object of type: {type(value).__name__}")
    return "\n".join(lines)


class _Parameters(Module):
    """What both share: values under names, Variables and raw arrays as parameters."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a container of parameters computes nothing."""
        raise RuntimeError(f"{type(self).__name__}: it holds parameters and cannot be called.")

    def _set(self, name: str, value: Any) -> None:
        setattr(self, name, _as_parameter(value))
        self._keys[name] = None


class ParameterList(_Parameters):
    """Parameters in a list.

    Parameters
    ----------
    values
        Variables and raw arrays, which become parameters; anything else is held as it is.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> weights = nn.ParameterList([np.zeros(2), np.ones((3, 2))])
    >>> list(weights.state_dict())
    ['0', '1']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        if values is not None:
            self.extend(values)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)([self[place] for place in range(len(self))[index]])
        return getattr(self, self._name_at(index))

    def __setitem__(self, index: int, value: Any) -> None:
        self._set(self._name_at(index), value)

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, name) for name in self._keys])

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Add a value at the end; give the list itself."""
        self._set(str(len(self)), value)
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add values at the end; give the list itself."""
        if not isinstance(values, Iterable) or isinstance(values, Variable) or backend_of(values):
            raise TypeError(
                f"ParameterList.extend: values is a {type(values).__name__}; needed are several, for instance a list."
            )
        for value in values:
            self.append(value)
        return self

    def extra_repr(self) -> str:
        """Give a line for each value."""
        return _lines(enumerate(self))

    def _name_at(self, index: int) -> str:
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"ParameterList: index is {place}; needed is one of its {len(self)} values."
            )
        return str(place % len(self))


class ParameterDict(_Parameters):
    """Parameters by name.

    Parameters
    ----------
    parameters
        A mapping of names to values, or pairs of them. Variables and raw arrays become parameters; anything else is
        held as it is.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> weights = nn.ParameterDict({"left": np.zeros(2), "right": np.ones(2)})
    >>> weights["right"]
    Parameter([1., 1.], requires_grad=True)
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(f"ParameterDict: key is {key!r}; needed is one of {list(self._keys)}.")
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(
                f"ParameterDict: key is a {type(key).__name__}; needed is a string, as keys are names in state_dict."
            )
        if key not in self._keys and hasattr(self, key):
            raise KeyError(
                f"ParameterDict: key is {key!r}, and there is an attribute of that name. Choose another."
            )
        self._set(key, value)

    def __delitem__(self, key: str) -> None:
        self[key]
        del self._keys[key]
        delattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> KeysView[str]:
        """Give the names."""
        return self._keys.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Give pairs of a name and a value."""
        return [(key, self[key]) for key in self._keys]

    def values(self) -> Iterable[Any]:
        """Give the values."""
        return [self[key] for key in self._keys]

    def copy(self) -> ParameterDict:
        """Give a dict of the same parameters."""
        return ParameterDict(self)

    def get(self, key: str, default: Any = None) -> Any:
        """Give a value, or a default if there is none of that name."""
        return getattr(self, key) if key in self._keys else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Give a value, which is set to a default first if there is none of that name."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Take a value out, and give it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the last value out, and give its name and itself."""
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self) -> None:
        """Take all values out."""
        for key in list(self._keys):
            del self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Give a new dict with one value under all the names."""
        return ParameterDict([(key, default) for key in keys])

    def update(self, parameters: Any) -> None:
        """Add values, in the place of those that have their names already.

        Raises
        ------
        TypeError, ValueError
            If they are neither a mapping nor pairs.
        """
        for key, value in pairs_of("ParameterDict", parameters):
            self[key] = value

    def __or__(self, other: Mapping[str, Any] | ParameterDict) -> ParameterDict:
        joined = self.copy()
        joined.update(other)
        return joined

    def __ror__(self, other: Mapping[str, Any] | ParameterDict) -> ParameterDict:
        joined = ParameterDict(other)
        joined.update(self)
        return joined

    def __ior__(self, other: Mapping[str, Any] | ParameterDict) -> Self:
        self.update(other)
        return self

    def extra_repr(self) -> str:
        """Give a line for each value."""
        return _lines(self.items())
