"""The double has nothing that CuPy lacks, and takes what CuPy takes; and it is as late as a GPU."""

from __future__ import annotations

import importlib
import inspect
import itertools
import operator
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace, WrapperDescriptorType
from typing import Any

import numpy as np
import pytest

from tests.backend_cupy import double
from tests.backend_cupy.double import streams
from tests.backend_cupy.double.arrays import ndarray, ufunc
from tests.backend_cupy.host import cupy_double as kernels_double


@pytest.fixture(scope="module")
def cupy() -> Any:
    """Give the real CuPy, which can be imported without a GPU."""
    module = pytest.importorskip(
        "cupy", reason="CuPy is not installed, so there is nothing to compare with"
    )
    if module is double.modules()["cupy"]:
        pytest.skip("this run has the double in the place of CuPy")
    if module.__version__ != double.VERSION:
        pytest.skip(f"this is CuPy {module.__version__}, the double stands for {double.VERSION}")
    return module


# Against the real CuPy ----------------------------------------------------------------------------

# What Cython's classes have without a signature: operators and the like, whose arguments Python itself fixes.
PROTOCOL = re.compile(r"__(?!init|dlpack|array_|reduce)\w+__$")


def entries() -> Iterator[str]:
    for name, module in double.modules().items():
        for entry, value in vars(module).items():
            if entry.startswith("__") or inspect.ismodule(value):
                continue
            yield f"{name}.{entry}"
            if is_doubles_class(value):
                yield from (f"{name}.{entry}.{member}" for member in members(value))


def is_doubles_class(value: Any) -> bool:
    return isinstance(value, type) and value.__module__.startswith(double.__name__)


def members(cls: type) -> Iterator[str]:
    """Name what a class of the double offers, with what it inherits from others of the double."""
    parents = [parent for parent in cls.__mro__ if is_doubles_class(parent)]
    for name in dict.fromkeys(name for parent in parents for name in vars(parent)):
        value = getattr(cls, name)
        special = name.startswith("__") and (callable(value) or value is None)
        if name not in ("__slots__", "__weakref__", "__init__", "__doc__") and (
            special or not name.startswith("_")
        ):
            yield name


def in_double(path: str) -> Any:
    module, _, rest = path.rpartition(".")
    while module not in double.modules():
        module, _, name = module.rpartition(".")
        rest = f"{name}.{rest}"
    value: Any = double.modules()[module]
    for part in rest.split("."):
        value = getattr(value, part)
    return value


def real(path: str) -> Any:
    """Give what the real CuPy, or another library that is doubled, has at a place."""
    root, *parts = path.split(".")
    value = pytest.importorskip(root, reason=f"{root} is not installed")
    if path.startswith("cupy.cuda.cublas"):
        try:
            importlib.import_module("cupy_backends.cuda.libs.cublas")
        except ImportError:
            pytest.skip(
                "CUDA's libraries are not installed, without which CuPy's cublas cannot be imported"
            )
    for place, part in enumerate(parts):
        if not hasattr(value, part) and inspect.ismodule(value):
            importlib.import_module(".".join([root, *parts[: place + 1]]))
        value = getattr(value, part)
    return value


def signature(value: Callable[..., Any]) -> inspect.Signature | None:
    """Give the parameters without annotations; Cython writes them into the docstring's first line."""
    try:
        if isinstance(value, WrapperDescriptorType):
            raise TypeError  # such as `__call__`, of which Python says only (*args, **kwargs)
        given = inspect.signature(value)
    except (TypeError, ValueError):
        first = (value.__doc__ or "").strip().partition("\n")[0]
        match = re.match(r"[\w.]+\((.*)\)", first)
        if not match:
            return None
        # "int axis=-1", "tuple max_version=None", "bool blocking=True": C's types before the names.
        text = re.sub(r"\b(?:\w+ )+(?=\w+\s*(?:[=,]|$))", "", match[1])
        given = inspect.signature(eval(f"lambda {text}: None", {"float": float}))
    parameters = [p.replace(annotation=p.empty) for p in given.parameters.values()]
    return inspect.Signature([p for p in parameters if p.name not in ("self", "cls")])


def shape_of(given: inspect.Signature) -> list[tuple[Any, ...]]:
    return [(p.name, p.kind, p.default) for p in given.parameters.values()]


@pytest.mark.parametrize("path", [*entries()])
def test_cupy_has_it_with_the_same_signature(path: str, cupy: Any) -> None:
    ours, theirs = in_double(path), real(path)
    assert (ours is None) == (theirs is None)  # as is the hash of what cannot be hashed
    if isinstance(ours, ufunc):
        assert (ours.nin, ours.nout) == (theirs.nin, theirs.nout)
        return
    if not callable(ours) or PROTOCOL.match(path.rpartition(".")[2]):
        return
    wanted = signature(theirs)
    if isinstance(ours, type):
        if ours.__module__.startswith("numpy"):
            return
        wanted = signature(theirs.__init__) if wanted is None else wanted
    if path in ("cupy.ndarray", "cupy.ufunc") or wanted is None:
        # ndarray's parameters are compared below; those of a ufunc are for its makers.
        return
    assert shape_of(signature(ours)) == shape_of(wanted)  # type: ignore[arg-type]


COMPARED = 0.9


def test_most_signatures_could_be_compared(cupy: Any) -> None:
    functions = [
        path
        for path in entries()
        if path.startswith("cupy")
        and callable(in_double(path))
        and not isinstance(in_double(path), ufunc | type)
        and not PROTOCOL.match(path.rpartition(".")[2])
        and not path.startswith("cupy.cuda.cublas")
    ]
    known = [path for path in functions if signature(real(path)) is not None]
    assert len(known) / len(functions) > COMPARED, sorted({*functions} - {*known})


def test_ndarrays_parameters_are_those_of_cupys_docstring(cupy: Any) -> None:
    (line,) = re.findall(r"__init__\((.*)\)", cupy.ndarray.__doc__)
    documented = inspect.signature(eval(f"lambda {line}: None", {"float": float}))
    ours = list(signature(ndarray.__init__).parameters)  # type: ignore[union-attr]
    assert ours == list(documented.parameters)


# Instances by their classes; what an `__init__` in Python sets, as Stream's, a class does not show.
INSTANCES = {
    "cuda.Device": "cuda.Device(0)",
    "cuda.Event": "cuda.Event()",
    "cuda.Memory": "cuda.Memory(8)",
    "cuda.MemoryPointer": "empty(2).data",
    "cuda.MemoryPool": "cuda.MemoryPool()",
    "ufunc": "exp",
}


@pytest.mark.parametrize("path", INSTANCES)
def test_instances_have_only_cupys_attributes(path: str, cupy: Any) -> None:
    instance = eval(f"cupy.{INSTANCES[path]}", {"cupy": double.modules()["cupy"]})
    ours = {name for name in vars(instance) if not name.startswith("_")}
    assert ours <= {*dir(real(f"cupy.{path}"))}


# What CuPy computes and NumPy does not, or the other way round.
APART = {
    *("atan2", "copysign", "hypot", "nextafter"),  # CuPy makes real of complex numbers
    *("logical_and", "logical_not", "logical_or", "logical_xor"),  # not of complex numbers
    *("negative", "positive", "sign", "subtract"),  # of booleans
}


@pytest.mark.parametrize(
    "name", [k for k, v in double.modules()["cupy"].__dict__.items() if isinstance(v, ufunc)]
)
def test_ufuncs_give_the_data_types_that_cupys_give(name: str, cupy: Any) -> None:
    theirs, numpys = getattr(cupy, name), getattr(np, name)
    loops = [loop.split("->") for loop in theirs.types if "E" not in loop]  # bfloat16, not NumPy's
    for codes in itertools.product("?bBhHiIlLefdFD", repeat=theirs.nin):
        fitting = [
            out
            for into, out in loops
            if all(np.can_cast(code, to) for code, to in zip(codes, into, strict=True))
        ]
        given = [np.dtype(code) for code in codes]
        try:
            expected = numpys.resolve_dtypes((*given, None))[-1]
        except TypeError:
            assert name in APART or not fitting, codes
            continue
        assert (fitting and np.dtype(fitting[0]) == expected) or name in APART, codes


# The double for kernels ---------------------------------------------------------------------------


def offered(holder: Any, start: str = "") -> Iterator[str]:
    for name, value in vars(holder).items():
        if name.startswith("_") and name != "__call__":
            continue
        if isinstance(value, SimpleNamespace):
            yield from offered(value, f"{start}{name}.")
        elif not isinstance(holder, type) or not isinstance(value, type):
            yield f"{start}{name}"
            if isinstance(value, type) and value.__module__ == kernels_double.__name__:
                yield from offered(value, f"{start}{name}.")


@pytest.mark.parametrize("path", sorted({*offered(kernels_double.module())} - {"matmul"}))
def test_the_kernels_double_takes_nothing_that_cupy_refuses(path: str, cupy: Any) -> None:
    """Its functions have those of CuPy's parameters that are used; `matmul` is the backend's own."""
    ours, theirs = operator.attrgetter(path)(kernels_double.module()), real(f"cupy.{path}")
    if not callable(ours) or (isinstance(ours, type) and issubclass(ours, np.ndarray | np.generic)):
        return
    taken = signature(theirs)
    assert taken is not None
    for place, parameter in enumerate(signature(ours).parameters.values()):  # type: ignore[union-attr]
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        same = taken.parameters[parameter.name]
        assert parameter.default in (parameter.empty, same.default)
        if parameter.kind == parameter.KEYWORD_ONLY:
            assert same.kind in (same.KEYWORD_ONLY, same.POSITIONAL_OR_KEYWORD)
        else:
            assert [*taken.parameters].index(parameter.name) == place


# Lateness -----------------------------------------------------------------------------------------


@pytest.fixture
def late(cupy_double: Any) -> Any:
    return cupy_double


def pinned(values: list[float]) -> np.ndarray:
    memory = double.modules()["cupyx"].empty_pinned(len(values), np.float32)
    memory[:] = values
    return memory


def test_pinned_memory_is_read_when_the_stream_is_waited_for(late: Any) -> None:
    stream, target, source = (
        late.cuda.Stream(non_blocking=True),
        late.zeros(2, "float32"),
        pinned([1, 2]),
    )
    target.set(source, stream=stream)
    source[:] = 7
    stream.synchronize()
    assert target.tolist() == [7, 7]


def test_other_memory_is_read_at_once(late: Any) -> None:
    source = np.ones(2, np.float32)
    target = late.asarray(source)
    source[:] = 7
    assert target.tolist() == [1, 1]


def test_what_is_not_waited_for_is_not_there(late: Any) -> None:
    stream, target = late.cuda.Stream(non_blocking=True), late.empty(2, "float32")
    source = pinned([1, 2])
    target.set(source, stream=stream)
    assert np.isnan(target.get()).all()
    event = stream.record()
    assert not event.done
    late.cuda.get_current_stream().wait_event(event)
    assert target.tolist() == [1, 2]
    assert event.done


def test_the_default_stream_waits_for_streams_that_block(late: Any) -> None:
    stream, target, source = late.cuda.Stream(), late.empty(2, "float32"), pinned([1, 2])
    target.set(source, stream=stream)
    assert target.tolist() == [1, 2]


def test_an_event_is_for_the_work_before_it(late: Any) -> None:
    stream, target = late.cuda.Stream(non_blocking=True), late.empty(1, "float32")
    event, (first, second) = late.cuda.Event(), (pinned([1]), pinned([2]))
    target.set(first, stream=stream)
    event.record(stream)
    target.set(second, stream=stream)
    event.synchronize()
    assert target.tolist() == [1]
    stream.synchronize()
    assert target.tolist() == [2]


def test_pinned_memory_that_is_given_back_too_early_is_noticed(late: Any) -> None:
    stream, target = late.cuda.Stream(non_blocking=True), late.empty(1, "float32")
    target.set(pinned([1]), stream=stream)
    with pytest.raises(AssertionError, match="given back before its copy was done"):
        stream.synchronize()


# Strictness ---------------------------------------------------------------------------------------


def test_nothing_becomes_numpys_by_itself(late: Any) -> None:
    array = late.ones(2)
    for convert in (np.asarray, lambda a: np.add(a, np.ones(2)), lambda a: a + np.ones(2)):
        with pytest.raises(TypeError):
            convert(array)
    assert type(np.sin(array)) is late.ndarray
    assert type(np.stack([array, array])) is late.ndarray


def test_reductions_give_arrays(late: Any) -> None:
    assert type(late.ones(2).sum()) is type(late.sum(late.ones(2))) is late.ndarray
    assert type(late.ones(2)[0]) is late.ndarray


def test_positions_go_around_at_the_ends(late: Any) -> None:
    array = late.arange(3)
    assert array[late.asarray([1, 3, -1])].tolist() == [1, 0, 2]
    assert late.take(array, late.asarray([4])).tolist() == [1]
    with pytest.raises(IndexError):
        array[3]


def test_arrays_of_another_device_are_refused(late: Any) -> None:
    array = late.ones(2)
    with (
        late.cuda.Device(1),
        pytest.raises(ValueError, match=r"resides \(0\) .* current device \(1\)"),
    ):
        array + array
    with late.cuda.Device(1):
        assert late.asarray(array).device.id == 1
    assert streams.getDevice() == 0


def test_a_factorisation_that_fails_is_not_passed_over(late: Any) -> None:
    cupyx, singular = double.modules()["cupyx"], late.zeros((2, 2))
    with pytest.raises(AssertionError, match="arbitrary numbers"):
        late.linalg.inv(singular)
    with cupyx.errstate(linalg="raise"), pytest.raises(np.linalg.LinAlgError):
        late.linalg.inv(singular)
