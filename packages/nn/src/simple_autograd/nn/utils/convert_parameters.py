"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import ops
from ...types import Array
from ...variable import Variable
from ...writes import written
from ..functional.arguments import backend_of_argument, describe

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Variable]) -> Any:
    """Give all parameters as one vector, on the tape.

    Parameters
    ----------
    parameters
        Variables of one backend.

    Returns
    -------
    Variable
        (N,), the elements of the first, of the second, and so on.

    Raises
    ------
    ValueError
        If there are none.
    """
    vectors = [ops.reshape(parameter, (-1,)) for parameter in parameters]
    if not vectors:
        raise ValueError(
            "parameters_to_vector: parameters is empty; needed is at least one Variable."
        )
    return ops.concat(vectors, axis=0)


def vector_to_parameters(vec: Array, parameters: Iterable[Variable]) -> None:
    """Copy the parts of a vector into the parameters, in place.

    Parameters
    ----------
    vec
        (N,), a Variable or raw array.
    parameters
        Variables that have N elements together.

    Raises
    ------
    ValueError
        If `vec` is no vector of that length; then nothing is written.
    """
    backend = backend_of_argument("vector_to_parameters", "vec", vec)
    raw = vec.data if isinstance(vec, Variable) else vec
    parameters = list(parameters)
    count = sum(parameter.size for parameter in parameters)
    if tuple(raw.shape) != (count,):
        raise ValueError(
            f"vector_to_parameters: vec is a {describe(vec)}; needed is the shape ({count},), as the parameters have "
            f"{count} elements."
        )
    start = 0
    for parameter in parameters:
        end = start + parameter.size
        part = backend.xp.reshape(raw[start:end], parameter.shape)
        parameter.data[...] = backend.xp.astype(part, parameter.dtype, copy=False)
        written(parameter.backend, parameter.data, "vector_to_parameters")
        start = end
