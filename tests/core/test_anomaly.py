"""``detect_anomaly``: the forward line behind a NaN, and raw writes into what a rule saved."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.errors import AnomalyError, GraphError
from tests.core.arrays import to_numpy, variable
from tests.core.raising import raises

# sqrt at 0 divides by zero, as it must.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_names_the_operation_its_argument_and_the_forward_line():
    with sa.detect_anomaly():
        v = variable([0.0, 1.0])
        root = v.sqrt()  # the line to be named
        with raises(
            AnomalyError,
            "backward of sqrt: the gradient for x (shape (2,)) holds NaN",
            "test_anomaly.py",
            "root = v.sqrt()  # the line to be named",
        ):
            (root * 0).sum().backward()
    assert v.grad is None


def test_the_first_operation_that_turns_nan_is_named():
    with sa.detect_anomaly():
        v = variable([0.0])
        early = v * 3
        with raises(AnomalyError, "backward of sqrt"):
            (early.sqrt() * 0).sum().backward()


def test_lines_inside_the_library_are_left_out():
    with sa.detect_anomaly():
        root = variable([0.0]).sqrt()
        with pytest.raises(AnomalyError) as caught:
            (root * 0).sum().backward()
    assert "calls.py" not in str(caught.value)
    assert "call of" not in str(caught.value)


def test_infinite_gradients_are_no_anomaly():
    with sa.detect_anomaly():
        v = variable([0.0])
        v.sqrt().sum().backward()
    assert np.isinf(to_numpy(v.grad)).all()


def test_is_off_outside():
    v = variable([0.0])
    (v.sqrt() * 0).sum().backward()
    with sa.detect_anomaly():
        pass
    (v.sqrt() * 0).sum().backward()


def test_graph_recorded_outside_says_how_to_see_the_line():
    root = variable([0.0]).sqrt()
    with sa.detect_anomaly(), raises(AnomalyError, "backward of sqrt", "Run forward and backward"):
        (root * 0).sum().backward()


def test_second_order_is_watched_too():
    with sa.detect_anomaly():
        v = variable([0.0])
        (first,) = sa.grad((v**1.5).sum(), v, create_graph=True)
        with raises(AnomalyError, "holds NaN"):
            (first * 0).sum().backward()


def test_as_a_decorator():
    @sa.detect_anomaly()
    def train():
        (variable([0.0]).sqrt() * 0).sum().backward()

    with raises(AnomalyError, "backward of sqrt"):
        train()


def test_belongs_to_its_thread():
    failures = []

    def other():
        try:
            (variable([0.0]).sqrt() * 0).sum().backward()
        except AnomalyError as error:
            failures.append(error)

    with sa.detect_anomaly():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
    assert failures == []


def test_no_grad_within_and_around():
    with sa.detect_anomaly(), sa.no_grad():
        assert not (variable([1.0]) * 2).requires_grad
    with sa.no_grad(), sa.detect_anomaly():
        assert not (variable([1.0]) * 2).requires_grad


@pytest.mark.parametrize("write", ["data", "shared array", "result"])
def test_raw_writes_into_saved_values_are_found(write, backend):
    array = backend.asarray(np.array([1.0, 2.0]))
    with sa.detect_anomaly():
        v = sa.Variable(array)
        out = v.exp()  # keeps its result
        y = (v.sin() + out).sum()  # sin keeps v
        if write == "data":
            v.data[0] = 9.0
        elif write == "shared array":
            array[1] = 9.0
        else:
            out.data[0] = 9.0
        name = "exp" if write == "result" else "sin"
        with raises(
            AnomalyError,
            f"backward of {name}: an array that it saved was overwritten",
            "test_anomaly.py",
        ):
            y.backward()


def test_raw_writes_that_change_nothing_pass():
    with sa.detect_anomaly():
        v = variable([1.0, 2.0])
        y = (v + 1).sum()
        v.data[0] = 9.0
        y.backward()


def test_training_loop_passes():
    v = variable([1.0, 2.0])
    with sa.detect_anomaly():
        for _ in range(3):
            (v.sin() * v.exp()).sum().backward()
            with sa.no_grad():
                v[...] = v - 0.1 * sa.asarray(v.grad)
            v.grad = None


def test_is_an_error_of_the_graph():
    assert issubclass(AnomalyError, GraphError)
    assert issubclass(AnomalyError, RuntimeError)
