"""``graph``: a training step that is recorded once and replayed from then on, without what Python adds to it.

How, is a backend's matter (`Backend.graphed`): a GPU has graphs of its own, all else is recorded call by call
(``recording/``). Here is what all have in common: whose arrays they are, which arguments a replay takes, the
calls before the first replay, and whether a step adds to a gradient or drops it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .backends import Backend, backend_of, get_backend
from .errors import CaptureError
from .replay import is_recording
from .tape import Extras, Node
from .types import Array, DType, Shape
from .variable import Variable, wrap

__all__ = ["Graph", "GraphedStep", "WatchedExtras", "detached", "each", "graph", "leaves_of"]


def graph(step: Callable[..., Any], *, warmup: int = 3) -> Graph:
    """Make a function that records a training step and replays it.

    The first calls run the step as it is, so that what is made once is there (an optimizer's state); the next ones
    record it, later ones replay it. Each makes one step with the arguments given, so the results are those of the step
    itself. A replay is a straight line of calls on raw arrays, or on a GPU a CUDA graph: it has no Variables, no tape,
    and runs no Python of the step.

    Parameters
    ----------
    step
        A function of arrays: forward, backward, ``optimizer.step()``, ``optimizer.zero_grad()``, or parts of that. What
        it does with arrays is repeated: what else it does, such as appending to a list, happens in the first calls
        alone. It must do the same each time. An optimizer's update, a scheduler's step and draws of random numbers
        depend on more than arrays, and are made anew at each replay; mark functions of your own that do with
        `simple_autograd.replay.each_time`.
    warmup
        How many calls run the step as it is.

    Returns
    -------
    Graph
        It takes what `step` takes: arrays must keep their shapes and data types, all else must stay the same. It gives
        what `step` gives, detached.

    Raises
    ------
    TypeError
        If `step` is no function.
    ValueError
        If `warmup` is negative.

    See Also
    --------
    simple_autograd.errors.CaptureError : what a call raises if the step cannot be replayed.

    Examples
    --------
    >>> import simple_autograd as sa
    >>> w = sa.Variable([1.0, 2.0])
    >>> def step(x):
    ...     w.grad = None
    ...     loss = (w * x).sum()
    ...     loss.backward()
    ...     return loss
    >>> fast = sa.graph(step)
    >>> for number in range(7):
    ...     loss = fast(sa.asarray([1.0, number]))
    >>> loss, w.grad
    (Variable(13.), array([1., 6.]))
    """
    if not callable(step):
        raise TypeError(f"graph: step is a {type(step).__name__}; needed is a function.")
    if warmup < 0:
        raise ValueError(f"graph: warmup is {warmup}; needed is at least 0.")
    return Graph(step, warmup)


class Graph:
    """What `graph` gives: a function that makes a step, and sooner or later a replay of it.

    Parameters
    ----------
    step, warmup
        As in `graph`.
    """

    def __init__(self, step: Callable[..., Any], warmup: int) -> None:
        self._step = step
        self._warmup = warmup
        self._graphed: GraphedStep | None = None

    def __repr__(self) -> str:
        return repr(self._graphed or GraphedStep(self._step, self._warmup, get_backend()))

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Make one step; give what it gives, detached. Within a step that is being recorded it is a part of that."""
        if is_recording():
            return self._step(*args, **options)
        graphed = self._graphed
        if graphed is None:
            found = [
                backend
                for value in leaves_of((args, options))
                if (backend := backend_of(_raw(value))) is not None and not backend.is_host
            ]
            backend = found[0] if found else get_backend()
            graphed = backend.graphed(self._step, self._warmup)
            if graphed is None:
                from .recording.step import RecordedStep

                graphed = RecordedStep(self._step, self._warmup, backend)
            self._graphed = graphed
        return graphed(*args, **options)


class _Kind(NamedTuple):
    """What an argument must be that is an array."""

    shape: Shape
    dtype: DType


class GraphedStep:
    """A step, its calls before the first replay, and its replays; a backend says how it records.

    Parameters
    ----------
    step, warmup
        As in `graph`.
    backend
        Whose arrays the step computes with.

    Attributes
    ----------
    name
        What errors call the step.
    is_recorded
        Whether the next call is a replay.
    """

    def __init__(self, step: Callable[..., Any], warmup: int, backend: Backend) -> None:
        self.step = step
        self.name = getattr(step, "__name__", type(step).__name__)
        self.backend = backend
        self.is_recorded = False
        self._warmup = warmup
        self._kinds: list[Any] | None = None

    def __repr__(self) -> str:
        state = "recorded" if self.is_recorded else "not recorded yet"
        return f"<graph of {self.name}: {state}>"

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Make one step."""
        arrays = self._arrays((args, options))
        if self.is_recorded:
            return self.replay(arrays)
        if self._warmup:
            result = self.warm_up((args, options), arrays)
            self._warmup -= 1
            return each(detached, result)
        return self.record((args, options), arrays)

    def warm_up(self, given: Any, arrays: list[Array]) -> Any:
        """Make a step as it is."""
        args, options = self.with_arrays(given, arrays)
        return self.step(*args, **options)

    def record(self, given: Any, arrays: list[Array]) -> Any:
        """Make a step and record it; set `is_recorded` when that is enough."""
        raise NotImplementedError

    def replay(self, arrays: list[Array]) -> Any:
        """Make a step by what was recorded."""
        raise NotImplementedError

    def _arrays(self, given: Any) -> list[Array]:
        """Give the arguments that are arrays, raw and of the step's backend; raise if others are not as at first."""
        values = leaves_of(given)
        if self._kinds is None:
            self._kinds = [self._kind(value) for value in values]
        if len(values) != len(self._kinds):
            raise ValueError(
                f"graph of {self.name}: the call has {len(values)} arguments, counted through tuples, lists and "
                f"dicts; needed are {len(self._kinds)}, as in the first call."
            )
        array_type, arrays = self.backend.array_type, []
        for place, (value, kind) in enumerate(zip(values, self._kinds, strict=True)):
            raw = value
            if isinstance(value, Variable):
                raw = value._raw
                if value._node is not None:
                    raise CaptureError(
                        f"graph of {self.name}: argument {place}, of shape {tuple(value.shape)}, requires grad, but in "
                        f"a replay no gradient would reach it. Pass v.detach()."
                    )
            if type(kind) is not _Kind:
                if backend_of(raw) is not None or raw != kind:
                    raise ValueError(
                        f"graph of {self.name}: argument {place} is {raw!r}; needed is {kind!r}, as in the first "
                        f"call: only arrays may change. Make another graph for another value."
                    )
                continue
            if type(raw) is not array_type:
                if backend_of(raw) is None:
                    self._refuse_array(place, kind, f"is a {type(raw).__name__}")
                raw = self.backend.asarray(raw)
            if raw.shape != kind.shape or raw.dtype != kind.dtype:
                dtype = self.backend.dtype_name(raw.dtype)
                found = f"has shape {tuple(raw.shape)} and type {dtype}"
                self._refuse_array(place, kind, found)
            arrays.append(raw)
        return arrays

    def _kind(self, value: Any) -> Any:
        raw = _raw(value)
        if backend_of(raw) is None:
            return value
        raw = self.backend.asarray(raw)
        return _Kind(raw.shape, raw.dtype)

    def _refuse_array(self, place: int, kind: _Kind, found: str) -> None:
        raise ValueError(
            f"graph of {self.name}: argument {place} {found}; needed are shape {tuple(kind.shape)} and type "
            f"{self.backend.dtype_name(kind.dtype)}, as in the first call. Make another graph for other arrays, or "
            f"leave out the last, smaller batch (drop_last=True)."
        )

    def with_arrays(self, given: Any, arrays: list[Array]) -> Any:
        """Give arguments as they were given, but with other raw arrays, in the order of `_arrays`."""
        rest: Iterator[Array] = iter(arrays)

        def other(value: Any) -> Any:
            if backend_of(_raw(value)) is None:
                return value
            raw = next(rest)
            backend = backend_of(raw) or self.backend
            return wrap(raw, backend, None) if isinstance(value, Variable) else raw

        return each(other, given)


class WatchedExtras(Extras):
    """The extras of a leaf without a gradient, in the place of its own: they notice ``leaf.grad = None``.

    Attributes
    ----------
    dropped
        Whether that was said before there was a gradient, as ``zero_grad`` does: then the step adds to none.
    """

    __slots__ = ("_gradient", "dropped", "node", "own")

    def __init__(self, node: Node) -> None:
        self._gradient: Any = None
        self.own = node.extra()
        self.retains, self.hooks, self.trace = self.own.retains, self.own.hooks, self.own.trace
        self.dropped = False
        self.node = node
        node.extras = self

    @property
    def grad(self) -> Any:
        """The gradient."""
        return self._gradient

    @grad.setter
    def grad(self, gradient: Any) -> None:
        self.dropped = self.dropped or (gradient is None and self._gradient is None)
        self._gradient = gradient

    def end(self) -> None:
        """Give the leaf its own extras back, with the gradient that it has now."""
        self.own.grad = self._gradient
        self.node.extras = self.own


def each(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply a function to what tuples, lists and dicts hold."""
    if isinstance(value, dict):
        return {key: each(function, item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[each(function, item) for item in value])
    if isinstance(value, tuple | list):
        return type(value)([each(function, item) for item in value])
    return function(value)


def leaves_of(value: Any) -> list[Any]:
    """List what tuples, lists and dicts hold."""
    found: list[Any] = []
    _gather(value, found)
    return found


def _gather(value: Any, found: list[Any]) -> None:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list):
        found.append(value)
        return
    for item in value:
        _gather(item, found)


def _raw(value: Any) -> Any:
    return value._raw if isinstance(value, Variable) else value


def detached(value: Any) -> Any:
    """Give a Variable without its history; anything else as it is."""
    return value.detach() if isinstance(value, Variable) else value
