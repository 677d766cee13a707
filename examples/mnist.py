"""Train a network on MNIST, as one would write it for oneself.

    python examples/mnist.py --model mlp --epochs 10

(or cnn, or vit) leaves in runs/<name>/ a checkpoint, metrics.jsonl (one line per epoch), and pictures: curves.png,
confusion.png, mistakes.png and filters.png. With --resume, training goes on from the checkpoint. It needs
simple_autograd with nn and datasets, and tqdm; and matplotlib for the pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from command_line import at_least, explained, parser, run
from tqdm import tqdm

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.datasets import MNIST, DataLoader, standard_transform

Step = Callable[..., Any]
"""Trains on a batch: of images and labels, it gives the loss."""


def main() -> None:
    args = parse_arguments()
    folder = args.out / (args.name or f"{args.model}-{args.optimizer}-seed{args.seed}")
    with explained():
        sa.set_backend(args.backend)
        folder.mkdir(parents=True, exist_ok=True)
        train, test = build_loaders(args)
    sa.manual_seed(args.seed)
    model = build_model(args.model, args.batch_norm)
    with explained():
        optimizer = build_optimizer(args, model)
        metrics = resume(folder, model, optimizer, train) if args.resume else []
    step = build_step(model, optimizer)
    if args.graph:
        step = sa.graph(step)
    print(nn.summary(model, (1, 1, 28, 28)) if args.verbose else model)
    print(
        f"{nn.count_parameters(model):,} parameters on backend {args.backend!r}; results go to {folder}"
    )

    for epoch in range(train.epoch, args.epochs):
        start = time.perf_counter()
        loss = train_epoch(model, step, train, f"epoch {epoch + 1}/{args.epochs}")
        seconds = time.perf_counter() - start
        test_loss, accuracy = evaluate(model, test)
        metrics.append(
            {
                "epoch": epoch + 1,
                "loss": loss,
                "test_loss": test_loss,
                "test_accuracy": accuracy,
                "seconds": seconds,
            }
        )
        print(
            f"epoch {epoch + 1:3d}: loss {loss:.4f}, test loss {test_loss:.4f}, "
            f"test accuracy {accuracy:.2%} ({seconds:.1f} s)"
        )
        nn.save(
            folder / "checkpoint.safetensors",
            model=model,
            optimizer=optimizer,
            loader=train,
            extra={"metrics": metrics},
            keep=args.keep,
        )
        write_metrics(metrics, folder / "metrics.jsonl")
    if find_spec("matplotlib"):
        import pictures

        pictures.draw(folder, metrics, model, test)
    else:
        print("no pictures were drawn: matplotlib is not installed")


def build_loaders(args: argparse.Namespace) -> tuple[DataLoader, DataLoader]:
    """Give the loaders of the training and of the test images."""
    train, test = (MNIST(args.data_root, part, standard_transform) for part in (True, False))
    if args.batch_size > len(train):
        raise ValueError(f"--batch-size {args.batch_size} is more than the {len(train)} images")
    batches = DataLoader(train, args.batch_size, shuffle=True, seed=args.seed, drop_last=True)
    return batches, DataLoader(test, batch_size=1000)


def build_model(name: str, batch_norm: bool) -> nn.Module:
    if name == "vit":
        return VisionTransformer()
    if name == "cnn":
        layers = [
            *(nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)),
        ]
    else:
        layers = [
            nn.Flatten(),
            *(nn.Linear(784, 128), nn.BatchNorm1d(128), nn.ReLU()),
            *(nn.Linear(128, 64), nn.BatchNorm1d(64), nn.ReLU()),
            nn.Linear(64, 10),
        ]
    norms = () if batch_norm else (nn.BatchNorm1d, nn.BatchNorm2d)
    return nn.Sequential(*[layer for layer in layers if not isinstance(layer, norms)])


class VisionTransformer(nn.Module):
    """Patches of 7 by 7 as tokens, after one that stands for the class; blocks of attention; a linear head."""

    def __init__(self, width: int = 32, heads: int = 4, depth: int = 4) -> None:
        super().__init__()
        self.patches = nn.Sequential(nn.Conv2d(1, width, 7, stride=7), nn.Flatten(2))
        self.position = nn.Parameter(sa.zeros((17, width), dtype=sa.float32))
        nn.init.normal_(self.position, std=0.02)
        block = nn.TransformerEncoderLayer(
            width,
            heads,
            4 * width,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(block, depth, nn.LayerNorm(width))
        self.head = nn.Linear(width, 10)

    def forward(self, images: sa.Variable) -> sa.Variable:
        """Give the logits, (N, 10), of images, (N, 1, 28, 28)."""
        tokens = self.patches(images).swapaxes(1, 2)  # (N, 16, width)
        tokens = nn.functional.pad(tokens, (0, 0, 1, 0)) + self.position
        return self.head(self.encoder(tokens)[:, 0])


def build_optimizer(args: argparse.Namespace, model: nn.Module) -> nn.optim.Optimizer:
    """Give the optimizer, with those of its own settings that were given; the others have its defaults."""
    kind, lr = {"adam": (nn.optim.Adam, 1e-3), "sgd": (nn.optim.SGD, 0.1)}[args.optimizer]
    prefix = f"{args.optimizer}_"
    settings = {
        name.removeprefix(prefix): v for name, v in vars(args).items() if name.startswith(prefix)
    }
    lr = lr if args.lr is None else args.lr
    return kind(model.parameters(), lr=lr, weight_decay=args.weight_decay, **settings)


def build_step(model: nn.Module, optimizer: nn.optim.Optimizer) -> Step:
    """Give the training step."""
    criterion = nn.CrossEntropyLoss()

    def step(images: sa.Variable, labels: sa.Variable) -> sa.Variable:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


def train_epoch(model: nn.Module, step: Step, loader: DataLoader, title: str) -> float:
    """Train once through the loader; give the mean loss in nats."""
    model.train()
    total = 0.0
    for images, labels in (bar := tqdm(loader, title, leave=False, mininterval=0.2)):
        loss = step(images, labels)
        total += loss.item()
        bar.set_postfix_str(f"loss {loss.item():.3f}", refresh=False)
    return total / len(loader)


def evaluate(model: nn.Module, loader: DataLoader) -> tuple[float, float]:
    """Give the mean loss in nats and the accuracy over the loader's dataset."""
    model.eval()
    loss = correct = count = 0.0
    with sa.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
            correct += (logits.argmax(1) == labels).sum().item()
            count += len(labels)
    return loss / count, correct / count


def resume(
    folder: Path, model: nn.Module, optimizer: nn.optim.Optimizer, train: DataLoader
) -> list[dict[str, float]]:
    """Bring everything to the run's checkpoint; give the metrics of the epochs behind it."""
    path = folder / "checkpoint.safetensors"
    if not path.exists():
        print(f"no checkpoint at {path}: starting anew")
        return []
    metrics = nn.load(path, model=model, optimizer=optimizer, loader=train)["metrics"]
    # The run may have been killed after it wrote the checkpoint, and before it wrote this file.
    write_metrics(metrics, folder / "metrics.jsonl")
    print(f"going on after epoch {len(metrics)} of {path}, with the settings of its optimizer")
    return metrics


def write_metrics(metrics: list[dict[str, float]], path: Path) -> None:
    """Write one line per epoch, into a file that is there whole at any moment."""
    beside = path.with_suffix(".tmp")
    with open(beside, "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in metrics)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def parse_arguments() -> argparse.Namespace:
    arguments = parser(__doc__)
    add = arguments.add_argument
    add("--model", choices=["mlp", "cnn", "vit"], default="mlp")
    add("--batch-norm", action="store_true", help="normalise over the batch (mlp and cnn)")
    add("--epochs", type=at_least(1), default=10)
    add("--batch-size", type=at_least(1), default=64)
    add("--graph", action="store_true", help="record the training step, and replay it")
    add("--data-root", help="a folder with your own MNIST files; by default those that ship")
    add("--name", help="the run's folder; by default made of model, optimizer and seed")
    add("--verbose", action="store_true", help="show the model as a table")
    add("--resume", action="store_true", help="go on from the run's checkpoint, if there is one")
    add("--keep", type=at_least(1), default=1, help="how many checkpoints to keep")

    add = arguments.add_argument_group("optimizer").add_argument
    add("--optimizer", choices=["adam", "sgd"], default="adam")
    add("--lr", type=float, help="learning rate; by default 1e-3 for adam, 0.1 for sgd")
    add("--weight-decay", type=float, default=0.0)
    absent = argparse.SUPPRESS  # What is not given is not handed to the optimizer.
    add("--adam-betas", type=float, nargs=2, default=absent, metavar=("BETA1", "BETA2"))
    add("--adam-eps", type=float, default=absent)
    add("--adam-amsgrad", action="store_true", default=absent)
    add("--adam-decoupled-weight-decay", action="store_true", default=absent, help="as AdamW does")
    add("--sgd-momentum", type=float, default=absent)
    add("--sgd-dampening", type=float, default=absent)
    add("--sgd-nesterov", action="store_true", default=absent)

    args = arguments.parse_args()
    if args.batch_norm and args.model == "vit":
        arguments.error("--batch-norm is for --model mlp and cnn")
    other = "sgd" if args.optimizer == "adam" else "adam"
    for name in vars(args):
        if name.startswith(f"{other}_"):
            arguments.error(f"--{name.replace('_', '-')} is for --optimizer {other}")
    return args


if __name__ == "__main__":
    run(main, "--resume goes on after the last finished epoch")
