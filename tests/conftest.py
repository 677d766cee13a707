"""What all tests share: the backend they run on, PyTorch as an oracle, and what is skipped where.

``--backend`` chooses the backend on which the whole run creates its arrays: NumPy by default; the strict one is
``tests/strict_backend.py``; ``cupy`` needs a GPU. Where there is none, ``cupy-double`` stands for CuPy
(``tests/backend_cupy/double``), and ``cupy-emulated`` is the real one over an emulated GPU
(``tests/backend_cupy/emulated``).
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import warnings
from typing import Any

import pytest

import simple_autograd as sa
from simple_autograd.backends import Backend, get_backend, register_backend
from simple_autograd.errors import BackendUnavailableError

NO_TORCH = "PyTorch is not installed, so there is nothing to compare with"
GPU_ORDER = {
    "test_on_gpu.py": 1,
    "test_kernels_on_gpu.py": 2,
    "test_graph.py": 3,
    "test_layers_on_gpu.py": 4,
    "test_ops_on_gpu.py": 5,
}
"""Files that take a GPU long go last, the longest at the end, so that what is wrong shows soon."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=["numpy", "strict", "cupy", "cupy-double", "cupy-emulated"],
        default="numpy",
        help="the backend to create arrays on: numpy, strict (array-api-strict), cupy, its double, or cupy on an "
        "emulated GPU",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "gpu":
        # Where there is a GPU, something that other tests import may be missing.
        config.option.continue_on_collection_errors = True
    backend = config.getoption("--backend")
    if backend == "strict":
        from tests.strict_backend import StrictBackend

        register_backend(StrictBackend())
        sa.set_backend("strict")
    elif backend == "cupy-double":
        from tests.backend_cupy import double

        stack = contextlib.ExitStack()
        stack.enter_context(double.installed())
        config.add_cleanup(stack.close)
        sa.set_backend("cupy")
    elif backend == "cupy-emulated":
        from tests.backend_cupy import emulated

        if lacking := emulated.missing():
            raise pytest.UsageError(f"--backend=cupy-emulated: {lacking}")
        emulated.install()
        sa.set_backend("cupy")
    elif backend == "cupy":
        sa.set_backend("cupy")


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [
        f"simple_autograd: backend {get_backend().name}, PyTorch {'yes' if _has_torch() else 'no'}"
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    no_gpu: str | None = None
    for item in items:
        if (mark := item.get_closest_marker("not_strict")) and get_backend().name == "strict":
            item.add_marker(pytest.mark.skip(reason=f"not on array-api-strict: {mark.args[0]}"))
        # A test that takes the fixture need not say it twice.
        if "torch" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.torch)
        if item.get_closest_marker("torch") and not _has_torch():
            item.add_marker(pytest.mark.skip(reason=NO_TORCH))
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.filterwarnings("default"))
            no_gpu = _why_no_gpu(config) if no_gpu is None else no_gpu
            if no_gpu:
                item.add_marker(pytest.mark.skip(reason=no_gpu))
    items.sort(key=lambda item: GPU_ORDER.get(item.path.name, 0))


def pytest_collection_finish() -> None:
    _hide_from_collector()


@pytest.fixture(autouse=True)
def _default_backend_stays() -> Any:
    """Fail a test that leaves another default backend behind for those after it."""
    before = get_backend()
    yield
    after = get_backend()
    sa.set_backend(before)
    assert after is before, f"the test left {after!r} as the default backend"


@pytest.fixture
def backend() -> Backend:
    """Give the backend of this run."""
    return get_backend()


@pytest.fixture
def xp(backend: Backend) -> Any:
    """Give the array namespace of this run."""
    return backend.xp


@pytest.fixture(scope="session")
def torch() -> Any:
    """Give PyTorch, on one thread; a test that takes it is skipped where there is none."""
    module = pytest.importorskip("torch", reason=NO_TORCH)
    module.set_num_threads(1)
    # Its fast attention cannot be differentiated twice.
    module.backends.cuda.enable_flash_sdp(False)
    _hide_from_collector()
    return module


def _hide_from_collector() -> None:
    """Leave out what there is now (tests, PyTorch's tables: near a million objects) where objects are walked over.

    The cycle collector does that, and `graph` whenever it records a step: it took a second for each.
    """
    gc.collect()
    gc.freeze()


def _has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def _why_no_gpu(config: pytest.Config) -> str:
    """Say why the CuPy backend cannot run here; nothing if it can."""
    if config.getoption("--backend") == "cupy-double":
        return "this run has the double of CuPy, and no GPU"
    try:
        # What CuPy and its libraries warn of where they are loaded is not ours to mend.
        with warnings.catch_warnings(action="default"):
            get_backend("cupy")
    except BackendUnavailableError as error:
        return str(error).partition(". ")[0]
    return ""
