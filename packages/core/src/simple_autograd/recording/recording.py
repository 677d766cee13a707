"""``Recording``: notes what a step does with arrays."""

from __future__ import annotations

import linecache
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any, NoReturn

from ..backends import Backend
from ..errors import CaptureError
from ..graphed import each
from ..replay import made_classes, recorded_by
from ..types import Array, Shape
from .arrays import RecordedArray, RecordedScalar
from .backend import RecordingBackend
from .program import Call, Expected, Gradients, Place
from .watch import Watch, content

__all__ = ["Recording"]


class Recording:
    """What one call of a step does.

    Parameters
    ----------
    name
        What errors call the step.
    inner
        The backend that is recorded.

    Attributes
    ----------
    backend
        The one that stands for it meanwhile.
    steps
        What was done, in order.
    outside, contents
        By place, the raw arrays that were there before, and what they held when they were first used.
    watch
        Finds writes that are made past the recording.
    """

    def __init__(self, name: str, inner: Backend) -> None:
        self.name = name
        self.inner = inner
        self.backend = RecordingBackend(self)
        self.steps: list[Call | Gradients] = []
        self.outside: dict[int, Array] = {}
        self.contents: dict[int, int] = {}
        self.watch = Watch(inner)
        self._places = 0
        self._before: dict[int, RecordedArray] = {}
        self._objects: dict[int, tuple[Any, Place]] = {}
        self._thread = threading.get_ident()
        self._raised: str | None = None
        self._closed = False

    # Arrays -------------------------------------------------------------------------------------------------------

    def new(self, value: Array, kind: type[RecordedArray] = RecordedArray) -> RecordedArray:
        """Stand for an array that a call gave, or an input."""
        self._places += 1
        return kind(value, self._places, self)

    def before(self, value: Array) -> RecordedArray:
        """Stand for an array that was there before; it gets a place when it is used."""
        known = self._before.get(id(value))
        if known is None:
            known = self._before[id(value)] = RecordedArray(value, None, self)
        return known

    def place(self, array: RecordedArray) -> Place:
        """Give the place of an array."""
        if array.place is None:
            self._places += 1
            array.place = self._places
            self.outside[array.place] = array.value
            self.contents[array.place] = content(self.inner, array.value)
            self.watch.meet(array.value)
        return Place(array.place)

    def close(self) -> None:
        """End: an array that is still around raises when it is used."""
        self._closed = True
        self._check(None)
        if self._raised is not None:
            self.refuse(f"an operation raised {self._raised}, which the step caught")

    # Calls --------------------------------------------------------------------------------------------------------

    def call(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        options: dict[str, Any],
        *,
        writes_anywhere: bool = False,
    ) -> Any:
        """Call a function with raw arrays for the recorded ones, note that, and give what it gave."""
        if threading.get_ident() != self._thread:
            raise CaptureError(
                f"graph of {self.name}: another thread computes with a Variable while the step is recorded, in which "
                f"an array stands for its own meanwhile. Let it wait, or work on Variables that it makes itself."
            )
        if self._closed:
            raise CaptureError(
                f"graph of {self.name}: an array of the recorded step is used after it, and would not be that of a "
                f"replay. Let the step return it."
            )
        met: list[RecordedArray] = []
        noun = partial(self._noun, met)
        arguments, named = each(noun, tuple(args)), each(noun, options)
        values = [array.value for array in met]
        self._check(None if writes_anywhere else values)
        try:
            with recorded_by(None):
                out = function(*each(self._own, args), **each(self._own, options))
        except Exception as error:
            self._raised = f"{type(error).__name__} at {line_of_step()}"
            raise
        self.watch.update(None if writes_anywhere else values)
        shapes: dict[int, Shape] = {}
        known = {id(array.value): array for array in met}
        given = each(partial(self._wrapped, known, shapes), out)
        if met or shapes or writes_anywhere:
            result, line = each(self._result, given), line_of_step()
            self.steps.append(Call(function, arguments, named, result, shapes, line))
        return given

    def _own(self, item: Any) -> Any:
        """Give a raw array for a recorded one, and the recorded backend for the one that stands for it."""
        if isinstance(item, RecordedArray):
            return item.value
        return self.inner if item is self.backend else item

    def _noun(self, met: list[RecordedArray], item: Any) -> Any:
        """Give what stands for an argument in the program, and note arrays."""
        if isinstance(item, self.inner.array_type):
            item = self.before(item)
        if isinstance(item, RecordedArray):
            met.append(item)
            return self.place(item)
        return self._made(item) if type(item) in made_classes else self._own(item)

    def _made(self, item: Any) -> Place:
        """Give the place of an object that each replay makes anew; have it made, if this is its first use."""
        if id(item) not in self._objects:
            self._places += 1
            place = Place(self._places)
            self._objects[id(item)] = (item, place)
            made_of = each(partial(self._noun, []), item.__getnewargs__())
            self.steps.append(Call(type(item), made_of, {}, place, {}, line_of_step()))
        return self._objects[id(item)][1]

    def _wrapped(self, known: dict[int, RecordedArray], shapes: dict[int, Shape], item: Any) -> Any:
        """Give what the step gets for a result: an array that is known, or a new one; or a scalar of the library's."""
        if isinstance(item, self.inner.array_type):
            array = known.get(id(item), self._before.get(id(item)))
            if array is None:
                array = self.new(item)
                shapes[self.place(array).number] = item.shape
            return array
        # Python's own come of 1j * np.float64(2), for instance.
        if known and isinstance(item, (*self.inner.scalar_types, float, complex)):
            return self.new(item, RecordedScalar)
        return item

    def _result(self, item: Any) -> Any:
        return self.place(item) if isinstance(item, RecordedArray) else Expected(item)

    def _check(self, values: list[Array] | None) -> None:
        changed = self.watch.changed(values)
        if changed is not None:
            self.refuse(
                f"an array of shape {tuple(changed.shape)} that a Variable holds was written past it, before what is "
                f"done"
            )

    def refuse(self, why: str) -> NoReturn:
        """Raise, and name the line."""
        raise CaptureError(
            f"graph of {self.name}: the step cannot be recorded: {why}, at {line_of_step()}\nA replay would not do "
            f"that again. Do it outside of the step."
        )


def line_of_step() -> str:
    """Give the innermost line that is not the library's own."""
    import simple_autograd  # whose __path__ has the folders of all its distributions

    libraries = (*simple_autograd.__path__, "<")
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(libraries):
        frame = frame.f_back
    if frame is None:
        return "the library itself"
    file, number = frame.f_code.co_filename, frame.f_lineno
    return f'file "{file}", line {number}:\n    {linecache.getline(file, number).strip()}'
