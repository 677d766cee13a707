"""How many launches a computation on the double of CuPy is on a GPU, and of what.

Each function of CuPy's that gives numbers is one, and so are each product by cuBLAS, each kernel of ours and each copy;
what gives a view, or a shape, is none. Up to eight arrays CuPy joins one by one (``_concatenate`` in its
``_routines_manipulation.pyx``). ``test_launches.py`` counts, and ``test_kernels_in_use.py`` asks what ran.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np

from tests.backend_cupy.double import arrays, cublas, memory
from tests.backend_cupy.host import cupy_double as emulated
from tests.backend_cupy.host import emulation


class RawKernel(emulated.RawKernel):
    """Stands for a kernel of ``cupy.RawModule``; its arrays are those of the double."""

    def __call__(
        self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        # The double does the stream's work first, and refuses arrays of other devices.
        given = [arg for arg in args if isinstance(arg, arrays.ndarray)]

        def run(*found: np.ndarray) -> None:
            rest = iter(found)
            plain = tuple([next(rest) if isinstance(arg, arrays.ndarray) else arg for arg in args])
            emulation.launch(self.code, self.name, grid, block, plain)

        run.__name__ = self.name
        arrays.run(run, *given)


class RawModule(emulated.RawModule):
    """Stands for ``cupy.RawModule``."""

    kernel = RawKernel


@contextlib.contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count launches by their names, in a ``with`` block."""
    found: Counter[str] = Counter()
    work, copy, products = arrays.done, memory._copy_later, len(cublas.calls)

    def done(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        result = work(function, *args, **options)
        if not _is_view(result, args):
            found[function.__name__] += _parts(function, args)
        return result

    def copy_later(*args: Any) -> None:
        found["copy"] += 1
        copy(*args)

    with (
        mock.patch.object(arrays, "done", done),
        mock.patch.object(memory, "_copy_later", copy_later),
    ):
        yield found
    found["gemm"] = len(cublas.calls) - products


def _parts(function: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """Give how many launches a function is."""
    joins = function in (np.concat, np.stack) and len(args[0]) <= 8
    return len(args[0]) if joins else 1


def _is_view(result: Any, args: tuple[Any, ...]) -> bool:
    """Say whether a result is other arrays' memory, seen otherwise; what was written into `out` is not."""
    given = [arg for arg in args if isinstance(arg, np.ndarray)]
    if isinstance(result, tuple | list):
        return bool(result) and all(_is_view(item, args) for item in result)
    return isinstance(result, np.ndarray) and any(
        result is not arg and np.may_share_memory(result, arg) for arg in given
    )
