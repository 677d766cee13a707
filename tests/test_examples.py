"""The examples run as a user runs them: from the command line, on a small part of their data."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simple_autograd import use_backend
from simple_autograd.datasets import MNIST, DataLoader, Subset

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("matplotlib", "tqdm")),
    reason="the examples need matplotlib and tqdm",
)

EXAMPLES = Path(__file__).parents[1] / "examples"

in_a_process_of_its_own = pytest.mark.not_strict(
    "the example runs in a process of its own, on NumPy"
)


@pytest.fixture(scope="module")
def small_mnist(tmp_path_factory):
    """Give a folder with the first images of MNIST as files of a user's own."""
    folder = tmp_path_factory.mktemp("mnist")
    for name, train, count in (("train", True, 640), ("t10k", False, 100)):
        data = MNIST(train=train)
        images, labels = np.asarray(data.data[:count]), np.asarray(data.targets[:count])
        header = struct.pack(">IIII", 0x803, count, 28, 28)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = struct.pack(">II", 0x801, count)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(header + labels.astype("u1").tobytes())
    return folder


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(EXAMPLES / "mnist.py"), *map(str, arguments)]


def mnist(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module("mnist")


@pytest.fixture
def pictures(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module("pictures")


def metrics_of(folder: Path) -> list[dict[str, float]]:
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [{key: v for key, v in json.loads(line).items() if key != "seconds"} for line in lines]


@in_a_process_of_its_own
def test_a_run_leaves_its_results_and_resumes_to_the_bit(small_mnist, tmp_path):
    data = ("--data-root", small_mnist, "--out", tmp_path)
    whole = mnist(*data, "--epochs", 3, "--name", "whole")
    assert whole.returncode == 0, whole.stderr
    assert "epoch   3: loss" in whole.stdout
    left = {path.name for path in (tmp_path / "whole").iterdir()}
    drawn = {f"{name}.png" for name in ("curves", "confusion", "mistakes", "filters")}
    assert left == {"checkpoint.safetensors", "metrics.jsonl", *drawn}
    for name in drawn:
        assert (tmp_path / "whole" / name).read_bytes().startswith(b"\x89PNG")
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


@pytest.mark.parametrize(
    ("flags", "kind", "settings"),
    [
        ("", "Adam", {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}),
        ("--lr 0 --adam-betas 0.8 0.99", "Adam", {"lr": 0, "betas": [0.8, 0.99]}),
        ("--adam-eps 1e-6 --adam-amsgrad", "Adam", {"eps": 1e-6, "amsgrad": True}),
        ("--adam-decoupled-weight-decay", "Adam", {"decoupled_weight_decay": True}),
        ("--optimizer sgd", "SGD", {"lr": 0.1, "momentum": 0, "dampening": 0, "nesterov": False}),
        ("--optimizer sgd --weight-decay 0.1 --lr 0.5", "SGD", {"weight_decay": 0.1, "lr": 0.5}),
        ("--optimizer sgd --sgd-momentum 0.9 --sgd-dampening 0.2", "SGD", {"dampening": 0.2}),
        ("--optimizer sgd --sgd-momentum 0.9 --sgd-nesterov", "SGD", {"nesterov": True}),
    ],
)
def test_settings_reach_the_optimizer(flags, kind, settings, example, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["mnist.py", *flags.split()])
    optimizer = example.build_optimizer(example.parse_arguments(), example.nn.Linear(2, 2))
    assert type(optimizer).__name__ == kind
    (group,) = optimizer.param_groups
    assert {name: group[name] for name in settings} == settings


@in_a_process_of_its_own
def test_mistakes_are_a_line(small_mnist, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/checkpoint.safetensors").write_bytes(b"no checkpoint")
    cases = {
        "--model rnn": "invalid choice: 'rnn'",
        "--epochs 0": "argument --epochs: 0 is less than 1",
        "--sgd-momentum 0.9": "--sgd-momentum is for --optimizer sgd",
        "--optimizer sgd --sgd-nesterov": "SGD: nesterov is set with momentum 0 and dampening 0",
        "--model vit --batch-norm": "--batch-norm is for --model mlp and cnn",
        "--lr -1": "Adam: lr is -1.0; needed is at least 0.",
        "--batch-size 641": "--batch-size 641 is more than the 640 images",
        f"--data-root {tmp_path / 'nowhere'}": "MNIST: no files of the training set in",
        f"--out {small_mnist / 'train-labels-idx1-ubyte'}": "train-labels-idx1-ubyte",
        "--backend abacus": "there is no backend 'abacus'",
        "--name run --resume": "checkpoint.safetensors is damaged or no safetensors file",
    }
    for arguments, message in cases.items():
        result = mnist("--data-root", small_mnist, "--out", tmp_path, *arguments.split())
        assert result.returncode in (1, 2), arguments
        last = result.stderr.splitlines()[-1]
        assert last.startswith("mnist.py: error: "), result.stderr
        assert message in last, result.stderr
        assert "Traceback" not in result.stderr
    assert (tmp_path / "run/checkpoint.safetensors").read_bytes() == b"no checkpoint"


@in_a_process_of_its_own
@pytest.mark.skipif(os.name != "posix", reason="SIGINT is a signal of POSIX")
def test_ctrl_c_keeps_what_was_finished(small_mnist, tmp_path):
    arguments = ("--data-root", small_mnist, "--out", tmp_path, "--name", "run")
    with subprocess.Popen(
        command(*arguments, "--epochs", 10**6),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        # A shell has it ignored by what runs in the background, and its children inherit that.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        while "epoch   3:" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.endswith("\ninterrupted: --resume goes on after the last finished epoch\n")
    assert "Traceback" not in errors
    finished = len(metrics_of(tmp_path / "run"))
    assert finished >= 2
    resumed = mnist(*arguments, "--resume", "--epochs", 1)
    assert resumed.returncode == 0, resumed.stderr
    assert "going on after epoch" in resumed.stdout
    assert len(metrics_of(tmp_path / "run")) in (finished, finished + 1)


@pytest.mark.not_strict("the example runs on NumPy")
def test_a_run_without_matplotlib(small_mnist, tmp_path, example, monkeypatch, capsys):
    monkeypatch.setattr(example, "find_spec", lambda name: None)
    monkeypatch.setattr(example.sa, "set_backend", lambda name: None)  # for this process
    flags = ["--data-root", str(small_mnist), "--out", str(tmp_path), "--name", "run"]
    monkeypatch.setattr(sys, "argv", ["mnist.py", *flags, "--epochs", "1"])
    with use_backend("numpy"):
        example.main()
    assert "no pictures were drawn: matplotlib is not installed" in capsys.readouterr().out
    left = {path.name for path in (tmp_path / "run").iterdir()}
    assert left == {"checkpoint.safetensors", "metrics.jsonl"}


def texts_of(axes) -> dict[tuple[float, float], str]:
    return {text.get_position(): text.get_text() for text in axes.texts}


def test_the_confusion_matrix_counts(pictures):
    labels = np.asarray([3, 3, 3, 5, 7])
    figure = pictures.confusion(labels, np.eye(10)[[3, 3, 8, 5, 1]])
    # Across: what was predicted; down: what it is.
    assert texts_of(figure.axes[0]) == {(3, 3): "2", (8, 3): "1", (5, 5): "1", (1, 7): "1"}
    assert figure.axes[0].get_title() == "2 of 5 test images misclassified"


def test_mistakes_are_sorted_by_their_loss(pictures):
    images = np.arange(4, dtype="u1").repeat(784).reshape(4, 28, 28)
    labels = np.asarray([0, 1, 2, 3])
    probabilities = np.zeros((4, 10))
    probabilities[0, [0, 9]] = 0.4, 0.6
    probabilities[1, [1, 9]] = 0.7, 0.3  # right
    probabilities[2, [2, 8]] = 0.01, 0.99
    probabilities[3, [3, 7]] = 0.2, 0.8
    figure = pictures.mistakes(images, labels, probabilities)
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.images[0].get_array()[0, 0] for axes in shown] == [2, 3, 0]
    assert shown[0].get_title() == "predicted 8: 99 %\ntrue 2: 1 %"
    assert figure.get_suptitle().startswith("The worst of 3 mistakes")


@pytest.mark.parametrize(
    ("model", "first", "side", "columns"),
    [("mlp", "1.weight", 28, 16), ("cnn", "0.weight", 3, 4), ("vit", "patches.0.weight", 7, 8)],
)
def test_filters_are_the_first_layers_weights(model, first, side, columns, example, pictures):
    model = example.build_model(model, batch_norm=False)
    weights = dict(model.named_parameters())[first].detach().numpy().reshape(-1, side, side)
    sheet = pictures.filters(model).axes[0].images[0].get_array()
    step = -(-sheet.shape[1] // columns)
    assert sheet.shape[0] == len(weights) // columns * step - (step - side)
    for number in (0, 1, columns, len(weights) - 1):
        row, column = divmod(number, columns)
        square = sheet[row * step :, column * step :][:side, :side]
        np.testing.assert_array_equal(square, weights[number])


def test_probabilities_are_those_of_the_images_in_order(example, pictures):
    model = example.nn.Sequential(example.nn.Flatten(), example.nn.Linear(4, 10))
    weight, bias = (parameter.detach().numpy() for parameter in model.parameters())
    images = np.random.default_rng(0).random((7, 1, 2, 2), dtype="float32")
    loader = DataLoader(list(zip(images, range(7), strict=True)), batch_size=3)
    exponentials = np.exp(images.reshape(7, 4) @ weight.T + bias)
    expected = exponentials / exponentials.sum(1, keepdims=True)
    np.testing.assert_allclose(pictures.predict(model, loader), expected, rtol=1e-5)


@pytest.mark.not_strict("the example runs on NumPy")
def test_the_comparison_with_pytorch_goes_on(torch, monkeypatch, tmp_path, capsys):
    """It is in benchmarks/, and runs the text of mnist.py with PyTorch under our name."""
    monkeypatch.setattr(sys, "path", [str(EXAMPLES.parent / "benchmarks"), *sys.path])
    compare = importlib.import_module("mnist_accuracy")
    part = functools.partial(Subset, indices=range(128))
    monkeypatch.setattr(compare, "MNIST", lambda **settings: part(MNIST(**settings)))
    results = tmp_path / "results.jsonl"
    flags = ["--epochs", "2", "--seeds", "0", "1", "--results", str(results)]
    monkeypatch.setattr(sys, "argv", ["mnist_accuracy.py", "--model", "mlp", *flags])

    with use_backend("numpy"):
        compare.main()
    lines = results.read_text().splitlines()
    runs = [json.loads(line) for line in lines]
    order = [(run["seed"], run["library"]) for run in runs]
    assert order == [(0, "ours"), (0, "pytorch"), (1, "ours"), (1, "pytorch")]
    assert all(len(run["test_accuracy"]) == len(run["seconds"]) == 2 for run in runs)
    assert "| mlp   | pytorch |" in capsys.readouterr().out

    model = compare.pytorchs_example().build_model("vit", batch_norm=False)
    assert isinstance(model, torch.nn.Module)
    assert sys.modules["mnist"].sa.__name__ == "simple_autograd"
    # Killed in its third run: the first two are not run again.
    results.write_text("\n".join(lines[:2]) + "\n")
    with use_backend("numpy"):
        compare.main()
    assert results.read_text().splitlines()[:2] == lines[:2]
    again = [json.loads(line) for line in results.read_text().splitlines()]
    assert [run["test_accuracy"] for run in again] == [run["test_accuracy"] for run in runs]


@in_a_process_of_its_own
@pytest.mark.parametrize("model", ["cnn", "vit", "mlp"])
def test_every_model_learns_and_a_replayed_run_has_the_same_numbers(model, small_mnist, tmp_path):
    flags = ["--data-root", small_mnist, "--out", tmp_path, "--model", model, "--batch-size", 32]
    flags += [] if model == "vit" else ["--batch-norm"]
    run = mnist(*flags, "--name", "plain", "--epochs", 3, "--verbose")
    assert run.returncode == 0, run.stderr
    assert "multiply-adds" in run.stdout
    metrics = metrics_of(tmp_path / "plain")
    assert metrics[2]["loss"] < metrics[0]["loss"]

    replayed = mnist(*flags, "--name", "replayed", "--epochs", 2, "--graph")
    assert replayed.returncode == 0, replayed.stderr
    assert metrics_of(tmp_path / "replayed") == metrics[:2]
