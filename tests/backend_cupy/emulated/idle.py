"""A GPU that does nothing, and nothing fast: what is left of a step is the host's work (``benchmarks/gpu_host.py``).

What a step calls stays in C, since a call of Python's takes longer than what is measured. What is called once in a
while is the emulation's. Kernels are not compiled, memory is never written: all numbers are meaningless.
"""
# ruff: noqa: N802 - the names are CUDA's

from __future__ import annotations

from .binding import Address, Int, function, in_c
from .streams import thing

in_c |= dict.fromkeys(
    (
        *("cuLaunchKernel", "cublasGemmEx", "cublasGemmStridedBatchedEx", "cublasSetStream_v2"),
        *("cudaMemcpyAsync", "cudaMemsetAsync", "cudaEventRecord", "cudaStreamWaitEvent"),
        *("cudaGraphLaunch", "cudaSetDevice", "cuCtxSetCurrent"),
    ),
    "nothing",
)
in_c |= {"cudaGetDevice": "zero", "cudaStreamIsCapturing": "zero_second"}
in_c |= dict.fromkeys(("cuModuleLoadData", "cuModuleGetFunction"), "one")


@function
def nvrtcCompileProgram(program: Address, count: Int, options: Address) -> Int:
    thing(program).code = b"nothing"
