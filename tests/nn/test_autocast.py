"""``autocast`` over layers and losses: the data types of results and gradients, beside float32 and PyTorch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from tests.core.test_autocast import each_lower


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    """Run on NumPy whatever the run's backend is: array-api-strict has no type of 16 bits."""
    with sa.use_backend("numpy"):
        yield


def data(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


LAYERS = {
    "Linear": (lambda: nn.Linear(6, 4), (5, 6)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1), (2, 2, 5, 5)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 3), (2, 2, 4, 4)),
    "MultiheadAttention": (lambda: nn.MultiHeadSelfAttention(8, 2), (2, 3, 8)),
    "LSTM": (lambda: nn.LSTM(4, 3, batch_first=True), (2, 3, 4)),
    "GRU": (lambda: nn.GRU(4, 3, batch_first=True), (2, 3, 4)),
}
NORMS = {
    "LayerNorm": (lambda: nn.LayerNorm(6), (5, 6)),
    "LayerNorm without parameters": (lambda: nn.LayerNorm(6, elementwise_affine=False), (5, 6)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(6), (5, 6)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4, affine=False), (2, 4, 3)),
}


def of(table):
    return pytest.mark.parametrize(("make", "shape"), table.values(), ids=table)


def run(make, x: np.ndarray, lower: str | None):
    """Give the result, the gradient of x, and those of the parameters, of a layer seeded anew."""
    sa.manual_seed(0)
    layer = make()
    v = sa.Variable(x)
    with sa.autocast(lower or "float16", enabled=lower is not None):
        out = layer(v)
        out = out[0] if isinstance(out, tuple) else out
        loss = (out * data(*out.shape, seed=1)).sum()
    loss.backward()
    return out, [v.grad, *[p.grad for p in layer.parameters()]], layer


def close(found, expected, lower: str) -> None:
    tolerance = 5e-3 if lower == "float16" else 4e-2
    scale = float(np.abs(expected).max())
    np.testing.assert_allclose(np.asarray(found, "float32"), expected, atol=tolerance * scale)


@each_lower
@of(LAYERS)
def test_layers_compute_in_16_bits_and_keep_float32_parameters(lower, make, shape):
    out, gradients, layer = run(make, data(*shape), lower)
    plain, expected, _ = run(make, data(*shape), None)
    assert out.dtype == sa.get_backend().dtype(lower)
    assert {p.dtype for p in layer.parameters()} == {np.dtype("float32")}
    assert {gradient.dtype for gradient in gradients} == {np.dtype("float32")}
    close(out.data, plain.data, lower)
    for found, wanted in zip(gradients, expected, strict=True):
        close(found, wanted, lower)


@each_lower
@of(NORMS)
def test_normalization_is_float32(lower, make, shape):
    x = sa.Variable(data(*shape).astype(sa.get_backend().dtype(lower)))
    with sa.autocast(lower):
        out = make()(x)
    assert out.dtype == np.float32
    out.sum().backward()
    assert x.grad.dtype == x.dtype


LOSSES = {
    "cross_entropy": (nn.functional.cross_entropy, lambda: np.array([0, 2, 1])),
    "mse_loss": (nn.functional.mse_loss, lambda: data(3, 4, seed=2)),
    "binary_cross_entropy_with_logits": (
        nn.functional.binary_cross_entropy_with_logits,
        lambda: np.ones((3, 4), "float32"),
    ),
    "smooth_l1_loss": (nn.functional.smooth_l1_loss, lambda: data(3, 4, seed=2)),
    "multi_margin_loss": (nn.functional.multi_margin_loss, lambda: np.array([0, 2, 1])),
}


@each_lower
@pytest.mark.parametrize(("loss", "target"), LOSSES.values(), ids=LOSSES)
def test_losses_are_float32(lower, loss, target):
    dtype = sa.get_backend().dtype(lower)
    x = sa.Variable((300 * data(3, 4)).astype(dtype))  # squares are beyond float16
    targets = target()
    if targets.dtype == np.float32:
        targets = targets.astype(dtype)
    with sa.autocast(lower):
        out = loss(x, targets)
    assert out.dtype == np.float32
    out.backward()
    assert x.grad.dtype == dtype
    if targets.dtype == dtype:
        targets = targets.astype("float32")
    wide = loss(sa.Variable(x.data.astype("float32")), targets)
    np.testing.assert_array_equal(out.data, wide.data)


@each_lower
def test_a_network_trains_like_in_float32(lower):
    x, classes = data(32, 6), np.random.default_rng(3).integers(0, 3, 32)
    losses = {}
    for enabled in (True, False):
        sa.manual_seed(0)
        model = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
        optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(10):
            optimizer.zero_grad()
            with sa.autocast(lower, enabled=enabled):
                loss = nn.functional.cross_entropy(model(x), classes)
            loss.backward()
            optimizer.step()
        losses[enabled] = loss.item()
    assert losses[True] == pytest.approx(losses[False], rel=0.1)


def test_data_types_are_pytorchs(torch):
    """What PyTorch gives for bfloat16 on a CPU, where its lists have the operation."""
    x = torch.ones(2, 3, 4)
    ours = sa.Variable(np.ones((2, 3, 4), "float32"))
    pairs = {
        "linear": (torch.nn.functional.linear, nn.functional.linear),
        "matmul": (torch.matmul, sa.matmul),
        "mse_loss": (torch.nn.functional.mse_loss, nn.functional.mse_loss),
    }
    for name, (theirs, own) in pairs.items():
        second = torch.ones(5, 4) if name == "linear" else torch.ones(4, 5)
        if name == "mse_loss":
            second = x
        with torch.autocast("cpu", dtype=torch.bfloat16):
            expected = str(theirs(x, second).dtype).removeprefix("torch.").removeprefix("b")
        with sa.autocast("float16"):
            found = str(own(ours, second.numpy()).dtype)
        assert found == expected, name
