"""A first use of what is installed, run by nox in environments that hold wheels and no source tree.

``python testing/smoke.py core`` expects the core and none of the other packages; ``... all``
expects all four, and trains a small network for three steps on real MNIST batches.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys

import numpy as np

import simple_autograd as sa

OURS = {
    "simple-autograd",
    "simple-autograd-nn",
    "simple-autograd-datasets",
    "simple-autograd-backend-cupy",
}


def installed() -> set[str]:
    """Name those of our packages that are installed."""
    return {found.name for found in importlib.metadata.distributions()} & OURS


def core() -> None:
    """Take a gradient, with nothing but the core there."""
    expect(installed() == {"simple-autograd"}, f"the core alone, not {installed()}")
    for other in ("nn", "datasets"):
        found = importlib.util.find_spec(f"simple_autograd.{other}")
        expect(found is None, f"no simple_autograd.{other}, but there is {found}")
    gradient()


def gradient() -> None:
    """Take a gradient."""
    v = sa.Variable(np.array([1.0, 2.0, 3.0]))
    (v * 3).sum().backward()
    expect(np.array_equal(v.grad, [3.0, 3.0, 3.0]), f"a gradient of threes, not {v.grad}")


def everything() -> None:
    """Import all four packages and train three steps."""
    expect(installed() == OURS, f"all four packages, not {installed()}")
    import simple_autograd_cupy
    from simple_autograd import nn
    from simple_autograd.datasets import MNIST, DataLoader, standard_transform

    expect(hasattr(simple_autograd_cupy, "CupyBackend"), "simple_autograd_cupy.CupyBackend")
    gradient()
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimizer = nn.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    train = MNIST(train=True, transform=standard_transform)
    loader = DataLoader(train, batch_size=64, shuffle=True, seed=0)
    for step, (images, labels) in enumerate(loader):
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        value = loss.item()
        print(f"step {step}: loss {value:.4f}")
        # A network that knows nothing gives ln(10) = 2.303.
        expect(1.0 < value < 3.5, f"a loss near ln(10) in the first steps, not {value}")
        if step == 2:
            break


def expect(holds: bool, what: str) -> None:
    """Stop with a message unless `holds`."""
    if not holds:
        sys.exit(f"smoke test: expected {what}")


if __name__ == "__main__":
    {"core": core, "all": everything}[sys.argv[1]]()
    print(f"smoke test of {', '.join(sorted(installed()))}: passed")
