"""What ``set_backend("cupy")`` says where something is missing; nothing here needs a GPU."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

from simple_autograd.backends import get_backend, registry
from simple_autograd.errors import BackendUnavailableError
from simple_autograd_cupy import CupyBackend


class CUDARuntimeDoubleError(RuntimeError):
    """Stands for ``cupy.cuda.runtime.CUDARuntimeError``."""


def cupy_double(get_device_count: object) -> ModuleType:
    """Give a double of CuPy: as much of the module as the search for a GPU touches."""
    double = ModuleType("cupy")
    double.__version__ = "14.0.0"
    double.cuda = SimpleNamespace(
        runtime=SimpleNamespace(
            getDeviceCount=get_device_count, CUDARuntimeError=CUDARuntimeDoubleError
        )
    )
    return double


class FailingFinder:
    """Stands for a CuPy that fails to load: its import raises `error`."""

    def __init__(self, error: ImportError) -> None:
        self.error = error

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "cupy":
            raise self.error


@pytest.fixture
def failing_import(monkeypatch: pytest.MonkeyPatch):
    """Make ``import cupy`` raise the given error."""

    def install(error: ImportError) -> None:
        monkeypatch.delitem(sys.modules, "cupy", raising=False)
        monkeypatch.setattr(sys, "meta_path", [FailingFinder(error), *sys.meta_path])

    return install


def test_entry_point_names_the_class() -> None:
    found = importlib.metadata.entry_points(group="simple_autograd.backends", name="cupy")
    if not found:
        pytest.skip("simple-autograd-backend-cupy is on the path, but not installed")
    assert [entry_point.load() for entry_point in found] == [CupyBackend]


def test_importing_the_package_imports_no_cupy() -> None:
    code = "import sys, simple_autograd_cupy; sys.exit('cupy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_cupy_the_install_lines_are_given(failing_import) -> None:
    failing_import(ModuleNotFoundError("No module named 'cupy'", name="cupy"))
    with pytest.raises(BackendUnavailableError) as caught:
        CupyBackend()
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert lines[0].startswith('set_backend("cupy"): CuPy is not installed.')
    assert 'pip install "simple-autograd-backend-cupy[cuda13]"' in lines
    assert 'pip install "simple-autograd-backend-cupy[cuda12]"' in lines


def test_the_registry_passes_the_message_on(
    failing_import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_by_name", {})
    failing_import(ModuleNotFoundError("No module named 'cupy'", name="cupy"))
    with pytest.raises(BackendUnavailableError, match="CuPy is not installed"):
        get_backend("cupy")


def test_a_cupy_that_does_not_load_is_not_called_missing(failing_import) -> None:
    failing_import(ImportError("libnvrtc.so.13: cannot open shared object file"))
    with pytest.raises(
        BackendUnavailableError, match=r"installed but does not load: libnvrtc\.so\.13"
    ):
        CupyBackend()


def test_a_cupy_that_lacks_a_module_of_its_own_is_not_called_missing(failing_import) -> None:
    failing_import(ModuleNotFoundError("No module named 'fastrlock'", name="fastrlock"))
    with pytest.raises(
        BackendUnavailableError, match="installed but does not load: No module named 'fastrlock'"
    ):
        CupyBackend()


def test_without_a_driver_cudas_error_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_driver() -> int:
        raise CUDARuntimeDoubleError("cudaErrorInsufficientDriver: CUDA driver version …")

    monkeypatch.setitem(sys.modules, "cupy", cupy_double(no_driver))
    with pytest.raises(BackendUnavailableError) as caught:
        CupyBackend()
    message = str(caught.value)
    assert "CuPy 14.0.0 is installed, but CUDA answers: cudaErrorInsufficientDriver" in message
    assert 'set_backend("numpy")' in message


def test_without_a_gpu_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", cupy_double(lambda: 0))
    with pytest.raises(BackendUnavailableError, match="CUDA sees no GPU"):
        CupyBackend()
