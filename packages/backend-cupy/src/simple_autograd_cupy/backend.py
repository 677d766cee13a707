"""``CupyBackend``: CuPy on an NVIDIA GPU, and the check that both are there.

CuPy is imported when a ``CupyBackend`` is made, so this module can be imported, and can say what is
missing, on a machine with neither. Kernels for the GPU belong in files of their own beside this
one.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from simple_autograd.backends import Backend
from simple_autograd.errors import BackendUnavailableError

__all__ = ["CupyBackend"]

_INSTALL = (
    "Install it for the CUDA version that your driver supports (nvidia-smi prints it):\n"
    '    pip install "simple-autograd-backend-cupy[cuda13]"\n'
    '    pip install "simple-autograd-backend-cupy[cuda12]"'
)


class CupyBackend(Backend):
    """CuPy on the current CUDA device.

    Random numbers are drawn by NumPy and handed over (core's ``Generator``), so that a seed gives
    the same numbers as on the NumPy backend.

    Raises
    ------
    BackendUnavailableError
        If CuPy is not installed or cannot be loaded, or if there is no driver or no GPU.
    """

    def __init__(self) -> None:
        self._cupy = _working_cupy()
        # CuPy's own namespace lacks parts of the standard, such as asarray's copy=False; compat
        # adds them.
        from array_api_compat import cupy as xp

        super().__init__("cupy", xp, self._cupy.ndarray)

    def to_numpy(self, array: Any) -> Any:
        """Copy `array` from the GPU into a NumPy array."""
        return self._cupy.asnumpy(array)

    def dtype(self, spec: Any) -> Any:
        """Give the data type for a name, a Python or NumPy type; CuPy's data types are NumPy's."""
        return self._cupy.dtype(spec)

    def is_view(self, array: Any) -> bool:
        """Say whether `array` borrows its memory from another one."""
        return array.base is not None

    def memory_key(self, array: Any) -> Hashable:
        """Give the address of the allocation that `array` lies in, wherever it begins."""
        return array.data.mem.ptr

    def synchronize(self) -> None:
        """Wait until every stream of the device is idle."""
        self._cupy.cuda.Device().synchronize()


def _working_cupy() -> Any:
    """Give the module ``cupy`` if it loads and sees a GPU; else raise, and say what is missing."""
    try:
        import cupy
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise _unusable(error) from error
        raise BackendUnavailableError(
            f'set_backend("cupy"): CuPy is not installed. {_INSTALL}'
        ) from error
    except ImportError as error:
        raise _unusable(error) from error

    # Importing CuPy succeeds without a driver; the first call into CUDA is what fails.
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except (cupy.cuda.runtime.CUDARuntimeError, ImportError) as error:
        raise BackendUnavailableError(
            f'set_backend("cupy"): CuPy {cupy.__version__} is installed, but CUDA answers: '
            f"{error}. Needed are an NVIDIA GPU and a driver for CuPy's CUDA version (nvidia-smi "
            'prints both); without one, use set_backend("numpy").'
        ) from error
    if count == 0:
        raise BackendUnavailableError(
            f'set_backend("cupy"): CuPy {cupy.__version__} is installed, but CUDA sees no GPU '
            '(is CUDA_VISIBLE_DEVICES set to hide it?). Without one, use set_backend("numpy").'
        )
    return cupy


def _unusable(error: ImportError) -> BackendUnavailableError:
    """Say that a CuPy is there and does not load."""
    return BackendUnavailableError(
        f'set_backend("cupy"): CuPy is installed but does not load: {error}. Uninstall every '
        f"package named cupy or cupy-*, of which only one may be installed. {_INSTALL}"
    )
