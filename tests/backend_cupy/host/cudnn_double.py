"""A double of cuDNN's frontend: graphs of one convolution, computed by the portable bodies on NumPy.

``test_kernels.py`` compares its names and parameters with the real one's, where that is installed.
"""

from __future__ import annotations

import ctypes
import math
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from simple_autograd.backends import Backend
from simple_autograd.nn.functional.windows import Window

STEPS = [
    "validate",
    "build_operation_graph",
    "create_execution_plans",
    "check_support",
    "build_plans",
]


class cudnnGraphNotSupportedError(RuntimeError):  # noqa: N801 - cuDNN's name
    """Raised for what cuDNN has no engine for; here, for a dilation above 2."""


class Tensor:
    """A node's argument or result."""

    dim: list[int]
    stride: list[int]
    data_type: Any
    is_output = False

    def set_output(self, value: bool) -> Tensor:
        self.is_output = value
        return self

    def set_data_type(self, value: Any) -> Tensor:
        self.data_type = value
        return self

    def set_dim(self, value: list[int]) -> Tensor:
        self.dim = value
        return self

    def set_stride(self, value: list[int]) -> Tensor:
        self.stride = value
        return self

    def at(self, pointer: int) -> np.ndarray:
        """Give the array that lies at an address."""
        dense = np.empty(self.dim, self.data_type)
        assert [step // dense.itemsize for step in dense.strides] == self.stride
        memory = (ctypes.c_char * dense.nbytes).from_address(pointer)
        return np.frombuffer(memory, self.data_type).reshape(self.dim)


class pygraph:  # noqa: N801 - cuDNN's name
    """Stands for ``cudnn.pygraph``."""

    def __init__(
        self, *, io_data_type: Any, intermediate_data_type: Any, compute_data_type: Any, handle: Any
    ) -> None:
        assert isinstance(handle, Handle)
        self.steps: list[str] = []
        self.unwanted: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name not in STEPS:
            raise AttributeError(name)
        return lambda *args: self.steps.append(name)

    def check_support(self) -> None:
        self.steps.append("check_support")
        if max(self.settings["dilation"]) > 2:
            raise cudnnGraphNotSupportedError

    def tensor(self, *, name: str, dim: list[int], stride: list[int], data_type: Any) -> Tensor:
        return Tensor().set_dim(dim).set_stride(stride).set_data_type(data_type)

    def conv_fprop(self, *, image: Tensor, weight: Tensor, **settings: Any) -> Tensor:
        return self._node("convolution", [image, weight, None], image, settings)

    def conv_dgrad(self, *, loss: Tensor, filter: Tensor, **settings: Any) -> Tensor:
        return self._node("convolution_backward_x", [loss, filter], None, settings)

    def conv_wgrad(self, *, image: Tensor, loss: Tensor, **settings: Any) -> Tensor:
        return self._node("convolution_backward_weight", [loss, image], image, settings)

    def _node(self, name: str, inputs: list[Any], image: Tensor | None, settings: Any) -> Tensor:
        self.name, self.inputs, self.image, self.settings = name, inputs, image, settings
        self.output = Tensor()
        return self.output

    def deselect_numeric_notes(self, notes: list[str]) -> None:
        assert self.steps[-1] == "create_execution_plans"
        self.unwanted = notes

    def get_workspace_size(self) -> int:
        return 64

    def execute(self, pack: dict[Tensor, int], workspace: int, handle: Any) -> None:
        assert self.steps == STEPS
        assert self.output.is_output
        assert isinstance(handle, Handle)
        kernel = self.output.dim if self.image and len(self.inputs) == 2 else self.inputs[1].dim
        padding = zip(self.settings["pre_padding"], self.settings["post_padding"], strict=True)
        window = Window(
            tuple(kernel[2:]),
            tuple(self.settings["stride"]),
            tuple(self.settings["dilation"]),
            tuple(padding),
        )
        channels = (self.image or self.output).dim[1]
        options: dict[str, Any] = {"window": window, "groups": channels // kernel[1]}
        if self.image is None:
            options["lengths"] = tuple(self.output.dim[2:])
        arrays = [tensor and tensor.at(pack[tensor]).astype(np.float64) for tensor in self.inputs]
        result = Backend.portable[self.name](np, *arrays, **options)
        pointer = pack[self.output]
        memory = (
            ctypes.c_char * (math.prod(self.output.dim) * self.output.data_type.itemsize)
        ).from_address(pointer)
        memory.raw = np.ascontiguousarray(result).astype(self.output.data_type).tobytes()


class Handle:
    """Stands for ``cudnn.Handle``."""

    stream: int | None = None


def set_stream(handle: Handle, stream: int) -> None:
    handle.stream = stream


def module() -> ModuleType:
    """Make a module to stand in for ``cudnn``."""
    double = ModuleType("cudnn")
    double.__dict__.update(
        backend_version=lambda: 91000,
        create_handle=Handle,
        cudnnGraphNotSupportedError=cudnnGraphNotSupportedError,
        data_type=SimpleNamespace(
            HALF=np.dtype("float16"),
            FLOAT=np.dtype("float32"),
            DOUBLE=np.dtype("float64"),
            BFLOAT16=None,
        ),
        heur_mode=SimpleNamespace(A="A", FALLBACK="FALLBACK"),
        numerical_note=SimpleNamespace(
            NONDETERMINISTIC="NONDETERMINISTIC",
            TENSOR_CORE="TENSOR_CORE",
            DOWN_CONVERT_INPUTS="DOWN_CONVERT_INPUTS",
        ),
        pygraph=pygraph,
        set_stream=set_stream,
    )
    return double
