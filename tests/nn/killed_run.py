"""A small run with all that has a state, for ``test_checkpoint_kills.py`` to kill: python killed_run.py FOLDER EPOCHS.

It goes on from the folder's checkpoint if there is one, and says when it begins to train.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.datasets import DataLoader


def main(folder: Path, epochs: int) -> None:
    sa.manual_seed(0)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(64, 8)).astype(np.float32)
    data = list(zip(images, rng.integers(0, 3, 64), strict=True))
    loader = DataLoader(data, batch_size=16, shuffle=True, seed=3)
    model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Dropout(0.3), nn.Linear(16, 3))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, 7)
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "loader": loader}
    path = folder / "checkpoint.safetensors"
    losses = nn.load(path, **parts)["losses"] if path.exists() else []
    print("training", flush=True)
    while loader.epoch < epochs:
        losses.append(0.0)
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses[-1] += loss.item()
        scheduler.step()
        nn.save(path, **parts, extra={"losses": losses[-20:]}, keep=3)
    (folder / "losses.json").write_text(json.dumps(losses[-20:]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
