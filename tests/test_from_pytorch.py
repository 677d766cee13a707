"""Each line of the tables of ``docs/from_pytorch.md`` computes the same in PyTorch's spelling and in ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa

pytestmark = pytest.mark.not_strict("it runs on NumPy, whatever the backend of the run is")

PAGE = Path(__file__).parents[1] / "docs" / "from_pytorch.md"
TABLE = r"^\| {} \| here \|\n\|---\|---\|\n((?:\|.*\n)+)"
RNG = np.random.default_rng(0)
ARRAY = RNG.normal(size=(3, 4))
# What the expressions may name: requiring grad, and not.
VARIABLES = {
    "a": ARRAY[:, :3],
    "b": RNG.normal(size=(3, 3)),
    "q": np.eye(3) + 0.1 * ARRAY[:, 1:],
    "s": RNG.normal(size=(2, 3, 3)),
}
DATA = {"u": np.arange(3.0), "v": np.arange(2.0), "i": np.array([2, 0, 2])}


def lines_of(heading: str) -> list[Any]:
    """Give the pairs of expressions in the tables that begin with a heading; a row may have several."""
    pairs = []
    for table in re.findall(TABLE.format(heading), PAGE.read_text(), re.MULTILINE):
        for row in table.splitlines():
            cells = [re.findall(r"`([^`]+)`", cell) for cell in row.strip("|").split(" | ")]
            pairs += [pytest.param(*pair, id=pair[0]) for pair in zip(*cells, strict=True)]
    return pairs


def host(value: Any) -> Any:
    """Give arrays, tensors and tuples of them for comparison."""
    if isinstance(value, tuple | list):
        return [host(item) for item in value]
    if isinstance(value, sa.Variable):
        return np.asarray(value.detach())
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def gradients(value: Any, variables: dict[str, Any]) -> list[Any]:
    """Give the gradients of the sum of a result; of a complex one, of its parts."""
    if not getattr(value, "requires_grad", False):
        return []
    parts = [value.real, 2 * value.imag] if "complex" in str(value.dtype) else [value]
    sum(part.sum() for part in parts).backward()
    return [None if v.grad is None else np.asarray(v.grad) for v in variables.values()]


def assert_same(actual: Any, expected: Any) -> None:
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for pair in zip(actual, expected, strict=True):
            assert_same(*pair)
    elif expected is None:
        assert actual is None
    else:
        assert actual.shape == expected.shape
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-12)


def both(theirs: str, ours: str, torch: Any) -> tuple[Any, Any, dict[str, Any], dict[str, Any]]:
    tensors = {name: torch.tensor(data, requires_grad=True) for name, data in VARIABLES.items()}
    variables = {name: sa.Variable(data) for name, data in VARIABLES.items()}
    known = {
        "torch": torch,
        "array": ARRAY,
        **tensors,
        **{name: torch.tensor(data) for name, data in DATA.items()},
    }
    expected = eval(theirs, known)
    known = {
        "np": np,
        "sa": sa,
        "array": ARRAY,
        **variables,
        **{name: sa.asarray(data) for name, data in DATA.items()},
    }
    return eval(ours, known), expected, variables, tensors


@pytest.fixture(autouse=True)
def _on_numpy():
    with sa.use_backend("numpy"):
        yield


def test_the_tables_are_found():
    assert len(lines_of("PyTorch")) > 40
    assert len(lines_of("PyTorch's draw")) > 4


@pytest.mark.parametrize(("theirs", "ours"), lines_of("PyTorch"))
def test_both_columns_compute_the_same(theirs, ours, torch):
    actual, expected, variables, tensors = both(theirs, ours, torch)
    assert_same(host(actual), host(expected))
    assert_same(gradients(actual, variables), gradients(expected, tensors))


@pytest.mark.parametrize(("theirs", "ours"), lines_of("PyTorch's draw"))
def test_draws_have_one_shape(theirs, ours, torch):
    actual, expected, _, _ = both(theirs, ours, torch)
    assert isinstance(actual, sa.Variable)
    assert actual.shape == tuple(expected.shape)
    assert sa.isdtype(actual.dtype, "integral") != expected.is_floating_point()
