"""Optimizers: they update parameters in place by their gradients. Named and defaulted as in ``torch.optim``.

Each is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import lazy as _lazy

if TYPE_CHECKING:
    from . import lr_scheduler as lr_scheduler
    from . import swa_utils as swa_utils
    from .adadelta import Adadelta as Adadelta
    from .adagrad import Adagrad as Adagrad
    from .adam import Adam as Adam
    from .adamax import Adamax as Adamax
    from .adamw import AdamW as AdamW
    from .asgd import ASGD as ASGD
    from .lbfgs import LBFGS as LBFGS
    from .lion import Lion as Lion
    from .muon import Muon as Muon
    from .nadam import NAdam as NAdam
    from .optimizer import Optimizer as Optimizer
    from .radam import RAdam as RAdam
    from .rmsprop import RMSprop as RMSprop
    from .rprop import Rprop as Rprop
    from .sgd import SGD as SGD

_HOMES = _lazy.homes_of(
    {
        "adadelta": "Adadelta",
        "adagrad": "Adagrad",
        "adam": "Adam",
        "adamax": "Adamax",
        "adamw": "AdamW",
        "asgd": "ASGD",
        "lbfgs": "LBFGS",
        "lion": "Lion",
        "lr_scheduler": "lr_scheduler",
        "muon": "Muon",
        "nadam": "NAdam",
        "optimizer": "Optimizer",
        "radam": "RAdam",
        "rmsprop": "RMSprop",
        "rprop": "Rprop",
        "sgd": "SGD",
        "swa_utils": "swa_utils",
    }
)

__all__ = list(_HOMES)

__getattr__, __dir__ = _lazy.load_later(globals(), _HOMES)
