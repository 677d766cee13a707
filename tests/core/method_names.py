"""PyTorch's and NumPy's methods beside a Variable's, and for each that is missing, why: ``docs/methods.md``.

``python -m tests.core.method_names`` writes that file anew; ``test_method_names.py`` compares. A name that one of them
adds, or that we add, fails the test until it is decided here and the file is written anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simple_autograd import Variable
from tests.pytorch_names import first_line, missing_table, wrapped

DOCUMENT = Path(__file__).parents[2] / "docs" / "methods.md"

IN_PLACE = (
    "Writes into the tensor; the tape keeps values that rules need. Use the method without `_`, or `v[...] = x`, which "
    "is recorded."
)
LAYOUT = "How an array lies in memory is its own matter, and may differ between backends. `v.data` has it."
DEVICE = '`v.to("cupy")`, `v.to("numpy")` and `v.backend` say it.'
KIND = "Arrays are dense and hold the numbers of the standard: there is no sparse, quantised or nested kind of them."
MACHINERY = "PyTorch's own machinery, or deprecated there."
RANDOM = (
    "Random numbers come from `sa.default_generator()`; see [from_pytorch.md](from_pytorch.md)."
)
TYPE = '`v.astype("int8")`, and so on for each type.'
RARE = "Rarely used, and not asked for so far."
BYTES = "Bytes and files: `v.numpy()` has it, `nn.save` keeps Variables."

_TORCH = {
    LAYOUT: """as_strided as_strided_scatter const_data_ptr data_ptr dim_order is_contiguous is_set_to resize resize_as
        storage storage_offset storage_type stride untyped_storage""",
    DEVICE: """cpu cuda get_device ipu is_cpu is_cuda is_ipu is_maia is_mps is_mtia is_pinned is_vulkan is_xla is_xpu
        mtia pin_memory record_stream xpu""",
    KIND: """ccol_indices coalesce col_indices crow_indices dense_dim dequantize indices int_repr is_coalesced is_nested
        is_quantized is_sparse is_sparse_csr layout q_per_channel_axis q_per_channel_scales q_per_channel_zero_points
        q_scale q_zero_point qscheme row_indices smm sparse_dim sparse_mask sspaddmm to_dense to_mkldnn
        to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr to_sparse_coo to_sparse_csc to_sparse_csr values""",
    MACHINERY: """as_subclass conj_physical eig grad_dtype hash_tensor is_conj is_distributed is_inference is_meta
        is_mkldnn is_neg is_same_size is_shared lstsq module_load name narrow_copy new nonzero_static output_nr
        reinforce resolve_conj resolve_neg slice_inverse solve symeig
        triangular_solve unsafe_chunk unsafe_split unsafe_split_with_sizes volatile""",
    RANDOM: "bernoulli multinomial",
    TYPE: "bfloat16 byte cdouble cfloat chalf char short type",
    "`sa.asarray(x)` and its kin, with `dtype=v.dtype`.": "new_empty_strided new_tensor",
    "A factorisation in LAPACK's packed form; `sa.linalg` has the factors themselves.": (
        "geqrf lu lu_solve orgqr ormqr"
    ),
    "`sa.linalg.solve`.": "cholesky_inverse cholesky_solve",
    "`sa.special` has them, as functions.": "igamma igammac",
    "`nn.functional` has them, as functions.": "hardshrink prelu",
    "`v[index]`.": "index",
    "`bool(v)`.": "is_nonzero",
    "`sa.isdtype(v.dtype, ...)`.": "is_signed",
    RARE: "frexp histogram istft put register_post_accumulate_grad_hook renorm stft",
}

_NUMPY = {
    LAYOUT: "base ctypes flags flat getfield resize setfield setflags strides",
    BYTES: "byteswap dump dumps tobytes tofile",
    "Writes into the array. `v[...] = x` is recorded.": "fill put",
    "`sort` and `argsort` say more.": "argpartition partition",
    "`v.clone()`, `copy.copy(v)`.": "copy",
    "`v.take`, or `v[mask]`.": "choose compress",
}

REASONS: dict[str, dict[str, str]] = {
    owner: {name: why for why, names in table.items() for name in names.split()}
    for owner, table in {"torch.Tensor": _TORCH, "numpy.ndarray": _NUMPY}.items()
}
"""For each name that is missing here, why."""


def theirs(owner: str) -> set[str]:
    """List the public methods and attributes of ``torch.Tensor`` or ``numpy.ndarray``."""
    if owner == "numpy.ndarray":
        return {name for name in dir(np.ndarray) if name[0] != "_"}
    import torch

    return {name for name in dir(torch.Tensor) if name[0] != "_"}


def ours() -> set[str]:
    """List a Variable's public methods and attributes."""
    return {name for name in dir(Variable) if name[0] != "_"}


def missing(owner: str) -> dict[str, str | None]:
    """Give what a Variable lacks of an owner's names, each with the reason, None where there is none."""
    reasons = REASONS[owner]
    in_place = IN_PLACE if owner == "torch.Tensor" else None
    return {
        name: reasons.get(name) or (in_place if name.endswith("_") else None)
        for name in sorted(theirs(owner) - ours())
    }


def render() -> str:
    """Give the whole document."""
    own = ours()
    parts = [
        "# The methods of a Variable",
        "",
        "Which of PyTorch's and NumPy's are here, which are not and why, and what is here besides. Methods have",
        "PyTorch's arguments (`dim`, `keepdim`), and take NumPy's names for them as well (`axis`, `keepdims`). The",
        "table of reasons is `tests/core/method_names.py`; `python -m tests.core.method_names` makes this file of it,",
        "and a test compares.",
    ]
    known: set[str] = set()
    for owner in REASONS:
        names = theirs(owner)
        reasons = missing(owner)
        parts += ["", f"## {owner}", "", wrapped(sorted(names & own))]
        parts += missing_table(reasons, {name: why for name, why in reasons.items() if why})
        known |= names
    parts += ["", "## Besides", "", "| besides | |", "|---|---|"]
    parts += [
        f"| `{name}` | {first_line(getattr(Variable, name))} |" for name in sorted(own - known)
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(render())
