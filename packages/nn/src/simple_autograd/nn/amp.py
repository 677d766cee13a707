"""Training in mixed precision: `GradScaler`, and ``autocast``, which is core's.

In float16, numbers below 6e-8 are 0, and gradients often are that small. So the loss is multiplied by a large number
before the backward pass, and the gradients are divided by it before the optimizer's step. bfloat16 has float32's range
and needs none of this. After ``torch.amp``.
"""

from __future__ import annotations

import math
import numbers
import struct
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from .. import ops
from ..autocast import autocast
from ..backends import Backend, kernel
from ..replay import each_time
from ..types import Array, Namespace
from ..variable import Variable, wrap
from ..writes import written
from .optim import Optimizer

__all__ = ["GradScaler", "autocast"]


class _Stage(Enum):
    """What was done with an optimizer since the last `GradScaler.update`."""

    UNSCALED = "unscaled"
    STEPPED = "stepped"


class GradScaler:
    """Scales the loss, so that float16 gradients do not underflow, by a number that adapts itself.

    A step whose gradients hold infinities or NaN is skipped, and the scale reduced; after so many steps without any, it
    is raised.

    Parameters
    ----------
    init_scale
        The scale to begin with.
    growth_factor
        By what the scale is multiplied after `growth_interval` steps in a row that were not skipped.
    backoff_factor
        By what it is multiplied after one that was.
    growth_interval
        As above.
    enabled
        False makes `scale` and `update` do nothing, and `step` the optimizer's own.

    Raises
    ------
    ValueError
        If `growth_factor` is not above 1 or `backoff_factor` not in (0, 1).
    TypeError
        If `init_scale` is the name of a device.

    Examples
    --------
    >>> import simple_autograd as sa
    >>> from simple_autograd import nn
    >>> p = sa.Variable([2.0])
    >>> optimizer, scaler = nn.optim.SGD([p], lr=0.5), nn.amp.GradScaler()
    >>> scaler.scale((p * p).sum()).backward()
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> p.data
    array([0.])
    """

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if isinstance(init_scale, str):
            raise TypeError(
                f"GradScaler: init_scale is {init_scale!r}; needed is a number. PyTorch's first argument, device, does "
                f"not exist here: leave it out."
            )
        if not growth_factor > 1:
            raise ValueError(f"GradScaler: growth_factor is {growth_factor}; needed is above 1.")
        if not 0 < backoff_factor < 1:
            raise ValueError(
                f"GradScaler: backoff_factor is {backoff_factor}; needed is in (0, 1)."
            )
        self._enabled = enabled
        self._scale = _single(init_scale)
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._growth_tracker = 0
        self._scales: dict[str, tuple[Backend, Array]] = {}
        self._stages: dict[Optimizer, _Stage] = {}
        self._found: dict[Optimizer, list[Array]] = {}

    # A training step ----------------------------------------------------------------------------------------------

    def scale(self, outputs: Any) -> Any:
        """Multiply a loss, or each of several, by the scale.

        Parameters
        ----------
        outputs
            A Variable, or an iterable of them; a list or tuple gives one.
        """
        if not self._enabled:
            return outputs
        if isinstance(outputs, Variable):
            return ops.multiply(outputs, self._scale_on(outputs.backend))
        if not isinstance(outputs, Iterable):
            raise TypeError(
                f"GradScaler.scale: outputs is a {type(outputs).__name__}; needed is a Variable or several."
            )
        scaled = map(self.scale, outputs)
        return type(outputs)(scaled) if isinstance(outputs, list | tuple) else scaled

    @each_time
    def unscale_(self, optimizer: Optimizer) -> None:
        """Divide the gradients of an optimizer's parameters by the scale, in place, and look for infinities and NaN.

        `step` does it where it was not done. Who clips gradients does it before that.

        Raises
        ------
        RuntimeError
            If it was done since the last `update`.
        TypeError
            If a gradient has 16 bits, and so a parameter.
        """
        if not self._enabled:
            return
        stage = self._stages.get(optimizer)
        if stage is not None:
            raise RuntimeError(
                f"GradScaler.unscale_: the optimizer has been {stage.value} since the last update. Call it once, "
                f"before step."
            )
        by_backend: dict[Backend, list[Array]] = {}
        for group in optimizer.param_groups:
            for index, parameter in enumerate(group["params"]):
                gradient = parameter.grad
                if gradient is None:
                    continue
                raw = gradient.data if isinstance(gradient, Variable) else gradient
                name = parameter.backend.dtype_name(raw.dtype)
                if name in ("float16", "bfloat16"):
                    raise TypeError(
                        f"GradScaler.unscale_: the gradient of parameter {index} (shape {tuple(raw.shape)}) is {name}; "
                        f"needed are float32 parameters. Leave them so, and let autocast cast them."
                    )
                by_backend.setdefault(parameter.backend, []).append(raw)
        self._found[optimizer] = []
        for backend, gradients in by_backend.items():
            self._found[optimizer].append(unscale_gradients(backend, gradients, 1 / self._scale))
            for raw in gradients:
                written(backend, raw, "GradScaler.unscale_")
        self._stages[optimizer] = _Stage.UNSCALED

    @each_time
    def step(self, optimizer: Optimizer, *args: Any, **options: Any) -> Any:
        """Make the optimizer's step, by gradients without the scale; or none, if they hold infinities or NaN.

        Parameters
        ----------
        optimizer
            The optimizer.
        *args, **options
            What its ``step`` takes; a closure it cannot.

        Returns
        -------
        object
            What its ``step`` gave; None if it was skipped.

        Raises
        ------
        RuntimeError
            If it has stepped since the last `update`, or none of its parameters has a gradient.
        """
        if not self._enabled:
            return optimizer.step(*args, **options)
        if args or "closure" in options:
            raise RuntimeError(
                "GradScaler.step: a closure is given; there is no way to scale the loss that it computes. Compute it "
                "before."
            )
        stage = self._stages.get(optimizer)
        if stage is _Stage.STEPPED:
            raise RuntimeError(
                "GradScaler.step: the optimizer has stepped since the last update. Call scaler.update() after each "
                "step."
            )
        if stage is None:
            self.unscale_(optimizer)
        found = self._found[optimizer]
        if not found:
            raise RuntimeError(
                "GradScaler.step: no parameter of the optimizer has a gradient. Call scaler.scale(loss).backward() "
                "first."
            )
        self._stages[optimizer] = _Stage.STEPPED
        return None if any([bool(array) for array in found]) else optimizer.step(**options)

    @each_time
    def update(self, new_scale: Any = None) -> None:
        """Adapt the scale to what the steps since the last update met.

        Parameters
        ----------
        new_scale
            A number, or a Variable with one element, to be the scale instead.

        Raises
        ------
        RuntimeError
            If there was no step.
        """
        if not self._enabled:
            return
        if new_scale is not None:
            is_number = isinstance(new_scale, numbers.Real)
            self._set_scale(float(new_scale if is_number else new_scale.item()))
        elif not self._found:
            raise RuntimeError(
                "GradScaler.update: there was no step since the last one. Call scaler.step(optimizer) first."
            )
        elif any([bool(array) for found in self._found.values() for array in found]):
            self._set_scale(self._scale * self._backoff_factor)
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                grown = self._scale * self._growth_factor
                if math.isfinite(_single(grown)):
                    self._set_scale(grown)
                self._growth_tracker = 0
        self._stages, self._found = {}, {}

    def _scale_on(self, backend: Backend) -> Variable:
        """Give the scale as a Variable. It is written in place, so that a captured step finds it as it is."""
        if backend.name not in self._scales:
            self._put_scale(backend)
        return wrap(self._scales[backend.name][1], backend, None)

    @each_time
    def _put_scale(self, backend: Backend) -> None:
        """Make the array of the scale, once: a step that recorded it would make it anew, with the scale of then."""
        array = backend.asarray(self._scale, dtype="float32")
        self._scales.setdefault(backend.name, (backend, array))

    def _set_scale(self, scale: float) -> None:
        self._scale = _single(scale)
        for backend, array in self._scales.values():
            array[...] = self._scale
            written(backend, array, "GradScaler.update")

    # Settings and state -------------------------------------------------------------------------------------------

    def get_scale(self) -> float:
        """Give the scale; 1 if not enabled."""
        return self._scale if self._enabled else 1.0

    def is_enabled(self) -> bool:
        """Say whether anything is scaled."""
        return self._enabled

    def get_growth_factor(self) -> float:
        """Give by what the scale is raised."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set by what the scale is raised."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """Give by what the scale is reduced."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set by what the scale is reduced."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """Give after how many steps the scale is raised."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set after how many steps the scale is raised."""
        self._growth_interval = new_interval

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs, under PyTorch's names, after `update`; empty if not enabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self._scale,
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, here or in PyTorch; nothing if not enabled.

        Raises
        ------
        KeyError
            If something is missing; a scaler that was not enabled has no state.
        """
        if not self._enabled:
            return
        missing = [name for name in self.state_dict() if name not in state_dict]
        if missing:
            raise KeyError(
                f"GradScaler.load_state_dict: {', '.join(missing)} is missing; needed is the state of a GradScaler "
                f"that was enabled."
            )
        self._set_scale(float(state_dict["scale"]))
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = int(state_dict["growth_interval"])
        self._growth_tracker = int(state_dict["_growth_tracker"])

    def __getstate__(self) -> dict[str, Any]:
        # What is on a backend is made anew when needed.
        return {**self.__dict__, "_scales": {}, "_stages": {}, "_found": {}}


@kernel
def unscale_gradients(xp: Namespace, gradients: Sequence[Array], factor: float) -> Array:
    """Multiply gradients by a number, in place; say, in an array (), whether any element is infinite or NaN."""
    finite = []
    for gradient in gradients:
        gradient *= factor
        finite.append(xp.all(xp.isfinite(gradient)))
    return ~xp.all(xp.stack(finite))


def _single(number: float) -> float:
    """Give a number as float32 has it, in which scales are kept: infinite beyond its range."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.inf
