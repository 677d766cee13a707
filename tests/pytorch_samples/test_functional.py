"""``nn.functional`` on PyTorch's own samples for its functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed, so there are no samples")
pytest.importorskip("expecttest", reason="PyTorch's tables of samples need expecttest")

import torch

from simple_autograd import nn
from simple_autograd.nn import functional
from tests.pytorch_samples.samples import (
    Different,
    Leaves,
    check,
    described,
    op_samples,
    refused,
    table,
    with_types,
)

PREFIX = "nn.functional."
OPERATIONS = {
    name: op
    for name, op in table("ops").items()
    if name.startswith(PREFIX) and hasattr(functional, op.name.removeprefix(PREFIX))
}

# What is otherwise here ----------------------------------------------------------------------------------------------


def _integers(sample: Any) -> bool:
    return not (sample.input.is_floating_point() or sample.input.is_complex())


def _complex(sample: Any) -> bool:
    return sample.input.is_complex()


def _option(name: str, default: Any, unlike: Any) -> Callable[[Any], bool]:
    """Say of a sample whether an option of it is given, or by default is, otherwise than `unlike`."""
    return lambda sample: sample.kwargs.get(name, default) != unlike


def _drops(training: bool) -> Callable[[Any], bool]:
    """Say of a sample whether a dropout is random with it, given the default of its option."""
    return lambda sample: (
        sample.kwargs.get("training", training) and sample.kwargs.get("p", 0.5) not in (0.0, 1.0)
    )


RANDOM = "Drawn at random, and the generators differ."
FLOATING = (
    "Floating numbers are needed; integers are refused, and the error says how to convert them."
)
ONE_CLASS = "Scores are (N, C) or (C,); a number is refused, and so is a vector of one class for a vector of scores."

REFUSES_INTEGERS = [
    *[f"avg_pool{n}d" for n in (1, 2, 3)],
    *[f"conv{n}d" for n in (1, 2, 3)],
    *[f"conv_transpose{n}d" for n in (1, 2, 3)],
    *["max_pool2d", "max_pool3d"],
    *["bilinear", "local_response_norm", "pairwise_distance"],
    *["cosine_embedding_loss", "margin_ranking_loss", "poisson_nll_loss"],
    *["triplet_margin_loss", "triplet_margin_with_distance_loss"],
    "feature_alpha_dropout (without_train)",
]

DIFFERENT: dict[str, Different] = {
    **{PREFIX + name: Different(FLOATING, _integers) for name in REFUSES_INTEGERS},
    PREFIX + "batch_norm": Different(
        "PyTorch takes (0,) for a batch without samples; (N, C, ...) is needed.",
        lambda sample: sample.input.ndim < 2,
    ),
    **{
        PREFIX + name: Different(RANDOM, _drops(training=True))
        for name in ["dropout", "dropout2d", "dropout3d"]
    },
    **{
        PREFIX + name: Different(RANDOM, _drops(training=False))
        for name in ["alpha_dropout", "feature_alpha_dropout (with_train)"]
    },
    PREFIX + "gaussian_nll_loss": Different(
        "Targets need as many axes as the input, and broadcast along those of length 1, as PyTorch documents it.",
        lambda sample: sample.args[0].ndim != sample.input.ndim,
    ),
    PREFIX + "hardtanh": Different(
        "Bounds are floating, and so is the result: PyTorch cuts -0.5 off to 0 for integers.",
        _integers,
    ),
    PREFIX + "hinge_embedding_loss": Different(
        "Targets other than 1 and -1 are refused; PyTorch adds the losses of both for them.",
        lambda sample: bool((sample.args[0].abs() != 1).any()),
    ),
    PREFIX + "multi_head_attention_forward": Different(
        RANDOM, lambda sample: sample.kwargs["training"] and sample.args[9] > 0
    ),
    PREFIX + "multi_margin_loss": Different(
        ONE_CLASS,
        lambda sample: (sample.input.ndim, sample.args[0].ndim) in ((0, 0), (0, 1), (1, 1)),
    ),
    PREFIX + "multilabel_margin_loss": Different(ONE_CLASS, lambda sample: sample.input.ndim == 0),
    PREFIX + "rms_norm": Different(
        "PyTorch takes the mean of complex squares, which is no size; complex data is refused.",
        _complex,
    ),
    PREFIX + "rrelu": Different(RANDOM, _option("training", False, False)),
    PREFIX + "scaled_dot_product_attention": Different(RANDOM, _option("dropout_p", 0.0, 0.0)),
    PREFIX + "softmin (with_dtype)": Different(
        "PyTorch drops imaginary parts with a warning; complex data is refused.", _complex
    ),
}
"""What is otherwise here, by PyTorch's name for the operation."""


# As PyTorch's samples have the arguments -----------------------------------------------------------------------------


def _with_weight_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function of numbers and a table as PyTorch's samples call it, which begin with what is differentiable."""
    return lambda weight, x, **options: function(x, weight, **options)


def _detached(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    """Give a function of which one argument, whose gradient PyTorch gives as 0, is refused if it requires grad."""

    def called(*args: Any, **options: Any) -> Any:
        return function(*args[:place], args[place].detach(), *args[place + 1 :], **options)

    return called


def _triplets(*args: Any, distance_function: Any = None, **options: Any) -> Any:
    if isinstance(distance_function, torch.nn.PairwiseDistance):
        distance_function = nn.PairwiseDistance()
    return functional.triplet_margin_with_distance_loss(
        *args, distance_function=distance_function, **options
    )


ADAPTED = {
    PREFIX + "cosine_embedding_loss": _detached(functional.cosine_embedding_loss, 2),
    PREFIX + "embedding": _with_weight_first(functional.embedding),
    PREFIX + "embedding_bag": _with_weight_first(functional.embedding_bag),
    PREFIX + "hinge_embedding_loss": _detached(functional.hinge_embedding_loss, 1),
    PREFIX + "triplet_margin_with_distance_loss": _triplets,
}


def _function(name: str) -> Callable[..., Any]:
    return ADAPTED.get(name) or getattr(functional, OPERATIONS[name].name.removeprefix(PREFIX))


@pytest.mark.parametrize(
    ("name", "dtype"), with_types(OPERATIONS, "float64", "float32", "complex128", "int64")
)
def test_functions_agree(name: str, dtype: str) -> None:
    check(OPERATIONS[name], _function(name), dtype, DIFFERENT.get(name))


ACCEPTED: dict[str, Different] = {
    **{
        PREFIX + f"conv{n}d": Different(
            "Types are promoted (docs/from_pytorch.md).",
            lambda sample: len({sample.input.dtype, *[arg.dtype for arg in sample.args]}) > 1,
        )
        for n in (1, 2, 3)
    },
    **{
        PREFIX + f"max_pool{n}d": Different(
            "Of no channels there are no maxima, in the shape that any others would have.",
            lambda sample: sample.input.numel() == 0,
        )
        for n in (1, 3)
    },
}
"""What PyTorch refuses and is right here."""


@pytest.mark.parametrize(
    "name", [name for name, op in OPERATIONS.items() if op.error_inputs_func is not None]
)
def test_errors_of_pytorch_are_errors_here(name: str) -> None:
    op, accepted = OPERATIONS[name], ACCEPTED.get(name)
    taken = []
    for found in op.error_inputs("cpu"):
        sample = found.sample_input
        if (accepted and accepted.samples(sample)) or not refused(
            op, sample.input, *sample.args, **sample.kwargs
        ):
            continue
        args, options = Leaves().convert(((sample.input, *sample.args), sample.kwargs))
        if not refused(_function(name), *args, **options):
            taken.append((found.error_regex, described((sample.input, *sample.args)), options))
    assert not taken


@pytest.mark.parametrize("name", REFUSES_INTEGERS)
def test_integers_are_refused(name: str) -> None:
    name = PREFIX + name
    for sample in op_samples(OPERATIONS[name], "int64"):
        args, options = Leaves().convert(((sample.input, *sample.args), sample.kwargs))
        with pytest.raises(TypeError, match="needed is floating data"):
            _function(name)(*args, **options)
