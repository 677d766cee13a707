"""``raises``: an exception expected by the words of its message."""

from __future__ import annotations

import re

import pytest


def raises(
    exception: type[BaseException] | tuple[type[BaseException], ...], *words: str
) -> pytest.RaisesExc:
    """Expect an exception whose message has these words, in this order."""
    return pytest.raises(exception, match="(?s)" + ".*".join(map(re.escape, words)))
