"""``CupyBackend``: CuPy on an NVIDIA GPU, and the check that both are there.

CuPy is imported when a ``CupyBackend`` is made, so this module can be imported, and can say what is
missing, on a machine with neither. Beside this file, ``namespace/`` is CuPy as the standard has it,
``kernels/`` what is faster than that, ``transfers.py`` the way to the GPU, ``devices.py`` several GPUs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from simple_autograd.backends import Backend, Generator, get_backend
from simple_autograd.errors import BackendUnavailableError
from simple_autograd.types import Array

if TYPE_CHECKING:
    from .graph import CapturedStep

__all__ = ["CupyBackend"]

_INSTALL = (
    "Install it for the CUDA version that your driver supports (nvidia-smi prints it):\n"
    '    pip install "simple-autograd-backend-cupy[cuda13]"\n'
    '    pip install "simple-autograd-backend-cupy[cuda12]"'
)


_SPECIAL = frozenset(
    {"betainc", "digamma", "erfcinv", "erfinv", "gamma", "gammaln", "i0", "i1", "ndtri", "zeta"}
)
"""CuPy's special functions that are used. It lacks iv, ive and stdtr; its i0e and i1e overflow, its gammainc and
gammaincc lose NaN, and its beta and betaln are NaN where one argument is negative."""


class CupyBackend(Backend):
    """CuPy on one CUDA device: ``"cupy"`` is the first one, ``"cupy:1"`` the second.

    Its functions run on its device, whichever is the current one. A seed gives the
    same random numbers as on the NumPy backend.

    Parameters
    ----------
    device
        The number of the device.

    Raises
    ------
    BackendUnavailableError
        If CuPy is not installed or cannot be loaded, or if there is no driver, no GPU, or no such device.
    """

    is_remote = True

    def __init__(self, device: int = 0) -> None:
        name = f"cupy:{device}" if device else "cupy"
        self._cupy, count = _working_cupy(name)
        if device >= count:
            raise BackendUnavailableError(
                f'set_backend("{name}"): CUDA sees {count} {"GPU" if count == 1 else "GPUs"}; their numbers begin '
                f"with 0 (CUDA_VISIBLE_DEVICES chooses and orders them)."
            )
        self._device = device
        self.several_devices = count > 1
        from . import namespace

        xp: Any = namespace
        if self.several_devices:
            from .devices import NamespaceOn

            xp = NamespaceOn(namespace, device)
        super().__init__(name, xp, self._cupy.ndarray)
        if self.several_devices:
            self.operand_types -= {self.array_type}
            self.optional_types -= {self.array_type}
        # Not in the standard, so the ops have no bodies for them.
        self.register_kernels({"eig": namespace.linalg.eig, "eigvals": namespace.linalg.eigvals})

    # Devices --------------------------------------------------------------------------------------

    def on_device(self, device: str) -> Backend:
        """Give the backend of the device with that number."""
        if not device.isdecimal():
            raise BackendUnavailableError(
                f'set_backend("cupy:{device}"): needed behind the colon is the number of a GPU, as in "cupy:1".'
            )
        number = int(device)
        return self if number == self._device else CupyBackend(number)

    def current(self) -> AbstractContextManager[Any]:
        """Make the device the current one, in a ``with`` block."""
        return self._cupy.cuda.Device(self._device)

    def holder_of(self, array: Array) -> Backend:
        """Give the backend of the device on which `array` lies."""
        number = array.data.device_id
        return (
            self if number == self._device else get_backend(f"cupy:{number}" if number else "cupy")
        )

    def body(self, name: str) -> Callable[..., Any]:
        """Give the function that computes an op here (see `Backend.body`), on this device."""
        if name not in self.bodies:
            from .kernels import kernel_of

            self.register_kernels({name: kernel_of(name, self.xp) or super().body(name)})
        return self.bodies[name]

    def register_kernels(self, kernels: Mapping[str, Callable[..., Any]]) -> None:
        """Add functions that run in place of the portable bodies, on this device."""
        if self.several_devices:
            from .devices import runs_on

            kernels = {name: runs_on(self._device, kernels[name]) for name in kernels}
        super().register_kernels(kernels)

    def special(self, name: str) -> Callable[..., Array] | None:
        """Give CuPy's function that is `name` in ``scipy.special``, if there is one with SciPy's values."""
        if name not in _SPECIAL:
            return None
        from cupyx.scipy import special

        return functools.partial(_as_scipy, getattr(special, name))

    def generator(self, seed: int | None = None) -> Generator:
        """Give a new random generator, which draws on the GPU what NumPy would draw."""
        from .kernels.random import CupyGenerator

        return CupyGenerator(self, seed)

    def graphed(self, step: Callable[..., Any], warmup: int) -> CapturedStep:
        """Give what captures a step as a CUDA graph and replays it."""
        from .graph import CapturedStep

        with self.current():
            return CapturedStep(step, warmup, self)

    def synchronize(self) -> None:
        """Wait until every stream of the device is idle."""
        self._cupy.cuda.Device(self._device).synchronize()

    # In and out -----------------------------------------------------------------------------------

    def operand(self, value: Any, operation: str, argument: str) -> Array:
        """Take arrays of this device, which alone get here: where there are several, types do not tell."""
        if isinstance(value, self.array_type):
            return value
        return super().operand(value, operation, argument)

    def to_numpy(self, array: Array) -> Any:
        """Copy `array` from the GPU into a NumPy array."""
        return self._cupy.asnumpy(array)

    def uploading(self) -> AbstractContextManager[Callable[..., list[Array]]]:
        """Give a function that copies batches beside what the GPU is at work on (see `Backend.uploading`)."""
        from .transfers import Uploader

        return Uploader(self, self._device)

    def dtype(self, spec: Any) -> Any:
        """Give the data type for a name, a Python or NumPy type; CuPy's data types are NumPy's."""
        return get_backend("numpy").dtype(spec)

    def is_floating(self, dtype: Any) -> bool:
        """Say whether `dtype` is a real or complex floating type."""
        return get_backend("numpy").is_floating(dtype)

    # Memory ---------------------------------------------------------------------------------------

    def is_view(self, array: Array) -> bool:
        """Say whether `array` borrows its memory from another one."""
        return array.base is not None

    def memory_key(self, array: Array) -> Hashable:
        """Give the address of the allocation that `array` lies in, wherever it begins."""
        return array.data.mem.ptr or id(array)  # empty arrays have no memory

    def is_writeable(self, array: Array) -> bool:
        """Say whether each element has a place of its own; CuPy itself would write into repeated ones."""
        return not array.size or not any(
            [step == 0 and n > 1 for n, step in zip(array.shape, array.strides, strict=True)]
        )


def _as_scipy(function: Callable[..., Array], *arguments: Any) -> Array:
    """Call a special function of CuPy's with float32 for float16, as SciPy computes it; CuPy makes float64 of it."""
    return function(
        *[x.astype("float32") if getattr(x, "dtype", None) == "float16" else x for x in arguments]
    )


def _working_cupy(name: str) -> tuple[Any, int]:
    """Give the module ``cupy`` and the number of GPUs; if there is none, raise and say what is missing."""
    try:
        import cupy
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise _unusable(name, error) from error
        raise BackendUnavailableError(
            f'set_backend("{name}"): CuPy is not installed. {_INSTALL}'
        ) from error
    except ImportError as error:
        raise _unusable(name, error) from error

    # Importing CuPy succeeds without a driver; the first call into CUDA is what fails.
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except (cupy.cuda.runtime.CUDARuntimeError, ImportError) as error:
        raise BackendUnavailableError(
            f'set_backend("{name}"): CuPy {cupy.__version__} is installed, but CUDA answers: '
            f"{error}. Needed are an NVIDIA GPU and a driver for CuPy's CUDA version (nvidia-smi "
            'prints both); without one, use set_backend("numpy").'
        ) from error
    if count == 0:
        raise BackendUnavailableError(
            f'set_backend("{name}"): CuPy {cupy.__version__} is installed, but CUDA sees no GPU '
            '(is CUDA_VISIBLE_DEVICES set to hide it?). Without one, use set_backend("numpy").'
        )
    return cupy, count


def _unusable(name: str, error: ImportError) -> BackendUnavailableError:
    """Say that a CuPy is there and does not load."""
    return BackendUnavailableError(
        f'set_backend("{name}"): CuPy is installed but does not load: {error}. Uninstall every '
        f"package named cupy or cupy-*, of which only one may be installed. {_INSTALL}"
    )
