"""Edges of all ops, made from the samples of their cases: zero-dimensional and empty arrays, NaN, complex numbers.

What a case's own samples do not have is put into them here, and the op gives what NumPy gives. Where it differs on
purpose, a table below says why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, dtype_name, is_floating, options_to_backend
from tests.core.op_case import OTHER, SMOOTH, OpCase, Sample
from tests.core.op_table import CASES, each_case, named, samples_of, several, variables

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.skipif(get_backend().name != "numpy", reason="NumPy's refusals are compared"),
]

SCALARS = {
    "argsort": "there is no axis to sort along, though NumPy takes a scalar for a vector",
    "convolve": "needed are vectors",
    "cumulative_prod": "the standard wants an axis, and there is none",
    "cumulative_sum": "the standard wants an axis, and there is none",
    "diff": "there is no axis to take differences along, though NumPy takes n=0",
    "fftn": "there is no axis to transform",
    "ifftn": "there is no axis to transform",
    "matrix_rank": "needed are matrices, as in the standard",
    "outer": "needed are vectors, as in the standard",
    "ranked_positions": "internal: its callers have checked the axis",
    "repeat": "there is no axis to repeat along, though NumPy takes a scalar for a vector",
}
"""Ops that refuse zero-dimensional arrays and NumPy does not."""

EMPTY = {
    "einsum": "an index has two lengths, which NumPy broadcasts",
    "index_add": "NumPy's reference broadcasts otherwise",
    "lstsq": "older NumPys refuse matrices without columns",
    "matrix_exp": "needed are square matrices",
    "matrix_norm": "a matrix without elements has no largest singular value; newer NumPys say 0",
    "median": "nothing has no middle; NumPy warns and gives NaN",
    "nanmedian": "nothing has no middle; NumPy warns and gives NaN",
    "nanquantile": "nothing has no quantile; NumPy warns and gives NaN",
    "norm": "a matrix without elements has no largest column; newer NumPys say 0",
    "put_add": "internal: its callers have checked the shapes",
    "ranked_positions": "internal: its callers have checked the axis",
    "topk": "k is checked, which the reference does not do",
}
"""Ops that do not as NumPy does with empty arrays."""

ORDER = "NumPy orders complex numbers by their real parts, the standard does not: the walk over NumPy tests it"
COMPLEX_TOO = {
    **dict.fromkeys(("clip", "fmax", "fmin", "max", "maximum", "min", "minimum"), ORDER),
    **dict.fromkeys(("nanmax", "nanmin", "relu", "relu_backward"), ORDER),
    "round": "a step function of both parts",
}
"""Differentiable ops that take complex data and whose cases have none."""


ONE_SHAPE = {
    **dict.fromkeys(
        (
            *("gelu_backward", "gelu_tanh_backward", "relu_backward"),
            *("sigmoid_backward", "silu_backward"),
        ),
        "internal: a gradient has the shape of the result",
    ),
    "linear_recurrence": "internal: its callers have arrays of one shape",
    "stack": "it refuses arrays of different shapes",
}
"""Ops on several arrays, all of one shape."""


def some_of(case: OpCase) -> list[Sample]:
    """Give a few samples of a case: generic tests look at many ops, not at much of one."""
    found = [s for s in samples_of(case, SMOOTH, OTHER) if any(map(is_array, s.args))]
    return found[:3] + found[-1:]


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def with_arrays(sample: Sample, change: Any) -> Sample:
    """Give the sample with all its arrays changed."""
    args = tuple(change(value) if is_array(value) else value for value in sample.args)
    return Sample(args, sample.options, sample.kind)


def scalars(sample: Sample) -> Iterator[Sample]:
    if all(value.size for value in sample.args if is_array(value)):
        yield with_arrays(sample, lambda array: array.ravel()[:1].reshape(()))


def emptied(sample: Sample) -> Iterator[Sample]:
    if all(value.ndim for value in sample.args if is_array(value)):
        yield with_arrays(sample, lambda array: array[:0])
        yield with_arrays(sample, lambda array: array[..., :0])


def with_nan(sample: Sample) -> Iterator[Sample]:
    def holed(array: np.ndarray) -> np.ndarray:
        array = array.copy()
        array.reshape(-1, copy=False)[array.size // 2] = np.nan
        return array

    for i, value in enumerate(sample.args):
        if is_floating(value) and value.size:
            args = (*sample.args[:i], holed(value), *sample.args[i + 1 :])
            yield Sample(args, sample.options, sample.kind)


def assert_as_numpy(case: OpCase, sample: Sample) -> None:
    """Give what the reference gives; what it refuses may be refused."""
    options = options_to_backend(sample.options)
    try:
        expected = several(case.reference(*sample.args, **sample.options))
    except Exception:
        expected = None
    if expected is None:
        # PyTorch takes some that NumPy refuses (axis 0 of a scalar); what is refused is so by a clear exception.
        with contextlib.suppress(TypeError, ValueError, IndexError):
            case(*variables(sample), **options)
        return
    results = several(case(*variables(sample), **options))
    for out, truth in zip(results, map(np.asarray, expected), strict=True):
        assert dtype_name(out) == truth.dtype.name
        assert_close(out.detach(), truth, 1e-7)


def without(table: dict[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [c for c in CASES if c.name not in table], ids=str)


@without(SCALARS)
def test_zero_dimensional_arrays(case):
    for sample in some_of(case):
        for variant in scalars(sample):
            with named(variant):
                assert_as_numpy(case, variant)


@without(EMPTY)
def test_empty_arrays(case):
    for sample in some_of(case):
        for variant in emptied(sample):
            with named(variant):
                assert_as_numpy(case, variant)


@each_case()
def test_nan(case):
    for sample in some_of(case):
        for variant in with_nan(sample):
            # Some builds of LAPACK refuse NaN, for NumPy too.
            with named(variant), contextlib.suppress(np.linalg.LinAlgError):
                assert_as_numpy(case, variant)


@each_case(order=1)
def test_complex_data_is_tested_or_refused(case):
    samples = [s for s in samples_of(case, SMOOTH) if any(map(is_floating, s.args))]
    if any(np.iscomplexobj(value) for sample in samples for value in sample.args):
        assert case.name not in COMPLEX_TOO
        return
    for sample in samples[:2]:
        turned = with_arrays(sample, lambda a: a + 0.5j if is_floating(a) else a)
        with named(turned):
            if case.name in COMPLEX_TOO:
                case(*variables(turned), **options_to_backend(turned.options))
                continue
            with pytest.raises(TypeError):
                case(*variables(turned), **options_to_backend(turned.options))


@each_case(order=1)
def test_broadcasting_is_tested(case):
    samples = [s for s in samples_of(case, SMOOTH) if sum(map(is_floating, s.args)) > 1]
    if samples:
        differing = [s for s in samples if len({v.shape for v in s.args if is_floating(v)}) > 1]
        assert bool(differing) == (case.name not in ONE_SHAPE)
