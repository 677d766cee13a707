"""A pytest plugin for the standard's own suite: the same examples every time (``nox -s array_api`` loads it).

``--derandomize`` does that for what Hypothesis draws itself; but the suite's special cases take one
of many examples by Python's global generator, which is seeded here, test by test.
"""

from __future__ import annotations

import random

import pytest


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Seed Python's generator before a test."""
    random.seed(0)
