"""NumPy's kernels for ``functional/recurrent.py``: one matrix product a step, and gates computed in place.

A step's product is small. BLAS would split it among its threads, which costs more than it gains, and very much more
where another program keeps a core busy; so the weight is cut into blocks that are too small for that.

A sigmoid is taken as ``tanh(x / 2) / 2 + 1 / 2``: so the gates of a step, which lie side by side, are one call of tanh,
and the halving of what goes in is done once for the whole sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....backends import Backend
from ...functional.recurrent import Cell, blocks, states_before, steps, with_first
from .linear import linear_backward_weight

__all__ = ["recurrent", "recurrent_backward"]

Array = np.ndarray


def recurrent(
    ax: Array,
    h0: Array,
    c0: Array | None,
    w_hh: Array,
    b_hh: Array | None,
    w_hr: Array | None,
    *,
    cell: Cell,
    sizes: tuple[int, ...],
    reverse: bool,
) -> tuple[Array, ...]:
    """The outputs, the last states, the gates and the cells (see the portable body)."""
    given = [array for array in (ax, h0, c0, w_hh, b_hh, w_hr) if array is not None]
    if not _are_alike(given):
        options = {"cell": cell, "sizes": sizes, "reverse": reverse}
        return Backend.portable["recurrent"](np, ax, h0, c0, w_hh, b_hh, w_hr, **options)
    walk = steps(sizes, reverse)
    if cell == "lstm":
        assert c0 is not None
        return _lstm(ax, h0, c0, w_hh, b_hh, w_hr, walk)
    if cell == "gru":
        return _gru(ax, h0, w_hh, b_hh, walk)
    y = ax.copy() if b_hh is None else ax + b_hh
    w, h = _cut(w_hh.T, len(h0)), h0
    share = np.empty((len(h0), ax.shape[1]), ax.dtype)
    for rows, size in walk:
        out = y[rows]
        out += _product(h[:size], w, share[:size])
        if cell == "rnn_tanh":
            np.tanh(out, out=out)
        else:
            np.maximum(out, 0, out=out)
        h = with_first(np, out, h)
    return y, h.copy()


def _lstm(
    ax: Array,
    h0: Array,
    c0: Array,
    w_hh: Array,
    b_hh: Array | None,
    w_hr: Array | None,
    walk: list[tuple[slice, int]],
) -> tuple[Array, ...]:
    scale, shift = _of_sigmoids(c0.shape[1], 4, (0, 1, 3), ax.dtype)
    gates = np.multiply(ax, scale, order="C")
    if b_hh is not None:
        gates += b_hh * scale
    w = _cut(w_hh.T * scale, len(h0))
    y, cells = (
        np.empty((len(ax), h0.shape[1]), ax.dtype),
        np.empty((len(ax), c0.shape[1]), ax.dtype),
    )
    share, memory = np.empty((len(h0), len(scale)), ax.dtype), np.empty_like(c0, order="C")
    h, c = h0, c0
    for rows, size in walk:
        gate, cell, work = gates[rows], cells[rows], memory[:size]
        gate += _product(h[:size], w, share[:size])
        _activate(gate, scale, shift)
        i, f, g, o = blocks(gate, 4)
        np.multiply(f, c[:size], out=cell)
        np.multiply(i, g, out=work)
        cell += work
        np.tanh(cell, out=work)
        if w_hr is None:
            np.multiply(o, work, out=y[rows])
        else:
            work *= o
            np.matmul(work, w_hr.T, out=y[rows])
        h, c = with_first(np, y[rows], h), with_first(np, cell, c)
    return y, h.copy(), c.copy(), gates, cells


def _gru(
    ax: Array, h0: Array, w_hh: Array, b_hh: Array | None, walk: list[tuple[slice, int]]
) -> tuple[Array, ...]:
    width = h0.shape[1]
    scale, shift = _of_sigmoids(width, 3, (0, 1), ax.dtype)
    w = _cut(w_hh.T * scale, len(h0))
    bias = None if b_hh is None else b_hh * scale
    gates, y = np.empty((len(ax), 4 * width), ax.dtype), np.empty((len(ax), width), ax.dtype)
    np.multiply(ax, scale, out=gates[:, : 3 * width])
    share, h = np.empty((len(h0), 3 * width), ax.dtype), h0
    for rows, size in walk:
        gate, states, from_state = gates[rows], h[:size], share[:size]
        _product(states, w, from_state)
        if bias is not None:
            from_state += bias
        sigmoids = gate[:, : 2 * width]
        sigmoids += from_state[:, : 2 * width]
        _activate(sigmoids, scale[: 2 * width], shift[: 2 * width])
        r, z, n, hn = blocks(gate, 4)
        hn[...] = from_state[:, 2 * width :]
        n += r * hn
        np.tanh(n, out=n)
        out = np.subtract(states, n, out=y[rows])
        out *= z
        out += n
        h = with_first(np, out, h)
    return y, h.copy(), gates


def _of_sigmoids(
    width: int, count: int, sigmoids: tuple[int, ...], dtype: Any
) -> tuple[Array, Array]:
    """Give for each column of the gates by what tanh's argument and result are multiplied, and what is added."""
    scale = np.ones((count, width), dtype)
    scale[list(sigmoids)] = 0.5
    scale = scale.reshape(-1)
    return scale, 1 - scale


def _activate(gate: Array, scale: Array, shift: Array) -> None:
    np.tanh(gate, out=gate)
    gate *= scale
    gate += shift


def recurrent_backward(
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
    """The gradients of all arguments (see the portable body)."""
    states = 1 if c0 is None else 2
    given = [w_hh, h0, *out, *[array for array in (w_hr, c0, *grad) if array is not None]]
    if not _are_alike(given) or any(array is not None for array in grad[1 + states :]):
        # Gates have gradients of their own only in higher orders.
        options = {"has_bias": has_bias, "cell": cell, "sizes": sizes, "reverse": reverse}
        return Backend.portable["recurrent_backward"](np, w_hh, w_hr, h0, c0, out, grad, **options)
    walk = steps(sizes, reverse)[::-1]
    w = _cut(w_hh, len(h0))
    y, dy = out[0], grad[0]
    dh = np.zeros(h0.shape, y.dtype) if grad[1] is None else grad[1].copy("C")
    before = states_before(np, y, h0, sizes, reverse)
    dc = dw_hr = None
    if c0 is not None:
        dc = np.zeros(c0.shape, y.dtype) if grad[2] is None else grad[2].copy("C")
        cells_before = states_before(np, out[4], c0, sizes, reverse)[::-1]
        dax, dw_hr = _lstm_back(w, w_hr, dh, dc, dy, out[3], out[4], cells_before, walk)
        dah = dax
    elif cell == "gru":
        dax, dah = _gru_back(w, dh, dy, out[2], before[::-1], walk)
    else:
        dax = dah = _rnn_back(w, dh, dy, y, _RNN_BACK[cell], walk)
    joined = np.concatenate(before[::-1] if reverse else before)
    dw_hh = linear_backward_weight(dah, joined)
    return dax, dh, dc, dw_hh, dah.sum(axis=0) if has_bias else None, dw_hr


def _lstm_back(
    w: Array,
    w_hr: Array | None,
    dh: Array,
    dc: Array,
    dy: Array | None,
    gates: Array,
    cells: Array,
    cells_before: list[Array],
    walk: list[tuple[slice, int]],
) -> tuple[Array, Array | None]:
    """Walk back through an LSTM's steps; `dh` and `dc` become the gradients of the first states."""
    count, width = dc.shape
    da = np.empty_like(gates)
    slopes = np.empty((count, 4 * width), gates.dtype)
    tanhs, works = np.empty_like(dc), np.empty_like(dc)
    dprojected = None if w_hr is None else np.empty((len(gates), len(w_hr)), gates.dtype)
    for (rows, size), before in zip(walk, cells_before, strict=True):
        gate, into, slope, tanh, work = (
            gates[rows], da[rows], slopes[:size], tanhs[:size], works[:size],
        )  # fmt: skip
        i, f, g, o = blocks(gate, 4)
        into_i, into_f, into_g, into_o = blocks(into, 4)
        above, dcell = dh[:size], dc[:size]
        if dy is not None:
            above += dy[rows]
        if w_hr is not None and dprojected is not None:
            dprojected[rows] = above
            above = above @ w_hr
        np.tanh(cells[rows], out=tanh)
        np.multiply(above, tanh, out=into_o)
        np.multiply(above, o, out=work)
        dcell += work
        tanh *= tanh
        work *= tanh
        dcell -= work
        np.multiply(dcell, g, out=into_i)
        np.multiply(dcell, before, out=into_f)
        np.multiply(dcell, i, out=into_g)
        # A sigmoid's slope is s - s * s, that of tanh 1 - g * g.
        np.multiply(gate, gate, out=slope)
        np.subtract(gate, slope, out=slope)
        of_tanh = slope[:, 2 * width : 3 * width]
        of_tanh -= g
        of_tanh += 1
        into *= slope
        _product(into, w, dh[:size])
        dcell *= f
    if dprojected is None:
        return da, None
    hidden = np.tanh(cells)
    hidden *= gates[:, 3 * width :]
    return da, linear_backward_weight(dprojected, hidden)


def _gru_back(
    w: Array,
    dh: Array,
    dy: Array | None,
    gates: Array,
    before: list[Array],
    walk: list[tuple[slice, int]],
) -> tuple[Array, Array]:
    """Walk back through a GRU's steps; `dh` becomes the gradient of the first state."""
    width = dh.shape[1]
    dax, dah = (np.empty((len(gates), 3 * width), gates.dtype) for _ in range(2))
    works, directs = np.empty_like(dh), np.empty_like(dh)
    for (rows, size), h in zip(walk, before, strict=True):
        above, work, direct = dh[:size], works[:size], directs[:size]
        if dy is not None:
            above += dy[rows]
        r, z, n, hn = blocks(gates[rows], 4)
        dr, dz, dn = blocks(dax[rows], 3)
        np.multiply(above, z, out=direct)
        np.subtract(h, n, out=dz)
        dz *= direct
        np.subtract(1, z, out=work)
        dz *= work
        np.subtract(above, direct, out=dn)
        np.multiply(n, n, out=work)
        work *= dn
        dn -= work
        np.multiply(dn, r, out=dah[rows, 2 * width :])
        np.multiply(dn, hn, out=dr)
        dr *= r
        np.subtract(1, r, out=work)
        dr *= work
        dah[rows, : 2 * width] = dax[rows, : 2 * width]
        _product(dah[rows], w, above)
        above += direct
    return dax, dah


def _rnn_back(
    w: Array,
    dh: Array,
    dy: Array | None,
    y: Array,
    back: Callable[[Array, Array, Array], None],
    walk: list[tuple[slice, int]],
) -> Array:
    """Walk back through a plain RNN's steps; `dh` becomes the gradient of the first state."""
    da = np.empty_like(y)
    for rows, size in walk:
        above, into = dh[:size], da[rows]
        if dy is not None:
            above += dy[rows]
        back(y[rows], above, into)
        _product(into, w, above)
    return da


def _tanh_back(y: Array, above: Array, out: Array) -> None:
    np.multiply(y, y, out=out)
    np.subtract(1, out, out=out)
    out *= above


def _relu_back(y: Array, above: Array, out: Array) -> None:
    np.copyto(out, above)
    np.copyto(out, 0, where=y <= 0)


_RNN_BACK: dict[str, Callable[[Array, Array, Array], None]] = {
    "rnn_relu": _relu_back,
    "rnn_tanh": _tanh_back,
}


def _cut(w: Array, rows: int) -> Array:
    """Cut a weight (K, M) into blocks of columns, (B, K, M / B), whose products with so many rows are small."""
    inner, columns = w.shape
    count = 1
    while rows * inner * (columns // count) > _SMALL and columns % (2 * count) == 0:
        count *= 2
    if columns // count < _NARROW:
        count = 1
    return np.ascontiguousarray(w.reshape(inner, count, columns // count).swapaxes(0, 1))


def _product(x: Array, w: Array, out: Array) -> Array:
    """Multiply rows by a weight that was cut, into contiguous rows `out`."""
    np.matmul(x, w, out=out.reshape(len(out), len(w), w.shape[2]).swapaxes(0, 1))
    return out


_SMALL = 2**19
"""So many multiplications OpenBLAS does on one thread, and without first packing its operands."""

_NARROW = 16
"""Blocks of fewer columns would be slow."""


def _are_alike(arrays: list[Array]) -> bool:
    """Say whether arrays have one floating data type, which the kernels compute in."""
    dtype = arrays[0].dtype
    return dtype.kind == "f" and all(array.dtype == dtype for array in arrays)
