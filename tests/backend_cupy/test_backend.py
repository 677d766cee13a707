"""The CuPy backend on the double: moving there and back, mixing, operators from either side, training."""

from __future__ import annotations

import copy
import pickle
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import Backend, get_backend
from simple_autograd.errors import BackendMismatchError, BackendUnavailableError
from simple_autograd.nn import functional
from tests.core.raising import raises


def host(value: Any) -> np.ndarray:
    """Give a raw array or a Variable of either backend as a NumPy array."""
    raw = value.data if isinstance(value, Variable) else value
    return raw.get() if hasattr(raw, "get") else raw


def on_numpy(values: Any, requires_grad: bool = True) -> Variable:
    with sa.use_backend("numpy"):
        return Variable(np.asarray(values), requires_grad)


# Moving -------------------------------------------------------------------------------------------


def test_new_arrays_are_on_the_gpu(on_double: Backend) -> None:
    for v in (
        Variable([1.0, 2.0]),
        sa.ones((2,)),
        sa.asarray(np.ones(2)),
        sa.zeros_like(sa.ones(2)),
    ):
        assert v.backend is on_double
        assert type(v.data) is on_double.array_type
    assert "backend='cupy'" in repr(sa.ones((1,)))


def test_a_variable_goes_there_and_its_gradient_comes_back(on_double: Backend) -> None:
    v = on_numpy([1.0, 2.0])
    there = v.to("cupy")
    assert type(there.data) is on_double.array_type
    (there * there).sum().backward()
    assert type(v.grad) is np.ndarray
    np.testing.assert_array_equal(v.grad, [2.0, 4.0])
    assert there.to("numpy").to("cupy").backend is on_double


def test_numbers_leave_when_they_are_asked_to(on_double: Backend) -> None:
    v = Variable([[1.5]], requires_grad=False)
    assert v.item() == 1.5
    assert v.tolist() == [[1.5]]
    assert type(v.numpy()) is np.ndarray
    v.numpy()[0] = 7
    assert v.item() == 1.5, "numpy() gives a copy"


def test_numpy_gets_nothing_unasked(on_double: Backend) -> None:
    for v in (Variable([1.0], requires_grad=False), Variable([1], requires_grad=False)):
        for convert in (np.asarray, np.array, lambda v: np.ones(1) + np.asarray(v)):
            with raises(TypeError, "np.asarray(v)", "'cupy'", "v.numpy()"):
                convert(v)


@pytest.mark.skipif(
    find_spec("scipy") is None, reason="SciPy is not installed, which is at work in the double"
)
def test_special_functions_are_computed_on_the_gpu(
    on_double: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CuPy has many of them; for the others arrays go to the host."""
    x = np.asarray([0.25, 0.5])
    special = sa.special
    on_host = [special.digamma(x), special.polygamma(2, x), special.betainc(2.0, 3.0, x)]
    there, half = sa.asarray(x), sa.asarray(x.astype("float16"))
    last = special.stdtr(3.0, there)
    monkeypatch.setattr(
        type(on_double), "to_numpy", lambda self, array: pytest.fail("it went to the host")
    )
    on_gpu = [special.digamma(there), special.polygamma(2, there), special.betainc(2.0, 3.0, there)]
    for found, wanted in zip(on_gpu, on_host, strict=True):
        np.testing.assert_allclose(host(found), host(wanted), rtol=1e-12)
    assert special.gammaln(half).dtype == np.float32
    assert host(last).shape == (2,)


def test_copies_and_pickles(on_double: Backend) -> None:
    v = Variable([1.0, 2.0])
    for twin in (copy.copy(v), copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        assert type(twin.data) is on_double.array_type
        np.testing.assert_array_equal(host(twin), [1.0, 2.0])


def test_lists_of_device_arrays_and_numbers(on_double: Backend) -> None:
    part = on_double.asarray(np.arange(2.0))
    np.testing.assert_array_equal(host(on_double.asarray([part, part])), [[0, 1], [0, 1]])
    for wrong in ("text", [None], np.array(["a"])):
        with raises(TypeError, "needed are numbers"):
            on_double.asarray(wrong)
    with raises(ValueError, "copy=False"):
        on_double.asarray(np.ones(2), copy=False)


def test_pinned_memory_may_be_written_to_again(cupy_double: Any, on_double: Backend) -> None:
    import cupyx

    source = cupyx.empty_pinned(3, np.float32)
    source[:] = 1
    array = on_double.asarray(source)
    source[:] = 7
    assert host(array).tolist() == [1, 1, 1]


def test_dlpack_both_ways(cupy_double: Any, on_double: Backend) -> None:
    theirs = cupy_double.arange(3.0)
    v = sa.from_dlpack(theirs)
    theirs[0] = 9
    assert v.tolist() == [9.0, 1.0, 2.0]
    back = cupy_double.from_dlpack(v)
    theirs[1] = 8
    assert back.get().tolist() == v.tolist() == [9.0, 8.0, 2.0]
    np.testing.assert_array_equal(host(sa.from_dlpack(np.ones(2))), [1, 1])
    with raises(TypeError, "__dlpack__", "v.detach()"):
        cupy_double.from_dlpack(Variable([1.0]))
    assert not hasattr(v, "__cuda_array_interface__")
    assert not hasattr(v, "__cupy_get_ndarray__")


# Mixing -------------------------------------------------------------------------------------------


def test_backends_do_not_mix(on_double: Backend) -> None:
    here, there = on_numpy([1.0]), Variable([1.0])
    for pair in ((here, there), (there, here), (there, np.ones(1)), (here, there.data)):
        with raises(BackendMismatchError, "multiply", "'numpy'", "v.to("):
            pair[0] * pair[1]
    with raises(BackendMismatchError, "setitem", "value.to('cupy')"):
        sa.zeros((1,))[:] = here.detach()


OPERATORS = [
    ("+", lambda a, b: a + b),
    ("-", lambda a, b: a - b),
    ("*", lambda a, b: a * b),
    ("/", lambda a, b: a / b),
    ("**", lambda a, b: a**b),
    ("@", lambda a, b: a @ b),
    ("//", lambda a, b: a // b),
    ("%", lambda a, b: a % b),
    ("<", lambda a, b: a < b),
    ("==", lambda a, b: a == b),
]


@pytest.mark.parametrize(("name", "operate"), OPERATORS, ids=[name for name, _ in OPERATORS])
def test_a_raw_array_on_either_side_keeps_the_gradient(
    on_double: Backend, name: str, operate: Any
) -> None:
    values, others = np.array([[1.5, 2.5], [0.5, 1.0]]), np.array([[2.0, 3.0], [1.0, 0.25]])
    for swapped in (False, True):
        v, raw = Variable(values), on_double.asarray(others)
        out = operate(raw, v) if swapped else operate(v, raw)
        assert type(out) is Variable
        expected = on_numpy(values)
        truth = operate(on_numpy(others, False), expected) if swapped else operate(expected, others)
        np.testing.assert_allclose(host(out), truth.detach().numpy())
        if truth.requires_grad:
            out.sum().backward()
            truth.sum().backward()
            np.testing.assert_allclose(host(v.grad), expected.grad)


def test_an_augmented_assignment_to_a_raw_array_drops_no_gradient(on_double: Backend) -> None:
    raw, v = on_double.asarray(np.ones(2)), Variable([1.0, 2.0])
    with pytest.raises(TypeError):
        raw += v


def test_numpys_and_cupys_functions_keep_the_gradient(cupy_double: Any, on_double: Backend) -> None:
    v = Variable([1.0, 2.0])
    for out in (np.exp(v), np.add(on_double.asarray(np.ones(2)), v), np.concatenate([v, v])):
        assert type(out) is Variable
        assert out.requires_grad
    for refused in (cupy_double.exp, cupy_double.asarray):
        with pytest.raises(TypeError):
            refused(v)


# Training -----------------------------------------------------------------------------------------


def model() -> nn.Module:
    sa.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, bias=False),  # of a bias the gradient is rounding alone
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(27, 4),
    )


def trained(backend: str, steps: int = 3) -> tuple[dict[str, np.ndarray], list[float]]:
    with sa.use_backend(backend) as used:
        net = model().double()
        optimizer = nn.optim.Adam(net.parameters(), lr=0.01)
        rng, losses = np.random.default_rng(0), []
        for _ in range(steps):
            x = sa.asarray(rng.normal(size=(6, 1, 8, 8)))
            y = sa.asarray(rng.integers(0, 4, 6))
            loss = functional.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return {name: used.to_numpy(value) for name, value in net.state_dict().items()}, losses


def test_a_model_trained_here_has_numpys_numbers(on_double: Backend) -> None:
    ours, numpys = trained("cupy"), trained("numpy")
    np.testing.assert_allclose(ours[1], numpys[1], rtol=1e-12)
    assert ours[0].keys() == numpys[0].keys()
    for name, value in ours[0].items():
        np.testing.assert_allclose(value, numpys[0][name], rtol=1e-9, atol=1e-12)


def test_a_model_moves_with_its_gradients(on_double: Backend) -> None:
    with sa.use_backend("numpy"):
        net = nn.Linear(3, 2)
        net(sa.ones((1, 3))).sum().backward()
    net.to("cupy")
    assert {type(p.data) for p in net.parameters()} == {on_double.array_type}
    assert {type(p.grad) for p in net.parameters()} == {on_double.array_type}
    assert net(sa.ones((1, 3))).backend is on_double
    assert type(net.to("numpy").weight.data) is np.ndarray


def test_checkpoints_move_between_backends(on_double: Backend, tmp_path: Any) -> None:
    sa.manual_seed(1)
    here = nn.Linear(3, 2)
    optimizer = nn.optim.Adam(here.parameters())
    here(sa.ones((1, 3))).sum().backward()
    optimizer.step()
    nn.save(tmp_path / "on_gpu.safetensors", model=here, optimizer=optimizer)
    with sa.use_backend("numpy"):
        there = nn.Linear(3, 2)
        stepper = nn.optim.Adam(there.parameters())
        nn.load(tmp_path / "on_gpu.safetensors", model=there, optimizer=stepper)
        assert type(there.weight.data) is np.ndarray
        np.testing.assert_array_equal(there.weight.data, host(here.weight))
        nn.save(tmp_path / "on_host.safetensors", model=there, optimizer=stepper)
    back = nn.Linear(3, 2)
    nn.load(tmp_path / "on_host.safetensors", model=back)
    assert type(back.weight.data) is on_double.array_type


def test_a_seed_gives_the_numbers_that_it_gives_on_numpy(on_double: Backend) -> None:
    here, there = (get_backend(name).generator(7) for name in ("cupy", "numpy"))
    np.testing.assert_array_equal(host(here.normal((3,))), there.normal((3,)))
    state = here.state
    first = host(here.uniform((3,)))
    here.state = state
    np.testing.assert_array_equal(host(here.uniform((3,))), first)


# Memory -------------------------------------------------------------------------------------------


def test_what_shares_memory_is_known(on_double: Backend) -> None:
    array = on_double.asarray(np.arange(6.0))
    assert not on_double.is_view(array)
    assert on_double.is_view(array[2:])
    assert on_double.memory_key(array[2:]) == on_double.memory_key(array)
    assert on_double.memory_key(array.copy()) != on_double.memory_key(array)
    nothing, nothing_else = (on_double.asarray(np.empty(0)) for _ in range(2))
    assert on_double.memory_key(nothing) != on_double.memory_key(nothing_else)
    assert on_double.is_writeable(array)
    assert not on_double.is_writeable(on_double.xp.broadcast_to(array, (2, 6)))
    assert on_double.is_writeable(on_double.asarray(np.empty((0, 2))))


# Devices ------------------------------------------------------------------------------------------


def test_another_device_is_a_backend_of_its_own(cupy_double: Any, on_double: Backend) -> None:
    second = get_backend("cupy:1")
    assert second.name == "cupy:1"
    assert get_backend("cupy:0") is on_double
    assert get_backend("cupy:1") is second
    v = Variable([1.0, 2.0], requires_grad=False).to("cupy:1")
    assert v.backend is second
    assert v.device.id == 1
    out = (v * 3 + 1).exp().sum()
    assert (out.backend, out.device.id, cupy_double.cuda.Device().id) == (second, 1, 0)
    assert out.item() == pytest.approx(np.exp([4.0, 7.0]).sum())
    with sa.use_backend("cupy:1"):
        assert sa.ones((2,)).device.id == 1
        assert Variable([1.0]).backend is second
    assert Variable(v.data).backend is second, "an array stays on its device"
    assert v.to("cupy").device.id == 0


def test_gradients_are_computed_on_the_device(cupy_double: Any, on_double: Backend) -> None:
    v = Variable([1.0, 2.0])
    there = v.to("cupy:1")
    there.retain_grad()
    out = (there * there.exp()).reshape((2, 1)) @ there[None]
    out.sum().to("numpy").backward(retain_graph=True)
    assert (there.grad.device.id, v.grad.device.id, cupy_double.cuda.Device().id) == (1, 0, 0)
    expected = on_numpy([1.0, 2.0])
    ((expected * expected.exp()).reshape((2, 1)) @ expected[None]).sum().backward()
    np.testing.assert_allclose(host(v.grad), expected.grad)
    (again,) = sa.grad(out.sum(), v, create_graph=True)
    (second,) = sa.grad(again.sum(), v)
    assert second.device.id == 0


def test_devices_do_not_mix(on_double: Backend) -> None:
    v = sa.ones((2,))
    with raises(BackendMismatchError, "'cupy'", "'cupy:1'", "v.to("):
        v + v.to("cupy:1")
    with raises(BackendMismatchError, "'cupy'", "'cupy:1'"):
        v + v.to("cupy:1").data


@pytest.mark.parametrize("name", ["cupy:2", "cupy:x", "cupy:-1"])
def test_a_device_that_there_is_not(on_double: Backend, name: str) -> None:
    with raises(BackendUnavailableError, f'set_backend("{name}")', "number"):
        sa.set_backend(name)


def test_numpy_has_no_devices() -> None:
    with raises(BackendUnavailableError, "'numpy'", "one device", "'1'", "Use 'numpy'"):
        get_backend("numpy:1")


def test_one_device_needs_no_guards(on_double: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.backend_cupy.double import streams

    monkeypatch.setattr(streams, "COUNT", 1)
    from simple_autograd_cupy import CupyBackend

    alone = CupyBackend()
    assert not alone.several_devices
    assert alone.xp.exp is type(on_double)().xp.exp
