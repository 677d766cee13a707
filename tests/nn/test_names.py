"""Every public name of PyTorch's is here or is missing for a reason, and ``docs/nn.md`` says so."""

from __future__ import annotations

import pytest

from tests.nn.nn_names import DOCUMENT, REASONS, SPACES, names_of, ours, render

pytestmark = pytest.mark.not_strict("no array is in it")

each_space = pytest.mark.parametrize("space", SPACES)


@each_space
def test_what_is_missing_is_missing_for_a_reason(space, torch):
    missing = names_of(space) - set(ours(space))
    assert missing - set(REASONS[space]) == set(), "decide in tests/nn/nn_names.py"
    assert set(REASONS[space]) - missing == set(), "these are here, or no longer PyTorch's"


def test_the_document_is_as_it_is_made(torch):
    assert DOCUMENT.read_text() == render(), "run: python -m tests.nn.nn_names"
