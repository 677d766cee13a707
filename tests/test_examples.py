"""The examples run as a user runs them: from the command line, on a small part of their data."""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("matplotlib", "tqdm")),
    reason="the examples need matplotlib and tqdm",
)

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def small_mnist(tmp_path_factory):
    """Give a folder with the first images of MNIST as files of a user's own."""
    from simple_autograd.datasets import MNIST

    folder = tmp_path_factory.mktemp("mnist")
    for name, train, count in (("train", True, 640), ("t10k", False, 100)):
        data = MNIST(train=train)
        images, labels = np.asarray(data.data[:count]), np.asarray(data.targets[:count])
        header = struct.pack(">IIII", 0x803, count, 28, 28)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = struct.pack(">II", 0x801, count)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(header + labels.astype("u1").tobytes())
    return folder


def mnist(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / "mnist.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def metrics_of(folder: Path) -> list[dict[str, float]]:
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [{key: v for key, v in json.loads(line).items() if key != "seconds"} for line in lines]


def test_a_run_leaves_its_results_and_resumes_to_the_bit(small_mnist, tmp_path):
    data = ("--data-root", small_mnist, "--out", tmp_path)
    whole = mnist(*data, "--epochs", 3, "--name", "whole")
    assert whole.returncode == 0, whole.stderr
    assert "epoch   3: loss" in whole.stdout
    left = {path.name for path in (tmp_path / "whole").iterdir()}
    assert left == {"checkpoint.safetensors", "metrics.jsonl", "curves.png"}
    assert (tmp_path / "whole/curves.png").read_bytes().startswith(b"\x89PNG")
    metrics = metrics_of(tmp_path / "whole")
    assert [line["epoch"] for line in metrics] == [1, 2, 3]
    assert metrics[2]["loss"] < metrics[0]["loss"]

    assert mnist(*data, "--epochs", 1, "--name", "parts").returncode == 0
    # Killed after the checkpoint, before the metrics were written: they come from the checkpoint.
    (tmp_path / "parts/metrics.jsonl").unlink()
    resumed = mnist(*data, "--epochs", 1, "--name", "parts", "--resume", "--keep", 2)
    assert resumed.returncode == 0, resumed.stderr
    assert metrics_of(tmp_path / "parts") == metrics[:1]
    resumed = mnist(*data, "--epochs", 3, "--name", "parts", "--resume", "--keep", 2)
    assert resumed.returncode == 0, resumed.stderr
    assert metrics_of(tmp_path / "parts") == metrics
    left = {path.name for path in (tmp_path / "parts").iterdir()}
    assert left == {"checkpoint.1.safetensors", *os.listdir(tmp_path / "whole")}
    weights = [
        (tmp_path / name / "checkpoint.safetensors").read_bytes() for name in ("whole", "parts")
    ]
    # The header holds the seconds of each epoch; the arrays are what follows it.
    arrays = [content[8 + int.from_bytes(content[:8], "little") :] for content in weights]
    assert arrays[0] == arrays[1]


def test_all_settings_of_sgd(small_mnist, tmp_path):
    settings = ["--sgd-momentum", 0.9, "--sgd-nesterov", "--weight-decay", 1e-4, "--lr", 0.05]
    run = mnist(
        *("--data-root", small_mnist, "--out", tmp_path, "--optimizer", "sgd", "--epochs", 1),
        *settings,
    )
    assert run.returncode == 0, run.stderr


def test_mistakes_are_explained(small_mnist, tmp_path):
    assert "invalid choice: 'rnn'" in mnist("--model", "rnn").stderr
    missing = mnist("--data-root", tmp_path / "nowhere", "--out", tmp_path)
    assert missing.returncode != 0
    assert "nowhere" in missing.stderr
    unknown = mnist("--backend", "abacus", "--out", tmp_path)
    assert "there is no backend 'abacus'" in unknown.stderr


@pytest.mark.parametrize("model", ["cnn", "vit", "mlp"])
def test_every_model_learns(model, small_mnist, tmp_path):
    settings = [] if model == "vit" else ["--batch-norm"]
    data = ("--data-root", small_mnist, "--out", tmp_path, "--name", model)
    run = mnist(*data, "--model", model, *settings, "--epochs", 3, "--batch-size", 32, "--verbose")
    assert run.returncode == 0, run.stderr
    assert "multiply-adds" in run.stdout
    metrics = metrics_of(tmp_path / model)
    assert metrics[2]["loss"] < metrics[0]["loss"]
