"""NumPy's functions that sort, or pick by rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import host, implements, no_out, no_variable, type_of

__all__: list[str] = []


@implements(np.sort)
def _sort(
    a: Variable,
    axis: int | None = -1,
    kind: Any = None,
    order: Any = None,
    *,
    stable: Any = None,
    descending: Any = None,  # since NumPy 2.5
) -> Variable:
    _refuse_fields("np.sort", order)
    if kind is not None and stable is not None:
        raise ValueError(
            "np.sort: kind and stable are given, which say the same. Give one of them."
        )
    a, axis = _line(a, axis)
    if descending is True:
        options: dict[str, Any] = {"kind": kind, "stable": stable, "descending": True}
        places = np.argsort(host(a), axis=axis, **options)
        return ops.pick_along_axis(a, a._backend.asarray(places), axis=axis % a.ndim)
    return ops.sort(a, axis=axis, stable=bool(stable) or kind in ("stable", "mergesort"))


@implements(np.sort_complex)
def _sort_complex(a: Variable) -> Variable:
    order = np.argsort(host(a), axis=-1)
    ordered = ops.pick_along_axis(a, a._backend.asarray(order), axis=a.ndim - 1)
    dtype = np.result_type(type_of(a), np.complex64 if type_of(a).itemsize < 3 else np.complex128)
    return ordered if np.iscomplexobj(host(a)) else ops.astype(ordered, dtype.name)


@implements(np.partition)
def _partition(
    a: Variable, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None
) -> Variable:
    _refuse_fields("np.partition", order)
    a, axis = _line(a, axis)
    order = a._backend.asarray(np.argpartition(host(a), kth, axis=axis))
    return ops.pick_along_axis(a, order, axis=axis % a.ndim)


def _line(a: Variable, axis: int | None) -> tuple[Variable, int]:
    """Give the array and the axis to work along: the flattened array's where none is named."""
    return (ops.reshape(a, (-1,)), 0) if axis is None else (a, axis)


def _refuse_fields(function: str, order: Any) -> None:
    if order is not None:
        raise TypeError(f"{function}: order names fields, and a Variable has none. Leave it out.")


# By rank ----------------------------------------------------------------------------------------------------------


@implements(np.median)
def _median(
    a: Variable,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Variable:
    no_out(out)
    return ops.median(a, axis=axis, keepdims=keepdims)


@implements(np.nanmedian)
def _nanmedian(
    a: Variable,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Variable:
    no_out(out)
    return ops.nanmedian(a, axis=axis, keepdims=keepdims)


def _quantile_like(function: Any, op: Any, scale: float) -> None:
    """Register a quantile or percentile; `scale` is what its q is divided by."""

    def quantile(
        a: Variable,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: Any = None,
        interpolation: str | None = None,
    ) -> Variable:
        no_out(out)
        if weights is not None:
            raise TypeError(
                f"np.{function.__name__}: weights cannot be given for a Variable; there is no gradient for them."
            )
        q = no_variable(f"np.{function.__name__}", "q", q)
        # With an array for q, NumPy's result has the type of both.
        if not isinstance(q, int | float):
            q = np.asarray(q)
            a = ops.astype(a, np.result_type(type_of(a), q.dtype, np.float16), copy=False)
        return op(a, q / scale, axis=axis, keepdims=keepdims, method=interpolation or method)

    implements(function)(quantile)


_quantile_like(np.quantile, ops.quantile, 1)
_quantile_like(np.percentile, ops.quantile, 100)
_quantile_like(np.nanquantile, ops.nanquantile, 1)
_quantile_like(np.nanpercentile, ops.nanquantile, 100)
