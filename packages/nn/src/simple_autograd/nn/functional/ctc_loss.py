"""Connectionist temporal classification (Graves and others, 2006): the likelihood of a sequence, however it is aligned.

The mathematics of ``layers/ctc_loss.py``. A target of L labels becomes 2 L + 1 states, blanks around and between the
labels. Two passes of recursion over time, forward and backward, give the probability of all alignments together and
that of each state at each time, which is the gradient. Everything is done in logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ... import ops
from ...autocast import in_float32
from ...backends import Backend
from ...op import op
from ...types import Array, Namespace
from .arguments import (
    backend_of_argument,
    check_indices,
    check_integer,
    check_real,
    describe,
    raw_option,
)
from .ragged import rows_of_vector
from .reduction import Reduction, check_reduction, reduced

__all__ = ["ctc_loss"]

Lengths = Array | Sequence[int] | int

# The logarithm of 0: finite, so that differences of two are no NaN.
_NEVER = -1e30


@in_float32
def ctc_loss(
    log_probs: Array,
    targets: Array,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> Any:
    """Minus the log-probability of target sequences, summed over all their alignments with the input.

    Parameters
    ----------
    log_probs
        Log-probabilities of the classes at each time, (T, N, C) or (T, C), floating.
    targets
        Classes in [0, C) that are not `blank`: (N, S), or one behind the other in a vector; integers.
    input_lengths, target_lengths
        (N,), or for (T, C) a number: how much of the inputs and of the targets counts; integers.
    blank
        The class that stands for no label.
    reduction
        ``"mean"``: of the losses divided by their target's length (1 for an empty one). ``"sum"``, or ``"none"``: one
        for each sample.
    zero_infinity
        Whether targets too long for their input, whose loss is infinite and whose gradient NaN, cost nothing.

    Returns
    -------
    Variable or array
        (), or with ``reduction="none"`` (N,).

    Raises
    ------
    IndexError
        If a target is no class.
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Notes
    -----
    The gradient is that of the formula. PyTorch's differs by ``exp(log_probs)``, which is without effect before a
    ``log_softmax``, and only there.
    """
    check_reduction("ctc_loss", reduction)
    check_real("ctc_loss", "log_probs", log_probs)
    check_integer("ctc_loss", "targets", targets)
    shape = tuple(log_probs.shape)
    if len(shape) not in (2, 3):
        raise ValueError(
            f"ctc_loss: log_probs is a {describe(log_probs)}; needed is (T, N, C) or (T, C)."
        )
    if len(shape) == 2:
        log_probs = ops.expand_dims(log_probs, axis=1)
    problem, lengths = _problem(log_probs, targets, input_lengths, target_lengths, blank)
    losses = _ctc(log_probs, problem=problem, zero_infinity=zero_infinity)
    if reduction == "mean":
        losses = ops.divide(losses, lengths)
    if reduction == "none" and len(shape) == 2:
        return ops.reshape(losses, ())
    return reduced(losses, reduction)


class Problem(NamedTuple):
    """What is asked of log-probabilities: raw arrays over T times, N samples, C classes and R = 2 S + 1 states."""

    places: Array
    """(T, N, R): the class of each state."""
    hits: Array
    """(N, R, C): 1 at the class of each state."""
    skips: Array
    """(N, R): whether the blank before a state may be left out."""
    start: Array
    """(N, R): the logarithms of probabilities before the first step, which can lead to the first two states."""
    ends: Array
    """(N, R): 0 for the states in which an alignment may end."""
    times: Array
    """(T, N, 1): whether a time is within the input."""


@op
def _ctc(xp: Namespace, log_probs: Array, /, *, problem: Problem, zero_infinity: bool) -> Array:
    """The losses, (N,)."""
    total = _total(xp, _forward(xp, _emitted(xp, log_probs, problem), problem), problem)
    losses = xp.where(total < _NEVER / 2, 0.0 if zero_infinity else math.inf, -total)
    return xp.reshape(losses, (-1,))


@_ctc.gradient("log_probs")
def ctc_wrt_log_probs(xp, grad, log_probs, problem, zero_infinity):
    if log_probs.shape[0] == 0:
        return xp.zeros_like(log_probs)
    emitted = _emitted(xp, log_probs, problem)
    paths = _forward(xp, emitted, problem)
    total = _total(xp, paths, problem)
    never = total < _NEVER / 2
    total = xp.where(never, 0, total)
    shares = xp.stack(
        [
            xp.where(time, xp.exp(path + rest - total), 0)
            for path, rest, time in zip(
                paths[1:], _backward(xp, emitted, problem), _each(problem.times), strict=True
            )
        ],
        axis=1,
    )
    # (N, T, R) by (N, R, C): the states' shares added up for their classes.
    by_class = xp.permute_dims(xp.matmul(shares, problem.hits), (1, 0, 2))
    slope = by_class * -xp.reshape(grad, (-1, 1))
    return xp.where(never, 0.0 if zero_infinity else math.nan, slope)


def _forward(xp, emitted, problem):
    """Give after each number of steps, from none on, the log-probability of the paths to each state."""
    paths = [problem.start]
    for emission, time in zip(_each(emitted), _each(problem.times), strict=True):
        path = paths[-1]
        skipping = xp.where(problem.skips, _shifted(xp, path, 2, problem), _NEVER)
        reached = emission + _log_sum(xp, path, _shifted(xp, path, 1, problem), skipping)
        paths.append(xp.where(time, reached, path))
    return paths


def _backward(xp, emitted, problem):
    """Give for each time the log-probability of what is to follow on each state."""
    rests = [problem.ends]
    steps = [*zip(_each(emitted), _each(problem.times), strict=True)]
    for emission, time in steps[:0:-1]:
        rest = rests[-1]
        ahead = emission + rest
        skipping = _shifted(xp, xp.where(problem.skips, ahead, _NEVER), -2, problem)
        followed = _log_sum(xp, ahead, _shifted(xp, ahead, -1, problem), skipping)
        rests.append(xp.where(time, followed, rest))
    return rests[::-1]


def _total(xp, paths, problem):
    """Give the log-probability of all alignments together, (N, 1)."""
    last = paths[-1] + problem.ends
    largest = xp.max(last, axis=1, keepdims=True)
    return largest + xp.log(xp.sum(xp.exp(last - largest), axis=1, keepdims=True))


def _emitted(xp, log_probs, problem):
    """Give the log-probability of each state's class, (T, N, R)."""
    return xp.clip(xp.take_along_axis(log_probs, problem.places, axis=2), _NEVER, None)


def _each(array):
    """Give the parts along the first axis."""
    return [array[i, ...] for i in range(array.shape[0])]


def _shifted(xp, path, by, problem):
    """Move (N, R) to later states, or with a negative number to earlier ones; what is missing is impossible."""
    empty = problem.start[:, 1 : 1 + abs(by)]
    if by > 0:
        return xp.concat([empty, path[:, :-by]], axis=1)
    return xp.concat([path[:, -by:], empty], axis=1)


def _log_sum(xp, a, b, c):
    """Give ``log(exp(a) + exp(b) + exp(c))``."""
    largest = xp.maximum(xp.maximum(a, b), c)
    return largest + xp.log(xp.exp(a - largest) + xp.exp(b - largest) + xp.exp(c - largest))


# Checks ---------------------------------------------------------------------------------------------------------------


def _problem(
    log_probs: Array,
    targets: Array,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int,
) -> tuple[Problem, Array]:
    """Give what is asked, and by what the losses are divided for their mean."""
    backend = backend_of_argument("ctc_loss", "log_probs", log_probs)
    xp = backend.xp
    steps, samples, classes = log_probs.shape
    if not 0 <= blank < classes:
        raise ValueError(
            f"ctc_loss: blank is {blank}; needed is one of the {classes} classes of log_probs."
        )
    inputs = _lengths("input_lengths", input_lengths, samples, steps, backend)
    raw = xp.astype(raw_option("ctc_loss", "targets", targets, backend), xp.int64)
    check_indices("ctc_loss", "targets", xp, raw, classes, "classes")
    single = len(raw.shape) == 1
    longest = raw.shape[-1] if raw.shape else 0
    lengths = _lengths("target_lengths", target_lengths, samples, longest, backend)
    ends = xp.cumulative_sum(lengths, axis=0)
    if single and samples and int(ends[-1]) != longest:
        raise ValueError(
            f"ctc_loss: targets has length {longest}, and target_lengths add up to {int(ends[-1])}; needed is the same."
        )
    if not single and tuple(raw.shape[:-1]) != (samples,):
        raise ValueError(
            f"ctc_loss: targets is a {describe(targets)}; needed is ({samples}, S), or all in one vector, because "
            f"there are {samples} samples."
        )
    starts = ends - lengths if single else xp.arange(samples, dtype=xp.int64) * longest
    positions, known = rows_of_vector(xp, starts, lengths)
    flat = xp.concat([xp.reshape(raw, (-1,)), xp.asarray([blank], dtype=xp.int64)])
    labels = xp.reshape(xp.take(flat, xp.reshape(positions, (-1,))), positions.shape)
    if bool(xp.any((labels == blank) & known)):
        raise ValueError(
            f"ctc_loss: targets holds {blank}, which is the blank; needed are other classes."
        )
    return _over_states(xp, log_probs, labels, lengths, inputs, blank), xp.astype(
        xp.where(lengths > 0, lengths, 1), log_probs.dtype
    )


def _over_states(
    xp: Namespace, log_probs: Array, labels: Array, lengths: Array, inputs: Array, blank: int
) -> Problem:
    """Put blanks around labels, (N, S), and find out what may follow what."""
    steps, samples, classes = log_probs.shape
    blanks = xp.zeros_like(labels) + blank
    pairs = xp.reshape(xp.stack([blanks, labels], axis=2), (samples, -1))
    states = xp.concat([pairs, blanks[:, :1]], axis=1)
    count = states.shape[1]
    before = xp.concat([blanks[:, :1], blanks[:, :1], states[:, :-2]], axis=1)
    place = xp.arange(count, dtype=xp.int64)
    last = xp.expand_dims(2 * lengths, axis=1)
    ends = (place == last) | (place == last - 1)
    impossible = xp.zeros((samples, count), dtype=log_probs.dtype) + _NEVER
    hits = xp.expand_dims(states, axis=2) == xp.arange(classes, dtype=xp.int64)
    times = xp.expand_dims(xp.arange(steps, dtype=xp.int64), axis=1) < inputs
    return Problem(
        places=xp.broadcast_to(states, (steps, samples, count)),
        hits=xp.astype(hits, log_probs.dtype),
        skips=(states != blank) & (states != before),
        start=xp.where(place == 0, 0, impossible),
        ends=xp.where(ends, 0, impossible),
        times=xp.expand_dims(times, axis=2),
    )


def _lengths(argument: str, value: Any, samples: int, longest: int, backend: Backend) -> Array:
    """Give lengths as a raw vector; raise if they are not as many as the samples, or out of range."""
    xp = backend.xp
    if isinstance(value, int | Sequence):
        value = backend.asarray(value, dtype=xp.int64)
    check_integer("ctc_loss", argument, value)
    raw = xp.astype(raw_option("ctc_loss", argument, value, backend), xp.int64)
    if tuple(raw.shape) != (samples,) and (raw.shape or samples != 1):
        raise ValueError(
            f"ctc_loss: {argument} is a {describe(value)}; needed is one length for each of the {samples} samples."
        )
    raw = xp.reshape(raw, (samples,))
    if bool(xp.any((raw < 0) | (raw > longest))):
        raise ValueError(
            f"ctc_loss: {argument} holds a number outside [0, {longest}]; needed are lengths within what is given."
        )
    return raw
