"""The CuPy backend at work; skipped, with the reason, on a machine without CuPy or a GPU.

The rest of the tests run there with ``--backend=cupy``; here is what only a GPU can show: real streams, DLPack with
another library, several devices. The op table is in ``test_ops_on_gpu.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.backends import Backend, get_backend
from simple_autograd.datasets import DataLoader, TensorDataset
from simple_autograd.nn import functional
from tests.core.raising import raises

pytestmark = pytest.mark.gpu


@pytest.fixture
def cupy_backend() -> Iterator[Backend]:
    with sa.use_backend("cupy") as backend:
        yield backend


def test_arrays_go_to_the_gpu_and_back(cupy_backend: Backend) -> None:
    host = np.arange(6.0).reshape(2, 3)
    array = cupy_backend.asarray(host)
    assert type(array) is cupy_backend.array_type
    np.testing.assert_array_equal(cupy_backend.to_numpy(array), host)


def test_dtypes_are_found_by_any_spelling(cupy_backend: Backend) -> None:
    for spelling in ("float32", np.float32, np.dtype("float32")):
        array = cupy_backend.asarray([1, 2], dtype=spelling)
        assert cupy_backend.dtype_name(array.dtype) == "float32"


def test_views_share_a_memory_key(cupy_backend: Backend) -> None:
    array = cupy_backend.asarray(np.arange(6.0))
    view, other = array[2:], array.copy()
    assert (cupy_backend.is_view(array), cupy_backend.is_view(view)) == (False, True)
    assert cupy_backend.memory_key(view) == cupy_backend.memory_key(array)
    assert cupy_backend.memory_key(other) != cupy_backend.memory_key(array)


def test_a_seed_gives_the_numbers_that_it_gives_on_numpy(cupy_backend: Backend) -> None:
    here = cupy_backend.generator(7).normal((3, 4))
    there = get_backend("numpy").generator(7).normal((3, 4))
    np.testing.assert_array_equal(cupy_backend.to_numpy(here), there)


def program(backend: Backend) -> Any:
    """Differentiate a small expression of many ops, and give the gradient as a NumPy array."""
    with sa.use_backend(backend):
        x = sa.Variable(np.linspace(-1, 1, 60).reshape(3, 4, 5))
    y = backend.asarray(np.linspace(0, 2, 30).reshape(5, 6))
    ((x @ y).cos().mean((0, -1), keepdim=True)[:, 1:3] * y[:2, None, 0]).var().backward()
    backend.synchronize()
    return backend.to_numpy(x.grad)


def test_gradients_equal_those_of_numpy(cupy_backend: Backend) -> None:
    np.testing.assert_allclose(
        program(cupy_backend), program(get_backend("numpy")), rtol=1e-9, atol=1e-12
    )


# Training -------------------------------------------------------------------------------------------


def trained(backend: str) -> tuple[dict[str, np.ndarray], list[float]]:
    with sa.use_backend(backend) as used:
        sa.manual_seed(3)
        net = nn.Sequential(
            nn.Conv2d(1, 4, 3, bias=False),  # of a bias the gradient is rounding alone
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(36, 5),
        ).double()
        optimizer = nn.optim.Adam(net.parameters(), lr=0.01)
        rng, losses = np.random.default_rng(0), []
        data = TensorDataset(rng.normal(size=(40, 1, 8, 8)), rng.integers(0, 5, 40))
        for x, y in DataLoader(data, 8):
            loss = functional.cross_entropy(net(sa.asarray(x)), sa.asarray(y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return {name: used.to_numpy(value) for name, value in net.state_dict().items()}, losses


def test_a_model_trained_here_has_numpys_numbers(cupy_backend: Backend) -> None:
    ours, numpys = trained("cupy"), trained("numpy")
    np.testing.assert_allclose(ours[1], numpys[1], rtol=1e-9)
    for name, value in ours[0].items():
        np.testing.assert_allclose(value, numpys[0][name], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_mixed_precision_trains(cupy_backend: Backend, dtype: str) -> None:
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    sa.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.GELU(),
        nn.Flatten(2),
        nn.LayerNorm(64),
        nn.TransformerEncoderLayer(64, 4, 32, 0.0, batch_first=True),
        nn.Flatten(),
        nn.Linear(512, 5),
    )
    optimizer, scaler = nn.optim.Adam(net.parameters(), lr=0.01), nn.amp.GradScaler()
    rng, losses = np.random.default_rng(0), []
    x, y = (
        sa.asarray(rng.normal(size=(16, 1, 8, 8)).astype("float32")),
        sa.asarray(rng.integers(0, 5, 16)),
    )
    for _ in range(8):
        optimizer.zero_grad()
        with sa.autocast(dtype):
            features = net[:-1](x)
            loss = functional.cross_entropy(net[-1](features), y)
        assert cupy_backend.dtype_name(net[0](x).dtype) == "float32"
        assert cupy_backend.dtype_name(loss.dtype) == "float32"
        scaler.scale(loss).backward()
        assert {cupy_backend.dtype_name(p.grad.dtype) for p in net.parameters()} == {"float32"}
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


# Transfers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefetch", [0, 2])
def test_batches_arrive_as_they_were(cupy_backend: Backend, prefetch: int) -> None:
    images = np.random.default_rng(0).normal(size=(256, 3, 64, 64)).astype(np.float32)
    labels = np.arange(256)
    loader = DataLoader(TensorDataset(images, labels), 16, backend="cupy", prefetch=prefetch)
    work = cupy_backend.asarray(np.ones((2048, 2048), np.float32))
    kept = []
    for batch in loader:
        kept.append(batch)
        work = work @ work * 1e-4  # keeps the program's stream busy behind the copies
    for number, (x, y) in enumerate(kept):
        rows = slice(16 * number, 16 * number + 16)
        np.testing.assert_array_equal(cupy_backend.to_numpy(x), images[rows])
        np.testing.assert_array_equal(cupy_backend.to_numpy(y), labels[rows])


def test_a_batch_is_there_when_it_is_given(cupy_backend: Backend) -> None:
    images = np.random.default_rng(0).normal(size=(64, 256, 256)).astype(np.float32)
    for number, (x,) in enumerate(DataLoader(TensorDataset(images), 16, backend="cupy")):
        np.testing.assert_array_equal(
            cupy_backend.to_numpy(x), images[16 * number : 16 * number + 16]
        )


def test_pinned_memory_may_be_written_to_again(cupy_backend: Backend) -> None:
    import cupyx

    source = cupyx.empty_pinned(1 << 24, np.float32)
    source[:] = 1
    array = cupy_backend.asarray(source)
    source[:] = 7
    assert cupy_backend.to_numpy(array).max() == 1


# Other libraries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operate",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a / b,
        lambda a, b: a @ b,
        lambda a, b: a**b,
    ],
    ids=["add", "subtract", "divide", "matmul", "pow"],
)
def test_a_raw_array_on_either_side_keeps_the_gradient(cupy_backend: Backend, operate: Any) -> None:
    raw = cupy_backend.asarray(np.array([[2.0, 3.0], [1.0, 0.5]]))
    for swapped in (False, True):
        v = sa.Variable([[1.5, 2.5], [0.5, 1.0]])
        out = operate(raw, v) if swapped else operate(v, raw)
        assert type(out) is sa.Variable
        out.sum().backward()
        assert type(v.grad) is cupy_backend.array_type


def test_dlpack_both_ways_with_cupy(cupy_backend: Backend) -> None:
    import cupy

    theirs = cupy.arange(3.0)
    v = sa.from_dlpack(theirs)
    theirs[0] = 9
    assert v.tolist() == [9.0, 1.0, 2.0]
    back = cupy.from_dlpack(v)
    back[1] = 8
    assert v.tolist() == [9.0, 8.0, 2.0]
    with raises(TypeError, "__dlpack__", "v.detach()"):
        cupy.from_dlpack(sa.Variable([1.0]))


def test_dlpack_both_ways_with_pytorch(cupy_backend: Backend) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    if not torch.cuda.is_available():
        pytest.skip("this PyTorch sees no GPU")
    theirs = torch.arange(3.0, device="cuda")
    v = sa.from_dlpack(theirs)
    theirs[0] = 9
    torch.cuda.synchronize()
    assert v.tolist() == [9.0, 1.0, 2.0]
    back = torch.from_dlpack(v)
    assert back.is_cuda
    back[1] = 8
    torch.cuda.synchronize()
    assert v.tolist() == [9.0, 8.0, 2.0]


def test_factorisations_that_fail_raise(cupy_backend: Backend) -> None:
    with pytest.raises(np.linalg.LinAlgError):
        sa.linalg.cholesky(sa.asarray([[1.0, 2.0], [2.0, 1.0]]))
    with pytest.raises(np.linalg.LinAlgError):
        sa.linalg.inv(sa.zeros((2, 2)))


def test_a_device_that_there_is_not(cupy_backend: Backend) -> None:
    with raises(sa.errors.BackendUnavailableError, 'set_backend("cupy:99")', "CUDA sees"):
        sa.set_backend("cupy:99")


def test_another_device(cupy_backend: Backend) -> None:
    if not cupy_backend.several_devices:
        pytest.skip("there is one GPU")
    v = sa.Variable([1.0, 2.0])
    out = (v.to("cupy:1") * 3).exp().sum()
    assert out.device.id == 1
    out.backward()
    np.testing.assert_allclose(cupy_backend.to_numpy(v.grad), 3 * np.exp([3.0, 6.0]))
