"""A small run with all that has a state, for ``test_checkpoint_kills.py`` to kill: python killed_run.py FOLDER EPOCHS.

It goes on from the folder's checkpoint if there is one, and says when it begins to train. Checkpoints are written
inside epochs, too, while a thread reads and augments batches ahead.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.datasets import ArrayDataset, DataLoader, RandomHorizontalFlip


def main(folder: Path, epochs: int) -> None:
    sa.manual_seed(0)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(64, 1, 2, 4)).astype(np.float32)
    data = ArrayDataset(images, rng.integers(0, 3, 64), transform=RandomHorizontalFlip())
    loader = DataLoader(data, batch_size=16, shuffle=True, seed=3, prefetch=2)
    model = nn.Sequential(
        *(nn.Flatten(), nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Dropout(0.3), nn.Linear(16, 3))
    )
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, 7)
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "loader": loader}
    path = folder / "checkpoint.safetensors"
    extra = nn.load(path, **parts) if path.exists() else {"losses": [], "total": 0.0}
    losses, total = extra["losses"], extra["total"]
    print("training", flush=True)
    while loader.epoch < epochs:
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
            nn.save(path, **parts, extra={"losses": losses, "total": total}, keep=3)
        losses, total = [*losses[-19:], total], 0.0
        scheduler.step()
        nn.save(path, **parts, extra={"losses": losses, "total": total}, keep=3)
    (folder / "losses.json").write_text(json.dumps(losses))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
