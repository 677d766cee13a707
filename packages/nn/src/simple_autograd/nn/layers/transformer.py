"""Transformers: stacks of the layers of ``transformer_layer.py``, and an encoder and decoder made of them."""

from __future__ import annotations

import copy
import math
from typing import Any

from ...backends import get_backend
from ...types import Array, DType
from .. import init
from ..functional import relu
from ..functional.arguments import backend_of_argument, describe
from ..module import Module
from .container import ModuleList
from .normalization import LayerNorm
from .transformer_layer import Activation, TransformerDecoderLayer, TransformerEncoderLayer

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerEncoder",
]


class TransformerEncoder(Module):
    """Copies of an encoder layer, one on the other.

    Parameters
    ----------
    encoder_layer
        The layer. It is copied, so all begin with the same parameters.
    num_layers
        How many copies.
    norm
        A module to call last, or None.
    enable_nested_tensor, mask_check
        Accepted for PyTorch's sake, without effect.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies(type(self).__name__, encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        src: Array,
        mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool | None = None,
    ) -> Any:
        """Call the layers in turn (see `TransformerEncoderLayer.forward`)."""
        x: Any = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, is_causal=bool(is_causal))
        return x if self.norm is None else self.norm(x)


class TransformerDecoder(Module):
    """Copies of a decoder layer, one on the other.

    Parameters
    ----------
    decoder_layer
        The layer. It is copied, so all begin with the same parameters.
    num_layers
        How many copies.
    norm
        A module to call last, or None.
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies(type(self).__name__, decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Call the layers in turn (see `TransformerDecoderLayer.forward`)."""
        x: Any = tgt
        for layer in self.layers:
            x = layer(
                x, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal), memory_is_causal=memory_is_causal,
            )  # fmt: skip
        return x if self.norm is None else self.norm(x)


class Transformer(Module):
    """An encoder of one sequence and a decoder of another, which attends to what the encoder gives.

    Parameters
    ----------
    d_model, nhead
        The features of every position, and the heads they are divided among.
    num_encoder_layers, num_decoder_layers
        How many layers each has.
    dim_feedforward, dropout, activation
        As in `TransformerEncoderLayer`.
    custom_encoder, custom_decoder
        Modules to take instead.
    layer_norm_eps, batch_first, norm_first, bias, dtype
        As in `TransformerEncoderLayer`.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        sizes = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps)
        settings = (batch_first, norm_first, bias)
        if custom_encoder is None:
            custom_encoder = TransformerEncoder(
                TransformerEncoderLayer(*sizes, *settings, dtype=dtype),
                num_encoder_layers,
                LayerNorm(d_model, eps=layer_norm_eps, bias=bias, dtype=dtype),
            )
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*sizes, *settings, dtype=dtype),
                num_decoder_layers,
                LayerNorm(d_model, eps=layer_norm_eps, bias=bias, dtype=dtype),
            )
        self.encoder = custom_encoder
        self.decoder = custom_decoder
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all matrices anew from Glorot's uniform distribution, as PyTorch does."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Array,
        tgt: Array,
        src_mask: Array | None = None,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Encode `src`, (S, N, E), and decode `tgt`, (T, N, E), to (T, N, E); N first with `batch_first`, or without N.

        Parameters
        ----------
        src, tgt
            The sequences.
        src_mask, src_key_padding_mask, src_is_causal
            What a position of `src` does not see of it (see `MultiheadAttention.forward`).
        tgt_mask, tgt_key_padding_mask, tgt_is_causal
            What a position of `tgt` does not see of it.
        memory_mask, memory_key_padding_mask, memory_is_causal
            What a position of `tgt` does not see of the encoded `src`.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        for argument, x in (("src", src), ("tgt", tgt)):
            backend_of_argument("Transformer", argument, x)
            if len(x.shape) not in (2, 3) or x.shape[-1] != self.d_model:
                raise ValueError(
                    f"Transformer: {argument} is a {describe(x)}; needed are (L, N, E), with batch_first (N, L, E), or "
                    f"(L, E), and E is {self.d_model} (d_model)."
                )
        sequences = 0 if self.batch_first else 1
        if len(src.shape) != len(tgt.shape) or (
            len(src.shape) == 3 and src.shape[sequences] != tgt.shape[sequences]
        ):
            raise ValueError(
                f"Transformer: src has shape {tuple(src.shape)}, tgt {tuple(tgt.shape)}; needed are as many sequences "
                f"of one as of the other."
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal, memory_is_causal=memory_is_causal,
        )  # fmt: skip

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: DType | None = None) -> Array:
        """Give the mask (sz, sz) under which position i sees 0 to i: 0 where it sees, minus infinity elsewhere.

        Parameters
        ----------
        sz
            The length of the sequence.
        dtype
            By default float32. It is made on the default backend.
        """
        backend = get_backend()
        dtype = backend.dtype("float32" if dtype is None else dtype)
        return backend.xp.triu(backend.xp.full((sz, sz), -math.inf, dtype=dtype), k=1)


def _copies(name: str, layer: Module, count: int) -> ModuleList:
    if not isinstance(layer, Module):
        raise TypeError(
            f"{name}: the layer is a {type(layer).__name__}; needed is a Module, which is copied."
        )
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])
