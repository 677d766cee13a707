"""Every public method of PyTorch's and NumPy's arrays is here, or ``docs/methods.md`` says why not."""

from __future__ import annotations

import pytest

from tests.core.method_names import DOCUMENT, REASONS, missing, ours, render, theirs

pytestmark = pytest.mark.not_strict("no array is in it")


@pytest.mark.parametrize("owner", REASONS)
def test_what_is_missing_is_missing_for_a_reason(owner, torch):
    undecided = {name for name, why in missing(owner).items() if why is None}
    assert undecided == set(), "decide in tests/core/method_names.py"
    assert set(REASONS[owner]) - (theirs(owner) - ours()) == set(), "these are here, or not theirs"


def test_the_document_is_as_it_is_made(torch):
    assert DOCUMENT.read_text() == render(), "run: python -m tests.core.method_names"
