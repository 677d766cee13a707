"""NumPy's kernel for ``utils/clip_grad.py``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["total_norm"]

Array = np.ndarray


def total_norm(arrays: Sequence[Array], order: float) -> Array:
    """The norm of several arrays, as that of one vector. The Euclidean one is BLAS's, in one pass."""
    if order == 2 and not any([np.iscomplexobj(array) for array in arrays]):
        # In the order of memory nothing is copied.
        flat = [array.ravel("K") for array in arrays]
        return np.sqrt(np.asarray(sum([np.dot(values, values) for values in flat])))
    norms = [np.linalg.vector_norm(array, ord=order) for array in arrays]
    return np.asarray(np.linalg.vector_norm(np.stack(norms), ord=order))
