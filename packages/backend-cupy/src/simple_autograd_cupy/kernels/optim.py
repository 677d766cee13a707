"""Steps of Adam and SGD on all parameters of a block in one launch (see ``optim.cu``).

The state of a block lies in flat arrays already; where its parameters and their gradients are goes along with the
launch, so that nothing is copied, neither on the device nor to it. Of a matrix one of the two may lie row by row and
the other column by column: the weights of ``nn.Linear`` are stored as (in, out), their gradients as (out, in).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from .launching import MOST, THREADS, TYPES, dense, launch, passed

__all__ = ["adam_step", "sgd_step", "stored_transposed"]

Array = Any

_MOST = 120
"""So many tensors go with one launch: as ``MOST`` in ``optim.cu``."""


def adam_step(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    *,
    scales: dict[str, float],
    step: int,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    shrinkage: float,
    maximize: bool,
) -> Any:
    """One step of Adam, one thread per element; nothing has been put off here."""
    if any([scale != 1 for scale in scales.values()]) or not _covers(
        parameters, gradients, exp_avg, exp_avg_sq, max_exp_avg_sq
    ):
        return NotImplemented
    beta1, beta2 = betas
    size, correction2 = lr / (1 - beta1**step), 1 - beta2**step
    settings = (
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        size,
        correction2,
        eps,
        weight_decay,
        1 - shrinkage,
    )
    state = (exp_avg, exp_avg_sq, max_exp_avg_sq)
    numbers = [float(number) for number in settings]
    return _launch("adam_step", parameters, gradients, *state, *numbers, int(maximize))


def sgd_step(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    momentum_buffer: Array | None,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
) -> Any:
    """One step of SGD, one thread per element."""
    if not _covers(parameters, gradients, momentum_buffer):
        return NotImplemented
    numbers = [float(number) for number in (lr, momentum, 1 - dampening, weight_decay)]
    flags = (int(nesterov), int(maximize))
    return _launch("sgd_step", parameters, gradients, momentum_buffer, *numbers, *flags)


def stored_transposed(array: Array) -> bool:
    """Matrices in Fortran's order are, such as weights that came from NumPy."""
    return array.ndim == 2 and array.flags.f_contiguous and not array.flags.c_contiguous


def _covers(parameters: Sequence[Array], gradients: Sequence[Array], *state: Array | None) -> bool:
    """Say whether there are kernels for the type of all arrays, and the parameters can be written where they are."""
    dtype = parameters[0].dtype
    return (
        dtype.type.__name__ in TYPES
        and all([array.dtype == dtype for array in (*parameters, *gradients)])
        and all([array is None or array.dtype == dtype for array in state])
        and all([array.flags.c_contiguous for array in parameters])
        and sum([array.size for array in parameters]) <= MOST
    )


def _launch(name: str, parameters: Sequence[Array], gradients: Sequence[Array], *args: Any) -> None:
    """Launch a step, for so many tensors at a time as go along."""
    dtype, start = parameters[0].dtype, 0
    for first in range(0, len(parameters), _MOST):
        written = parameters[first : first + _MOST]
        read = [_as_read(array) for array in gradients[first : first + _MOST]]
        ends = [start + length for length in accumulate([array.size for array in written])]
        widths = [0 if array.flags.c_contiguous else array.shape[1] for array in read]
        tensors = [
            _field("Q", [array.data.ptr for array in written]),
            _field("Q", [array.data.ptr for array in read]),
            _field("q", ends),
            struct.pack("qq", start, len(written)),
            _field("i", widths),
        ]
        if ends[-1] > start:
            blocks = -(-(ends[-1] - start) // THREADS)
            launch("optim", name, dtype, (blocks,), (THREADS,), passed(b"".join(tensors)), *args)
        start = ends[-1]


def _field(code: str, values: list[int]) -> bytes:
    """Give a field of what the kernels know as ``Tensors``: numbers of a type of `struct`, and zeros behind them."""
    field = struct.pack(f"{len(values)}{code}", *values)
    return field.ljust(_MOST * struct.calcsize(code), b"\0")


def _as_read(gradient: Array) -> Array:
    """Give a gradient as the kernels read it: row by row or, of a matrix, column by column."""
    return gradient if gradient.ndim == 2 and gradient.flags.f_contiguous else dense(gradient)
