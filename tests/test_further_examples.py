"""The examples beside mnist.py: each runs as a user runs it, for a few steps, and does what its docstring says."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import simple_autograd as sa

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("matplotlib", "tqdm")),
    reason="the examples need matplotlib and tqdm",
)

EXAMPLES = Path(__file__).parents[1] / "examples"

in_a_process_of_its_own = pytest.mark.not_strict(
    "the example runs in a process of its own, on NumPy"
)


def ended(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run an example from the command line to its end."""
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def run(name: str, *arguments: object) -> str:
    """Run an example; give what it printed."""
    result = ended(name, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


@in_a_process_of_its_own
@pytest.mark.parametrize("name", ["ode_fit", "vae", "language_model"])
def test_mistakes_are_a_line(name, tmp_path):
    steps = ended(name, "--out", tmp_path, "--steps", 0)
    assert steps.returncode == 2
    assert steps.stderr.endswith(f"{name}.py: error: argument --steps: 0 is less than 1\n")
    backend = ended(name, "--out", tmp_path, "--backend", "abacus")
    assert backend.returncode == 1
    assert backend.stderr.startswith(f"{name}.py: error: there is no backend 'abacus'")
    assert backend.stderr.count("\n") == 1


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(EXAMPLES)  # for what the examples share
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_picture(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG")


def numbers(pattern: str, text: str) -> list[float]:
    """Give the groups of a pattern's first match as numbers."""
    match = re.search(pattern, text)
    assert match, text
    return [float(group) for group in match.groups()]


@in_a_process_of_its_own
def test_the_fit_of_the_pendulum_comes_nearer(tmp_path):
    printed = run("ode_fit", "--steps", 30, "--out", tmp_path)
    first, last = numbers(r"loss ([\d.]+) at first, ([\d.]+) at last", printed)
    assert last < first / 2
    (length,) = numbers(r"length +([\d.]+) m", printed)
    assert abs(length - 1.0) < 0.3  # The first guess is 0.6 off.
    assert is_picture(tmp_path / "ode-fit/fit.png")


def test_the_solver_takes_any_array(xp, backend, monkeypatch):
    """It gives NumPy's arrays for NumPy's, the backend's for the backend's, and Variables of the same values."""
    example = load("ode_fit", monkeypatch)
    states = [example.swing(make(1.0), make(0.25)) for make in (np.asarray, xp.asarray)]
    assert isinstance(states[0], np.ndarray)
    assert isinstance(states[1], backend.array_type)
    variable = example.swing(sa.Variable(1.0), sa.Variable(0.25))
    np.testing.assert_allclose(backend.to_numpy(states[1]), states[0], rtol=1e-12)
    np.testing.assert_allclose(backend.to_numpy(variable.data), states[0], rtol=1e-12)


def test_the_solver_is_of_fourth_order(backend, monkeypatch):
    """The error against exp(-t) at t = 1 falls to a sixteenth when the step is halved."""
    solve = load("ode_fit", monkeypatch).runge_kutta
    errors = []
    for count in (10, 20):
        states = solve(lambda x: -x, sa.Variable([1.0]), 1 / count, count + 1)
        assert states.shape == (count + 1, 1)
        errors.append(abs(states[-1, 0].item() - np.exp(-1)))
    assert 14 < errors[0] / errors[1] < 18


def test_gradients_pass_through_the_solver(monkeypatch):
    example = load("ode_fit", monkeypatch)
    weights = np.random.default_rng(0).normal(size=example.COUNT)

    def loss(length, damping):
        return (weights * example.swing(length, damping)).sum()

    variables = sa.Variable(1.1), sa.Variable(0.2)
    total = example.swing(*variables) * sa.asarray(weights)
    total.sum().backward()
    for number, variable in enumerate(variables):
        nudge = np.eye(2)[number] * 1e-6
        above, below = (loss(*np.asarray([1.1, 0.2] + sign * nudge)) for sign in (1, -1))
        assert float(variable.grad) == pytest.approx((above - below) / 2e-6, rel=1e-6)


@in_a_process_of_its_own
def test_the_autoencoder_draws_digits(tmp_path):
    printed = run("vae", "--steps", 40, "--out", tmp_path)
    (loss,) = numbers(r"step +40: test loss ([\d.]+) nats", printed)
    assert loss < 260  # It begins at 784 log 2 = 543.
    assert is_picture(tmp_path / "vae/digits.png")


def test_the_autoencoders_loss(monkeypatch):
    """Of an untrained model whose last layers are 0: log 2 for each pixel, and no divergence from the prior."""
    example = load("vae", monkeypatch)
    model = example.VAE(width=8, code=2)
    for layer in (model.encoder[-1], model.decoder[-1]):
        for parameter in layer.parameters():
            sa.nn.init.zeros_(parameter)
    images = sa.asarray(np.random.default_rng(0).random((5, 1, 28, 28), dtype="float32"))
    assert example.loss_of(model, images).item() == pytest.approx(784 * np.log(2), rel=1e-5)
    # Codes of mean 1 and variance e: a divergence of (e + 1 - 1 - 1) / 2 for each of the two numbers.
    sa.nn.init.ones_(model.encoder[-1].bias)
    expected = 784 * np.log(2) + np.e - 1
    assert example.loss_of(model, images).item() == pytest.approx(expected, rel=1e-5)


@in_a_process_of_its_own
def test_the_language_model_learns_and_writes(tmp_path):
    settings = ("--steps", 20, "--characters", 80, "--out", tmp_path)
    printed = run("language_model", *settings)
    (characters,) = numbers(r"learn from, (\d+) different ones", printed)
    (loss,) = numbers(r"step +20: .* held-out loss ([\d.]+)", printed)
    assert loss < np.log(characters) - 1
    sample = (tmp_path / "language-model/sample.txt").read_text("utf-8")
    assert len(sample) == 80
    assert sample in printed
    assert is_picture(tmp_path / "language-model/curves.png")


def test_the_language_model_sees_only_what_is_before(monkeypatch):
    example = load("language_model", monkeypatch)
    model = example.LanguageModel(11)
    codes = np.random.default_rng(0).integers(0, 11, (2, 20))
    changed = codes.copy()
    changed[:, 12] = (changed[:, 12] + 1) % 11
    with sa.no_grad():
        before, after = (model(sa.asarray(batch)).tolist() for batch in (codes, changed))
    difference = np.abs(np.asarray(before) - np.asarray(after)).max(axis=(0, 2))
    assert difference[:12].max() < 1e-6
    assert difference[12:].min() > 1e-4
