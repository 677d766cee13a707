"""Train a network on MNIST, as one would write it for oneself.

    python examples/mnist.py --model mlp --epochs 10

(or cnn, or vit) leaves in runs/<name>/ a checkpoint, metrics.jsonl (one line per epoch) and curves.png. With --resume,
training goes on from the checkpoint. It needs simple_autograd with nn and datasets, and matplotlib and tqdm.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

from tqdm import tqdm

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.datasets import MNIST, DataLoader, standard_transform


def main() -> None:
    args = parse_arguments()
    sa.set_backend(args.backend)
    sa.manual_seed(args.seed)
    run = Path(args.out) / (args.name or f"{args.model}-{args.optimizer}-seed{args.seed}")
    run.mkdir(parents=True, exist_ok=True)

    train = DataLoader(
        MNIST(args.data_root, train=True, transform=standard_transform),
        batch_size=args.batch_size,
        shuffle=True,
        seed=args.seed,
        drop_last=True,
    )
    test = DataLoader(
        MNIST(args.data_root, train=False, transform=standard_transform), batch_size=1000
    )
    model = build_model(args.model, args.batch_norm)
    optimizer = build_optimizer(args, model)
    metrics = resume(run, model, optimizer, train) if args.resume else []
    print(nn.summary(model, (1, 1, 28, 28)) if args.verbose else model)
    print(
        f"{nn.count_parameters(model):,} parameters on backend {args.backend!r}; results go to {run}"
    )

    for epoch in range(train.epoch, args.epochs):
        start = time.perf_counter()
        loss = train_epoch(model, optimizer, train, f"epoch {epoch + 1}/{args.epochs}")
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
            run / "checkpoint.safetensors",
            model=model,
            optimizer=optimizer,
            loader=train,
            extra={"metrics": metrics},
            keep=args.keep,
        )
        write_metrics(metrics, run / "metrics.jsonl")
    draw_curves(metrics, run / "curves.png")


def build_model(name: str, batch_norm: bool) -> nn.Module:
    if name == "vit":
        return VisionTransformer()
    if name == "cnn":
        layers = [
            *(nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.GlobalAvgPool2d(), nn.Linear(32, 10)),
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
        self.position = nn.Parameter(sa.zeros((17, width), dtype="float32"))
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
    if args.optimizer == "adam":
        return nn.optim.Adam(
            model.parameters(),
            lr=args.lr or 1e-3,
            betas=tuple(args.adam_betas),
            weight_decay=args.weight_decay,
        )
    return nn.optim.SGD(
        model.parameters(),
        lr=args.lr or 0.1,
        momentum=args.sgd_momentum,
        dampening=args.sgd_dampening,
        weight_decay=args.weight_decay,
        nesterov=args.sgd_nesterov,
    )


def train_epoch(
    model: nn.Module, optimizer: nn.optim.Optimizer, loader: DataLoader, title: str
) -> float:
    """Train once through the loader; give the mean loss in nats."""
    criterion = nn.CrossEntropyLoss()
    model.train()
    total = 0.0
    for images, labels in (bar := tqdm(loader, title, leave=False, mininterval=0.2)):
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
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
    run: Path, model: nn.Module, optimizer: nn.optim.Optimizer, train: DataLoader
) -> list[dict[str, float]]:
    """Bring everything to the run's checkpoint; give the metrics of the epochs behind it."""
    path = run / "checkpoint.safetensors"
    if not path.exists():
        print(f"no checkpoint at {path}: starting anew")
        return []
    metrics = nn.load(path, model=model, optimizer=optimizer, loader=train)["metrics"]
    # The run may have been killed after it wrote the checkpoint, and before it wrote this file.
    write_metrics(metrics, run / "metrics.jsonl")
    print(f"going on after epoch {len(metrics)} of {path}")
    return metrics


def write_metrics(metrics: list[dict[str, float]], path: Path) -> None:
    """Write one line per epoch, into a file that is there whole at any moment."""
    beside = path.with_suffix(".tmp")
    with open(beside, "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in metrics)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def draw_curves(metrics: list[dict[str, float]], path: Path) -> None:
    """Draw losses and test accuracy over the epochs."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    epochs = [line["epoch"] for line in metrics]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    left.plot(epochs, [line["loss"] for line in metrics], marker=".", label="training")
    left.plot(epochs, [line["test_loss"] for line in metrics], marker=".", label="test")
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="Loss", ylim=(0, None))
    left.legend()
    right.plot(
        epochs, [100 * line["test_accuracy"] for line in metrics], marker=".", color="tab:green"
    )
    best = max(line["test_accuracy"] for line in metrics)
    right.set(xlabel="epoch", ylabel="%", title=f"Test accuracy, best {best:.2%}")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.xaxis.get_major_locator().set_params(integer=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    print(f"curves drawn to {path}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=["mlp", "cnn", "vit"], default="mlp")
    parser.add_argument(
        "--batch-norm", action="store_true", help="normalise over the batch (mlp and cnn)"
    )
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
    parser.add_argument(
        "--lr", type=float, help="learning rate; by default 1e-3 for adam, 0.1 for sgd"
    )
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument(
        "--adam-betas", type=float, nargs=2, default=[0.9, 0.999], metavar=("BETA1", "BETA2")
    )
    parser.add_argument("--sgd-momentum", type=float, default=0.0)
    parser.add_argument("--sgd-dampening", type=float, default=0.0)
    parser.add_argument("--sgd-nesterov", action="store_true")
    parser.add_argument(
        "--backend", default="numpy", help="numpy, or another that is installed, such as cupy"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--data-root",
        help="a folder with your own MNIST files; by default those that ship are used",
    )
    parser.add_argument("--out", default="runs", help="the folder for runs")
    parser.add_argument(
        "--name", help="the run's folder in it; by default made of model, optimizer and seed"
    )
    parser.add_argument("--verbose", action="store_true", help="show the model as a table")
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--keep", type=int, default=1, help="how many checkpoints to keep")
    return parser.parse_args()


if __name__ == "__main__":
    main()
