"""Neural networks: layers, losses, initialisation and optimizers, named, shaped and defaulted as in ``torch.nn``.

``nn.functional`` has the mathematics as functions, ``nn.init`` initial values, ``nn.optim`` the optimizers. Whoever
writes a model subclasses `Module`, or puts layers into a `Sequential`.
"""

from __future__ import annotations

from . import functional, init, kernels, layers, optim, utils
from .checkpoint import CheckpointError, load, save
from .layers import *
from .module import Module
from .parameter import Parameter
from .summary import Summary, summary
from .utils import count_parameters

__all__ = [
    "CheckpointError",
    "Module",
    "Parameter",
    "Summary",
    "count_parameters",
    "functional",
    "init",
    "kernels",
    "load",
    "optim",
    "save",
    "summary",
    "utils",
    *layers.__all__,
]
