"""The same run of an optimizer here and in PyTorch: the same parameters, the same gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simple_autograd import Variable, nn
from tests.core.arrays import assert_close, to_backend, to_numpy

SHAPES = [(3, 4), (5,), (), (0, 2), (160, 120), (2, 3, 2), (130, 150)]
SMALL = [(3, 4), (5,), (), (0, 2), (4, 3), (2, 3, 2)]


class Pair:
    """An optimizer of ours and PyTorch's, on parameters of several shapes and memory layouts.

    The gradients are those of a bumpy bowl, so that an error in one step shows in all later ones.
    """

    def __init__(
        self,
        torch: Any,
        name: str,
        dtype: str = "float64",
        *,
        shapes: Sequence[tuple[int, ...]] = SHAPES,
        **settings: Any,
    ) -> None:
        self.torch = torch
        self.rng = np.random.default_rng(17)
        values = [self.rng.normal(size=shape).astype(dtype) for shape in shapes]
        # One matrix as nn.Linear stores its weight, one with gaps in memory.
        layouts = [
            v.copy("F") if i == 4 else spread(v) if i == 5 else v.copy()
            for i, v in enumerate(values)
        ]
        self.ours = [Variable(to_backend(value)) for value in layouts]
        self.theirs = [torch.tensor(value, requires_grad=True) for value in values]
        self.settings = settings
        self.name = name
        self.optimizer = getattr(nn.optim, name)(self.ours, **settings)
        self.oracle = getattr(torch.optim, name)(self.theirs, **settings)

    def run(self, steps: int, *, missing: bool = False) -> None:
        """Make steps; with `missing`, each parameter is without a gradient now and then."""
        for step in range(steps):
            self.optimizer.zero_grad()
            self.oracle.zero_grad()
            for place, (ours, theirs) in enumerate(zip(self.ours, self.theirs, strict=True)):
                bump = self.rng.normal(size=ours.shape)
                if missing and (step + place) % 7 == 3:
                    continue
                for parameter, kind in ((ours, to_backend), (theirs, self.torch.tensor)):
                    value = to_numpy(ours) if parameter is ours else theirs.detach().numpy()
                    gradient = np.asarray(np.sin(3 * value) + value + bump).astype(value.dtype)
                    parameter.grad = kind(gradient)
            self.optimizer.step()
            self.oracle.step()

    def compare(self, tolerance: float) -> None:
        """Check that parameters and states agree."""
        for ours, theirs in zip(self.ours, self.theirs, strict=True):
            assert_close(ours, theirs.detach().numpy(), tolerance)
        state, expected = self.optimizer.state_dict()["state"], self.oracle.state_dict()["state"]
        assert list(state) == sorted(expected)
        for number, entry in state.items():
            truth = {key: value for key, value in expected[number].items() if value is not None}
            assert set(entry) == set(truth)
            for key, value in entry.items():
                assert_close(
                    np.asarray(to_numpy(value), float), truth[key].double().numpy(), tolerance
                )


def spread(value: np.ndarray) -> np.ndarray:
    """Give an array of the same values with gaps in memory."""
    room = np.zeros((*value.shape, 2), value.dtype)
    room[..., 0] = value
    return room[..., 0]
