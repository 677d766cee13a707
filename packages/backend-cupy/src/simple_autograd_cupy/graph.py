"""``graph``: a training step captured once as a CUDA graph, and replayed.

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
from simple_autograd import Variable, get_backend
from simple_autograd.backends import Backend, backend_of
from simple_autograd.errors import CaptureError
from simple_autograd.replay import recorded_by
from simple_autograd.tape import now
from simple_autograd.variable import wrap
from simple_autograd.writes import rewriting, written

from .backend import CupyBackend

__all__ = ["CapturedStep", "graph"]

Array = Any


def graph(step: Callable[..., Any], *, warmup: int = 3) -> CapturedStep:
    """Make a function that captures a training step as a CUDA graph and replays it.

    The first calls run the step as it is, so that kernels are compiled and memory is found; the next one captures it;
    later ones replay it. Each makes one step with the arguments given, so the results are those of the step itself.

    Parameters
    ----------
    step
        A function of arrays: forward, backward, ``optimizer.step()``, ``optimizer.zero_grad()``, or parts of that. Only
        the device's work is repeated: what else the function does, such as appending to a list, happens in the first
        calls alone. It must do the same each time.
    warmup
        How many calls run the step as it is.

    Returns
    -------
    CapturedStep
        It takes what `step` takes. Arrays are copied into static memory first, so they must keep their shapes and data
        types; all else must stay the same. It gives what `step` gives, detached, in static memory that the next call
        overwrites.

    Raises
    ------
    TypeError
        If `step` is no function.
    ValueError
        If `warmup` is negative.

    Examples
    --------
    >>> captured = graph(step)  # doctest: +SKIP
    >>> for x, y in loader:  # doctest: +SKIP
    ...     loss = captured(x, y)
    """
    if not callable(step):
        raise TypeError(f"graph: step is a {type(step).__name__}; needed is a function.")
    if warmup < 0:
        raise ValueError(f"graph: warmup is {warmup}; needed is at least 0.")
    return CapturedStep(step, warmup)


class _Leaf(NamedTuple):
    """A Variable that the captured step gave a gradient, as it was then.

    Attributes
    ----------
    gradient
        What the step left in ``grad``.
    adds
        Whether the step added to a gradient that was there before.
    """

    variable: Variable
    data: Array
    node: Any
    gradient: Any
    adds: bool


class CapturedStep:
    """What `graph` gives: a function that replays a training step.

    Parameters
    ----------
    step, warmup
        As in `graph`.
    """

    def __init__(self, step: Callable[..., Any], warmup: int) -> None:
        self._step = step
        self._name = getattr(step, "__name__", type(step).__name__)
        self._warmup = warmup
        self._inputs: Any = None
        self._parts: list[Callable[[], Any]] = []
        self._leaves: list[_Leaf] = []
        self._met: dict[Variable, None] = {}
        self._outputs: Any = None

    def __repr__(self) -> str:
        state = "captured" if self._outputs is not None else f"{self._warmup} calls to go"
        return f"<graph of {self._name}: {state}>"

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Make one step; give what it gives."""
        given = (args, options)
        if self._inputs is None:
            self._find_backend(given)
        with self._backend.current():
            return self._run(given)

    def _run(self, given: Any) -> Any:
        if self._inputs is None:
            self._prepare(given)
        else:
            self._fill(given)
        if self._parts:
            return self._replay()
        if self._warmup:
            self._warmup -= 1
            with self._aside():
                args, options = self._inputs
                return _map(_detached, self._step(*args, **options))
        return self._capture()

    # Inputs -------------------------------------------------------------------------------------------------------

    def _find_backend(self, given: Any) -> None:
        """Find out which GPU the arguments are on, or new arrays go to."""
        found = [_backend(value) for value in _leaves_of(given)]
        devices = [backend for backend in found if isinstance(backend, CupyBackend)]
        self._backend: Backend = devices[0] if devices else get_backend()
        if not isinstance(self._backend, CupyBackend):
            raise TypeError(
                f"graph of {self._name}: neither the arguments nor the default backend, {self._backend.name!r}, are on "
                f'a GPU; needed is that. Call set_backend("cupy") first.'
            )

    def _prepare(self, given: Any) -> None:
        """Make the stream, the memory pool and the static inputs."""
        import cupy

        # Work on the default stream cannot be captured.
        self._stream = cupy.cuda.Stream(non_blocking=True)
        # What the graph reads and writes stays its own, until the graph is gone.
        self._pool = cupy.cuda.MemoryPool()
        with cupy.cuda.using_allocator(self._pool.malloc):
            self._inputs = _map(self._static, given)

    def _static(self, value: Any) -> Any:
        """Give an argument as the step gets it each time: arrays in memory that stays."""
        if isinstance(value, Variable):
            if value.requires_grad:
                raise CaptureError(
                    f"graph of {self._name}: an argument of shape {tuple(value.shape)} requires grad, but the step "
                    f"gets a copy of it, and no gradient would reach it. Pass v.detach()."
                )
            return wrap(self._static(value.data), self._backend, None)
        if _backend(value) is None:
            return value
        return self._backend.asarray(value, copy=True)

    def _fill(self, given: Any) -> None:
        """Copy arguments into the static ones."""
        statics, values = _leaves_of(self._inputs), _leaves_of(given)
        if len(statics) != len(values):
            raise ValueError(
                f"graph of {self._name}: the call has {len(values)} arguments, counted through tuples, lists and "
                f"dicts; needed are {len(statics)}, as in the first call."
            )
        for place, (static, value) in enumerate(zip(statics, values, strict=True)):
            raw = value.data if isinstance(value, Variable) else value
            if _backend(static) is None:
                if _backend(raw) is not None or raw != static:
                    raise ValueError(
                        f"graph of {self._name}: argument {place} is {raw!r}; needed is {static!r}, as in the first "
                        f"call: only arrays may change. Make another graph for another value."
                    )
                continue
            target = static.data if isinstance(static, Variable) else static
            if _backend(raw) is None or (tuple(raw.shape), raw.dtype) != (
                tuple(target.shape),
                target.dtype,
            ):
                found = (
                    f"has shape {tuple(raw.shape)} and type {raw.dtype}"
                    if hasattr(raw, "dtype")
                    else f"is a {type(raw).__name__}"
                )
                raise ValueError(
                    f"graph of {self._name}: argument {place} {found}; needed are shape {tuple(target.shape)} and type "
                    f"{target.dtype}, as in the first call. Make another graph for other arrays, or leave out the "
                    f"last, smaller batch (drop_last=True)."
                )
            target[...] = self._backend.asarray(raw)

    # The first calls ----------------------------------------------------------------------------------------------

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

    def _capture(self) -> Any:
        """Capture the step, and make it."""
        leaves = [
            value
            for value in gc.get_objects()
            if issubclass(type(value), Variable)
            and getattr(value, "_backend", None) is self._backend  # another thread may be making it
            and value.requires_grad
            and value.is_leaf
        ]
        before = {leaf: leaf.grad for leaf in leaves}
        hooks = [
            leaf.register_hook(lambda grad, leaf=leaf: self._met.setdefault(leaf))
            for leaf in leaves
        ]
        since = now()
        self._parts = []
        try:
            with self._aside():
                args, options = self._inputs
                with self._capturing(), recorded_by(self._each_time):
                    outputs = self._step(*args, **options)
        except BaseException:
            self._parts, self._met = [], {}
            for leaf, gradient in before.items():
                leaf.grad = gradient
            raise
        finally:
            for hook in hooks:
                hook.remove()
        self._leaves = [
            _Leaf(
                leaf,
                leaf._raw,
                leaf._node,
                leaf.grad,
                before[leaf] is not None and before[leaf] is leaf.grad,
            )
            for leaf in self._met
        ]
        self._outputs = _map(_detached, outputs)
        self._rewrite = rewriting(since)
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
                    f"graph of {self._name}: the step cannot be captured, because of {_line_of(error)}\nCuPy says: "
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
        if result is not None and type(result) is not self._backend.array_type:
            raise CaptureError(
                f"graph of {self._name}: {function.__qualname__}, which is called at each replay, gave a "
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

    def _replay(self) -> Any:
        for leaf in self._leaves:
            variable = leaf.variable
            if variable._raw is not leaf.data or variable._node is not leaf.node:
                raise CaptureError(
                    f"graph of {self._name}: the array of a parameter (shape {tuple(leaf.data.shape)}) was replaced "
                    f"since the step was captured, which writes the old one. Make another graph, or write into the "
                    f"parameter (p.data[...] = x, load_state_dict)."
                )
            if leaf.adds and variable.grad is not leaf.gradient:
                raise CaptureError(
                    f"graph of {self._name}: the gradient of a parameter (shape {tuple(leaf.data.shape)}) was replaced "
                    f"since the step was captured, which adds to the old one. Call optimizer.zero_grad() inside the "
                    f"step, or zero_grad(set_to_none=False) outside."
                )
        for part in self._parts:
            part()
        _give([(leaf.variable, leaf.gradient) for leaf in self._leaves])
        self._rewrite()
        for output in _leaves_of(self._outputs):
            if isinstance(output, Variable):
                written(self._backend, output.data, "a replay of the graph that gave it")
        return self._outputs


def _give(gradients: list[tuple[Variable, Any]]) -> None:
    """Let Variables have their gradients."""
    for variable, gradient in gradients:
        node = variable._node
        if node is not None:
            node.extra().grad = gradient


def _backend(value: Any) -> Backend | None:
    return value._backend if isinstance(value, Variable) else backend_of(value)


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Variable) else value


def _map(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply a function to what tuples, lists and dicts hold."""
    if isinstance(value, dict):
        return {key: _map(function, item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[_map(function, item) for item in value])
    if isinstance(value, tuple | list):
        return type(value)([_map(function, item) for item in value])
    return function(value)


def _leaves_of(value: Any) -> list[Any]:
    """List what tuples, lists and dicts hold."""
    found: list[Any] = []
    _map(found.append, value)
    return found


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
