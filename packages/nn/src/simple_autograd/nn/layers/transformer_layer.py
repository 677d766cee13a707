"""The layers of transformers: attention and a small network, each around a residual (Vaswani and others, 2017).

Nothing is computed here that is not in other layers: `MultiheadAttention`, `Linear`, `LayerNorm` and `Dropout`. The
stacks of these layers are in ``transformer.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import ops
from ...types import Array, DType
from ..functional import gelu, relu
from ..module import Module
from .attention import MultiheadAttention
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm

__all__ = ["TransformerDecoderLayer", "TransformerEncoderLayer"]

Activation = str | Callable[[Any], Any]
"""What a layer takes as its activation: "relu", "gelu", or a function or module."""


class _TransformerLayer(Module):
    """What the layers of encoder and decoder share: attention to oneself, and a network of two layers."""

    def __init__(
        self,
        attends_to_memory: bool,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: Activation,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype
        )
        if attends_to_memory:
            self.multihead_attn = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype
            )
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        places = (1, 2, 3) if attends_to_memory else (1, 2)
        for place in places:
            norm = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, dtype=dtype)
            self.add_module(f"norm{place}", norm)
        for place in places:
            self.add_module(f"dropout{place}", Dropout(dropout))
        self.activation = _activation(type(self).__name__, activation)

    def _add(self, place: int, x: Any, block: Callable[[Any], Any]) -> Any:
        """Add to `x` what a block makes of it, normalised before or afterwards."""
        norm, dropout = self.__dict__[f"norm{place}"], self.__dict__[f"dropout{place}"]
        if self.norm_first:
            return ops.add(x, dropout(block(norm(x))))
        return norm(ops.add(x, dropout(block(x))))

    def _attend_to_self(
        self, x: Any, mask: Array | None, padding: Array | None, is_causal: bool
    ) -> Any:
        return self.self_attn(x, x, x, padding, False, mask, is_causal=is_causal)[0]

    def _feed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_TransformerLayer):
    """One layer of a transformer's encoder: attention to oneself, then a network of two layers, each residual.

    Parameters
    ----------
    d_model, nhead
        The features of every position, and the heads they are divided among.
    dim_feedforward
        The hidden features of the network.
    dropout
        The probability with which values are dropped in training: weights of attention, and what is added.
    activation
        ``"relu"``, ``"gelu"``, or a function or module.
    layer_norm_eps
        Added to variances.
    batch_first
        Take and give (N, L, E) in place of (L, N, E).
    norm_first
        Normalise what goes into attention and network, instead of what comes after adding.
    bias
        Whether the layers add biases.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    >>> layer(np.zeros((2, 7, 16), "float32"), is_causal=True).shape
    (2, 7, 16)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            False, d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps,
            batch_first, norm_first, bias, dtype,
        )  # fmt: skip

    def forward(
        self,
        src: Array,
        src_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool = False,
    ) -> Any:
        """Map (L, N, E), with `batch_first` (N, L, E), or (L, E) to the same shape.

        Parameters
        ----------
        src
            The sequences.
        src_mask, src_key_padding_mask, is_causal
            What a position does not see (see `MultiheadAttention.forward`).
        """
        x = self._add(
            1, src, lambda x: self._attend_to_self(x, src_mask, src_key_padding_mask, is_causal)
        )
        return self._add(2, x, self._feed_forward)


class TransformerDecoderLayer(_TransformerLayer):
    """One layer of a transformer's decoder: attention to oneself and to the encoder's result, and a network.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, dtype
        As in `TransformerEncoderLayer`.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            True, d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps,
            batch_first, norm_first, bias, dtype,
        )  # fmt: skip

    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """Map (T, N, E), with `batch_first` (N, T, E), or (T, E) to the same shape.

        Parameters
        ----------
        tgt
            The sequences.
        memory
            What they attend to, (S, N, E), (N, S, E) or (S, E).
        tgt_mask, tgt_key_padding_mask, tgt_is_causal
            What a position does not see of its own sequence (see `MultiheadAttention.forward`).
        memory_mask, memory_key_padding_mask, memory_is_causal
            What it does not see of `memory`.
        """
        x = self._add(
            1, tgt, lambda x: self._attend_to_self(x, tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        )
        x = self._add(
            2,
            x,
            lambda x: self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask,
                is_causal=memory_is_causal,
            )[0],
        )  # fmt: skip
        return self._add(3, x, self._feed_forward)


def _activation(name: str, activation: Activation) -> Callable[[Any], Any]:
    if not isinstance(activation, str):
        return activation
    known: dict[str, Callable[[Any], Any]] = {"relu": relu, "gelu": gelu}
    if activation not in known:
        raise ValueError(
            f"{name}: activation is {activation!r}; needed is 'relu', 'gelu', or a function or module."
        )
    return known[activation]
