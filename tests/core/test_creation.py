"""Creation functions given Variables: what stays on the tape, and whose memory it is."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from tests.core.arrays import assert_close, assert_equal, dtype_name, to_numpy, variable


def test_full_of_a_variable_differentiates():
    v = variable(2.0)
    out = sa.full((2, 3), v)
    assert_equal(out, np.full((2, 3), 2.0))
    sa.sum(out * out).backward()
    assert_equal(v.grad, np.array(24.0))


def test_full_like_of_a_variable_has_the_data_type_of_the_array():
    v = variable([2.0])
    out = sa.full_like(sa.zeros(3, dtype="float32"), v)
    assert dtype_name(out) == "float32"
    sa.sum(out).backward()
    assert_equal(v.grad, np.array([3.0]))
    assert to_numpy(v.grad).dtype == np.float64


def test_full_of_a_variable_has_memory_of_its_own():
    v = variable(1.0, requires_grad=False)
    out = sa.full(3, v)
    out[0] = 5.0
    assert out.tolist() == [5.0, 1.0, 1.0]
    assert v.item() == 1.0


def test_linspace_between_variables_is_as_precise_as_the_ends_and_the_result():
    wanted = np.linspace(0.5, 3.0, 7)
    single, double = variable(np.array(0.5, "float32")), variable(np.array(3.0))
    for out in (
        sa.linspace(single, 3.0, 7, dtype="float64"),
        sa.linspace(single, double, 7),
        sa.linspace(double, single, 7),
    ):
        assert dtype_name(out) == "float64"
        found = to_numpy(out.detach())
        assert np.max(np.abs(np.sort(found) - wanted)) < 1e-15


@pytest.mark.parametrize("endpoint", [True, False])
def test_linspace_between_variables_differentiates(endpoint):
    start, stop = variable(1.0), variable(3.0)
    out = sa.linspace(start, stop, 4, endpoint=endpoint)
    assert_close(out, np.linspace(1.0, 3.0, 4, endpoint=endpoint))
    shares = np.linspace(0.0, 1.0, 4, endpoint=endpoint)
    out.sum().backward()
    assert_close(start.grad, np.sum(1 - shares))
    assert_close(stop.grad, np.sum(shares))
    assert_equal(sa.linspace(0.0, stop.detach(), 3), np.array([0.0, 1.5, 3.0]))
    assert dtype_name(sa.linspace(start, 2.0, 3, dtype="float32")) == "float32"


def test_full_of_several_elements_is_refused():
    with pytest.raises((ValueError, TypeError), match="reshape"):
        sa.full(3, variable([1.0, 2.0]))
