"""Heads: parts of each vector of a sequence that go ways of their own, and come together again.

Two operations, each the other's gradient, for ``multi_head_attention.py``. Backends may have kernels that copy once.
"""

from __future__ import annotations

import math

from ...op import op
from ...ops.joining import with_zeros
from ...types import Array, Namespace

__all__ = ["join_heads", "split_heads"]


@op
def split_heads(
    xp: Namespace, x: Array, /, *, count: int, num_heads: int, batch_first: bool
) -> tuple[Array, ...]:
    """(N, L, count * E), or (L, N, count * E), to `count` arrays (N, num_heads, L, E / num_heads)."""
    x = xp.reshape(x, (*x.shape[:-1], count, num_heads, x.shape[-1] // (count * num_heads)))
    return tuple(
        xp.unstack(xp.permute_dims(x, (2, 0, 3, 1, 4) if batch_first else (2, 1, 3, 0, 4)))
    )


@split_heads.gradient("x")
def split_heads_wrt_x(xp, grad, batch_first):
    return join_heads(*with_zeros(xp, grad), batch_first=batch_first)


@op
def join_heads(xp: Namespace, *parts: Array, batch_first: bool) -> Array:
    """What `split_heads` made of an array to that array."""
    joined = xp.permute_dims(xp.stack(parts), (1, 3, 0, 2, 4) if batch_first else (3, 1, 0, 2, 4))
    return xp.reshape(joined, (*joined.shape[:2], math.prod(joined.shape[2:])))


@join_heads.gradient("parts")
def join_heads_wrt_parts(xp, grad, index, parts_shape, batch_first):
    num_heads, width = parts_shape[index][1], grad.shape[-1] // len(parts_shape)
    part = grad[..., index * width : (index + 1) * width]
    return split_heads(part, count=1, num_heads=num_heads, batch_first=batch_first)[0]
