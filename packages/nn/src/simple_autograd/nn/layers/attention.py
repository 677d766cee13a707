"""Attention layers: see ``functional/multi_head_attention.py``."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array, DType
from .. import init
from ..functional import multi_head_attention_forward
from ..functional.arguments import backend_of_argument, describe
from ..module import Module
from ..parameter import Parameter
from .linear import Linear, check_sizes, empty_parameter

__all__ = ["MultiHeadSelfAttention", "MultiheadAttention"]


class MultiheadAttention(Module):
    """Attention in several heads at once, each on projections of its own (Vaswani and others, 2017).

    Parameters
    ----------
    embed_dim
        The features of queries and results.
    num_heads
        How many heads they are divided among.
    dropout
        The probability with which a weight is dropped in training.
    bias
        Whether the projections add a bias.
    add_bias_kv
        Learn one more key and value, which every query sees.
    add_zero_attn
        Add a key and a value of zeros, which every query sees.
    kdim, vdim
        The features of keys and of values, by default `embed_dim`.
    batch_first
        Take and give (N, L, E) in place of (L, N, E).
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    in_proj_weight
        (3 E, E), the projections of queries, keys and values; None where `kdim` or `vdim` differs from E.
    q_proj_weight, k_proj_weight, v_proj_weight
        (E, E), (E, kdim) and (E, vdim) in that case; otherwise None.
    in_proj_bias
        (3 E,), or None.
    bias_k, bias_v
        (1, 1, E), or None.
    out_proj
        The projection of what the heads give, a `Linear`.

    Raises
    ------
    ValueError
        If a setting makes no sense.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> x = np.zeros((7, 2, 16), "float32")
    >>> y, weights = nn.MultiheadAttention(16, 4)(x, x, x)
    >>> y.shape, weights.shape
    ((7, 2, 16), (2, 7, 7))
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_sizes(name, 1, embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"{name}: embed_dim is {embed_dim} and num_heads {num_heads}; needed is a number of heads that divides "
                f"embed_dim."
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout is {dropout}; needed is a probability in [0, 1].")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.add_zero_attn = add_zero_attn
        self.batch_first = batch_first
        shapes: dict[str, tuple[int, ...] | None] = {
            "q_proj_weight": (embed_dim, embed_dim),
            "k_proj_weight": (embed_dim, self.kdim),
            "v_proj_weight": (embed_dim, self.vdim),
            "in_proj_weight": None,
        }
        if self.kdim == self.vdim == embed_dim:
            shapes = {**dict.fromkeys(shapes), "in_proj_weight": (3 * embed_dim, embed_dim)}
        shapes["in_proj_bias"] = (3 * embed_dim,) if bias else None
        for key, shape in shapes.items():
            made = None if shape is None else empty_parameter(shape, dtype)
            self.register_parameter(key, made)
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, dtype=dtype)
        for key in ("bias_k", "bias_v"):
            made = empty_parameter((1, 1, embed_dim), dtype) if add_bias_kv else None
            self.register_parameter(key, made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters, as PyTorch does; those of `out_proj` are drawn there, but for its bias."""
        for weight in (
            self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight,
        ):  # fmt: skip
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Array,
        key: Array,
        value: Array,
        key_padding_mask: Array | None = None,
        need_weights: bool = True,
        attn_mask: Array | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Let queries attend to keys (see `simple_autograd.nn.functional.multi_head_attention_forward`).

        Parameters
        ----------
        query, key, value
            (L, N, E), (S, N, kdim) and (S, N, vdim), with `batch_first` (N, L, E) and so on, without N for one
            sequence.
        key_padding_mask, attn_mask
            (N, S), and (L, S) or (N * num_heads, L, S): booleans, True where a key is not to be seen, or numbers that
            are added to the scores.
        need_weights, average_attn_weights
            Give the weights too, averaged over the heads or for each.
        is_causal
            Let query i see the keys 0 to i only. With `attn_mask`, which then says the same, it changes nothing.

        Returns
        -------
        tuple
            The result, in the form of `query`, and the weights, (N, L, S) or (N, num_heads, L, S), or None.
        """
        return multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=self.in_proj_weight is None,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            batch_first=self.batch_first,
        )


class MultiHeadSelfAttention(MultiheadAttention):
    """A sequence that attends to itself, (N, L, E): the short form of `MultiheadAttention`, with its parameters.

    Parameters
    ----------
    emb_dim
        The features of each position.
    num_heads
        How many heads they are divided among.
    dropout, bias, dtype
        As in `MultiheadAttention`.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> layer = nn.MultiHeadSelfAttention(16, 4)
    >>> x = np.zeros((2, 7, 16), "float32")
    >>> layer(x).shape, layer(x, single_query=True).shape
    ((2, 7, 16), (2, 1, 16))
    """

    def __init__(
        self,
        emb_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(emb_dim, num_heads, dropout, bias, batch_first=True, dtype=dtype)

    def forward(  # type: ignore[override] # a sequence asks itself
        self, x: Array, single_query: bool = False, causal: bool = False
    ) -> Any:
        """Map (N, L, E) to (N, L, E).

        Parameters
        ----------
        x
            (N, L, E).
        single_query
            Only the first position asks; the result is (N, 1, E).
        causal
            Each position sees only itself and those before.
        """
        backend_of_argument("MultiHeadSelfAttention", "x", x)
        if len(x.shape) != 3:
            raise ValueError(f"MultiHeadSelfAttention: x is a {describe(x)}; needed is (N, L, E).")
        query = ops.getitem(x, (slice(None), slice(0, 1))) if single_query else x
        return super().forward(query, x, x, need_weights=False, is_causal=causal)[0]
