"""Every check of the project, one session each; nothing else knows how to run them.

``nox --list`` prints the sessions, ``nox -s tests -- -k softmax`` hands pytest arguments. Callers:
people (CONTRIBUTING.md has the table) and ``.ci/run``. The helpers are at the end.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
# nox itself depends on virtualenv, so this one is there wherever nox is.
nox.options.default_venv_backend = "virtualenv"
# A machine has the interpreters that it has, a CI machine too.
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "typing", "tests", "lowest", "core_only", "wheels"]

ROOT = Path(__file__).parent
DIST = ROOT / "dist"
PACKAGES = ["packages/core", "packages/nn", "packages/datasets", "packages/backend-cupy"]
PYTHONS = nox.project.python_versions(nox.project.load_toml("packages/core/pyproject.toml"))
OLDEST = PYTHONS[0]

TEST_TOOLS = ["pytest>=8,<10", "pytest-xdist>=3.6,<4", "hypothesis>=6.100,<7"]
STRICT = "array-api-strict>=2.4,<3"
TORCH = "torch==2.13.0"
# What PyTorch's own tables of samples need (tests/pytorch_samples).
TORCH_SAMPLES = "expecttest>=0.3,<1"
# What simple_autograd.special needs; where it is missing (core_only), its tests are left out.
SCIPY = "scipy>=1.14.1,<2"
# Shows that other libraries' code differentiates through Variables (docs/scipy.md).
SCIKIT_LEARN = "scikit-learn>=1.8,<2"
# What the datasets download with, tried on a server of the test's own.
POOCH = "pooch>=1.8,<2"
# The type bfloat16 for NumPy, and so for CuPy.
BFLOAT16 = "ml_dtypes>=0.5,<1"
# Compiles the CUDA sources of backend-cupy, without a GPU.
CUDA_SOURCES = ["nvidia-cuda-nvrtc>=13,<14", BFLOAT16]
# With it the double of CuPy is compared, whose names need no GPU; elsewhere there are no wheels.
CUPY = "cupy-cuda13x==14.2.*; sys_platform == 'linux' and platform_machine == 'x86_64'"
# Another way to cuBLAS, whose names and numbers are compared; it needs no GPU either.
NVMATH = "nvmath-python>=1,<2; sys_platform == 'linux' and platform_machine == 'x86_64'"
# What runs on the double of CuPy, where nobody says what to run: values and gradients of all ops and layers.
ON_DOUBLE = [
    *("tests/core/test_op_values.py", "tests/core/test_op_gradients.py", "tests/nn/test_layers.py"),
    *("tests/core/test_backends.py", "tests/core/test_indexing.py", "tests/core/test_variable.py"),
    *(
        "-k",
        "value_is_numpys or first_order or value_and_gradients or backends or indexing or variable",
    ),
]
# CUDA's headers, which CuPy's kernels include; for the emulated GPU (tests/backend_cupy/emulated).
CUDA_HEADERS = ["nvidia-cuda-runtime>=13,<14", "nvidia-cuda-crt>=13,<14", BFLOAT16]
# On a GPU, and on the emulated one, signs of singular vectors, what an integer divided by 0 gives, gammaln of the
# smallest numbers (SciPy's is infinite) and Bessel functions of infinity (SciPy's are NaN) are others.
NOT_ON_GPU = [
    f"--deselect=tests/core/test_op_values.py::test_value_is_numpys[{name}]"
    for name in ("svd", "reciprocal", "gammaln", "i0", "i1")
]
# What the examples draw with.
PICTURES = ["matplotlib>=3.9,<4", "tqdm>=4.66,<5"]

# Each of pytest's workers is one process of one thread: more threads than cores cost time.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# A checkout of the array API standard's own suite (see docs/array_api.md), and of which version.
SUITE = os.environ.get("ARRAY_API_TESTS", "")
STANDARD = "2024.12"

# The session of this run that PyTorch belongs to: one comparison is enough for a download so large.
tested_with_torch: list[str] = []


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run every test, on each Python that is installed, on NumPy and on array-api-strict.

    PyTorch, the oracle, joins on the first of them, if pip has a CPU build of it there. There too a
    selection runs on the double of CuPy; with arguments, that is what they select.
    """
    editable(session, *PACKAGES)
    session.install(*TEST_TOOLS, STRICT, SCIPY, SCIKIT_LEARN, POOCH, *PICTURES, *CUDA_SOURCES)
    if not tested_with_torch:
        tested_with_torch.append(session.name)
        install_torch(session)
        session.install(TORCH_SAMPLES, CUPY, NVMATH)
    for backend in ("numpy", "strict"):
        session.run(
            "pytest", "-n", "auto", f"--backend={backend}", *session.posargs, env=ONE_THREAD
        )
    if session.name in tested_with_torch:
        selected = session.posargs or ON_DOUBLE
        session.run("pytest", "-n", "auto", "--backend=cupy-double", *selected, env=ONE_THREAD)


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the tests on the oldest Python with the lowest versions that the packages allow."""
    session.install("-r", "testing/lowest.txt", *_editable(PACKAGES), *TEST_TOOLS, STRICT)
    session.run("pytest", "-n", "auto", *session.posargs, env=ONE_THREAD)


@nox.session(requires=["build"])
def core_only(session: nox.Session) -> None:
    """Test the core as a whole product: its wheel, NumPy and pytest, and nothing else of ours."""
    session.install(*wheels_of("packages/core"), "pytest>=8,<10")
    session.run("python", "testing/smoke.py", "core")
    session.run("pytest", "tests/core", "tests/test_readme.py", *session.posargs)


# Without the suite there is nothing to build the wheel for.
@nox.session(requires=["build"] if SUITE else [])
def array_api(session: nox.Session) -> None:
    """Run the array API standard's own suite, from the checkout $ARRAY_API_TESTS, on the core's wheel."""
    checkout = Path(SUITE).absolute()
    if not SUITE or not (checkout / "array_api_tests").is_dir():
        session.error(
            f"ARRAY_API_TESTS is {SUITE!r}; needed is the folder of a checkout of the suite: git clone "
            f"--recurse-submodules https://github.com/data-apis/array-api-tests, then ARRAY_API_TESTS=array-api-tests "
            f"nox -s array_api"
        )
    if not (checkout / "array-api" / "spec").is_dir():
        session.error(
            f"ARRAY_API_TESTS: {checkout} lacks its submodule array-api. Run there: git submodule update --init"
        )
    session.install(*wheels_of("packages/core"), "-r", str(checkout / "requirements.txt"))
    own = ROOT / "tests" / "array_api"
    with session.chdir(checkout):
        session.run(
            *("pytest", "array_api_tests", "-p", "seeded", "-p", "no:cacheprovider", "-rfEX"),
            *("--derandomize", "--disable-deadline", "--max-examples=25"),
            *(f"--xfails-file={own / 'xfails.txt'}", *session.posargs),
            env={
                # NumPy's, for a comparison: ARRAY_API_TESTS_MODULE=numpy.
                "ARRAY_API_TESTS_MODULE": os.environ.get(
                    "ARRAY_API_TESTS_MODULE", "simple_autograd"
                ),
                "ARRAY_API_TESTS_VERSION": STANDARD,
                "PYTHONPATH": str(own),  # seeded.py
                **ONE_THREAD,
            },
        )


@nox.session
def build(session: nox.Session) -> None:
    """Build the four wheels, each from its sdist, into dist/, and check what is in them."""
    session.install("build>=1.2")
    for old in [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]:
        old.unlink()
    for package in PACKAGES:
        session.run("python", "-m", "build", "--outdir", str(DIST), package, silent=True)
    session.run("python", "testing/check_dist.py", str(DIST))


@nox.session(requires=["build"])
def wheels(session: nox.Session) -> None:
    """Install the core's wheel alone and try it, then all four, and train on MNIST batches."""
    session.install(*wheels_of("packages/core"))
    session.run("python", "testing/smoke.py", "core")
    session.install(*wheels_of(*PACKAGES))
    session.run("python", "testing/smoke.py", "all")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff; ``-- --fix`` mends what ruff can mend."""
    # One version exactly: the next one may format differently.
    session.install("ruff==0.17.6")
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []))
    session.run("ruff", "format", *([] if fix else ["--check"]))


@nox.session(requires=["build"])
def typing(session: nox.Session) -> None:
    """Type-check the installed wheels, and a user's program against them, with mypy."""
    session.install("mypy==2.4.1", *wheels_of(*PACKAGES))
    session.run("mypy", "-p", "simple_autograd", "-p", "simple_autograd_cupy")
    session.run("mypy", "tests/typing")


@nox.session(reuse_venv=True)
def train(session: nox.Session) -> None:
    """Train on the whole of MNIST; arguments go to examples/mnist.py (an MLP, 10 epochs)."""
    editable(session, "packages/core", "packages/nn", "packages/datasets")
    session.install(*PICTURES)
    session.run(
        "python", "examples/mnist.py", *(session.posargs or ["--model", "mlp", "--epochs", "10"])
    )


@nox.session(reuse_venv=True)
def bench(session: nox.Session) -> None:
    """Measure side by side with PyTorch, if it installs; arguments go to benchmarks/run.py."""
    editable(session, "packages/core", "packages/nn", "packages/datasets")
    install_torch(session)
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session(reuse_venv=True)
def gpu(session: nox.Session) -> None:
    """Run the tests marked ``gpu``, with CuPy for CUDA 13, or ``-- cuda12`` for CUDA 12."""
    cuda = "cuda12" if "cuda12" in session.posargs else "cuda13"
    extras = f"{cuda},{cuda.replace('cuda', 'nvmath')}"
    session.install(*_editable(PACKAGES[:-1]), "-e", f"{PACKAGES[-1]}[{extras}]")
    session.install(*TEST_TOOLS, STRICT, SCIPY, BFLOAT16)
    arguments = [argument for argument in session.posargs if argument not in ("cuda12", "cuda13")]
    session.run("pytest", "-m", "gpu", *arguments)


@nox.session
def emulated(session: nox.Session) -> None:
    """Run the tests marked ``gpu``, and those that run on the double, on CuPy with an emulated GPU; needs g++."""
    editable(session, *PACKAGES)
    session.install(*TEST_TOOLS, STRICT, SCIPY, CUPY, NVMATH, *CUDA_HEADERS)
    install_torch(session)  # what layers are compared with
    pytest = ("pytest", "-n", "auto", "--backend=cupy-emulated")
    if session.posargs:
        session.run(*pytest, *session.posargs, env=ONE_THREAD)
        return
    session.run(*pytest, "-m", "gpu", env=ONE_THREAD)
    session.run(*pytest, *ON_DOUBLE, *NOT_ON_GPU, env=ONE_THREAD)
    two = {"EMULATED_DEVICES": "2", **ONE_THREAD}
    session.run(*pytest, "-m", "gpu", "tests/backend_cupy/test_on_gpu.py", env=two)


# Helpers
# ----------------------------------------------------------------------------------------------


def editable(session: nox.Session, *packages: str) -> None:
    """Install packages of ours so that they run from the source tree."""
    session.install(*_editable(packages))


def _editable(packages: list[str] | tuple[str, ...]) -> list[str]:
    return [part for package in packages for part in ("-e", package)]


def wheels_of(*packages: str) -> list[str]:
    """Name the wheels in dist/ of the packages of these folders."""
    names = [
        nox.project.load_toml(f"{package}/pyproject.toml")["project"]["name"]
        for package in packages
    ]
    return [
        str(path) for name in names for path in DIST.glob(f"{name.replace('-', '_')}-[0-9]*.whl")
    ]


def install_torch(session: nox.Session) -> None:
    """Install PyTorch if pip resolves it to a CPU build; else print why not, and do without."""
    report = Path(session.create_tmp()) / "torch.json"
    report.unlink(missing_ok=True)
    session.run(
        *("python", "-m", "pip", "install", "--dry-run", "--quiet", "--report", str(report), TORCH),
        silent=True,
        success_codes=range(256),
    )
    if not report.exists():
        session.warn(f"Without PyTorch: pip finds no {TORCH} for this Python.")
        return
    names = [item["metadata"]["name"] for item in json.loads(report.read_text())["install"]]
    heavy = [name for name in names if name.lower().startswith(("nvidia-", "cuda"))]
    if heavy:
        session.warn(
            f"Without PyTorch: pip has only its CUDA build here, with {len(heavy)} packages such as "
            f"{heavy[0]}, gigabytes. Comparisons with PyTorch are skipped."
        )
        return
    session.install(TORCH)
