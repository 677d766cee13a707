"""The tape: what a recorded operation leaves behind, and whether operations are recorded at all.

A ``Node`` stands for one Variable that requires grad: a leaf, or the output of an operation. Variables point to
their nodes and nodes to the nodes of their inputs, never back to a Variable; so the graph has no cycles, and dropping
the last Variable frees it. ``calls.py`` makes nodes, ``walk.py`` walks them, ``variable.py`` keeps gradients there.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import threading
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any, Final

from .types import DType, Shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backends import Backend
    from .vjp import VJP

__all__ = [
    "Extras",
    "Node",
    "default",
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "leaf",
    "mode",
    "no_grad",
    "now",
    "record",
    "set_grad_enabled",
]

now: Final[Callable[[], int]] = itertools.count(1).__next__
"""The tape's clock. Nodes and writes in place draw from it, so "newer" has one meaning."""


class Node:
    """One differentiable value on the tape.

    Attributes
    ----------
    vjp
        How its gradient goes back to its inputs, None for a leaf.
    held
        The inputs' nodes, None for those that do not require grad, and then what the rules asked to save. Empty for a
        leaf; None once a backward pass has freed it.
    order
        When it was made, by the tape's clock.
    backend, shape, dtype
        Those of the value; a gradient has the same. An operation with several outputs has a node of its own, whose
        shape is the tuple of theirs, and each output's node has that node as its only input.
    extras
        None on most nodes: what only some have (see `Extras`).
    """

    __slots__ = ("backend", "dtype", "extras", "held", "order", "shape", "vjp")

    vjp: VJP | None
    held: tuple[Any, ...] | None
    order: int
    backend: Backend
    shape: Shape
    dtype: DType
    extras: Extras | None

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __lt__(self, other: Node) -> bool:
        """Say whether this node comes first in a walk backwards, being the newer."""
        return self.order > other.order

    @property
    def name(self) -> str:
        """The operation's name, ``"leaf"`` for a leaf."""
        return self.vjp.name if self.vjp else "leaf"

    @property
    def next_functions(self) -> tuple[Node, ...]:
        """The nodes of the inputs that require grad (PyTorch's name, without its output numbers)."""
        inputs = (self.held or ())[: self.vjp.inputs if self.vjp else 0]
        return tuple(node for node in inputs if node is not None)

    def saved(self) -> tuple[Any, ...]:
        """Give what the rules asked to save, in the order of the VJP's `needs`."""
        if self.vjp is None or self.held is None:
            return ()
        start = self.vjp.inputs
        return self.held[start : start + len(self.vjp.needs)]

    def extra(self) -> Extras:
        """Give the node's extras, made if there are none yet."""
        if self.extras is None:
            self.extras = Extras()
        return self.extras


class Extras:
    """What only some nodes have.

    Attributes
    ----------
    retains, grad
        Whether the gradient is kept here (leaves, and after ``retain_grad``), and the gradient, None before there is
        one.
    hooks
        Functions by key, called with the gradient when it is known.
    trace
        Under `detect_anomaly`, the lines that made the node and fingerprints of what was saved.
    """

    __slots__ = ("grad", "hooks", "retains", "trace")

    def __init__(self) -> None:
        self.retains = False
        self.grad: Any = None
        self.hooks: dict[int, Callable[[Any], Any]] = {}
        self.trace: Any = None


def leaf(backend: Backend, shape: Shape, dtype: DType, *, retains: bool = True) -> Node:
    """Make the node of a Variable that requires grad and was computed from nothing."""
    node = Node()
    node.vjp = None
    node.held = ()
    node.order = now()
    node.backend = backend
    node.shape = shape
    node.dtype = dtype
    node.extras = Extras()
    node.extras.retains = retains
    return node


def record(vjp: VJP, backend: Backend, held: tuple[Any, ...], shape: Shape, dtype: DType) -> Node:
    """Make the node of an operation's result."""
    node = Node()
    node.vjp = vjp
    node.held = held
    node.order = now()
    node.backend = backend
    node.shape = shape
    node.dtype = dtype
    node.extras = None
    if mode.anomaly is not None:
        mode.anomaly(node)
    return node


# Modes ------------------------------------------------------------------------------------------------------------


class _Default:
    """Whether all threads are in the default mode: an op asks this first, for a thread's own mode costs more to read.

    `others` counts the threads that are not.
    """

    __slots__ = ("everywhere", "lock", "others")

    def __init__(self) -> None:
        self.everywhere = True
        self.others = 0
        self.lock = threading.Lock()

    def count(self, change: int) -> None:
        with self.lock:
            self.others += change
            self.everywhere = self.others == 0


default = _Default()


class _Mode(threading.local):
    """What this thread does with operations: by default, it records them.

    Attributes
    ----------
    recording
        Whether operations leave nodes: `enabled`, and not under `inference`.
    anomaly
        What is called with each new node.
    """

    enabled = True
    inference = False
    recording = True
    anomaly: Callable[[Node], None] | None = None

    def set(
        self, *, enabled: bool, inference: bool, anomaly: Callable[[Node], None] | None
    ) -> None:
        was_default = self.recording and self.anomaly is None
        self.enabled = enabled
        self.inference = inference
        self.recording = enabled and not inference
        self.anomaly = anomaly
        is_default = self.recording and anomaly is None
        if is_default is not was_default:
            default.count(-1 if is_default else 1)


mode = _Mode()


class _ModeContext(ContextDecorator):
    """A change of mode for a ``with`` block or a decorated function. One object may be entered many times."""

    _changes: dict[str, Any]

    def __init__(self) -> None:
        self._before: list[dict[str, Any]] = []

    def __enter__(self) -> None:
        before = {"enabled": mode.enabled, "inference": mode.inference, "anomaly": mode.anomaly}
        self._before.append(before)
        mode.set(**{**before, **self._changes})

    def __exit__(self, *exception: object) -> None:
        mode.set(**self._before.pop())

    def _recreate_cm(self) -> _ModeContext:
        # A decorated function may run in several threads at once: each call gets a context of its own.
        context = type(self).__new__(type(self))
        context._changes = self._changes
        context._before = []
        return context

    def __call__(self, function: Any) -> Any:
        """Decorate a function. Of a generator each step runs in the mode, and what happens between them does not."""
        if not inspect.isgeneratorfunction(function):
            return super().__call__(function)

        @functools.wraps(function)
        def generate(*args: Any, **options: Any) -> Any:
            generator = function(*args, **options)
            step, sent = generator.send, None
            while True:
                with self._recreate_cm():
                    try:
                        item = step(sent)
                    except StopIteration as end:
                        return end.value
                try:
                    step, sent = generator.send, (yield item)
                except GeneratorExit:
                    with self._recreate_cm():
                        generator.close()
                    raise
                except BaseException as error:
                    step, sent = generator.throw, error

        return generate


class no_grad(_ModeContext):  # noqa: N801 - PyTorch's name
    """Record nothing: results do not require grad. A context manager or a decorator, for the current thread.

    Examples
    --------
    >>> from simple_autograd import Variable, no_grad
    >>> v = Variable([1.0, 2.0])
    >>> with no_grad():
    ...     w = v * 2
    >>> w.requires_grad
    False
    """

    _changes = {"enabled": False}  # noqa: RUF012 - set_grad_enabled has its own


class enable_grad(_ModeContext):  # noqa: N801 - PyTorch's name
    """Record again inside `no_grad` (not inside `inference_mode`). A context manager or a decorator."""

    _changes = {"enabled": True}  # noqa: RUF012 - set_grad_enabled has its own


class inference_mode(_ModeContext):  # noqa: N801 - PyTorch's name
    """Record nothing, and let nothing inside switch recording on again. A context manager or a decorator."""

    _changes = {"inference": True}  # noqa: RUF012 - set_grad_enabled has its own


class set_grad_enabled(_ModeContext):  # noqa: N801 - PyTorch's name
    """Record or not, by a flag: at once when called, and until the end of the block if used in a ``with``."""

    def __init__(self, enabled: bool) -> None:
        super().__init__()
        self._changes = {"enabled": enabled}
        super().__enter__()

    def __enter__(self) -> None:
        """Keep what the call has set; leaving the block puts the mode back to before the call."""

    def __call__(self, function: Any) -> Any:
        """Decorate a function; the mode goes back to before the call at once, as only the function is meant."""
        self.__exit__()
        return (enable_grad() if self._changes["enabled"] else no_grad())(function)


def is_grad_enabled() -> bool:
    """Say whether operations are being recorded in this thread."""
    return mode.recording
