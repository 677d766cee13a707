"""``docs/ops.md`` is what its program gives: nobody has to remember to write it again."""

from __future__ import annotations

import pytest

from simple_autograd.backends import get_backend


@pytest.mark.skipif(get_backend().name != "numpy", reason="it is written on the NumPy backend")
def test_the_page_of_functions_is_current() -> None:
    pytest.importorskip("scipy")
    from docs import generate_ops

    assert generate_ops.PAGE.read_text(encoding="utf-8") == generate_ops.page(), (
        "write it again: python -m docs.generate_ops"
    )
