"""The mathematics of layers and losses, as functions: named and shaped as in ``torch.nn.functional``.

They take Variables or raw arrays of one backend. Layers (``nn.Linear``, …) hold the parameters and call these. One file
per family; what its ``__all__`` lists is public here.
"""

from __future__ import annotations

from . import activation as _activation
from . import adaptive_pooling as _adaptive_pooling
from . import attention as _attention
from . import average_pooling as _average_pooling
from . import convolution as _convolution
from . import dropout as _dropout
from . import fold as _fold
from . import linear as _linear
from . import loss as _loss
from . import max_pooling as _max_pooling
from . import multi_head_attention as _multi_head_attention
from . import normalization as _normalization
from . import transposed_convolution as _transposed_convolution
from .activation import *
from .adaptive_pooling import *
from .attention import *
from .average_pooling import *
from .convolution import *
from .dropout import *
from .fold import *
from .linear import *
from .loss import *
from .max_pooling import *
from .multi_head_attention import *
from .normalization import *
from .transposed_convolution import *

__all__ = [
    *_activation.__all__,
    *_adaptive_pooling.__all__,
    *_attention.__all__,
    *_average_pooling.__all__,
    *_convolution.__all__,
    *_dropout.__all__,
    *_fold.__all__,
    *_linear.__all__,
    *_loss.__all__,
    *_max_pooling.__all__,
    *_multi_head_attention.__all__,
    *_normalization.__all__,
    *_transposed_convolution.__all__,
]
