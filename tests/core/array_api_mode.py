"""Tests that need SciPy and scikit-learn to take arrays of any namespace.

SciPy reads ``SCIPY_ARRAY_API`` when it is imported, and other tests want it without. So a file that says
`need_array_api_mode` at its top is skipped in an ordinary run, and ``test_array_api_mode.py`` runs it in
a process of its own. By hand: ``SCIPY_ARRAY_API=1 pytest tests/core/test_scipy.py``.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.gradcheck import check, direction, inner, slope

SWITCH = "SCIPY_ARRAY_API"
# The first versions whose functions the tests name all take arrays of any namespace.
NEEDED = {"scipy": (1, 17), "scikit-learn": (1, 8)}


def why_not(*distributions: str) -> str:
    """Say which of the distributions is missing or too old; nothing if they are all there."""
    for name in distributions:
        needed = ".".join(map(str, NEEDED[name]))
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return f"{name} is not installed; needed is {needed} or later"
        if tuple(int(part) for part in version.split(".")[:2]) < NEEDED[name]:
            return f"{name} is {version}; needed is {needed} or later"
    return ""


def need_array_api_mode(*distributions: str) -> None:
    """Skip the file that is being imported, unless the mode is on and the distributions are there."""
    if reason := why_not(*distributions):
        pytest.skip(reason, allow_module_level=True)
    if os.environ.get(SWITCH) != "1":
        reason = f"it needs {SWITCH}=1; tests/core/test_array_api_mode.py runs it in a process of its own"
        pytest.skip(reason, allow_module_level=True)


def skip_but_on_numpy(names: dict[str, str], name: str) -> None:
    """Skip a test on any backend but NumPy if the names say why it cannot run there."""
    if get_backend().name != "numpy" and name in names:
        pytest.skip(names[name])


def like(x: Any, values: Any) -> Any:
    """Give an array of the kind of `x`: a Variable that requires no grad, or NumPy's."""
    return sa.asarray(to_backend(np.asarray(values))) if isinstance(x, Variable) else values


def check_differentiates(
    function: Callable[..., Any], inputs: Sequence[np.ndarray], tolerance: float = 1e-6
) -> None:
    """Hold a function of arrays to what it gives for NumPy's, and its derivatives to finite differences.

    The first derivatives are compared with differences of NumPy's results, the second ones with differences
    of the first, both along random directions (see ``gradcheck.py``).
    """
    rng = np.random.default_rng(0)
    expected = np.asarray(function(*inputs))
    weight = direction(rng, expected)
    directions = [direction(rng, value) for value in inputs]

    def result(*values: np.ndarray) -> tuple[list[Variable], Variable]:
        variables = [Variable(to_backend(value)) for value in values]
        return variables, function(*variables)

    def total(*values: np.ndarray) -> float:
        variables, out = result(*values)
        gradients = sa.grad(out, variables, to_backend(weight))
        return sum(map(inner, directions, map(to_numpy, gradients)))

    variables, out = result(*inputs)
    assert isinstance(out, Variable)
    assert out.requires_grad
    assert_close(out, expected, 1e-9)
    gradients = sa.grad(out, variables, to_backend(weight), create_graph=True)
    for k, step in enumerate(directions):
        difference = slope(lambda *at: inner(weight, np.asarray(function(*at))), inputs, k, step)
        check(inner(to_numpy(gradients[k]), step), difference, tolerance)

    recorded = [k for k, gradient in enumerate(gradients) if gradient.requires_grad]
    found: Sequence[Any] = [None] * len(inputs)
    if recorded:  # the gradient of a linear function depends on nothing
        found = sa.grad(
            [gradients[k] for k in recorded],
            variables,
            [to_backend(directions[k]) for k in recorded],
            allow_unused=True,
        )
    for k, second in enumerate(found):
        exact = 0.0 if second is None else inner(to_numpy(second), directions[k])
        check(exact, slope(total, inputs, k, directions[k]), 10 * tolerance)
