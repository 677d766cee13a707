"""``linalg``, ``fft`` and ``special`` on PyTorch's own samples for its functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed, so there are no samples")
pytest.importorskip("expecttest", reason="PyTorch's tables of samples need expecttest")
pytest.importorskip("scipy", reason="simple_autograd.special needs SciPy")

import simple_autograd as sa
from simple_autograd import Variable, fft, linalg, special
from tests.pytorch_samples.samples import Different, check, table, with_types

# Respelled ------------------------------------------------------------------------------------------------------------

SPELLINGS = {"dim": "axis", "keepdim": "keepdims"}
"""Arguments of PyTorch's and what the standard calls them."""


def respelled(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function with the standard's spelling of PyTorch's options."""
    return function(*args, **{SPELLINGS.get(name, name): item for name, item in options.items()})


def along_axes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function along several axes: the standard's ``axes``, which is always a sequence."""

    def call(x: Variable, *, dim: Any = None, **options: Any) -> Any:
        axes = (dim,) if isinstance(dim, int) else dim
        return function(x, **options) if axes is None else function(x, axes=axes, **options)

    return call


def diagonal(x: Variable, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Variable:
    return linalg.diagonal(sa.moveaxis(x, (dim1, dim2), (-2, -1)), offset=offset)


def lstsq(x1: Variable, x2: Variable, *, driver: str) -> Any:
    """Leave out what PyTorch's drivers do not give."""
    found = linalg.lstsq(x1, x2)
    tall = x1.shape[-2] > x1.shape[-1]
    given = (True, tall and driver != "gelsy", driver != "gels", driver in ("gelsd", "gelss"))
    return [
        part if there else sa.reshape(part, (-1,))[:0]
        for part, there in zip(found, given, strict=True)
    ]


def matrix_norm(
    x: Variable, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False
) -> Variable:
    found = linalg.matrix_norm(sa.moveaxis(x, tuple(dim), (-2, -1)), ord=ord, keepdims=keepdim)
    return sa.moveaxis(found, (-2, -1), tuple(dim)) if keepdim else found


def matrix_rank(
    x: Variable, *, atol: Any = None, rtol: Any = None, hermitian: bool = False
) -> Variable:
    return linalg.matrix_rank(x, rtol=_relative(x, atol, rtol))


def _relative(x: Variable, atol: Any, rtol: Any) -> Any:
    """Give the relative tolerance that amounts to an absolute one and a relative one."""
    if atol is None:
        return rtol
    largest = linalg.matrix_norm(x.detach(), ord=2) if x.shape[-1] else sa.ones(x.shape[:-2])
    from_absolute = atol / largest
    return from_absolute if rtol is None else sa.maximum(sa.asarray(rtol), from_absolute)


def solve(x1: Variable, x2: Variable) -> Variable:
    """PyTorch takes stacks of vectors, where they can be told from matrices; the standard takes one vector."""
    if x2.shape != x1.shape[:-1]:
        return linalg.solve(x1, x2)
    return sa.squeeze(linalg.solve(x1, sa.expand_dims(x2, axis=-1)), -1)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "fft.fftshift": along_axes(fft.fftshift),
    "fft.ifftshift": along_axes(fft.ifftshift),
    **{
        f"fft.{name}": along_axes(getattr(fft, name))
        for name in (
            "fft2",
            "fftn",
            "ifft2",
            "ifftn",
            "irfft2",
            "irfftn",
            "rfft2",
            "rfftn",
        )
    },
    "linalg.diagonal": diagonal,
    # The samples are made Hermitian, so that either triangle, which UPLO names, says the same.
    "linalg.eigh": lambda x, **_: linalg.eigh(x),
    "linalg.eigvalsh": lambda x, **_: linalg.eigvalsh(x),
    "linalg.lstsq": lstsq,
    "linalg.lstsq (grad_oriented)": lambda *args, driver: lstsq(*args, driver=driver)[:2],
    "linalg.matrix_norm": matrix_norm,
    "linalg.matrix_rank": matrix_rank,
    "linalg.matrix_rank (hermitian)": matrix_rank,
    "linalg.pinv (hermitian)": lambda x, hermitian: linalg.pinv(x),
    "linalg.pinv (singular)": lambda a, b: linalg.pinv(a @ b.mT),
    "linalg.solve": solve,
    "linalg.tensorsolve": lambda *args, dims=None: linalg.tensorsolve(*args, axes=dims),
    "special.polygamma (special_polygamma_n_0)": lambda x, n: special.polygamma(n, x),
}
"""Functions whose arguments are others here."""


def function(name: str) -> Callable[..., Any] | None:
    """Give our function of a name such as ``"linalg.norm"``, None if there is none."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    space, _, name = name.partition(" ")[0].partition(".")
    found = getattr({"linalg": linalg, "fft": fft, "special": special}.get(space), name, None)
    return found and functools.partial(respelled, found)


# Compared -------------------------------------------------------------------------------------------------------------

OPERATIONS = {name: op for name, op in table("ops").items() if function(name) is not None}

DIFFERENT: dict[str, Different] = {
    "linalg.norm (subgradients_at_zero)": Different(
        "the second derivative at zero is 0, as the first; PyTorch's is NaN for most orders",
        orders=1,
    ),
    "linalg.vector_norm": Different(
        "an array without axes has no axis 0: the standard's rule, where PyTorch takes one",
        lambda sample: sample.input.ndim == 0 and sample.kwargs.get("dim") is not None,
    ),
}
"""What is otherwise here, by PyTorch's name for the operation."""


@pytest.mark.parametrize(
    ("name", "dtype"), with_types(OPERATIONS, "float64", "complex128", "int64")
)
def test_functions_agree(name: str, dtype: str) -> None:
    check(OPERATIONS[name], function(name), dtype, DIFFERENT.get(name))
