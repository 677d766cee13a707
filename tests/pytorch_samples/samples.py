"""PyTorch's own test samples, put to our functions: value, gradient and second order beside PyTorch's.

PyTorch's tests hold a table of its operations, each with a generator of arguments that its authors found worth trying:
every form of every option, shapes of no axes and of no elements, broadcasting, strides. Here each sample goes to both
libraries. What is decided to be otherwise here is said in a table beside each test.
"""

from __future__ import annotations

import contextlib
import functools
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import simple_autograd as sa
from simple_autograd import Variable

TOLERANCES = {"float32": 2e-4, "complex64": 2e-4, "float64": 1e-9, "complex128": 1e-9}
"""How far values may differ, relatively and absolutely; gradients ten times as far for each order."""


class Different(NamedTuple):
    """What we give otherwise than PyTorch, by decision.

    Attributes
    ----------
    why
        The reason.
    samples
        Says whether a sample is one that is different; all are, unless said.
    orders
        What is the same nevertheless: -1 for nothing, 0 for the value, 1 for the gradient too.
    """

    why: str
    samples: Callable[[Any], bool] = lambda sample: True
    orders: int = -1


@functools.cache
def table(kind: str) -> dict[str, Any]:
    """Give one of PyTorch's tables by name: ``ops`` or ``modules``."""
    with warnings.catch_warnings(action="ignore"):
        from torch.testing._internal import common_utils
        from torch.testing._internal.common_methods_invocations import op_db
        from torch.testing._internal.common_modules import module_db
        from torch.testing._internal.opinfo import core
    # Before it draws, PyTorch searches the stack for a test of its own, which is not there, and notes a traceback for
    # each kind of device that it seeds: that took nearly all the time of these tests.
    core.extract_test_fn = common_utils.extract_test_fn = lambda: None
    common_utils.set_rng_seed = _seed
    entries = {"ops": op_db, "modules": module_db}[kind]
    return {name_of(entry): entry for entry in entries}


def _seed(seed: int) -> None:
    """Seed what PyTorch's samples are drawn with, on the CPU."""
    import torch

    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - PyTorch draws with it


def name_of(entry: Any) -> str:
    """Give the name of an entry, such as ``"max (reduction_with_dim)"``."""
    variant = getattr(entry, "variant_test_name", "")
    return f"{entry.name} ({variant})" if variant else entry.name


def with_types(operations: dict[str, Any], *dtypes: str) -> list[tuple[str, str]]:
    """Give the names of operations, each with every one of these data types that PyTorch takes there."""
    import torch

    return [
        (name, dtype)
        for name, op in operations.items()
        for dtype in dtypes
        if op.supports_dtype(getattr(torch, dtype), "cpu")
    ]


def op_samples(op: Any, dtype: str) -> list[Any]:
    """Give the samples of an operation, the same ones each time."""
    import torch

    torch.manual_seed(0)
    with warnings.catch_warnings(action="ignore"):
        of_type = getattr(torch, dtype)
        grad = op.supports_autograd and of_type in op.supported_backward_dtypes("cpu")
        grad = grad and (of_type.is_floating_point or of_type.is_complex)
        return list(op.sample_inputs("cpu", of_type, requires_grad=grad))


# From PyTorch to here -------------------------------------------------------------------------------------------------


class Leaves:
    """The tensors of a sample that require grad, and the Variables that stand for them."""

    def __init__(self) -> None:
        self.theirs: list[Any] = []
        self.ours: list[Variable] = []

    def convert(self, value: Any) -> Any:
        """Give what stands for an argument, or for those in lists, tuples and dicts."""
        import torch

        if isinstance(value, torch.Tensor):
            for theirs, ours in zip(self.theirs, self.ours, strict=True):
                if theirs is value:
                    return ours
            ours = sa.asarray(array(value))
            if value.requires_grad:
                ours.requires_grad_()
                self.theirs.append(value)
                self.ours.append(ours)
            return ours
        if isinstance(value, torch.dtype):
            return str(value).removeprefix("torch.")
        if isinstance(value, dict):
            return {name: self.convert(item) for name, item in value.items()}
        if isinstance(value, tuple | list):
            return (tuple if isinstance(value, tuple) else list)(map(self.convert, value))
        return value


def array(value: Any) -> np.ndarray:
    """Give a result of either library as NumPy's array; a tensor keeps its strides."""
    if isinstance(value, Variable):
        return value.detach().numpy()
    if isinstance(value, np.ndarray | np.generic | bool | int | float | complex):
        return np.asarray(value)
    return value.detach().resolve_conj().resolve_neg().numpy(force=True)


def flattened(value: Any) -> list[Any]:
    """List what a result holds, in tuples and lists."""
    if isinstance(value, tuple | list):
        return [part for item in value for part in flattened(item)]
    return [value]


# Comparing ------------------------------------------------------------------------------------------------------------


def difference(
    theirs: Callable[[], Any],
    ours: Callable[[], Any],
    leaves: Leaves,
    dtype: str,
    *,
    same_types: bool = True,
    orders: int = 2,
) -> str | None:
    """Say in what our result differs from PyTorch's, in value or gradient; None if in nothing.

    Parameters
    ----------
    theirs, ours
        The calls. What PyTorch refuses is no difference.
    leaves
        What is differentiated by.
    dtype
        The data type of the sample, which decides how exact the comparison is.
    same_types
        Whether the types of results are compared too, not only what kind of numbers they are.
    orders
        How many times is differentiated.
    """
    with _quiet():
        try:
            wanted = flattened(theirs())
        except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError):
            return None
        try:
            found = flattened(ours())
        except Exception as error:
            return f"raised {type(error).__name__}: {error}"
        if len(found) != len(wanted):
            return f"{len(found)} results; PyTorch gives {len(wanted)}"
        tolerance = TOLERANCES.get(dtype, 1e-2)
        for number, (want, got) in enumerate(zip(wanted, found, strict=True)):
            unlike = _unlike(want, got, tolerance, same_types)
            if unlike:
                return f"result {number}: {unlike}"
        return _gradients_differ(wanted, found, leaves, tolerance, orders)


def _gradients_differ(
    wanted: Sequence[Any], found: Sequence[Any], leaves: Leaves, tolerance: float, orders: int
) -> str | None:
    import torch

    for order in range(1, orders + 1):
        tolerance *= 10
        pairs = []
        for want, got in zip(wanted, found, strict=True):
            if not isinstance(want, torch.Tensor) or not want.requires_grad:
                continue
            if not getattr(got, "requires_grad", False):
                if order == 1 or np.any(_first(torch, want, leaves)):
                    return f"a result of order {order - 1} requires no grad; PyTorch's does"
                continue
            pairs.append((want, got))
        if not pairs or not leaves.ours:
            return None
        weights = [_weight(array(want)) for want, _ in pairs]
        try:
            wanted = torch.autograd.grad(
                [want for want, _ in pairs],
                leaves.theirs,
                [torch.from_numpy(weight) for weight in weights],
                allow_unused=True,
                create_graph=True,
            )
        except RuntimeError:  # PyTorch has no gradient here
            return None
        try:
            found = sa.grad(
                [got for _, got in pairs],
                leaves.ours,
                [sa.asarray(weight) for weight in weights],
                allow_unused=True,
                create_graph=order < orders,
            )
        except Exception as error:
            return f"order {order} raised {type(error).__name__}: {error}"
        for number, (want, got) in enumerate(zip(wanted, found, strict=True)):
            if want is None or got is None:
                known = got if want is None else want
                if known is not None and np.any(array(known)):
                    return f"gradient {number} of order {order} is {got}; PyTorch gives {want}"
                continue
            unlike = _unlike(want, got, tolerance, True)
            if unlike:
                return f"gradient {number} of order {order}: {unlike}"
        known = [
            place
            for place, want in enumerate(wanted)
            if want is not None and found[place] is not None
        ]
        wanted, found = [wanted[place] for place in known], [found[place] for place in known]
    return None


def _first(torch: Any, result: Any, leaves: Leaves) -> np.ndarray:
    """Give all elements of PyTorch's gradients of a result, one after the other."""
    try:
        gradients = torch.autograd.grad(
            result, leaves.theirs, torch.ones_like(result), allow_unused=True, retain_graph=True
        )
    except RuntimeError:  # PyTorch has no gradient here
        return np.zeros(0)
    return np.concatenate(
        [array(gradient).ravel() for gradient in gradients if gradient is not None] or [np.zeros(0)]
    )


def _unlike(want: Any, got: Any, tolerance: float, same_types: bool) -> str | None:
    if want is None or got is None or isinstance(want, str):
        return None if want is got or want == got else f"{got!r}; PyTorch gives {want!r}"
    want, got = array(want), array(got)
    if got.shape != want.shape:
        return f"shape {got.shape}; PyTorch gives {want.shape}"
    if (got.dtype != want.dtype) if same_types else (_kind(got) != _kind(want)):
        return f"type {got.dtype}; PyTorch gives {want.dtype}"
    if want.dtype.kind not in "fc":
        return None if np.array_equal(want, got) else f"{got}; PyTorch gives {want}"
    if got.dtype != want.dtype:
        tolerance = max(tolerance, 1e-5)
    if np.allclose(got, want, rtol=tolerance, atol=tolerance, equal_nan=True):
        return None
    return f"values differ by up to {np.abs(got - want).max()}"


def _kind(value: np.ndarray) -> str:
    return {"u": "i"}.get(value.dtype.kind, value.dtype.kind)


def _weight(result: np.ndarray) -> np.ndarray:
    """Give a gradient of a result, to start backward with."""
    rng = np.random.default_rng(0)
    weight = rng.standard_normal(result.shape)
    if result.dtype.kind == "c":
        weight = weight + 1j * rng.standard_normal(result.shape)
    return np.asarray(weight, result.dtype)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what either library warns of: divisions by zero, and what PyTorch will change."""
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        yield


def refused(function: Callable[..., Any], *args: Any, **options: Any) -> bool:
    """Say whether a call raises what tells a user of a wrong argument."""
    with _quiet():
        try:
            function(*args, **options)
        except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError):
            return True
    return False


def described(value: Any) -> str:
    """Give an argument of a sample as a message shows it."""
    if hasattr(value, "shape"):
        return f"tensor{tuple(value.shape)}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(described, value))}]"
    return repr(value)


def check(
    op: Any, function: Callable[..., Any], dtype: str, different: Different | None = None
) -> None:
    """Fail if a function differs from an operation of PyTorch's on one of its samples, unless that is decided."""
    failed = []
    for sample in op_samples(op, dtype):
        decided = different is not None and different.samples(sample)
        orders = different.orders if decided else 2
        found = _on_sample(op, function, sample, dtype, orders) if orders >= 0 else None
        if found is not None:
            options = [f"{name}={described(value)}" for name, value in sample.kwargs.items()]
            given = ", ".join([*map(described, (sample.input, *sample.args)), *options])
            failed.append(f"({given}): {found}")
    assert not failed, f"{op.name}, {len(failed)} samples:\n" + "\n".join(failed[:20])


def _on_sample(
    op: Any, function: Callable[..., Any], sample: Any, dtype: str, orders: int
) -> str | None:
    leaves = Leaves()
    args = leaves.convert((sample.input, *sample.args))
    # How PyTorch lays a result out in memory is no matter of its values.
    options = {name: option for name, option in sample.kwargs.items() if name != "memory_format"}
    options = leaves.convert(options)
    # What makes the input of a function fit for it where that is not free, such as a Hermitian matrix; and what of the
    # result is determined, such as the absolute values of eigenvectors.
    prepared, settle = op.gradcheck_wrapper, sample.output_process_fn_grad
    return difference(
        lambda: settle(prepared(op, sample.input, *sample.args, **sample.kwargs)),
        lambda: settle(prepared(function, *args, **options)),
        leaves,
        dtype,
        same_types=dtype in TOLERANCES,
        orders=orders,
    )
