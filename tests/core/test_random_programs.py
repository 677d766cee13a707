"""Small programs drawn at random: values, gradients and Hessian-vector products as PyTorch has them, and replayed.

A program starts from a few arrays whose shapes broadcast together and takes some ten steps; each applies one
of `STEPS` to results that came before. Its loss weighs every result, so that all of them, shared, broadcast
and reused, get gradients from several sides.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from tests.core.arrays import assert_close, to_backend, to_numpy

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
import hypothesis.extra.numpy as hnp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

Shape = tuple[int, ...]


class Step(NamedTuple):
    """One kind of step.

    Attributes
    ----------
    ours, theirs
        The function of Variables and the same one of the module torch and its tensors; last come the options.
    options
        From the operands' shapes, the options that there are to choose from; none where the step is impossible.
    arity
        How many operands it takes.
    """

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    options: Callable[..., list[tuple[Any, ...]]] = lambda *shapes: [()]
    arity: int = 1


def one_axis(shape: Shape) -> list[tuple[Any, ...]]:
    return [(axis,) for axis in range(-len(shape), len(shape)) if shape[axis]]


def axes_and_keep(shape: Shape) -> list[tuple[Any, ...]]:
    several = [tuple(range(len(shape)))] if len(shape) > 1 else []
    axes = [*range(-len(shape), len(shape)), *several]
    return [(axis, keep) for axis in axes for keep in (False, True) if np.prod(shape)]


def together(*shapes: Shape) -> list[tuple[Any, ...]]:
    try:
        size = np.prod(np.broadcast_shapes(*shapes), dtype=int)
    except ValueError:
        return []
    return [()] if size <= 300 else []


def same(*shapes: Shape) -> list[tuple[Any, ...]]:
    return one_axis(shapes[0]) if len(set(shapes)) == 1 else []


def product(a: Shape, b: Shape) -> list[tuple[Any, ...]]:
    if not a or not b or a[-1] != b[-2 if len(b) > 1 else -1]:
        return []
    return together(a[:-2], b[:-2])


def keys(shape: Shape) -> list[tuple[Any, ...]]:
    """Indices of every kind, among them repeated, negative and backward ones that PyTorch knows too."""
    if not shape or not shape[0]:
        return []
    n = shape[0]
    positions = np.array([0, n - 1, 0, -1])
    found: list[Any] = [0, -1, slice(None, None, 2), slice(1, None), ..., None, positions]
    found += [np.arange(n) % 2 == 0, (None, slice(0, 1), ...)]
    if len(shape) > 1 and shape[1]:
        columns = np.array([shape[1] - 1, 0, -1])
        found += [(positions, -1), (slice(None), columns), (positions[:, None], columns)]
    return [(key,) for key in found]


def index_ours(x: Variable, key: Any) -> Variable:
    return x[to_backend(key)]


def index_theirs(torch: Any, x: Any, key: Any) -> Any:
    def tensors(item: Any) -> Any:
        return torch.from_numpy(item) if isinstance(item, np.ndarray) else item

    return x[tuple(map(tensors, key)) if isinstance(key, tuple) else tensors(key)]


STEPS = {
    # Elementwise
    "sin": Step(sa.sin, lambda torch, x: torch.sin(x)),
    "tanh": Step(sa.tanh, lambda torch, x: torch.tanh(x)),
    "sigmoid": Step(sa.sigmoid, lambda torch, x: torch.sigmoid(x)),
    "bell": Step(lambda x: sa.exp(-sa.square(x)), lambda torch, x: torch.exp(-torch.square(x))),
    "abs": Step(sa.abs, lambda torch, x: torch.abs(x)),
    "relu": Step(sa.relu, lambda torch, x: torch.relu(x)),
    "softplus": Step(sa.softplus, lambda torch, x: torch.nn.functional.softplus(x)),
    "log1p": Step(lambda x: sa.log1p(x * x), lambda torch, x: torch.log1p(x * x)),
    "sqrt": Step(lambda x: sa.sqrt(x * x + 0.5), lambda torch, x: torch.sqrt(x * x + 0.5)),
    "atan": Step(sa.atan, lambda torch, x: torch.atan(x)),
    "erf": Step(sa.erf, lambda torch, x: torch.erf(x)),
    "cube": Step(lambda x: (x / 4) ** 3, lambda torch, x: (x / 4) ** 3),
    "remainder": Step(lambda x: x % 1.5, lambda torch, x: x % 1.5),
    "clip": Step(lambda x: sa.clip(x, -0.7, 0.8), lambda torch, x: torch.clip(x, -0.7, 0.8)),
    # Reductions
    "sum": Step(
        lambda x, a, k: sa.sum(x, axis=a, keepdims=k),
        lambda torch, x, a, k: torch.sum(x, a, k),
        axes_and_keep,
    ),
    "mean": Step(
        lambda x, a, k: x.mean(a, k), lambda torch, x, a, k: torch.mean(x, a, k), axes_and_keep
    ),
    "var": Step(
        lambda x, a, k: sa.var(x, axis=a, keepdims=k),
        lambda torch, x, a, k: torch.var(x, a, correction=0, keepdim=k),
        axes_and_keep,
    ),
    "amax": Step(
        lambda x, a, k: x.amax(a, k), lambda torch, x, a, k: torch.amax(x, a, k), axes_and_keep
    ),
    "logsumexp": Step(
        lambda x, a, k: sa.logsumexp(x, axis=a, keepdims=k),
        lambda torch, x, a, k: torch.logsumexp(x, a, k),
        axes_and_keep,
    ),
    "prod": Step(
        lambda x, a: sa.prod(sa.tanh(x), axis=a),
        lambda torch, x, a: torch.prod(torch.tanh(x), a),
        one_axis,
    ),
    # Not of zeros, where PyTorch's second derivative is NaN.
    "norm": Step(
        lambda x: sa.linalg.vector_norm(x * x + 0.1),
        lambda torch, x: torch.linalg.vector_norm(x * x + 0.1),
    ),
    # Along an axis
    "softmax": Step(
        lambda x, a: sa.softmax(x, axis=a), lambda torch, x, a: torch.softmax(x, a), one_axis
    ),
    "log_softmax": Step(
        lambda x, a: x.log_softmax(a), lambda torch, x, a: torch.log_softmax(x, a), one_axis
    ),
    "cumsum": Step(
        lambda x, a: sa.cumulative_sum(x, axis=a), lambda torch, x, a: torch.cumsum(x, a), one_axis
    ),
    "cumprod": Step(
        lambda x, a: sa.cumulative_prod(sa.tanh(x), axis=a),
        lambda torch, x, a: torch.cumprod(torch.tanh(x), a),
        one_axis,
    ),
    "sort": Step(
        lambda x, a: sa.sort(x, axis=a),
        lambda torch, x, a: torch.sort(x, dim=a, stable=True).values,
        one_axis,
    ),
    "flip": Step(
        lambda x, a: sa.flip(x, axis=a), lambda torch, x, a: torch.flip(x, (a,)), one_axis
    ),
    "roll": Step(
        lambda x, a: sa.roll(x, 1, axis=a), lambda torch, x, a: torch.roll(x, 1, a), one_axis
    ),
    "diff": Step(
        lambda x, a: sa.diff(x, axis=a), lambda torch, x, a: torch.diff(x, dim=a), one_axis
    ),
    # Shapes
    "transpose": Step(
        lambda x: sa.permute_dims(x, tuple(range(x.ndim))[::-1]),
        lambda torch, x: torch.permute(x, tuple(range(x.ndim))[::-1]),
    ),
    "flatten": Step(lambda x: sa.reshape(x, (-1,)), lambda torch, x: torch.reshape(x, (-1,))),
    "unsqueeze": Step(
        lambda x: sa.expand_dims(x, axis=-1),
        lambda torch, x: torch.unsqueeze(x, -1),
        lambda shape: [()] if len(shape) < 4 else [],
    ),
    "repeat": Step(
        lambda x: sa.tile(x, (2,) + (1,) * (x.ndim - 1)),
        lambda torch, x: torch.tile(x, (2,) + (1,) * (x.ndim - 1)),
        lambda shape: [()] if shape and np.prod(shape) < 200 else [],
    ),
    "index": Step(index_ours, index_theirs, keys),
    "tril": Step(sa.tril, lambda torch, x: torch.tril(x), lambda s: [()] if len(s) > 1 else []),
    # Two and three operands
    "add": Step(sa.add, lambda torch, x, y: x + y, together, 2),
    "subtract": Step(lambda x, y: x - 2 * y, lambda torch, x, y: x - 2 * y, together, 2),
    "multiply": Step(sa.multiply, lambda torch, x, y: x * y, together, 2),
    "divide": Step(lambda x, y: x / (2 + y * y), lambda torch, x, y: x / (2 + y * y), together, 2),
    "maximum": Step(sa.maximum, lambda torch, x, y: torch.maximum(x, y), together, 2),
    "minimum": Step(sa.minimum, lambda torch, x, y: torch.minimum(x, y), together, 2),
    "power": Step(
        lambda x, y: (1 + x * x) ** sa.tanh(y),
        lambda torch, x, y: (1 + x * x) ** torch.tanh(y),
        together,
        2,
    ),
    "hypot": Step(
        lambda x, y: sa.hypot(x, y * y + 1),
        lambda torch, x, y: torch.hypot(x, y * y + 1),
        together,
        2,
    ),
    "atan2": Step(
        lambda x, y: sa.atan2(x, y * y + 1),
        lambda torch, x, y: torch.atan2(x, y * y + 1),
        together,
        2,
    ),
    "logaddexp": Step(sa.logaddexp, lambda torch, x, y: torch.logaddexp(x, y), together, 2),
    "where": Step(
        lambda x, y, z: sa.where(x > 0.1, y, z),
        lambda torch, x, y, z: torch.where(x > 0.1, y, z),
        together,
        3,
    ),
    "matmul": Step(sa.matmul, lambda torch, x, y: x @ y, product, 2),
    "concat": Step(
        lambda x, y, a: sa.concat([x, y, x], axis=a),
        lambda torch, x, y, a: torch.concat([x, y, x], a),
        same,
        2,
    ),
    "stack": Step(
        lambda x, y, a: sa.stack([x, y], axis=a),
        lambda torch, x, y, a: torch.stack([x, y], a),
        lambda x, y: same(x, y) if len(x) < 4 else [],
        2,
    ),
    "masked write": Step(
        lambda x, y: written(x, y, sa), lambda torch, x, y: written(x, y, torch), together, 2
    ),
}


def written(x: Any, y: Any, library: Any) -> Any:
    """Write into a copy, first where a condition holds, then a block."""
    x, y = library.broadcast_arrays(x, y) if library is sa else library.broadcast_tensors(x, y)
    out = x * 1
    if x.ndim:
        out[x > y] = 0.5
        out[:1] = y[:1] * x[:1]
    return out


REAL_ONLY = [
    *("relu", "softplus", "log1p", "sqrt", "atan", "erf", "remainder", "clip", "var", "amax"),
    *("logsumexp", "softmax", "log_softmax", "sort", "divide", "maximum", "minimum", "power"),
    *("hypot", "atan2", "logaddexp", "where", "masked write"),
]
STEPS_ON_COMPLEX = {
    **{name: step for name, step in STEPS.items() if name not in REAL_ONLY},
    # Results go on as complex numbers.
    "abs": Step(lambda x: sa.abs(x) + 0j, lambda torch, x: torch.abs(x) + 0j),
    "norm": Step(
        lambda x: sa.linalg.vector_norm(x + 5) + 0j,
        lambda torch, x: torch.linalg.vector_norm(x + 5) + 0j,
    ),
    "conj": Step(sa.conj, lambda torch, x: torch.conj(x)),
    "real": Step(lambda x: sa.real(x) * (1 - 2j), lambda torch, x: torch.real(x) * (1 - 2j)),
    "imag": Step(lambda x: sa.imag(x) + 1j, lambda torch, x: torch.imag(x) + 1j),
    "angle": Step(lambda x: sa.angle(x + 9) * 1j, lambda torch, x: torch.angle(x + 9) * 1j),
    "quotient": Step(
        lambda x, y: x / (y * sa.conj(y) + 2),
        lambda torch, x, y: x / (y * torch.conj(y) + 2),
        together,
        2,
    ),
}


@st.composite
def programs(
    draw: Any, kinds: dict[str, Step], dtype: Any
) -> tuple[list[np.ndarray], list[tuple[str, list[int], tuple[Any, ...]]]]:
    """Draw the inputs, and steps: the kind, which results it is applied to, its options."""
    shapes = hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3)
    known = list(draw(shapes).input_shapes)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    inputs = [rng.uniform(-1.5, 1.5, shape).astype(dtype) for shape in known]
    if dtype == np.complex128:
        inputs = [np.asarray(x + 1j * rng.uniform(-1.5, 1.5, x.shape)) for x in inputs]
    steps = []
    for _ in range(draw(st.integers(4, 12))):
        name = draw(st.sampled_from(sorted(kinds)))
        step = kinds[name]
        # Late results are preferred, or programs would be flat.
        recent = st.integers(0, len(known) - 1).map(lambda i: len(known) - 1 - i)
        places = [draw(recent) for _ in range(step.arity)]
        options = step.options(*[known[i] for i in places])
        if not options:
            continue
        option = draw(st.sampled_from(options))
        stand_ins = [sa.asarray(to_backend(np.ones(known[i], dtype))) for i in places]
        known.append(tuple(step.ours(*stand_ins, *option).shape))
        steps.append((name, places, option))
    return inputs, steps


def run(functions: dict[str, Callable[..., Any]], inputs: list[Any], steps: Any) -> list[Any]:
    """Give all results of a program, the inputs first."""
    results = list(inputs)
    for name, places, option in steps:
        results.append(functions[name](*[results[i] for i in places], *option))
    return results


def compare(torch: Any, kinds: dict[str, Step], inputs: list[np.ndarray], steps: Any) -> None:
    """Run a program on both sides, and differentiate it twice."""
    mine = [Variable(to_backend(value.copy())) for value in inputs]
    other = [torch.from_numpy(value.copy()).requires_grad_() for value in inputs]
    results = run({name: step.ours for name, step in kinds.items()}, mine, steps)
    theirs = {name: partial(step.theirs, torch) for name, step in kinds.items()}
    expected = run(theirs, other, steps)
    values = [plain(value) for value in expected]
    assume(all(np.all(np.abs(value) < 1e3) for value in values))
    for result, value in zip(results, values, strict=True):
        assert_close(result, value)

    # The loss is bent, or the Hessian would be zero for many programs.
    rng = np.random.default_rng(0)
    weights = [rng.uniform(0.5, 1.5, value.shape).astype(value.dtype) for value in values]
    loss = sum((r * to_backend(w)).sum() for r, w in zip(results, weights, strict=True))
    loss = sa.real(loss * loss / 100 + loss)
    there = sum((r * torch.from_numpy(w)).sum() for r, w in zip(expected, weights, strict=True))
    there = torch.real(there * there / 100 + there)
    first = sa.grad(loss, mine, create_graph=True)
    first_there = torch.autograd.grad(there, other, create_graph=True)
    without_graph = sa.grad(loss, mine, retain_graph=True)
    for gradient, again, value in zip(first, without_graph, first_there, strict=True):
        assert_close(gradient, plain(value), 1e-8)
        assert_close(again, to_numpy(gradient), 1e-9)

    directions = [rng.uniform(-1, 1, value.shape).astype(value.dtype) for value in inputs]
    slope = sum(sa.real((g * to_backend(d)).sum()) for g, d in zip(first, directions, strict=True))
    slope_there = sum(
        torch.real((g * torch.from_numpy(d)).sum())
        for g, d in zip(first_there, directions, strict=True)
    )
    second = sa.grad(slope, mine, allow_unused=True)
    second_there = torch.autograd.grad(slope_there, other, allow_unused=True)
    for gradient, value, start in zip(second, second_there, inputs, strict=True):
        zero = np.zeros(start.shape)
        assert_close(
            zero if gradient is None else gradient, zero if value is None else plain(value), 1e-7
        )


def plain(value: Any) -> np.ndarray:
    """Give a tensor as a NumPy array."""
    return value.detach().resolve_conj().resolve_neg().numpy()


def replay(kinds: dict[str, Step], inputs: list[np.ndarray], steps: Any) -> None:
    """Replay a program with its gradients of two orders on other inputs, and compare to the bit."""
    functions = {name: step.ours for name, step in kinds.items()}

    def everything(*given: Variable) -> list[Any]:
        mine = [x.detach().requires_grad_() for x in given]
        results = run(functions, mine, steps)
        loss = sa.real(sum((result * result).sum() for result in results))
        first = sa.grad(loss, mine, create_graph=True)
        slope = sa.real(sum((gradient * gradient).sum() for gradient in first))
        second = sa.grad(slope, mine, allow_unused=True)
        return [*results, *first, *(gradient for gradient in second if gradient is not None)]

    graphed = sa.graph(everything, warmup=0)
    for factor in (1.0, 0.9, 0.8):
        given = [sa.asarray(to_backend(np.asarray(factor * value))) for value in inputs]
        for ours, eager in zip(graphed(*given), everything(*given), strict=True):
            np.testing.assert_array_equal(to_numpy(ours), to_numpy(eager))
    assert repr(graphed) == "<graph of everything: recorded>"


# The same programs each time: where rounding decides a comparison, the two libraries may differ. To hunt, run with
# more examples and without derandomize.
quick = settings(
    max_examples=70, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.mark.torch
@given(programs(STEPS, np.float64))
@quick
def test_real_program_as_in_pytorch(torch: Any, program: Any) -> None:
    compare(torch, STEPS, *program)


@pytest.mark.torch
@given(programs(STEPS_ON_COMPLEX, np.complex128))
@quick
def test_complex_program_as_in_pytorch(torch: Any, program: Any) -> None:
    compare(torch, STEPS_ON_COMPLEX, *program)


@pytest.mark.not_strict("test_graph_ops.py replays every op there")
@pytest.mark.parametrize(
    ("kinds", "dtype"),
    [(STEPS, np.float64), (STEPS_ON_COMPLEX, np.complex128)],
    ids=["real", "complex"],
)
@given(st.data())
@quick
def test_program_is_replayed(kinds: dict[str, Step], dtype: Any, data: Any) -> None:
    replay(kinds, *data.draw(programs(kinds, dtype)))
