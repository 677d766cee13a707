"""What the kernels for CuPy are called with in tests: in the emulation (``test_kernels.py``) and on a GPU.

A case is a function of a data type that gives calls; all arrays are NumPy's. Sizes are small and odd; among the values
are NaN and infinities where an operation has something to say about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from simple_autograd.backends import Backend
from simple_autograd.nn.functional.loss import CrossEntropySettings
from simple_autograd.nn.functional.standardization import Settings
from simple_autograd.nn.functional.windows import Window
from simple_autograd.nn.optim import SGD, Adam  # noqa: F401 - with them come the portable bodies of their steps

RNG = np.random.default_rng(5)
DTYPES = ["float32", "float64", "float16", "bfloat16"]
TOLERANCES = {"float64": 1e-12, "float32": 2e-5, "float16": 4e-3, "bfloat16": 3e-2}

Array = np.ndarray


class Call(NamedTuple):
    """A kernel's name and what it is called with."""

    name: str
    arrays: tuple[Any, ...]
    options: dict[str, Any]


def dtype_of(name: str) -> np.dtype:
    if name == "bfloat16":
        reason = "NumPy has bfloat16 from ml_dtypes, which is not installed"
        return np.dtype(pytest.importorskip("ml_dtypes", reason=reason).bfloat16)
    return np.dtype(name)


def draw(*shape: int, dtype: str = "float64") -> Array:
    return np.asarray(RNG.normal(size=shape)).astype(dtype_of(dtype))


def mapped(function: Callable[[Array], Any], value: Any) -> Any:
    """Apply a function to the NumPy arrays in nested tuples, lists and dicts, and to a loss's weight."""
    if isinstance(value, np.ndarray):
        return function(value)
    if isinstance(value, CrossEntropySettings):
        return value._replace(weight=mapped(function, value.weight))
    if isinstance(value, dict):
        return {key: mapped(function, item) for key, item in value.items()}
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return type(value)([mapped(function, item) for item in value])
    return value


def wide(array: Any) -> Any:
    """Give a copy in float64, for portable bodies to compute with exactly; of integers a copy as they are."""
    return array.astype("float64") if array.dtype.kind in "fV" else array.copy()


def portable(name: str, *args: Any, **options: Any) -> Any:
    with np.errstate(all="ignore"):
        return Backend.portable[name](np, *args, **options)


def compare(first: Any, second: Any, tolerance: float) -> None:
    """Hold results, as NumPy arrays, against those of float64."""
    if isinstance(first, tuple | list):
        for a, b in zip(first, second, strict=True):
            compare(a, b, tolerance)
    elif isinstance(first, np.ndarray):
        assert first.shape == second.shape
        np.testing.assert_allclose(wide(first), second, rtol=tolerance, atol=tolerance)


# Optimizers -----------------------------------------------------------------------------------------------------------


def optimizers(dtype: str) -> Iterator[Call]:
    """More tensors than go with one launch, some empty, some gradients not in order."""
    shapes = [(0,), (3,), (20, 17), (), (0,), (2, 3, 4), *[(2,)] * 130, (0,)]
    parameters = [draw(*shape, dtype=dtype) for shape in shapes]
    gradients = [draw(*shape, dtype=dtype) for shape in shapes]
    gradients[2] = gradients[2].copy("F")
    size = sum(array.size for array in parameters)
    first, second = draw(size, dtype=dtype), np.abs(draw(size, dtype=dtype))
    for weight_decay, maximize in ((0.0, False), (0.1, True)):
        options = {"lr": 0.1, "weight_decay": weight_decay, "maximize": maximize}
        adam = {"step": 3, "betas": (0.9, 0.99), "eps": 1e-8, **options}
        adam["shrinkage"] = 0.0 if weight_decay else 0.02
        adam["scales"] = {"exp_avg": 1.0, "exp_avg_sq": 1.0}
        for largest in (None, np.abs(first)):
            yield Call("adam_step", (parameters, gradients, first, second, largest), adam)
        sgd = {"momentum": 0.9, "dampening": 0.1, "nesterov": maximize, **options}
        for momentum_buffer in (None, first):
            yield Call("sgd_step", (parameters, gradients, momentum_buffer), sgd)


# Normalization --------------------------------------------------------------------------------------------------------

NORMS = [
    ((5, 7), (1,), (7,)),
    ((70, 3), (1,), (3,)),
    ((3, 700), (1,), (700,)),
    ((2, 3, 4, 5), (2, 3), (4, 5)),
    ((6, 5), (0,), (5,)),  # batch norm
    ((3, 4, 5, 2), (0, 2, 3), (4, 1, 1)),
    ((3, 4, 5), (2,), (4, 1)),  # instance norm
    ((2, 2, 3, 4, 5), (2, 3, 4), (2, 3, 1, 1)),  # group norm
    ((2, 2, 90), (0, 2), (2, 1)),
    ((1, 91), (1,), (91,)),
    ((1, 2, 4, 30), (2, 3), (2, 4, 1)),
    ((5, 1, 3), (0, 2), (1, 1)),
]


def normalization(dtype: str) -> Iterator[Call]:
    real = "float64" if dtype == "float64" else "float32"
    for shape, axes, affine in NORMS:
        x = draw(*shape, dtype=dtype) + dtype_of(dtype).type(3)
        above = draw(*shape, dtype=dtype)
        weight, bias = draw(*affine, dtype=dtype), draw(*affine, dtype=dtype)
        for centered, with_weight in ((True, True), (True, False), (False, True)):
            w, b = (weight, bias if centered else None) if with_weight else (None, None)
            settings = Settings(axes, 1e-5, centered, affine if with_weight else None)
            options = {"settings": settings}
            yield Call("standardize", (x, w, b), options)
            _, normal, _, var = portable("standardize", *mapped(wide, (x, w, b)), **options)
            yield Call(
                "standardize_backward",
                (above, w, normal.astype(x.dtype), var.astype(real)),
                options,
            )
    settings = Settings((1,), 1, True, (7,))
    yield Call(
        "standardize",
        (draw(7, 5, dtype=dtype).T, draw(7, dtype=dtype), None),
        {"settings": settings},
    )


# Linear maps ----------------------------------------------------------------------------------------------------------


def linear(dtype: str) -> Iterator[Call]:
    """More rows than one block sums, too."""
    for rows in ((5,), (2, 3, 4), (), (2100,)):
        x, weight, bias = draw(*rows, 7, dtype=dtype), draw(3, 7, dtype=dtype), draw(3, dtype=dtype)
        yield Call("linear", (x, weight, bias), {})
        yield Call("linear_backward_bias", (draw(*rows, 33, dtype=dtype),), {})
    turned = draw(33, 4, 3, dtype=dtype).transpose(1, 2, 0)
    yield Call("linear_backward_bias", (turned,), {})


# Softmax and cross-entropy --------------------------------------------------------------------------------------------


def softmax(dtype: str) -> Iterator[Call]:
    spoilt = draw(4, 6, dtype=dtype)
    spoilt[1, 2], spoilt[2], spoilt[3, 0] = np.nan, -np.inf, -np.inf
    for name in ("softmax", "log_softmax"):
        for shape, axis in (((5, 7), 1), ((3, 4, 5), 1), ((300,), 0), ((2, 700), -1), ((3, 1), 1)):
            yield Call(name, (draw(*shape, dtype=dtype),), {"axis": axis})
        yield Call(name, (spoilt,), {"axis": 1})


def cross_entropy(dtype: str) -> Iterator[Call]:
    for shape in ((6, 5), (5,), (2, 3, 4, 2), (3, 600)):
        x = draw(*shape, dtype=dtype)
        impossible = x.copy()
        impossible.reshape(-1)[0] = -np.inf
        classes = shape[min(1, len(shape) - 1)]
        samples = (*shape[:1], *shape[2:]) if len(shape) > 1 else ()
        targets = np.asarray(RNG.integers(1, classes, samples))
        labels = targets.astype("uint8" if classes < 256 else "int32")
        weight = np.abs(draw(classes, dtype=dtype))
        probabilities = np.abs(draw(*shape, dtype=dtype))
        for reduction in ("mean", "sum", "none"):
            above = draw(*(samples if reduction == "none" else ()), dtype=dtype)
            for logits, settings in (
                (impossible, CrossEntropySettings(None, -100, reduction, 0.0)),
                (x, CrossEntropySettings(weight, -100, reduction, 0.1)),
                (
                    impossible,
                    CrossEntropySettings(weight, int(targets.reshape(-1)[0]), reduction, 0.0),
                ),
                (x, CrossEntropySettings(None, int(targets.reshape(-1)[-1]), reduction, 0.2)),
            ):
                options = {"settings": settings}
                yield Call("cross_entropy", (logits, targets), options)
                yield Call("cross_entropy", (logits, labels), options)
                yield Call("cross_entropy_backward", (above, probabilities, targets), options)


# Attention ------------------------------------------------------------------------------------------------------------


def attention(dtype: str) -> Iterator[Call]:
    """Heads that are parts of rows, masks that broadcast, and queries that see nothing."""
    for lead, length, keys in (((2, 3), 5, 7), ((4,), 2, 40), ((), 3, 3), ((1, 2), 9, 600)):
        packed = [
            draw(*lead[:1], n, *lead[1:], 4, dtype=dtype) for n in (length, keys, keys, length)
        ]
        query, key, value, above = [np.moveaxis(x, -2, 1) if len(lead) == 2 else x for x in packed]
        shape = (*lead, length, keys)
        seen = RNG.random((length, keys)) < 0.7
        seen[0] = False
        kept = (RNG.random(shape) < 0.6).astype(query.dtype) * query.dtype.type(2)
        added = draw(*lead[:1], *(1,) * len(lead[1:]), length, keys, dtype=dtype)
        added[..., 1, 0] = -np.inf
        for mask, factors, is_causal in (
            (None, None, False),
            (None, kept, True),
            (seen, None, False),
            (added, kept, False),
        ):
            options = {"scale": 0.5, "is_causal": is_causal}
            yield Call("attention", (query, key, value, mask, factors), options)
        probabilities = np.abs(draw(*shape))
        probabilities = (probabilities / probabilities.sum(-1, keepdims=True)).astype(query.dtype)
        for factors in (None, kept):
            arrays = (query, key, value, probabilities, factors, above, None)
            yield Call("attention_backward", arrays, {"scale": 0.5})


def heads(dtype: str) -> Iterator[Call]:
    for count, batch_first in ((1, True), (3, True), (2, False), (4, True)):
        parts = [draw(2, 3, 50, 4, dtype=dtype) for _ in range(count)]  # several blocks
        parts[-1] = draw(50, 2, 4, 3, dtype=dtype).transpose(1, 3, 0, 2)
        yield Call("join_heads", tuple(parts), {"batch_first": batch_first})
        for x in (draw(2, 50, count * 12, dtype=dtype), draw(count * 12, 50, 2, dtype=dtype).T):
            options = {"count": count, "num_heads": 3, "batch_first": batch_first}
            yield Call("split_heads", (x,), options)


# Windows --------------------------------------------------------------------------------------------------------------

WINDOWS = [
    ((2, 3, 7), Window((3,), (2,), (1,), ((1, 1),))),
    ((2, 3, 6, 7), Window((2, 2), (2, 2), (1, 1), ((0, 0), (0, 0)))),
    ((2, 2, 7, 6), Window((3, 2), (1, 2), (2, 1), ((1, 1), (0, 1)))),
    ((1, 2, 4, 5, 6), Window((2, 3, 2), (2, 1, 3), (1, 1, 2), ((1, 0), (1, 1), (0, 2)))),
    ((1, 1, 20, 20), Window((17, 17), (3, 3), (1, 1), ((2, 2), (2, 2)))),
    ((300, 1, 2), Window((2,), (2,), (1,), ((0, 0),))),
]


def windows(dtype: str) -> Iterator[Call]:
    for shape, window in WINDOWS:
        axes = len(window.kernel)
        ahead, lengths = shape[:-axes], shape[-axes:]
        counts, options = window.counts(lengths), {"window": window}
        backward = {"window": window, "lengths": lengths}
        x, values = draw(*shape, dtype=dtype), draw(*ahead, *counts, dtype=dtype)
        spoilt = np.full_like(x, -np.inf)
        spoilt.reshape(-1)[::5] = np.nan
        for given in (x, spoilt):
            yield Call("max_pool", (given,), options)
            winners = portable("max_pool", given, **options)[1]
            yield Call("place_winners", (values, winners), backward)
        yield Call("sum_pool", (x,), options)
        yield Call("spread_sums", (values,), backward)
        yield Call("unfold_windows", (x,), options)
        columns = draw(*ahead, window.size, *counts, dtype=dtype)
        yield Call("fold_windows", (columns,), backward)


# Adding at positions --------------------------------------------------------------------------------------------------


def scatter(dtype: str) -> Iterator[Call]:
    rows, own = RNG.integers(-4, 4, (3, 5)), RNG.integers(0, 4, (6, 3))
    for key, shape, values in (
        (rows, (4, 7), (3, 5, 7)),
        (rows.astype("int32"), (4,), (3, 5)),
        ((slice(None), slice(None), rows), (2, 3, 4), (2, 3, 3, 5)),
        ((slice(None), rows), (2, 4, 3), (2, 3, 5, 3)),
        ((own, np.arange(3)[None]), (4, 3), (6, 3)),
        ((np.zeros(300, int),), (2,), (300,)),
    ):
        yield Call("put_add", (draw(*values, dtype=dtype),), {"key": key, "shape": shape})


# Activations ----------------------------------------------------------------------------------------------------------

ACTIVATIONS: dict[str, dict[str, float]] = {
    "elu": {"alpha": 1.5, "scale": 1.1, "rate": 0.7},
    "leaky_relu": {"slope": 0.2},
    "softplus": {"beta": 2.0, "threshold": 3.0},
    "gelu": {},
    "gelu_tanh": {},
    "hardsigmoid": {},
    "hardswish": {},
    "logsigmoid": {},
    "mish": {},
    "relu": {},
    "sigmoid": {},
    "silu": {},
}


def activations(dtype: str) -> Iterator[Call]:
    x = draw(3, 100, dtype=dtype) * dtype_of(dtype).type(4)
    x[0, :7] = np.asarray([0.0, 3.0, -3.0, 30.0, -30.0, np.nan, np.inf]).astype(x.dtype)
    for name, options in ACTIVATIONS.items():
        for array in (x, x.copy("F"), x[:, ::2], x.reshape(3, 5, 20).transpose(1, 0, 2)):
            yield Call(name, (array,), options)
    y = np.maximum(draw(20, 30, dtype=dtype), 0)
    above = draw(20, 30, dtype=dtype)
    above[0, 0], y[0, 0], y[0, 1] = np.inf, 0, np.nan
    yield Call("relu_backward", (above, y), {})
    yield Call("relu_backward", (above.copy("F"), y), {})
    for name in ("gelu_backward", "gelu_tanh_backward", "silu_backward"):
        yield Call(name, (above, draw(30, 20, dtype=dtype).T, y), {})


# Convolution ----------------------------------------------------------------------------------------------------------

CONVOLUTIONS = [
    ((2, 4, 7), (6, 4, 3), 1, Window((3,), (2,), (1,), ((1, 0),))),
    ((3, 4, 6, 5), (2, 4, 3, 2), 1, Window((3, 2), (1, 2), (2, 1), ((2, 2), (0, 1)))),
    ((3, 4, 3, 3), (6, 2, 2, 2), 2, Window((2, 2), (1, 1), (1, 1), ((1, 1), (1, 1)))),
    ((2, 4, 3, 3), (5, 4, 1, 1), 1, Window((1, 1), (1, 1), (1, 1), ((0, 0), (0, 0)))),
    ((2, 2, 3, 4, 5), (3, 2, 2, 2, 3), 1, Window((2, 2, 3), (1, 1, 1), (1, 1, 1), ((1, 0),) * 3)),
]


def convolution(dtype: str) -> Iterator[Call]:
    for lengths, weights, groups, window in CONVOLUTIONS:
        x, weight = draw(*lengths, dtype=dtype), draw(*weights, dtype=dtype)
        above = draw(lengths[0], weights[0], *window.counts(lengths[2:]), dtype=dtype)
        options = {"window": window, "groups": groups}
        for bias in (None, draw(weights[0], dtype=dtype)):
            yield Call("convolution", (x, weight, bias), options)
        yield Call("convolution_backward_x", (above, weight), {**options, "lengths": lengths[2:]})
        yield Call("convolution_backward_weight", (above, x), options)
        yield Call("convolution_backward_bias", (above,), {})


def _drawn_anew(case: Callable[[str], Iterator[Call]]) -> Callable[[str], Iterator[Call]]:
    """Draw a case's numbers as if it were the first one: which others ran before must not decide what rounding does."""

    def calls(dtype: str) -> Iterator[Call]:
        RNG.bit_generator.state = np.random.default_rng(5).bit_generator.state
        yield from case(dtype)

    return calls


CASES: dict[str, Callable[[str], Iterator[Call]]] = {
    case.__name__: _drawn_anew(case)
    for case in (
        activations,
        attention,
        convolution,
        cross_entropy,
        heads,
        linear,
        normalization,
        optimizers,
        scatter,
        softmax,
        windows,
    )
}
"""The cases by their names."""
