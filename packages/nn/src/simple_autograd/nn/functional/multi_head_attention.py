"""Multi-head attention: projections, attention in every head, and the projection of what the heads give.

The mathematics of ``layers/attention.py``. What happens in a head is ``attention.py``.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from ... import ops
from ...types import Array, Shape
from .arguments import backend_of_argument, check_real, describe, kind_of
from .attention import attend, refuse_integers
from .heads import join_heads, split_heads
from .linear import linear

__all__ = ["multi_head_attention_forward"]


def multi_head_attention_forward(
    query: Array,
    key: Array,
    value: Array,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Array | None,
    in_proj_bias: Array | None,
    bias_k: Array | None,
    bias_v: Array | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Array,
    out_proj_bias: Array | None,
    training: bool = True,
    key_padding_mask: Array | None = None,
    need_weights: bool = True,
    attn_mask: Array | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Array | None = None,
    k_proj_weight: Array | None = None,
    v_proj_weight: Array | None = None,
    *,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    batch_first: bool = False,
) -> tuple[Any, Any]:
    """What `nn.MultiheadAttention` computes: projections, attention in each head, and the projection of their results.

    Parameters
    ----------
    query
        (L, N, E), or (L, E) for one sequence.
    key, value
        (S, N, K) and (S, N, V), or without N.
    embed_dim_to_check, num_heads
        E, and how many heads it is divided among.
    in_proj_weight, in_proj_bias
        (3 E, E) and (3 E,): the projections of queries, keys and values, one after the other. The bias may be None.
    bias_k, bias_v
        (1, 1, E), one more key and value for all sequences, or None.
    add_zero_attn
        Add a key and a value of zeros.
    dropout_p, training
        The probability with which a weight is dropped, in training.
    out_proj_weight, out_proj_bias
        (E, E) and (E,), or None for no bias.
    key_padding_mask
        (N, S), or (S,): booleans, True where a key is not to be seen; or numbers that are added to its scores.
    need_weights
        Whether to give the weights as well.
    attn_mask
        (L, S) or (N * num_heads, L, S): booleans, True where a query must not see a key; or numbers that are added.
    use_separate_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight
        Project with these, (E, E), (E, K) and (E, V), instead of `in_proj_weight`.
    average_attn_weights
        Give the weights averaged over the heads.
    is_causal
        Let query i see the keys 0 to i only. With `attn_mask`, which then says the same, it changes nothing.
    batch_first
        Take and give (N, L, E) in place of (L, N, E).

    Returns
    -------
    tuple
        The result, in the form of `query`, and the weights, (N, L, S), or (N, num_heads, L, S) for every head, without
        N for one sequence, or None. A query that sees no key has weights of 0.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    name = "multi_head_attention_forward"
    single = len(query.shape) == 2
    _check_inputs(name, query, key, value, embed_dim_to_check, num_heads)
    if use_separate_proj_weight:
        biases = (None,) * 3 if in_proj_bias is None else ops.split(in_proj_bias, 3)
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        for letter, weight in zip("qkv", weights, strict=True):
            _check_weight(name, f"{letter}_proj_weight", weight, 1, embed_dim_to_check)
        projected = [
            linear(*each) for each in zip((query, key, value), weights, biases, strict=True)
        ]
    else:
        _check_weight(name, "in_proj_weight", in_proj_weight, 3, embed_dim_to_check)
        projected = _project(query, key, value, in_proj_weight, in_proj_bias)
    samples_first = batch_first and not single
    q, k, v = (
        head
        for part in projected
        for head in split_heads(
            ops.expand_dims(part, axis=1) if single else part,
            count=part.shape[-1] // embed_dim_to_check,
            num_heads=num_heads,
            batch_first=samples_first,
        )
    )
    causal = is_causal and attn_mask is None
    mask = _merged_mask(name, q, k, attn_mask, key_padding_mask, causal)
    if bias_k is not None and bias_v is not None:
        k, v, mask = _with_one_more(k, v, mask, bias_k, bias_v)
    if add_zero_attn:
        k, v, mask = _with_one_more(k, v, mask, None, None)
    out, weights = attend(name, q, k, v, mask, dropout_p if training else 0.0, False, None)
    out = join_heads(out, batch_first=samples_first)
    out = linear(ops.squeeze(out, 1) if single else out, out_proj_weight, out_proj_bias)
    if not need_weights:
        return out, None
    if average_attn_weights:
        weights = ops.mean(weights, axis=1)
    return out, ops.squeeze(weights, 0) if single else weights


def _project(
    query: Array, key: Array, value: Array, weight: Array, bias: Array | None
) -> list[Any]:
    """Project with the rows of one weight, in as few products as there are different inputs."""
    if query is key and key is value:
        return [linear(query, weight, bias)]
    sections, inputs = (
        (3, (query, key, value)) if key is not value else ([weight.shape[1]], (query, key))
    )
    weights = ops.split(weight, sections)
    biases = (None,) * len(inputs) if bias is None else ops.split(bias, sections)
    return [linear(*each) for each in zip(inputs, weights, biases, strict=True)]


def _with_one_more(
    key: Array, value: Array, mask: Array | None, more_key: Array | None, more_value: Array | None
) -> tuple[Any, Any, Any]:
    """Add a key and a value, (1, 1, E) or zeros, that every query sees."""
    joined = []
    for x, more in ((key, more_key), (value, more_value)):
        count, heads, _, width = x.shape
        if more is None:
            backend = backend_of_argument("multi_head_attention_forward", "key", x)
            more = backend.xp.zeros((1, heads, 1, width), dtype=x.dtype)
        more = ops.broadcast_to(ops.reshape(more, (1, heads, 1, width)), (count, heads, 1, width))
        joined.append(ops.concat([x, more], axis=2))
    if mask is not None:
        # True says in a mask of booleans that it is seen; to scores 0 is added.
        seen = kind_of("multi_head_attention_forward", "attn_mask", mask) == "boolean"
        mask = ops.pad(mask, [(0, 0)] * (len(mask.shape) - 1) + [(0, 1)], constant_values=seen)
    return joined[0], joined[1], mask


def _merged_mask(
    name: str,
    query: Array,
    key: Array,
    attn_mask: Array | None,
    key_padding_mask: Array | None,
    causal: bool,
) -> Any:
    """Give one mask for heads (N, H, L, D) and (N, H, S, D), in the manner of `scaled_dot_product_attention`."""
    count, heads, length, _ = query.shape
    seen: list[Any] = []
    added: list[Any] = []
    if attn_mask is not None:
        shapes = {
            2: (length, key.shape[2]), 3: (count * heads, length, key.shape[2])
        }  # fmt: skip
        needed = shapes.get(len(attn_mask.shape), shapes[2])
        _check_mask(name, "attn_mask", attn_mask, needed)
        if len(needed) == 3:
            attn_mask = ops.reshape(attn_mask, (count, heads, length, key.shape[2]))
        _sort_in(name, "attn_mask", attn_mask, seen, added)
    if key_padding_mask is not None:
        needed = (count, key.shape[2])
        if len(key_padding_mask.shape) == 1 and count == 1:
            key_padding_mask = ops.expand_dims(key_padding_mask, axis=0)
        _check_mask(name, "key_padding_mask", key_padding_mask, needed)
        key_padding_mask = ops.reshape(key_padding_mask, (count, 1, 1, key.shape[2]))
        _sort_in(name, "key_padding_mask", key_padding_mask, seen, added)
    if causal:
        xp = backend_of_argument(name, "query", query).xp
        seen.append(xp.tril(xp.ones((length, key.shape[2]), dtype=xp.bool)))
    allowed = functools.reduce(ops.logical_and, seen) if seen else None
    total = functools.reduce(ops.add, added) if added else None
    if allowed is None or total is None:
        return total if allowed is None else allowed
    return ops.where(allowed, total, -math.inf)


def _sort_in(name: str, argument: str, mask: Array, seen: list[Any], added: list[Any]) -> None:
    """Put a mask with those of booleans, turned to say what is seen, or with those of numbers."""
    if kind_of(name, argument, mask) == "boolean":
        seen.append(ops.logical_not(mask))
    else:
        added.append(mask)


def _check_mask(name: str, argument: str, mask: Array, needed: Shape) -> None:
    refuse_integers(name, argument, mask)
    if tuple(mask.shape) != needed:
        raise ValueError(f"{name}: {argument} is a {describe(mask)}; needed is the shape {needed}.")


def _check_weight(
    name: str, argument: str, weight: Array | None, projections: int, width: int
) -> None:
    shape = tuple(getattr(weight, "shape", ()))
    if len(shape) != 2 or shape[0] != projections * width:
        raise ValueError(
            f"{name}: {argument} is a {describe(weight)}; needed are {projections * width} rows, {width} (that is "
            f"embed_dim_to_check) for each projection."
        )


def _check_inputs(
    name: str, query: Array, key: Array, value: Array, width: int, num_heads: int
) -> None:
    for argument, given in (("query", query), ("key", key), ("value", value)):
        check_real(name, argument, given)
    ndim = len(query.shape)
    if ndim not in (2, 3) or len(key.shape) != ndim or len(value.shape) != ndim:
        raise ValueError(
            f"{name}: query, key and value have shapes {tuple(query.shape)}, {tuple(key.shape)} and "
            f"{tuple(value.shape)}; needed are three axes each (length, sequences, features), or two each for one "
            f"sequence."
        )
    if query.shape[-1] != width or width % num_heads:
        raise ValueError(
            f"{name}: query is a {describe(query)}; needed are {width} features, divisible among {num_heads} heads."
        )
    if tuple(key.shape[:-1]) != tuple(value.shape[:-1]):
        raise ValueError(
            f"{name}: key has shape {tuple(key.shape)}, value {tuple(value.shape)}; needed is a value for every key."
        )
