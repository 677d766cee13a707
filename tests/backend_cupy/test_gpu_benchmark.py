"""``benchmarks/gpu.py`` without a GPU: what it says then, its arithmetic and report, and its steps on small sizes.

And ``gpu_host.py``, which needs none.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from tests.backend_cupy import emulated

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import scripts as Python does that runs one: from their own folder."""
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


class FakeEvent:
    """An event of a device that takes so many seconds for each call."""

    now = 0.0

    def record(self) -> None:
        self.time = FakeEvent.now

    def synchronize(self) -> None:
        """Nothing to wait for."""


def taking(seconds: float) -> Callable[[], None]:
    def call() -> None:
        FakeEvent.now += seconds

    return call


def fake_clock(timing: ModuleType) -> Any:
    return timing.clock_of(FakeEvent, lambda start, end: 1e3 * (end.time - start.time))


def test_without_a_gpu_it_says_so_and_writes_nothing(tmp_path):
    command = [sys.executable, str(BENCHMARKS / "gpu.py"), "--out", str(tmp_path / "results")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=None)
    if "##" in done.stdout:
        pytest.skip("there is a GPU")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Nothing was measured, for there is no GPU to measure on: ")
    assert len(done.stdout.splitlines()) == 1
    assert not (tmp_path / "results").exists()


def test_a_wrong_section_is_named(modules, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--only", "mlp,nothing"])
    with pytest.raises(SystemExit):
        modules("gpu").main()
    assert "there is no section 'nothing'; there are overhead, mlp" in capsys.readouterr().err


def test_medians_of_candidates_and_what_fails(modules):
    timing = modules("_gpu_timing")
    clock = fake_clock(timing)
    later = iter([None] * 30)

    def breaks_later() -> None:
        next(later)
        FakeEvent.now += 1e-3

    def impossible() -> Any:
        raise RuntimeError("no | such\nthing")

    candidates = [
        timing.Candidate("one", lambda: taking(1e-3), clock),
        timing.Candidate("two", lambda: taking(2e-3), clock),
        timing.Candidate("breaks", lambda: breaks_later, clock),
        timing.Candidate("impossible", impossible, clock),
    ]
    one, two, breaks, failed = timing.measure(candidates, timing.Settings(rounds=3, seconds=0.02))
    assert (one.seconds, two.seconds) == (pytest.approx(1e-3), pytest.approx(2e-3))
    assert breaks.seconds is None
    assert breaks.error.startswith("StopIteration")
    assert failed.error == "RuntimeError: no / such thing"


def test_pairs_have_units_and_ratios(modules):
    gpu, timing = modules("gpu"), modules("_gpu_timing")
    ours, theirs = timing.Result("ours", 2e-3), timing.Result("PyTorch", 3e-3)
    assert gpu._pair([ours, theirs], 1e3) == [2.0, 3.0, pytest.approx(1.5)]
    broken = timing.Result("PyTorch", None, "no memory")
    assert gpu._pair([ours, broken], 1e3) == [2.0, "failed: no memory", "–"]


def test_the_report_goes_on_after_a_section_that_fails(modules, tmp_path, capsys):
    timing = modules("_gpu_timing")

    def breaks(settings: Any) -> Any:
        raise ValueError("a section's own fault")

    sections = {
        "broken": breaks,
        "whole": lambda settings: timing.Section("Whole", ["", "ms"], [["a", 1.25]], ["A note."]),
    }
    failed = timing.report(sections, timing.Settings(), {"GPU": "none"}, tmp_path / "results")
    assert failed == ["broken"]
    text = (tmp_path / "results" / "gpu.md").read_text()
    assert "- GPU: none" in text
    assert "ValueError: a section's own fault" in text
    assert "| a | 1.25 |" in text
    assert "A note." in text
    assert "## Whole" in capsys.readouterr().out
    stored = json.loads((tmp_path / "results" / "gpu.json").read_text())
    assert stored["sections"]["whole"]["rows"] == [["a", 1.25]]


def test_no_section_begins_when_the_time_is_over(modules, tmp_path):
    timing, begun = modules("_gpu_timing"), []

    def slow(settings: Any) -> Any:
        begun.append(1)
        return timing.Section("Slow", [""], [], [])

    sections = {"first": slow, "second": slow}
    failed = timing.report(sections, timing.Settings(), {}, tmp_path, minutes=0)
    assert failed == ["first", "second"][len(begun) :]
    assert "0 minutes were over before it began" in (tmp_path / "gpu.md").read_text()


@pytest.mark.parametrize("name", ["mlp", "cnn", "vit"])
def test_steps_train_the_same_in_both_libraries(modules, torch, name):
    steps = modules("_gpu_steps")
    model, twin = steps.network(nn, name), steps.network(torch.nn, name)
    twin.load_state_dict(
        {
            key: torch.from_numpy(np.array(sa.get_backend().to_numpy(value)))
            for key, value in model.state_dict().items()
        }
    )
    images, labels = steps.batch_of(3)
    ours = steps.training(nn, model)
    theirs = steps.training(torch.nn, twin, torch.optim)
    for _ in range(2):
        loss = ours(sa.asarray(images), sa.asarray(labels))
        expected = theirs(torch.from_numpy(images), torch.from_numpy(labels))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)


@pytest.mark.usefixtures("on_double")
def test_our_steps_run_on_the_double(modules):
    steps, timing = modules("_gpu_steps"), modules("_gpu_timing")
    clock = fake_clock(timing)
    candidates = [
        timing.Candidate("eager", lambda: steps.our_step("mlp", 2), clock),
        timing.Candidate("captured", lambda: steps.our_captured("mlp", 2), clock),
    ]
    eager, captured = timing.measure(candidates, timing.Settings(rounds=1, seconds=1e-9))
    assert eager.error == ""
    # The portable cross-entropy looks at the classes, which a captured step cannot; the GPU's kernel does not.
    assert captured.error.startswith("CaptureError: graph of step: the step cannot be captured")


@pytest.mark.skipif(bool(emulated.missing()), reason=f"an emulated GPU: {emulated.missing()}")
def test_the_hosts_time_is_measured_without_a_gpu():
    command = [sys.executable, str(BENCHMARKS / "gpu_host.py"), "--batch", "4", "--rounds", "1"]
    done = subprocess.run([*command, "mlp"], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    rows = re.findall(r"\| mlp, ([a-z ]+?) +\| (\S+)", done.stdout)
    assert [how for how, _ in rows] == ["as it is", "captured"]
    assert all(float(microseconds) > 1 for _, microseconds in rows)
    assert "emulation of CUDA has no" not in done.stderr
    wrong = subprocess.run([*command, "lstm"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "there is no lstm; there are mlp, cnn, vit" in wrong.stderr


def test_convolutions_and_chains_of_ours_run(modules):
    gpu = modules("gpu")
    for what in ("forward", "forward + backward"):
        gpu.convolved((2, 3, 5, 4, 3, 2), "float32", what, None)()
        gpu.multiplications(sa.Variable(sa.ones((16,))), what)()
