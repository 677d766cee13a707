"""Find a pendulum's length and damping from noisy angles, by gradients through the solver of its equation.

    python examples/ode_fit.py --steps 200

The solver and the pendulum are written for any array of the array API standard: they work on NumPy's arrays, and know
nothing of simple_autograd. Given Variables they are differentiable, as they stand. For a pendulum of 1 m and
0.25 1/s the fit finds 0.994 m and 0.242 1/s; it leaves in runs/ode-fit/ the picture fit.png. It needs simple_autograd
with nn (for Adam), and matplotlib and tqdm.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_line import at_least, explained, parser, run
from matplotlib.figure import Figure
from tqdm import tqdm

import simple_autograd as sa
from simple_autograd import nn

LENGTH, DAMPING = 1.0, 0.25  # metres, 1/s: what the fit shall find
GUESS = 1.6, 0.05
RELEASE = 2.0  # radians; far from where sin(angle) could be taken for the angle
GRAVITY = 9.81  # m/s²
NOISE = 0.1  # radians
INTERVAL, COUNT = 0.05, 160  # an observation every 50 ms, for 8 s


def pendulum(state: Any, length: Any, damping: Any) -> Any:
    """Give the rate of change of `state`, (2,): angle in radians, angular speed in radians per second."""
    xp = state.__array_namespace__()
    angle, speed = state[0], state[1]
    return xp.stack([speed, -GRAVITY / length * xp.sin(angle) - damping * speed])


def runge_kutta(rate: Callable[[Any], Any], state: Any, step: float, count: int) -> Any:
    """Solve state' = rate(state) by the classical method of fourth order; give `count` states, `step` apart."""
    xp = state.__array_namespace__()
    states = [state]
    for _ in range(count - 1):
        k1 = rate(state)
        k2 = rate(state + step / 2 * k1)
        k3 = rate(state + step / 2 * k2)
        k4 = rate(state + step * k3)
        state = state + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        states.append(state)
    return xp.stack(states)


def swing(length: Any, damping: Any) -> Any:
    """Give the angles, (COUNT,), of a pendulum let go at RELEASE, for `length` and `damping` of shape ()."""
    xp = length.__array_namespace__()
    start = xp.asarray([RELEASE, 0.0], dtype=length.dtype)
    states = runge_kutta(lambda state: pendulum(state, length, damping), start, INTERVAL, COUNT)
    return states[:, 0]


def main() -> None:
    args = parse_arguments()
    folder = args.out / "ode-fit"
    with explained():
        sa.set_backend(args.backend)
        folder.mkdir(parents=True, exist_ok=True)
    sa.manual_seed(args.seed)

    with sa.no_grad():
        truth = swing(sa.Variable(LENGTH), sa.Variable(DAMPING))
        observed = truth + sa.default_generator().normal((COUNT,), std=NOISE, dtype="float64")
        first = swing(*map(sa.Variable, GUESS))

    # The logarithms are fitted, so that length and damping stay above 0.
    logarithms = sa.Variable([math.log(value) for value in GUESS])
    optimizer = nn.optim.Adam([logarithms], lr=0.1)
    losses = []
    for _ in (bar := tqdm(range(args.steps), "fit", leave=False, mininterval=0.2)):
        optimizer.zero_grad()
        length, damping = sa.exp(logarithms)
        loss = sa.mean((swing(length, damping) - observed) ** 2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        bar.set_postfix_str(f"loss {losses[-1]:.4f}", refresh=False)

    with sa.no_grad():
        length, damping = sa.exp(logarithms)
        fitted = swing(length, damping)
    print(f"loss {losses[0]:.4f} at first, {losses[-1]:.4f} at last; the noise's is {NOISE**2:.4f}")
    print(f"length  {length.item():.3f} m (true: {LENGTH}, first guess: {GUESS[0]})")
    print(f"damping {damping.item():.3f} 1/s (true: {DAMPING}, first guess: {GUESS[1]})")
    draw(
        folder / "fit.png", observed, {"truth": truth, "first guess": first, "fit": fitted}, losses
    )


def draw(
    path: Path, observed: sa.Variable, curves: dict[str, sa.Variable], losses: list[float]
) -> None:
    """Draw the observations under the curves of angles, and the loss over the steps."""
    times = [INTERVAL * number for number in range(COUNT)]
    figure = Figure(figsize=(10, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(times, observed.tolist(), ".", color="tab:gray", markersize=4, label="observed")
    styles = ({"color": "black", "lw": 4, "alpha": 0.2}, {"color": "tab:orange", "ls": ":"}, {})
    for (name, angles), style in zip(curves.items(), styles, strict=True):
        left.plot(times, angles.tolist(), **style, label=name)
    left.set(xlabel="time (s)", ylabel="angle (radians)", title="Pendulum", ylim=(-2.2, 3.0))
    left.legend(ncols=4, loc="upper center", fontsize=8)
    right.semilogy(losses)
    right.axhline(NOISE**2, color="tab:gray", ls="--", label="variance of the noise")
    right.set(xlabel="step", ylabel="mean square error (radians²)", title="Loss")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    print(f"picture drawn to {path}")


def parse_arguments() -> argparse.Namespace:
    arguments = parser(__doc__)
    arguments.add_argument("--steps", type=at_least(1), default=200)
    return arguments.parse_args()


if __name__ == "__main__":
    run(main)
