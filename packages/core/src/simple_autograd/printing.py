"""How a Variable prints: its values as NumPy prints them, and where its gradient comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["variable_repr"]


def variable_repr(variable: Variable) -> str:
    """Give ``Variable([...], dtype=…, backend=…, grad_fn=… or requires_grad=True)``; defaults are left out."""
    name = type(variable).__name__
    backend = variable._backend
    array = repr(backend.to_numpy(variable._raw))
    opening, closing = array.index("(") + 1, array.rindex(")")
    # NumPy has aligned the rows for its own word "array"; shift them for ours.
    shift = " " * (len(name) - len("array"))
    values = array[opening:closing].replace("\n", "\n" + shift)
    extras = []
    if not backend.is_host:
        extras.append(f"backend={backend.name!r}")
    if variable.grad_fn is not None:
        extras.append(f"grad_fn={variable.grad_fn!r}")
    elif variable.requires_grad:
        extras.append("requires_grad=True")
    return f"{name}({', '.join([values, *extras])})"
