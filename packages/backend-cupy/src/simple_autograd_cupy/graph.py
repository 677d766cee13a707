"""``CapturedStep``: a training step captured once as a CUDA graph, and replayed.

Launching a kernel takes the host several microseconds, which is longer than a small kernel runs. A graph is launched
whole. What is captured is the device's work alone: no Python runs in a replay but what core's `each_time` marks (an
optimizer's update, a draw of random numbers), for that depends on numbers of the host. Such a call divides the step:
the parts between are graphs, and each replay launches them and makes those calls, in order.

CuPy itself raises where captured work would copy from or to the host (``copy_from_host_async`` in its ``memory.pyx``).
"""

from __future__ import annotations

import contextlib
import gc
import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import simple_autograd
from simple_autograd import Variable
from simple_autograd.backends import Backend
from simple_autograd.errors import CaptureError
from simple_autograd.graphed import GraphedStep, WatchedExtras, detached, each, leaves_of
from simple_autograd.replay import recorded_by
from simple_autograd.tape import now
from simple_autograd.writes import rewriting, written

__all__ = ["CapturedStep"]

Array = Any


class _Leaf(NamedTuple):
    """A Variable that the captured step gave a gradient, as it was then.

    Attributes
    ----------
    gradient
        What the step left in ``grad``.
    adds
        Whether the step added to a gradient that was there before.
    would_add
        Whether it would have, but for there was none.
    """

    variable: Variable
    data: Array
    node: Any
    gradient: Any
    adds: bool
    would_add: bool


class CapturedStep(GraphedStep):
    """A step on a GPU: one call is captured. Arguments are copied into static memory, and results lie there.

    Parameters
    ----------
    step, warmup, backend
        As in `GraphedStep`.
    """

    def __init__(self, step: Callable[..., Any], warmup: int, backend: Backend) -> None:
        import cupy

        super().__init__(step, warmup, backend)
        self._inputs: list[Array] | None = None
        self._parts: list[Callable[[], Any]] = []
        self._leaves: list[_Leaf] = []
        self._met: dict[Variable, None] = {}
        self._outputs: Any = None
        # Work on the default stream cannot be captured.
        self._stream = cupy.cuda.Stream(non_blocking=True)
        # What the graph reads and writes stays its own, until the graph is gone.
        self._pool = cupy.cuda.MemoryPool()

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Make one step; give what it gives."""
        with self.backend.current():
            return super().__call__(*args, **options)

    # Inputs -------------------------------------------------------------------------------------------------------

    def _fill(self, arrays: list[Array]) -> list[Array]:
        """Copy arguments into static memory; give the arrays there."""
        import cupy

        if self._inputs is None:
            with cupy.cuda.using_allocator(self._pool.malloc):
                self._inputs = [self.backend.asarray(array, copy=True) for array in arrays]
        else:
            for static, array in zip(self._inputs, arrays, strict=True):
                static[...] = array
        return self._inputs

    # The first calls ----------------------------------------------------------------------------------------------

    def warm_up(self, given: Any, arrays: list[Array]) -> Any:
        """Make the step as it is, where it will be captured."""
        args, options = self.with_arrays(given, self._fill(arrays))
        with self._aside():
            return self.step(*args, **options)

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """Work on the graph's own stream and in its own memory, after what was asked for before."""
        import cupy

        current, self._outside = cupy.cuda.get_current_stream(), cupy.cuda.get_allocator()
        self._stream.wait_event(current.record())
        try:
            with self._stream, cupy.cuda.using_allocator(self._pool.malloc):
                yield
        finally:
            current.wait_event(self._stream.record())

    def record(self, given: Any, arrays: list[Array]) -> Any:
        """Capture the step, and make it."""
        args, options = self.with_arrays(given, self._fill(arrays))
        leaves = [
            value
            for value in gc.get_objects()
            if issubclass(type(value), Variable)
            and getattr(value, "_backend", None) is self.backend  # another thread may be making it
            and value.requires_grad
            and value.is_leaf
        ]
        before = {leaf: leaf.grad for leaf in leaves}
        hooks = [
            leaf.register_hook(lambda grad, leaf=leaf: self._met.setdefault(leaf))
            for leaf in leaves
        ]
        watched = {leaf: WatchedExtras(leaf._node) for leaf in leaves if before[leaf] is None}
        since = now()
        self._parts = []
        try:
            with self._aside(), self._capturing(), recorded_by(self._each_time):
                outputs = self.step(*args, **options)
        except BaseException:
            self._parts, self._met = [], {}
            for leaf, gradient in before.items():
                leaf.grad = gradient
            raise
        finally:
            for extras in watched.values():
                extras.end()
            for hook in hooks:
                hook.remove()
        self._leaves = [
            _Leaf(
                leaf,
                leaf._raw,
                leaf._node,
                leaf.grad,
                before[leaf] is not None and before[leaf] is leaf.grad,
                leaf in watched and not watched[leaf].dropped,
            )
            for leaf in self._met
        ]
        self._outputs = each(detached, outputs)
        self._rewrite = rewriting(since)
        self.is_recorded = True
        return self._outputs

    @contextlib.contextmanager
    def _capturing(self) -> Iterator[None]:
        """Capture what is done inside; launch it, part by part."""
        from . import cublas

        cublas.prepare()
        self._stream.begin_capture()
        try:
            yield
            self._end_part()
        except BaseException as error:
            with contextlib.suppress(Exception):
                self._stream.end_capture()
            if isinstance(error, Exception) and "captur" in str(error).lower():
                raise CaptureError(
                    f"graph of {self.name}: the step cannot be captured, because of {_line_of(error)}\nCuPy says: "
                    f"{error}. While a step is captured no value may go to the host (item(), numpy(), print, a branch "
                    f"on a value) or come from there (an array made of NumPy's), for a replay would not repeat that. "
                    f"Do it outside of the step."
                ) from error
            raise

    def _end_part(self) -> None:
        captured = self._stream.end_capture()
        self._parts.append(captured.launch)
        captured.launch()

    def _each_time(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call what the host has a part in, between two graphs, and keep the call for the replays."""
        import cupy

        self._end_part()
        gradients = [(leaf, leaf.grad) for leaf in self._met]
        # What it keeps, such as an optimizer's state, must not lie where a part of the graph has had something.
        with recorded_by(None), cupy.cuda.using_allocator(self._outside):
            result = function(*args, **options)
        if result is not None and type(result) is not self.backend.array_type:
            raise CaptureError(
                f"graph of {self.name}: {function.__qualname__}, which is called at each replay, gave a "
                f"{type(result).__name__}; needed is an array or None."
            )

        def again() -> None:
            _give(gradients)
            found = function(*args, **options)
            if result is not None:
                result[...] = found

        self._parts.append(again)
        self._stream.begin_capture()
        return result

    # Replays ------------------------------------------------------------------------------------------------------

    def replay(self, arrays: list[Array]) -> Any:
        """Launch the graphs, and make the host's part between them."""
        self._fill(arrays)
        for leaf in self._leaves:
            variable = leaf.variable
            if variable._raw is not leaf.data or variable._node is not leaf.node:
                raise CaptureError(
                    f"graph of {self.name}: the array of a parameter (shape {tuple(leaf.data.shape)}) was replaced "
                    f"since the step was captured, which writes the old one. Make another graph, or write into the "
                    f"parameter (p.data[...] = x, load_state_dict)."
                )
            if leaf.adds and variable.grad is not leaf.gradient:
                raise CaptureError(
                    f"graph of {self.name}: the gradient of a parameter (shape {tuple(leaf.data.shape)}) was replaced "
                    f"since the step was captured, which adds to the old one. Call optimizer.zero_grad() inside the "
                    f"step, or zero_grad(set_to_none=False) outside."
                )
            if leaf.would_add and variable.grad is not None:
                raise CaptureError(
                    f"graph of {self.name}: the gradient of a parameter (shape {tuple(leaf.data.shape)}) was None when "
                    f"the step was captured, and is not now; the step would add to it. Call optimizer.zero_grad() "
                    f"inside the step, or before each call."
                )
        for part in self._parts:
            part()
        _give([(leaf.variable, leaf.gradient) for leaf in self._leaves])
        self._rewrite()
        for output in leaves_of(self._outputs):
            if isinstance(output, Variable):
                written(self.backend, output.data, "a replay of the graph that gave it")
        return self._outputs


def _give(gradients: list[tuple[Variable, Any]]) -> None:
    """Let Variables have their gradients."""
    for variable, gradient in gradients:
        node = variable._node
        if node is not None:
            node.extra().grad = gradient


def _line_of(error: Exception) -> str:
    """Give the line of the user's program that an error comes from."""
    import cupy

    folders = [os.path.dirname(path) for path in (__file__, cupy.__file__)]
    libraries = (*simple_autograd.__path__, *folders, "<")
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        # CuPy's own lines are in files named .pyx, without their folder.
        if not frame.filename.startswith(libraries)
        and not frame.filename.endswith((".pyx", ".pxi"))
    ]
    return f"this line:\n{''.join(traceback.format_list(frames[-1:]))}" if frames else "it itself."
