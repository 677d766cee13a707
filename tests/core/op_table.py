"""All cases of ``cases/`` in one list, and what a test needs to run over them and their samples."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simple_autograd import ops
from simple_autograd.backends import get_backend
from simple_autograd.op import OPS
from simple_autograd.variable import Variable
from tests.core.arrays import is_floating, to_backend
from tests.core.op_case import OpCase, Sample

# Families whose functions need more than core does.
NEEDS = {"scipy_special": "scipy"}
LEFT_OUT = {name for name, needed in NEEDS.items() if importlib.util.find_spec(needed) is None}
FAMILIES = [
    importlib.import_module(f"tests.core.cases.{path.stem}")
    for path in sorted(Path(__file__).with_name("cases").glob("*.py"))
    if path.stem not in LEFT_OUT
]
CASES: list[OpCase] = [case for family in FAMILIES for case in family.CASES]
# Families are loaded when they are asked for: without this, OPS is what was asked for so far.
for family in sorted({*ops.PUBLIC, *ops.FURTHER}):
    importlib.import_module(f"{ops.__name__}.{family}")
OWN_OPS = {
    name: op
    for name, op in OPS.items()
    if op.body.__module__.startswith(f"{ops.__name__}.")
    and op.body.__module__.rpartition(".")[2] not in LEFT_OUT
}
"""The ops of core, without those that tests or other packages have defined."""


def each_case(*, order: int = 0, torch: bool = False) -> pytest.MarkDecorator:
    """Run a test with each ``case`` of an op that can be differentiated so often.

    With `torch`, only of those that PyTorch has too.
    """
    found = [case for case in CASES if case.order >= order and (case.torch or not torch)]
    return pytest.mark.parametrize("case", found, ids=str)


def samples_of(case: OpCase, *kinds: str, torch: bool = False) -> list[Sample]:
    """Give the samples of these kinds (of all, if none is named) that the run's backend can do.

    With `torch`, only those that PyTorch can do too.
    """
    name = get_backend().name
    return [
        sample
        for sample in case.all_samples()
        if (not kinds or sample.kind in kinds)
        and name not in sample.refused
        and not (torch and "torch" in sample.refused)
    ]


def variables(sample: Sample, requires_grad: bool | None = None) -> list[Any]:
    """Give the arguments of a sample, its arrays as Variables."""
    return [
        Variable(to_backend(value), requires_grad and is_floating(value))
        if isinstance(value, np.ndarray)
        else value
        for value in sample.args
    ]


def several(out: Any) -> list[Any]:
    """Give the results of an op as a list, also where there is one."""
    return list(out) if isinstance(out, tuple) else [out]


@contextmanager
def named(*what: object) -> Iterator[None]:
    """Say in a failure what it was about: the sample, the argument, the layout."""
    try:
        yield
    except BaseException as error:
        error.add_note(" / ".join(map(str, what)))
        raise
