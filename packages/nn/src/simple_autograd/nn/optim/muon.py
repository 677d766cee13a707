"""``Muon``: momentum made orthogonal, for the weight matrices of hidden layers (Jordan and others, 2024)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ...backends import kernel
from ...types import Array, Namespace, Shape
from .blocks import Block
from .optimizer import Group, Optimizer

__all__ = ["Muon"]


class Muon(Optimizer):
    """A step of `SGD` with momentum whose matrix has its singular values brought near 1.

    It is made for matrices. Biases, embeddings and the last layer belong to another optimizer, `AdamW` for instance.

    Parameters
    ----------
    params
        Variables with two axes, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    weight_decay
        The share of the parameters, in units of `lr`, that each step takes away.
    momentum
        The share of the momentum that is kept in each step.
    nesterov
        Step along the gradient at hand mixed with the momentum.
    ns_coefficients
        The three coefficients of the Newton-Schulz polynomial ``a*x + b*x**3 + c*x**5``.
    eps
        The smallest norm by which the momentum is divided.
    ns_steps
        How often the polynomial is applied, less than 100.
    adjust_lr_fn
        What a matrix (A, B) multiplies the step size by: ``"original"`` (also None), ``sqrt(max(1, A / B))``;
        ``"match_rms_adamw"``, ``0.2 * sqrt(max(A, B))``, with which settings for AdamW fit.

    Raises
    ------
    ValueError
        If a setting makes no sense, or a parameter is no matrix.

    Notes
    -----
    PyTorch iterates in bfloat16, this in the data type of the parameter: results agree to two digits or three.
    """

    state_names = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "weight_decay", "momentum", "eps"):
            self.require(group, name)
        self.require(group, "ns_steps", high=100)
        self.require(group, "ns_coefficients", low=float("-inf"))
        if len(group["ns_coefficients"]) != 3:
            raise ValueError(
                f"Muon: ns_coefficients is {group['ns_coefficients']}; needed are three numbers."
            )
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Muon: adjust_lr_fn is {group['adjust_lr_fn']!r}; needed is 'original', 'match_rms_adamw' or None."
            )
        self.refuse_complex(group)
        for parameter in group["params"]:
            if parameter.ndim != 2:
                raise ValueError(
                    f"Muon: a parameter has shape {tuple(parameter.shape)}; needed are two axes. Give others to "
                    f"another optimizer, for instance AdamW."
                )

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        adjust = group["adjust_lr_fn"]
        muon_step(
            block.backend,
            block.stored,
            gradients,
            block.zeros("momentum_buffer"),
            sizes=[group["lr"] * _factor(adjust, array.shape) for array in block.arrays],
            shrinkage=group["lr"] * group["weight_decay"],
            momentum=group["momentum"],
            nesterov=group["nesterov"],
            coefficients=group["ns_coefficients"],
            eps=group["eps"],
            iterations=group["ns_steps"],
        )


def _factor(adjust: str | None, shape: Shape) -> float:
    """Give what a matrix of a shape multiplies the step size by."""
    rows, columns = shape
    if adjust == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1, rows / max(columns, 1)))


@kernel
def muon_step(
    xp: Namespace,
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    momentum_buffer: Array,
    *,
    sizes: Sequence[float],
    shrinkage: float,
    momentum: float,
    nesterov: bool,
    coefficients: tuple[float, float, float],
    eps: float,
    iterations: int,
) -> None:
    """Make one step of `Muon`, writing into the parameters and the flat momentum buffer."""
    start = 0
    for parameter, gradient, size in zip(parameters, gradients, sizes, strict=True):
        end = start + parameter.size
        buffer = momentum_buffer[start:end]
        start = end
        buffer *= momentum
        buffer += (1 - momentum) * xp.reshape(gradient, (-1,))
        mixed = xp.reshape(buffer, parameter.shape)
        if nesterov:
            mixed = (1 - momentum) * gradient + momentum * mixed
        # Of a matrix's transpose this gives the transpose, so it matters not that one may be stored so.
        step = _orthogonalized(xp, mixed, coefficients, eps, iterations)
        parameter *= 1 - shrinkage
        parameter -= size * step


def _orthogonalized(
    xp: Namespace,
    matrix: Array,
    coefficients: tuple[float, float, float],
    eps: float,
    iterations: int,
) -> Array:
    """Bring the singular values of a matrix near 1, between 0.7 and 1.2 with the usual coefficients."""
    a, b, c = coefficients
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else matrix.T
    x = x / xp.clip(xp.linalg.vector_norm(x), eps, None)
    for _ in range(iterations):
        gram = xp.matmul(x, x.T)
        x = a * x + xp.matmul(b * gram + c * xp.matmul(gram, gram), x)
    return x if wide else x.T
