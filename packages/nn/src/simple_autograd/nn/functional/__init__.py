"""The mathematics of layers and losses, as functions: named and shaped as in ``torch.nn.functional``.

They take Variables or raw arrays of one backend. Layers (``nn.Linear``, …) hold the parameters and call these. One file
per family; what its ``__all__`` lists is public here.
"""

from __future__ import annotations

from . import activation as _activation
from . import adaptive_pooling as _adaptive_pooling
from . import attention as _attention
from . import average_pooling as _average_pooling
from . import batch_normalization as _batch_normalization
from . import bilinear as _bilinear
from . import convolution as _convolution
from . import ctc_loss as _ctc_loss
from . import distance as _distance
from . import dropout as _dropout
from . import embedding as _embedding
from . import fold as _fold
from . import grid_sampling as _grid_sampling
from . import linear as _linear
from . import loss as _loss
from . import margin_loss as _margin_loss
from . import max_pooling as _max_pooling
from . import multi_head_attention as _multi_head_attention
from . import normalization as _normalization
from . import padding as _padding
from . import pixelshuffle as _pixelshuffle
from . import probability_loss as _probability_loss
from . import rectifiers as _rectifiers
from . import regression_loss as _regression_loss
from . import transposed_convolution as _transposed_convolution
from . import upsampling as _upsampling
from .activation import *
from .adaptive_pooling import *
from .attention import *
from .average_pooling import *
from .batch_normalization import *
from .bilinear import *
from .convolution import *
from .ctc_loss import *
from .distance import *
from .dropout import *
from .embedding import *
from .fold import *
from .grid_sampling import *
from .linear import *
from .loss import *
from .margin_loss import *
from .max_pooling import *
from .multi_head_attention import *
from .normalization import *
from .padding import *
from .pixelshuffle import *
from .probability_loss import *
from .rectifiers import *
from .regression_loss import *
from .transposed_convolution import *
from .upsampling import *

__all__ = [
    *_activation.__all__,
    *_adaptive_pooling.__all__,
    *_attention.__all__,
    *_average_pooling.__all__,
    *_batch_normalization.__all__,
    *_bilinear.__all__,
    *_convolution.__all__,
    *_ctc_loss.__all__,
    *_distance.__all__,
    *_dropout.__all__,
    *_embedding.__all__,
    *_fold.__all__,
    *_grid_sampling.__all__,
    *_linear.__all__,
    *_loss.__all__,
    *_margin_loss.__all__,
    *_max_pooling.__all__,
    *_multi_head_attention.__all__,
    *_normalization.__all__,
    *_padding.__all__,
    *_pixelshuffle.__all__,
    *_probability_loss.__all__,
    *_rectifiers.__all__,
    *_regression_loss.__all__,
    *_transposed_convolution.__all__,
    *_upsampling.__all__,
]
