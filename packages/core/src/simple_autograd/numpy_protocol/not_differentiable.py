"""NumPy's functions whose results never have a gradient: indices, counts, questions, types, and texts.

And what to use instead of those that have one here and there and cannot stay on the tape.
"""

from __future__ import annotations

import numpy as np

from .dispatch import INSTEAD, NOT_DIFFERENTIABLE

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
        np.can_cast,
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
if hasattr(np, "in1d"):  # an old name of isin, which NumPy has given up
    NOT_DIFFERENTIABLE.add(getattr(np, "in1d"))  # noqa: B009

_COUNTS = "Sum weights by bin with np.bincount(np.digitize(values.detach(), edges), weights)"
_FILES = "Use v.detach().numpy(): a file keeps no gradient"

INSTEAD.update(
    {
        np.histogram: _COUNTS,
        np.histogram2d: _COUNTS,
        np.histogram_bin_edges: "Use np.linspace(np.min(v), np.max(v), n + 1)",
        np.histogramdd: _COUNTS,
        np.save: _FILES,
        np.savetxt: _FILES,
        np.savez: _FILES,
        np.savez_compressed: _FILES,
        np.spacing: "It is a step function",
    }
)
