"""Train the models of examples/mnist.py with both libraries, and compare their accuracies on MNIST's test set.

``python benchmarks/mnist_accuracy.py [--model mlp cnn vit] [--seeds 0 1 2] [--epochs N] [--library ours pytorch]``. The
recipe: Adam at 1e-3, batches of 64, reshuffled every epoch, PyTorch's default initialisation; 10 epochs of the MLP and
the CNN, 20 of the vision transformer. Each finished run is a line of ``--results``; what is there is not run again, so
that a comparison that was killed goes on. ``OMP_NUM_THREADS`` sets the threads of both libraries.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

# The script's own folder is the first place where Python looks.
from _timing import machine, table

from simple_autograd.datasets import MNIST, DataLoader, standard_transform

sys.path.append(str(Path(__file__).parents[1] / "examples"))
import mnist
from command_line import at_least, run

EPOCHS = {"mlp": 10, "cnn": 10, "vit": 20}


def pytorchs_example() -> ModuleType:
    """Import examples/mnist.py so that ``torch`` is what its text finds under the name ``simple_autograd``."""
    torch = importlib.import_module("torch")
    with mock.patch.dict(sys.modules, simple_autograd=torch):
        del sys.modules["mnist"]
        return importlib.import_module("mnist")


class Tensors:
    """The batches of a loader as PyTorch's tensors."""

    def __init__(self, loader: DataLoader) -> None:
        self.loader = loader

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        import torch

        for batch in self.loader:
            yield tuple(map(torch.from_numpy, batch))


def train(library: str, model_name: str, seed: int, epochs: int) -> dict[str, Any]:
    """Train once; give the test accuracy after each epoch, and the seconds that its training took."""
    training, testing = (MNIST(train=part, transform=standard_transform) for part in (True, False))
    batches: Any = DataLoader(training, batch_size=64, shuffle=True, seed=seed, drop_last=True)
    test: Any = DataLoader(testing, batch_size=1000)
    example, optim = mnist, mnist.nn.optim
    if library == "pytorch":
        batches, test = Tensors(batches), Tensors(test)
        example = pytorchs_example()
        optim = example.sa.optim
    example.sa.manual_seed(seed)
    model = example.build_model(model_name, batch_norm=False)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    step = example.build_step(model, optimizer)
    accuracies, seconds = [], []
    for epoch in range(1, epochs + 1):
        title = f"{library}, {model_name}, seed {seed}, epoch {epoch}/{epochs}"
        start = time.perf_counter()
        example.train_epoch(model, step, batches, title)
        seconds.append(time.perf_counter() - start)
        accuracies.append(example.evaluate(model, test)[1])
    return {"test_accuracy": accuracies, "seconds": seconds}


def row(library: str, model: str, results: list[dict[str, Any]]) -> list[object]:
    """Give a line of the table: of accuracies after the last epoch, and of the median time of an epoch."""
    last = [100 * result["test_accuracy"][-1] for result in results]
    seconds = statistics.median(s for result in results for s in result["seconds"])
    spread = f"{statistics.stdev(last):.2f}" if len(last) > 1 else "–"
    values = ", ".join(f"{accuracy:.2f}" for accuracy in last)
    return [model, library, f"{statistics.mean(last):.2f}", spread, values, seconds]


def main() -> None:
    """Run what is not in the results yet, and print a table of all that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=EPOCHS, nargs="+", default=[*EPOCHS])
    parser.add_argument("--seeds", type=at_least(0), nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=at_least(1), help="by default 10, and 20 for the vit")
    parser.add_argument(
        "--library", choices=["ours", "pytorch"], nargs="+", default=["ours", "pytorch"]
    )
    parser.add_argument("--results", type=Path, default=Path("runs/mnist_accuracy.jsonl"))
    arguments = parser.parse_args()
    if "pytorch" in arguments.library and find_spec("torch") is None:
        parser.error("PyTorch is not installed; --library ours does without")
    # PyTorch says so of every encoder that normalises first.
    warnings.filterwarnings("ignore", "enable_nested_tensor is True")

    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    lines = arguments.results.read_text().splitlines() if arguments.results.exists() else []
    results = [json.loads(line) for line in lines]
    rows = []
    for model in arguments.model:
        epochs = arguments.epochs or EPOCHS[model]
        found: dict[str, list[dict[str, Any]]] = {library: [] for library in arguments.library}
        # The libraries take turns, so that a busy spell of the machine meets both.
        for seed, library in itertools.product(arguments.seeds, arguments.library):
            what = {"library": library, "model": model, "seed": seed, "epochs": epochs}
            result = next((result for result in results if what.items() <= result.items()), None)
            if result is None:
                result = what | train(library, model, seed, epochs)
                results.append(result)
                mnist.write_metrics(results, arguments.results)
            found[library].append(result)
            accuracy, seconds = result["test_accuracy"][-1], statistics.median(result["seconds"])
            print(
                f"{library}, {model}, seed {seed}, {epochs} epochs: test accuracy {accuracy:.2%}, "
                f"{seconds:.2f} s per epoch",
                flush=True,
            )
        rows += [row(library, model, found[library]) for library in arguments.library]
    pytorch = f", PyTorch {version('torch')}" if "pytorch" in arguments.library else ""
    print(f"\n{machine()}{pytorch}\n")
    header = ["model", "library", "test accuracy, mean (%)", "standard deviation", "each seed"]
    print(table([*header, "s per epoch, median"], rows))


if __name__ == "__main__":
    run(main, "the same command goes on with the run that was not finished")
