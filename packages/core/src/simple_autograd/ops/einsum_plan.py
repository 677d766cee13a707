"""What an einsum means and in which order to compute it: text and lengths only, no arrays. ``einsum.py`` asks it.

Subscripts become *terms*, one tuple of labels per operand and one for the output. A label is an integer: a letter's
code, or for the axes under an ellipsis -1 for the last, -2 for the one before, … so that they align from the right,
as in broadcasting.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..types import Shape

__all__ = ["Contraction", "Term", "contraction", "from_sublists"]

Term = tuple[int, ...]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Contraction(NamedTuple):
    """An einsum of operands of certain shapes.

    Attributes
    ----------
    terms
        The labels of each operand's axes.
    output
        The labels of the result's axes.
    lengths
        How long each label is; an operand may have length one in its place.
    pairs
        Which two of the operands left to multiply next; their product goes to the end of the list.
    """

    terms: tuple[Term, ...]
    output: Term
    lengths: dict[int, int]
    pairs: tuple[tuple[int, int], ...]


@functools.lru_cache(maxsize=512)
def contraction(subscripts: str | tuple[Term, ...], shapes: tuple[Shape, ...]) -> Contraction:
    """Plan an einsum.

    Parameters
    ----------
    subscripts
        The user's text, or terms: those of the operands and last the output's.
    shapes
        The operands' shapes.

    Raises
    ------
    ValueError
        Naming the operand or the letter that does not fit.
    """
    if isinstance(subscripts, str):
        terms, output = _parse(subscripts, shapes)
    else:
        terms, output = subscripts[:-1], subscripts[-1]
    lengths = _lengths(subscripts, terms, shapes)
    return Contraction(terms, output, lengths, _greedy_order(terms, output, lengths))


def from_sublists(args: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Give ``einsum(x1, [0, 1], x2, [1, 2], [0, 2])`` as subscripts and operands."""
    output = "->" + _from_sublist(args[-1]) if len(args) % 2 else ""
    pairs = args[: len(args) - len(args) % 2]
    return ",".join(map(_from_sublist, pairs[1::2])) + output, tuple(pairs[::2])


def _from_sublist(labels: Any) -> str:
    try:
        return "".join("..." if label is Ellipsis else _LETTERS[label] for label in labels)
    except (TypeError, IndexError):
        raise ValueError(
            f"einsum: {labels!r} is no list of labels. Needed are integers from 0 to {len(_LETTERS) - 1}, one per "
            f"axis, and Ellipsis; or give the subscripts as text, such as einsum('ij,jk->ik', x1, x2)."
        ) from None


def _parse(subscripts: str, shapes: tuple[Shape, ...]) -> tuple[tuple[Term, ...], Term]:
    """Give the terms of the operands and of the output."""
    text = subscripts.replace(" ", "")
    inputs, arrow, result = text.partition("->")
    parts = inputs.split(",")
    if len(parts) != len(shapes):
        raise ValueError(
            f"einsum: {subscripts!r} names {len(parts)} operands, and {len(shapes)} were given."
        )
    terms = tuple(
        _term(subscripts, f"operand {place}", part, len(shape))
        for place, (part, shape) in enumerate(zip(parts, shapes, strict=True))
    )
    hidden = -min(itertools.chain((0,), *terms))  # how many axes the longest ellipsis stands for
    if arrow:
        shown = hidden if "..." in result else 0
        ndim = len(result.replace("...", "")) + shown
        output = _term(subscripts, "the output", result, ndim)
        if shown < hidden:
            raise ValueError(
                f"einsum: {subscripts!r} has an ellipsis that the output lacks. Write '...' there to keep its axes, or "
                f"letters to sum over them."
            )
    else:
        counts = Counter(itertools.chain(*terms))
        once = sorted(label for label, count in counts.items() if label >= 0 and count == 1)
        output = (*range(-hidden, 0), *once)
    unknown = [label for label in output if not any(label in term for term in terms)]
    if unknown or len(set(output)) < len(output):
        fault = (
            f"{chr(unknown[0])!r} in the output is in no operand"
            if unknown
            else "a letter stands twice in the output"
        )
        raise ValueError(f"einsum: {subscripts!r}: {fault}.")
    return terms, output


def _term(subscripts: str, where: str, part: str, ndim: int) -> Term:
    """Give the labels of one operand's axes, or of the output's."""
    before, dots, after = part.partition("...")
    letters = before + after
    if not all(letter in _LETTERS for letter in letters):
        raise ValueError(
            f"einsum: {where} in {subscripts!r} is {part!r}; needed are letters, and at most one '...'."
        )
    hidden = ndim - len(letters)
    if hidden < 0 or (hidden > 0 and not dots):
        raise ValueError(
            f"einsum: {where} has {ndim} axes, and {subscripts!r} names {len(letters)} of them. Use '...' for axes "
            f"without a letter."
        )
    middle = range(-hidden, 0) if dots else ()
    return (*map(ord, before), *middle, *map(ord, after))


def _lengths(subscripts: Any, terms: tuple[Term, ...], shapes: tuple[Shape, ...]) -> dict[int, int]:
    """Give every label's length."""
    lengths: dict[int, int] = {}
    for place, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        own: dict[int, int] = {}
        for label, length in zip(term, shape, strict=True):
            known = lengths.setdefault(label, length)
            if own.setdefault(label, length) != length:  # a diagonal: here one stands only for one
                known = own[label]
            elif known == length or length == 1:
                continue
            elif known == 1:
                lengths[label] = length
                continue
            name = repr(chr(label)) if label >= 0 else f"axis {label} under '...'"
            raise ValueError(
                f"einsum: {subscripts!r}: {name} has length {length} in operand {place}, shape {tuple(shape)}, and "
                f"{known} elsewhere."
            )
    return lengths


def _greedy_order(
    terms: tuple[Term, ...], output: Term, lengths: dict[int, int]
) -> tuple[tuple[int, int], ...]:
    """Choose, again and again, the pair whose product adds the fewest elements to what is there.

    That is the greedy search of opt_einsum (Smith and Gray, 2018), without its random restarts.
    """

    def size(labels: frozenset[int]) -> int:
        return math.prod(lengths[label] for label in labels)

    left = [frozenset(term) for term in terms]
    pairs = []
    while len(left) > 1:
        best = None
        for i, j in itertools.combinations(range(len(left)), 2):
            others = frozenset(output).union(*left[:i], *left[i + 1 : j], *left[j + 1 :])
            product = (left[i] | left[j]) & others
            growth = size(product) - size(left[i]) - size(left[j])
            if best is None or growth < best[0]:
                best = growth, i, j, product
        assert best is not None  # two operands are left, so there was a pair
        _, i, j, product = best
        pairs.append((i, j))
        left = [*left[:i], *left[i + 1 : j], *left[j + 1 :], product]
    return tuple(pairs)
