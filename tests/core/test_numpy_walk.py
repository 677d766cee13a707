"""A walk over all public functions of numpy, numpy.linalg and numpy.fft: none drops a gradient.

Each is called with Variables that require grad, in each place where an array or number may stand, and must give
NumPy's value with the right gradient, or raise. The lists of functions come from the modules at hand, so a function
that a new NumPy brings fails the first test until ``numpy_calls/`` has a call of it, or says why there is none.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from simple_autograd.errors import BackendMismatchError
from simple_autograd.numpy_protocol import dispatch
from tests.core.arrays import assert_close, is_floating, to_backend, to_numpy
from tests.core.gradcheck import check, direction, inner, slope
from tests.core.numpy_call import CONSTANT, GRADIENT, REFUSED, SYMMETRIC, name_of
from tests.core.numpy_calls import (
    calculus,
    constant,
    elementwise,
    fourier,
    indexing,
    joining,
    linear_algebra,
    polynomials,
    reductions,
    refusing,
    shapes,
    sorting,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"
)
only_numpy = pytest.mark.skipif(
    get_backend().name != "numpy", reason="NumPy's functions are asked of NumPy's arrays"
)

MODULES = (np, np.linalg, np.fft)
FAMILIES = (
    calculus, elementwise, fourier, indexing, joining, linear_algebra, polynomials, reductions, shapes, sorting,
)  # fmt: skip
ON_TAPE = [call for family in FAMILIES for call in family.CALLS]
WITHOUT = [call for calls in constant.CALLS.values() for call in calls]
NO_ARRAY = {name for names in constant.NO_ARRAY.values() for name in names}


def public() -> Iterator[tuple[str, object]]:
    """Give the public names of the modules, and what they stand for."""
    for module in MODULES:
        for name in sorted(module.__all__):
            if not name.startswith("_"):
                yield name, getattr(module, name, None)


def each(calls):
    return pytest.mark.parametrize(
        "call",
        [
            pytest.param(
                call,
                marks=pytest.mark.skipif(
                    bool(call.needs) and importlib.util.find_spec(call.needs) is None,
                    reason=f"needs {call.needs}",
                ),
            )
            for call in calls
        ],
        ids=str,
    )


def test_every_public_name_is_classified():
    called = [*ON_TAPE, *WITHOUT, *constant.INTEGERS, *refusing.CALLS]
    known = {id(call.function) for call in called}
    known |= {id(type(call.function)) for call in called}  # np.vectorize(f)(v)
    unknown = [name for name, value in public() if name not in NO_ARRAY and id(value) not in known]
    assert unknown == [], "say in tests/core/numpy_calls what these do with a Variable"


def test_every_adapter_is_called():
    called = {id(call.function) for call in [*ON_TAPE, *WITHOUT, *refusing.CALLS]}
    for table in (dispatch.FUNCTIONS, dispatch.UFUNCS, dispatch.NOT_DIFFERENTIABLE):
        ufuncs_of_integers = {id(call.function) for call in constant.INTEGERS}
        forgotten = [name_of(f) for f in table if id(f) not in called | ufuncs_of_integers]
        assert forgotten == []


# On the tape -------------------------------------------------------------------------------------


def parts_of(result):
    """Give one result or several as a list; lists and tuples may be nested."""
    if isinstance(result, tuple | list):
        return [part for item in result for part in parts_of(item)]
    return [result]


def lifted(call, places):
    """Give what stands in the call's places, as Variables at `places`."""
    return [
        Variable(to_backend(np.array(place.value))) if i in places else to_backend(place.value)
        for i, place in enumerate(call.places)
    ]


def assert_value(result, expected):
    """Compare values, data types, and how several results are held; floating ones must be Variables."""
    if isinstance(expected, tuple | list):
        kind = list if isinstance(expected, list) else tuple
        assert isinstance(result, kind)
        assert getattr(result, "_fields", None) == getattr(expected, "_fields", None)
    for part, truth in zip(parts_of(result), parts_of(expected), strict=True):
        truth = np.asarray(truth)
        if is_floating(truth):
            assert isinstance(part, Variable)
            assert part.dtype == to_backend(truth).dtype
            assert_close(part, truth, 1e-9)
        else:
            np.testing.assert_array_equal(to_numpy(part), truth)


def check_gradient(call, values, result, places):
    """Hold the gradients for the values at `places` against finite differences through NumPy itself."""
    expected = [np.asarray(part) for part in parts_of(call())]
    rng = np.random.default_rng(0)
    above = [direction(rng, part) if is_floating(part) else None for part in expected]
    recorded = [
        (part, to_backend(a))
        for part, a in zip(parts_of(result), above, strict=True)
        if a is not None and part.requires_grad
    ]
    inputs = [values[i] for i in places]
    grads = sa.grad(
        [part for part, _ in recorded], inputs, [a for _, a in recorded], allow_unused=True
    )
    raw = [place.value for place in call.places]
    ties = [i for i, place in enumerate(call.places) if place.tied]
    steps = [_step(rng, call.places[i], np.asarray(raw[i])) for i in places]

    def value(t):
        moved = list(raw)
        for i in ties:
            moved[i] = raw[i] * (1 + t)
        for i, step in zip(places, steps, strict=True):
            if i not in ties:
                moved[i] = (raw[i] + t * step)[()]
        return sum(
            inner(a, np.asarray(part))
            for a, part in zip(above, parts_of(call(moved)), strict=True)
            if a is not None
        )

    actual = sum(
        inner(to_numpy(grad), step)
        for grad, step in zip(grads, steps, strict=True)
        if grad is not None
    )
    # Steps so short that finite differences do not meet the kinks of sorting and clipping.
    check(actual, slope(lambda t: value(float(t)), [np.zeros(())], 0, np.array(0.01)) * 100, 1e-6)


def _step(rng, place, value):
    """Draw the direction in which a place is moved."""
    if place.tied:
        return value
    step = direction(rng, value)
    return step + step.conj().T if place.kind == SYMMETRIC else step


@each(ON_TAPE)
def test_value_and_gradient(call):
    """With Variables in all places that have a gradient."""
    places = [i for i, place in enumerate(call.places) if place.kind in (GRADIENT, SYMMETRIC)]
    if get_backend().name != "numpy" and call.numpy_only:
        pytest.skip(call.numpy_only)
    values = lifted(call, places)
    try:
        result = call(values)
    except BackendMismatchError:
        assert get_backend().name != "numpy"
        pytest.skip("it mixes NumPy's arrays with the backend's, which is refused")
    if not places:
        return
    assert_value(result, call())
    assert any(getattr(part, "requires_grad", False) for part in parts_of(result))
    check_gradient(call, values, result, places)


@only_numpy
@each(ON_TAPE)
def test_each_place_alone(call):
    expected = call()
    for i, place in enumerate(call.places):
        values = lifted(call, [i])
        if place.kind == REFUSED:
            # Where NumPy does not ask the Variable, it may find a wrong value before a wrong type.
            with pytest.raises((TypeError, ValueError)):
                call(values)
            continue
        result = call(values)
        recorded = any(getattr(part, "requires_grad", False) for part in parts_of(result))
        if place.kind == CONSTANT:
            assert not recorded
            continue
        assert recorded, f"place {i}: the gradient is lost"
        assert_value(result, expected)
        if not place.tied:
            check_gradient(call, values, result, [i])


@only_numpy
@each([call for call in ON_TAPE if any(place.kind == REFUSED for place in call.places)])
def test_refused_beside_others(call):
    """Where another Variable has brought the call to us, a refused place raises, or has its gradient after all."""
    places = [i for i, place in enumerate(call.places) if place.kind != CONSTANT]
    values = lifted(call, places)
    try:
        result = call(values)
    except (TypeError, ValueError):
        return
    check_gradient(call, values, result, places)


@only_numpy
@each(ON_TAPE)
def test_single_precision(call):
    """The data type is NumPy's, and the gradient is there."""
    narrow = [
        np.asarray(place.value).astype("complex64" if np.iscomplexobj(place.value) else "float32")
        if isinstance(place.value, np.ndarray)
        else place.value
        for place in call.places
    ]
    expected = call(narrow)
    values = [
        Variable(value)
        if isinstance(value, np.ndarray) and place.kind in (GRADIENT, SYMMETRIC)
        else value
        for value, place in zip(narrow, call.places, strict=True)
    ]
    if not any(isinstance(value, Variable) for value in values):
        return
    result = call(values)
    for part, truth in zip(parts_of(result), parts_of(expected), strict=True):
        if is_floating(np.asarray(truth)):
            assert isinstance(part, Variable)
            assert part.dtype == np.asarray(truth).dtype
    assert any(getattr(part, "requires_grad", False) for part in parts_of(result))


# Without a gradient ------------------------------------------------------------------------------


@only_numpy
@each(WITHOUT)
def test_without_a_gradient_by_nature(call):
    result = call(lifted(call, range(len(call.places))))
    for part, truth in zip(parts_of(result), parts_of(call()), strict=True):
        assert not getattr(part, "requires_grad", False)
        np.testing.assert_array_equal(np.asarray(part), np.asarray(truth), strict=True)


@only_numpy
@each(constant.INTEGERS)
def test_integers_only(call):
    """NumPy has no loop for floats, so no Variable that requires grad gets that far."""
    args = [Variable(a) if isinstance(a, np.ndarray) else a for a in call.args if a is not None]
    result = call.function(*args, **call.options)
    for part, truth in zip(parts_of(result), parts_of(call()), strict=True):
        np.testing.assert_array_equal(to_numpy(part), truth, strict=True)
    with pytest.raises((TypeError, ValueError)):
        call.function(Variable(np.ones(3)), *args[1:], **call.options)


@only_numpy
@each(refusing.CALLS)
def test_what_would_lose_the_gradient_raises(call):
    for i in range(len(call.places)):
        with pytest.raises(TypeError):
            call(lifted(call, [i]))


# Keywords ----------------------------------------------------------------------------------------


def parameters_of(function):
    """Give the names of a function's parameters, those of ufuncs too; none where it does not say."""
    if isinstance(function, np.ufunc):
        return {"out", "where", "dtype", "casting"}
    try:
        return set(inspect.signature(function).parameters)
    except ValueError:
        return set()


def with_parameter(name):
    """Give one call of each function on the tape that has a parameter of this name, which the call leaves out."""
    found = {
        call.function: call
        for call in ON_TAPE
        if name in parameters_of(call.function)
        and name not in call.options
        and any(place.kind == GRADIENT for place in call.places)
    }
    return each(list(found.values()))


def with_option(call, **options):
    places = [i for i, place in enumerate(call.places) if place.kind in (GRADIENT, SYMMETRIC)]
    changed = replace(call, options={**call.options, **options})
    return changed(lifted(changed, places)), changed


@only_numpy
@with_parameter("out")
def test_out_is_refused(call):
    first = np.asarray(parts_of(call())[0])
    targets = [np.zeros_like(first), Variable(np.zeros_like(first), requires_grad=False)]
    for target in targets:
        several = isinstance(call.function, np.ufunc) and call.function.nout > 1
        with pytest.raises(TypeError):
            with_option(call, out=(target,) * call.function.nout if several else target)
        np.testing.assert_array_equal(np.asarray(target), 0)


@only_numpy
@with_parameter("dtype")
def test_dtype_is_kept_on_the_tape_or_refused(call):
    dtype = "complex64" if any(map(np.iscomplexobj, parts_of(call()))) else "float32"
    try:
        result, changed = with_option(call, dtype=np.dtype(dtype))
        expected = changed()
    except TypeError:
        return
    for part, truth in zip(parts_of(result), parts_of(expected), strict=True):
        assert isinstance(part, Variable)
        assert part.requires_grad
        assert part.dtype == np.asarray(truth).dtype
        assert_close(part, np.asarray(truth), 1e-5)


@only_numpy
@with_parameter("casting")
def test_casting_is_numpys_or_refused(call):
    for casting in ("no", "safe", "unsafe"):
        try:
            expected = replace(call, options={**call.options, "casting": casting})()
        except TypeError:
            with pytest.raises(TypeError):
                with_option(call, casting=casting)
            continue
        try:
            result, _ = with_option(call, casting=casting)
        except TypeError:
            continue
        assert_value(result, expected)
        assert parts_of(result)[0].requires_grad


DEPRECATED = {"reshape": ["newshape"], "corrcoef": ["bias", "ddof"]}
"""What older NumPys have and newer ones do not."""


@only_numpy
@pytest.mark.parametrize("function", dispatch.FUNCTIONS, ids=name_of)
def test_adapters_have_numpys_parameters(function):
    """In the same order, with the same defaults; a newer NumPy's are there too."""
    try:
        theirs = inspect.signature(function).parameters
    except ValueError:
        return
    ours = inspect.signature(dispatch.FUNCTIONS[function]).parameters
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if any(parameter.kind in variadic for parameter in ours.values()):
        return
    old = DEPRECATED.get(name_of(function), ())
    theirs = {n: p for n, p in theirs.items() if p.kind not in variadic and n not in old}
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    places = [name for name, parameter in theirs.items() if parameter.kind in positional]
    assert [name for name, p in ours.items() if p.kind in positional][: len(places)] == places
    for name, parameter in theirs.items():
        assert name in ours
        if isinstance(parameter.default, int | float | str | None):
            assert ours[name].default in (parameter.default, inspect.Parameter.empty), name


# Methods of ufuncs -------------------------------------------------------------------------------

BINARY = [
    ufunc for name, ufunc in sorted(elementwise.UFUNCS.items()) if name in elementwise.OF_FLOATS
]
BINARY = [
    ufunc for ufunc in BINARY if (ufunc.nin, ufunc.nout) == (2, 1) and ufunc.signature is None
]
ON_TAPE_TOO = {
    "reduce": {"add", "multiply", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2"},
    "accumulate": {"add", "multiply", "maximum", "minimum", "logaddexp", "logaddexp2"},
}
ON_TAPE_TOO["reduceat"] = ON_TAPE_TOO["reduce"]
METHODS = {
    "reduce": lambda ufunc, a: ufunc.reduce(a, axis=1),
    "accumulate": lambda ufunc, a: ufunc.accumulate(a, axis=1),
    "reduceat": lambda ufunc, a: ufunc.reduceat(a, [0, 2, 1], axis=1),
    "outer": lambda ufunc, a: ufunc.outer(a, np.array([0.55, 1.35])),
}


@only_numpy
@pytest.mark.parametrize("ufunc", BINARY, ids=lambda ufunc: ufunc.__name__)
def test_methods_of_ufuncs(ufunc):
    data = np.array([[0.31, 0.72, 0.43], [0.84, 0.25, 0.66]])
    for name, method in METHODS.items():
        try:
            expected = method(ufunc, data)
        except (TypeError, ValueError):
            expected = None  # ldexp: an exponent is no float
        if expected is None or (
            name in ON_TAPE_TOO
            and ufunc.__name__ not in ON_TAPE_TOO[name] | elementwise.NO_GRADIENT
        ):
            with pytest.raises((TypeError, ValueError)):
                method(ufunc, Variable(data))
            continue
        v = Variable(data)
        result = method(ufunc, v)
        np.testing.assert_allclose(np.asarray(to_numpy(result)), expected, rtol=1e-12)
        if ufunc.__name__ in elementwise.NO_GRADIENT:
            assert not getattr(result, "requires_grad", False)
            continue
        rng = np.random.default_rng(0)
        above, step = direction(rng, expected), direction(rng, data)
        (grad,) = sa.grad(result, [v], above)
        truth = slope(lambda a, u=ufunc, m=method, w=above: inner(w, m(u, a)), [data], 0, step)
        check(inner(grad, step), truth, 1e-7)


@only_numpy
@pytest.mark.parametrize("ufunc", BINARY, ids=lambda ufunc: ufunc.__name__)
def test_what_writes_into_a_variable_is_refused(ufunc):
    v, array = Variable(np.array([0.3, 0.7])), np.zeros(2)
    calls = [
        lambda: ufunc.at(v, [0], 0.5),
        lambda: ufunc.at(array, [0], v[0]),
        lambda: ufunc(0.3, 0.5, out=v),
    ]
    if ufunc.__name__ not in elementwise.NO_GRADIENT:
        # What is left out has no value; a comparison, though, may leave it open.
        calls.append(lambda: ufunc(v, 0.5, where=np.array([True, False])))
    for call in calls:
        with pytest.raises(TypeError):
            call()
    np.testing.assert_array_equal(v.data, [0.3, 0.7])
    np.testing.assert_array_equal(array, 0)
