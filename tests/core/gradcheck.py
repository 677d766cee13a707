"""Gradients of an ``OpCase`` and what they must be: finite differences along random directions.

The gradient of a function f, weighted by w (the gradient that comes from above), is right if for
every direction u of an argument ``<g, u>`` equals the slope of ``<w, f(x + t u)>`` at t = 0; one
random direction finds every wrong element. Complex numbers count as pairs of real ones, ``<a, b> =
Re(sum(conj(a) b))``, which is PyTorch's convention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import simple_autograd as sa
from simple_autograd import Variable, use_backend
from simple_autograd.backends import get_backend
from tests.core.arrays import is_floating, options_to_backend, to_backend, to_numpy
from tests.core.op_case import OpCase, Sample

STEP = 3e-4


class Call:
    """A sample's call of its op, with a gradient from above, as functions of NumPy arrays.

    The floating results of an op that has several are joined to one.

    Attributes
    ----------
    places
        Which arguments have gradients.
    inputs
        Those arguments, and last the gradient from above.
    """

    def __init__(self, case: OpCase, sample: Sample) -> None:
        self.case, self.args = case, sample.args
        self.options = sample.options
        self.places = [i for i, value in enumerate(sample.args) if is_floating(value)]
        self.rng = case.rng()
        out = self.value(*[sample.args[i] for i in self.places])
        self.inputs = [*(sample.args[i] for i in self.places), direction(self.rng, out)]

    def variables(self, values: Sequence[np.ndarray], places: Sequence[int]) -> list[Any]:
        """Give all arguments, those at `places` as Variables that require grad."""
        args = list(self.args)
        for i, value in zip(self.places, values, strict=True):
            args[i] = Variable(to_backend(value), requires_grad=i in places)
        return [to_backend(value) for value in args]

    def value(self, *values: np.ndarray) -> np.ndarray:
        """Give the result for other values of the differentiable arguments."""
        return to_numpy(self.run(self.variables(values, ())))

    def run(self, args: Sequence[Any]) -> Any:
        """Call the op, and give one result."""
        return joined(self.case(*args, **options_to_backend(self.options)))

    def reference(self, *values: np.ndarray) -> Any:
        """Give the reference's result for other values of the differentiable arguments."""
        args = list(self.args)
        for i, value in zip(self.places, values, strict=True):
            args[i] = value
        return joined(self.case.reference(*args, **self.options))

    def gradients(self, *inputs: np.ndarray, only: int | None = None) -> list[np.ndarray]:
        """Give the gradients for the differentiable arguments, or for the one at place `only`."""
        *values, weight = inputs
        places = self.places if only is None else [only]
        args = self.variables(values, places)
        out = self.run(args)
        grads = sa.grad(out, [args[i] for i in places], to_backend(weight))
        return [to_numpy(grad) for grad in grads]

    def second_gradients(self, directions: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Differentiate the gradients again, weighted by `directions`, for all `inputs`."""
        *values, weight = self.inputs
        args = self.variables(values, self.places)
        above = Variable(to_backend(weight))
        inputs = [args[i] for i in self.places]
        out = self.run(args)
        first = sa.grad(out, inputs, above, create_graph=True)
        recorded = [i for i, grad in enumerate(first) if grad.requires_grad]
        # A gradient that is constantly zero depends on nothing.
        second = (
            sa.grad(
                [first[i] for i in recorded],
                [*inputs, above],
                [to_backend(directions[i]) for i in recorded],
                allow_unused=True,
            )
            if recorded
            else [None] * len(self.inputs)
        )
        return [
            np.zeros_like(value) if grad is None else to_numpy(grad)
            for grad, value in zip(second, self.inputs, strict=True)
        ]


def joined(out: Any) -> Any:
    """Give several results as one vector, without those that have no gradient; one stays."""
    if not isinstance(out, tuple):
        return out
    if not isinstance(out[0], Variable):
        return np.concatenate([np.ravel(item) for item in out if is_floating(np.asarray(item))])
    floating = [item for item in out if item.backend.is_floating(item.dtype)]
    return sa.concat([sa.reshape(item, (-1,)) for item in floating])


def direction(rng: np.random.Generator, like: np.ndarray) -> np.ndarray:
    """Draw a direction in which to move an array."""
    drawn = rng.uniform(0.5, 1.5, like.shape) * rng.choice([-1, 1], like.shape)
    if np.iscomplexobj(like):
        drawn = drawn + 1j * rng.uniform(0.5, 1.5, like.shape)
    return np.asarray(drawn, dtype=like.dtype)


def inner(a: np.ndarray, b: np.ndarray) -> float:
    """Give the real inner product."""
    return float(np.sum(np.real(np.conj(a) * b)))


def slope(
    function: Callable[..., float], inputs: Sequence[np.ndarray], k: int, step: np.ndarray
) -> float:
    """Give how fast `function` changes as input `k` moves along `step`.

    Central differences of the fourth order: their error is about 1e-12 of the values. For array-api-strict, which is
    NumPy with checks, they are taken on NumPy.
    """
    backend = get_backend()

    def at(t: float) -> float:
        moved = np.asarray(inputs[k] + t * STEP * step)
        with use_backend("numpy" if backend.name == "strict" else backend):
            return function(*inputs[:k], moved, *inputs[k + 1 :])

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


def check(actual: float, expected: float, tolerance: float) -> None:
    """Compare the slope that a gradient gives with the finite difference."""
    assert abs(actual - expected) <= tolerance * (1 + abs(expected)), (
        f"the gradient says {actual:.12g}, finite differences {expected:.12g}"
    )
