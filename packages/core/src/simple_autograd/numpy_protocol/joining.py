"""NumPy's ways to join arrays, and to split one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import arrays as variables
from .dispatch import implements, no_out, type_of
from .manipulation import _atleast_1d, _atleast_2d, _atleast_3d

__all__: list[str] = []


@implements(np.concatenate, np.concat)
def _concatenate(
    arrays: Any,
    /,
    axis: int | None = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Variable:
    no_out(out)
    return _as("np.concatenate", ops.concat(variables(*arrays), axis=axis), dtype, casting)


@implements(np.stack)
def _stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Variable:
    no_out(out)
    return _as("np.stack", ops.stack(variables(*arrays), axis=axis), dtype, casting)


@implements(np.vstack)
def _vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Variable:
    joined = ops.concat([_atleast_2d(item) for item in variables(*tup)], axis=0)
    return _as("np.vstack", joined, dtype, casting)


@implements(np.hstack)
def _hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Variable:
    arrays = [_atleast_1d(item) for item in variables(*tup)]
    joined = ops.concat(arrays, axis=0 if arrays[0].ndim == 1 else 1)
    return _as("np.hstack", joined, dtype, casting)


@implements(np.dstack)
def _dstack(tup: Any) -> Variable:
    return ops.concat([_atleast_3d(item) for item in variables(*tup)], axis=2)


@implements(np.column_stack)
def _column_stack(tup: Any) -> Variable:
    arrays = variables(*tup)
    return ops.concat(
        [item if item.ndim > 1 else ops.reshape(item, (-1, 1)) for item in arrays], axis=1
    )


@implements(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Variable:
    return ops.concat(variables(arr, values), axis=axis)


@implements(np.block)
def _block(arrays: Any) -> Variable:
    def depth(item: Any) -> int:
        return 1 + max(map(depth, item), default=0) if isinstance(item, list) else 0

    def leaves(item: Any) -> list[Any]:
        return (
            [leaf for part in item for leaf in leaves(part)] if isinstance(item, list) else [item]
        )

    levels = depth(arrays)
    ndim = max(levels, *(np.ndim(leaf) for leaf in leaves(arrays)))

    def joined(item: Any, level: int) -> Variable:
        if not isinstance(item, list):
            item = ops.asarray(item)
            return ops.reshape(item, (1,) * (ndim - item.ndim) + tuple(item.shape))
        parts = [joined(part, level + 1) for part in item]
        return ops.concat(parts, axis=ndim - levels + level)

    return joined(arrays, 0)


def _as(function: str, joined: Variable, dtype: Any, casting: Any) -> Variable:
    if casting != "same_kind":
        raise TypeError(f"{function}: casting={casting!r} cannot be chosen for a Variable.")
    if dtype is None:
        return joined
    if not np.can_cast(type_of(joined), dtype, "same_kind"):
        raise TypeError(
            f"{function}: dtype is {np.dtype(dtype)}, of another kind than the arrays' {type_of(joined)}. Use "
            f"v.astype(...) on what comes out."
        )
    return ops.astype(joined, dtype, copy=False)


# Splitting --------------------------------------------------------------------------------------------------------


@implements(np.split)
def _split(ary: Variable, indices_or_sections: Any, axis: int = 0) -> list[Variable]:
    return list(ops.split(ary, _sections(indices_or_sections), axis=axis))


@implements(np.array_split)
def _array_split(ary: Variable, indices_or_sections: Any, axis: int = 0) -> list[Variable]:
    sections = _sections(indices_or_sections)
    if isinstance(sections, int):
        if sections < 1:
            raise ValueError(
                f"np.array_split: needed is a positive number of parts, not {sections}."
            )
        size, longer = divmod(ary.shape[axis], sections)
        sections = [size * i + min(i, longer) for i in range(1, sections)]
    return list(ops.split(ary, sections, axis=axis))


def _sections(given: Any) -> int | Sequence[int]:
    return (
        int(given) if np.ndim(given) == 0 else [int(cut) for cut in given]
    )  # NumPy's integers too


def _splitter(name: str, least: int, axis: Callable[[int], int]) -> Callable[..., list[Variable]]:
    """Make one of the functions that split along an axis of their own."""

    def split(ary: Variable, indices_or_sections: Any) -> list[Variable]:
        if ary.ndim < least:
            raise ValueError(f"np.{name}: needed are {least} or more axes, not {ary.ndim}.")
        return _split(ary, indices_or_sections, axis(ary.ndim))

    return split


implements(np.hsplit)(_splitter("hsplit", 1, lambda ndim: 1 if ndim > 1 else 0))
implements(np.vsplit)(_splitter("vsplit", 2, lambda ndim: 0))
implements(np.dsplit)(_splitter("dsplit", 3, lambda ndim: 2))


@implements(np.unstack)
def _unstack(x: Variable, /, *, axis: int = 0) -> tuple[Variable, ...]:
    return ops.unstack(x, axis=axis)
