"""What a step does with arrays, call by call; and the function that does it again.

A call is noted with its function and arguments. An array in them is noted by its place: a number, in the order in which
arrays come up. Those that a call gave, and the step's inputs, are found anew in each replay; all others were there
before and are read, and written, where they lie.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, NoReturn

from ..backends import Backend
from ..errors import CaptureError
from ..graphed import leaves_of
from ..tape import Extras
from ..types import Array, Shape
from ..variable import Variable
from .watch import content

__all__ = ["Call", "Expected", "Gradients", "Place", "Program", "compiled", "difference"]


@dataclass(frozen=True, slots=True)
class Place:
    """Stands for an array among the arguments, or the results, of a call."""

    number: int

    def __repr__(self) -> str:
        return f"p{self.number}"


@dataclass(frozen=True, slots=True)
class Expected:
    """Stands for a result that is no array, and must be the same in each replay."""

    value: Any


class Call(NamedTuple):
    """A call.

    Attributes
    ----------
    function, arguments, options
        With a `Place` for every array.
    result
        Likewise, and with an `Expected` for what is none.
    shapes
        By place, the shapes of the arrays that it made.
    line
        Whose call it was, in the step's or the library's code.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    result: Any
    shapes: dict[int, Shape]
    line: str


class Gradients(NamedTuple):
    """Which gradients leaves have from here on: a `Place`, or None."""

    places: dict[Variable, Place | None]


class Program(NamedTuple):
    """All that one call of a step did.

    Attributes
    ----------
    steps
        What was done, in order.
    inputs
        The places of the step's arguments.
    outputs
        What it gave, through tuples, lists and dicts, with a `Place` for every array.
    outside
        By place, the raw arrays that were there before.
    contents
        What these held when they were first used (see `watch.content`).
    """

    steps: list[Call | Gradients]
    inputs: list[int]
    outputs: list[Any]
    outside: dict[int, Array]
    contents: dict[int, int]


def _places(value: Any) -> list[int]:
    """List the places in what tuples, lists and dicts hold."""
    return [item.number for item in leaves_of(value) if isinstance(item, Place)]


# Two recordings ---------------------------------------------------------------------------------------------------


def difference(first: Program, second: Program, backend: Backend) -> str | None:
    """Say in what two recordings of a step differ; None if they are the same.

    Arrays that were there before must be the same memory. Or they hold the same and are not written: then what does
    not change was made anew.
    """
    for earlier, later in zip(first.steps, second.steps, strict=False):
        if isinstance(later, Call):
            if not isinstance(earlier, Call) or not _same(earlier.function, later.function):
                return f"it does something else from call to call, at {later.line}"
            parts = [
                leaves_of((call.arguments, call.options, call.result)) for call in (earlier, later)
            ]
            for one, other in zip(*parts, strict=False):
                if not _same(one, other):
                    return f"what is {one!r} in one call is {other!r} in the next, at {later.line}"
            if len(parts[0]) != len(parts[1]) or earlier.shapes != later.shapes:
                return f"shapes differ from call to call, at {later.line}"
        elif earlier != later:
            return "it leaves gradients to other parameters from call to call"
    if len(first.steps) != len(second.steps):
        return "it does more in one call than in another"
    if not _same(first.outputs, second.outputs):
        return "it returns something else from call to call that is no array"
    for place, array in second.outside.items():
        before, held = first.outside[place], second.contents[place]
        is_constant = first.contents[place] == held == content(backend, array)
        if not is_constant and _memory(before, backend) != _memory(array, backend):
            return (
                f"it reads an array of shape {tuple(array.shape)} that is another one in each call: it was made "
                f"from NumPy's random numbers, or kept from the call before"
            )
    return None


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, types.FunctionType) and one is not other:
        # Of a function that is made in each call, what it closes over counts, and its defaults.
        bound = [
            [made.__defaults__, *[cell.cell_contents for cell in made.__closure__ or ()]]
            for made in (one, other)
        ]
        return one.__code__ is other.__code__ and _same(*bound)
    if isinstance(one, partial):
        return _same((one.func, one.args, one.keywords), (other.func, other.args, other.keywords))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or bool(one == other) or bool(one != one and other != other)


def _memory(array: Array, backend: Backend) -> tuple[Any, ...]:
    """Give where an array of the host lies, and how."""
    host = backend.to_numpy(array)
    return host.__array_interface__["data"], host.shape, host.strides, host.dtype


# The function -----------------------------------------------------------------------------------------------------


def compiled(name: str, program: Program) -> Callable[..., list[Any]]:
    """Make the function that does it again.

    Parameters
    ----------
    name
        What errors call the step.
    program
        What to do.

    Returns
    -------
    callable
        It takes the input arrays, and gives a list of the outputs.
    """
    text = _Text(name, program)
    exec(compile("\n    ".join(text.lines), f"{__file__}, replay of {name}", "exec"), text.scope)
    replay: Callable[..., list[Any]] = text.scope["replay"]
    return replay


class _Text:
    """The text of the function, and what it names."""

    def __init__(self, name: str, program: Program) -> None:
        self.name = name
        self.scope: dict[str, Any] = {f"p{place}": raw for place, raw in program.outside.items()}
        self.scope["changed"] = partial(_changed, name)
        self._ends = self._last_uses(program)
        made = {*program.outside, *program.inputs}
        self.lines = [f"def replay({', '.join(f'p{place}' for place in program.inputs)}):"]
        for number, step in enumerate(program.steps):
            if isinstance(step, Call):
                self._write_call(step, made)
            else:
                for leaf, gradient in step.places.items():
                    self.lines.append(f"{self._named(self._keeper(leaf))}.grad = {gradient}")
            for place in self._ends.get(number, ()):
                self.lines.append(f"del p{place}")
        self.lines.append(f"return {self._expression(program.outputs)}")

    def _last_uses(self, program: Program) -> dict[int, list[int]]:
        """Give, by the number of a step, the arrays that are not needed after it."""
        last: dict[int, int] = {}
        for number, step in enumerate(program.steps):
            parts = (
                (step.arguments, step.options, step.result)
                if isinstance(step, Call)
                else step.places
            )
            for place in _places(parts):
                last[place] = number
        staying = {*program.outside, *program.inputs, *_places(program.outputs)}
        ends: dict[int, list[int]] = {}
        for place, number in last.items():
            if place not in staying:
                ends.setdefault(number, []).append(place)
        return ends

    def _keeper(self, leaf: Variable) -> Extras:
        """Give what keeps the gradient of a leaf."""
        if leaf._node is None:
            raise CaptureError(
                f"graph of {self.name}: a Variable (shape {tuple(leaf.shape)}) requires grad in a part of the step and "
                f"not at its end, so a replay could not give it its gradient. Call requires_grad_ outside of the step."
            )
        return leaf._node.extra()

    def _write_call(self, call: Call, made: set[int]) -> None:
        arguments = [self._expression(argument) for argument in call.arguments]
        arguments += [f"{name}={self._expression(value)}" for name, value in call.options.items()]
        text = f"{self._named(call.function)}({', '.join(arguments)})"
        if isinstance(call.result, Place) and call.result.number in made:
            # As an operation in place does. What gave its argument for another layout of it might give a copy.
            line = self._named(call.line)
            self.lines.append(
                f"if {text} is not {call.result}: changed('another', 'the same array', {line})"
            )
            return
        checks: list[str] = []
        target = self._target(call, call.result, made, checks)
        self.lines += [f"{target} = {text}" if target != "_" else text, *checks]

    def _target(self, call: Call, result: Any, made: set[int], checks: list[str]) -> str:
        """Write what a result is assigned to, and how it is looked at."""
        line = self._named(call.line) if not isinstance(result, tuple | list) else ""
        if isinstance(result, tuple | list):
            return f"({''.join(f'{self._target(call, item, made, checks)}, ' for item in result)})"
        if isinstance(result, Expected):
            if result.value is None:
                return "_"
            name = f"r{len(self.scope)}"
            expected = self._named(result.value)
            checks.append(f"if {name} != {expected}: changed({name}, {expected}, {line})")
            return name
        if result.number in made:
            return "_"
        made.add(result.number)
        if result.number in call.shapes:
            shape = self._named(call.shapes[result.number])
            checks.append(f"if {result}.shape != {shape}: changed({result}.shape, {shape}, {line})")
        return f"{result}"

    def _expression(self, value: Any) -> str:
        if isinstance(value, Place):
            return f"{value}"
        if not _places(value):
            return self._named(value)
        if isinstance(value, dict):
            pairs = [f"{self._named(key)}: {self._expression(value[key])}, " for key in value]
            return f"{{{''.join(pairs)}}}"
        items = "".join(f"{self._expression(item)}, " for item in value)
        if isinstance(value, list):
            return f"[{items}]"
        return f"{self._named(type(value))}({items})" if hasattr(value, "_fields") else f"({items})"

    def _named(self, value: Any) -> str:
        """Give a value a name in the function's scope."""
        name = f"c{len(self.scope)}"
        self.scope[name] = value
        return name


def _changed(name: str, found: Any, expected: Any, line: str) -> NoReturn:
    raise CaptureError(
        f"graph of {name}: what was {expected!r} when the step was recorded is {found!r} now, at {line}\nThe step may "
        f"not depend on values in what it does. Call the step itself for such data, or make another graph."
    )
