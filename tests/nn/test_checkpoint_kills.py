"""A run that is killed again and again ends as one that nobody touched, to the bit."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simple_autograd import nn

KILLS = 20
RUN = Path(__file__).with_name("killed_run.py")


def begin(folder, epochs):
    folder.mkdir(exist_ok=True)
    # One thread: several runs of a test suite share the machine.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(RUN), str(folder), str(epochs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


def finish(folder, epochs):
    with begin(folder, epochs) as process:
        process.communicate(timeout=120)
    assert process.returncode == 0


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.not_strict("the run that is killed is on NumPy")
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a signal of POSIX")
def test_a_run_killed_at_random_moments_ends_as_an_unbroken_one(tmp_path):
    moments = random.Random(0)
    for _ in range(KILLS):
        # It would go on for ever, so that every kill meets it at work, however fast the machine.
        with begin(tmp_path / "killed", 10**9) as process:
            assert process.stdout.readline() == b"training\n"
            time.sleep(moments.uniform(0, 0.06))
            assert process.poll() is None
            process.kill()
    loader = Loader()
    nn.load(tmp_path / "killed" / "checkpoint.safetensors", loader=loader, random=False)
    end = loader.state["epoch"] + 3

    finish(tmp_path / "killed", end)
    finish(tmp_path / "whole", end)
    killed, whole = files_of(tmp_path / "killed"), files_of(tmp_path / "whole")
    names = ["", ".1", ".2"]
    assert set(whole) == {"losses.json", *(f"checkpoint{name}.safetensors" for name in names)}
    assert killed.keys() == whole.keys()  # Nothing that a killed run was writing is left.
    assert [name for name in whole if killed[name] != whole[name]] == []


class Loader:
    """What stands for the loader, to read its state."""

    state = None

    def state_dict(self):
        return self.state

    def load_state_dict(self, state_dict):
        self.state = state_dict
