"""Recurrent layers: see ``functional/recurrent.py``."""

from __future__ import annotations

from typing import Any, NoReturn

from ... import ops
from ...types import Array, DType
from ..functional import dropout
from ..functional.arguments import backend_of_argument, check_floating, describe
from ..functional.recurrent import GATES, Cell, PackedSequence, recurrence
from ..module import Module
from ..parameter import Parameter
from .linear import check_sizes, empty_parameter
from .recurrent_cells import pair, rnn_cell, within_root

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """What the recurrent layers have in common: a stack of recurrences, in one direction or in both."""

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
        check_sizes(name, 1, **sizes)
        switches = {"bias": bias, "batch_first": batch_first, "bidirectional": bidirectional}
        for argument, value in switches.items():
            # A probability of dropout lands here where the place of an argument was mistaken.
            if not isinstance(value, bool):
                raise TypeError(f"{name}: {argument} is {value!r}; needed is True or False.")
        if not 0 <= proj_size < hidden_size:
            raise ValueError(
                f"{name}: proj_size is {proj_size}; needed is an integer of at least 0 (no projection) and below "
                f"hidden_size, which is {hidden_size}."
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout is {dropout}; needed is a probability in [0, 1].")
        self.cell: Cell = cell
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        gates = GATES[cell] * hidden_size
        for place in range(num_layers * self._directions):
            inputs = (
                input_size if place < self._directions else self._output_size * self._directions
            )
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (gates, inputs),
                "weight_hh": (gates, self._output_size),
            }
            if bias:
                shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
            if proj_size:
                shapes["weight_hr"] = (proj_size, hidden_size)
            for kind, shape in shapes.items():
                self.register_parameter(self._name(kind, place), empty_parameter(shape, dtype))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _name(self, kind: str, place: int) -> str:
        layer, direction = divmod(place, self._directions)
        return f"{kind}_l{layer}{'_reverse' if direction else ''}"

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        return [
            [weight for kind in kinds if (weight := self._weight(kind, place)) is not None]
            for place in range(self.num_layers * self._directions)
        ]

    def _weight(self, kind: str, place: int) -> Parameter | None:
        return self.__dict__.get(self._name(kind, place))

    def flatten_parameters(self) -> None:
        """Do nothing: for PyTorch's sake, which arranges parameters for cuDNN here."""

    def reset_parameters(self) -> None:
        """Draw new parameters from the uniform distribution on ``±1/sqrt(hidden_size)``, as PyTorch does."""
        within_root(self, self.hidden_size)

    def _run(self, x: Any, states: tuple[Array, ...] | None) -> tuple[Any, tuple[Any, ...]]:
        """Give the output for an input of any form, and the last states."""
        name = type(self).__name__
        if isinstance(x, PackedSequence):
            self._check_features(x.data, 2)
            if states is not None and x.sorted_indices is not None:
                states = tuple([ops.take(s, x.sorted_indices, axis=1) for s in states])
            given = self._states(x.data, states, x.batch_sizes[0], True)
            y, last = self._stack(x.data, given, x.batch_sizes)
            if x.unsorted_indices is not None:
                last = tuple([ops.take(s, x.unsorted_indices, axis=1) for s in last])
            return x._replace(data=y), last
        backend_of_argument(name, "x", x)
        ndim = len(x.shape)
        if ndim not in (2, 3):
            self._refuse_input(x)
        self._check_features(x, ndim)
        batched = ndim == 3
        if not batched:
            x = ops.expand_dims(x, axis=1)
        elif self.batch_first:
            x = ops.swapaxes(x, 0, 1)
        steps, count, inputs = x.shape
        if not steps:
            raise ValueError(f"{name}: x is a {describe(x)}; needed is at least one step.")
        given = self._states(x, states, count, batched)
        rows = ops.reshape(x, (steps * count, inputs))
        y, last = self._stack(rows, given, (count,) * steps)
        y = ops.reshape(y, (steps, count, y.shape[1]))
        if not batched:
            return ops.squeeze(y, 1), tuple([ops.squeeze(s, 1) for s in last])
        return (ops.swapaxes(y, 0, 1) if self.batch_first else y), last

    def _stack(
        self, rows: Any, states: tuple[Any, ...], sizes: tuple[int, ...]
    ) -> tuple[Any, tuple[Any, ...]]:
        """Run all layers on packed rows."""
        lasts = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in range(self._directions):
                place = layer * self._directions + direction
                kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
                weights = [self._weight(kind, place) for kind in kinds]
                own = tuple([s[place, ...] for s in states])
                y, last = recurrence(
                    rows, own, *weights, cell=self.cell, sizes=sizes, reverse=direction == 1
                )
                outputs.append(y)
                lasts.append(last)
            rows = outputs[0] if len(outputs) == 1 else ops.concat(outputs, axis=1)
            if self.dropout and layer < self.num_layers - 1:
                rows = dropout(rows, self.dropout, self.training)
        return rows, tuple([ops.stack(parts, axis=0) for parts in zip(*lasts, strict=True)])

    def _states(
        self, x: Any, states: tuple[Any, ...] | None, count: int, batched: bool
    ) -> tuple[Any, ...]:
        """Give the first states, (layers * directions, N, size): those given, checked, or zeros."""
        number = self.num_layers * self._directions
        widths = {"hx": self._output_size, "cx": self.hidden_size}
        if self.cell != "lstm":
            del widths["cx"]
        if states is None:
            xp = backend_of_argument(type(self).__name__, "x", x).xp
            return tuple(
                [xp.zeros((number, count, width), dtype=x.dtype) for width in widths.values()]
            )
        for (argument, width), state in zip(widths.items(), states, strict=True):
            check_floating(type(self).__name__, argument, state)
            needed = (number, count, width) if batched else (number, width)
            if tuple(state.shape) != needed:
                raise ValueError(
                    f"{type(self).__name__}: {argument} is a {describe(state)}; needed is the shape {needed}, for "
                    f"layers and directions, {'sequences and ' if batched else ''}features."
                )
        return states if batched else tuple([ops.expand_dims(s, axis=1) for s in states])

    def _check_features(self, x: Any, ndim: int) -> None:
        check_floating(type(self).__name__, "x", x)
        if len(x.shape) != ndim or x.shape[-1] != self.input_size:
            self._refuse_input(x)

    def _refuse_input(self, x: Any) -> NoReturn:
        batched = "(N, T, I)" if self.batch_first else "(T, N, I)"
        raise ValueError(
            f"{type(self).__name__}: x is a {describe(x)}; needed is {batched} or (T, I) for T steps of N sequences "
            f"with I features, and I is {self.input_size} (input_size)."
        )

    def extra_repr(self) -> str:
        """Give the sizes, and the settings that are not the default."""
        text = f"{self.input_size}, {self.hidden_size}"
        for name, default in {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }.items():
            if (value := getattr(self, name)) != default:
                text += f", {name}={value}"
        return text


class RNN(_Recurrent):
    """A recurrent network: each state is ``tanh(W_ih x + b_ih + W_hh h + b_hh)``, with h the state before.

    Parameters
    ----------
    input_size, hidden_size
        The features of the input, and of the states.
    num_layers
        How many recurrences are stacked, each on the outputs of the one below.
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    bias
        Whether to add biases.
    batch_first
        Take and give (N, T, ...) in place of (T, N, ...). States are (layers * directions, N, H) all the same.
    dropout
        The probability with which outputs of all layers but the last are dropped in training.
    bidirectional
        Also walk from the end to the beginning; the outputs of both directions are joined.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0
        (H, I), (H, H), (H,), (H,) of the first layer; those of the others end in ``_l1`` and so on, those of the
        direction back in ``_reverse``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            rnn_cell("RNN", nonlinearity), input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, 0, dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def forward(self, x: Any, hx: Array | None = None) -> tuple[Any, Any]:
        """Walk over sequences.

        Parameters
        ----------
        x
            (T, N, I), with `batch_first` (N, T, I), (T, I) for one sequence, or an
            `nn.utils.rnn.PackedSequence`.
        hx
            The first states, (layers * directions, N, H), or for one sequence without N; by default zeros.

        Returns
        -------
        tuple
            The last layer's outputs, in the form of `x` with directions * H features, and the last states, in the form
            of `hx`.
        """
        y, (last,) = self._run(x, None if hx is None else (hx,))
        return y, last


class LSTM(_Recurrent):
    """Long short-term memory: a recurrent network whose gates say what its cells keep, take in and show.

    With ``i, f, g, o`` the four blocks of ``W_ih x + b_ih + W_hh h + b_hh``, in this order, the new cells are
    ``sigmoid(f) * c + sigmoid(i) * tanh(g)``, and the new state is ``sigmoid(o) * tanh(c)``.

    Parameters
    ----------
    input_size, hidden_size
        The features of the input, and of the cells.
    num_layers
        How many recurrences are stacked, each on the outputs of the one below.
    bias
        Whether to add biases.
    batch_first
        Take and give (N, T, ...) in place of (T, N, ...). States are (layers * directions, N, ...) all the same.
    dropout
        The probability with which outputs of all layers but the last are dropped in training.
    bidirectional
        Also walk from the end to the beginning; the outputs of both directions are joined.
    proj_size
        If not 0, states are projected to so many features, by ``weight_hr``.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0
        (4 H, I), (4 H, H), (4 H,), (4 H,) of the first layer; those of the others end in ``_l1`` and so on, those of
        the direction back in ``_reverse``.
    weight_hr_l0
        (P, H), with `proj_size` only.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> y, (h, c) = nn.LSTM(3, 5, bidirectional=True)(np.zeros((7, 2, 3), "float32"))
    >>> y.shape, h.shape, c.shape
    ((7, 2, 10), (2, 2, 5), (2, 2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            "lstm", input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, proj_size, dtype,
        )  # fmt: skip

    def forward(self, x: Any, hx: tuple[Array, Array] | None = None) -> tuple[Any, tuple[Any, Any]]:
        """Walk over sequences.

        Parameters
        ----------
        x
            (T, N, I), with `batch_first` (N, T, I), (T, I) for one sequence, or an
            `nn.utils.rnn.PackedSequence`.
        hx
            The first states and cells, (layers * directions, N, P) and (layers * directions, N, H), or for one
            sequence without N; by default zeros. P is `proj_size`, or H without.

        Returns
        -------
        tuple
            The last layer's outputs, in the form of `x` with directions * P features, and the pair of the last states
            and cells, in the form of `hx`.
        """
        y, (h, c) = self._run(x, pair("LSTM", hx))
        return y, (h, c)


class GRU(_Recurrent):
    """Gated recurrent units: a recurrent network whose gates say how much of a state is renewed.

    With ``r, z, n`` the three blocks of ``W_ih x + b_ih``, in this order, and ``r', z', n'`` those of
    ``W_hh h + b_hh``, the new state is ``(1 - Z) * tanh(n + R * n') + Z * h``, where ``R = sigmoid(r + r')`` and
    ``Z = sigmoid(z + z')``.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype
        As in `RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0
        (3 H, I), (3 H, H), (3 H,), (3 H,) of the first layer (see `RNN`).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            "gru", input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, 0, dtype,
        )  # fmt: skip

    def forward(self, x: Any, hx: Array | None = None) -> tuple[Any, Any]:
        """Walk over sequences (see `RNN.forward`)."""
        y, (last,) = self._run(x, None if hx is None else (hx,))
        return y, last
