"""Attention: scaled dot products, their softmax and the weighted sum as one operation.

What ``multi_head_attention.py`` runs in every head. The forward pass keeps the softmax's probabilities, and the
gradients of queries, keys, values and an additive mask come out of one computation. Both have kernels in NumPy.
"""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import Any, NamedTuple

from ... import ops
from ...op import op
from ...random import default_generator
from ...types import Array, Namespace, Shape
from .arguments import backend_of_argument, check_real, describe, kind_of
from .fused import fused

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """``softmax(query @ key.T * scale + mask) @ value``: each query's average of the values, weighted by likeness.

    Parameters
    ----------
    query
        (..., L, E), floating. The leading axes of the three broadcast; the last of them counts heads.
    key
        (..., S, E).
    value
        (..., S, V).
    attn_mask
        Broadcasts to (..., L, S): booleans, False where a query must not see a key; or numbers, added to the scores
        (gradients flow to them). A query that sees no key at all gives 0.
    dropout_p
        The probability with which a weight is dropped, always; a layer passes 0 when it is evaluated.
    is_causal
        Let query i see the keys 0 to i only. Not together with `attn_mask`.
    scale
        By default ``1 / sqrt(E)``.
    enable_gqa
        Let key and value have fewer heads than query, whose number theirs divides: each serves several.

    Returns
    -------
    Variable or array
        (..., L, V).

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> x = np.eye(2)
    >>> F.scaled_dot_product_attention(x, x, x, is_causal=True).round(2)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """
    name = "scaled_dot_product_attention"
    for argument, given in (("query", query), ("key", key), ("value", value)):
        check_real(name, argument, given)
        if len(given.shape) < 2:
            raise ValueError(
                f"{name}: {argument} is a {describe(given)}; needed are at least two axes, (..., length, features)."
            )
    if enable_gqa:
        key, value = (_for_heads(name, query, given) for given in (key, value))
    if key.shape[-1] != query.shape[-1] or value.shape[-2] != key.shape[-2]:
        raise ValueError(
            f"{name}: query has shape {tuple(query.shape)}, key {tuple(key.shape)} and value {tuple(value.shape)}; "
            f"needed are (..., L, E), (..., S, E) and (..., S, V)."
        )
    if is_causal and attn_mask is not None:
        raise ValueError(
            f"{name}: is_causal is set and attn_mask given; needed is one of them. Put both into the mask."
        )
    return attend(name, query, key, value, attn_mask, dropout_p, is_causal, scale).output


class Attended(NamedTuple):
    """What attention gives: the averages, (..., L, V), and the weights, (..., L, S), as far as not dropped."""

    output: Any
    weights: Any


def attend(
    name: str,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    dropout_p: float,
    is_causal: bool,
    scale: float | None,
) -> Attended:
    """Run the operation on arrays that fit each other (see `scaled_dot_product_attention`)."""
    if not 0 <= dropout_p <= 1:
        raise ValueError(f"{name}: dropout is {dropout_p}; needed is a probability in [0, 1].")
    backend = backend_of_argument(name, "query", query)
    shape = _check_scores(name, query, key, value, mask)
    if mask is not None and kind_of(name, "attn_mask", mask) == "floating":
        mask = ops.astype(mask, query.dtype, copy=False)
    kept = None
    if dropout_p:
        dtype = backend.dtype_name(query.dtype)
        drawn = default_generator(backend).uniform(shape, dtype=dtype)
        # At 1 nothing is kept, and no factor makes up for it.
        kept = backend.xp.astype(drawn >= dropout_p, query.dtype) / ((1 - dropout_p) or 1.0)
    scale = 1 / math.sqrt(query.shape[-1] or 1) if scale is None else scale
    output, weights = _attention(
        query, key, value, mask, kept, scale=float(scale), is_causal=is_causal
    )
    return Attended(output, weights if kept is None else ops.multiply(weights, kept))


@op(precision="lower")
def _attention(
    xp: Namespace,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    kept: Array | None,
    /,
    *,
    scale: float,
    is_causal: bool,
) -> tuple[Array, Array]:
    """The averages, and the probabilities before dropout.

    `kept` are the factors by which probabilities are multiplied: 0, or 1 over the probability of being kept.
    """
    scores = xp.matmul(query * scale, xp.matrix_transpose(key))
    if mask is not None and xp.isdtype(mask.dtype, "bool"):
        scores = xp.where(mask, scores, -math.inf)
    elif mask is not None:
        scores = scores + mask
    if is_causal:
        seen = xp.tril(xp.ones(tuple(scores.shape[-2:]), dtype=xp.bool))
        scores = xp.where(seen, scores, -math.inf)
    if scores.shape[-1]:
        largest = xp.max(scores, axis=-1, keepdims=True)
        # Where no key is seen, all exponentials shall be 0 and not NaN.
        scores = xp.exp(scores - xp.where(largest == -math.inf, 0, largest))
    total = xp.sum(scores, axis=-1, keepdims=True)
    probabilities = scores / xp.where(total == 0, 1, total)
    weights = probabilities if kept is None else probabilities * kept
    return xp.matmul(weights, value), probabilities


@_attention.gradient("query", "key", "value", "mask")
def attention_wrt_all(xp, grad, out, query, key, value, kept, scale):
    return attention_backward(xp, query, key, value, out[1], kept, *grad, scale=scale)


@fused
def attention_backward(
    xp: Namespace,
    query: Array,
    key: Array,
    value: Array,
    probabilities: Array,
    kept: Array | None,
    grad: Array | None,
    grad_probabilities: Array | None,
    *,
    scale: float,
) -> tuple[Array, ...]:
    """The gradients of queries, keys, values and scores (which are an additive mask's).

    Given are those of the averages and of the probabilities, one of which may be None.
    """
    dvalue, dp = xp.zeros_like(value), grad_probabilities
    if grad is not None:
        weights = probabilities if kept is None else probabilities * kept
        dvalue = xp.matmul(xp.matrix_transpose(weights), grad)
        through = xp.matmul(grad, xp.matrix_transpose(value))
        through = through if kept is None else through * kept
        dp = through if dp is None else dp + through
    weighted = probabilities * dp
    dscores = weighted - probabilities * xp.sum(weighted, axis=-1, keepdims=True)
    scaled = dscores * scale
    return (
        xp.matmul(scaled, key),
        xp.matmul(xp.matrix_transpose(scaled), query),
        dvalue,
        dscores,
    )


def _for_heads(name: str, query: Array, x: Array) -> Any:
    """Give each head of keys or values as often as there are heads of queries that share it."""
    if len(query.shape) < 3 or len(x.shape) < 3 or query.shape[-3] % (x.shape[-3] or 1):
        raise ValueError(
            f"{name}: enable_gqa is set, query has shape {tuple(query.shape)} and key or value {tuple(x.shape)}; "
            f"needed are heads on the last axis but two, whose number in query the other's divides."
        )
    times = query.shape[-3] // x.shape[-3] if x.shape[-3] else 1
    return x if times == 1 else ops.repeat(x, times, axis=-3)


def _check_scores(name: str, query: Array, key: Array, value: Array, mask: Array | None) -> Shape:
    """Give the shape of the scores; raise if the leading axes, or the mask's, do not broadcast."""
    scores = (query.shape[-2], key.shape[-2])
    shapes = [tuple(x.shape[:-2]) for x in (query, key, value)]
    lead: list[int] = []
    for column in zip_longest(*[shape[::-1] for shape in shapes], fillvalue=1):
        lengths = {*column} - {1}
        if len(lengths) > 1:
            raise ValueError(
                f"{name}: the leading axes of query, key and value, {shapes[0]}, {shapes[1]} and {shapes[2]}, do not "
                f"broadcast together."
            )
        lead.insert(0, lengths.pop() if lengths else 1)
    shape = (*lead, *scores)
    if mask is not None:
        refuse_integers(name, "attn_mask", mask)
        if len(mask.shape) > len(shape) or any(
            length not in (1, needed)
            for length, needed in zip(mask.shape[::-1], shape[::-1], strict=False)
        ):
            raise ValueError(
                f"{name}: attn_mask is a {describe(mask)}; needed is a shape that broadcasts to {shape}, that of the "
                f"scores."
            )
    return shape


def refuse_integers(name: str, argument: str, mask: Array) -> None:
    """Raise for a mask of integers, which may mean booleans or numbers to add."""
    if kind_of(name, argument, mask) == "integer":
        raise TypeError(
            f"{name}: {argument} has the type {mask.dtype}; needed are booleans, or floating numbers to add."
        )
