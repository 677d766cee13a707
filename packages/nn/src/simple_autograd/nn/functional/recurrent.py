"""Recurrences: a layer of an RNN, LSTM or GRU over a whole sequence as one operation.

The mathematics of ``layers/recurrent.py``, which calls `recurrence`. The input's share of all gates comes from one
matrix product before; what is left for each step is the state's share. A sequence is held packed: the rows of its first
step, then those of its second, and so on, each step with as many rows as there are sequences that reach it (the longest
sequences first). So sequences of different lengths need no code of their own.

The forward pass keeps the gates; the gradients of all arguments come out of one walk back through time. Both have
kernels in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, Literal, NamedTuple

from ...op import op
from ...ops import sigmoid
from ...types import Array, Namespace
from .fused import fused
from .linear import linear

__all__ = [
    "GATES",
    "Cell",
    "PackedSequence",
    "blocks",
    "recurrence",
    "states_before",
    "steps",
    "with_first",
]

Cell = Literal["rnn_tanh", "rnn_relu", "lstm", "gru"]

GATES: dict[Cell, int] = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}
"""How many blocks of `hidden_size` rows the weights of a cell have, in PyTorch's order: an LSTM's are input, forget,
cell and output gate, a GRU's reset, update and new gate."""


class PackedSequence(NamedTuple):
    """Sequences of different lengths as the rows of one array: all first elements, then all second ones, and so on.

    The functions of `simple_autograd.nn.utils.rnn` make it.

    Attributes
    ----------
    data
        (R, ...), a row for each element of each sequence; the longest sequence comes first in each step.
    batch_sizes
        How many sequences have a first element, a second one, …; integers.
    sorted_indices
        Which of the sequences given is the longest, the second longest, …; None if they came in that order.
    unsorted_indices
        The place of each sequence given; None if they came in order.
    """

    data: Any
    batch_sizes: tuple[int, ...]
    sorted_indices: Array | None = None
    unsorted_indices: Array | None = None


def recurrence(
    x: Array,
    states: tuple[Array, ...],
    weight_ih: Array,
    weight_hh: Array,
    bias_ih: Array | None,
    bias_hh: Array | None,
    weight_hr: Array | None = None,
    *,
    cell: Cell,
    sizes: tuple[int, ...],
    reverse: bool = False,
) -> tuple[Array, tuple[Array, ...]]:
    """One layer of a recurrent network, in one direction.

    Parameters
    ----------
    x
        (R, I), floating: the rows of all steps, one step after the other.
    states
        What the sequences begin with: ``(h,)``, for an LSTM ``(h, c)``; h is (N, P), c (N, H).
    weight_ih, weight_hh, bias_ih, bias_hh
        (G * H, I), (G * H, P), (G * H,), where G is ``GATES[cell]``; biases may be None.
    weight_hr
        (P, H), an LSTM's projection of its output, or None; then P is H.
    cell
        What a step computes.
    sizes
        The rows of each step: never more than in the step before, the first N.
    reverse
        Walk from the last step to the first.

    Returns
    -------
    tuple
        The output h of each row, (R, P), and the states after the last step of each sequence.
    """
    if cell != "gru" and bias_ih is not None and bias_hh is not None:
        bias_ih, bias_hh = bias_ih + bias_hh, None
    ax = linear(x, weight_ih, bias_ih)
    h, c = (*states, None)[:2]
    out = _recurrent(
        ax, h, c, weight_hh, bias_hh, weight_hr, cell=cell, sizes=sizes, reverse=reverse
    )
    return out[0], out[1 : 1 + len(states)]


@op(precision="lower")
def _recurrent(
    xp: Namespace,
    ax: Array,
    h0: Array,
    c0: Array | None,
    w_hh: Array,
    b_hh: Array | None,
    w_hr: Array | None,
    /,
    *,
    cell: Cell,
    sizes: tuple[int, ...],
    reverse: bool,
) -> tuple[Array, ...]:
    """The outputs, the last states, and what the gradient needs: the gates, and an LSTM's cells.

    `ax` is the input's share of the gates, (R, G * H).
    """
    step = _STEPS[cell]
    h, c = h0, c0
    found = []
    for rows, size in steps(sizes, reverse):
        hidden, before = _first(h, size), None if c is None else _first(c, size)
        ah = xp.matmul(hidden, w_hh.T)
        if b_hh is not None:
            ah = ah + b_hh
        hidden, cells, gates = step(xp, ax[rows, :], ah, hidden, before)
        if w_hr is not None:
            hidden = xp.matmul(hidden, w_hr.T)
        h = with_first(xp, hidden, h)
        if c is not None:
            c = with_first(xp, cells, c)
        found.append((hidden, gates, cells))
    outputs, gates, cells = zip(*(found[::-1] if reverse else found), strict=True)
    kept = () if gates[0] is None else (xp.concat(gates, axis=0),)
    y = xp.concat(outputs, axis=0)
    return (y, h, *kept) if c is None else (y, h, c, *kept, xp.concat(cells, axis=0))


@_recurrent.gradient("ax", "h0", "c0", "w_hh", "b_hh", "w_hr")
def recurrent_wrt_all(xp, grad, out, h0, c0, w_hh, b_hh, w_hr, cell, sizes, reverse):
    return recurrent_backward(
        xp,
        w_hh,
        w_hr,
        h0,
        c0,
        tuple(out),
        tuple(grad),
        has_bias=b_hh is not None,
        cell=cell,
        sizes=sizes,
        reverse=reverse,
    )


@fused
def recurrent_backward(
    xp: Namespace,
    w_hh: Array,
    w_hr: Array | None,
    h0: Array,
    c0: Array | None,
    out: tuple[Array, ...],
    grad: tuple[Array | None, ...],
    *,
    has_bias: bool,
    cell: Cell,
    sizes: tuple[int, ...],
    reverse: bool,
) -> tuple[Array | None, ...]:
    """The gradients of all arguments of the recurrence, given what it gave and the gradients of that."""
    back = _STEPS_BACK[cell]
    (y, gates, cells), (dy, dgates, dcells) = _by_rows(cell, out), _by_rows(cell, grad)
    dh = xp.zeros_like(h0) if grad[1] is None else grad[1]
    dc = None if c0 is None else xp.zeros_like(c0) if grad[2] is None else grad[2]
    befores = states_before(xp, y, h0, sizes, reverse)
    cells_before = [] if c0 is None else states_before(xp, cells, c0, sizes, reverse)
    found = []
    for place, (rows, size) in reversed(list(enumerate(steps(sizes, reverse)))):
        dhidden = _plus(_first(dh, size), dy, rows)
        dcell = None if dc is None else _plus(_first(dc, size), dcells, rows)
        dprojected = dhidden
        if w_hr is not None:
            dhidden = xp.matmul(dhidden, w_hr)
        dax, dah, direct, dcell = back(
            xp,
            dhidden,
            dcell,
            None if dgates is None else dgates[rows, :],
            y[rows, :] if gates is None else gates[rows, :],
            befores[place],
            None if cells is None else (cells_before[place], cells[rows, :]),
        )
        dbefore = xp.matmul(dah, w_hh)
        dh = with_first(xp, dbefore if direct is None else dbefore + direct, dh)
        if dc is not None:
            dc = with_first(xp, dcell, dc)
        found.append((dax, dah, dprojected))
    # The steps in the order of their rows, which the walk back has turned around.
    dax, dah, dprojected = (
        xp.concat(parts, axis=0) for parts in zip(*(found if reverse else found[::-1]), strict=True)
    )
    before = xp.concat(befores[::-1] if reverse else befores, axis=0)
    dw_hh = xp.matmul(dah.T, before)
    db_hh = xp.sum(dah, axis=0) if has_bias else None
    dw_hr = None
    if w_hr is not None:
        o = blocks(gates, 4)[3]
        dw_hr = xp.matmul(dprojected.T, o * xp.tanh(cells))
    return dax, dh, dc, dw_hh, db_hh, dw_hr


def steps(sizes: tuple[int, ...], reverse: bool) -> list[tuple[slice, int]]:
    """Give, in the order of the walk, the rows of each step and how many they are."""
    ends = list(accumulate(sizes))
    found = [(slice(end - size, end), size) for end, size in zip(ends, sizes, strict=True)]
    return found[::-1] if reverse else found


def _first(states, size):
    """Give the states of the sequences that reach a step."""
    return states if states.shape[0] == size else states[:size, :]


def with_first(xp: Namespace, new: Array, states: Array) -> Array:
    """Put new states in the place of the first ones."""
    size = new.shape[0]
    return new if states.shape[0] == size else xp.concat([new, states[size:, :]], axis=0)


def _plus(x, more, rows):
    return x if more is None else x + more[rows, :]


def _by_rows(cell, out):
    """Give what the recurrence gave for each row: outputs, gates, cells (or their gradients)."""
    if cell == "lstm":
        return out[0], out[3], out[4]
    return out[0], out[2] if cell == "gru" else None, None


def states_before(
    xp: Namespace, after: Array, first: Array, sizes: tuple[int, ...], reverse: bool
) -> list[Array]:
    """Give the states with which each step began, in the order of the walk."""
    states, found = first, []
    for rows, size in steps(sizes, reverse):
        found.append(_first(states, size))
        states = with_first(xp, after[rows, :], states)
    return found


def blocks(x: Array, count: int) -> list[Array]:
    """Cut (N, count * H) into blocks of columns."""
    width = x.shape[1] // count
    return [x[:, place * width : (place + 1) * width] for place in range(count)]


# Steps of the cells --------------------------------------------------------------------------------------------------
#
# Forward: (xp, ax, ah, h, c) gives the new h and c and the gates. Backward: (xp, dh, dc, dgates, gates, h, cells) gives
# the gradients of ax and ah, what goes to the h before the step directly (or None), and that of the c before it.
# `dh` and `dc` are those of the states after the step; `dgates`, of the gates themselves, comes only in higher orders.
# `cells` are an LSTM's c before and after the step; a plain RNN's gates are its output.


def _rnn_tanh(xp, ax, ah, h, c):
    return xp.tanh(ax + ah), None, None


def _rnn_tanh_back(xp, dh, dc, dgates, y, h, cells):
    da = dh * (1 - y * y)
    return da, da, None, None


def _rnn_relu(xp, ax, ah, h, c):
    return xp.maximum(ax + ah, 0), None, None


def _rnn_relu_back(xp, dh, dc, dgates, y, h, cells):
    da = xp.where(y <= 0, 0, dh)
    return da, da, None, None


def _lstm(xp, ax, ah, h, c):
    i, f, g, o = blocks(ax + ah, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), xp.tanh(g), sigmoid(o)
    c = f * c + i * g
    return o * xp.tanh(c), c, xp.concat([i, f, g, o], axis=1)


def _lstm_back(xp, dh, dc, dgates, gates, h, cells):
    i, f, g, o = blocks(gates, 4)
    before, after = cells
    tanh = xp.tanh(after)
    dc = dc + dh * o * (1 - tanh * tanh)
    into = xp.concat([dc * g, dc * before, dc * i, dh * tanh], axis=1)
    if dgates is not None:
        into = into + dgates
    da = into * xp.concat([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)], axis=1)
    return da, da, None, dc * f


def _gru(xp, ax, ah, h, c):
    (xr, xz, xn), (hr, hz, hn) = blocks(ax, 3), blocks(ah, 3)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    n = xp.tanh(xn + r * hn)
    # The state's share of the new gate is kept with the gates.
    return n + z * (h - n), None, xp.concat([r, z, n, hn], axis=1)


def _gru_back(xp, dh, dc, dgates, gates, h, cells):
    r, z, n, hn = blocks(gates, 4)
    dr, dz, dn, dhn = (None,) * 4 if dgates is None else blocks(dgates, 4)
    dz, dn = _sum(dh * (h - n), dz), _sum(dh * (1 - z), dn)
    dn = dn * (1 - n * n)
    dr, dhn = _sum(dn * hn, dr), _sum(dn * r, dhn)
    dr, dz = dr * r * (1 - r), dz * z * (1 - z)
    return xp.concat([dr, dz, dn], axis=1), xp.concat([dr, dz, dhn], axis=1), dh * z, None


def _sum(x, more):
    return x if more is None else x + more


_STEPS: dict[Cell, Callable[..., Any]] = {
    "rnn_tanh": _rnn_tanh,
    "rnn_relu": _rnn_relu,
    "lstm": _lstm,
    "gru": _gru,
}

_STEPS_BACK: dict[Cell, Callable[..., Any]] = {
    "rnn_tanh": _rnn_tanh_back,
    "rnn_relu": _rnn_relu_back,
    "lstm": _lstm_back,
    "gru": _gru_back,
}
