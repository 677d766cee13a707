"""A sample of each op of the table, on a GPU beside NumPy; skipped, with the reason, where there is none.

CuPy compiles its functions here, for a minute or several, the first time.
"""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.backends import Backend
from tests.core.arrays import assert_close
from tests.core.op_case import SMOOTH, OpCase
from tests.core.op_table import CASES

pytestmark = pytest.mark.gpu


def differentiated(case: OpCase, backend: Backend) -> list[np.ndarray]:
    """Give an op's values and gradients for its first smooth sample, as NumPy arrays."""
    sample = next(sample for sample in case.all_samples() if sample.kind == SMOOTH and sample.args)
    given = [
        sa.Variable(backend.asarray(value)) if isinstance(value, np.ndarray) else value
        for value in sample.args
    ]
    outs = case(*given, **sample.options)
    outs = outs if isinstance(outs, tuple) else (outs,)
    inputs = [v for v in given if isinstance(v, sa.Variable) and v.requires_grad]
    gradients = []
    if case.order and (recorded := [out for out in outs if out.requires_grad]):
        total = sum([(abs(out) if "complex" in str(out.dtype) else out).sum() for out in recorded])
        found = sa.grad(total, inputs, allow_unused=True)
        gradients = [gradient for gradient in found if gradient is not None]
    return [backend.to_numpy(out.data) for out in outs] + [
        backend.to_numpy(gradient) for gradient in gradients
    ]


def has_a_smooth_sample(case: OpCase) -> bool:
    return any(
        sample.kind == SMOOTH
        and any(isinstance(value, np.ndarray) for value in sample.args)
        and not any(isinstance(value, np.ndarray) for value in sample.options.values())
        for sample in case.all_samples()
    )


# Of these the signs or the order are not determined.
NOT_UNIQUE = {"eig", "eigvals", "eigh", "qr", "svd"}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.name not in NOT_UNIQUE and has_a_smooth_sample(case)],
    ids=str,
)
def test_ops_give_numpys_values_and_gradients(case: OpCase) -> None:
    with sa.use_backend("numpy") as numpy:
        expected = differentiated(case, numpy)
    with sa.use_backend("cupy") as cupy:
        found = differentiated(case, cupy)
    for ours, truth in zip(found, expected, strict=True):
        assert_close(ours, truth, max(case.within("float64"), 1e-9))
