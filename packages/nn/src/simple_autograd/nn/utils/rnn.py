"""Sequences of different lengths: padded to one array, packed for a recurrent layer, and back.

A recurrent layer (``nn.LSTM``, …) takes a `PackedSequence` in place of an array, and then walks each sequence to its
own end. All of it is on the tape.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from ... import ops
from ...types import Array
from ..functional.arguments import backend_of_argument, describe
from ..functional.recurrent import PackedSequence

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


def pad_sequence(
    sequences: Iterable[Array],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: Literal["left", "right"] = "right",
) -> Any:
    """Sequences of different lengths as one array, the shorter ones padded.

    Parameters
    ----------
    sequences
        N arrays (L, ...), each with a length L of its own, and all else alike.
    batch_first
        Give (N, T, ...), where T is the largest length; by default (T, N, ...).
    padding_value
        What the shorter ones are filled up with.
    padding_side
        ``"right"`` fills up at the end, ``"left"`` in front.

    Raises
    ------
    ValueError
        If there is no sequence, or `padding_side` is neither.
    """
    given = list(sequences)
    if padding_side not in ("left", "right"):
        raise ValueError(
            f"pad_sequence: padding_side is {padding_side!r}; needed is 'left' or 'right'."
        )
    if not given:
        raise ValueError("pad_sequence: sequences is empty; needed is at least one sequence.")
    for place, sequence in enumerate(given):
        backend_of_argument("pad_sequence", f"sequences[{place}]", sequence)
        if tuple(sequence.shape[1:]) != tuple(given[0].shape[1:]) or not sequence.shape:
            raise ValueError(
                f"pad_sequence: sequences[{place}] is a {describe(sequence)}; needed is an axis of its own length, "
                f"and then the axes of the first, {tuple(given[0].shape[1:])}."
            )
    longest = max(sequence.shape[0] for sequence in given)
    padded = []
    for sequence in given:
        missing = longest - sequence.shape[0]
        widths = [(missing, 0) if padding_side == "left" else (0, missing)]
        widths += [(0, 0)] * (len(sequence.shape) - 1)
        padded.append(ops.pad(sequence, widths, constant_values=padding_value))
    return ops.stack(padded, axis=0 if batch_first else 1)


def unpad_sequence(
    padded_sequences: Array, lengths: Array | Sequence[int], batch_first: bool = False
) -> list[Any]:
    """The sequences of which `pad_sequence` made one array.

    Parameters
    ----------
    padded_sequences
        (T, N, ...), or with `batch_first` (N, T, ...).
    lengths
        The length of each sequence.
    batch_first
        Whether the sequences are the first axis.
    """
    return [
        padded_sequences[(place, slice(length)) if batch_first else (slice(length), place)]
        for place, length in enumerate(_integers(lengths))
    ]


def pack_padded_sequence(
    input: Array,
    lengths: Array | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Pack sequences that are padded to one array.

    Parameters
    ----------
    input
        (T, N, ...), or with `batch_first` (N, T, ...).
    lengths
        The length of each sequence, integers from 1 to T.
    batch_first
        Whether the sequences are the first axis.
    enforce_sorted
        Take sequences only in the order of their lengths, the longest first. False sorts them; `pad_packed_sequence`
        and the states that a recurrent layer gives have them in the order given again.

    Raises
    ------
    ValueError
        If the lengths do not fit.
    """
    backend = backend_of_argument("pack_padded_sequence", "input", input)
    if len(input.shape) < 2:
        raise ValueError(
            f"pack_padded_sequence: input is a {describe(input)}; needed are at least two axes, steps and sequences."
        )
    x = ops.swapaxes(input, 0, 1) if batch_first else input
    steps, count = x.shape[:2]
    if not count:
        raise ValueError(
            f"pack_padded_sequence: input is a {describe(input)}; needed is at least one sequence."
        )
    found = _integers(lengths)
    if len(found) != count or any(not 1 <= length <= steps for length in found):
        raise ValueError(
            f"pack_padded_sequence: lengths are {found}; needed are {count} integers from 1 to {steps}, because input "
            f"has shape {tuple(input.shape)}."
        )
    order = sorted(range(count), key=lambda place: -found[place])
    if enforce_sorted and order != list(range(count)):
        raise ValueError(
            f"pack_padded_sequence: lengths are {found}, which do not fall; pass enforce_sorted=False to have the "
            f"sequences sorted."
        )
    sizes = tuple(sum(length > step for length in found) for step in range(max(found)))
    rows = [step * count + order[place] for step, size in enumerate(sizes) for place in range(size)]
    data = ops.take(
        ops.reshape(x, (steps * count, *x.shape[2:])), backend.asarray(rows, dtype="int64"), axis=0
    )
    if enforce_sorted:
        return PackedSequence(data, sizes)
    places = [order.index(place) for place in range(count)]
    return PackedSequence(
        data, sizes, backend.asarray(order, dtype="int64"), backend.asarray(places, dtype="int64")
    )


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, Array]:
    """Pad packed sequences to one array: what `pack_padded_sequence` packed.

    Parameters
    ----------
    sequence
        N packed sequences.
    batch_first
        Give (N, T, ...), where T is the largest length; by default (T, N, ...).
    padding_value
        What the shorter ones are filled up with.
    total_length
        The length to pad to; by default the largest one.

    Returns
    -------
    tuple
        The array, and the lengths, (N,), int64; both in the order in which the sequences were given.

    Raises
    ------
    ValueError
        If `total_length` is smaller than the largest length.
    """
    data, sizes = sequence.data, sequence.batch_sizes
    backend = backend_of_argument("pad_packed_sequence", "sequence.data", data)
    if total_length is not None and total_length < len(sizes):
        raise ValueError(
            f"pad_packed_sequence: total_length is {total_length}; needed is at least {len(sizes)}, the length of the "
            f"longest sequence."
        )
    count = sizes[0]
    order = list(range(count))
    if sequence.unsorted_indices is not None:
        order = _integers(sequence.unsorted_indices)
    starts = [sum(sizes[:step]) for step in range(len(sizes))]
    # What is missing is the row behind the last one.
    rows = [
        start + place if place < size else data.shape[0]
        for start, size in zip(starts, sizes, strict=True)
        for place in order
    ]
    steps = len(sizes) if total_length is None else total_length
    rows += [data.shape[0]] * (count * (steps - len(sizes)))
    extra = backend.xp.full((1, *data.shape[1:]), padding_value, dtype=data.dtype)
    padded = ops.take(
        ops.concat([data, extra], axis=0), backend.asarray(rows, dtype="int64"), axis=0
    )
    padded = ops.reshape(padded, (steps, count, *data.shape[1:]))
    lengths = [sum(place < size for size in sizes) for place in order]
    return (
        ops.swapaxes(padded, 0, 1) if batch_first else padded,
        backend.asarray(lengths, dtype="int64"),
    )


def pack_sequence(sequences: Sequence[Array], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences, arrays (L, ...) each with a length L of its own (see `pack_padded_sequence`)."""
    lengths = [sequence.shape[0] for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences that `pack_sequence` packed."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


def _integers(values: Array | Sequence[int]) -> list[int]:
    return [int(value) for value in values]
