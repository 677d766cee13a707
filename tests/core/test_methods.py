"""The methods of ``Variable``: PyTorch's names, arguments and defaults; NumPy's keywords as well."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, assert_equal, dtype_name, to_backend, variable
from tests.core.raising import raises

DATA = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) / 10 + 0.1

# Spelled the same in PyTorch.
SAME = {
    "abs": lambda v: v.abs(),
    "sqrt": lambda v: v.sqrt(),
    "exp": lambda v: v.exp(),
    "log": lambda v: v.log(),
    "sin": lambda v: v.sin(),
    "cos": lambda v: v.cos(),
    "tanh": lambda v: v.tanh(),
    "sigmoid": lambda v: v.sigmoid(),
    "relu": lambda v: (v - 1).relu(),
    "square": lambda v: v.square(),
    "pow": lambda v: v.pow(3),
    "pow of itself": lambda v: v.pow(v),
    "softmax": lambda v: v.softmax(-1),
    "softmax dim": lambda v: v.softmax(dim=1),
    "log_softmax": lambda v: v.log_softmax(0),
    "maximum": lambda v: v.maximum(1 - v),
    "minimum": lambda v: v.minimum(1 - v),
    "clip": lambda v: v.clip(0.5, 1.5),
    "clip min": lambda v: v.clip(min=0.5),
    "clamp max": lambda v: v.clamp(max=1.5),
    "where": lambda v: v.where(v > 1, v * 2),
    "matmul": lambda v: v.matmul(v.mT),
    "sum": lambda v: v.sum(),
    "sum dim": lambda v: v.sum(1),
    "sum dims": lambda v: v.sum((0, -1), True),
    "sum list of dims": lambda v: v.sum([0, 2]),
    "sum axis": lambda v: v.sum(axis=1, keepdims=True),
    "mean": lambda v: v.mean(),
    "mean dims": lambda v: v.mean((0, -1), keepdim=True),
    "mean axis": lambda v: v.mean(axis=(0, 2)),
    "var": lambda v: v.var(),
    "var dim": lambda v: v.var(0),
    "var dims": lambda v: v.var((0, 2), keepdim=True),
    "var biased": lambda v: v.var(1, False),
    "var unbiased=False": lambda v: v.var(unbiased=False),
    "var correction": lambda v: v.var(1, correction=0),
    "std": lambda v: v.std(),
    "std dims": lambda v: v.std((0, 2), keepdim=True),
    "std biased": lambda v: v.std(-1, False, True),
    "max": lambda v: v.max(),
    "min": lambda v: v.min(),
    "argmax": lambda v: v.argmax(),
    "argmax dim": lambda v: v.argmax(1, keepdim=True),
    "argmin": lambda v: v.argmin(dim=-1),
    "all": lambda v: (v > 1).all(1),
    "any": lambda v: (v > 1).any(dim=2, keepdim=True),
    "reshape": lambda v: v.reshape(4, 6),
    "reshape tuple": lambda v: v.reshape((4, -1)),
    "view": lambda v: v.view(-1),
    "flatten": lambda v: v.flatten(),
    "flatten start": lambda v: v.flatten(1),
    "flatten both": lambda v: v.flatten(start_dim=0, end_dim=1),
    "ravel": lambda v: v.ravel(),
    "permute": lambda v: v.permute(2, 0, 1),
    "permute tuple": lambda v: v.permute((1, -1, 0)),
    "transpose": lambda v: v.transpose(0, 2),
    "transpose negative": lambda v: v.transpose(-1, -2),
    "swapaxes": lambda v: v.swapaxes(0, 1),
    "t": lambda v: v[0].t(),
    "t of a vector": lambda v: v[0, 0].t(),
    "T": lambda v: v[0].T,
    "mT": lambda v: v.mT,
    "squeeze": lambda v: v[:1].squeeze(),
    "squeeze dim": lambda v: v[:1].squeeze(0),
    "squeeze dims": lambda v: v[:1, :, :1].squeeze((0, 2)),
    "squeeze of a longer axis": lambda v: v.squeeze(0),
    "squeeze of some": lambda v: v[:1].squeeze((0, 1)),
    "unsqueeze": lambda v: v.unsqueeze(1),
    "unsqueeze negative": lambda v: v.unsqueeze(-1),
    "unsqueeze dim": lambda v: v.unsqueeze(dim=0),
    "expand": lambda v: v[:, :1].expand(2, 3, 4),
    "expand -1": lambda v: v[:, :1].expand(5, -1, 3, -1),
    "expand tuple": lambda v: v[:, :1].expand((2, 3, 4)),
    "clone": lambda v: v.clone(),
    "indexing": lambda v: v[:, [0, 0, 2], None],
}


@pytest.mark.parametrize("name", SAME)
def test_as_in_pytorch(name, torch):
    function = SAME[name]
    v, tensor = variable(DATA), torch.tensor(DATA, requires_grad=True)
    out, expected = function(v), function(tensor)
    assert isinstance(out, Variable)
    assert_close(out, expected.detach().numpy())
    assert out.requires_grad == expected.requires_grad
    if expected.requires_grad:
        above = np.random.default_rng(1).normal(size=tuple(expected.shape))
        out.backward(above)
        expected.backward(torch.tensor(above))
        assert_close(v.grad, tensor.grad.numpy())


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("options", [{"dim": 1}, {"dim": -1, "keepdim": True}], ids=str)
def test_extremes_along_an_axis_are_the_values(name, options, torch):
    tied = np.array([[1.0, 2.0, 2.0], [2.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    v, tensor = variable(tied), torch.tensor(tied, requires_grad=True)
    out, expected = getattr(v, name)(**options), getattr(tensor, name)(**options).values
    assert_equal(out, expected.detach().numpy())
    out.sum().backward()
    expected.sum().backward()
    assert_equal(v.grad, tensor.grad.numpy())


def test_extremes_over_everything_share_ties():
    v = variable([2.0, 1.0, 2.0])
    v.max().backward()
    assert_equal(v.grad, np.array([0.5, 0.0, 0.5]))
    v = variable([[1.0, 3.0], [1.0, 5.0]])
    v.min((0, 1)).backward()
    assert_equal(v.grad, np.array([[0.5, 0.0], [0.5, 0.0]]))


def test_numpys_keywords_mean_the_same():
    for name in ("sum", "mean", "var", "std", "max", "min"):
        one = getattr(variable(DATA), name)(1, keepdim=True)
        two = getattr(variable(DATA), name)(axis=1, keepdims=True)
        assert_equal(two, one.detach().numpy())
        with raises(TypeError, name, "dim=0", "axis=1"):
            getattr(variable(DATA), name)(0, axis=1)
    for name in ("softmax", "log_softmax"):
        one, two = getattr(variable(DATA), name)(1), getattr(variable(DATA), name)(axis=1)
        assert_equal(two, one.detach().numpy())
        with raises(TypeError, f"{name}: needed is"):
            getattr(variable(DATA), name)()


def test_transpose_is_numpys_where_pytorch_has_none():
    v = variable(DATA)
    assert_equal(v.transpose(), DATA.transpose())
    assert_equal(v.transpose(1, 2, 0), DATA.transpose(1, 2, 0))
    assert_equal(v.transpose((1, 2, 0)), DATA.transpose(1, 2, 0))
    with raises(ValueError, "t: needed are at most two axes", "(2, 3, 4)"):
        v.t()


def test_expand_keeps_only_lengths_that_there_are():
    with pytest.raises(ValueError, match="negative"):
        variable(DATA).expand(-1, 2, 3, 4)


def test_concat():
    v, w = variable([[1.0, 2.0]]), variable([[3.0, 4.0]])
    assert_equal(v.concat(w), np.array([[1.0, 2.0], [3.0, 4.0]]))
    out = v.concat(w, v, axis=1)
    assert_equal(out, np.array([[1.0, 2.0, 3.0, 4.0, 1.0, 2.0]]))
    (out * to_backend(np.arange(6.0))).sum().backward()
    assert_equal(v.grad, np.array([[4.0, 6.0]]))
    assert_equal(w.grad, np.array([[2.0, 3.0]]))


def test_data_types():
    v = variable([1.5, 2.5])
    for w in (v.astype("float32"), v.to("float32"), v.astype(get_backend().dtype("float32"))):
        assert dtype_name(w) == "float32"
        assert w.requires_grad
    assert dtype_name(v.sum(dtype="float32")) == "float32"
    (v.astype("float32") * 2).sum().backward()
    assert dtype_name(v.grad) == "float64"
    assert not v.astype("int64").requires_grad
    assert v.to("float64") is v


CONVERSIONS = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "int": "int32",
    "long": "int64",
    "bool": "bool",
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_a_data_type_by_its_name_in_pytorch(name, backend, torch):
    if name == "half" and backend.name != "numpy":
        pytest.skip("the standard has no float16")
    data = np.array([-1.5, 0.0, 2.7])
    v, tensor = variable(data), torch.tensor(data, requires_grad=True)
    out, expected = getattr(v, name)(), getattr(tensor, name)()
    assert dtype_name(out) == CONVERSIONS[name]
    assert_equal(out, expected.detach().numpy())
    assert out.requires_grad == expected.requires_grad
    assert getattr(out, name)() is out
    if out.requires_grad:
        (out * 2).sum().backward()
        assert_equal(v.grad, np.full(3, 2.0))


def test_as_the_data_type_of_another():
    v = variable([1.5, 2.5])
    assert dtype_name(v.type_as(v.float())) == "float32"
    assert v.type_as(v) is v


def test_sizes():
    v = variable(DATA)
    assert (v.dim(), v.numel(), v.ndim, v.size) == (3, 24, 3, 24)


# The two examples that must work to the letter ------------------------------------------------------


def test_first_example():
    v = Variable(np.random.randn(3))  # noqa: NPY002 - to the letter
    (v * 3).sum().backward()
    assert_equal(v.grad, np.array([3.0, 3.0, 3.0]))


def test_second_example(torch, backend):
    rng = np.random.default_rng(0)
    x, y = Variable(rng.normal(size=(3, 4, 5))), to_backend(rng.normal(size=(5, 6)))
    (
        ((x @ y).cos().mean((0, -1), keepdim=True)[:, [1, 1, 2, -1, 0, 0], None, :] * y)
        .swapaxes(0, 1)
        .var()
        .backward()
    )
    a = torch.tensor(backend.to_numpy(x.data), requires_grad=True)
    b = torch.tensor(backend.to_numpy(y))
    (
        ((a @ b).cos().mean((0, -1), keepdim=True)[:, [1, 1, 2, -1, 0, 0], None, :] * b)
        .swapaxes(0, 1)
        .var()
        .backward()
    )
    assert_close(x.grad, a.grad.numpy(), 1e-12)


@pytest.mark.parametrize("name", ["sum", "prod", "logsumexp"])
def test_a_number_has_an_axis_0_to_sum_over(name):
    for axis in (0, -1):
        v = variable(2.0)
        out = getattr(v, name)(axis)
        assert_close(out, np.array(2.0))
        out.backward()
        assert_close(v.grad, np.array(1.0))
