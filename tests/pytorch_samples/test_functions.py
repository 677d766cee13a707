"""Functions of ``simple_autograd`` itself on PyTorch's own samples for its functions.

Those are here that have no method of that name, or another meaning or other arguments than the method, which has
PyTorch's. The others are tested as methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed, so there are no samples")
pytest.importorskip("expecttest", reason="PyTorch's tables of samples need expecttest")

import simple_autograd as sa
from simple_autograd import Variable
from tests.pytorch_samples.samples import Different, check, table, with_types

# Respelled ------------------------------------------------------------------------------------------------------------

SPELLINGS = {
    "dim": "axis",
    "dim1": "axis1",
    "dim2": "axis2",
    "dims": "axis",
    "end_dim": "end_axis",
    "interpolation": "method",
    "keepdim": "keepdims",
    "shifts": "shift",
    "start_dim": "start_axis",
}
"""Arguments of PyTorch's and what the standard, or NumPy, calls them."""

LEFT_OUT = ("device", "requires_grad", "sorted")
"""Options of PyTorch's that do not change what is compared."""


def named(function: Callable[..., Any], *names: str, arrays: int = 1) -> Callable[..., Any]:
    """Give a function that takes PyTorch's spelling, and by position what is keyword-only here.

    Parameters
    ----------
    function
        Ours.
    names
        Our names of the arguments that follow the arrays in PyTorch's order.
    arrays
        How many arguments go by position.
    """

    def call(*args: Any, **options: Any) -> Any:
        spelled = {
            SPELLINGS.get(name, name): value
            for name, value in options.items()
            if name not in LEFT_OUT
        }
        spelled.update(zip(names, args[arrays:], strict=False))
        return function(*args[:arrays], **spelled)

    return call


def arange(start: Any, end: Any = None, step: Any = 1, **options: Any) -> Variable:
    return sa.arange(start, **options) if end is None else sa.arange(start, end, step, **options)


def eye(*lengths: int, dtype: Any, **_: Any) -> Variable:
    return sa.eye(*lengths, dtype=dtype)


def moment(function: Callable[..., Variable]) -> Callable[..., Variable]:
    """Give the standard's variance, or its root, with PyTorch's arguments and its default: unbiased."""

    def call(
        x: Variable,
        dim: Any = None,
        unbiased: bool = True,
        keepdim: bool = False,
        correction: float | None = None,
    ) -> Variable:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        correction = float(unbiased) if correction is None else correction
        axis = (tuple(dim) or None) if isinstance(dim, Sequence) else dim
        return function(x, axis=axis, correction=correction, keepdims=keepdim)

    return call


def repeat_interleave(
    x: Variable, repeats: Any, dim: int | None = None, output_size: int | None = None
) -> Variable:
    return sa.repeat(x, repeats, axis=dim)


def searchsorted(
    x1: Variable,
    x2: Any,
    *,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
    out_int32: bool,
) -> Variable:
    found = sa.searchsorted(x1, x2, side=side or ("right" if right else "left"), sorter=sorter)
    return sa.astype(found, "int32") if out_int32 else found


def softmax(function: Callable[..., Variable]) -> Callable[..., Variable]:
    def call(x: Variable, dim: int, dtype: Any = None) -> Variable:
        return function(x if dtype is None else sa.astype(x, dtype), axis=dim)

    return call


def sort(
    x: Variable, dim: int = -1, descending: bool = False, stable: bool = True
) -> tuple[Variable, Variable]:
    options = {"axis": dim, "descending": descending}
    return sa.sort(x, **options), sa.argsort(x, stable=stable, **options)


def take_along_dim(x: Variable, index: Variable, dim: int | None = None) -> Variable:
    """Without an axis PyTorch takes from all elements."""
    if dim is None:
        return sa.take(sa.reshape(x, (-1,)), sa.reshape(index, (-1,)))
    return sa.take_along_axis(x, index, axis=dim)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "amax": named(sa.max, "axis", "keepdims"),
    "amin": named(sa.min, "axis", "keepdims"),
    "arange": arange,
    "argsort": named(sa.argsort, "axis", "descending"),
    "broadcast_tensors": sa.broadcast_arrays,
    "cat": named(sa.concat, "axis"),
    "cummax": named(sa.cummax, "axis"),
    "cummin": named(sa.cummin, "axis"),
    "cumprod": named(sa.cumulative_prod, "axis"),
    "cumsum": named(sa.cumulative_sum, "axis"),
    "diag_embed": named(sa.diag_embed),
    "diff": named(sa.diff, "n", "axis", "prepend", "append"),
    "einsum": lambda arrays, subscripts: sa.einsum(subscripts, *arrays),
    "eye": eye,
    "flatten": named(sa.flatten, "start_axis", "end_axis"),
    "flip": named(sa.flip, "axis"),
    "index_select": lambda x, dim, index: sa.take(x, index, axis=dim),
    "linspace": named(sa.linspace, arrays=3),
    "linspace (tensor_overload)": named(sa.linspace, arrays=3),
    "log_softmax": softmax(sa.log_softmax),
    "log_softmax (with_dtype)": softmax(sa.log_softmax),
    "logcumsumexp": named(sa.logcumsumexp, "axis"),
    "logsumexp": named(sa.logsumexp, "axis", "keepdims"),
    "mean": named(sa.mean, "axis", "keepdims"),
    "meshgrid (list_of_tensors)": lambda arrays, indexing: sa.meshgrid(*arrays, indexing=indexing),
    "meshgrid (variadic_tensors)": sa.meshgrid,
    "nanquantile": named(sa.nanquantile, arrays=2),
    "prod": named(sa.prod, "axis", "keepdims"),
    "quantile": named(sa.quantile, arrays=2),
    "repeat_interleave": repeat_interleave,
    "roll": named(sa.roll, "shift", "axis"),
    "searchsorted": searchsorted,
    "softmax": softmax(sa.softmax),
    "softmax (with_dtype)": softmax(sa.softmax),
    "sort": sort,
    "squeeze": named(sa.squeeze, "axis"),
    "squeeze (multiple)": named(sa.squeeze, "axis"),
    "stack": named(sa.stack, "axis"),
    "std": moment(sa.std),
    "std (unbiased)": moment(sa.std),
    "sum": named(sa.sum, "axis", "keepdims"),
    "take": lambda x, index: sa.take(sa.reshape(x, (-1,)), index),
    "take_along_dim": take_along_dim,
    "tensordot": lambda x1, x2, dims: sa.tensordot(x1, x2, axes=dims),
    "topk": named(sa.topk, "axis", "largest", arrays=2),
    "tril": named(sa.tril, "k"),
    "triu": named(sa.triu, "k"),
    "unbind": named(sa.unstack, "axis"),
    "var": moment(sa.var),
    "var (unbiased)": moment(sa.var),
    "where": lambda x, condition, other: sa.where(condition, x, other),
}
"""Our functions, by PyTorch's names for its operations, with PyTorch's arguments."""

# Compared -------------------------------------------------------------------------------------------------------------

OPERATIONS = {name: op for name, op in table("ops").items() if name in FUNCTIONS}


def _axis_of_none(sample: Any) -> bool:
    """Say whether a sample names an axis of an array without any."""
    return sample.input.ndim == 0 and bool(sample.args or "dim" in sample.kwargs)


NO_AXES = Different(
    "an array without axes has no axis 0 in the standard; PyTorch takes it for a vector of one",
    _axis_of_none,
)


def _longer_than_one(sample: Any) -> bool:
    axes = sample.args[0] if isinstance(sample.args[0], Sequence) else sample.args[:1]
    return any(sample.input.shape[axis] != 1 for axis in axes)


def _of_booleans(sample: Any) -> bool:
    return str(sample.input.dtype) == "torch.bool"


DIFFERENT: dict[str, Different] = {
    **dict.fromkeys(
        (
            "amax",
            "amin",
            "cummax",
            "cummin",
            "cumprod",
            "cumsum",
            "index_select",
            "logsumexp",
            "mean",
        ),
        NO_AXES,
    ),
    "arange": Different(
        "the standard counts steps between the ends as given; PyTorch cuts them first where integers are wanted",
        lambda sample: (
            str(sample.kwargs.get("dtype")) == "torch.int64"
            and any(
                isinstance(end, float)
                for end in (sample.input, *sample.args, sample.kwargs.get("end"))
            )
        ),
    ),
    "argsort": Different(
        f"{NO_AXES.why}; equal elements keep their order, which PyTorch leaves open",
        lambda sample: sample.input.ndim == 0 or _of_booleans(sample),
    ),
    "cat": Different(
        "vectors without elements are arrays as others; PyTorch leaves them out",
        lambda sample: sample.input[0].shape == (0,),
    ),
    "einsum": Different(
        "an ellipsis that the output lacks is an error, as in NumPy; PyTorch sums over its axes",
        lambda sample: sample.args[0] == "...ik, ...j -> ij",
    ),
    "linspace": Different(
        "numbers give the default type, float64; integers are rounded down, as in NumPy, where PyTorch's are cut",
        lambda sample: str(sample.kwargs.get("dtype")) in ("None", "torch.int64"),
    ),
    "linspace (tensor_overload)": Different(
        "numbers give the default type, float64; integers are what numbers of that type are cut to, in PyTorch others",
        lambda sample: str(sample.kwargs.get("dtype")) in ("None", "torch.int64"),
    ),
    "logcumsumexp": Different(
        f"{NO_AXES.why}; complex numbers are refused: there is no function for them yet",
        lambda sample: _axis_of_none(sample) or sample.input.is_complex(),
    ),
    "searchsorted": Different(
        "the standard and NumPy search in one sequence; PyTorch in stacks of them too",
        lambda sample: sample.input.ndim > 1,
    ),
    "sort": Different(
        f"{NO_AXES.why}; equal elements keep their order, which PyTorch leaves open",
        lambda sample: sample.input.ndim == 0 or _of_booleans(sample),
    ),
    **dict.fromkeys(
        ("squeeze", "squeeze (multiple)"),
        Different(
            "an axis that is not of length 1 is an error in the standard; PyTorch leaves it",
            lambda sample: (
                bool(sample.args) and (not sample.input.ndim or _longer_than_one(sample))
            ),
        ),
    ),
    "tensordot": Different(
        "paired axes have one length in the standard; PyTorch repeats those of length 1",
        lambda sample: sample.input.shape == (1, 1, 1),
    ),
    "topk": Different(
        f"{NO_AXES.why}; which of equal elements is taken first PyTorch leaves open",
        lambda sample: _axis_of_none(sample) or not sample.input.is_floating_point(),
    ),
}
"""What is otherwise here, by PyTorch's name for the operation."""


def test_every_operation_is_one_of_pytorch_s() -> None:
    assert set(FUNCTIONS) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("name", "dtype"), with_types(OPERATIONS, "float64", "complex128", "int64", "bool")
)
def test_functions_agree(name: str, dtype: str) -> None:
    check(OPERATIONS[name], FUNCTIONS[name], dtype, DIFFERENT.get(name))
