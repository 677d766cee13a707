"""Run, in a process of its own, what needs SciPy to be imported with ``SCIPY_ARRAY_API=1``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.array_api_mode import SWITCH, why_not

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.environ.get(SWITCH) == "1", reason="the mode is on in this very process")
@pytest.mark.parametrize(
    ("file", "needed"),
    [("test_scipy.py", ["scipy"]), ("test_scikit_learn.py", ["scipy", "scikit-learn"])],
    ids=["scipy", "scikit-learn"],
)
def test_in_array_api_mode(file, needed, pytestconfig):
    if reason := why_not(*needed):
        pytest.skip(reason)
    # pytest-xdist's variables would make the new process take itself for a worker.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", f"tests/core/{file}", "-q", "--tb=short"),
            f"--backend={pytestconfig.getoption('--backend')}",
        ],
        cwd=ROOT,
        env={**inherited, SWITCH: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
