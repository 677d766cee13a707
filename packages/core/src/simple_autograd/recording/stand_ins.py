"""Recorded arrays in the place of those that Variables hold, while a step is recorded."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, NoReturn

from ..backends import use_backend
from ..errors import CaptureError
from ..graphed import WatchedExtras
from ..replay import holders
from ..types import Array
from ..variable import Variable
from .arrays import RecordedArray
from .program import Gradients, Place
from .recording import Recording

__all__ = ["StandIns"]


class _StandIn:
    """What stands in a leaf for its array and its gradient.

    Attributes
    ----------
    array
        For its array.
    gradient
        For its gradient; None if there is none, or a Variable.
    first, known
        The gradient at the beginning, and as the program last has it: a recorded array, or None, or a Variable.
    gets
        Whether the program gives it a gradient.
    watched
        Its extras meanwhile, if there is no gradient at first.
    """

    __slots__ = ("array", "first", "gets", "gradient", "known", "variable", "watched")

    def __init__(self, variable: Variable, recording: Recording) -> None:
        self.variable = variable
        self.array = recording.before(variable._raw)
        found = _gradient(variable)
        is_raw = isinstance(found, recording.inner.array_type)
        self.gradient = recording.before(found) if is_raw else None
        self.first: Any = self.gradient if is_raw else found
        self.known = self.first
        self.gets = False
        node = variable._node
        self.watched = WatchedExtras(node) if node is not None and found is None else None

    def adds(self) -> bool:
        """Say whether the step uses the gradient that is there at first."""
        return isinstance(self.first, RecordedArray) and self.first.place is not None

    def would_add(self) -> bool:
        """Say whether the step would use a gradient if there was one at first."""
        return self.gets and self.watched is not None and not self.watched.dropped


class StandIns:
    """All Variables that were there before and that the step may use, with recorded arrays in them.

    Those are the leaves and what requires no grad; and likewise the raw arrays that objects hold which say so (see
    `simple_autograd.replay.holds_arrays`). A context: at its end all have their own arrays again, and what else has
    recorded arrays by then gets their values.

    Parameters
    ----------
    recording
        Whose arrays stand in.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._all: list[_StandIn] = []
        self._held: list[tuple[dict[str, Any], str, RecordedArray]] = []
        self._find()

    def _find(self) -> None:
        """Find the Variables and other arrays that are not known yet."""
        inner = self._recording.inner
        variables, holding = _found()
        known = {id(stand_in.variable) for stand_in in self._all}
        self._all += [
            _StandIn(variable, self._recording)
            for variable in variables
            if variable._backend is inner and variable.is_leaf and id(variable) not in known
        ]
        places = {(id(attributes), name) for attributes, name, _ in self._held}
        self._held += [
            (attributes, name, self._recording.before(value))
            for attributes in holding
            for name, value in attributes.items()
            if type(value) is inner.array_type and (id(attributes), name) not in places
        ]

    def __enter__(self) -> None:
        self._put_in()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        replaced = self._take_out()
        for stand_in in self._all:
            if stand_in.watched is not None:
                stand_in.watched.end()
        # What else the step has left behind, such as a loss that it keeps: detached, as a replay would have it.
        variables, holding = _found()
        for variable in variables:
            if variable._backend is self._recording.backend:
                if isinstance(variable._raw, RecordedArray):
                    variable._raw = variable._raw.value
                variable._backend, variable._node = self._recording.inner, None
        for attributes in holding:
            for name, value in attributes.items():
                if isinstance(value, RecordedArray):
                    attributes[name] = value.value
        if replaced is not None and kind is None:
            self._refuse_replaced(replaced)

    def _put_in(self) -> None:
        for stand_in in self._all:
            variable, node = stand_in.variable, stand_in.variable._node
            variable._raw, variable._backend = stand_in.array, self._recording.backend
            if node is not None:
                node.backend = self._recording.backend
                if stand_in.gradient is not None:
                    node.extra().grad = stand_in.gradient
        for attributes, name, array in self._held:
            attributes[name] = array

    def _take_out(self) -> Array | None:
        """Give all their own arrays, and note which gradients there are now; give an array that is another one."""
        replaced = None
        for stand_in in self._all:
            variable, node, raw = stand_in.variable, stand_in.variable._node, stand_in.variable._raw
            if raw is not stand_in.array:
                replaced = stand_in.array
            variable._raw = raw.value if isinstance(raw, RecordedArray) else raw
            variable._backend, stand_in.gradient = self._recording.inner, None
            if node is not None:
                node.backend = self._recording.inner
                gradient = _gradient(variable)
                if isinstance(gradient, RecordedArray):
                    stand_in.gradient = gradient
                    node.extra().grad = gradient.value
        for attributes, name, array in self._held:
            found = attributes.get(name)
            if found is not array:
                replaced = array
            if isinstance(found, RecordedArray):
                attributes[name] = found.value
        return replaced

    def _refuse_replaced(self, array: Array) -> NoReturn:
        raise CaptureError(
            f"graph of {self._recording.name}: the step replaces the array of a Variable or a module (shape "
            f"{tuple(array.shape)}) that was there before, which a replay would not do; needed is one that writes "
            f"into it (v[...] = x)."
        )

    def call_host(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a function that each replay calls (see ``replay.py``): it finds the Variables' own arrays."""
        self.note_gradients()
        replaced = self._take_out()
        if replaced is not None:
            self._refuse_replaced(replaced)
        with use_backend(self._recording.inner):
            result = self._recording.call(function, args, options, writes_anywhere=True)
        for stand_in in self._all:
            own = None if stand_in.gradient is None else stand_in.gradient.value
            if (
                _gradient(stand_in.variable) is not own
                or stand_in.variable._raw is not stand_in.array.value
            ):
                raise CaptureError(
                    f"graph of {self._recording.name}: {function.__qualname__}, which is called at each replay, "
                    f"replaced the array or the gradient of a parameter; needed is one that writes into them."
                )
        if result is None:  # no draw of random numbers, after which there is nothing to find
            self._find()
        self._put_in()
        return result

    def note_gradients(self) -> None:
        """Have the program give leaves the gradients that they have now."""
        places: dict[Variable, Place | None] = {}
        for stand_in in self._all:
            gradient = _gradient(stand_in.variable)
            if gradient is stand_in.known:
                continue
            if gradient is not None and not isinstance(gradient, RecordedArray):
                self._recording.refuse("a gradient was recorded for a second one (create_graph)")
            stand_in.known, stand_in.gets = gradient, stand_in.gets or gradient is not None
            places[stand_in.variable] = (
                None if gradient is None else self._recording.place(gradient)
            )
        if places:
            self._recording.steps.append(Gradients(places))

    def forgotten(self) -> Gradients:
        """Give the gradients that the step replaces and does not use: a replay need not keep them meanwhile."""
        return Gradients(
            {
                stand_in.variable: None
                for stand_in in self._all
                if stand_in.gets and not stand_in.adds() and not stand_in.would_add()
            }
        )

    def check(self) -> Callable[[], None]:
        """Give a function that raises if a Variable of the program has another array or node than it had."""
        name = self._recording.name
        used = [
            (stand_in.variable, stand_in.variable._raw, stand_in.variable._node)
            for stand_in in self._all
            if stand_in.array.place is not None or stand_in.known is not stand_in.first
        ]
        held = [
            (attributes, key, array.value)
            for attributes, key, array in self._held
            if array.place is not None
        ]
        gradients = [
            (stand_in.variable._node.extra(), stand_in.first.value if stand_in.adds() else None)
            for stand_in in self._all
            if stand_in.variable._node is not None and (stand_in.adds() or stand_in.would_add())
        ]

        def check() -> None:
            for variable, raw, node in used:
                if variable._raw is not raw or variable._node is not node:
                    refuse("array of a parameter", raw)
            for attributes, key, raw in held:
                if attributes.get(key) is not raw:
                    refuse(f"array {key!r} of a module", raw)
            for extras, gradient in gradients:
                if extras.grad is not gradient:
                    refuse_gradient(extras.grad if gradient is None else gradient, gradient is None)

        def refuse(what: str, array: Array) -> NoReturn:
            raise CaptureError(
                f"graph of {name}: the {what} (shape {tuple(array.shape)}) was replaced since the step was recorded, "
                f"which reads and writes the old one. Make another graph, or write into it (p.data[...] = x, "
                f"load_state_dict)."
            )

        def refuse_gradient(array: Array, was_none: bool) -> NoReturn:
            which = f"the gradient of a parameter (shape {tuple(array.shape)})"
            if was_none:
                raise CaptureError(
                    f"graph of {name}: {which} was None when the step was recorded, and is not now; the step would add "
                    f"to it. Call optimizer.zero_grad() inside the step, or before each call."
                )
            raise CaptureError(
                f"graph of {name}: {which} was replaced since the step was recorded, which adds to the old one. Call "
                f"optimizer.zero_grad() inside the step, or zero_grad(set_to_none=False) outside."
            )

        return check


def _gradient(variable: Variable) -> Any:
    node = variable._node
    return None if node is None or node.extras is None else node.extras.grad


def _found() -> tuple[list[Variable], list[dict[str, Any]]]:
    """List all Variables, and the attributes of all objects that say that they hold arrays."""
    marked = tuple(holders)
    variables, holding = [], []
    for value in gc.get_objects():
        kind = type(value)
        if issubclass(kind, Variable):
            if hasattr(value, "_node"):  # another thread may be making it
                variables.append(value)
        elif issubclass(kind, marked):
            holding.append(value.__dict__)
    return variables, holding
