"""In what products of float32 matrices are computed; ``matmul.py`` asks."""

from __future__ import annotations

__all__ = ["get_float32_matmul_precision", "set_float32_matmul_precision"]

_PRECISIONS = ("highest", "high", "medium")

_precision = ["highest"]


def set_float32_matmul_precision(precision: str) -> None:
    """Say in what products of float32 matrices are computed (PyTorch's function, and its meaning).

    Parameters
    ----------
    precision
        ``"highest"``: float32, as it is by default. ``"high"``: TF32, with 10 bits of the fraction, several times
        faster on GPUs that have it. ``"medium"``: bfloat16, with 7. The sums are float32 in each.

    Raises
    ------
    ValueError
        If it is none of these.

    Notes
    -----
    A captured step (`graph`) keeps what was set when it was captured.
    """
    if precision not in _PRECISIONS:
        raise ValueError(
            f"set_float32_matmul_precision: precision is {precision!r}; needed is one of {', '.join(_PRECISIONS)}."
        )
    _precision[0] = precision


def get_float32_matmul_precision() -> str:
    """Give what `set_float32_matmul_precision` has set."""
    return _precision[0]
