"""``RecordedStep``: a training step that is recorded until two calls did the same, and replayed from then on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..backends import Backend, known_as, use_backend
from ..errors import CaptureError
from ..graphed import GraphedStep, each
from ..replay import recorded_by
from ..tape import now
from ..types import Array
from ..variable import Variable, wrap
from ..writes import rewriting
from .arrays import RecordedArray
from .program import Program, compiled, difference
from .recording import Recording
from .stand_ins import StandIns

__all__ = ["RecordedStep"]

_one_at_a_time = threading.RLock()


class RecordedStep(GraphedStep):
    """A step on arrays of the host: calls are recorded until two did the same, which may take three.

    For the first one may make what is then there, such as the state of an optimizer.

    Parameters
    ----------
    step, warmup, backend
        As in `GraphedStep`.
    """

    def __init__(self, step: Callable[..., Any], warmup: int, backend: Backend) -> None:
        super().__init__(step, warmup, backend)
        self._before: Program | None = None
        self._is_last_try = False
        self._check: Callable[[], None]
        self._run: Callable[..., list[Any]]
        self._rewrite: Callable[[], None]
        self._is_variable: Any

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Make one step; before there are replays, once no other thread records: its arrays stand in for all."""
        if self.is_recorded:
            return super().__call__(*args, **options)
        with _one_at_a_time:
            return super().__call__(*args, **options)

    def record(self, given: Any, arrays: list[Array]) -> Any:
        """Make the step, and note what it does; the second time, make the program for the replays."""
        since = now()
        recording = Recording(self.name, self.backend)
        if self._before is not None:
            for array in self._before.outside.values():
                recording.watch.meet(array)
        stand_ins = StandIns(recording)
        program, result = self._noted(recording, stand_ins, given, arrays)
        before, self._before = self._before, program
        if before is None:
            return result
        found = difference(before, program, self.backend)
        if found is not None:
            if self._is_last_try:
                raise CaptureError(
                    f"graph of {self.name}: the step cannot be replayed: {found}\nThis call was made, but its result "
                    f"is lost. Do outside of the step what changes from call to call."
                )
            self._is_last_try = True
            return result
        self._before = None
        self._check = stand_ins.check()
        program.steps.insert(0, stand_ins.forgotten())
        self._run = compiled(self.name, program)
        outside = [(self.backend, array) for array in program.outside.values()]
        self._rewrite = rewriting(since, outside)
        self._is_variable = each(lambda value: isinstance(value, Variable), result)
        self.is_recorded = True
        return result

    def _noted(
        self, recording: Recording, stand_ins: StandIns, given: Any, arrays: list[Array]
    ) -> tuple[Program, Any]:
        """Make the step on recorded arrays; give what it did, and what it gave."""
        inputs = [recording.new(array) for array in arrays]
        outputs: list[Any] = []

        def left(value: Any) -> Any:
            raw = value._raw if isinstance(value, Variable) else value
            if not isinstance(raw, RecordedArray):
                outputs.append(value)
                return value
            outputs.append(recording.place(raw))
            return wrap(raw.value, self.backend, None) if isinstance(value, Variable) else raw.value

        with (
            known_as("recorded", recording.backend),
            use_backend(recording.backend),
            stand_ins,
            recorded_by(stand_ins.call_host),
        ):
            args, options = self.with_arrays(given, inputs)
            result = each(left, self.step(*args, **options))
            stand_ins.note_gradients()
            recording.close()
        places = [recording.place(array).number for array in inputs]
        parts = (recording.steps, places, outputs, recording.outside, recording.contents)
        return Program(*parts), result

    def replay(self, arrays: list[Array]) -> Any:
        """Make a step by the program."""
        self._check()
        outputs = self._run(*arrays)
        self._rewrite()
        if self._is_variable is True:  # a loss, nearly always
            return wrap(outputs[0], self.backend, None)
        rest = iter(outputs)

        def result(is_variable: bool) -> Any:
            value = next(rest)
            return wrap(value, self.backend, None) if is_variable else value

        return each(result, self._is_variable)
