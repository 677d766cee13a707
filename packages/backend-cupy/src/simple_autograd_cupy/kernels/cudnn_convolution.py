"""cuDNN's convolutions, through ``nvidia-cudnn-frontend``, where that and cuDNN itself are installed.

cuDNN is told of a computation once, as a graph with the shapes of its arrays, and chooses how to run it; graphs are
kept. Where it is missing, or takes no such graph, the functions give None. In float32 its tensor cores, which round to
TF32, are left out unless ``set_float32_matmul_precision`` allows them.
"""

from __future__ import annotations

import functools
import threading
from typing import Any, NamedTuple

import cupy

from ..determinism import are_deterministic_algorithms_enabled
from ..precision import get_float32_matmul_precision
from .launching import dense, empty

__all__ = ["backward_weight", "backward_x", "forward"]

Array = Any

_TYPES = {"float16": "HALF", "bfloat16": "BFLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}


def forward(x: Array, weight: Array, window: Any, shape: tuple[int, ...]) -> Array | None:
    """Convolve."""
    return _computed("conv_fprop", {"image": x, "weight": weight}, window, shape)


def backward_x(above: Array, weight: Array, window: Any, shape: tuple[int, ...]) -> Array | None:
    """Give the gradient for what was convolved."""
    return _computed("conv_dgrad", {"loss": above, "filter": weight}, window, shape)


def backward_weight(above: Array, x: Array, window: Any, shape: tuple[int, ...]) -> Array | None:
    """Give the gradient for the weight."""
    return _computed("conv_wgrad", {"image": x, "loss": above}, window, shape)


class _Plan(NamedTuple):
    """A graph that has been built, and what it is run with."""

    graph: Any
    inputs: tuple[Any, ...]
    output: Any
    workspace: int


def _computed(
    name: str, arrays: dict[str, Array], window: Any, shape: tuple[int, ...]
) -> Array | None:
    cudnn = _module()
    if cudnn is None or min(map(min, window.padding)) < 0:
        return None
    given = [dense(array) for array in arrays.values()]
    dtype = given[0].dtype.type.__name__
    plan = _plan(
        name,
        tuple(arrays),
        tuple([array.shape for array in given]),
        shape,
        window,
        dtype,
        dtype != "float32" or get_float32_matmul_precision() != "highest",
        are_deterministic_algorithms_enabled(),
        cupy.cuda.runtime.getDevice(),
    )
    if plan is None:
        return None
    out = empty(shape, given[0].dtype)
    workspace = empty((plan.workspace,), cupy.uint8)
    pack = {tensor: array.data.ptr for tensor, array in zip(plan.inputs, given, strict=True)}
    pack[plan.output] = out.data.ptr
    handle = _handle(cudnn)
    cudnn.set_stream(handle=handle, stream=cupy.cuda.get_current_stream().ptr)
    plan.graph.execute(pack, workspace.data.ptr, handle=handle)
    return out


@functools.lru_cache(maxsize=512)
def _plan(
    name: str,
    inputs: tuple[str, ...],
    shapes: tuple[tuple[int, ...], ...],
    shape: tuple[int, ...],
    window: Any,
    dtype: str,
    tensor_cores: bool,
    deterministic: bool,
    device: int,
) -> _Plan | None:
    """Build the graph of one convolution on a device; None if cuDNN cannot run it."""
    cudnn: Any = _module()
    kind = getattr(cudnn.data_type, _TYPES[dtype])
    arithmetic = cudnn.data_type.DOUBLE if dtype == "float64" else cudnn.data_type.FLOAT
    graph = cudnn.pygraph(
        io_data_type=kind,
        intermediate_data_type=arithmetic,
        compute_data_type=arithmetic,
        handle=_handle(cudnn),
    )
    # cuDNN convolves over two axes or three.
    fill = max(0, 2 - len(window.kernel))
    tensors = [
        graph.tensor(name=key, dim=list(dim), stride=_strides(dim), data_type=kind)
        for key, dim in zip(inputs, [_spread(s, fill) for s in shapes], strict=True)
    ]
    output = getattr(graph, name)(
        **dict(zip(inputs, tensors, strict=True)),
        pre_padding=[0] * fill + [before for before, _ in window.padding],
        post_padding=[0] * fill + [after for _, after in window.padding],
        stride=[1] * fill + [*window.stride],
        dilation=[1] * fill + [*window.dilation],
    )
    dim = _spread(shape, fill)
    output.set_output(True).set_data_type(kind).set_dim(list(dim)).set_stride(_strides(dim))
    notes = cudnn.numerical_note
    unwanted = [notes.NONDETERMINISTIC] if deterministic else []
    unwanted += [] if tensor_cores else [notes.TENSOR_CORE, notes.DOWN_CONVERT_INPUTS]
    try:
        graph.validate()
        graph.build_operation_graph()
        graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
        if unwanted:
            graph.deselect_numeric_notes(unwanted)
        graph.check_support()
        graph.build_plans()
    except cudnn.cudnnGraphNotSupportedError:
        return None
    return _Plan(graph, tuple(tensors), output, max(1, graph.get_workspace_size()))


def _spread(shape: tuple[int, ...], fill: int) -> tuple[int, ...]:
    """Give a shape with so many axes of length one ahead of the last ones."""
    return (*shape[:2], *(1,) * fill, *shape[2:])


def _strides(shape: tuple[int, ...]) -> list[int]:
    """Give how far apart elements lie along each axis of a dense array, in elements."""
    strides = [1]
    for length in shape[:0:-1]:
        strides.append(strides[-1] * length)
    return strides[::-1]


# The library ----------------------------------------------------------------------------------------------------------


class _Handles(threading.local):
    """A thread's handles, by device: cuDNN allows no two threads to share one."""

    def __init__(self) -> None:
        self.by_device: dict[int, Any] = {}


_handles = _Handles()


def _handle(cudnn: Any) -> Any:
    device = cupy.cuda.runtime.getDevice()
    if device not in _handles.by_device:
        _handles.by_device[device] = cudnn.create_handle()
    return _handles.by_device[device]


@functools.cache
def _module() -> Any:
    """Give cuDNN's frontend if it is installed and finds cuDNN; else None."""
    try:
        import cudnn

        cudnn.backend_version()
    except (ImportError, OSError, RuntimeError):
        return None
    return cudnn
