"""PyTorch's public names beside ours, and for each that is missing, why: what ``docs/nn.md`` is made of.

``python -m tests.nn.nn_names`` writes that file anew; ``test_names.py`` compares. A name that PyTorch adds, or that we
add, fails the test until it is decided here and the file is written anew.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.pytorch_names import first_line, missing_table, wrapped

DOCUMENT = Path(__file__).parents[2] / "docs" / "nn.md"

SPACES = {
    "torch.nn": "simple_autograd.nn",
    "torch.nn.functional": "simple_autograd.nn.functional",
    "torch.nn.init": "simple_autograd.nn.init",
    "torch.nn.utils": "simple_autograd.nn.utils",
    "torch.nn.utils.rnn": "simple_autograd.nn.utils.rnn",
    "torch.optim": "simple_autograd.nn.optim",
    "torch.optim.lr_scheduler": "simple_autograd.nn.optim.lr_scheduler",
    "torch.optim.swa_utils": "simple_autograd.nn.optim.swa_utils",
    "torch.amp": "simple_autograd.nn.amp",
}
"""PyTorch's namespaces and ours."""

MACHINERY = "PyTorch's own machinery, no part of the interface to models."
DEPRECATED = "Deprecated in PyTorch itself."
IN_PLACE = (
    "Writes into its argument; the tape keeps values that rules need. Use the function without `_`."
)
LAZY = (
    "Finds its sizes in the first call. Sizes are said when a layer is made, so that an optimizer and a checkpoint "
    "find all parameters there."
)
PARAMETRISATION = (
    "Parameters computed of others by hooks. Compute them in `forward`; weights are tied by assigning one parameter "
    "twice."
)
QUANTISED = "Numbers of 4 and 8 bits, which NumPy does not multiply."
UNPOOLING = "Rarely used; `return_indices` of the pooling layers and `put_along_axis` say the same."
RARE = "Rarely used, and not asked for so far."
INDICES = "An overload of PyTorch's dispatcher; use `return_indices=True`."

REASONS: dict[str, dict[str, str]] = {
    "torch.nn": {
        "AdaptiveLogSoftmaxWithLoss": RARE,
        "Buffer": "`register_buffer` says the same, and whether it is saved.",
        "Container": DEPRECATED,
        "CrossMapLRN2d": "An old form of `LocalResponseNorm`.",
        "DataParallel": "Training on several devices is not part of this library.",
        "FractionalMaxPool2d": RARE,
        "FractionalMaxPool3d": RARE,
        **dict.fromkeys(
            [
                *[f"LazyBatchNorm{n}d" for n in (1, 2, 3)],
                *[f"LazyConv{n}d" for n in (1, 2, 3)],
                *[f"LazyConvTranspose{n}d" for n in (1, 2, 3)],
                *[f"LazyInstanceNorm{n}d" for n in (1, 2, 3)],
                "LazyLinear",
                "UninitializedBuffer",
                "UninitializedParameter",
            ],
            LAZY,
        ),
        "LinearCrossEntropyLoss": "New in PyTorch; `Linear` and `CrossEntropyLoss` compute it.",
        "LinearCrossEntropyOptions": "Belongs to `LinearCrossEntropyLoss`.",
        **dict.fromkeys([f"MaxUnpool{n}d" for n in (1, 2, 3)], UNPOOLING),
        "NLLLoss2d": DEPRECATED,
        "RNNBase": "A base class for PyTorch's own layers.",
        "RNNCellBase": "A base class for PyTorch's own layers.",
        "SyncBatchNorm": "Training on several devices is not part of this library.",
        "factory_kwargs": MACHINERY,
    },
    "torch.nn.functional": {
        **{f"adaptive_max_pool{n}d_with_indices": INDICES for n in (1, 2, 3)},
        **{f"max_pool{n}d_with_indices": INDICES for n in (1, 2, 3)},
        **dict.fromkeys(
            [
                "assert_int_or_pair",
                "boolean_dispatch",
                "handle_torch_function",
                "has_torch_function",
                "has_torch_function_unary",
                "has_torch_function_variadic",
            ],
            MACHINERY,
        ),
        **dict.fromkeys(
            [
                "celu_",
                "elu_",
                "hardtanh_",
                "leaky_relu_",
                "relu_",
                "rrelu_",
                "selu_",
                "threshold_",
            ],
            IN_PLACE,
        ),
        "conv_tbc": "`conv1d` after a transposition.",
        **{f"fractional_max_pool{n}d{end}": RARE for n in (2, 3) for end in ("", "_with_indices")},
        "grouped_mm": "`matmul` of stacked matrices.",
        "gumbel_softmax": RARE,
        "linear_cross_entropy": "New in PyTorch; `linear` and `cross_entropy` compute it.",
        **{f"max_unpool{n}d": UNPOOLING for n in (1, 2, 3)},
        "native_channel_shuffle": "`channel_shuffle` is the same.",
        "pdist": "`pairwise_distance` of two broadcast views.",
        "scaled_grouped_mm": QUANTISED,
        "scaled_mm": QUANTISED,
        "upsample": DEPRECATED,
        "upsample_bilinear": DEPRECATED,
        "upsample_nearest": DEPRECATED,
    },
    "torch.nn.init": dict.fromkeys(
        [
            "constant",
            "dirac",
            "eye",
            "kaiming_normal",
            "kaiming_uniform",
            "normal",
            "orthogonal",
            "sparse",
            "uniform",
            "xavier_normal",
            "xavier_uniform",
        ],
        DEPRECATED,
    ),
    "torch.nn.utils": {
        "clip_grad_norm": DEPRECATED,
        "convert_conv2d_weight_memory_format": "How weights lie in memory is the kernels' matter.",
        "convert_conv3d_weight_memory_format": "How weights lie in memory is the kernels' matter.",
        "remove_spectral_norm": PARAMETRISATION,
        "remove_weight_norm": PARAMETRISATION,
        "skip_init": "Making a layer costs little; `init` overwrites what it drew.",
        "spectral_norm": PARAMETRISATION,
        "weight_norm": PARAMETRISATION,
    },
    "torch.nn.utils.rnn": {
        "invert_permutation": "`argsort` of a permutation is its inverse.",
    },
    "torch.optim": {
        "Adafactor": RARE,
        "SparseAdam": "Gradients are dense arrays here.",
        "swap_in_optimizer_params_and_state": MACHINERY,
    },
    "torch.optim.lr_scheduler": {},
    "torch.optim.swa_utils": {},
    "torch.amp": {
        "custom_bwd": "Rules run on what the forward pass saved, in its data types.",
        "custom_fwd": '`@op(precision="lower")` or `"float32"` says it of an operation.',
        "is_autocast_available": "`autocast` itself raises where a backend lacks the type.",
    },
}
"""For each of PyTorch's names that is missing here, why."""

# Where a module has no __all__, what its names must not be to count.
_FOREIGN = ("typing", "collections.abc", "warnings", "builtins")


def names_of(space: str) -> set[str]:
    """List the public names of one of PyTorch's namespaces: functions and classes, no modules or types."""
    module = importlib.import_module(space)
    names = getattr(module, "__all__", None) or [name for name in dir(module) if name[0] != "_"]
    return {name for name in names if _counts(space, name, getattr(module, name))}


def _counts(space: str, name: str, value: Any) -> bool:
    if name.startswith("_") or isinstance(value, ModuleType) or not callable(value):
        return False
    if space == "torch.nn.functional" and isinstance(value, type):
        return False
    if space == "torch.nn.init":
        return inspect.isfunction(value) and value.__module__ == space
    return getattr(value, "__module__", None) not in _FOREIGN


def ours(space: str) -> list[str]:
    """List our public functions and classes in the counterpart of a namespace."""
    module = importlib.import_module(SPACES[space])
    return sorted(
        name for name in module.__all__ if not isinstance(getattr(module, name), ModuleType)
    )


def render() -> str:
    """Give the whole document."""
    parts = [
        "# The names of torch.nn and torch.optim",
        "",
        "Which of PyTorch's public names are here, which are not and why, and what is here besides. The table of",
        "reasons is `tests/nn/nn_names.py`; `python -m tests.nn.nn_names` makes this file of it, and a test compares.",
        "",
        "| PyTorch | here | of PyTorch's names | missing | besides |",
        "|---|---|---|---|---|",
    ]
    sections = []
    for space, counterpart in SPACES.items():
        theirs, own = names_of(space), ours(space)
        have = sorted(theirs & set(own))
        missing = sorted(theirs - set(own))
        more = sorted(set(own) - theirs)
        parts.append(
            f"| `{space}` | `{counterpart}` | {len(have)} | {len(missing)} | {len(more)} |"
        )
        sections += ["", f"## {space}", "", wrapped(have)]
        sections += missing_table(missing, REASONS[space])
        if more:
            module = importlib.import_module(counterpart)
            sections += ["", "| besides | |", "|---|---|"]
            sections += [f"| `{name}` | {first_line(getattr(module, name))} |" for name in more]
    return "\n".join([*parts, *sections]) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(render())
