"""Every CUDA source compiles with NVRTC, for every data type and GPU; no GPU is needed.

What Python launches is there: the names of kernels are found in what comes out, with as many parameters as the source
declares. Whether launches hand over what is declared, the emulation checks at each launch (``test_kernels.py``).
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import simple_autograd_cupy
from tests.backend_cupy.host import nvrtc
from tests.backend_cupy.host.emulation import kernels_in

pytestmark = pytest.mark.skipif(nvrtc.library() is None, reason=nvrtc.MISSING)

FOLDER = Path(simple_autograd_cupy.__file__).parent / "kernels"
FAMILIES = sorted(path.stem for path in FOLDER.glob("*.cu"))
GPUS = {80: "A100", 90: "H100", 100: "B200"}


CUPYS = ("--device-as-default-execution-space",)
"""What CuPy tells NVRTC of its own accord."""


def constants() -> dict[str, object]:
    """Give what launching.py holds, without importing CuPy."""
    tree = ast.parse((FOLDER / "launching.py").read_text())
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id in ("OPTIONS", "TYPES")
    }


def source(family: str, dtype: str) -> str:
    texts = [(FOLDER / name).read_text() for name in ("scalar.cuh", f"{family}.cu")]
    return "\n".join([f"#define {constants()['TYPES'][dtype]}", *texts])


def launched(family: str) -> set[str]:
    """Give the names of kernels of a family that Python files launch: the texts that are names of kernels."""
    text = (FOLDER / f"{family}.py").read_text()
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.isidentifier()
    }


@pytest.mark.parametrize("architecture", GPUS, ids=GPUS.get)
@pytest.mark.parametrize("dtype", constants()["TYPES"])
@pytest.mark.parametrize("family", FAMILIES)
def test_sources_compile(family: str, dtype: str, architecture: int) -> None:
    if architecture not in nvrtc.architectures():
        pytest.skip(f"this NVRTC does not know sm_{architecture}")
    code = source(family, dtype)
    compiled = nvrtc.ptx(code, architecture, (*constants()["OPTIONS"], *CUPYS))
    entries = dict(re.findall(r"\.entry (\w+)\(([^)]*)\)", compiled))
    declared = kernels_in(code)
    assert {name: text.count(".param") for name, text in entries.items()} == {
        name: len(parameters) for name, parameters in declared.items()
    }
    # 4 KiB is what every GPU takes of arguments.
    sizes = [
        int(size) for text in entries.values() for size in re.findall(r"\.b8 \w+\[(\d+)\]", text)
    ]
    assert all(size < 4096 - 256 for size in sizes)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_kernel_is_launched_by_its_family(family: str) -> None:
    assert kernels_in(source(family, "float32")).keys() <= launched(family)


def test_every_data_type_has_a_meaning() -> None:
    text = (FOLDER / "scalar.cuh").read_text()
    assert all(word in text for word in constants()["TYPES"].values() if word != "SINGLE")


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_single_precision_does_no_arithmetic_in_double(family: str, dtype: str) -> None:
    """Many GPUs have few units for it: doubles come as arguments, and are turned into floats."""
    compiled = nvrtc.ptx(source(family, dtype), 90, constants()["OPTIONS"])
    found = set(re.findall(r"\n\s*(\S*\.f64\S*)", compiled))
    assert found <= {"cvt.rn.f32.f64", "ld.param.f64"}
