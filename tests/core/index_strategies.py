"""Hypothesis strategies for NumPy's indices: of every kind, alone and mixed, on small arrays."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


@st.composite
def shapes_and_basic_keys(draw: st.DrawFn) -> tuple[tuple[int, ...], Any]:
    """Give a shape, and integers, slices, None and Ellipsis for it."""
    shape = draw(SHAPES)
    return shape, draw(hnp.basic_indices(shape, allow_newaxis=True))


@st.composite
def shapes_and_mixed_keys(draw: st.DrawFn) -> tuple[tuple[int, ...], Any]:
    """Give a shape, and a key of any kinds for it: what an axis gets is drawn axis by axis.

    Index arrays broadcast together by construction: each has some axes of a common shape, others of length one. The
    first mask decides how many positions there are; another index array beside it has one element.
    """
    shape = draw(
        hnp.array_shapes(
            min_dims=1, max_dims=4, min_side=draw(st.sampled_from([1, 1, 0])), max_side=4
        )
    )
    common = draw(
        hnp.array_shapes(
            min_dims=1, max_dims=2, min_side=draw(st.sampled_from([1, 1, 0])), max_side=3
        )
    )
    masked = draw(st.booleans())
    if masked:
        common = (1,)
    key: list[Any] = []
    axis, has_mask = 0, False
    named = draw(st.integers(1, len(shape)))
    while axis < named:
        length = shape[axis]
        kinds = ["array", "list", "array", "slice", "integer", "numpy integer"]
        kinds = kinds if length else ["empty", "slice"]
        if masked and not has_mask:
            kinds = ["mask", "mask", "mask", *kinds]
        kind = draw(st.sampled_from(kinds))
        if kind == "mask":
            axes = draw(st.integers(1, min(2, named - axis)))
            key.append(draw(hnp.arrays(bool, shape[axis : axis + axes])))
            axis, has_mask = axis + axes, True
            continue
        key.append(draw(_for_axis(kind, length, common)))
        axis += 1
    for _ in range(draw(st.integers(0, 2))):
        key.insert(draw(st.integers(0, len(key))), None)
    if draw(st.booleans()):
        # An Ellipsis takes the axes that are left out, so it stands at the end of those named, or takes none.
        key.insert(len(key) if named < len(shape) else draw(st.integers(0, len(key))), Ellipsis)
    if len(key) == 1 and draw(st.booleans()):
        return shape, key[0]
    return shape, tuple(key)


def _for_axis(kind: str, length: int, common: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Give what can index an axis of a length."""
    positions = st.integers(-length, length - 1) if length else st.nothing()
    if kind == "slice":
        return st.slices(length)
    if kind == "integer":
        return positions
    if kind == "numpy integer":
        return positions.map(np.int64)
    if kind == "empty":
        return (
            st.just(np.zeros((0,), np.int64))
            if 0 in common or common == (1,)
            else st.slices(length)
        )
    if kind == "list":
        return (
            st.lists(positions, min_size=common[-1], max_size=common[-1]).filter(bool) | positions
        )
    part = st.sampled_from([common, (1,), (*common[:-1], 1), common[-1:]])
    types = st.sampled_from([np.int64, np.int32, np.int8])
    return st.tuples(types, part).flatmap(lambda of: hnp.arrays(of[0], of[1], elements=positions))
