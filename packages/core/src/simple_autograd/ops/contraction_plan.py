"""What an einsum means and in which order to compute it: text and lengths only, no arrays. ``contractions.py`` asks it.

Subscripts become *terms*, one tuple of labels per operand and one for the output. A label is an integer: a letter's
code, or for the axes under an ellipsis -1 for the last, -2 for the one before, … so that they align from the right,
as in broadcasting.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..types import Shape

__all__ = [
    "Contraction",
    "Product",
    "Reduction",
    "Term",
    "contraction",
    "from_sublists",
    "places_of",
]

Term = tuple[int, ...]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Reduction(NamedTuple):
    """What is done with one operand before the products.

    Attributes
    ----------
    place
        Which operand.
    diagonals
        Again and again, an order of axes that brings two of one label to the end, where their diagonal is taken.
    summed
        The axes to sum over then.
    """

    place: int
    diagonals: tuple[tuple[int, ...], ...]
    summed: tuple[int, ...]


class Product(NamedTuple):
    """The product of two of the operands that are left; it goes to the end of the list.

    Attributes
    ----------
    places
        Which two.
    orders, shapes
        How to arrange and reshape each; None where it is so already.
    summed
        Whether to sum, and so to take the matrix product, or to multiply elementwise.
    shape
        How to reshape the product, or None.
    """

    places: tuple[int, int]
    orders: tuple[tuple[int, ...] | None, tuple[int, ...] | None]
    shapes: tuple[Shape | None, Shape | None]
    summed: bool
    shape: Shape | None


class Contraction(NamedTuple):
    """An einsum of operands of certain shapes.

    Attributes
    ----------
    terms
        The labels of each operand's axes.
    output
        The labels of the result's axes.
    reductions, products
        What to do, one after the other.
    order
        How to arrange the axes of what is left at the end, or None.
    """

    terms: tuple[Term, ...]
    output: Term
    reductions: tuple[Reduction, ...]
    products: tuple[Product, ...]
    order: tuple[int, ...] | None


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
    # Length one in the place of a longer label broadcasts, so that operand does not really have the label.
    left = [
        tuple(
            [label for label, length in zip(term, shape, strict=True) if length == lengths[label]]
        )
        for term, shape in zip(terms, shapes, strict=True)
    ]
    reductions = []
    needed = [set(own) & _needed(left, output, (place,)) for place, own in enumerate(left)]
    for place, term in enumerate(terms):
        reduction, left[place] = _reduce(place, term, needed[place])
        if reduction.diagonals or reduction.summed:
            reductions.append(reduction)
    products = []
    while len(left) > 1:
        i, j = _best_pair(left, output, lengths)
        product, term = _multiply(left, output, (i, j), lengths)
        products.append(product)
        left = [*left[:i], *left[i + 1 : j], *left[j + 1 :], term]
    order = None if left[0] == output else places_of(left[0], output)
    return Contraction(terms, output, tuple(reductions), tuple(products), order)


def places_of(term: Term, wanted: Term) -> tuple[int, ...]:
    """Give the order of axes that leads from one term to another; a label may stand in both several times."""
    free: list[int | None] = list(term)
    places = []
    for label in wanted:
        place = free.index(label)
        free[place] = None
        places.append(place)
    return tuple(places)


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


def _needed(left: Sequence[Term], output: Term, taken: tuple[int, ...]) -> set[int]:
    """Give the labels that the output and the operands other than those taken ask for."""
    return set(output).union(*[term for place, term in enumerate(left) if place not in taken])


def _reduce(place: int, term: Term, needed: set[int]) -> tuple[Reduction, Term]:
    """Plan to take diagonals of labels that stand twice, and to sum over those that are not needed."""
    diagonals = []
    while len(set(term)) < len(term):
        label = next(label for label in term if term.count(label) > 1)
        first, second = [axis for axis, other in enumerate(term) if other == label][:2]
        rest = [axis for axis in range(len(term)) if axis not in (first, second)]
        diagonals.append((*rest, first, second))
        term = (*[term[axis] for axis in rest], label)
    summed = tuple([axis for axis, label in enumerate(term) if label not in needed])
    kept = tuple([label for label in term if label in needed])
    return Reduction(place, tuple(diagonals), summed), kept


def _best_pair(left: Sequence[Term], output: Term, lengths: dict[int, int]) -> tuple[int, int]:
    """Choose the pair whose product adds the fewest elements to what is there.

    That is the greedy search of opt_einsum (Smith and Gray, 2018), without its random restarts.
    """

    def size(labels: Iterable[int]) -> int:
        return math.prod([lengths[label] for label in labels])

    def growth(pair: tuple[int, int]) -> int:
        first, second = left[pair[0]], left[pair[1]]
        product = {*first, *second} & _needed(left, output, pair)
        return size(product) - size(first) - size(second)

    return min(itertools.combinations(range(len(left)), 2), key=growth)


def _multiply(
    left: Sequence[Term], output: Term, places: tuple[int, int], lengths: dict[int, int]
) -> tuple[Product, Term]:
    """Plan a product of two operands, summed over the labels that nobody needs any more; give its term too."""
    first, second = left[places[0]], left[places[1]]
    needed = _needed(left, output, places)
    kept = tuple([label for label in first if label in second and label in needed])
    summed = tuple([label for label in first if label in second and label not in needed])
    own1 = tuple([label for label in first if label not in second])
    own2 = tuple([label for label in second if label not in first])
    wanted1, wanted2 = kept + own1 + summed, kept + summed + own2

    def shape(*groups: Term, joined: bool) -> Shape:
        if joined:
            return tuple([math.prod([lengths[label] for label in group]) for group in groups])
        return tuple([lengths[label] for group in groups for label in group])

    if summed:
        stack = shape(kept, joined=False)
        shape1 = (*stack, *shape(own1, summed, joined=True))
        shape2 = (*stack, *shape(summed, own2, joined=True))
        result = (*stack, *shape(own1, own2, joined=True))
    else:
        shape1 = (*shape(kept, own1, joined=False), *[1] * len(own2))
        shape2 = (*shape(kept, joined=False), *[1] * len(own1), *shape(own2, joined=False))
        result = shape(kept, own1, own2, joined=False)
    term = kept + own1 + own2
    product = Product(
        places,
        (
            None if first == wanted1 else places_of(first, wanted1),
            None if second == wanted2 else places_of(second, wanted2),
        ),
        (
            None if shape(wanted1, joined=False) == shape1 else shape1,
            None if shape(wanted2, joined=False) == shape2 else shape2,
        ),
        bool(summed),
        None if shape(term, joined=False) == result else shape(term, joined=False),
    )
    return product, term
