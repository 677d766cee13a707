"""PyTorch's samples are about its conventions, which one backend shows. What backends do is compared elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.getoption("--backend") != "numpy" else None
