"""The mathematics of layers and losses, as functions: named and shaped as in ``torch.nn.functional``.

They take Variables or raw arrays of one backend. Layers (``nn.Linear``, …) hold the parameters and call these. One file
per family; what its ``__all__`` lists is public here.
"""

from __future__ import annotations

from . import activation as _activation
from . import linear as _linear
from . import loss as _loss
from .activation import *
from .linear import *
from .loss import *

__all__ = [
    *_activation.__all__,
    *_linear.__all__,
    *_loss.__all__,
]
