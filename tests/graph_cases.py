"""``graph``: replays beside the step itself, for every backend.

The files that run these (``nn/test_graph.py``, ``backend_cupy/test_graph.py``) add what is a backend's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.errors import CaptureError, GraphError

__all__ = ["Refusals", "Replays", "Training", "assert_same", "batches", "host", "mlp"]


def host(value: Any) -> np.ndarray:
    """Give a raw array or a Variable as a NumPy array."""
    raw = value.data if isinstance(value, sa.Variable) else value
    return sa.get_backend().to_numpy(raw)


def batches(count: int, *shape: int) -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return [random.standard_normal(shape).astype("float32") for _ in range(count)]


OPTIMIZERS = {
    "SGD": lambda parameters: nn.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "Adam": lambda parameters: nn.optim.Adam(parameters, lr=0.01),
    "AdamW": lambda parameters: nn.optim.AdamW(parameters, lr=0.01, amsgrad=True),
    "RMSprop": lambda parameters: nn.optim.RMSprop(parameters, lr=0.01),
    "RAdam": lambda parameters: nn.optim.RAdam(parameters, lr=0.01),
}


def mlp() -> nn.Module:
    # Of a bias before a normalization the gradient is rounding alone.
    return nn.Sequential(
        nn.Linear(4, 8, bias=False),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(8, 2),
    )


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 2, 2)),
        nn.Conv2d(1, 3, 2, padding=1),
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(27, 2),
    )


class Training:
    """A model in training, and its step in two orders of calls."""

    def __init__(self, make: Callable[[], nn.Module] = mlp, optimizer: str = "Adam") -> None:
        sa.manual_seed(0)
        self.model = make()
        self.optimizer = OPTIMIZERS[optimizer](self.model.parameters())

    def zero_first(self, x: Any, y: Any) -> sa.Variable:
        self.optimizer.zero_grad()
        loss = nn.functional.mse_loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def zero_last(self, x: Any, y: Any) -> sa.Variable:
        loss = nn.functional.mse_loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss

    def state(self) -> dict[str, np.ndarray]:
        return {name: host(value).copy() for name, value in self.model.state_dict().items()}


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """Compare to the bit on the double; a GPU may add in another order."""
    rtol = 1e-4 if hasattr(sa.get_backend().array_type, "__cuda_array_interface__") else 0
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=rtol, atol=rtol, err_msg=name)


class Replays:
    """Steps that are replayed."""

    recordings: ClassVar[int] = 1
    """How many calls are recorded."""

    @pytest.mark.parametrize("warmup", [0, 2])
    @pytest.mark.parametrize("order", ["zero_first", "zero_last"])
    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_a_run_has_the_numbers_of_an_eager_one(self, optimizer, order, warmup):
        results = []
        for wrap in (lambda step: step, lambda step: sa.graph(step, warmup=warmup)):
            training = Training(optimizer=optimizer)
            step = wrap(getattr(training, order))
            losses = [
                step(sa.asarray(x), sa.asarray(y)).item()
                for x, y in zip(batches(6, 5, 4), batches(6, 5, 2), strict=True)
            ]
            results.append((losses, training.state()))
        (eager, expected), (captured, found) = results
        assert_same({"losses": np.array(captured)}, {"losses": np.array(eager)})
        assert_same(found, expected)

    def test_convolution(self):
        results = []
        for wrap in (lambda step: step, sa.graph):
            training = Training(cnn)
            step = wrap(training.zero_first)
            for x, y in zip(batches(6, 3, 4), batches(6, 3, 2), strict=True):
                step(sa.asarray(x), sa.asarray(y))
            results.append(training.state())
        assert_same(results[1], results[0])

    def test_no_python_runs_in_a_replay(self):
        calls = []

        def step(x):
            calls.append(1)
            return x * 2

        captured = sa.graph(step, warmup=2)
        for number in range(6):
            assert captured(sa.full((2,), float(number))).tolist() == [2.0 * number] * 2
        assert len(calls) == 2 + self.recordings
        assert repr(captured) == "<graph of step: recorded>"

    def test_learning_rates_may_change(self):
        results = []
        for wrap in (lambda step: step, sa.graph):
            training = Training()
            scheduler = nn.optim.lr_scheduler.StepLR(training.optimizer, 2)
            step = wrap(training.zero_first)
            for x, y in zip(batches(8, 3, 4), batches(8, 3, 2), strict=True):
                step(sa.asarray(x), sa.asarray(y))
                scheduler.step()
            results.append(training.state())
        assert_same(results[1], results[0])

    def test_a_scheduler_may_step_inside(self):
        training = Training()
        scheduler = nn.optim.lr_scheduler.StepLR(training.optimizer, 2)

        def step(x, y):
            training.zero_first(x, y)
            scheduler.step()

        captured = sa.graph(step, warmup=1)
        for x, y in zip(batches(6, 3, 4), batches(6, 3, 2), strict=True):
            captured(sa.asarray(x), sa.asarray(y))
        assert scheduler.last_epoch == 6

    def test_an_optimizers_state_may_be_loaded_between_replays(self):
        results = []
        for wrap in (lambda step: step, sa.graph):
            training = Training()
            step = wrap(training.zero_last)
            data = list(zip(batches(8, 3, 4), batches(8, 3, 2), strict=True))
            for x, y in data[:5]:
                step(sa.asarray(x), sa.asarray(y))
            state = training.optimizer.state_dict()
            for x, y in data[5:7]:
                step(sa.asarray(x), sa.asarray(y))
            training.optimizer.load_state_dict(state)
            step(*[sa.asarray(array) for array in data[7]])
            results.append(training.state())
        assert_same(results[1], results[0])

    def test_gradients_are_those_of_the_last_call(self):
        training, p = Training(), None
        captured = sa.graph(training.zero_first, warmup=1)
        for x, y in zip(batches(4, 3, 4), batches(4, 3, 2), strict=True):
            captured(sa.asarray(x), sa.asarray(y))
            p = training.model[0].weight
            before = host(p.grad).copy()
            training.optimizer.zero_grad()
        captured(sa.asarray(batches(4, 3, 4)[0]), sa.asarray(batches(4, 3, 2)[0]))
        assert p.grad is not None
        assert not np.array_equal(host(p.grad), before)

    def test_forward_and_backward_alone(self):
        results = []
        for wrap in (lambda step: step, sa.graph):
            training = Training()

            def step(x, y, training=training):
                loss = nn.functional.mse_loss(training.model(x), y)
                loss.backward()
                return loss

            made = wrap(step)
            for x, y in zip(batches(6, 3, 4), batches(6, 3, 2), strict=True):
                training.optimizer.zero_grad()
                made(sa.asarray(x), sa.asarray(y))
                training.optimizer.step()
            results.append(training.state())
        assert_same(results[1], results[0])

    @pytest.mark.parametrize("warmup", [0, 3])
    def test_a_gradient_scaler_outside_and_inside(self, warmup):
        results = []

        def captured(step):
            return sa.graph(step, warmup=warmup)

        for wrap, inside in [(lambda step: step, True), (captured, True), (captured, False)]:
            training = Training()
            scaler = nn.amp.GradScaler(growth_interval=2)

            def step(x, y, training=training, scaler=scaler, inside=inside):
                training.optimizer.zero_grad()
                loss = nn.functional.mse_loss(training.model(x), y)
                scaler.scale(loss).backward()
                if inside:
                    scaler.step(training.optimizer)
                    scaler.update()
                return loss

            made = wrap(step)
            for x, y in zip(batches(8, 3, 4), batches(8, 3, 2), strict=True):
                made(sa.asarray(x), sa.asarray(y))
                if not inside:
                    scaler.step(training.optimizer)
                    scaler.update()
            results.append((training.state(), scaler.get_scale()))
        for found, scale in results[1:]:
            assert scale == results[0][1]
            assert_same(found, results[0][0])

    def test_a_gradient_scaler_before_the_gradients_are_dropped(self):
        results = []
        for wrap in (lambda step: step, sa.graph):
            training, scaler = Training(), nn.amp.GradScaler()

            def step(x, y, training=training, scaler=scaler):
                scaler.scale(nn.functional.mse_loss(training.model(x), y)).backward()
                scaler.step(training.optimizer)
                scaler.update()
                training.optimizer.zero_grad()

            made = wrap(step)
            for x, y in zip(batches(6, 3, 4), batches(6, 3, 2), strict=True):
                made(sa.asarray(x), sa.asarray(y))
            results.append(training.state())
        assert_same(results[1], results[0])

    def test_inputs_may_be_numpys_nested_or_named(self):
        captured = sa.graph(
            lambda pair, *, shift, sign: (pair[1]["a"] + pair[0] + shift) * sign, warmup=1
        )
        for number in range(4):
            x = np.full(3, float(number))
            out = captured((x, {"a": sa.asarray(2 * x)}), shift=sa.asarray(1.0), sign=-1)
            assert out.tolist() == [-3.0 * number - 1] * 3

    @pytest.mark.parametrize("join", [sa.concat, sa.stack])
    def test_many_arrays_become_one(self, join):
        captured = sa.graph(lambda x: (join([x * i for i in range(70)]),), warmup=1)
        for number in range(3):
            x = np.full(2, float(number))
            (out,) = captured(sa.asarray(x))
            np.testing.assert_array_equal(host(out), join([x * i for i in range(70)]))

    def test_mixed_precision(self):
        if not hasattr(sa.get_backend().xp, "float16"):
            pytest.skip("this backend has no float16")
        results = []
        for wrap in (lambda step: step, sa.graph):
            training = Training()

            def step(x, y, training=training):
                training.optimizer.zero_grad()
                with sa.autocast("float16"):
                    loss = nn.functional.mse_loss(training.model(x), y)
                loss.backward()
                training.optimizer.step()

            made = wrap(step)
            for x, y in zip(batches(5, 3, 4), batches(5, 3, 2), strict=True):
                made(sa.asarray(x), sa.asarray(y))
            results.append(training.state())
        assert_same(results[1], results[0])


class Refusals:
    """What cannot be."""

    recordings: ClassVar[int] = 1

    def refused(self, step: Callable[..., Any], *words: str) -> None:
        captured = sa.graph(step, warmup=1)
        captured(sa.ones((3,)))
        with pytest.raises(CaptureError) as caught:
            captured(sa.ones((3,)))
        message = str(caught.value)
        for word in ("graph of", ".py", *words):
            assert word in message

    def test_item(self):
        def step(x):
            total = x.sum()
            return total.item()  # this one

        self.refused(step, "graph of step: the step cannot be", "return total.item()  # this one")

    def test_numpy(self):
        self.refused(lambda x: x.numpy(), "x.numpy()")

    def test_printing(self):
        self.refused(lambda x: repr(x), "repr(x)")

    def test_an_error_of_the_step_itself_is_not_dressed_up(self):
        def step(x):
            return x.reshape((7,))

        captured = sa.graph(step, warmup=0)
        with pytest.raises(ValueError, match=r"reshape|size"):
            captured(sa.ones((3,)))

    @pytest.mark.parametrize(
        ("second", "words"),
        [
            (
                lambda: sa.ones((4,)),
                r"argument 0 has shape \(4,\) and type float64; needed are shape \(3,\)",
            ),
            (lambda: sa.ones((3,), dtype="float32"), "type float32; needed are"),
            (lambda: 3.0, "argument 0 is a float; needed are shape"),
        ],
    )
    def test_other_arrays(self, second, words):
        captured = sa.graph(lambda x: x * 2, warmup=0)
        captured(sa.ones((3,)))
        with pytest.raises(ValueError, match=words):
            captured(second())

    def test_other_numbers(self):
        captured = sa.graph(lambda x, factor: x * factor, warmup=0)
        captured(sa.ones((3,)), 2)
        with pytest.raises(ValueError, match="argument 1 is 3; needed is 2, as in the first call"):
            captured(sa.ones((3,)), 3)
        with pytest.raises(ValueError, match="the call has 1 arguments"):
            captured(sa.ones((3,)))

    def test_an_argument_that_requires_grad(self):
        with pytest.raises(CaptureError, match=r"requires grad, .* Pass v\.detach\(\)"):
            sa.graph(lambda x: x * 2)(sa.Variable(sa.ones((3,))))

    def test_a_parameter_whose_array_was_replaced(self):
        training = Training()
        captured = sa.graph(training.zero_first, warmup=0)
        x, y = sa.asarray(batches(1, 3, 4)[0]), sa.asarray(batches(1, 3, 2)[0])
        for _ in range(self.recordings):
            captured(x, y)
        weight = training.model[0].weight
        weight.data = weight.data * 2
        with pytest.raises(
            CaptureError, match=r"the array of a parameter \(shape \(8, 4\)\) was repl"
        ):
            captured(x, y)

    def test_a_gradient_that_the_step_adds_to_and_that_was_replaced(self):
        v = sa.Variable(sa.ones((3,)))

        def step(x):
            (v * x).sum().backward()

        captured = sa.graph(step, warmup=1)
        for _ in range(4):
            captured(sa.ones((3,)))
        assert host(v.grad).tolist() == [4.0] * 3
        v.grad = None
        with pytest.raises(
            CaptureError, match=r"the gradient of a parameter .* adds to the old one"
        ):
            captured(sa.ones((3,)))

    def test_a_gradient_to_which_the_step_would_add(self):
        v = sa.Variable(sa.ones((3,)))

        def step(x):
            (v * x).sum().backward()

        captured = sa.graph(step, warmup=1)
        for number in range(5):
            v.grad = None
            captured(sa.full((3,), float(number)))
            assert host(v.grad).tolist() == [float(number)] * 3
        with pytest.raises(CaptureError, match=r"was None when the step was .*, and is not now"):
            captured(sa.ones((3,)))

    @pytest.mark.parametrize("calls", [1, 2, 4])
    def test_a_step_that_drops_gradients_may_find_some_or_none(self, calls):
        v = sa.Variable(sa.ones((3,)))

        def step(x):
            v.grad = None
            (v * x).sum().backward()

        captured = sa.graph(step, warmup=0)
        for number in range(6):
            if number >= calls:
                v.grad = sa.ones((3,)).data
            else:
                v.grad = None
            captured(sa.full((3,), float(number)))
            assert host(v.grad).tolist() == [float(number)] * 3

    def test_no_wrong_gradient_through_what_a_replay_wrote(self):
        training = Training()
        captured = sa.graph(training.zero_first, warmup=0)
        x, y = sa.asarray(batches(1, 3, 4)[0]), sa.asarray(batches(1, 3, 2)[0])
        for _ in range(self.recordings):
            captured(x, y)
        loss = nn.functional.mse_loss(training.model(x), y)
        captured(x, y)
        with pytest.raises(GraphError, match="overwritten by"):
            loss.backward()

    def test_no_wrong_gradient_through_what_a_graph_wrote_by_itself(self):
        v = sa.Variable(sa.ones((3,)))

        def step(x):
            with sa.no_grad():
                v[...] = v * x

        captured = sa.graph(step, warmup=0)
        for _ in range(self.recordings):
            captured(sa.ones((3,)))
        loss = (v * v).sum()
        captured(sa.full((3,), 2.0))
        with pytest.raises(GraphError, match="overwritten by"):
            loss.backward()
