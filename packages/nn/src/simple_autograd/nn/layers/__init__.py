"""Layers: modules that hold parameters and settings, and call ``functional``. One file per family."""

from __future__ import annotations

from . import (
    activation,
    adaptive_pooling,
    attention,
    average_pooling,
    container,
    convolution,
    dropout,
    flatten,
    fold,
    linear,
    loss,
    max_pooling,
    normalization,
    recurrent,
    recurrent_cells,
    transposed_convolution,
)
from .activation import *
from .adaptive_pooling import *
from .attention import *
from .average_pooling import *
from .container import *
from .convolution import *
from .dropout import *
from .flatten import *
from .fold import *
from .linear import *
from .loss import *
from .max_pooling import *
from .normalization import *
from .recurrent import *
from .recurrent_cells import *
from .transposed_convolution import *

__all__ = [
    *activation.__all__,
    *adaptive_pooling.__all__,
    *attention.__all__,
    *average_pooling.__all__,
    *container.__all__,
    *convolution.__all__,
    *dropout.__all__,
    *flatten.__all__,
    *fold.__all__,
    *linear.__all__,
    *loss.__all__,
    *max_pooling.__all__,
    *normalization.__all__,
    *recurrent.__all__,
    *recurrent_cells.__all__,
    *transposed_convolution.__all__,
]
