"""What the pages of names (``docs/methods.md``, ``docs/nn.md``) are made with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["first_line", "missing_table", "wrapped"]


def missing_table(missing: Iterable[str], reasons: Mapping[str, str]) -> list[str]:
    """Give the lines of a table of names that are missing, by the reason for it."""
    names: dict[str, list[str]] = {}
    for name in missing:
        names.setdefault(reasons.get(name, "**Not decided.**"), []).append(f"`{name}`")
    rows = [f"| {' '.join(those)} | {reason} |" for reason, those in names.items()]
    return ["", "| missing | why |", "|---|---|", *rows] if rows else []


def wrapped(names: Iterable[str]) -> str:
    """Give names as code, in lines that are not too long."""
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) + 3 > 110:
            lines.append(line)
            line = ""
        line += f"{' ' if line else ''}`{name}`"
    return "\n".join([*lines, line])


def first_line(value: Any) -> str:
    """Give the first line of a docstring, for a cell of a table."""
    return (inspect.getdoc(value) or "").split("\n", 1)[0].replace("|", "\\|")
