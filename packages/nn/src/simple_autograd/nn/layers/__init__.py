"""Layers: modules that hold parameters and settings, and call ``functional``. One file per family."""

from __future__ import annotations

from . import (
    activation,
    adaptive_pooling,
    attention,
    average_pooling,
    batch_normalization,
    bilinear,
    container,
    convolution,
    ctc_loss,
    distance,
    dropout,
    embedding,
    flatten,
    fold,
    linear,
    loss,
    margin_loss,
    max_pooling,
    normalization,
    padding,
    parameter_container,
    pixelshuffle,
    probability_loss,
    rectifiers,
    recurrent,
    recurrent_cells,
    regression_loss,
    transformer,
    transformer_layer,
    transposed_convolution,
    upsampling,
)
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

__all__ = [
    *activation.__all__,
    *adaptive_pooling.__all__,
    *attention.__all__,
    *average_pooling.__all__,
    *batch_normalization.__all__,
    *bilinear.__all__,
    *container.__all__,
    *convolution.__all__,
    *ctc_loss.__all__,
    *distance.__all__,
    *dropout.__all__,
    *embedding.__all__,
    *flatten.__all__,
    *fold.__all__,
    *linear.__all__,
    *loss.__all__,
    *margin_loss.__all__,
    *max_pooling.__all__,
    *normalization.__all__,
    *padding.__all__,
    *parameter_container.__all__,
    *pixelshuffle.__all__,
    *probability_loss.__all__,
    *rectifiers.__all__,
    *recurrent.__all__,
    *recurrent_cells.__all__,
    *regression_loss.__all__,
    *transformer.__all__,
    *transformer_layer.__all__,
    *transposed_convolution.__all__,
    *upsampling.__all__,
]
