"""``summary``: a model as a table of its layers, their outputs, parameters and multiply-adds.

The model is run once on zeros. Multiply-adds are counted where they happen, in the operations that are matrix products
at heart, whoever calls them: a layer, or a ``forward`` of one's own.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from .. import ops
from ..backends import Backend, backend_of, get_backend
from ..tape import no_grad
from ..types import Array, DType, Shape
from ..variable import Variable
from .module import Module
from .state import backend_of_value

__all__ = ["Row", "Summary", "summary"]


class Row(NamedTuple):
    """One module of a `Summary`.

    Attributes
    ----------
    name
        Its dotted name; ``""`` for the model itself.
    kind
        The name of its class.
    output_shapes
        The shapes of what it gave, when it was called last; empty if it was not called.
    parameters
        How many numbers it learns itself, without the modules in it; shared ones are counted where they come first.
    multiply_adds
        How many it made itself, in all its calls, without the modules in it.
    """

    name: str
    kind: str
    output_shapes: tuple[Shape, ...]
    parameters: int
    multiply_adds: int


class Summary(NamedTuple):
    """A model as a table: ``print(summary)`` shows it.

    Attributes
    ----------
    rows
        The modules, each before those in it.
    parameters, trainable, multiply_adds
        Those of all of them: how many numbers are learned, how many of these require grad, and how many multiply-adds
        a forward pass makes.
    """

    rows: tuple[Row, ...]
    parameters: int
    trainable: int
    multiply_adds: int

    def __str__(self) -> str:
        lines = [("layer", "output shape", "parameters", "multiply-adds")]
        for row in self.rows:
            path = row.name.split(".") if row.name else []
            label = f"{path[-1]}: {row.kind}" if path else row.kind
            shapes = ", ".join(str(tuple(shape)) for shape in row.output_shapes) or "–"
            numbers = [f"{n:,}" if n else "–" for n in (row.parameters, row.multiply_adds)]
            lines.append(("  " * len(path) + label, shapes, numbers[0], numbers[1]))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = [
            f"{layer:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}  {work:>{widths[3]}}"
            for layer, shape, count, work in lines
        ]
        rule = "─" * len(texts[0])
        total = (
            f"{self.parameters:,} parameters, {self.trainable:,} of them trainable; {self.multiply_adds:,} "
            f"multiply-adds"
        )
        return "\n".join([texts[0], rule, *texts[1:], rule, total])


def summary(model: Module, *inputs: Any, dtype: DType | None = None) -> Summary:
    """Run a model once, in eval mode, and say what its layers give, learn and compute.

    Parameters
    ----------
    model
        The model. It is left as it was.
    *inputs
        The arguments of a call: shapes, with the axis of samples, of which arrays of zeros are made; or arrays.
    dtype
        The data type of those zeros, by default that of the model's first floating parameter.

    Returns
    -------
    Summary
        To be printed, or read. Multiply-adds are those of matrix products (linear, convolutional and recurrent layers,
        attention, ``matmul``, ``tensordot``); additions of biases, activations and the like are not counted.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    >>> print(nn.summary(model, (1, 28, 28)))
    layer         output shape  parameters  multiply-adds
    ─────────────────────────────────────────────────────
    Sequential    (1, 10)                –              –
      0: Flatten  (1, 784)               –              –
      1: Linear   (1, 64)           50,240         50,176
      2: ReLU     (1, 64)                –              –
      3: Linear   (1, 10)              650            640
    ─────────────────────────────────────────────────────
    50,890 parameters, 50,890 of them trainable; 50,816 multiply-adds
    """
    parameters = list(model.parameters())
    backend = backend_of_value(parameters[0]) if parameters else get_backend()
    if dtype is None:
        dtype = next((p.dtype for p in parameters if backend.is_floating(p.dtype)), "float32")
    args = [_input(backend, place, value, dtype) for place, value in enumerate(inputs)]
    modes = [(module, module.training) for module in model.modules()]
    watch, handles = _Watch(), []
    try:
        for module, _ in modes:
            handles.append(module.register_forward_pre_hook(watch.enter, prepend=True))
            handles.append(module.register_forward_hook(watch.leave, always_call=True))
        model.eval()
        with no_grad(), _counting(backend, watch.count):
            model(*args)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    return watch.summary(model)


def _input(backend: Backend, place: int, value: Any, dtype: DType) -> Any:
    """Give an argument of the call."""
    if isinstance(value, Variable) or backend_of(value) is not None:
        return value
    if isinstance(value, tuple | list) and all(isinstance(n, int) and n >= 0 for n in value):
        return Variable(
            backend.xp.zeros(tuple(value), dtype=backend.dtype(dtype)), requires_grad=False
        )
    raise TypeError(
        f"summary: input {place} is {value!r}; needed is a shape with the axis of samples, such as (1, 3, 32, 32), or "
        f"an array."
    )


class _Watch:
    """What happens while the model runs."""

    def __init__(self) -> None:
        self._running: list[Module] = []
        self._shapes: dict[int, tuple[Shape, ...]] = {}
        self._work: dict[int, int] = {}

    def enter(self, module: Module, args: Any) -> None:
        """Note that a module begins."""
        self._running.append(module)

    def leave(self, module: Module, args: Any, out: Any) -> None:
        """Note that a module is done, and what it gave."""
        self._running.pop()
        self._shapes[id(module)] = tuple(_shapes(out))

    def count(self, number: int) -> None:
        """Add multiply-adds to those of the module that is running."""
        module = self._running[-1]
        self._work[id(module)] = self._work.get(id(module), 0) + number

    def summary(self, model: Module) -> Summary:
        """Give what was seen."""
        rows, seen, trainable = [], set(), 0
        for name, module in model.named_modules():
            own = [p for p in module.parameters(recurse=False) if id(p) not in seen]
            seen |= {id(parameter) for parameter in own}
            trainable += sum(p.size for p in own if p.requires_grad)
            rows.append(
                Row(
                    name,
                    type(module).__name__,
                    self._shapes.get(id(module), ()),
                    sum(parameter.size for parameter in own),
                    self._work.get(id(module), 0),
                )
            )
        return Summary(
            tuple(rows),
            sum(row.parameters for row in rows),
            trainable,
            sum(row.multiply_adds for row in rows),
        )


def _shapes(out: Any) -> Iterator[Shape]:
    """Give the shapes of all arrays in what a module gave."""
    if hasattr(out, "shape"):
        yield tuple(out.shape)
    elif isinstance(out, dict):
        yield from _shapes(list(out.values()))
    elif isinstance(out, tuple | list):
        for item in out:
            yield from _shapes(item)


# Counting -------------------------------------------------------------------------------------------------------------


def _of_matmul(out: Array, x1: Array, x2: Array) -> int:
    return math.prod(out.shape) * x1.shape[-1]


def _of_vecdot(out: Array, x1: Array, x2: Array, *, axis: int) -> int:
    return math.prod(out.shape) * x1.shape[axis]


def _of_tensordot(out: Array, x1: Array, x2: Array, **options: Any) -> int:
    # Every axis is of two of the three; the product of all lengths is what is computed.
    return math.isqrt(math.prod((*x1.shape, *x2.shape, *out.shape)))


def _of_linear(out: Array, x: Array, weight: Array, *rest: Any) -> int:
    return math.prod(out.shape) * weight.shape[-1]


def _of_convolution(out: Array, x: Array, weight: Array, *rest: Any, **options: Any) -> int:
    return math.prod(out.shape) * math.prod(weight.shape[1:])


def _of_transposed_convolution(out: Array, x: Array, weight: Array, **options: Any) -> int:
    return math.prod(x.shape) * math.prod(weight.shape[1:])


def _of_attention(
    out: Sequence[Array], query: Array, key: Array, value: Array, *rest: Any, **options: Any
) -> int:
    rows = math.prod(out[0].shape[:-1])
    return rows * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _of_recurrence(
    out: Sequence[Array], ax: Array, h0: Array, c0: Any, w_hh: Array, *rest: Any, **options: Any
) -> int:
    weights = [w_hh, *[weight for weight in rest if weight is not None and weight.ndim == 2]]
    return ax.shape[0] * sum(math.prod(weight.shape) for weight in weights)


_FORMULAS: dict[str, Callable[..., int]] = {
    "attention": _of_attention,
    "convolution": _of_convolution,
    "convolution_backward_x": _of_transposed_convolution,
    "linear": _of_linear,
    "matmul": _of_matmul,
    "recurrent": _of_recurrence,
    "tensordot": _of_tensordot,
    "vecdot": _of_vecdot,
}
"""For each operation that is a matrix product at heart, its multiply-adds by its result and its arguments."""

_one_at_a_time = threading.Lock()


@contextmanager
def _counting(backend: Backend, count: Callable[[int], None]) -> Iterator[None]:
    """Count the multiply-adds of this thread: the bodies of the operations that make any are wrapped for a while."""
    thread = threading.get_ident()

    def wrapped(body: Callable[..., Any], formula: Callable[..., int]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            out = body(*args, **options)
            if threading.get_ident() == thread:
                count(formula(out, *args, **options))
            return out

        return run

    with _one_at_a_time:
        # Core loads its families when they are asked for, and their bodies with them.
        _ = ops.matmul, ops.tensordot, ops.vecdot
        bodies = {name: backend.body(name) for name in _FORMULAS}
        backend.register_kernels(
            {name: wrapped(body, _FORMULAS[name]) for name, body in bodies.items()}
        )
        try:
            yield
        finally:
            backend.register_kernels(bodies)
