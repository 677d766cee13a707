"""Neural networks: layers, losses, initialisation and optimizers, named, shaped and defaulted as in ``torch.nn``.

``nn.functional`` has the mathematics as functions, ``nn.init`` initial values, ``nn.optim`` the optimizers. Whoever
writes a model subclasses `Module`, or puts layers into a `Sequential`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import lazy as _lazy
from . import functional, kernels, layers
from .module import Module
from .parameter import Parameter

if TYPE_CHECKING:
    from . import amp as amp
    from . import init as init
    from . import optim as optim
    from . import utils as utils
    from .checkpoint import CheckpointError as CheckpointError
    from .checkpoint import load as load
    from .checkpoint import save as save
    from .layers import *
    from .summaries import Summary as Summary
    from .summaries import summary as summary
    from .utils import count_parameters as count_parameters

_HOMES = {
    **_lazy.homes_of(
        {
            "amp": "amp",
            "checkpoint": "CheckpointError load save",
            "init": "init",
            "optim": "optim",
            "summaries": "Summary summary",
            "utils": "count_parameters utils",
        }
    ),
    **dict.fromkeys(layers.__all__, "layers"),
}

__all__ = ["Module", "Parameter", "functional", "kernels", *_HOMES]

__getattr__, __dir__ = _lazy.load_later(globals(), _HOMES)
