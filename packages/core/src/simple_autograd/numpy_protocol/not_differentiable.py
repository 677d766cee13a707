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
        np.common_type,
        np.count_nonzero,
        np.diag_indices_from,
        np.digitize,
        np.einsum_path,
        np.flatnonzero,
        np.isclose,
        np.iscomplex,
        np.iscomplexobj,
        np.isin,
        np.isneginf,
        np.isposinf,
        np.isreal,
        np.isrealobj,
        np.lexsort,
        np.linalg.matrix_rank,
        np.may_share_memory,
        np.min_scalar_type,
        np.nanargmax,
        np.nanargmin,
        np.ndim,
        np.nonzero,
        np.ravel_multi_index,
        np.result_type,
        np.searchsorted,
        np.shape,
        np.shares_memory,
        np.size,
        np.tril_indices_from,
        np.triu_indices_from,
        np.unravel_index,
    }
)
