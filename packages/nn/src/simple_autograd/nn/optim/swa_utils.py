"""Averages of a model over its training: stochastic weight averaging (Izmailov and others, 2018), exponential averages.

Named and defaulted as in ``torch.optim.swa_utils``; ``nn.utils`` has the same names.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Literal

from ...backends import Backend, get_backend
from ...tape import no_grad
from ...types import Array
from ...variable import Variable
from ...writes import written
from ..layers.batch_normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d
from ..module import Module
from ..state import backend_of_value
from .lr_scheduler.base import LRScheduler, per_group
from .optimizer import Optimizer

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Any, Any, Any], Any]
AverageOfMany = Callable[[Sequence[Any], Sequence[Any], Any], None]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """Give the function of an exponential average of one array: ``decay * average + (1 - decay) * current``."""
    _check_decay("get_ema_avg_fn", decay)

    def ema_update(average: Array, current: Array, num_averaged: Any) -> Array:
        return decay * average + (1 - decay) * current

    return ema_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> AverageOfMany:
    """Give the function of an exponential average of many arrays, which it writes into."""
    _check_decay("get_ema_multi_avg_fn", decay)

    def ema_update(averages: Sequence[Array], current: Sequence[Array], num_averaged: Any) -> None:
        for average, value in zip(averages, current, strict=True):
            average[...] = decay * average + (1 - decay) * value

    return ema_update


def get_swa_avg_fn() -> Average:
    """Give the function of an even average of one array over all updates."""

    def swa_update(average: Array, current: Array, num_averaged: Any) -> Array:
        return average + (current - average) / (num_averaged + 1)

    return swa_update


def get_swa_multi_avg_fn() -> AverageOfMany:
    """Give the function of an even average of many arrays, which it writes into."""
    update = get_swa_avg_fn()

    def swa_update(averages: Sequence[Array], current: Sequence[Array], num_averaged: Any) -> None:
        for average, value in zip(averages, current, strict=True):
            average[...] = update(average, value, num_averaged)

    return swa_update


def _check_decay(function: str, decay: float) -> None:
    if not 0 <= decay <= 1:
        raise ValueError(f"{function}: decay is {decay}; needed is a number in [0, 1].")


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of that model's.

    Parameters
    ----------
    model
        The model; it is copied.
    device
        The backend, or its name, on which the averages are kept; by default the model's.
    avg_fn
        ``(average, current, number so far)`` of one raw array gives the new average; by default an even average.
    multi_avg_fn
        The same of many arrays, which it writes into; in place of `avg_fn`.
    use_buffers
        Average the floating buffers as well; by default they are those of the model.

    Attributes
    ----------
    module
        The copy.
    n_averaged
        How many updates there were.

    Examples
    --------
    >>> from simple_autograd import nn
    >>> model = nn.Linear(2, 1)
    >>> average = nn.optim.swa_utils.AveragedModel(
    ...     model, multi_avg_fn=nn.optim.swa_utils.get_ema_multi_avg_fn(0.99)
    ... )
    >>> average.update_parameters(model)  # after each step of the optimizer
    >>> int(average.n_averaged)
    1
    """

    n_averaged: Any

    def __init__(
        self,
        model: Module,
        device: str | Backend | None = None,
        avg_fn: Average | None = None,
        multi_avg_fn: AverageOfMany | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError(
                "AveragedModel: avg_fn and multi_avg_fn are given; needed is one of them."
            )
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module.to(get_backend(device))
        first = next(chain(self.module.parameters(), self.module.buffers()), None)
        backend = get_backend() if first is None else backend_of_value(first)
        self.register_buffer("n_averaged", backend.asarray(0))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the averaged copy."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the parameters of a model into the averages; the first time, take them as they are."""
        count = int(self.n_averaged)
        pairs = list(zip(self.module.parameters(), model.parameters(), strict=True))
        buffers = list(zip(self.module.buffers(), model.buffers(), strict=True))
        if self.use_buffers:
            pairs += [pair for pair in buffers if _is_floating(pair[0])]
            buffers = [pair for pair in buffers if not _is_floating(pair[0])]
        averages = [_array(average) for average, _ in pairs]
        current = [_brought(value, average) for average, value in pairs]
        if count == 0:
            for average, value in zip(averages, current, strict=True):
                average[...] = value
        elif self.avg_fn is not None:
            for average, value in zip(averages, current, strict=True):
                average[...] = self.avg_fn(average, value, count)
        else:
            (self.multi_avg_fn or get_swa_multi_avg_fn())(averages, current, count)
        for kept, value in buffers:
            _array(kept)[...] = _brought(value, kept)
        for target, _ in pairs + buffers:
            written(backend_of_value(target), _array(target), "AveragedModel.update_parameters")
        self.n_averaged += 1


def _array(value: Any) -> Array:
    return value.data if isinstance(value, Variable) else value


def _is_floating(value: Any) -> bool:
    return backend_of_value(value).is_floating(value.dtype)


def _brought(value: Any, target: Any) -> Array:
    """Give a parameter or buffer as a raw array of the backend of another."""
    source, backend = backend_of_value(value), backend_of_value(target)
    raw = _array(value)
    return raw if source is backend else backend.moved(raw, source)


def update_bn(loader: Iterable[Any], model: Module, device: str | Backend | None = None) -> None:
    """Compute the running statistics of all batch normalisations anew, in one pass over data.

    Parameters
    ----------
    loader
        Gives batches: inputs of the model, or tuples or lists whose first element that is.
    model
        The model, for instance an `AveragedModel`; its mode is what it was afterwards.
    device
        The backend, or its name, to which inputs are brought.
    """
    layers = [
        module
        for module in model.modules()
        if isinstance(module, BatchNorm1d | BatchNorm2d | BatchNorm3d)
    ]
    if not layers:
        return
    modes = [(module, module.training) for module in model.modules()]
    momenta = [layer.momentum for layer in layers]
    model.train()
    try:
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # an even average over the batches
        with no_grad():
            for batch in loader:
                x = batch[0] if isinstance(batch, list | tuple) else batch
                if device is not None:
                    backend = get_backend(device)
                    x = x.to(backend.name) if isinstance(x, Variable) else backend.asarray(x)
                model(x)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for module, training in modes:
            module.training = training


class SWALR(LRScheduler):
    """Take the rate to a constant one and leave it there, for averaging.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    swa_lr
        The constant rate, or a list of those of each group.
    anneal_epochs
        How many steps it takes to get there.
    anneal_strategy
        ``"cos"`` or ``"linear"``.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        last_epoch: int = -1,
    ) -> None:
        self._checked(optimizer)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"SWALR: anneal_strategy is {anneal_strategy!r}; needed is 'cos' or 'linear'."
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(
                f"SWALR: anneal_epochs is {anneal_epochs}; needed is an integer of at least 0."
            )
        rates = per_group(self._name, "swa_lr", optimizer, swa_lr)
        for rate, group in zip(rates, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs = anneal_epochs
        self._anneal_strategy = anneal_strategy
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            # The rate that the last step came from, whatever it was; then this step's mixture with the last rate.
            end = group["swa_lr"]
            start = end if before == 1 else (group["lr"] - before * end) / (1 - before)
            rates.append(end * now + start * (1 - now))
        return rates

    def _share(self, step: int) -> float:
        """Give how far along the way a step is."""
        share = max(0, min(1, step / max(1, self.anneal_epochs)))
        return share if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * share)) / 2
