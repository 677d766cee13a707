"""``LBFGS``: steps along the gradient times an estimate of the inverse Hessian (Liu and Nocedal, 1989)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...tape import enable_grad
from ...types import Array
from ...variable import Variable
from ...writes import written
from .blocks import Entry, flat
from .line_search import Point, strong_wolfe
from .optimizer import Group, Optimizer

__all__ = ["LBFGS"]

_VECTORS = ("d", "prev_flat_grad")
_HISTORIES = ("old_dirs", "old_stps")


class LBFGS(Optimizer):
    """Limited-memory BFGS, for smooth functions whose gradient carries no noise.

    A step calls the closure several times. All parameters form one vector, in one group; they share a backend and a
    real data type.

    Parameters
    ----------
    params
        Variables, or pairs of a name and a Variable.
    lr
        The share of the way that is gone, without a line search; with one, where it begins.
    max_iter
        How many directions a step goes along.
    max_eval
        How often a step may call the closure, by default ``max_iter * 5 // 4``.
    tolerance_grad
        A step ends when no element of the gradient is larger.
    tolerance_change
        A step ends when no element of the parameters moves more, or the function falls by less.
    history_size
        How many directions the estimate remembers.
    line_search_fn
        ``"strong_wolfe"``, or None.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> p = Variable([-1.0, 2.0])
    >>> optimizer = nn.optim.LBFGS([p], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(3):
    ...     loss = optimizer.step(closure)
    >>> p.data.round(4)
    array([1., 1.])
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        self._memory: Entry = {}
        super().__init__(params, defaults)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add the one group there is.

        Raises
        ------
        ValueError
            If there is one already.
        """
        if self.param_groups:
            raise ValueError(
                "LBFGS: there is one group already; needed is one, as all parameters form one vector."
            )
        super().add_param_group(param_group)

    def check(self, group: Group) -> None:
        """Raise if the group's settings make no sense."""
        for name in ("lr", "tolerance_grad", "tolerance_change", "max_iter", "max_eval"):
            self.require(group, name)
        self.require(group, "history_size", low=1)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS: line_search_fn is {group['line_search_fn']!r}; needed is 'strong_wolfe' or None."
            )
        self.refuse_complex(group)
        kinds = {(p.backend.name, p.backend.dtype_name(p.dtype)) for p in group["params"]}
        if len(kinds) > 1:
            raise TypeError(
                f"LBFGS: the parameters are of {len(kinds)} kinds, {sorted(kinds)}; needed are one backend and one "
                f"data type, as all parameters form one vector."
            )

    @property
    def _parameters(self) -> list[Variable]:
        return self.param_groups[0]["params"]

    # Steps ------------------------------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Go along up to ``max_iter`` directions.

        Parameters
        ----------
        closure
            A function that computes the loss anew, calls ``backward``, and gives the loss. It is needed.

        Returns
        -------
        object
            What `closure` gave at first, before the step.
        """
        if closure is None:
            raise TypeError(
                "LBFGS.step: closure is missing; needed is a function that calls zero_grad, computes the loss, calls "
                "backward, and gives the loss."
            )
        self.has_stepped = True
        group, memory, backend = self.param_groups[0], self._memory, self._parameters[0].backend
        xp = backend.xp
        place = flat(xp, [parameter.data for parameter in self._parameters])
        first_loss, here = self._evaluate(closure)
        evaluations = 1
        memory["func_evals"] = memory.get("func_evals", 0) + 1
        if float(xp.max(xp.abs(here.gradient))) <= group["tolerance_grad"]:
            return first_loss
        for iteration in range(1, group["max_iter"] + 1):
            memory["n_iter"] = memory.get("n_iter", 0) + 1
            direction = self._direction(here.gradient, group["history_size"])
            t = float(group["lr"])
            if memory["n_iter"] == 1:
                t *= min(1.0, 1 / float(xp.sum(xp.abs(here.gradient))))
            start = here._replace(t=0.0, slope=float(xp.vecdot(here.gradient, direction)))
            memory.update(d=direction, prev_flat_grad=here.gradient, prev_loss=here.value, t=t)
            if start.slope > -group["tolerance_change"]:
                break

            if group["line_search_fn"] is not None:
                here, trials = strong_wolfe(
                    functools.partial(self._try, closure, place, direction),
                    start,
                    t,
                    reach=float(xp.max(xp.abs(direction))),
                    max_trials=group["max_eval"] - evaluations,
                    tolerance_change=group["tolerance_change"],
                )
                memory["t"] = t = here.t
                place = self._go_to(place + t * direction)
            else:
                place = self._go_to(place + t * direction)
                trials = 0
                if iteration != group["max_iter"]:  # the last one need not be looked at
                    here, trials = self._evaluate(closure)[1], 1
            evaluations += trials
            memory["func_evals"] += trials
            if (
                iteration == group["max_iter"]
                or evaluations >= group["max_eval"]
                or float(xp.max(xp.abs(here.gradient))) <= group["tolerance_grad"]
                or float(xp.max(xp.abs(direction))) * t <= group["tolerance_change"]
                or abs(here.value - start.value) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _direction(self, gradient: Array, history_size: int) -> Array:
        """Remember what the last direction has shown, and give the next one."""
        memory, xp = self._memory, self._parameters[0].backend.xp
        if memory["n_iter"] == 1:
            memory.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -gradient
        changes, steps, factors = memory["old_dirs"], memory["old_stps"], memory["ro"]
        change, step = gradient - memory["prev_flat_grad"], memory["d"] * memory["t"]
        curvature = float(xp.vecdot(change, step))
        if curvature > 1e-10:
            for history, value in ((changes, change), (steps, step), (factors, 1 / curvature)):
                history.append(value)
                del history[:-history_size]
            memory["H_diag"] = curvature / float(xp.vecdot(change, change))
        # The two loops of Nocedal and Wright, algorithm 7.4.
        direction, shares = -gradient, []
        for change, step, factor in zip(changes[::-1], steps[::-1], factors[::-1], strict=True):
            shares.append(float(xp.vecdot(step, direction)) * factor)
            direction = direction - shares[-1] * change
        direction = direction * memory["H_diag"]
        for change, step, factor in zip(changes, steps, factors, strict=True):
            share = float(xp.vecdot(change, direction)) * factor
            direction = direction + (shares.pop() - share) * step
        return direction

    def _try(self, closure: Callable[[], Any], place: Array, direction: Array, t: float) -> Point:
        """Give the point at a distance from a place in a direction."""
        self._go_to(place + t * direction)
        point = self._evaluate(closure)[1]
        slope = self._parameters[0].backend.xp.vecdot(point.gradient, direction)
        return point._replace(t=t, slope=float(slope))

    def _evaluate(self, closure: Callable[[], Any]) -> tuple[Any, Point]:
        """Call the closure; give what it gave, and the point that the parameters are at."""
        with enable_grad():
            loss = closure()
        xp, gradients = self._parameters[0].backend.xp, []
        for parameter in self._parameters:
            gradient = parameter.grad
            if gradient is None:
                gradient = xp.zeros_like(parameter.data)
            gradients.append(gradient.data if isinstance(gradient, Variable) else gradient)
        value: Any = loss.item() if isinstance(loss, Variable) else loss
        return loss, Point(0.0, float(value), flat(xp, gradients), 0.0)

    def _go_to(self, place: Array) -> Array:
        """Write a vector into the parameters; give it back."""
        start = 0
        for parameter in self._parameters:
            array = parameter.data
            end = start + array.size
            array[...] = parameter.backend.xp.reshape(place[start:end], array.shape)
            start = end
            written(parameter.backend, array, "LBFGS.step")
        return place

    # State ------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[Variable, Entry]:
        """What is remembered, under the first parameter as in PyTorch: vectors, histories of them, numbers."""
        if not self._memory:
            return {}
        xp = self._parameters[0].backend.xp
        entry = {
            name: xp.asarray(value, copy=True) if name in _VECTORS else value
            for name, value in self._memory.items()
        }
        for name in _HISTORIES:
            if name in entry:
                entry[name] = xp.stack(entry[name]) if entry[name] else []
        if "ro" in entry:
            entry["ro"] = list(entry["ro"])
        return {self._parameters[0]: entry}

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs, in PyTorch's structure; a history is one array, (directions, elements)."""
        return {**super().state_dict(), "state": dict(enumerate(self.state.values()))}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, here or in PyTorch (see `Optimizer.load_state_dict`)."""
        given = dict(state_dict["state"])
        entry = given.pop(0, {})
        memory = {
            name: self._read_memory(name, value)
            for name, value in entry.items()
            if name != "al" and value is not None  # PyTorch's scratch memory
        }
        super().load_state_dict({**state_dict, "state": given})
        self._memory = memory

    def _read_memory(self, name: str, value: Any) -> Any:
        if name in _VECTORS:
            return self._read_vector(name, value)
        if name in _HISTORIES:
            vectors = value if isinstance(value, list | tuple) else _rows(value)
            return [self._read_vector(name, vector) for vector in vectors]
        if name == "ro":
            return [float(number) for number in value]
        if name in ("func_evals", "n_iter"):
            return int(value)
        if name in ("t", "H_diag", "prev_loss"):
            return float(value)
        raise ValueError(
            f"LBFGS.load_state_dict: there is the state {name!r}. It was saved by another kind of optimizer."
        )

    def _read_vector(self, name: str, value: Any) -> Array:
        first = self._parameters[0]
        vector = first.backend.asarray(value, dtype=first.dtype, copy=True)
        size = sum(parameter.size for parameter in self._parameters)
        if tuple(vector.shape) != (size,):
            raise ValueError(
                f"LBFGS.load_state_dict: the state {name!r} has vectors of shape {tuple(vector.shape)}; needed is "
                f"({size},), all parameters in one."
            )
        return vector


def _rows(matrix: Array) -> list[Array]:
    return [matrix[index, ...] for index in range(matrix.shape[0])]
