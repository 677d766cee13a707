"""``CupyBackend.xp`` is the whole of the standard: which names come from where, and what they take."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from simple_autograd.backends import Backend
from tests.backend_cupy import double
from tests.backend_cupy.double.arrays import ufunc
from tests.core.raising import raises

strict = pytest.importorskip("array_api_strict", reason="array-api-strict has the standard's list")

# Of array-api-strict alone.
NOT_OF_THE_STANDARD = {
    "ArrayAPIStrictFlags",
    "Device",
    "__version__",
    "get_array_api_strict_flags",
    "reset_array_api_strict_flags",
    "set_array_api_strict_flags",
}
OURS = {
    "": "arange argsort asarray astype broadcast_arrays broadcast_to clip concat count_nonzero empty empty_like "
    "eye finfo floor_divide from_dlpack full full_like iinfo isin linspace matmul meshgrid ones ones_like "
    "remainder reshape sort stack std take_along_axis tensordot unstack var vecdot zeros zeros_like",
    "linalg": "cholesky cross diagonal eig eigh eigvals eigvalsh inv matmul matrix_norm matrix_power matrix_rank outer "
    "pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm",
    "fft": "fftfreq rfftfreq",
}
"""What CuPy lacks, or has with other arguments, by module; all other names are CuPy's own."""


@pytest.fixture
def xp(cupy_double: ModuleType) -> ModuleType:
    from simple_autograd_cupy import namespace

    return namespace


def part(module: Any, name: str) -> Any:
    return getattr(module, name) if name else module


@pytest.mark.parametrize("module", OURS)
def test_every_name_of_the_standard_is_there(xp: ModuleType, module: str) -> None:
    standard = {*part(strict, module).__all__} - NOT_OF_THE_STANDARD
    assert standard - {*dir(part(xp, module))} == set()


@pytest.mark.parametrize("module", OURS)
def test_which_names_are_ours(xp: ModuleType, module: str) -> None:
    ours = {
        name
        for name, value in vars(part(xp, module)).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "").startswith("simple_autograd_cupy")
        and not name.endswith("Result")
    }
    assert ours == {*OURS[module].split()}
    theirs = double.modules()[f"cupy.{module}".rstrip(".")]
    for name in {*part(strict, module).__all__} - NOT_OF_THE_STANDARD - ours:
        value = getattr(part(xp, module), name)
        known = (*vars(theirs).values(), *vars(double.modules()["cupy"]).values())
        assert inspect.ismodule(value) or name.startswith("__") or any(value is k for k in known), (
            name
        )


SPELLED = {"bool": "bool_"}


@pytest.mark.parametrize("module", OURS)
def test_functions_take_what_the_standard_says(xp: ModuleType, module: str) -> None:
    """Each keyword of the standard is one of the function's; what the standard takes by position, fits by position."""
    faults = []
    for name in {*part(strict, module).__all__} - NOT_OF_THE_STANDARD:
        standard, value = getattr(part(strict, module), name), getattr(part(xp, module), name)
        if not inspect.isfunction(standard) or isinstance(value, ufunc) or name.startswith("__"):
            continue
        try:
            given = inspect.signature(value)
        except ValueError:
            continue
        positional, named = [], {}
        for p in inspect.signature(standard).parameters.values():
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                positional.append(object())
            elif p.kind == p.KEYWORD_ONLY:
                named[p.name] = object()
        try:
            given.bind(*positional, **named)
        except TypeError as error:
            faults.append(f"{name}: {error}")
    assert faults == []


def test_creation_names_a_device(cupy_double: Any, xp: ModuleType) -> None:
    second = cupy_double.cuda.Device(1)
    made = [
        xp.zeros(2, device=second),
        xp.arange(3, device=1),
        xp.asarray([1.0], device=second),
        xp.linspace(0, 1, 3, device=second),
        xp.astype(xp.ones(2), xp.float32, device=second),
        xp.fft.fftfreq(3, device=second),
    ]
    assert {array.device.id for array in made} == {1}


def test_what_is_ours_gives_numpys_values(on_double: Backend) -> None:
    xp, rng = on_double.xp, np.random.default_rng(0)
    matrix, tall = rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 4, 3))
    spd = matrix @ np.swapaxes(matrix, -1, -2) + np.eye(3)

    def check(name: str, *args: Any, numpys: Any = None, **options: Any) -> None:
        function: Any = xp
        for word in name.split("."):
            function = getattr(function, word)
        given = [on_double.asarray(a) if isinstance(a, np.ndarray) else a for a in args]
        out = function(*given, **options)
        truth = numpys(*args) if numpys else None
        if truth is None:
            reference: Any = np
            for word in name.split("."):
                reference = getattr(reference, word)
            truth = reference(*args, **options)
        for ours, theirs in zip(
            *[x if isinstance(x, tuple) else (x,) for x in (out, truth)], strict=True
        ):
            np.testing.assert_allclose(ours.get(), theirs, rtol=1e-12, atol=1e-12)

    check("clip", tall, -0.5, 0.5)
    check("clip", tall, None, tall[0])
    check("var", tall, axis=(0, 1), correction=1, keepdims=True)
    check("std", tall, axis=-1, correction=0)
    check("count_nonzero", np.eye(3), axis=0, keepdims=True)
    check("vecdot", tall + 1j, tall, axis=1, numpys=lambda a, b: (a.conj() * b).sum(1))
    for axes in (1, ((2,), (0,)), ([0, -1], [1, 0]), (2, 0)):
        check("tensordot", tall, tall.transpose(2, 0, 1), axes=axes)
    check("tensordot", tall, tall[0], axes=0)
    check("tensordot", tall[:0], tall, axes=((1,), (1,)))
    check("sort", tall, axis=1, descending=True, numpys=lambda x: -np.sort(-x, axis=1))
    check("unstack", tall, axis=1, numpys=lambda x: tuple(np.moveaxis(x, 1, 0)))
    check("isin", 3, np.arange(5), invert=True)
    check("linspace", 1j, 2 + 3j, 4, endpoint=False)
    check("linspace", 1, 2, 4)
    check("eye", 2, 3, k=1, numpys=lambda n, m: np.eye(n, m, 1))
    check("linalg.solve", matrix, tall[:, :3, :2])
    check("linalg.solve", matrix, tall[0, :3, :2])
    check("linalg.solve", matrix, tall[0, 0])
    check("linalg.cholesky", spd, upper=True)
    check("linalg.pinv", tall)
    check("linalg.pinv", tall, rtol=0.5)
    check("linalg.matrix_rank", spd - np.eye(3))
    check("linalg.matrix_rank", tall, rtol=0.6)
    check("linalg.matrix_norm", tall, ord="nuc", keepdims=True)
    check("linalg.vector_norm", tall, axis=(0, 2), keepdims=True)
    check("linalg.vector_norm", tall, ord=1)
    check("linalg.vector_norm", tall, axis=-1, ord=np.inf)
    check("linalg.svdvals", tall)
    check("linalg.trace", tall, offset=1)
    check("linalg.diagonal", tall, offset=-1)
    check("linalg.cross", matrix, matrix[0])
    check("linalg.eigvals", np.ones((0, 0)), numpys=lambda x: np.linalg.eigvals(x).astype(complex))
    check("linalg.outer", tall[0, 0], tall[0, 1])
    numbers = np.array([-np.inf, -7.5, -1.0, -0.0, 0.0, 0.1, 1.0, 3.0, 1e300, np.inf, np.nan])
    for name in ("floor_divide", "remainder"):
        with np.errstate(all="ignore"):
            check(name, numbers[:, None], numbers)
        check(name, 1.0, np.array([0.1, -0.1]))
        check(name, np.arange(-3, 4), np.array(2))
    ties = np.array([1, 0, 1, 0])
    check("argsort", ties, descending=True, numpys=lambda x: np.array([0, 2, 1, 3]))


def test_lengths_that_do_not_match_raise(on_double: Backend) -> None:
    x = on_double.xp.ones((2, 3))
    with raises(ValueError, "tensordot", "[1] of x1", "[3]", "[0] of x2 [2]"):
        on_double.xp.tensordot(x, x, axes=1)


def test_negative_lengths_raise(on_double: Backend) -> None:
    with raises(ValueError, "broadcast_to", "(-1, 3)", "0 or more"):
        on_double.xp.broadcast_to(on_double.xp.ones(3), (-1, 3))


def test_failures_of_factorisations_raise(on_double: Backend) -> None:
    linalg, singular = on_double.xp.linalg, on_double.asarray(np.zeros((2, 2)))
    for function in (
        linalg.inv,
        linalg.cholesky,
        lambda x: linalg.solve(x, x),
        lambda x: linalg.matrix_power(x, -1),
    ):
        with pytest.raises(np.linalg.LinAlgError):
            function(singular)


def test_the_namespace_tells_of_itself(cupy_double: Any, xp: ModuleType) -> None:
    info = xp.__array_namespace_info__()
    assert info.capabilities()["boolean indexing"]
    assert [device.id for device in info.devices()] == [0, 1]
    assert info.default_device().id == 0
    assert info.default_dtypes()["real floating"] == np.float64
    assert "float32" in info.dtypes(kind="real floating")
    assert xp.finfo(xp.ones(1)).bits == xp.finfo(xp.float64).bits == 64
    assert xp.iinfo(xp.int8).max == 127
