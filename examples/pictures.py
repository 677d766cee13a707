"""The pictures that mnist.py leaves behind: what a run learned, and where it is wrong.

``draw`` draws them all. Figures are made without pyplot, so that no window or display is needed. Needs matplotlib.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.datasets import DataLoader


def draw(
    folder: Path, metrics: list[dict[str, float]], model: nn.Module, loader: DataLoader
) -> None:
    """Draw the metrics of a run, and what its model makes of the loader's MNIST images, into a folder."""
    images, labels = loader.dataset.data, loader.dataset.targets
    probabilities = predict(model, loader)
    pictures = {
        "curves": curves(metrics),
        "confusion": confusion(labels, probabilities),
        "mistakes": mistakes(images, labels, probabilities),
        "filters": filters(model),
    }
    for name, figure in pictures.items():
        figure.savefig(folder / f"{name}.png", dpi=120)
    print(f"{', '.join(f'{name}.png' for name in pictures)} drawn in {folder}")


def predict(model: nn.Module, loader: DataLoader) -> np.ndarray:
    """Give the probabilities of the classes, (N, 10), for the loader's images."""
    model.eval()
    with sa.no_grad():
        batches = [nn.functional.softmax(model(images), 1).numpy() for images, _ in loader]
    return np.concatenate(batches)


def curves(metrics: list[dict[str, float]]) -> Figure:
    """Draw losses and test accuracy over the epochs."""
    epochs = [line["epoch"] for line in metrics]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(epochs, [line["loss"] for line in metrics], marker=".", label="training")
    left.plot(epochs, [line["test_loss"] for line in metrics], marker=".", label="test")
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="Loss", ylim=(0, None))
    left.legend()
    accuracies = [100 * line["test_accuracy"] for line in metrics]
    right.plot(epochs, accuracies, marker=".", color="tab:green")
    right.set(xlabel="epoch", ylabel="%", title=f"Test accuracy, best {max(accuracies):.2f} %")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def confusion(labels: np.ndarray, probabilities: np.ndarray) -> Figure:
    """Draw the confusion matrix: how many images of each digit were taken for which."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (labels, probabilities.argmax(1)), 1)
    figure = Figure(figsize=(6, 5.6), layout="constrained")
    axes = figure.subplots()
    # The right answers are hundreds of times as many as any mistake: a root shows both.
    norm = PowerNorm(0.3, 0, counts.max())
    axes.imshow(counts, cmap="Blues", norm=norm)
    for (label, answer), count in np.ndenumerate(counts):
        if count:
            color = "white" if norm(count) > 0.6 else "black"
            axes.text(answer, label, count, ha="center", va="center", color=color, fontsize=9)
    wrong = counts.sum() - np.trace(counts)
    axes.set(
        xlabel="predicted digit",
        ylabel="true digit",
        title=f"{wrong:,} of {counts.sum():,} test images misclassified",
        xticks=range(10),
        yticks=range(10),
    )
    return figure


def mistakes(images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> Figure:
    """Draw the misclassified images of the highest losses: those whose digit the model thought the least probable."""
    rows, columns = 4, 7
    answers = probabilities.argmax(1)
    of_truth, of_answer = (
        probabilities[np.arange(len(labels)), digits] for digits in (labels, answers)
    )
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(of_truth[wrong], kind="stable")][: rows * columns]
    figure = Figure(figsize=(9, 6.6), layout="constrained")
    figure.suptitle(f"The worst of {len(wrong):,} mistakes, and the model's probabilities")
    grid = figure.subplots(rows, columns).ravel()
    for axes, i in zip(grid, worst, strict=False):
        axes.imshow(images[i], cmap="gray_r")
        predicted = f"predicted {answers[i]}: {100 * of_answer[i]:.3g} %"
        axes.set_title(f"{predicted}\ntrue {labels[i]}: {100 * of_truth[i]:.2g} %", fontsize=8)
    for axes in grid:
        axes.axis("off")
    return figure


def filters(model: nn.Module) -> Figure:
    """Draw the weights of the first layer, one square for each of its outputs."""
    first = next(layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d))
    weights = first.weight.detach().numpy()
    count, side = len(weights), math.isqrt(weights[0].size)
    columns = 2 ** math.ceil(math.log2(count) / 2)
    # One sheet of all squares, with empty lines between them.
    squares = np.full((-(-count // columns) * columns, side, side), np.nan)
    squares[:count] = weights.reshape(count, side, side)
    gap = -(-side // 12)
    squares = np.pad(squares, ((0, 0), (gap, 0), (gap, 0)), constant_values=np.nan)
    sheet = squares.reshape(-1, columns, *squares.shape[1:]).swapaxes(1, 2)
    sheet = sheet.reshape(-1, columns * squares.shape[2])[gap:, gap:]

    figure = Figure(figsize=(9, 0.6 + 7.4 * sheet.shape[0] / sheet.shape[1]), layout="constrained")
    axes = figure.subplots()
    colors = colormaps["RdBu_r"].with_extremes(bad="lightgray")
    # A few weights may be far larger than all others: the strongest colours begin below them.
    strong = np.quantile(np.abs(weights), 0.995)
    picture = axes.imshow(sheet, cmap=colors, vmin=-strong, vmax=strong, interpolation="nearest")
    figure.colorbar(picture, label="weight", extend="both", shrink=0.8)
    axes.set_title(f"The first layer's {count} filters of {side} × {side}")
    axes.axis("off")
    return figure
