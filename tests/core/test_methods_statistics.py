"""The methods that count, relate and rank, and those on numbers without axes, each compared with PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, assert_equal, variable
from tests.core.raising import raises

DATA = np.random.default_rng(0).permutation(12).reshape(3, 4) / 13 - 0.4
COUNTS = np.array([3, 0, 1, 3])
WHOLE = np.array([[12, -8, 0, 7], [7, -8, 12, 7], [12, 6, 0, 9]])
BITS = np.array([[True, False], [True, True]])


class Arrays:
    """Arrays that have no gradient, as a library has them."""

    def __init__(self, make):
        self.counts, self.whole, self.bits = make(COUNTS), make(WHOLE), make(BITS)
        self.holed = make(np.where(DATA > 0, np.nan, DATA))


CALLS = {
    "cov": lambda v, p: v.cov(),
    "cov of one": lambda v, p: v[0].cov(correction=0),
    "cov fweights": lambda v, p: v.cov(fweights=p.counts),
    "cov aweights": lambda v, p: v.cov(aweights=v[0].detach().abs(), correction=2),
    "cov weights": lambda v, p: v.cov(fweights=p.counts, aweights=v[0].detach().abs()),
    "corrcoef": lambda v, p: v.corrcoef(),
    "corrcoef of one": lambda v, p: v[0].corrcoef(),
    "bincount": lambda v, p: p.counts.bincount(),
    "bincount minlength": lambda v, p: p.counts.bincount(minlength=6),
    "bincount of nothing": lambda v, p: p.counts[:0].bincount(),
    "bincount weights": lambda v, p: p.counts.bincount(v.detach()[0]),
    "histc": lambda v, p: v.detach().histc(4),
    "histc bounds": lambda v, p: v.detach().histc(3, min=-0.2, max=0.3),
    "mode": lambda v, p: p.whole.mode().values,
    "mode dim": lambda v, p: p.whole.mode(0, True)[0],
    "mode indices": lambda v, p: p.whole.mode(0).indices,
    "msort": lambda v, p: v.msort(),
    "aminmax": lambda v, p: v.aminmax().max,
    "aminmax dim": lambda v, p: v.aminmax(dim=1, keepdim=True).min,
    "max of two": lambda v, p: v.max(v * v),
    "min of two": lambda v, p: v.min(v * v),
    "std unbiased": lambda v, p: v.std(False),
    "var unbiased": lambda v, p: v.var(True),
    "median of integers": lambda v, p: p.whole.median(),
    "nanmedian dim": lambda v, p: p.holed.nanmedian(1).values,
    "nanmedian indices": lambda v, p: p.holed[:2].nanmedian(1, keepdim=True).indices,
    "quantile of a part": lambda v, p: (v * 2).quantile(v.abs()[0], dim=1),
    "nanquantile of a part": lambda v, p: (v * 2).nanquantile(v.abs()[0]),
    "gcd": lambda v, p: p.whole.gcd(p.whole[:1]),
    "lcm": lambda v, p: p.whole.lcm(p.whole[2]),
    "div of integers": lambda v, p: p.whole.div(5, rounding_mode="trunc"),
    "heaviside of integers": lambda v, p: p.whole.heaviside(p.whole[1]),
    "reciprocal of integers": lambda v, p: (p.counts * 0 + 4).reciprocal().double(),
    "conj of booleans": lambda v, p: p.bits.conj(),
    "isclose": lambda v, p: v.isclose(v.detach() + 1e-6, rtol=0.0, atol=1e-5),
    "isclose nan": lambda v, p: p.holed.isclose(p.holed, equal_nan=True),
    "isclose infinities": lambda v, p: (v / 0).isclose(v * 0 + float("inf")),
    "isclose booleans": lambda v, p: p.bits.isclose(p.bits[0]),
    "isposinf": lambda v, p: (v / 0).isposinf(),
    "isneginf": lambda v, p: (v / 0).isneginf(),
    "isreal": lambda v, p: (v * (1 + 2j)).isreal(),
    "isreal of integers": lambda v, p: p.whole.isreal(),
    "clamp_min": lambda v, p: v.clamp_min(0.1),
    "clamp_max": lambda v, p: v.clamp_max(v * v),
    "lerp": lambda v, p: v.lerp(v * v, 0.3),
    "lerp weights": lambda v, p: v.lerp(v * v, v.exp()),
    "addcmul": lambda v, p: v.addcmul(v, v.exp(), value=0.5),
    "addcdiv": lambda v, p: v.addcdiv(v, v.exp(), value=-2),
    "ldexp of numbers": lambda v, p: v.ldexp(v * v),
    "dist": lambda v, p: v.dist(v * v),
    "dist p": lambda v, p: v.dist(v * v, 1),
    "addmm": lambda v, p: v[:, :3].addmm(v, v.T, beta=0.5, alpha=2),
    "addmm alone": lambda v, p: (v[:1, :3] * float("nan")).detach().addmm(v, v.T, beta=0),
    "addmv": lambda v, p: v[:, 0].addmv(v, v[0]),
    "addr": lambda v, p: v.addr(v[:, 0], v[0], alpha=3),
    "addbmm": lambda v, p: v[:, :3].addbmm(v[None] * v[0, 0], v.T[None], beta=2),
    "baddbmm": lambda v, p: v[None, :, :3].baddbmm(v[None], v.T[None], alpha=-1),
}
NUMBERS = {
    "sum": lambda n: n.sum(0),
    "mean keepdim": lambda n: n.mean(-1, keepdim=True),
    "prod": lambda n: n.prod(0),
    "amax": lambda n: n.amax(dim=(0,)),
    "logsumexp": lambda n: n.logsumexp([0], True),
    "norm": lambda n: n.norm(3, 0),
    "all": lambda n: n.all(0),
    "argmax": lambda n: n.argmax(-1, True),
    "cumsum": lambda n: n.cumsum(0),
    "cumprod": lambda n: n.cumprod(-1),
    "cummax": lambda n: n.cummax(0).values,
    "cummin": lambda n: n.cummin(0)[1],
    "logcumsumexp": lambda n: n.logcumsumexp(0),
    "sort": lambda n: n.sort(0)[0],
    "argsort": lambda n: n.argsort(-1),
    "topk": lambda n: n.topk(1, 0).values,
    "kthvalue": lambda n: n.kthvalue(1)[0],
    "median": lambda n: n.median(0)[0],
    "median keepdim": lambda n: n.median(-1, True).indices,
    "nanmedian": lambda n: n.nanmedian(0).values,
    "mode": lambda n: n.mode().values,
    "quantile": lambda n: n.quantile(0.3, 0, True),
    "softmax": lambda n: n.softmax(0),
    "log_softmax": lambda n: n.log_softmax(-1),
}


def assert_as_in_pytorch(torch, data, call):
    v, tensor = variable(data), torch.tensor(data, requires_grad=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        out, expected = call(v), call(tensor)
    assert isinstance(out, Variable)
    assert_close(out, expected.detach().resolve_conj().numpy())
    if expected.requires_grad:
        above = np.random.default_rng(1).normal(size=tuple(expected.shape))
        out.backward(above)
        expected.backward(torch.tensor(above))
        assert_close(v.grad, tensor.grad.numpy())


@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name, torch):
    backend = get_backend()
    arrays = {
        Variable: Arrays(lambda a: Variable(backend.asarray(a), requires_grad=False)),
        torch.Tensor: Arrays(torch.tensor),
    }
    assert_as_in_pytorch(torch, DATA, lambda t: CALLS[name](t, arrays[type(t)]))


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_one_axis(name, torch):
    assert_as_in_pytorch(torch, np.array(0.3), NUMBERS[name])


def test_types_may_be_given():
    whole = variable(WHOLE)
    for name in ("sum", "mean", "nansum", "nanmean", "softmax", "log_softmax", "norm"):
        out = getattr(whole, name)(dim=1, dtype="float32")
        assert out.dtype == get_backend().dtype("float32"), name


def test_whether_arrays_are_the_same():
    v = variable(DATA)
    assert v.equal(variable(DATA)) is True
    assert v.equal(variable(DATA + 1e-7)) is False
    assert v.equal(v[0]) is False
    assert v.allclose(variable(DATA + 1e-12)) is True
    assert v.allclose(v + 1) is False


def test_what_an_array_holds():
    for dtype, size, kinds in [
        ("float32", 4, (True, False)),
        ("complex128", 16, (False, True)),
        ("int64", 8, (False, False)),
        ("bool", 1, (False, False)),
    ]:
        v = variable(np.ones((2, 3), dtype))
        assert (v.element_size(), v.itemsize, v.nbytes) == (size, size, 6 * size)
        assert (v.is_floating_point(), v.is_complex()) == kinds
        assert (v.nelement(), v.ndimension()) == (6, 2)


def test_searchsorted():
    v = variable(np.array([1.0, 2.0, 2.0]))
    assert_equal(v.searchsorted(variable([2.0]), side="right"), np.array([3]))


def test_wrong_arguments_are_refused():
    v = variable(DATA)
    for call, words in [
        (lambda: v[None].cov(), ["cov", "two axes", "(1, 3, 4)"]),
        (lambda: variable(np.array([-1])).bincount(), ["bincount", "(1,)", "-1"]),
        (lambda: v.addmm(v, v[0]), ["addmm", "2 and 2 axes", "(3, 4) and (4,)"]),
        (lambda: v[:0].median(0), ["median", "no elements along axis 0"]),
        (lambda: v[:0].nanmedian(), ["nanmedian", "no elements"]),
    ]:
        with raises(ValueError, *words):
            call()
