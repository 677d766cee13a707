"""The cases of every family of layers, one file each; a file's ``CASES`` joins the table by being here."""

from __future__ import annotations

import importlib
import pkgutil

from tests.nn.layer_case import LayerCase

CASES: list[LayerCase] = [
    case
    for family in pkgutil.iter_modules(__path__)
    for case in importlib.import_module(f"{__name__}.{family.name}").CASES
]
