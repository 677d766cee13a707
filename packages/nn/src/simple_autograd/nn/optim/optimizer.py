"""``Optimizer``: what all optimizers share. Each says what its settings mean, and how one block is updated.

A step sorts the parameters that have a gradient into blocks (``blocks.py``) and hands each block to the optimizer's
`Optimizer.update`, which calls a kernel. Blocks last until something about the parameters changes: which of them have
gradients, or their arrays; then they are made anew, and each parameter's state moves along.
"""

from __future__ import annotations

import numbers
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from ...replay import each_time
from ...tape import enable_grad
from ...types import Array
from ...variable import Variable
from .blocks import Block, Entry, blocks_of, numbers_of

__all__ = ["Group", "Optimizer", "plain_number"]

Group = dict[str, Any]
"""Parameters under ``"params"``, and the settings they are updated with."""


class Optimizer:
    """The base class of all optimizers.

    A subclass hands its default settings to ``__init__``, and defines `check` and `update`.

    Parameters
    ----------
    params
        Variables; or pairs of a name and a Variable; or groups: dicts with ``"params"`` and whichever settings differ
        from the defaults.
    defaults
        The settings of groups that do not say otherwise.

    Attributes
    ----------
    param_groups
        The groups, each with all its settings. A setting may be changed between steps.
    defaults
        As above.
    state_names
        The kinds of state that a parameter can have, arrays in its shape.
    number_names
        The kinds of state that are one number, besides ``"step"``.
    has_stepped
        Whether `step` was called, which schedulers of the learning rate ask.
    """

    state_names: ClassVar[tuple[str, ...]] = ()
    number_names: ClassVar[tuple[str, ...]] = ()
    has_stepped = False

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._entries: dict[Variable, Entry] = {}  # the state of parameters that are in no block
        self._blocks: list[list[Block]] = []  # of each group
        self._held: list[list[Array]] = []  # the arrays of which each group's blocks were made
        if isinstance(params, Variable | Mapping) or not isinstance(params, Iterable):
            raise TypeError(
                f"{self._name}: params is a {type(params).__name__}; needed is an iterable of Variables or of dicts, "
                f"for instance model.parameters() or [v]."
            )
        groups = self._listed(params)
        if not groups:
            raise ValueError(f"{self._name}: params is empty; needed is at least one Variable.")
        if not isinstance(groups[0], Mapping):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    @property
    def _name(self) -> str:
        return type(self).__name__

    # What an optimizer is ---------------------------------------------------------------------------------------

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense (see `require`); a subclass says what does."""

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update the parameters of a block in place, by their gradients; a subclass says how."""
        raise NotImplementedError(f"{self._name}: it defines no update.")

    def require(
        self, group: Group, name: str, *, low: float = 0.0, high: float = float("inf")
    ) -> None:
        """Raise unless a setting is a number, or several, in [low, high)."""
        values = group[name] if isinstance(group[name], tuple | list) else (group[name],)
        for value in values:
            if not isinstance(value, numbers.Real):
                raise TypeError(
                    f"{self._name}: {name} is a {type(value).__name__}; needed is a number."
                )
            if not low <= float(value) < high:
                raise ValueError(
                    f"{self._name}: {name} is {group[name]}; needed is "
                    f"{f'at least {low:g}' if high == float('inf') else f'in [{low:g}, {high:g})'}."
                )

    def require_pair(self, group: Group, name: str, *, high: float = float("inf")) -> None:
        """Raise unless a setting is two numbers in [0, high)."""
        self.require(group, name, high=high)
        if not isinstance(group[name], tuple | list) or len(group[name]) != 2:
            raise ValueError(f"{self._name}: {name} is {group[name]}; needed are two numbers.")

    def refuse_complex(self, group: Group) -> None:
        """Raise if a parameter of a group is complex."""
        for parameter in group["params"]:
            if parameter.dtype in parameter.backend.complex_dtypes:
                raise TypeError(
                    f"{self._name}: a parameter is {parameter.dtype}; needed are real ones. Keep the real and the "
                    f"imaginary part as two."
                )

    # Groups -----------------------------------------------------------------------------------------------------

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add parameters with settings of their own.

        Parameters
        ----------
        param_group
            ``"params"``, a Variable or several, and whichever settings differ from the defaults.

        Raises
        ------
        TypeError
            If something in it is no Variable.
        ValueError
            If a Variable was computed from others or stands in the groups already, or a setting makes no sense.
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(
                f"{self._name}: a parameter group is a {type(param_group).__name__}; needed is a dict with the key "
                f"'params'."
            )
        group = _plain({**self.defaults, **param_group})
        params = group["params"]
        params = [params] if isinstance(params, Variable) else self._listed(params)
        if params and isinstance(params[0], tuple):
            group["param_names"] = [name for name, _ in params]
            params = [parameter for _, parameter in params]
        seen = {parameter for other in self.param_groups for parameter in other["params"]}
        for index, parameter in enumerate(params):
            self._check_parameter(index, parameter, seen)
            seen.add(parameter)
        group["params"] = params
        self.check(group)
        self.param_groups.append(group)
        self._blocks.append([])
        self._held.append([])

    def _listed(self, params: Iterable[Any]) -> list[Any]:
        if isinstance(params, set | frozenset):
            raise TypeError(
                f"{self._name}: params is a set, whose order differs from run to run; needed is a list."
            )
        return list(params)

    def _check_parameter(self, index: int, parameter: Any, seen: set[Variable]) -> None:
        if not isinstance(parameter, Variable):
            raise TypeError(
                f"{self._name}: parameter {index} is a {type(parameter).__name__}; needed is a Variable."
            )
        if parameter.grad_fn is not None:
            raise ValueError(
                f"{self._name}: parameter {index} is the result of {parameter.grad_fn.name}; needed is a Variable "
                f"that was computed from no other, for instance v.detach().requires_grad_()."
            )
        if parameter in seen:
            raise ValueError(
                f"{self._name}: parameter {index} (shape {tuple(parameter.shape)}) stands in the groups already; each "
                f"may stand there once."
            )
        if not parameter.backend.is_writeable(parameter.data):
            raise ValueError(
                f"{self._name}: parameter {index} (shape {tuple(parameter.shape)}) holds an array that may not be "
                f"written; needed is one that may, for instance a copy."
            )

    # Steps ------------------------------------------------------------------------------------------------------

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradient of every parameter, or with ``set_to_none=False``, set it to zero."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.zero_grad()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, in place.

        Parameters
        ----------
        closure
            A function that computes the loss anew, calls ``backward``, and gives the loss.

        Returns
        -------
        object
            What `closure` gave, or None.
        """
        self.has_stepped = True
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for index, group in enumerate(self.param_groups):
            parameters, gradients = [], []
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is not None:
                    parameters.append(parameter)
                    gradients.append(gradient.data if isinstance(gradient, Variable) else gradient)
            self._update_group(index, parameters, gradients)
        return loss

    @each_time
    def _update_group(self, index: int, parameters: list[Variable], gradients: list[Array]) -> None:
        """Update those parameters of a group that have a gradient."""
        group = self.param_groups[index]
        if "lr" in group:  # which may have been set since
            group["lr"] = plain_number(group["lr"])
        for block in self._blocks_for(index, parameters):
            self.update(block, block.gradients(gradients), group)
            block.note_written()

    def _blocks_for(self, index: int, parameters: list[Variable]) -> list[Block]:
        """Give the blocks of a group; made anew if they are not those of these parameters as they are now."""
        blocks = self._blocks[index]
        arrays = [parameter.data for parameter in parameters]
        held = self._held[index]
        if len(held) != len(arrays) or not all(map(operator.is_, held, arrays)):
            self._dissolve(index)
            entries = [self._entries.get(parameter, {}) for parameter in parameters]
            for place, parameter in enumerate(parameters):
                self._check_entry(place, parameter, entries[place])
            writer = f"{self._name}.step"
            blocks = self._blocks[index] = blocks_of(parameters, entries, writer)
            self._held[index] = arrays
            for parameter in parameters:
                self._entries.pop(parameter, None)
        return blocks

    def _dissolve(self, index: int) -> None:
        """Take a group's blocks apart, and keep the state of their parameters."""
        for block in self._blocks[index]:
            self._entries.update(zip(block.parameters, block.entries(), strict=True))
        self._blocks[index], self._held[index] = [], []

    # State ------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[Variable, Entry]:
        """The state of each parameter that has any: copies of the arrays, and the steps made."""
        found = dict(self._entries)
        for blocks in self._blocks:
            for block in blocks:
                found.update(zip(block.parameters, block.entries(), strict=True))
        return {parameter: entry for parameter, entry in found.items() if entry}

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs, in PyTorch's structure.

        Returns
        -------
        dict
            ``"state"``: by the parameter's number, counted through the groups, its state: raw arrays (copies).
            ``"param_groups"``: the groups' settings, with those numbers under ``"params"``.
        """
        numbered = self._numbered()
        state = {}
        for parameter, entry in self.state.items():
            numbers = {
                name: parameter.backend.asarray(value) for name, value in numbers_of(entry).items()
            }
            state[numbered[parameter]] = {**entry, **numbers}
        groups = [
            {**group, "params": [numbered[parameter] for parameter in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": dict(sorted(state.items())), "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the state and the settings that `state_dict` gave, here or in PyTorch.

        Nothing is taken over before all of it is known to fit. The arrays are copied.

        Parameters
        ----------
        state_dict
            As `state_dict` gives it. The groups must have as many parameters as this optimizer's, in the same order.

        Raises
        ------
        ValueError
            If groups, kinds of state or shapes do not fit.
        """
        saved = [dict(group) for group in state_dict["param_groups"]]
        counts = [len(group["params"]) for group in self.param_groups]
        given = [len(group["params"]) for group in saved]
        if counts != given:
            raise ValueError(
                f"{self._name}.load_state_dict: the groups given have {given} parameters; needed are {counts}, as "
                f"this optimizer's have."
            )
        places = {
            number: parameter
            for group, own in zip(saved, self.param_groups, strict=True)
            for number, parameter in zip(group["params"], own["params"], strict=True)
        }
        entries = {}
        for number, entry in state_dict["state"].items():
            if number not in places:
                raise ValueError(
                    f"{self._name}.load_state_dict: there is state for parameter {number!r}, which stands in no group."
                )
            entries[places[number]] = self._read(number, places[number], entry)
        for group, own in zip(saved, self.param_groups, strict=True):
            # A schedule may have taken the learning rate anywhere, for instance a rounding error below 0.
            self.check({**own, **group, "params": own["params"], "lr": own["lr"]})
        for index, group in enumerate(saved):
            self._blocks[index], self._held[index] = [], []
            del group["params"]
            self.param_groups[index].update(_plain(group))
        self._entries = entries

    def _numbered(self) -> dict[Variable, int]:
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        return {parameter: number for number, parameter in enumerate(parameters)}

    def _read(self, number: int, parameter: Variable, entry: Mapping[str, Any]) -> Entry:
        """Give one parameter's state as it is kept here."""
        read: Entry = {}
        for name, value in entry.items():
            if value is None:
                continue
            if name == "step":
                read[name] = int(value)
                continue
            if name in self.number_names:
                read[name] = float(value)
                continue
            if name not in self.state_names:
                raise ValueError(
                    f"{self._name}.load_state_dict: parameter {number} has the state {name!r}; needed are "
                    f"{', '.join(['step', *self.number_names, *self.state_names])}. It was saved by another kind of "
                    f"optimizer."
                )
            raw = value.data if isinstance(value, Variable) else value
            read[name] = parameter.backend.asarray(raw, dtype=parameter.dtype, copy=True)
        self._check_entry(number, parameter, read)
        return read

    def _check_entry(self, number: int, parameter: Variable, entry: Entry) -> None:
        for name, value in entry.items():
            if isinstance(value, int | float):
                continue
            if tuple(value.shape) != tuple(parameter.shape):
                raise ValueError(
                    f"{self._name}: the state {name!r} of parameter {number} has shape {tuple(value.shape)}; needed "
                    f"is the parameter's, {tuple(parameter.shape)}."
                )

    def __getstate__(self) -> dict[str, Any]:
        # Blocks hold a backend, which cannot be pickled, and are made anew when needed.
        empty: list[list[Any]] = [[] for _ in self.param_groups]
        return {
            **self.__dict__,
            "_entries": self.state,
            "_blocks": empty,
            "_held": [list(none) for none in empty],
        }

    def __repr__(self) -> str:
        lines = [f"{self._name} ("]
        for index, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {index}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _plain(group: Group) -> Group:
    """Give a group with numbers of Python's for those of NumPy's among its settings."""
    return {
        name: value if name == "params" else plain_number(value) for name, value in group.items()
    }


def plain_number(value: Any) -> Any:
    """Give a number of NumPy's, or several, as Python's; anything else as it is.

    In a product NumPy's would turn float32 to float64, and arrays of other libraries to its own.
    """
    if type(value) in (float, int):  # nearly always, and quick to say
        return value
    if isinstance(value, tuple | list):
        return type(value)(plain_number(item) for item in value)
    return value.item() if isinstance(value, numbers.Real) and hasattr(value, "item") else value
