"""Losses that want a distance kept: between scores, between classes, between vectors.

The mathematics of ``layers/margin_loss.py``. All are compositions of other operations. At the kink of ``max(0, ...)``
the gradient is PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import ops
from ...autocast import in_float32
from ...backends import Backend
from ...types import Array
from .arguments import (
    backend_of_argument,
    check_floating,
    check_indices,
    check_integer,
    check_real,
    describe,
    raw_option,
    refuse_complex,
)
from .distance import pairwise_distance
from .loss import check_classes
from .reduction import (
    Reduction,
    check_pair,
    check_reduction,
    check_same_shape,
    factors,
    floating_like,
    reduced,
)

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


@in_float32
def cosine_embedding_loss(
    x1: Array,
    x2: Array,
    target: Array,
    margin: float = 0.0,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """``1 - cos`` for pairs of vectors that belong together, ``max(0, cos - margin)`` for those that do not.

    Parameters
    ----------
    x1, x2
        (N, D) or (D,), floating.
    target
        (N,) or (): 1 for vectors that belong together, -1 for those that do not.
    margin
        The cosine up to which the latter cost nothing.
    reduction
        ``"mean"`` over the pairs, ``"sum"``, or ``"none"``: one loss for each.

    Returns
    -------
    Variable or array
        (), or with ``reduction="none"`` the shape of `target`.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    name = "cosine_embedding_loss"
    _check_two(name, x1, x2, reduction)
    backend = backend_of_argument(name, "x1", x1)
    if len(x1.shape) not in (1, 2):
        raise ValueError(f"{name}: x1 is a {describe(x1)}; needed is (N, D) or (D,).")
    signs = raw_option(name, "target", target, backend)
    if tuple(signs.shape) != tuple(x1.shape[:-1]):
        raise ValueError(
            f"{name}: target is a {describe(target)}; needed is the shape {tuple(x1.shape[:-1])}, a sign for each pair."
        )
    _check_signs(name, signs, backend)
    # PyTorch's small number, which keeps the gradient of vectors of zeros finite.
    first, second = (ops.add(ops.sum(ops.square(x), axis=-1), 1e-12) for x in (x1, x2))
    cosine = ops.divide(
        ops.sum(ops.multiply(x1, x2), axis=-1), ops.sqrt(ops.multiply(first, second))
    )
    apart = ops.clip(ops.subtract(cosine, margin), 0)
    return reduced(ops.where(signs > 0, ops.subtract(1, cosine), apart), reduction)


@in_float32
def margin_ranking_loss(
    x1: Array,
    x2: Array,
    target: Array,
    margin: float = 0.0,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """``max(0, margin - target * (x1 - x2))``.

    Parameters
    ----------
    x1, x2
        Scores of one shape, floating.
    target
        In their shape: 1 where the first should be higher, -1 where the second.
    margin
        By how much.
    reduction
        As in `cosine_embedding_loss`.
    """
    name = "margin_ranking_loss"
    _check_two(name, x1, x2, reduction)
    target = floating_like(name, "target", target, x1, "x1")
    difference = ops.multiply(target, ops.subtract(x2, x1))
    return reduced(ops.clip(ops.add(difference, margin), 0), reduction)


@in_float32
def hinge_embedding_loss(
    x: Array, target: Array, margin: float = 1.0, *, reduction: Reduction = "mean"
) -> Any:
    """`x`, a distance, where `target` is 1, and ``max(0, margin - x)`` where it is -1.

    Parameters
    ----------
    x
        Any shape, floating.
    target
        The shape of `x`: 1 or -1.
    margin
        The distance from which on what is apart costs nothing.
    reduction
        As in `cosine_embedding_loss`.
    """
    name = "hinge_embedding_loss"
    target = check_pair(name, x, target, reduction)
    backend = backend_of_argument(name, "x", x)
    signs = raw_option(name, "target", target, backend)
    _check_signs(name, signs, backend)
    apart = ops.clip(ops.subtract(margin, x), 0)
    return reduced(ops.where(signs > 0, x, apart), reduction)


@in_float32
def soft_margin_loss(x: Array, target: Array, *, reduction: Reduction = "mean") -> Any:
    """``log(1 + exp(-target * x))``.

    Parameters
    ----------
    x
        Any shape, floating.
    target
        The shape of `x`: 1 or -1.
    reduction
        As in `cosine_embedding_loss`.
    """
    target = check_pair("soft_margin_loss", x, target, reduction)
    return reduced(ops.negative(ops.logsigmoid(ops.multiply(x, target))), reduction)


@in_float32
def multilabel_soft_margin_loss(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """``-(target * log(sigmoid(x)) + (1 - target) * log(sigmoid(-x)))``, averaged over the classes.

    Parameters
    ----------
    x
        Logits, (N, C) or (C,), floating.
    target
        In the shape of `x`: 1 for classes that apply, else 0.
    weight
        (C,), a factor for each class; no gradient flows to it.
    reduction
        As in `cosine_embedding_loss`.
    """
    name = "multilabel_soft_margin_loss"
    target = check_pair(name, x, target, reduction)
    if not x.shape:
        raise ValueError(f"{name}: x is a {describe(x)}; needed is (N, C) or (C,).")
    others = ops.subtract(1, target)
    loss = ops.add(
        ops.multiply(target, ops.logsigmoid(x)),
        ops.multiply(others, ops.logsigmoid(ops.negative(x))),
    )
    if weight is not None:
        loss = ops.multiply(loss, factors(name, "weight", weight, x))
    return reduced(ops.negative(ops.mean(loss, axis=-1)), reduction)


@in_float32
def multi_margin_loss(
    x: Array,
    target: Array,
    p: int = 1,
    margin: float = 1.0,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """``max(0, margin - x[target] + x[j]) ** p``, summed over all other classes j and divided by C.

    Parameters
    ----------
    x
        Scores, (N, C) or (C,), floating.
    target
        (N,) or (): class indices in [0, C).
    p
        1 or 2.
    margin
        By how much the target's score should be the highest.
    weight
        (C,), a factor for each target class; no gradient flows to it.
    reduction
        As in `cosine_embedding_loss`.

    Raises
    ------
    IndexError
        If a class index lies outside [0, C).
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    name = "multi_margin_loss"
    check_reduction(name, reduction)
    if p not in (1, 2):
        raise ValueError(f"{name}: p is {p}; needed is 1 or 2.")
    classes, raw, backend = _scores(name, x, target, 1)
    xp = backend.xp
    check_indices(name, "target", xp, raw, classes, "class indices")
    place = xp.expand_dims(raw, axis=-1)
    of_target = ops.pick_along_axis(x, place, axis=len(x.shape) - 1)
    excess = ops.relu(ops.add(ops.subtract(x, of_target), margin))
    excess = ops.where(place == xp.arange(classes, dtype=xp.int64), 0, excess)
    loss = ops.sum(excess if p == 1 else ops.square(excess), axis=-1)
    if weight is not None:
        vector = factors(name, "weight", weight, x)
        if tuple(vector.shape) != (classes,):
            raise ValueError(
                f"{name}: weight is a {describe(weight)}; needed is the shape ({classes},), a factor for each class."
            )
        taken = xp.take(vector, xp.reshape(raw, (-1,)))
        loss = ops.multiply(loss, xp.reshape(taken, raw.shape))
    return reduced(ops.divide(loss, classes), reduction)


@in_float32
def multilabel_margin_loss(x: Array, target: Array, *, reduction: Reduction = "mean") -> Any:
    """``max(0, 1 - x[i] + x[j])``, summed over classes i that apply and j that do not, and divided by C.

    Parameters
    ----------
    x
        Scores, (N, C) or (C,), floating.
    target
        In the shape of `x`: the indices of the classes that apply come first, and what follows a -1 is ignored.
    reduction
        As in `cosine_embedding_loss`.

    Raises
    ------
    IndexError
        If a class index lies outside [-1, C).
    TypeError, ValueError
        If an argument has a type or shape that does not fit.
    """
    name = "multilabel_margin_loss"
    check_reduction(name, reduction)
    classes, raw, backend = _scores(name, x, target, 0)
    xp = backend.xp
    check_classes(name, "target", xp, raw, classes, -1)
    listed = xp.cumulative_sum(xp.astype(raw < 0, xp.int64), axis=-1) == 0
    places = xp.where(listed, raw, 0)
    hits = (xp.expand_dims(raw, axis=-1) == xp.arange(classes, dtype=xp.int64)) & xp.expand_dims(
        listed, axis=-1
    )
    applies = xp.any(hits, axis=-2)
    axis = len(x.shape) - 1
    scores = ops.take_along_axis(x, places, axis=axis)
    excess = ops.relu(
        ops.add(ops.subtract(ops.expand_dims(x, axis=-2), ops.expand_dims(scores, axis=-1)), 1)
    )
    counts = xp.expand_dims(listed, axis=-1) & ~xp.expand_dims(applies, axis=-2)
    loss = ops.sum(ops.where(counts, excess, 0), axis=(-2, -1))
    return reduced(ops.divide(loss, classes), reduction)


@in_float32
def triplet_margin_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)``, d being `pairwise_distance`.

    Parameters
    ----------
    anchor, positive, negative
        (N, D) or (D,), floating.
    margin
        By how much the negative should be farther away.
    p, eps
        As in `pairwise_distance`.
    swap
        Whether the negative's distance from the positive counts instead, where it is smaller.
    reduction
        As in `cosine_embedding_loss`.
    """
    return _triplet(
        "triplet_margin_loss",
        (anchor, positive, negative),
        lambda x1, x2: pairwise_distance(x1, x2, p, eps),
        margin,
        swap,
        reduction,
    )


@in_float32
def triplet_margin_with_distance_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Any:
    """`triplet_margin_loss` with a distance of one's own.

    Parameters
    ----------
    anchor, positive, negative
        Of one shape, floating.
    distance_function
        Of two of them, gives one number for each pair; by default `pairwise_distance`.
    margin, swap, reduction
        As in `triplet_margin_loss`.
    """
    return _triplet(
        "triplet_margin_with_distance_loss",
        (anchor, positive, negative),
        distance_function or pairwise_distance,
        margin,
        swap,
        reduction,
    )


def _triplet(
    name: str,
    triplet: tuple[Array, Array, Array],
    distance: Callable[[Any, Any], Any],
    margin: float,
    swap: bool,
    reduction: Reduction,
) -> Any:
    anchor, positive, negative = triplet
    check_reduction(name, reduction)
    if margin <= 0:
        raise ValueError(f"{name}: margin is {margin}; needed is more than 0.")
    check_floating(name, "anchor", anchor)
    for argument, value in (("positive", positive), ("negative", negative)):
        check_same_shape(name, argument, value, anchor, "anchor")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ops.minimum(far, distance(positive, negative))
    return reduced(ops.clip(ops.add(ops.subtract(near, far), margin), 0), reduction)


def _check_two(name: str, x1: Array, x2: Array, reduction: str) -> None:
    """Raise unless two inputs are real floating data of one shape, and the reduction is known."""
    check_reduction(name, reduction)
    check_floating(name, "x1", x1)
    check_same_shape(name, "x2", x2, x1, "x1")
    for argument, x in (("x1", x1), ("x2", x2)):
        refuse_complex(name, argument, x)


def _check_signs(name: str, target: Array, backend: Backend) -> None:
    """Raise if a raw target is neither 1 nor -1."""
    if not bool(backend.xp.all((target == 1) | (target == -1))):
        raise ValueError(f"{name}: target holds other numbers than 1 and -1; needed are these.")


def _scores(name: str, x: Array, target: Array, less: int) -> tuple[int, Array, Backend]:
    """Give the number of classes, the targets as raw int64, and the backend; raise if shapes do not fit.

    The targets have `less` axes fewer than the scores.
    """
    check_real(name, "x", x)
    check_integer(name, "target", target)
    backend = backend_of_argument(name, "x", x)
    shape = tuple(x.shape)
    if len(shape) not in (1, 2) or not shape[-1]:
        raise ValueError(f"{name}: x is a {describe(x)}; needed is (N, C) or (C,), with classes.")
    raw = raw_option(name, "target", target, backend)
    if tuple(raw.shape) != shape[: len(shape) - less]:
        raise ValueError(
            f"{name}: target is a {describe(target)}; needed is the shape {shape[: len(shape) - less]}, because x has "
            f"shape {shape}."
        )
    return shape[-1], backend.xp.astype(raw, backend.xp.int64), backend
