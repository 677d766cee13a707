"""Every Python example in a README, and in some of ``docs/``, runs, and gives what it says it gives.

The ``python`` blocks of one file run in order, in one namespace. A line that is an expression and
ends in a comment which is a value, as in ``v.grad  # array([3., 3., 3.])``, is held against the
value's ``repr``. A block below ``<!-- needs: gpu -->`` runs only where there is a GPU, and one
that imports a package of ours only where that is installed.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simple_autograd.backends import get_backend, set_backend

pytestmark = pytest.mark.not_strict("it runs on NumPy, whatever the backend of the run is")

ROOT = Path(__file__).parents[1]
READMES = [
    path
    for path in [
        ROOT / "README.md",
        ROOT / "docs" / "from_pytorch.md",
        ROOT / "docs" / "graph.md",
        *sorted(ROOT.glob("packages/*/README.md")),
    ]
    if path.exists()
]
BLOCK = re.compile(
    r"^(?P<needs><!-- needs: gpu -->\n+)?```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
# A comment that is prose, such as "# the gradient", is no value.
VALUE = re.compile(
    r"""#\s*(?P<value>(?:array|tensor|Variable)\(.*|[-\d(\['"].*|True|False|None)$"""
)
# The packages of ours that an example may need and the core does without.
OPTIONAL = ("simple_autograd.nn", "simple_autograd.datasets")


class Block(NamedTuple):
    """One example: its code, the line of the file it begins on, and whether it needs a GPU."""

    code: str
    line: int
    needs_gpu: bool


def blocks_of(text: str) -> list[Block]:
    return [
        Block(
            found["code"], text.count("\n", 0, found.start("code")) + 1, found["needs"] is not None
        )
        for found in BLOCK.finditer(text)
    ]


def imported(code: str) -> set[str]:
    """Name the modules that the code imports, and the packages that they lie in."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {
        ".".join(parts[:n])
        for parts in (name.split(".") for name in names)
        for n in range(1, len(parts) + 1)
    }


def run(block: Block, namespace: dict[str, Any], filename: str) -> None:
    """Run an example statement by statement, and compare the values that its comments give."""
    lines = block.code.splitlines()
    for statement in ast.parse(block.code).body:
        comment = VALUE.search(lines[(statement.end_lineno or 1) - 1])
        # The file's own line numbers, so that a traceback points into the README.
        ast.increment_lineno(statement, block.line - 1)
        if isinstance(statement, ast.Expr):
            value = eval(compile(ast.Expression(statement.value), filename, "eval"), namespace)
            if comment:
                given, expected = " ".join(repr(value).split()), " ".join(comment["value"].split())
                assert given == expected, f"{filename}:{statement.lineno} gives {given}"
        else:
            exec(compile(ast.Module([statement], []), filename, "exec"), namespace)


def examples() -> list[Any]:
    return [
        pytest.param(
            path,
            gpu,
            id=f"{'project' if path.parent == ROOT else path.parent.name}{'-gpu' if gpu else ''}",
            marks=[pytest.mark.gpu] * gpu,
        )
        for path in READMES
        for gpu in (False, True)
        if any(block.needs_gpu == gpu for block in blocks_of(path.read_text()))
    ]


@pytest.mark.parametrize(("path", "gpu"), examples())
def test_examples(path: Path, gpu: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [block for block in blocks_of(path.read_text()) if block.needs_gpu == gpu]
    absent = {name for name in OPTIONAL if importlib.util.find_spec(name) is None}
    blocks = [block for block in blocks if not absent & imported(block.code)]
    if not blocks:
        pytest.skip(f"not installed, and needed here: one of {', '.join(sorted(absent))}")
    monkeypatch.chdir(tmp_path)
    # An example says for itself what it runs on; it starts where a user starts, on NumPy.
    before = get_backend()
    set_backend("numpy")
    try:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for block in blocks:
            run(block, namespace, str(path.relative_to(ROOT)))
    finally:
        set_backend(before)


def test_every_python_block_is_seen() -> None:
    """A fence that the pattern misses would be an example that never runs."""
    for path in READMES:
        text = path.read_text()
        assert len(blocks_of(text)) == len(re.findall(r"```\s*(?:python|py)\b", text)), path


def test_a_wrong_value_in_a_comment_fails() -> None:
    block = Block("x = 1\nx + 1  # 3\n", 7, False)
    with pytest.raises(AssertionError, match=r"README:8 gives 2"):
        run(block, {}, "README")


def test_prose_in_a_comment_is_no_value() -> None:
    run(Block("x = 1\nx + 1  # one more\n", 1, False), {}, "README")
