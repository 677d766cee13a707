"""``summary.py``: shapes, parameters and multiply-adds of every layer; the model stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_equal, to_backend, to_numpy
from tests.core.raising import raises


def work(model, *inputs):
    return nn.summary(model, *inputs).multiply_adds


@pytest.mark.parametrize(
    ("model", "shape", "out", "multiply_adds"),
    [
        (lambda: nn.Linear(5, 3), (4, 5), (4, 3), 4 * 5 * 3),
        (lambda: nn.Linear(5, 3), (2, 4, 5), (2, 4, 3), 2 * 4 * 5 * 3),
        (lambda: nn.Conv2d(3, 8, 3), (2, 3, 6, 5), (2, 8, 4, 3), 2 * 8 * 4 * 3 * 3 * 9),
        (lambda: nn.Conv1d(4, 8, 3, groups=2), (1, 4, 9), (1, 8, 7), 8 * 7 * 2 * 3),
        (lambda: nn.ConvTranspose2d(3, 8, 2, 2), (1, 3, 4, 4), (1, 8, 8, 8), 3 * 16 * 8 * 4),
        (lambda: nn.ReLU(), (7,), (7,), 0),
    ],
)
def test_layers_by_themselves(model, shape, out, multiply_adds):
    model = model()
    found = nn.summary(model, shape)
    assert len(found.rows) == 1
    assert found.rows[0].output_shapes == (out,)
    assert found.multiply_adds == multiply_adds
    assert found.parameters == found.trainable == nn.count_parameters(model)


def test_recurrent_layers():
    lstm = nn.LSTM(4, 5, num_layers=2)
    steps, samples = 3, 2
    inner = 4 * 5 * (4 + 5) + 4 * 5 * (5 + 5)
    assert work(lstm, (steps, samples, 4)) == steps * samples * inner
    shapes = nn.summary(lstm, (steps, samples, 4)).rows[0].output_shapes
    assert shapes == ((3, 2, 5), (2, 2, 5), (2, 2, 5))


def test_attention():
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    samples, length, width = 3, 5, 8
    found = nn.summary(attention, *[(samples, length, width)] * 3)
    projections = 4 * samples * length * width * width
    products = 2 * samples * length * length * width
    assert found.multiply_adds == projections + products


def test_a_forward_of_ones_own():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(np.ones((4, 3), np.float32))
            self.inner = nn.Linear(3, 2)
            self.unused = nn.Linear(9, 9)

        def forward(self, x, y):
            z = self.inner(x @ self.weight) + self.inner(y @ self.weight)
            return {"out": z, "dot": sa.vecdot(x, y), "more": (sa.tensordot(x, y, axes=2), None)}

    found = nn.summary(Own(), (5, 4), (5, 4))
    own, inner, unused = found.rows
    assert own.multiply_adds == 2 * 5 * 4 * 3 + 5 * 4 + 5 * 4
    assert own.output_shapes == ((5, 2), (5,), ())
    assert own.parameters == 12
    assert inner.multiply_adds == 2 * 5 * 3 * 2
    assert (unused.output_shapes, unused.multiply_adds, unused.parameters) == ((), 0, 90)


def test_it_prints_a_table():
    model = nn.Sequential(nn.Linear(30, 40), nn.Sequential(nn.Linear(40, 40), nn.Tanh()))
    model[1][0].requires_grad_(False)
    lines = str(nn.summary(model, (1, 30))).split("\n")
    assert lines[0].split() == ["layer", "output", "shape", "parameters", "multiply-adds"]
    assert lines[3].split() == ["0:", "Linear", "(1,", "40)", "1,240", "1,200"]
    assert lines[5].startswith("    0: Linear")
    assert lines[-1] == "2,880 parameters, 1,240 of them trainable; 2,800 multiply-adds"
    assert len({len(line) for line in lines[:-1]}) == 1


def test_shared_parameters_are_counted_once():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    found = nn.summary(model, (1, 4))
    assert [row.parameters for row in found.rows] == [0, 20, 4]
    assert found.multiply_adds == 32


def test_the_model_stays_as_it_was():
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    model[1].eval()
    before = {key: to_numpy(value).copy() for key, value in model.state_dict().items()}
    bodies = dict(get_backend().bodies)
    state = sa.default_generator().state
    nn.summary(model, (4, 3))
    with raises(ValueError, "linear"):
        nn.summary(model, (4, 9))
    assert {name: get_backend().bodies[name] for name in bodies} == bodies
    assert sa.default_generator().state == state
    assert [module.training for module in model.modules()] == [True, True, False, True]
    for key, value in before.items():
        assert_equal(model.state_dict()[key], value)
    seen = []
    model[0].register_forward_hook(lambda *given: seen.append(1))
    model(to_backend(np.ones((4, 3), np.float32)))
    assert seen == [1]


def test_inputs():
    embedding = nn.Embedding(7, 3)
    found = nn.summary(embedding, to_backend(np.array([[0, 1]])))
    assert found.rows[0].output_shapes == ((1, 2, 3),)
    assert nn.summary(nn.Linear(2, 1).double(), (1, 2)).multiply_adds == 2
    assert nn.summary(nn.Flatten(), (1, 2, 3), dtype="float64").rows[0].output_shapes == ((1, 6),)
    with raises(TypeError, "summary: input 1 is 'x'", "(1, 3, 32, 32)"):
        nn.summary(nn.Linear(2, 1), (1, 2), "x")
