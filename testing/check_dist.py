"""What must and must not be in the built wheels and sdists; ``nox -s build`` runs it on dist/.

The four packages share one import package, so a file in the wrong wheel would overwrite a
neighbour's.
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

# The folder that each wheel may fill, and a file that shows that its content is there.
HOMES = {
    "simple_autograd": ("simple_autograd/", "simple_autograd/__init__.py"),
    "simple_autograd_nn": ("simple_autograd/nn/", "simple_autograd/nn/__init__.py"),
    "simple_autograd_datasets": (
        "simple_autograd/datasets/",
        "simple_autograd/datasets/data/train-images-idx3-ubyte.xz",
    ),
    "simple_autograd_backend_cupy": (
        "simple_autograd_cupy/",
        "simple_autograd_cupy/kernels/scalar.cuh",
    ),
}
KINDS = (".py", ".typed", ".xz", ".cu", ".cuh", "RAW_SHA256", "README.md")
CORE_LIMIT = 1_000_000


def faults_of_wheel(path: Path) -> list[str]:
    """Name what is wrong with a wheel."""
    package = path.name.split("-")[0]
    home, witness = HOMES[package]
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    content = [name for name in names if ".dist-info/" not in name]
    faults = [f"{name} is outside {home}" for name in content if not name.startswith(home)]
    faults += [f"{name} is a stray file" for name in content if not name.endswith(KINDS)]
    faults += [
        f"{name} is another package's"
        for name in content
        for other, (room, _) in HOMES.items()
        if other != package and room.startswith(home) and name.startswith(room)
    ]
    for needed in (witness, f"{home}py.typed"):
        if needed not in content:
            faults.append(f"{needed} is missing")
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in names):
        faults.append("the LICENSE is missing")
    if package == "simple_autograd" and path.stat().st_size > CORE_LIMIT:
        faults.append(f"it has {path.stat().st_size:,} bytes; the core stays under {CORE_LIMIT:,}")
    return faults


def faults_of_sdist(path: Path) -> list[str]:
    """Name what an sdist lacks. That a wheel can be built from it, its building has shown."""
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"}
    return [f"{name} is missing" for name in sorted(needed - names)]


def main(dist: Path) -> None:
    """Check every archive in `dist`, and that none is missing."""
    wheels, sdists = sorted(dist.glob("*.whl")), sorted(dist.glob("*.tar.gz"))
    faults = {path: faults_of_wheel(path) for path in wheels}
    faults |= {path: faults_of_sdist(path) for path in sdists}
    for path, found in faults.items():
        print(f"{path.name}: {path.stat().st_size:,} bytes", *found, sep="\n    FAULT: ")
    if not len(wheels) == len(sdists) == len(HOMES):
        sys.exit(
            f"needed are {len(HOMES)} wheels and sdists; there are {len(wheels)} and {len(sdists)}"
        )
    if any(faults.values()):
        sys.exit("what was built is not what it should be; see above")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
