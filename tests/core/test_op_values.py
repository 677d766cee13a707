"""Values of all ops, over the samples of their cases: what comes out, in which type, from which input."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import (
    assert_close,
    dtype_name,
    layouts,
    options_to_backend,
    to_backend,
    to_numpy,
)
from tests.core.op_case import OTHER, SMOOTH
from tests.core.op_table import (
    CASES,
    OWN_OPS,
    each_case,
    named,
    samples_of,
    several,
    variables,
)
from tests.core.raising import raises

# NumPy warns of 0/0 and means of nothing as it computes them, in the reference too.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@each_case()
def test_value_is_numpys(case):
    for sample in samples_of(case):
        args, options = variables(sample, requires_grad=False), options_to_backend(sample.options)
        with named(sample):
            results = several(case(*args, **options))
            references = several(case.reference(*sample.args, **sample.options))
            for out, reference in zip(results, references, strict=True):
                expected = np.asarray(reference)
                assert isinstance(out, Variable)
                assert type(out.data) is get_backend().array_type
                assert dtype_name(out) == expected.dtype.name
                assert_close(out, expected, case.within(expected.dtype.name))
                assert not out.requires_grad


@each_case()
def test_what_the_backend_cannot_do_raises(case):
    for sample in case.all_samples():
        if get_backend().name in sample.refused:
            with named(sample), pytest.raises((TypeError, ValueError, IndexError)):
                case(*variables(sample), **options_to_backend(sample.options))


@pytest.mark.parametrize("case", [case for case in CASES if case.raw], ids=str)
def test_raw_arrays_give_a_raw_array(case):
    for sample in samples_of(case):
        options = options_to_backend(sample.options)
        with named(sample):
            results = several(case(*variables(sample), **options))
            for raw, out in zip(
                several(case(*to_backend(sample.args), **options)), results, strict=True
            ):
                assert isinstance(raw, get_backend().array_type | np.generic)
                assert dtype_name(raw) == dtype_name(out)
                # A backend may round products of raw arrays, which are its library's own, in another way.
                assert_close(raw, to_numpy(out), case.within(dtype_name(out)))


@each_case()
def test_inputs_are_not_mutated(case):
    for sample in samples_of(case):
        args = variables(sample)
        case(*args, **options_to_backend(sample.options))
        for place, value in enumerate(sample.args):
            if isinstance(value, np.ndarray):
                with named(sample, f"argument {place}"):
                    np.testing.assert_array_equal(to_numpy(args[place]), value, strict=True)


@each_case()
def test_result_requires_grad_if_an_argument_does_and_recording_is_on(case):
    for sample in samples_of(case):
        args, options = variables(sample), options_to_backend(sample.options)
        with named(sample):
            for out in several(case(*args, **options)):
                floating = any(isinstance(arg, Variable) and arg.requires_grad for arg in args)
                can = case.order > 0 and get_backend().is_floating(out.dtype)
                assert out.requires_grad == (floating and can)
            with sa.no_grad():
                for out in several(case(*args, **options)):
                    assert not out.requires_grad or any(out is arg for arg in args)


@pytest.mark.not_strict("the standard knows no layouts in memory")
@each_case()
def test_layout_in_memory_does_not_matter(case):
    for sample in samples_of(case, SMOOTH, OTHER):
        options = options_to_backend(sample.options)
        expected = [to_numpy(out) for out in several(case(*variables(sample), **options))]
        for place, value in enumerate(sample.args):
            for layout, same in layouts(value) if isinstance(value, np.ndarray) else ():
                args = variables(sample)
                args[place] = Variable(to_backend(same))
                with named(sample, f"argument {place}", layout):
                    results = several(case(*args, **options))
                    for out, value in zip(results, expected, strict=True):
                        assert_close(out, value, case.within(value.dtype.name))


@pytest.mark.parametrize("case", [case for case in CASES if case.errors], ids=str)
def test_failing_calls_say_what_is_wrong(case):
    for failing in case.errors:
        args = variables(failing)
        with raises(failing.exception, *failing.words):
            case(*args, **options_to_backend(failing.options))


SEVERAL = [
    case
    for case in CASES
    if case.name in OWN_OPS and (len(OWN_OPS[case.name].arrays) > 1 or OWN_OPS[case.name].variadic)
]


@pytest.mark.parametrize("case", SEVERAL, ids=str)
def test_text_for_an_array_is_refused_by_name(case):
    op = OWN_OPS[case.name]
    sample = next(s for s in samples_of(case) if all(isinstance(v, np.ndarray) for v in s.args))
    for place in range(len(sample.args)):
        args = variables(sample)
        args[place] = "text"
        argument = f"{op.arrays[0]}[{place}]" if op.variadic else op.arrays[place]
        with raises(TypeError, f"{case.name}: {argument} is a str; needed"):
            case(*args, **options_to_backend(sample.options))
