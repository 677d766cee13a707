"""``Block``: parameters that are updated together, and their state in flat arrays.

Many parameters are small, and then the number of calls to the array library decides how long a step takes. So the
parameters of a group that have a gradient, share a backend and a data type, and have the same kinds of state and as
many steps behind them, form a block: each kind of state (a momentum, …) lies in one flat array, and one kernel updates
all of them. The parameters keep their own arrays, which users hold too.

``optimizer.py`` makes blocks; the optimizers' portable step kernels use the two helpers at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...backends import Backend, backend_of, kernel
from ...types import Array, Namespace
from ...variable import Variable
from ...writes import writing
from ..parameter import flat_zeros, moved

__all__ = ["Block", "Entry", "blocks_of", "flat", "numbers_of", "shrink", "subtract"]

Entry = dict[str, Any]
"""The state of one parameter: arrays in its shape by name, and numbers; ``"step"`` is how many steps it has made."""


class Block:
    """Parameters that are updated together, and their state.

    Parameters
    ----------
    places
        Where among the parameters with a gradient, of its group, each parameter of the block stands.
    parameters
        The parameters.
    entries
        The state that each has so far, of the same kinds and the same step.
    writer
        Who writes the parameters (words for an error message).

    Attributes
    ----------
    backend
        That of all the parameters.
    arrays
        The parameters' raw arrays, as the parameters hold them.
    stored
        The same arrays as they lie in memory: matrices that are stored transposed, transposed. A step walks over
        them, and over the gradients in the same order (`gradients`).
    step
        How many steps they have made, if the optimizer counts them.
    numbers
        What else is one number for all of them, by name.
    state
        Flat arrays by name; the parts of the `stored` arrays lie in each in their order.
    scales
        By the same names, what each array is still to be multiplied by to be what it is called: a kernel may note a
        decay here and spare a pass over memory.
    note_written
        To be called when the parameters have been overwritten.
    """

    def __init__(
        self, places: list[int], parameters: list[Variable], entries: list[Entry], writer: str
    ) -> None:
        self.parameters = parameters
        self.backend: Backend = parameters[0].backend
        self.arrays = [parameter.data for parameter in parameters]
        self._transposed = [stored_transposed(self.backend, array) for array in self.arrays]
        self.stored = self._as_stored(self.arrays)
        self._reads = list(zip(places, self._transposed, strict=True))
        self.note_written = writing(self.backend, self.arrays, writer)
        self.numbers = numbers_of(entries[0])
        self.step = int(self.numbers.pop("step", 0))
        self.state: dict[str, Array] = {}
        self.scales: dict[str, float] = {}
        for name, value in entries[0].items():
            if not isinstance(value, int | float):
                parts = self._as_stored([entry[name] for entry in entries])
                self.zeros(name)[...] = flat(self.backend.xp, parts)

    def _as_stored(self, arrays: list[Array]) -> list[Array]:
        """Give arrays like the parameters' in the order in which those are stored."""
        return [
            array.T if transposed else array
            for array, transposed in zip(arrays, self._transposed, strict=True)
        ]

    def gradients(self, gradients: list[Array]) -> list[Array]:
        """Give the block's gradients, out of those of the group, in the order of `stored`."""
        return [
            gradients[place].T if transposed else gradients[place]
            for place, transposed in self._reads
        ]

    def zeros(self, name: str) -> Array:
        """Give the state of that name, a flat array of zeros if there is none yet."""
        if name not in self.state:
            size = sum([array.size for array in self.arrays])
            self.state[name] = flat_zeros(self.backend, size, self.arrays[0].dtype)
            self.scales[name] = 1.0
        return self.state[name]

    def filled(self, name: str, value: float) -> Array:
        """Give the state of that name, a flat array of a number if there is none yet."""
        if name not in self.state:
            self.zeros(name)[...] = value
        return self.state[name]

    def entries(self) -> list[Entry]:
        """Give each parameter's own state: copies, in the parameter's shape.

        What a kernel put off is done first, here too, so that who goes on from the copies does the same to the bit.
        """
        xp = self.backend.xp
        for name, scale in self.scales.items():
            if scale != 1:
                self.state[name] *= scale
                self.scales[name] = 1.0
        step = {"step": self.step} if self.step else {}
        entries: list[Entry] = [{**step, **self.numbers} for _ in self.arrays]
        for name, values in self.state.items():
            start, parts = 0, []
            for array in self.stored:
                end = start + array.size
                parts.append(xp.reshape(xp.asarray(values[start:end], copy=True), array.shape))
                start = end
            for entry, part in zip(entries, self._as_stored(parts), strict=True):
                entry[name] = part
        return entries


@kernel
def stored_transposed(xp: Namespace, array: Array) -> bool:
    """Say whether an array is a matrix whose transpose is what lies in memory row by row.

    Portably one cannot know, and needs not: it only decides whether a step's passes over memory are short.
    """
    return False


def blocks_of(parameters: list[Variable], entries: list[Entry], writer: str) -> list[Block]:
    """Group parameters into blocks.

    Parameters
    ----------
    parameters
        Those of one group that have a gradient.
    entries
        The state that each has so far. State made for another backend or data type is moved.
    writer
        Who writes the parameters.
    """
    groups: dict[Any, list[int]] = {}
    for place, (parameter, entry) in enumerate(zip(parameters, entries, strict=True)):
        dtype = parameter.backend.dtype_name(parameter.dtype)
        key = (parameter.backend.name, dtype, *sorted(numbers_of(entry).items()), frozenset(entry))
        groups.setdefault(key, []).append(place)
    return [
        Block(
            places,
            [parameters[place] for place in places],
            [_beside(parameters[place], entries[place]) for place in places],
            writer,
        )
        for places in groups.values()
    ]


def _beside(parameter: Variable, entry: Entry) -> Entry:
    """Give the state of a parameter on its backend and with its data type."""
    backend = parameter.backend
    dtype = backend.dtype_name(parameter.dtype)
    return {
        name: value
        if isinstance(value, int | float)
        else moved(value, backend_of(value) or backend, backend, dtype)
        for name, value in entry.items()
    }


def numbers_of(entry: Entry) -> dict[str, float]:
    """Give what in the state of one parameter is a number."""
    return {name: value for name, value in entry.items() if isinstance(value, int | float)}


def flat(xp: Namespace, arrays: Sequence[Array]) -> Array:
    """Give arrays as one flat array, in their order."""
    return xp.concat([xp.reshape(array, (-1,)) for array in arrays])


def shrink(arrays: Sequence[Array], factor: float) -> None:
    """Multiply arrays, in place, by a number: weight decay apart from the gradient."""
    for array in arrays:
        array *= factor


def subtract(xp: Namespace, arrays: Sequence[Array], update: Array) -> None:
    """Subtract from arrays, in place, their parts of a flat array."""
    start = 0
    for array in arrays:
        end = start + array.size
        array[...] = array - xp.reshape(update[start:end], array.shape)
        start = end
