"""Layers: modules that hold parameters and settings, and call ``functional``. One file per family."""

from __future__ import annotations

from . import activation, container, flatten, linear, loss
from .activation import *
from .container import *
from .flatten import *
from .linear import *
from .loss import *

__all__ = [
    *activation.__all__,
    *container.__all__,
    *flatten.__all__,
    *linear.__all__,
    *loss.__all__,
]
