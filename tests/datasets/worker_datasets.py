"""Datasets and functions for ``test_workers.py``, in a module that worker processes can import."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import numpy as np

from simple_autograd.datasets import batch_generator


class Squares:
    """Items (i, i * i) and, in a folder, a file for each process that read one."""

    def __init__(self, folder=None, length=20, seconds=0.0):
        self.folder, self.length, self.seconds = folder, length, seconds

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if self.folder is not None:
            Path(self.folder, str(os.getpid())).touch()
        time.sleep(self.seconds)
        return index, index * index


class Images(Squares):
    """Images, so large that they come through shared memory."""

    def __getitem__(self, index):
        super().__getitem__(index)
        return np.full((3, 40, 50), index, np.float32), index


class Stuck(Squares):
    """Whose items come at once up to number 2, and then not any more."""

    def __getitem__(self, index):
        if index > 2:
            time.sleep(600)
        return super().__getitem__(index)


class Drawing(Squares):
    """What Python's, NumPy's and the loader's generators give."""

    def __getitem__(self, index):
        drawn = random.random(), np.random.random(), batch_generator().random()  # noqa: NPY002
        return np.array([index, *drawn])


class Failing(Squares):
    """Item 7 raises `error`."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def __getitem__(self, index):
        if index == 7:
            raise self.error
        return index


class PickyError(Exception):
    """Nothing that pickle brings back."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


class PickyFailing(Squares):
    def __getitem__(self, index):
        raise PickyError(1, 2)


class Killed(Squares):
    """Item 7 ends the process that reads it, by a signal or by itself."""

    def __init__(self, by_signal):
        super().__init__()
        self.by_signal = by_signal

    def __getitem__(self, index):
        if index == 7:
            if self.by_signal:
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(3)
        return index


def as_names(items):
    return {"names": [f"no. {x}" for x, _ in items], "squares": np.array([y for _, y in items])}


def ragged(items):
    """Give arrays of several sizes, one of them empty and one not in row-major order."""
    number = items[0][0]
    return {
        "empty": np.zeros((0, 3)),
        "large": np.full(30_000 + number, number),
        "columns": np.arange(12.0).reshape(3, 4).T,
        "strided": np.arange(10)[::2],
    }


def refuse(worker):
    raise RuntimeError(f"worker {worker} has no disk")
