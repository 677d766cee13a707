"""Everything that is measured on a GPU, beside PyTorch on the same one.

``python benchmarks/gpu.py [--only mlp,cnn] [--quick] [--minutes 7]`` prints tables and stores them in
``benchmarks/results/``. It needs a GPU, CuPy and PyTorch; the four packages may be installed, or their ``src`` folders
be on PYTHONPATH. Both libraries run in this process, in turn. Without a GPU it says so and writes nothing.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# The script's own folder is the first place where Python looks.
from _gpu_steps import network, our_captured, our_step, torch_step, training
from _gpu_timing import Candidate, Clock, Result, Section, Settings, clock_of, measure, report

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.errors import BackendUnavailableError

RESULTS = Path(__file__).parent / "results"

# Of ResNet-50: samples, channels, length, outputs, kernel, stride.
CONVOLUTIONS = [
    (64, 3, 224, 64, 7, 2),
    (64, 64, 56, 64, 3, 1),
    (64, 64, 56, 256, 1, 1),
    (64, 128, 28, 128, 3, 1),
    (64, 256, 14, 256, 3, 1),
    (64, 512, 7, 512, 3, 1),
]


# What is measured -------------------------------------------------------------------------------------------------


def overhead(settings: Settings) -> Section:
    """One multiplication of 16 elements, forward, and forward and backward."""
    torch = _torch()
    rows = []
    for what in ("forward", "forward + backward"):

        def ours(what: str = what) -> Callable[[], Any]:
            return multiplications(sa.Variable(sa.ones((16,), dtype="float32")), what)

        def theirs(what: str = what) -> Callable[[], Any]:
            return multiplications(torch.ones(16, device="cuda", requires_grad=True), what)

        results = measure(
            [
                Candidate("ours", ours, _ours_clock()),
                Candidate("PyTorch", theirs, _torch_clock()),
            ],
            settings,
        )
        rows.append([what, *_pair(results, 1e6 / 20)])
    header = ["", "ours, µs", "PyTorch, µs", "PyTorch / ours"]
    return Section("Overhead of an operation", header, rows, ["A twentieth of 20 in a chain."])


def multiplications(v: Any, what: str) -> Callable[[], Any]:
    """Give a chain of 20 multiplications of a variable."""

    def call() -> None:
        out = v
        for _ in range(20):
            out = out * v
        if what != "forward":
            v.grad = None
            out.sum().backward()

    return call


def steps(name: str, settings: Settings) -> Section:
    """Training steps of one of the networks of ``examples/mnist.py``, eager and captured."""
    torch = _torch()
    rows: list[list[object]] = []
    for batch in (64, 1024):
        candidates = [
            Candidate("ours, eager", lambda b=batch: our_step(name, b), _ours_clock()),
            Candidate("ours, captured", lambda b=batch: our_captured(name, b), _ours_clock()),
            *[
                Candidate(
                    f"PyTorch, {how}",
                    lambda b=batch, how=how: torch_step(torch, name, b, how),
                    _torch_clock(),
                )
                for how in ("eager", "compiled", "CUDA graph")
            ],
        ]
        results = measure(candidates, settings)
        eager = next(r.seconds for r in results if r.name == "PyTorch, eager")
        for result in results:
            ratio = eager / result.seconds if eager and result.seconds else "–"
            rows.append([batch, result.name, _time(result, 1e3), ratio])
    header = ["batch", "", "ms a step", "PyTorch, eager / this"]
    return Section(f"Training step: {name}", header, rows, ["Adam, cross-entropy, float32."])


def matmul(settings: Settings) -> Section:
    """Products of square matrices, beside the best that PyTorch finds through cuBLAS and cuBLASLt."""
    from simple_autograd_cupy import set_float32_matmul_precision

    torch = _torch()
    size = 1024 if settings.quick else 8192
    operations = 2 * size**3
    rows = []
    for kind, dtype, precision in [
        ("float32", "float32", "highest"),
        ("TF32", "float32", "high"),
        ("bfloat16", "bfloat16", "highest"),
    ]:

        def ours(dtype: str = dtype) -> Callable[[], Any]:
            x, y = (sa.astype(_random(size, size, seed=seed), dtype) for seed in (0, 1))
            return lambda: x @ y

        def theirs(library: str, dtype: str = dtype) -> Callable[[], Any]:
            torch.backends.cuda.preferred_blas_library(library)
            x, y = (
                torch.from_numpy(_host(size, size, seed=seed)).to("cuda", getattr(torch, dtype))
                for seed in (0, 1)
            )
            return lambda: torch.mm(x, y)

        for choose in (set_float32_matmul_precision, torch.set_float32_matmul_precision):
            choose(precision)
        results = measure([Candidate("ours", ours, _ours_clock())], settings)
        for library in ("cublas", "cublaslt"):
            made = functools.partial(theirs, library)
            results += measure([Candidate(library, made, _torch_clock())], settings)
        best = min([r.seconds for r in results if r.seconds], default=None)
        mine = results[0].seconds
        rates = [operations / r.seconds / 1e12 if r.seconds else r.error for r in results]
        rows.append([kind, *rates, 100 * best / mine if best and mine else "–"])
    for choose in (set_float32_matmul_precision, torch.set_float32_matmul_precision):
        choose("highest")
    header = ["", "ours, TFLOP/s", "PyTorch, cuBLAS", "PyTorch, cuBLASLt", "ours, % of the best"]
    return Section(f"Matrix product, {size} by {size}", header, rows, [])


def convolution(settings: Settings) -> Section:
    """Convolutions of ResNet-50, forward, and forward and backward."""
    torch = _torch()
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    rows = []
    for shape in CONVOLUTIONS[:2] if settings.quick else CONVOLUTIONS:
        for dtype in ("float32", "bfloat16"):
            for what in ("forward", "forward + backward"):
                made = functools.partial(convolved, shape, dtype, what)
                results = measure(
                    [
                        Candidate("ours", functools.partial(made, None), _ours_clock()),
                        Candidate("PyTorch", functools.partial(made, torch), _torch_clock()),
                    ],
                    settings._replace(rounds=min(settings.rounds, 5), seconds=0.05),
                )
                rows.append([str(shape), dtype, what, *_pair(results, 1e3)])
    header = [
        "N, C, length, O, kernel, stride",
        "",
        "",
        "ours, ms",
        "PyTorch, ms",
        "PyTorch / ours",
    ]
    return Section("Convolution", header, rows, ["TF32 is off in both."])


def convolved(shape: tuple[int, ...], dtype: str, what: str, torch: Any) -> Callable[[], Any]:
    """Give a convolution of ours, or of PyTorch's."""
    samples, channels, length, outputs, kernel, stride = shape
    x = _host(samples, channels, length, length)
    weight = _host(outputs, channels, kernel, kernel, seed=1)
    if torch is None:
        xs = [sa.Variable(sa.astype(sa.asarray(array), dtype)) for array in (x, weight)]
        function = nn.functional.conv2d
    else:
        kind = getattr(torch, dtype)
        xs = [torch.from_numpy(a).to("cuda", kind).requires_grad_() for a in (x, weight)]
        function = torch.nn.functional.conv2d

    def call() -> None:
        out = function(*xs, stride=stride, padding=kernel // 2)
        if what != "forward":
            for array in xs:
                array.grad = None
            out.sum().backward()

    return call


def epoch(settings: Settings) -> Section:
    """A whole epoch of MNIST: the MLP, batches of 64, from the loader to the parameters; seconds of the wall clock."""
    from simple_autograd.datasets import MNIST, DataLoader, standard_transform

    torch = _torch()
    data = MNIST(train=True, transform=standard_transform)
    loader = DataLoader(data, 64, shuffle=True, seed=0, drop_last=True, backend="cupy")
    limit = 100 if settings.quick else len(loader)

    def timed(
        step: Callable[..., Any], batches: Callable[[], Any], wait: Callable[[], Any]
    ) -> float:
        for number, arrays in enumerate(batches()):  # the first batches compile and capture
            step(*arrays)
            if number == 10:
                break
        wait()
        start = time.perf_counter()
        for number, arrays in enumerate(batches()):
            if number == limit:
                break
            step(*arrays)
        wait()
        return time.perf_counter() - start

    images, labels = (np.concatenate(parts) for parts in zip(*_host_batches(data), strict=True))
    pinned = [torch.from_numpy(array).pin_memory() for array in (images, labels)]

    def torch_batches() -> Any:
        order = torch.randperm(len(labels))
        for start in range(0, len(labels) - 63, 64):
            places = order[start : start + 64]
            yield [array[places].to("cuda", non_blocking=True) for array in pinned]

    rows: list[list[object]] = []
    for name, wrap in (("ours, eager", lambda step: step), ("ours, captured", sa.graph)):
        step = wrap(training(nn, network(nn, "mlp").to("cupy")))
        rows.append([name, timed(step, lambda: loader, sa.get_backend().synchronize)])
    model = network(torch.nn, "mlp").cuda()
    step = training(torch.nn, model, torch.optim, fused=True)
    rows.append(["PyTorch, eager", timed(step, torch_batches, torch.cuda.synchronize)])
    notes = [] if limit == len(loader) else [f"Only {limit} batches."]
    return Section("An epoch of MNIST (MLP, batches of 64)", ["", "s"], rows, notes)


def _host_batches(data: Any) -> Any:
    from simple_autograd.datasets import DataLoader

    return [
        [np.asarray(array) for array in batch] for batch in DataLoader(data, 1000, backend="numpy")
    ]


# The rest ---------------------------------------------------------------------------------------------------------


def _torch() -> Any:
    import torch

    return torch


def _ours_clock() -> Clock:
    import cupy

    return clock_of(cupy.cuda.Event, cupy.cuda.get_elapsed_time)


def _torch_clock() -> Clock:
    event = functools.partial(_torch().cuda.Event, enable_timing=True)
    return clock_of(event, lambda start, end: start.elapsed_time(end))


def _host(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def _random(*shape: int, seed: int) -> Any:
    return sa.asarray(_host(*shape, seed=seed))


def _time(result: Result, unit: float) -> object:
    return f"failed: {result.error}" if result.seconds is None else result.seconds * unit


def _pair(results: list[Result], unit: float) -> list[object]:
    """Give ours, PyTorch's, and how many times longer PyTorch's took."""
    mine, theirs = (result.seconds for result in results)
    return [*[_time(result, unit) for result in results], theirs / mine if mine and theirs else "–"]


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def machine() -> dict[str, str]:
    """Describe the machine and the versions."""
    import cupy

    torch = _torch()
    runtime = cupy.cuda.runtime
    return {
        "GPU": runtime.getDeviceProperties(0)["name"].decode(),
        "driver's CUDA": str(runtime.driverGetVersion()),
        "CuPy": f"{cupy.__version__}, CUDA {runtime.runtimeGetVersion()}",
        "PyTorch": f"{torch.__version__}, CUDA {torch.version.cuda}",
        "cuDNN's frontend, for our convolutions": _version("nvidia-cudnn-frontend"),
        "nvmath-python, for our products": _version("nvmath-python"),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


# What PyTorch compiles longest is last, for the time may be over before.
SECTIONS: dict[str, Callable[[Settings], Section]] = {
    "overhead": overhead,
    "mlp": functools.partial(steps, "mlp"),
    "matmul": matmul,
    "epoch": epoch,
    "convolution": convolution,
    "cnn": functools.partial(steps, "cnn"),
    "vit": functools.partial(steps, "vit"),
}


def main() -> int:
    """Measure, print and store; 1 if a section failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help=f"sections, with commas between: {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller arrays")
    parser.add_argument(
        "--minutes", type=float, default=7, help="after so many no further section begins"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder for the results")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else list(SECTIONS)
    if unknown := [name for name in names if name not in SECTIONS]:
        parser.error(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    try:
        sa.set_backend("cupy")
    except BackendUnavailableError as error:
        print(
            f"Nothing was measured, for there is no GPU to measure on: {str(error).splitlines()[0]}"
        )
        return 0
    settings = Settings(rounds=3, seconds=0.03, quick=True) if arguments.quick else Settings()
    sections = {name: SECTIONS[name] for name in names}
    failed = report(sections, settings, machine(), arguments.out, arguments.minutes)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
