"""A Variable's methods on PyTorch's own samples for its operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed, so there are no samples")
pytest.importorskip("expecttest", reason="PyTorch's tables of samples need expecttest")

from simple_autograd import Variable
from tests.pytorch_samples.samples import Different, check, table, with_types

OPERATIONS = {
    name: op
    for name, op in table("ops").items()
    if callable(getattr(Variable, op.name, None)) and op.method_variant is not None
}

BY_DECISION = (
    "`v.max(dim)` and `v.min(dim)` give NumPy's one result, the values (docs/from_pytorch.md)."
)
TIES = "Which one of equal elements is meant is not said by PyTorch; here it is the first in a stable order."
BOOLEANS = (
    "NumPy and the standard refuse arithmetic with booleans: say v.double() or v.long() first."
)
REAL = "It is a function of real numbers here (docs/numerics.md)."
FACTORS = (
    "PyTorch cuts fractional factors of integers down to integers; here the types are promoted."
)


def _tied(sample: Any) -> bool:
    """Say whether elements of the argument are equal, so that their order is a choice."""
    return sample.input.numel() > 1 and len(sample.input.unique()) < sample.input.numel()


def _of_type(*dtypes: str) -> Callable[[Any], bool]:
    return lambda sample: str(sample.input.dtype).removeprefix("torch.") in dtypes


def _fractional(sample: Any) -> bool:
    """Say whether integers are to be multiplied by numbers of another type."""
    dtype = sample.input.dtype
    if dtype.is_floating_point or dtype.is_complex:
        return False
    boolean = str(dtype) == "torch.bool"
    return any(
        isinstance(sample.kwargs.get(name), int if boolean else float) for name in ("alpha", "beta")
    )


DIFFERENT: dict[str, Different] = {
    "__rpow__": Different(
        "NumPy refuses negative powers of integers; PyTorch rounds them to 0.", _of_type("int64")
    ),
    "addbmm": Different(FACTORS, _fractional),
    "addmv": Different(FACTORS, _fractional),
    "addr": Different(FACTORS, _fractional),
    "argsort": Different(TIES, lambda sample: _tied(sample) and not sample.kwargs.get("stable")),
    "baddbmm": Different(FACTORS, _fractional),
    "cov": Different(
        "Of weights in single precision PyTorch's sums are so too; here types that meet are promoted.",
        lambda sample: (
            str(getattr(sample.kwargs.get("aweights"), "dtype", None)) == "torch.float32"
        ),
    ),
    "erf": Different(BOOLEANS, _of_type("bool")),
    "kthvalue": Different(TIES, _tied),
    "logaddexp": Different(REAL, _of_type("complex128")),
    "logcumsumexp": Different(REAL, _of_type("complex128")),
    "logit": Different(BOOLEANS, _of_type("bool")),
    "max (reduction_with_dim)": Different(BY_DECISION),
    "min (reduction_with_dim)": Different(BY_DECISION),
    "mode": Different(TIES, _tied),
    "new_empty": Different("Its numbers are what the memory held before."),
    "sgn": Different(BOOLEANS, _of_type("bool")),
    "sigmoid": Different(BOOLEANS, _of_type("bool")),
    "sign": Different(BOOLEANS, _of_type("bool")),
    "sort": Different(TIES, lambda sample: _tied(sample) and not sample.kwargs.get("stable")),
    "sum_to_size": Different(
        "A sum over no axes sums nothing: a boolean number stays boolean. PyTorch sums it as a number.",
        lambda sample: sample.input.ndim == 0 and _of_type("bool")(sample),
    ),
    "to": Different(
        "It takes one argument, a backend or a data type, and no device or layout (docs/from_pytorch.md)."
    ),
    "topk": Different(TIES, _tied),
}
"""What is otherwise here, by PyTorch's name for the operation."""


@pytest.mark.parametrize(
    ("name", "dtype"), with_types(OPERATIONS, "float64", "complex128", "int64", "bool")
)
def test_methods_agree(name: str, dtype: str) -> None:
    op = OPERATIONS[name]
    check(op, getattr(Variable, op.name), dtype, DIFFERENT.get(name))
