"""The layers of ``nn`` on PyTorch's own samples for its modules, with the same weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed, so there are no samples")
pytest.importorskip("expecttest", reason="PyTorch's tables of samples need expecttest")

import torch

from simple_autograd import nn
from tests.nn.nn_names import REASONS
from tests.pytorch_samples.samples import Different, Leaves, described, difference, refused, table

MODULES = {
    info.module_cls.__name__: info
    for info in table("modules").values()
    if info.module_cls.__name__ not in REASONS["torch.nn"]
}

DIFFERENT = {
    "KLDivLoss": Different(
        "Negative targets are no probabilities and are refused; PyTorch gives NaN.",
        lambda sample: (
            not sample.constructor_input.kwargs.get("log_target")
            and bool((sample.forward_input.args[1] < 0).any())
        ),
    ),
}
"""What is otherwise here, by the module's name. A sample is one of PyTorch's ``ModuleInput``."""

BEFORE: dict[str, Callable[[Any], Any]] = {
    # PyTorch's gradient of CTCLoss is right behind a log_softmax, and only there.
    "CTCLoss": lambda log_probs: log_probs.log_softmax(-1),
}
"""What is done with a module's first argument, in both libraries."""


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("name", MODULES)
def test_modules_agree(name: str, training: bool) -> None:
    info, different = MODULES[name], DIFFERENT.get(name)
    failed = []
    for sample in _samples(info, training):
        found = _on_sample(info, sample, training)
        if found is not None and not (different and different.samples(sample)):
            failed.append(f"{_shown(sample)}: {found}")
    assert not failed, f"{name}, {len(failed)} samples:\n" + "\n".join(failed[:20])


ACCEPTED = {
    "HuberLoss": Different(
        "A complex delta is refused when the loss is computed.",
        lambda sample: isinstance(sample.constructor_input.kwargs["delta"], complex),
    ),
    "NLLLoss": Different(
        "Class weights are taken in the type of the input.",
        lambda sample: sample.forward_input.args[0].shape == (0, 0),
    ),
    **dict.fromkeys(
        ["RNN", "GRU", "LSTM"],
        Different(
            "Types are promoted (docs/from_pytorch.md).",
            lambda sample: "dtype" in sample.constructor_input.kwargs,
        ),
    ),
}
"""What PyTorch refuses and is right here."""


@pytest.mark.parametrize(
    "name", [name for name, info in MODULES.items() if info.module_error_inputs_func is not None]
)
def test_errors_of_pytorch_are_errors_here(name: str) -> None:
    info, accepted = MODULES[name], ACCEPTED.get(name)
    found = info.module_error_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=True, training=True
    )
    taken = []
    for wrong in found:
        sample = wrong.module_error_input
        if accepted and accepted.samples(sample):
            continue
        if not refused(_made_and_called, name, sample):
            taken.append(f"{_shown(sample)}: {wrong.error_regex}")
    assert not taken, f"{name}:\n" + "\n".join(taken)


def _made_and_called(name: str, sample: Any) -> None:
    module = _made(name, sample.constructor_input)
    if sample.forward_input is not None:
        args, options = Leaves().convert((sample.forward_input.args, sample.forward_input.kwargs))
        module(*args, **options)


def _made(name: str, given: Any) -> Any:
    """Make our module of the arguments with which PyTorch makes its own."""
    options = {key: _setting(value) for key, value in given.kwargs.items() if key != "device"}
    return getattr(nn, name)(*map(_setting, given.args), **options).double()


def _samples(info: Any, training: bool) -> list[Any]:
    """Give the samples of a module, the same ones each time."""
    torch.manual_seed(0)
    with warnings.catch_warnings(action="ignore"):
        return info.module_inputs_func(
            info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
        )


def _shown(sample: Any) -> str:
    parts = []
    for given in filter(None, (sample.constructor_input, sample.forward_input)):
        options = [f"{name}={described(value)}" for name, value in given.kwargs.items()]
        parts.append(f"({', '.join([*map(described, given.args), *options])})")
    return "".join(parts)


def _on_sample(info: Any, sample: Any, training: bool) -> str | None:
    """Make both modules, and say in what they differ: results, buffers afterwards, gradients."""
    made, given = sample.constructor_input, sample.forward_input
    name = info.module_cls.__name__
    with warnings.catch_warnings(action="ignore"):
        theirs = info.module_cls(*made.args, **made.kwargs).double().train(training)
    try:
        ours = _made(name, made).train(training)
        ours.load_state_dict(theirs.state_dict())
    except Exception as error:
        return f"making it raised {type(error).__name__}: {error}"
    # The first argument is called x here.
    options = dict(given.kwargs)
    args = (options.pop("input"),) if "input" in options else given.args
    leaves = Leaves()
    our_args, our_options = leaves.convert((args, options))
    parameters = dict(ours.named_parameters())
    for path, parameter in theirs.named_parameters():
        leaves.theirs.append(parameter)
        leaves.ours.append(parameters[path])
    before = BEFORE.get(name, lambda x: x)
    return difference(
        lambda: [theirs(before(args[0]), *args[1:], **options), *_buffers(theirs)],
        lambda: [ours(before(our_args[0]), *our_args[1:], **our_options), *_buffers(ours)],
        leaves,
        "float64",
    )


def _buffers(module: Any) -> list[Any]:
    return [buffer for _, buffer in sorted(module.named_buffers())]


def _setting(value: Any) -> Any:
    """Give what stands for an argument with which PyTorch makes a module."""
    if isinstance(value, torch.nn.TransformerEncoderLayer):
        return nn.TransformerEncoderLayer(
            value.self_attn.embed_dim,
            value.self_attn.num_heads,
            value.linear1.out_features,
            value.dropout.p,
            _setting(value.activation),
            value.norm1.eps,
            value.self_attn.batch_first,
            value.norm_first,
            value.linear1.bias is not None,
        )
    if isinstance(value, torch.nn.Module):
        return getattr(nn, type(value).__name__)()
    if isinstance(value, Callable) and not isinstance(value, torch.Tensor):
        return getattr(nn.functional, value.__name__)
    return Leaves().convert(value)
