"""Embeddings: rows of a table looked up by number, one by one or reduced in bags; and one-hot vectors.

The mathematics of ``layers/embedding.py``.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from ... import ops
from ...backends import Backend
from ...op import op
from ...ops import put_add
from ...types import Array, Namespace, Shape
from ...variable import Variable
from ...writes import written
from .arguments import (
    backend_of_argument,
    check_floating,
    check_indices,
    check_integer,
    describe,
    raw_option,
)
from .ragged import rows_of_vector

__all__ = ["embedding", "embedding_bag", "one_hot"]

Mode = Literal["sum", "mean", "max"]


def embedding(
    x: Array,
    weight: Array,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The rows of `weight` that `x` names.

    Parameters
    ----------
    x
        Integers in [0, V), any shape.
    weight
        (V, D), floating.
    padding_idx
        A row that gets no gradient; negative ones count from the end.
    max_norm
        Rows that are looked up and have a larger norm are scaled down to it first, in place.
    norm_type
        The order of that norm.
    scale_grad_by_freq
        Divide each row's gradient by the number of times that it is looked up here.
    sparse
        Must be False: gradients are dense.

    Returns
    -------
    Variable or array
        (*x.shape, D).

    Raises
    ------
    IndexError
        If a number in `x` is none of a row.
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.embedding(np.array([2, 0]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    array([[5., 6.],
           [1., 2.]])
    """
    table = _table("embedding", x, weight, padding_idx, sparse)
    if max_norm is not None:
        _confine(table, weight, max_norm, norm_type)
    known = None if table.padding_idx is None else table.indices != table.padding_idx
    return _looked_up(table, weight, table.indices, known, scale_grad_by_freq)


def embedding_bag(
    x: Array,
    weight: Array,
    offsets: Array | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: Mode = "mean",
    sparse: bool = False,
    per_sample_weights: Array | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sums, means or maxima of the rows of `weight` that each bag of numbers names.

    Parameters
    ----------
    x
        Integers in [0, V): (B, N), a bag in each row, or (L,), the bags one behind the other.
    weight
        (V, D), floating.
    offsets
        (B,), integers, for one-dimensional `x` only: where each bag begins; the first is 0.
    max_norm, norm_type, scale_grad_by_freq, sparse
        As in `embedding`.
    mode
        ``"sum"``, ``"mean"`` or ``"max"``. Of an empty bag, all are 0.
    per_sample_weights
        In the shape of `x`, factors for the rows; with ``mode="sum"`` only. Gradients flow to them.
    include_last_offset
        Whether `offsets` has one more element, where the last bag ends.
    padding_idx
        A row that counts for nothing; negative ones count from the end.

    Returns
    -------
    Variable or array
        (B, D).

    Raises
    ------
    IndexError
        If a number in `x` is none of a row.
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"embedding_bag: mode is {mode!r}; needed is 'sum', 'mean' or 'max'.")
    table = _table("embedding_bag", x, weight, padding_idx, sparse)
    _check_weights(x, weight, per_sample_weights, mode)
    starts, lengths = _bags(table, x, offsets, include_last_offset)
    if max_norm is not None:
        _confine(table, weight, max_norm, norm_type)
    xp = table.backend.xp
    if len(x.shape) == 2 and x.shape[1] and table.padding_idx is None:
        return _of_rows(table, weight, per_sample_weights, mode, scale_grad_by_freq)
    positions, mask = rows_of_vector(xp, starts, lengths)
    flat = xp.reshape(table.indices, (-1,))
    if not flat.shape[0]:
        positions, flat = positions * 0, xp.zeros((1,), dtype=flat.dtype)
        per_sample_weights = None
    indices = xp.reshape(xp.take(flat, xp.reshape(positions, (-1,)), axis=0), positions.shape)
    if table.padding_idx is not None:
        mask = mask & (indices != table.padding_idx)
    rows = _looked_up(table, weight, indices, mask, scale_grad_by_freq)
    inside = xp.expand_dims(mask, axis=2)
    count = xp.sum(xp.astype(inside, xp.int64), axis=1)
    if mode == "max":
        largest = ops.max(ops.where(inside, rows, -float("inf")), axis=1)
        return ops.where(count > 0, largest, 0)
    if per_sample_weights is not None:
        factors = ops.take(ops.reshape(per_sample_weights, (-1,)), positions, axis=0)
        rows = ops.multiply(rows, ops.expand_dims(factors, axis=2))
    total = ops.sum(ops.where(inside, rows, 0), axis=1)
    if mode == "sum":
        return total
    return ops.divide(total, xp.astype(xp.where(count > 0, count, 1), weight.dtype))


def _of_rows(
    table: Table,
    weight: Array,
    per_sample_weights: Array | None,
    mode: Mode,
    by_frequency: bool,
) -> Any:
    """Add up bags of one length, all of whose numbers count."""
    rows = _looked_up(table, weight, table.indices, None, by_frequency)
    if per_sample_weights is not None:
        rows = ops.multiply(rows, ops.expand_dims(per_sample_weights, axis=2))
    return {"sum": ops.sum, "mean": ops.mean, "max": ops.max}[mode](rows, axis=1)


def one_hot(x: Array, num_classes: int = -1) -> Any:
    """Vectors that are 1 at the place that a number names, and 0 elsewhere. Not differentiable.

    Parameters
    ----------
    x
        Integers from 0 on, any shape.
    num_classes
        The length of the vectors; -1 means the largest number and 1 more.

    Returns
    -------
    Variable or array
        (*x.shape, num_classes), int64.

    Raises
    ------
    IndexError
        If a number in `x` is negative or at least `num_classes`.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.one_hot(np.array([0, 2]))
    array([[1, 0, 0],
           [0, 0, 1]])
    """
    xp, indices = _integers("one_hot", x)
    size = 1
    for length in indices.shape:
        size *= length
    if num_classes == -1:
        if not size:
            raise ValueError(
                f"one_hot: x is a {describe(x)} and has no largest number; needed is num_classes."
            )
        num_classes = int(xp.max(indices)) + 1
    if num_classes < 1:
        raise ValueError(f"one_hot: num_classes is {num_classes}; needed is at least 1, or -1.")
    check_indices("one_hot", "x", xp, indices, num_classes, "numbers of classes")
    hits = xp.expand_dims(indices, axis=-1) == xp.arange(num_classes, dtype=xp.int64)
    out = xp.astype(hits, xp.int64)
    return Variable(out) if isinstance(x, Variable) else out


class Table(NamedTuple):
    """What a look-up has been checked to be."""

    backend: Backend
    indices: Array
    """Raw, int64."""
    padding_idx: int | None
    """From the front."""


@op
def _embedding(xp: Namespace, weight: Array, indices: Array, /, *, factors: Array | None) -> Array:
    """Rows of the weight; the gradients that come back to each are multiplied by `factors`, of the indices' shape."""
    rows = xp.take(weight, xp.reshape(indices, (-1,)), axis=0)
    return xp.reshape(rows, (*indices.shape, weight.shape[1]))


@_embedding.gradient("weight")
def embedding_wrt_weight(xp, grad, weight_shape, indices, factors):
    if factors is not None:
        factors = factors[..., None]
        grad = xp.where(factors == 0, 0, grad * factors)
    return put_add(grad, indices, weight_shape)


def _looked_up(
    table: Table, weight: Array, indices: Array, known: Array | None, by_frequency: bool
) -> Any:
    """Look up rows; of those that are not `known` no gradient comes back."""
    xp = table.backend.xp
    factors = None
    if known is not None:
        factors = xp.astype(known, weight.dtype)
    if by_frequency:
        hits = factors if factors is not None else xp.ones(indices.shape, dtype=weight.dtype)
        counts = _counts(hits, indices, weight)
        counts = xp.reshape(xp.take(counts, xp.reshape(indices, (-1,)), axis=0), indices.shape)
        factors = hits / xp.where(counts == 0, 1, counts)
    return _embedding(weight, indices, factors=factors)


def _counts(hits: Array, indices: Array, weight: Array) -> Array:
    """Add up hits, (V,)."""
    return put_add(hits, indices, (weight.shape[0],))


def _confine(table: Table, weight: Array, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up, and are too long, in place."""
    backend, indices, _ = table
    xp = backend.xp
    raw = weight.data if isinstance(weight, Variable) else weight
    used = _counts(xp.ones(indices.shape, dtype=raw.dtype), indices, raw) > 0
    norm = xp.linalg.vector_norm(raw, axis=1, ord=norm_type)
    # The small number is PyTorch's.
    factor = xp.where(used & (norm > max_norm), max_norm / (norm + 1e-7), 1)
    raw[...] = raw * xp.expand_dims(factor, axis=1)
    written(backend, raw, "embedding's max_norm")


def _bags(table: Table, x: Array, offsets: Array | None, include_last: bool) -> tuple[Array, Array]:
    """Give where each bag begins in the flattened numbers, and how long it is."""
    xp, shape = table.backend.xp, tuple(x.shape)
    if len(shape) == 2:
        if offsets is not None:
            raise ValueError(
                f"embedding_bag: offsets are given, but x has shape {shape}, a bag in each row. Leave them out, or "
                f"flatten x."
            )
        bags = xp.arange(shape[0], dtype=xp.int64)
        return bags * shape[1], xp.zeros_like(bags) + shape[1]
    if len(shape) != 1:
        raise ValueError(f"embedding_bag: x is a {describe(x)}; needed is (B, N), or (L,).")
    if offsets is None:
        raise ValueError(
            f"embedding_bag: x has shape {shape}, and offsets is None; needed is where each bag begins."
        )
    offsets = raw_option("embedding_bag", "offsets", offsets, table.backend)
    check_integer("embedding_bag", "offsets", offsets)
    if len(offsets.shape) != 1 or (include_last and not offsets.shape[0]):
        raise ValueError(
            f"embedding_bag: offsets is a {describe(offsets)}; needed is (B,)"
            f"{', and one more element for the end' if include_last else ''}."
        )
    offsets = xp.astype(offsets, xp.int64)
    if not include_last:
        offsets = xp.concat([offsets, xp.asarray(shape, dtype=xp.int64)])
    lengths = offsets[1:] - offsets[:-1]
    if (
        int(offsets[0]) != (0 if offsets.shape[0] > 1 else shape[0])
        or bool(xp.any(lengths < 0))
        or int(offsets[-1]) > shape[0]
    ):
        raise ValueError(
            f"embedding_bag: offsets do not split x, which has length {shape[0]}; needed is a 0, and then numbers that "
            f"never fall and do not exceed that length."
        )
    return offsets[:-1], lengths


# Checks ---------------------------------------------------------------------------------------------------------------


def _table(function: str, x: Array, weight: Array, padding_idx: int | None, sparse: bool) -> Table:
    backend = backend_of_argument(function, "weight", weight)
    xp, indices = _integers(function, x)
    if backend_of_argument(function, "x", x) is not backend:
        raw_option(function, "x", x, backend)  # which raises
    check_floating(function, "weight", weight)
    if len(weight.shape) != 2:
        raise ValueError(f"{function}: weight is a {describe(weight)}; needed is the shape (V, D).")
    if sparse:
        raise ValueError(
            f"{function}: sparse is True, but there are no sparse gradients here. Leave it out: the numbers are the "
            f"same."
        )
    count = weight.shape[0]
    if padding_idx is not None:
        if not -count <= padding_idx < count:
            raise ValueError(
                f"{function}: padding_idx is {padding_idx}; needed is one of the {count} rows of weight."
            )
        padding_idx %= count
    check_indices(function, "x", xp, indices, count, "numbers of rows of weight")
    return Table(backend, indices, padding_idx)


def _integers(function: str, x: Array) -> tuple[Namespace, Array]:
    """Give the namespace, and `x` raw and as int64."""
    check_integer(function, "x", x)
    xp = backend_of_argument(function, "x", x).xp
    return xp, xp.astype(x.data if isinstance(x, Variable) else x, xp.int64, copy=False)


def _check_weights(x: Array, weight: Array, per_sample_weights: Array | None, mode: Mode) -> None:
    if per_sample_weights is None:
        return
    if mode != "sum":
        raise ValueError(
            f"embedding_bag: per_sample_weights are given, but mode is {mode!r}; needed is 'sum'."
        )
    check_floating("embedding_bag", "per_sample_weights", per_sample_weights)
    shape: Shape = tuple(x.shape)
    if tuple(per_sample_weights.shape) != shape:
        raise ValueError(
            f"embedding_bag: per_sample_weights is a {describe(per_sample_weights)}; needed is the shape of x, {shape}."
        )
