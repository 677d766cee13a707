"""Backends: which is the default, how one is found, what happens where two meet."""

from __future__ import annotations

import importlib.metadata
import sys
import threading
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import (
    Backend,
    NumPyBackend,
    backend_of,
    get_backend,
    kernel,
    register_backend,
    registry,
    set_backend,
    use_backend,
)
from simple_autograd.errors import (
    BackendMismatchError,
    BackendUnavailableError,
    SimpleAutogradError,
)
from tests.core.arrays import assert_close, assert_equal, shares_host_memory, to_backend, variable
from tests.core.raising import raises


@pytest.fixture(autouse=True)
def _registry_stays():
    """Forget the backends that a test has registered."""
    names, types = dict(registry._by_name), dict(registry._by_array_type)
    yield
    for table, before in [(registry._by_name, names), (registry._by_array_type, types)]:
        table.clear()
        table.update(before)


@pytest.fixture
def strict():
    """Give the strict backend, also in a run on NumPy."""
    pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    if "strict" not in registry._by_name:
        from tests.strict_backend import StrictBackend

        register_backend(StrictBackend())
    return get_backend("strict")


@pytest.fixture
def numpy():
    return get_backend("numpy")


class OtherArray(np.ndarray):
    """Stands for the array type of a library of its own."""


class OtherBackend(NumPyBackend):
    def __init__(self):
        super().__init__()
        self.name, self.array_type = "other", OtherArray


# The choice -----------------------------------------------------------------------------------------


def test_numpy_is_always_there(numpy):
    assert numpy.name == "numpy"
    assert numpy.xp is np
    assert get_backend(numpy) is numpy
    assert repr(numpy) == "<backend 'numpy'>"


def test_default_governs_creation(strict, numpy):
    for backend in (strict, numpy):
        with use_backend(backend):
            made = [
                sa.zeros(2),
                sa.arange(3),
                Variable([1.0]),
                Variable(np.ones(2)),
                sa.asarray(1.0),
            ]
            assert [v.backend for v in made] == [backend] * 5


def test_arrays_of_other_backends_stay_where_they_are(strict, numpy):
    array = strict.asarray(np.ones(2))
    with use_backend(numpy):
        assert Variable(array).backend is strict
        assert sa.asarray(array).backend is strict
        assert sa.zeros_like(Variable(array)).backend is strict
        assert (Variable(array) * 2).backend is strict


def test_use_backend_nests_and_restores(strict, numpy):
    before = get_backend()
    with use_backend("strict") as given:
        assert given is get_backend() is strict
        with use_backend(numpy):
            assert get_backend() is numpy
        assert get_backend() is strict
        with pytest.raises(KeyError), use_backend("numpy"):
            raise KeyError
        assert get_backend() is strict
    assert get_backend() is before


def test_use_backend_is_for_its_thread(strict, numpy):
    default, seen = get_backend(), []
    elsewhere = numpy if default is strict else strict
    with use_backend(elsewhere):
        thread = threading.Thread(target=lambda: seen.append(get_backend()))
        thread.start()
        thread.join(10)
    assert seen == [default]


def test_set_backend_is_for_every_thread(strict, numpy):
    before, seen = get_backend(), []
    try:
        for backend in (strict, numpy):
            set_backend(backend.name)
            thread = threading.Thread(target=lambda: seen.append(get_backend()))
            thread.start()
            thread.join(10)
            assert get_backend() is backend
    finally:
        set_backend(before)
    assert seen == [strict, numpy]


def test_set_backend_under_use_backend_shows_afterwards(strict, numpy):
    before = get_backend()
    try:
        with use_backend(strict):
            set_backend(numpy)
            assert get_backend() is strict
        assert get_backend() is numpy
    finally:
        set_backend(before)


# Finding --------------------------------------------------------------------------------------------


def entry_points(**loaders):
    """Make a double of importlib.metadata.entry_points that knows these backends."""

    def find(*, group):
        assert group == "simple_autograd.backends"
        return [
            SimpleNamespace(name=name, load=lambda load=load: load)
            for name, load in loaders.items()
        ]

    return find


def test_found_by_entry_point_on_first_use(monkeypatch):
    loaded = []

    def make():
        loaded.append(1)
        return OtherBackend()

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points(other=make))
    assert loaded == []
    backend = get_backend("other")
    assert get_backend("other") is backend
    assert loaded == [1]
    assert backend_of(np.zeros(1).view(OtherArray)) is backend
    with use_backend("other"):
        assert get_backend() is backend


def test_found_by_name_where_nothing_is_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points())
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "simple_autograd_broken.py").write_text("import missing_here")
    (tmp_path / "simple_autograd_bare.py").write_text("")
    module = ModuleType("simple_autograd_other")
    module.__spec__ = ModuleSpec(module.__name__, None)
    module.OtherBackend = OtherBackend
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert type(get_backend("other")) is OtherBackend
    with pytest.raises(ModuleNotFoundError, match="missing_here"):
        get_backend("broken")
    for name in ("bare", "absent", "not.a.name", "no name"):
        with raises(BackendUnavailableError, f"there is no backend {name!r}"):
            get_backend(name)


def test_backend_that_lacks_something_says_so_itself(monkeypatch):
    def make():
        raise BackendUnavailableError("other: there is no device.")

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points(other=make))
    with raises(BackendUnavailableError, "other: there is no device."):
        set_backend("other")


def test_cupy_that_is_not_installed_names_the_command(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points())
    monkeypatch.setattr(registry, "_on_the_path", lambda name: None)
    monkeypatch.delitem(registry._by_name, "cupy", raising=False)
    with raises(
        BackendUnavailableError,
        "there is no backend 'cupy'",
        "'numpy'",
        'pip install "simple-autograd-backend-cupy[cuda13]"',
    ):
        set_backend("cupy")


@pytest.mark.parametrize(
    ("device", "name"), [("cpu", "numpy"), ("cuda", "cupy"), ("cuda:1", "cupy")]
)
def test_pytorchs_devices_are_given_their_names(device, name, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points())
    with raises(
        BackendUnavailableError, f"no backend {device.partition(':')[0]!r}", f"{name!r} here"
    ):
        Variable([1.0]).to(device)


def test_unknown_name_lists_the_known_ones(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points(found=None))
    with raises(
        BackendUnavailableError, "no backend 'nupmy'", "'found'", "'numpy'", "register_backend"
    ):
        get_backend("nupmy")
    assert issubclass(BackendUnavailableError, RuntimeError)
    assert issubclass(BackendUnavailableError, SimpleAutogradError)


# Where two meet -------------------------------------------------------------------------------------


def test_mixing_raises_and_says_how_to_convert(strict, numpy):
    ours, theirs = Variable(strict.asarray(np.ones(2))), wrap_numpy(numpy, np.ones(2))
    mixed = {
        "add": lambda: ours + theirs,
        "multiply": lambda: sa.multiply(theirs, ours),
        "matmul": lambda: ours @ theirs,
        "concat": lambda: sa.concat([ours, ours, theirs]),
        "where": lambda: sa.where(ours > 0, ours, theirs),
        "maximum": lambda: ours.maximum(np.ones(2)),
        "divide": lambda: theirs / strict.asarray(np.ones(2)),
    }
    for name, call in mixed.items():
        with raises(
            BackendMismatchError, f"{name}: one operand is on backend", "v.to(", ".asarray(a)"
        ) as caught:
            call()
        assert "'strict'" in str(caught.value)
        assert "'numpy'" in str(caught.value)
    assert issubclass(BackendMismatchError, TypeError)


def wrap_numpy(numpy, array):
    """Make a Variable on the NumPy backend, whatever the default is."""
    with use_backend(numpy):
        return Variable(array)


def test_numbers_go_with_every_backend(strict, numpy):
    for v in (Variable(strict.asarray(np.ones(2))), wrap_numpy(numpy, np.ones(2))):
        assert ((2 * v + 1.5) ** 2).tolist() == [12.25, 12.25]


def test_gradient_of_another_backend_is_refused(strict, numpy):
    v = Variable(strict.asarray(np.ones(2)))
    above = wrap_numpy(numpy, np.ones(2))
    with raises(
        BackendMismatchError,
        "backward: the gradient is on backend 'numpy'",
        "gradient.to('strict')",
    ):
        (v * 2).backward(above)


def test_transfer_carries_the_gradient_back(strict, numpy):
    v = Variable(strict.asarray(np.array([1.0, 2.0])))
    there = v.to("numpy")
    assert there.backend is numpy
    assert type(there.data) is np.ndarray
    (there * there * np.array([1.0, 10.0])).sum().backward()
    assert type(v.grad) is strict.array_type
    np.testing.assert_array_equal(strict.to_numpy(v.grad), [2.0, 40.0])


def test_transfer_there_and_back_twice_differentiable(strict, numpy):
    v = Variable(strict.asarray(np.array([1.0, 2.0])))
    out = (v.to(numpy) ** 3).to("strict") * v
    (first,) = sa.grad(out.sum(), v, create_graph=True)
    assert first.backend is strict
    np.testing.assert_allclose(first.detach().numpy(), 4 * np.array([1.0, 8.0]))
    (second,) = sa.grad(first.sum(), v)
    assert type(second) is strict.array_type
    np.testing.assert_allclose(strict.to_numpy(second), 12 * np.array([1.0, 4.0]))


def test_transfer_to_where_it_is_gives_itself():
    v = variable([1.0])
    assert v.to(v.backend.name) is v
    assert v.to(v.backend) is v


def test_transfer_to_nowhere():
    with raises(BackendUnavailableError, "no backend 'nowhere'"):
        variable([1.0]).to("nowhere")


def test_everything_of_a_backward_pass_is_the_backends(backend):
    kinds = []
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    x = (v @ v)[[0, 0]].softmax(-1)
    x.register_hook(lambda grad: kinds.append(type(grad)))
    x.retain_grad()
    x.max().backward()
    kinds += [type(v.grad), type(x.grad), type(x.data), *map(type, sa.grad((v * 2).sum(), v))]
    assert set(kinds) == {backend.array_type}


# What a backend gives -------------------------------------------------------------------------------


def test_kernel_takes_the_place_of_the_portable_body(monkeypatch, backend):
    monkeypatch.setattr(backend, "bodies", dict(backend.bodies))
    backend.register_kernels({"sin": lambda x: x * 0 + 7})
    v = variable([0.0, 1.0])
    out = v.sin()
    assert_equal(out, np.array([7.0, 7.0]))
    out.sum().backward()
    assert_close(v.grad, np.cos([0.0, 1.0]))


def test_kernel_function_runs_on_the_backend_it_is_given(monkeypatch, backend):
    monkeypatch.setattr(Backend, "portable", dict(Backend.portable))
    monkeypatch.setattr(backend, "bodies", dict(backend.bodies))

    @kernel
    def scale_in_test(xp, array, factor):
        """Scale."""
        return xp.multiply(array, factor)

    array = to_backend(np.array([1.0, 2.0]))
    assert_equal(scale_in_test(backend, array, 3.0), np.array([3.0, 6.0]))
    backend.register_kernels({"scale_in_test": lambda array, factor: array})
    assert scale_in_test(backend, array, 3.0) is array
    assert scale_in_test.__doc__ == "Scale."


def test_data_types_by_every_spelling(backend):
    expected = backend.xp.float32
    for spelling in ("float32", np.float32, np.dtype("float32"), backend.dtype("float32")):
        assert backend.asarray([1.0], dtype=spelling).dtype == expected
        assert backend.dtype_name(backend.dtype(spelling)) == "float32"
    assert backend.is_floating(backend.dtype("complex64"))
    assert not backend.is_floating(backend.dtype("int64"))
    assert sa.float32 == backend.dtype("float32")


def test_copies_are_asked_for(backend):
    array = to_backend(np.array([1.0, 2.0]))
    assert backend.memory_key(backend.asarray(array)) == backend.memory_key(array)
    assert backend.memory_key(backend.asarray(array, copy=True)) != backend.memory_key(array)
    view = array[1:]
    assert backend.memory_key(view) == backend.memory_key(array)
    assert backend.is_view(view)
    assert not backend.is_view(array)


def test_read_only_memory_is_seen(backend):
    if not shares_host_memory(backend):
        pytest.skip("its arrays have memory of their own")
    frozen = np.zeros(2)
    frozen.flags.writeable = False
    assert not backend.is_writeable(backend.asarray(frozen))
    assert backend.is_writeable(backend.asarray(np.zeros(2)))


def test_random_numbers_depend_on_the_seed_alone(backend, strict, numpy):
    draws = [
        numpy.to_numpy(numpy.generator(3).uniform((4,), -1.0, 1.0)),
        strict.to_numpy(strict.generator(3).uniform((4,), -1.0, 1.0)),
    ]
    np.testing.assert_array_equal(*draws)
    assert draws[0].dtype == np.float32
    assert np.abs(draws[0]).max() <= 1.0
    generator = backend.generator(3)
    state = generator.state
    first = backend.to_numpy(generator.normal((3,), 5.0, 0.1, dtype="float64"))
    generator.state = state
    np.testing.assert_array_equal(
        backend.to_numpy(generator.normal((3,), 5.0, 0.1, dtype="float64")), first
    )
    assert sorted(backend.to_numpy(generator.permutation(5)).tolist()) == [0, 1, 2, 3, 4]
