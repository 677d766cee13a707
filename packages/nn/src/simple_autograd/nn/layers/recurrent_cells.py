"""Recurrent cells, single steps of the layers of ``recurrent.py``: see ``functional/recurrent.py``."""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...types import Array, DType
from .. import init
from ..functional.arguments import backend_of_argument, check_floating, describe
from ..functional.recurrent import GATES, Cell, recurrence
from ..module import Module
from ..parameter import Parameter
from .linear import check_sizes, empty_parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _RecurrentCell(Module):
    """What the cells have in common: the parameters of one layer, and one step."""

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self, cell: Cell, input_size: int, hidden_size: int, bias: bool, dtype: DType | None
    ) -> None:
        super().__init__()
        check_sizes(type(self).__name__, 1, input_size=input_size, hidden_size=hidden_size)
        self.cell: Cell = cell
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = GATES[cell] * hidden_size
        self.weight_ih = empty_parameter((gates, input_size), dtype)
        self.weight_hh = empty_parameter((gates, hidden_size), dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, empty_parameter((gates,), dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters from the uniform distribution on ``±1/sqrt(hidden_size)``, as PyTorch does."""
        within_root(self, self.hidden_size)

    def _run(self, x: Array, states: tuple[Array, ...] | None) -> tuple[Any, ...]:
        name = type(self).__name__
        check_floating(name, "x", x)
        if len(x.shape) not in (1, 2) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{name}: x is a {describe(x)}; needed is (N, I) or (I,), and I is {self.input_size} (input_size)."
            )
        needed = (*x.shape[:-1], self.hidden_size)
        if states is None:
            zeros = backend_of_argument(name, "x", x).xp.zeros(needed, dtype=x.dtype)
            states = (zeros,) * (2 if self.cell == "lstm" else 1)
        for argument, state in zip(("hx", "cx"), states, strict=False):
            check_floating(name, argument, state)
            if tuple(state.shape) != tuple(needed):
                raise ValueError(
                    f"{name}: {argument} is a {describe(state)}; needed is the shape {tuple(needed)}."
                )
        single = len(x.shape) == 1
        if single:
            x = ops.expand_dims(x, axis=0)
            states = tuple([ops.expand_dims(state, axis=0) for state in states])
        _, last = recurrence(
            x, states, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh,
            cell=self.cell, sizes=(x.shape[0],),
        )  # fmt: skip
        return tuple([ops.squeeze(s, 0) for s in last]) if single else last

    def extra_repr(self) -> str:
        """Give the sizes, and the settings that are not the default."""
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias else f"{text}, bias=False"


class RNNCell(_RecurrentCell):
    """One step of `RNN`.

    Parameters
    ----------
    input_size, hidden_size, bias, nonlinearity, dtype
        As in `RNN`.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh
        (H, I), (H, H), (H,), (H,).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(rnn_cell("RNNCell", nonlinearity), input_size, hidden_size, bias, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, x: Array, hx: Array | None = None) -> Any:
        """Map the input (N, I) and the state (N, H), by default zeros, to the next state; N may be missing."""
        return self._run(x, None if hx is None else (hx,))[0]

    def extra_repr(self) -> str:
        """Give the sizes, and the settings that are not the default."""
        text = super().extra_repr()
        return text if self.nonlinearity == "tanh" else f"{text}, nonlinearity={self.nonlinearity}"


class LSTMCell(_RecurrentCell):
    """One step of `LSTM`.

    Parameters
    ----------
    input_size, hidden_size, bias, dtype
        As in `LSTM`.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh
        (4 H, I), (4 H, H), (4 H,), (4 H,).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: DType | None = None
    ) -> None:
        super().__init__("lstm", input_size, hidden_size, bias, dtype)

    def forward(self, x: Array, hx: tuple[Array, Array] | None = None) -> tuple[Any, Any]:
        """Map the input (N, I) and the pair of state and cells (N, H), by default zeros, to the next such pair."""
        h, c = self._run(x, pair("LSTMCell", hx))
        return h, c


class GRUCell(_RecurrentCell):
    """One step of `GRU`.

    Parameters
    ----------
    input_size, hidden_size, bias, dtype
        As in `GRU`.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh
        (3 H, I), (3 H, H), (3 H,), (3 H,).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: DType | None = None
    ) -> None:
        super().__init__("gru", input_size, hidden_size, bias, dtype)

    def forward(self, x: Array, hx: Array | None = None) -> Any:
        """Map the input (N, I) and the state (N, H), by default zeros, to the next state; N may be missing."""
        return self._run(x, None if hx is None else (hx,))[0]


def within_root(module: Module, hidden_size: int) -> None:
    """Draw all parameters from the uniform distribution on ``±1/sqrt(hidden_size)``."""
    bound = 1 / math.sqrt(hidden_size)
    for parameter in module.parameters():
        init.uniform_(parameter, -bound, bound)


def rnn_cell(name: str, nonlinearity: str) -> Cell:
    """Give the cell of a plain recurrent network."""
    cells: dict[str, Cell] = {"tanh": "rnn_tanh", "relu": "rnn_relu"}
    if nonlinearity not in cells:
        raise ValueError(f"{name}: nonlinearity is {nonlinearity!r}; needed is 'tanh' or 'relu'.")
    return cells[nonlinearity]


def pair(name: str, hx: Any) -> tuple[Any, Any] | None:
    """Give the states of an LSTM, checked."""
    if hx is None or (isinstance(hx, tuple | list) and len(hx) == 2):
        return None if hx is None else (hx[0], hx[1])
    raise TypeError(
        f"{name}: hx is a {type(hx).__name__}; needed is the pair (h, c) of states and cells."
    )
