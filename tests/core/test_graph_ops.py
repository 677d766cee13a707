"""Every op in a step that is recorded and replayed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from tests.core.arrays import is_floating, options_to_backend, to_backend
from tests.core.graph_steps import numbers
from tests.core.op_case import SMOOTH, OpCase, Sample
from tests.core.op_table import CASES, samples_of, several

pytestmark = pytest.mark.skipif(
    "sa.get_backend().is_remote",
    reason="a GPU has graphs of its own: tests/backend_cupy/test_graph.py",
)


class Computed:
    """A sample's call of its op, and its gradients, as part of a step."""

    def __init__(self, case: OpCase, sample: Sample) -> None:
        self.case, self.args = case, sample.args
        self.options = options_to_backend(sample.options)
        self.differentiable = case.order > 0 and sample.kind == SMOOTH
        self.inputs = [sa.asarray(to_backend(a)) for a in sample.args if isinstance(a, np.ndarray)]

    def __call__(self, given: list[sa.Variable]) -> tuple[list[Any], list[Any]]:
        rest, args = iter(given), []
        for value in self.args:
            array = next(rest) if isinstance(value, np.ndarray) else value
            if self.differentiable and is_floating(value):
                array = array.detach().requires_grad_()
            args.append(array)
        results = several(self.case(*args, **self.options))
        roots = [out for out in results if out.requires_grad]
        sa.backward(roots, [out.detach() for out in roots])
        gradients = [v.grad for v in args if isinstance(v, sa.Variable) and v.requires_grad]
        return [out.detach() for out in results], gradients


READ_VALUES = {"from_dlpack", "nanmedian", "nanquantile"}
"""Ops whose Python reads values, which a step cannot that is to be replayed."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("part", range(10))
def test_every_op_is_replayed(part):
    """To the bit. Many in one step, for it is recorded call by call all the same."""
    computed = [
        Computed(case, sample)
        for case in CASES[part::10]
        if case.name not in READ_VALUES
        for sample in samples_of(case)[:2]
    ]

    def step(given):
        return [one(inputs) for one, inputs in zip(computed, given, strict=True)]

    given = [one.inputs for one in computed]
    expected, graphed = step(given), sa.graph(step, warmup=1)
    for _ in range(4):
        found = graphed(given)
    assert repr(graphed) == "<graph of step: recorded>"
    for one, ours, theirs in zip(computed, found, expected, strict=True):
        for mine, other in zip([*ours[0], *ours[1]], [*theirs[0], *theirs[1]], strict=True):
            assert (mine is None) == (other is None), one.case
            if mine is not None:
                np.testing.assert_array_equal(
                    numbers(mine), numbers(other), err_msg=str(one.case), strict=True
                )
