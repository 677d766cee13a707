"""The random generators that everything draws from by default: one per backend, for the process.

Initialisers, dropout and whoever else needs random numbers take `default_generator` unless they are given another.
``manual_seed`` seeds them all. Their state can be read and set, so that a run resumes with the numbers that an
unbroken one would have drawn.
"""

from __future__ import annotations

import operator

from .backends import Backend, Generator, get_backend

__all__ = ["default_generator", "manual_seed"]

_generators: dict[str, Generator] = {}
_seed: list[int | None] = [None]


def manual_seed(seed: int) -> None:
    """Seed the default generator of every backend, those that exist and those that are yet to be asked for.

    Parameters
    ----------
    seed
        An integer of at least 0. The same seed gives the same numbers.

    Raises
    ------
    TypeError, ValueError
        If `seed` is not such an integer.

    Examples
    --------
    >>> import simple_autograd as sa
    >>> sa.manual_seed(0)
    >>> first = sa.default_generator().uniform((2,))
    >>> sa.manual_seed(0)
    >>> bool((first == sa.default_generator().uniform((2,))).all())
    True
    """
    try:
        seed = operator.index(seed)
    except TypeError:
        raise TypeError(
            f"manual_seed: seed is a {type(seed).__name__}; needed is an integer of at least 0."
        ) from None
    if seed < 0:
        raise ValueError(f"manual_seed: seed is {seed}; needed is an integer of at least 0.")
    _seed[0] = seed
    for name, generator in _generators.items():
        # In place, because others may hold the generator.
        generator.state = get_backend(name).generator(seed).state


def default_generator(backend: str | Backend | None = None) -> Generator:
    """Give the generator that is drawn from where none is named: always the same one of a backend.

    Its ``state`` can be kept and later set again, to draw the same numbers once more.

    Parameters
    ----------
    backend
        A backend or its name; None means the default backend.
    """
    backend = get_backend(backend)
    generator = _generators.get(backend.name)
    if generator is None:
        generator = _generators[backend.name] = backend.generator(_seed[0])
    return generator
