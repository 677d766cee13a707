"""Layers: modules that hold parameters and settings, and call ``functional``. One file per family.

A family is loaded when one of its layers is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import lazy as _lazy

if TYPE_CHECKING:
    from .activation import *
    from .adaptive_pooling import *
    from .attention import *
    from .average_pooling import *
    from .batch_normalization import *
    from .bilinear import *
    from .container import *
    from .convolution import *
    from .ctc_loss import *
    from .distance import *
    from .dropout import *
    from .embedding import *
    from .flatten import *
    from .fold import *
    from .linear import *
    from .loss import *
    from .margin_loss import *
    from .max_pooling import *
    from .normalization import *
    from .padding import *
    from .parameter_container import *
    from .pixelshuffle import *
    from .probability_loss import *
    from .rectifiers import *
    from .recurrent import *
    from .recurrent_cells import *
    from .regression_loss import *
    from .transformer import *
    from .transformer_layer import *
    from .transposed_convolution import *
    from .upsampling import *

FAMILIES = {
    "activation": (
        "Exp GELU GLU LogSigmoid LogSoftmax Mish ReLU SiLU Sigmoid Softmax Softmax2d Softmin "
        "Softplus Softsign Tanh Tanhshrink"
    ),
    "adaptive_pooling": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d "
        "AdaptiveMaxPool2d AdaptiveMaxPool3d"
    ),
    "attention": "MultiHeadSelfAttention MultiheadAttention",
    "average_pooling": "AvgPool1d AvgPool2d AvgPool3d GlobalAvgPool2d LPPool1d LPPool2d LPPool3d",
    "batch_normalization": (
        "BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d"
    ),
    "bilinear": "Bilinear",
    "container": "ModuleDict ModuleList Sequential",
    "convolution": "Conv1d Conv2d Conv3d",
    "ctc_loss": "CTCLoss",
    "distance": "CosineSimilarity PairwiseDistance",
    "dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "embedding": "Embedding EmbeddingBag",
    "flatten": "Flatten Unflatten",
    "fold": "Fold Unfold",
    "linear": "Identity Linear",
    "loss": "CrossEntropyLoss NLLLoss",
    "margin_loss": (
        "CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss MultiLabelMarginLoss "
        "MultiLabelSoftMarginLoss MultiMarginLoss SoftMarginLoss TripletMarginLoss "
        "TripletMarginWithDistanceLoss"
    ),
    "max_pooling": "MaxPool1d MaxPool2d MaxPool3d MinPool2d",
    "normalization": "GroupNorm LayerNorm LocalResponseNorm RMSNorm",
    "padding": (
        "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
        "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
        "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d"
    ),
    "parameter_container": "ParameterDict ParameterList",
    "pixelshuffle": "ChannelShuffle PixelShuffle PixelUnshuffle",
    "probability_loss": "BCELoss BCEWithLogitsLoss KLDivLoss",
    "rectifiers": (
        "CELU ELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU PReLU RReLU ReLU6 SELU "
        "Softshrink Threshold"
    ),
    "recurrent": "GRU LSTM RNN",
    "recurrent_cells": "GRUCell LSTMCell RNNCell",
    "regression_loss": "GaussianNLLLoss HuberLoss L1Loss MSELoss PoissonNLLLoss SmoothL1Loss",
    "transformer": "Transformer TransformerDecoder TransformerEncoder",
    "transformer_layer": "TransformerDecoderLayer TransformerEncoderLayer",
    "transposed_convolution": "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "upsampling": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
}
"""The layers, by family."""

_HOMES = _lazy.homes_of(FAMILIES)

__all__ = list(_HOMES)

__getattr__, __dir__ = _lazy.load_later(globals(), _HOMES)
