"""One training step of a small vision transformer on images of MNIST's size, as it is and replayed, beside PyTorch.

Patches of 7 x 7, width 32, 4 heads, a network four times as wide, blocks that normalise first; cross-entropy and Adam.
``python benchmarks/vit_step.py [--depth 4] [--batch 64] [--rounds 20]``. PyTorch is given each of its settings in turn
(Adam fused, foreach or neither; one thread or two), and its best counts. Where it is not installed, only our times are
printed.
"""

from __future__ import annotations

import argparse
import functools
import itertools
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _steps import HEADER, rows_of, step
from _timing import Candidate, machine, table

from simple_autograd import nn

SIZE, PATCH, WIDTH, HEADS, RATIO = 28, 7, 32, 4, 4


def data(batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Give images and labels: random ones, in MNIST's shapes and types."""
    random = np.random.default_rng(0)
    images = random.random((batch, 1, SIZE, SIZE), dtype=np.float32)
    return images, random.integers(0, 10, batch)


def network(nn: Any, position: Any, depth: int) -> Any:
    """Make the model from the layers of ``torch.nn`` or of ours; `position` are its first position embeddings."""

    class VisionTransformer(nn.Module):  # type: ignore[misc]
        """The patches, before them a token for the class, and blocks of attention."""

        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Sequential(nn.Conv2d(1, WIDTH, PATCH, stride=PATCH), nn.Flatten(2))
            self.position = nn.Parameter(position)
            block = nn.TransformerEncoderLayer(
                WIDTH, HEADS, RATIO * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True
            )
            self.encoder = nn.TransformerEncoder(block, depth, nn.LayerNorm(WIDTH), False)
            self.head = nn.Linear(WIDTH, 10)

        def forward(self, images: Any) -> Any:
            """Give the logits."""
            tokens = self.patches(images).swapaxes(1, 2)
            # The embedding of position 0 is what stands for the class.
            tokens = nn.functional.pad(tokens, (0, 0, 1, 0)) + self.position
            return self.head(self.encoder(tokens)[:, 0])

    return VisionTransformer()


def first_position() -> np.ndarray:
    """Draw position embeddings."""
    shape = ((SIZE // PATCH) ** 2 + 1, WIDTH)
    return np.random.default_rng(1).standard_normal(shape, dtype=np.float32) * np.float32(0.02)


def ours(batch: int, depth: int) -> functools.partial[None]:
    """Give our step."""
    model = network(nn, first_position(), depth)
    optimizer = nn.optim.Adam(model.parameters())
    return functools.partial(step, model, nn.CrossEntropyLoss(), optimizer, *data(batch))


def pytorchs(batch: int, depth: int) -> list[Candidate]:
    """Give PyTorch's step in each of its settings; none where it is not installed."""
    try:
        import torch
    except ImportError:
        return []
    images, labels = (torch.from_numpy(array) for array in data(batch))
    adams: dict[str, dict[str, bool]] = {
        "fused": {"fused": True},
        "foreach": {"foreach": True},
        "default": {},
    }
    candidates = []
    for threads, (name, settings) in itertools.product((1, 2), adams.items()):
        model = network(torch.nn, torch.from_numpy(first_position()), depth)
        optimizer = torch.optim.Adam(model.parameters(), **settings)
        call = functools.partial(
            step, model, torch.nn.CrossEntropyLoss(), optimizer, images, labels
        )
        before = functools.partial(torch.set_num_threads, threads)
        candidates.append(Candidate(f"{name}, {threads} thread(s)", call, before))
    return candidates


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, nargs="+", default=[64])
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    rows: list[list[object]] = []
    for batch in arguments.batch:
        make = functools.partial(ours, batch, arguments.depth)
        others = pytorchs(batch, arguments.depth)
        rows += rows_of(batch, make, others, rounds=arguments.rounds, unit=1e3)
    print(machine())
    print(f"One step of {arguments.depth} blocks, ms; the ratio is PyTorch's best over ours.\n")
    print(table(HEADER, rows))


if __name__ == "__main__":
    main()
