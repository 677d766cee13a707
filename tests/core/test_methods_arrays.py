"""The methods on shapes, positions and order, each compared with PyTorch's: names, arguments, values, gradients."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, assert_equal, variable
from tests.core.raising import raises

DATA = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) / 10 + 0.1
HOLED = np.where(DATA > 2.0, np.nan, DATA)
ROWS = np.array([2, 0, 0])
INDEX = np.array([[[0, 3], [1, 1]], [[2, 2], [3, 0]]])
DISTINCT = np.array([[[0, 3], [1, 2]], [[2, 1], [3, 0]]])
MASK = DATA > 1.2


class Positions:
    """The index arrays as a library has them."""

    def __init__(self, make):
        self.rows, self.index, self.distinct = make(ROWS), make(INDEX), make(DISTINCT)
        self.mask, self.counts = make(MASK), make(np.array([2, 0, 1]))


CALLS = {
    "view_as": lambda v, p: v.view_as(v.reshape(4, 6)),
    "reshape_as": lambda v, p: v.reshape_as(v.reshape(-1)),
    "unflatten": lambda v, p: v.unflatten(-1, (2, -1)),
    "swapdims": lambda v, p: v.swapdims(0, 2),
    "reshape shape": lambda v, p: v.reshape(shape=(6, 4)),
    "view size": lambda v, p: v.view(size=(4, -1)),
    "permute dims": lambda v, p: v.permute(dims=(2, 0, 1)),
    "transpose dim0": lambda v, p: v.transpose(dim0=0, dim1=2),
    "transpose dim1": lambda v, p: v.transpose(1, dim1=2),
    "squeeze dim": lambda v, p: v[:1].squeeze(dim=0),
    "squeeze dims": lambda v, p: v[:1].squeeze(dim=(0, 1)),
    "expand size": lambda v, p: v[:1].expand(size=(2, -1, 4)),
    "repeat repeats": lambda v, p: v.repeat(repeats=(2, 1, 1)),
    "tile dims": lambda v, p: v.tile(dims=(2, 1)),
    "flip dims": lambda v, p: v.flip(dims=(0, 2)),
    "movedim": lambda v, p: v.movedim(0, -1),
    "moveaxis": lambda v, p: v.moveaxis((0, 1), (1, 2)),
    "expand_as": lambda v, p: v[:, :1].expand_as(v),
    "broadcast_to": lambda v, p: v[0, 0].broadcast_to((3, 4)),
    "repeat": lambda v, p: v.repeat(2, 1, 3),
    "repeat more axes": lambda v, p: v.repeat((2, 1, 1, 2)),
    "tile": lambda v, p: v.tile(2, 3),
    "repeat_interleave": lambda v, p: v.repeat_interleave(2),
    "repeat_interleave dim": lambda v, p: v.repeat_interleave(p.counts, dim=1),
    "flip": lambda v, p: v.flip(0, -1),
    "flip tuple": lambda v, p: v.flip((1,)),
    "fliplr": lambda v, p: v.fliplr(),
    "flipud": lambda v, p: v.flipud(),
    "roll": lambda v, p: v.roll(2),
    "roll dims": lambda v, p: v.roll((1, -1), (0, 2)),
    "rot90": lambda v, p: v.rot90(1, (1, 2)),
    "tril": lambda v, p: v.tril(),
    "tril diagonal": lambda v, p: v.tril(1),
    "triu": lambda v, p: v.triu(diagonal=-1),
    "diag": lambda v, p: v[0].diag(1),
    "diag of a vector": lambda v, p: v[0, 0].diag(),
    "diag_embed": lambda v, p: v.diag_embed(1, 0, 2),
    "diagflat": lambda v, p: v[0].diagflat(),
    "split": lambda v, p: v.split(3, dim=2)[1],
    "split first": lambda v, p: v.split(1)[0],
    "split lengths": lambda v, p: v.split([1, 0, 3], -1)[2],
    "chunk": lambda v, p: v.chunk(3, 2)[0],
    "chunk uneven": lambda v, p: v.chunk(2, dim=1)[1],
    "unbind": lambda v, p: v.unbind(1)[2],
    "narrow": lambda v, p: v.narrow(2, 1, 2),
    "narrow from the end": lambda v, p: v.narrow(-1, -3, 2),
    "select": lambda v, p: v.select(1, -1),
    "split_with_sizes": lambda v, p: v.split_with_sizes([1, 2], 1)[1],
    "tensor_split": lambda v, p: v.tensor_split(3, dim=2)[0],
    "tensor_split positions": lambda v, p: v.tensor_split((1, 3), -1)[1],
    "tensor_split positions in an array": lambda v, p: v.tensor_split(p.rows[:1], 2)[0],
    "hsplit": lambda v, p: v.hsplit(3)[1],
    "hsplit of a vector": lambda v, p: v[0, 0].hsplit([1])[1],
    "vsplit": lambda v, p: v.vsplit(2)[0],
    "dsplit": lambda v, p: v.dsplit((1, 3))[1],
    "unfold": lambda v, p: v.unfold(2, 3, 1),
    "unfold dimension": lambda v, p: v.unfold(dimension=1, size=2, step=2),
    "sum_to_size": lambda v, p: v.sum_to_size(3, 1),
    "sum_to_size size": lambda v, p: v.sum_to_size((2, 1, 4)),
    "contiguous": lambda v, p: v.mT.contiguous(),
    "take": lambda v, p: v.take(p.index),
    "take_along_dim": lambda v, p: v.take_along_dim(p.index[:, :1], 2),
    "take_along_dim flat": lambda v, p: v.take_along_dim(p.index),
    "gather": lambda v, p: v.gather(2, p.index),
    "scatter": lambda v, p: v.scatter(2, p.distinct, (v * 2)[:, :2, :2]),
    "scatter a number": lambda v, p: v.scatter(-1, p.distinct, 5.0),
    "scatter value": lambda v, p: v.scatter(-1, p.distinct, value=5.0),
    "scatter_reduce": lambda v, p: v.scatter_reduce(2, p.index, (v * v)[:, :2, :2], "prod"),
    "scatter_reduce without self": lambda v, p: v.scatter_reduce(
        2, p.index, (v * v)[:, :2, :2], "mean", include_self=False
    ),
    "select_scatter": lambda v, p: v.select_scatter((v * v)[:, 0], 1, -1),
    "slice_scatter": lambda v, p: v.slice_scatter((v * v)[..., :2], 2, start=0, end=4, step=2),
    "diagonal_scatter": lambda v, p: v[0].diagonal_scatter(v[1, 0, :3], 1),
    "diagonal_scatter axes": lambda v, p: v.diagonal_scatter((v * v)[:, :2, 0], -1, 1, 2),
    "masked_scatter": lambda v, p: v.masked_scatter(p.mask, v * v),
    "scatter_add": lambda v, p: v.scatter_add(2, p.index, (v * v)[:, :2, :2]),
    "index_select": lambda v, p: v.index_select(1, p.rows),
    "index_add": lambda v, p: v.index_add(1, p.rows, v * v, alpha=-2),
    "index_copy": lambda v, p: v.index_copy(1, p.rows[:2], (v * v)[:, :2]),
    "index_fill": lambda v, p: v.index_fill(1, p.rows, 9.0),
    "index_put": lambda v, p: v.index_put((p.mask,), (v * 0 + 3)[0, 0, 0]),
    "index_put accumulate": lambda v, p: v[0].index_put((p.rows,), (v * v)[0], accumulate=True),
    "masked_fill": lambda v, p: v.masked_fill(p.mask, -1.0),
    "masked_fill broadcast": lambda v, p: v.masked_fill(p.mask[0, 0], 2),
    "masked_select": lambda v, p: v.masked_select(p.mask),
    "masked_select broadcast": lambda v, p: v[0].masked_select(p.mask[1, :, :1]),
    "nonzero": lambda v, p: v.trunc().nonzero(),
    "nonzero as_tuple": lambda v, p: v.trunc().nonzero(as_tuple=True)[1],
    "argwhere": lambda v, p: v.trunc().argwhere(),
    "count_nonzero": lambda v, p: v.trunc().count_nonzero(),
    "count_nonzero dim": lambda v, p: v.trunc().count_nonzero(dim=1),
    "sort": lambda v, p: v.sort().values,
    "sort indices": lambda v, p: v.sort(1, descending=True)[1],
    "sort of a number": lambda v, p: v[0, 0, 0].sort().values,
    "sort stable": lambda v, p: v.sort(dim=0, stable=True)[0],
    "argsort": lambda v, p: v.argsort(1, True),
    "topk": lambda v, p: v.topk(2).values,
    "topk indices": lambda v, p: v.topk(2, 1, largest=False).indices,
    "kthvalue": lambda v, p: v.kthvalue(3).values,
    "kthvalue keepdim": lambda v, p: v.kthvalue(1, 1, True).indices,
    "median": lambda v, p: v.median(),
    "median dim": lambda v, p: v.median(2).values,
    "median indices": lambda v, p: v.median(1, keepdim=True).indices,
    "nanmedian": lambda v, p: v.nanmedian(),
    "quantile": lambda v, p: v.quantile(0.3),
    "quantile dim": lambda v, p: v.quantile(0.3, 1, True),
    "quantile interpolation": lambda v, p: v.quantile(0.3, dim=2, interpolation="higher"),
    "nanquantile": lambda v, p: v.nanquantile(0.6, dim=0),
    "unique": lambda v, p: (v * 5).trunc().unique().exp(),
    "unique inverse": lambda v, p: v.trunc().unique(return_inverse=True)[1],
    "unique counts": lambda v, p: v.trunc().unique(return_inverse=True, return_counts=True)[2],
    "unique dim": lambda v, p: (v * 5).trunc().repeat(2, 1, 1).unique(dim=0),
    "unique dim inverse": lambda v, p: v.repeat(1, 2, 1).unique(dim=1, return_inverse=True)[1],
    "unique_consecutive": lambda v, p: v.trunc().unique_consecutive(),
    "unique_consecutive counts": lambda v, p: v.trunc().unique_consecutive(True, True)[2],
    "unique_consecutive dim": lambda v, p: v.repeat_interleave(2, 1).unique_consecutive(dim=1),
    "cumsum": lambda v, p: v.cumsum(1),
    "cumprod": lambda v, p: v.cumprod(dim=-1),
    "cummax": lambda v, p: v.cummax(1).values,
    "cummin": lambda v, p: v.cummin(2)[1],
    "logcumsumexp": lambda v, p: v.logcumsumexp(0),
    "diff": lambda v, p: v.diff(),
    "diff all": lambda v, p: v.diff(2, 1, prepend=v[:, :1], append=v * 2),
    "prod": lambda v, p: v.prod(),
    "prod dim": lambda v, p: v.prod(1, keepdim=True),
    "amax": lambda v, p: v.amax(),
    "amax dims": lambda v, p: v.amax((0, 2), True),
    "amin dim": lambda v, p: v.amin(dim=1),
    "nansum": lambda v, p: v.nansum((0, 1)),
    "nanmean": lambda v, p: v.nanmean(dim=2),
}
# Not differentiable in PyTorch.
CONSTANT_THERE = {"unique", "unique dim", "unique_consecutive", "unique_consecutive dim"}


@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name, torch):
    backend = get_backend()
    v, tensor = variable(DATA), torch.tensor(DATA, requires_grad=True)
    out = CALLS[name](v, Positions(lambda a: Variable(backend.asarray(a))))
    expected = CALLS[name](tensor, Positions(torch.tensor))
    assert isinstance(out, Variable)
    assert_close(out, expected.detach().numpy())
    assert out.requires_grad == expected.requires_grad or name in CONSTANT_THERE
    if expected.requires_grad and name not in CONSTANT_THERE:
        above = np.random.default_rng(1).normal(size=tuple(expected.shape))
        out.backward(above)
        expected.backward(torch.tensor(above))
        assert_close(v.grad, tensor.grad.numpy())


NUMBERS = {
    "swapaxes": lambda t, zero: t.swapaxes(0, -1),
    "movedim": lambda t, zero: t.movedim(0, 0),
    "squeeze": lambda t, zero: t.squeeze(-1),
    "flip": lambda t, zero: t.flip(0),
    "unfold": lambda t, zero: t.unfold(0, 1, 1),
    "gather": lambda t, zero: t.gather(0, zero),
    "gather a vector": lambda t, zero: t.gather(-1, zero.reshape(1)),
    "scatter": lambda t, zero: t.scatter(0, zero, t * t),
    "scatter a number": lambda t, zero: t.scatter(0, zero, 3.0),
    "scatter_add": lambda t, zero: t.scatter_add(0, zero, t * t),
    "scatter_reduce": lambda t, zero: t.scatter_reduce(0, zero, t * t, "mean"),
    "index_select": lambda t, zero: t.index_select(0, zero),
    "index_add": lambda t, zero: t.index_add(0, zero, t * t),
    "index_copy": lambda t, zero: t.index_copy(0, zero, t * t),
    "index_fill": lambda t, zero: t.index_fill(0, zero, 2.0),
    "nonzero": lambda t, zero: t.nonzero(),
    "nonzero as_tuple": lambda t, zero: t.nonzero(as_tuple=True)[0],
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_an_axis_0(name, torch):
    v, tensor = variable(np.array(1.5)), torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    out = NUMBERS[name](v, Variable(get_backend().asarray(np.array(0))))
    expected = NUMBERS[name](tensor, torch.tensor(0))
    assert tuple(out.shape) == tuple(expected.shape)
    assert_close(out, expected.detach().numpy())
    assert out.requires_grad == expected.requires_grad
    if expected.requires_grad:
        out.sum().backward()
        expected.sum().backward()
        assert_close(v.grad, tensor.grad.numpy())


def test_an_empty_list_of_axes_names_none():
    v = variable(DATA[:1])
    assert_equal(v.flip(dims=[]), DATA[:1])
    assert_equal(v.flip(()), DATA[:1])
    assert_equal(v.flip(), DATA[:1, ::-1, ::-1])
    assert tuple(v.squeeze([]).shape) == (1, 3, 4)
    assert tuple(v.squeeze(dim=()).shape) == (1, 3, 4)


def test_booleans_stay_booleans():
    backend = get_backend()
    mask = Variable(backend.asarray(np.array([True, False, True])))
    for out in (
        mask.diag(),
        mask.diag_embed(1),
        mask.diagflat(),
        mask.masked_fill(mask, 10),
    ):
        assert out.dtype == backend.xp.bool
    assert_equal(mask.masked_fill(mask, 0), np.zeros(3, bool))


def test_an_index_without_elements_gathers_nothing(torch):
    nothing = np.zeros((2, 0), np.int64)
    out = variable(DATA[0, 0]).gather(0, get_backend().asarray(nothing))
    assert tuple(out.shape) == tuple(
        torch.tensor(DATA[0, 0]).gather(0, torch.tensor(nothing)).shape
    )


def test_new_arrays_are_of_the_same_kind(torch):
    v, tensor = variable(DATA).float(), torch.tensor(DATA).float()
    for make in (
        lambda t: t.new_zeros(2, 3),
        lambda t: t.new_zeros((2, 3), requires_grad=True),
        lambda t: t.new_ones(3),
        lambda t: t.new_full((2,), 1.5),
        lambda t: t.new_full([], 7),
    ):
        out, expected = make(v), make(tensor)
        assert_equal(out, expected.detach().numpy())
        assert out.dtype == v.dtype
        assert out.requires_grad == expected.requires_grad
    assert v.new_ones(2, dtype="int64").dtype == get_backend().xp.int64
    assert tuple(v.new_empty(2, 0).shape) == (2, 0)


@pytest.mark.filterwarnings("ignore:The reduce argument:UserWarning")
def test_scatter_adds_or_multiplies(torch):
    index = np.array([0, 2, 0])
    for source in (np.array([2.0, 3.0, 4.0]), 5.0):
        for reduce in ("add", "multiply"):
            ours, theirs = (
                (get_backend().asarray(source), torch.tensor(source))
                if isinstance(source, np.ndarray)
                else (source, source)
            )
            v, tensor = variable(DATA[0, 0]), torch.tensor(DATA[0, 0])
            out = v.scatter(0, get_backend().asarray(index), ours, reduce=reduce)
            expected = tensor.scatter(0, torch.tensor(index), theirs, reduce=reduce)
            assert_close(out, expected.numpy())


@pytest.mark.filterwarnings("ignore:index_reduce:UserWarning")
@pytest.mark.parametrize("reduce", ["prod", "mean", "amax", "amin"])
def test_index_reduce(reduce, torch):
    index = np.array([2, 0, 2])
    for data, axis in [(DATA, 1), (DATA[0, 0, 0], 0)]:
        places = index if data.ndim else index[1:2]
        v, tensor = variable(data), torch.tensor(data, requires_grad=True)
        out = v.index_reduce(axis, get_backend().asarray(places), v * v, reduce)
        expected = tensor.index_reduce(axis, torch.tensor(places), tensor * tensor, reduce)
        assert_close(out, expected.detach().numpy())
        out.sum().backward()
        expected.sum().backward()
        assert_close(v.grad, tensor.grad.numpy())


def test_products_at_one_position_with_zeros(torch):
    """A quotient of the product and a factor would be 0 / 0."""
    factors, index = np.array([0.0, 2.0, 0.0, 3.0, 0.0, 5.0, 2.0]), np.array([0, 0, 1, 1, 1, 2, 2])
    v, tensor = variable(factors), torch.tensor(factors, requires_grad=True)
    ones, theirs = np.ones(3), torch.ones(3, dtype=torch.float64)
    out = variable(ones).scatter_reduce(0, get_backend().asarray(index), v, "prod")
    expected = theirs.scatter_reduce(0, torch.tensor(index), tensor, "prod")
    out.sum().backward()
    expected.sum().backward()
    assert_close(v.grad, tensor.grad.numpy())


def test_ties_along_an_axis(torch):
    """`amax` shares the gradient, `max` gives it to the first; `cummax` to the last."""
    tied = np.array([[1.0, 2.0, 2.0], [2.0, 1.0, 2.0]])
    for function in (
        lambda t: t.amax(1),
        lambda t: t.amin(1),
        lambda t: t.cummax(1)[0],
        lambda t: t.cummin(1)[0],
    ):
        v, tensor = variable(tied), torch.tensor(tied, requires_grad=True)
        function(v).sum().backward()
        function(tensor).sum().backward()
        assert_equal(v.grad, tensor.grad.numpy())


def test_missing_values(torch):
    for function in (
        lambda t: t.nansum(1),
        lambda t: t.nanmean(),
        lambda t: t.nanmedian(),
        lambda t: t.nanquantile(0.4, dim=1),
    ):
        v, tensor = variable(HOLED), torch.tensor(HOLED, requires_grad=True)
        out, expected = function(v), function(tensor)
        assert_close(out, expected.detach().numpy())
        out.sum().backward()
        expected.sum().backward()
        assert_close(v.grad, tensor.grad.numpy())


def test_a_median_with_nan_is_nan(torch):
    out, expected = variable(HOLED).median(2), torch.tensor(HOLED).median(2)
    assert_equal(out.values, expected.values.numpy())


def test_numpys_keywords_mean_the_same():
    v = variable(DATA)
    for name, args in [
        ("cumsum", ()), ("cumprod", ()), ("median", ()), ("nanmedian", ()), ("prod", ()), ("amax", ()),
        ("quantile", (0.3,)), ("count_nonzero", ()), ("nansum", ()), ("unbind", ()), ("chunk", (2,)),
        ("split", (2,)), ("sort", ()), ("argmax", ()), ("argmin", ()), ("all", ()), ("any", ()),
    ]:  # fmt: skip
        one, two = getattr(v, name)(*args, 1), getattr(v, name)(*args, axis=1)
        for a, b in zip(one, two, strict=True) if isinstance(one, tuple) else [(one, two)]:
            assert_equal(a, b.detach().numpy())
    for name in ("argmax", "argmin", "all", "any"):
        assert getattr(v, name)(axis=1, keepdims=True).shape == (2, 1, 4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda v: v.gather(1, Variable(INDEX[..., None])), ["gather", "as many axes"]),
        (
            lambda v: v[:, :1].gather(2, variable(INDEX)),
            ["gather", "(2, 2, 2)", "(2, 1, 4)"],
        ),
        (
            lambda v: v.scatter(2, variable(INDEX), v[:, :1]),
            ["scatter", "(2, 2, 2)", "(2, 1, 4)"],
        ),
        (lambda v: v.repeat(2), ["repeat: sizes (2,)", "3 axes", "repeat_interleave"]),
        (lambda v: v.split(0), ["split", "length 0"]),
        (lambda v: v.split([1, 2], 2), ["split", "(1, 2)", "do not add up to 4"]),
        (lambda v: v.chunk(0), ["chunk", "positive", "0"]),
        (lambda v: v.narrow(1, 2, 2), ["narrow: from 2 on, 2 elements", "length 3"]),
        (lambda v: v.kthvalue(5), ["kthvalue: k is 5", "4 elements"]),
        (lambda v: v.quantile(2.0), ["quantile: q is 2.0", "from 0 to 1"]),
    ],
)
def test_wrong_arguments_are_refused(call, words):
    with raises(ValueError, *words):
        call(variable(DATA))


def test_lengths_that_do_not_fit():
    v, mask = variable(DATA), get_backend().asarray(MASK)
    for call, exception, words in [
        (lambda: v.tensor_split(0), ValueError, ["tensor_split", "positive", "0"]),
        (lambda: v[0].dsplit(2), ValueError, ["dsplit", "3 axes", "(3, 4)"]),
        (lambda: v[0, 0].vsplit(2), ValueError, ["vsplit", "2 axes", "(4,)"]),
        (lambda: v.unfold(1, 4, 1), ValueError, ["unfold", "size 4", "length 3"]),
        (lambda: v.sum_to_size(3, 3), ValueError, ["sum_to_size", "(3, 3)", "(2, 3, 4)"]),
        (lambda: v.masked_scatter(mask, v[0, 0]), ValueError, ["masked_scatter", "(4,)"]),
        (lambda: v.repeat_interleave(2, 1, output_size=5), ValueError, ["output_size is 5", "6"]),
        (lambda: v.scatter(0, mask, v, reduce="mean"), ValueError, ["scatter", "'mean'"]),
        (lambda: v.index_fill(3, mask, 0), ValueError, ["index_fill", "axis 3"]),
        (lambda: v.index_copy(-4, mask, v), ValueError, ["index_copy", "axis -4"]),
        (lambda: v.select(3, 0), ValueError, ["select", "axis 3"]),
        (lambda: v.unflatten(3, (1, -1)), ValueError, ["unflatten", "axis 3"]),
        (lambda: v.unfold(3, 1, 1), ValueError, ["unfold", "axis 3"]),
        (lambda: v.scatter(0, mask), TypeError, ["scatter", "src or value"]),
    ]:
        with raises(exception, *words):
            call()
