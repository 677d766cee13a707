"""NumPy's functions whose results never have a gradient: indices, counts, questions, types, and texts."""

from __future__ import annotations

import numpy as np

from .dispatch import NOT_DIFFERENTIABLE

NOT_DIFFERENTIABLE.update(
    {
        np.all,
        np.allclose,
        np.any,
        np.argmax,
        np.argmin,
        np.argpartition,
        np.argsort,
        np.argwhere,
        np.array2string,
        np.array_equal,
        np.array_equiv,
        np.array_repr,
        np.array_str,
        np.count_nonzero,
        np.einsum_path,
        np.flatnonzero,
        np.isclose,
        np.iscomplex,
        np.iscomplexobj,
        np.isneginf,
        np.isposinf,
        np.isreal,
        np.isrealobj,
        np.lexsort,
        np.linalg.matrix_rank,
        np.may_share_memory,
        np.min_scalar_type,
        np.ndim,
        np.nonzero,
        np.result_type,
        np.searchsorted,
        np.shape,
        np.shares_memory,
        np.size,
    }
)
