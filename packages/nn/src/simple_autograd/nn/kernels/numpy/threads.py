"""Work on several threads: a kernel splits what it does, and each thread makes products of its own.

NumPy lets other threads run while it computes, so Python's threads are enough. BLAS would split every product over all
cores itself, and leave all but one idle in between; while a kernel is split, products are made on the thread that asks
for them. There are as many threads as BLAS has: ``OMP_NUM_THREADS`` and threadpoolctl limit both.

Waking a thread costs 30 microseconds, and so may each time that one waits for another between two calls of NumPy. So
only work of which single calls last that long is split. And OpenBLAS's own threads look for work on their cores for
25 ms after each product, so that what is split meanwhile gains little: products that are large enough for BLAS to share
out are left to it (docs/decisions/0014).
"""

from __future__ import annotations

import contextvars
import functools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["one_thread", "split"]

Work = Callable[[int, int], None]


def split(work: Work, most: int) -> None:
    """Call ``work(worker, workers)`` once for each worker, at the same time.

    Parameters
    ----------
    work
        Does the part of a worker. Where numbers are added up, the parts must depend on `workers` alone, so that
        rounding does not change from run to run.
    most
        How many workers there may be at most.
    """
    if most < 2:
        work(0, 1)
        return
    workers = min(_blas.limit(), most)
    try:
        _team.run(work, workers)
    finally:
        _blas.restore()


@contextmanager
def one_thread() -> Iterator[None]:
    """Have products be made on the thread that asks for them, within a ``with`` block."""
    _blas.limit()
    try:
        yield
    finally:
        _blas.restore()


class _Blas:
    """How many threads BLAS makes a product on; that is one number for the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits = 0
        self._threads: list[int] = []

    def limit(self) -> int:
        """Let products be made on the threads that ask for them, until `restore`; give how many it were before."""
        with self._lock:
            if not self._limits:
                self._threads = [library.num_threads for library in _libraries()]
                self._set([1] * len(self._threads))
            self._limits += 1
            return max(self._threads, default=1)

    def restore(self) -> None:
        with self._lock:
            self._limits -= 1
            if not self._limits:
                self._set(self._threads)

    def _set(self, threads: list[int]) -> None:
        for library, number, before in zip(_libraries(), threads, self._threads, strict=True):
            if before > 1:
                library.set_num_threads(number)


@functools.cache
def _libraries() -> list[Any]:
    """Find the BLAS that are loaded."""
    from threadpoolctl import ThreadpoolController

    libraries: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return libraries


class _Member:
    """A thread that waits for work."""

    def __init__(self) -> None:
        self._begin = threading.Lock()
        self._end = threading.Lock()
        self._begin.acquire()
        self._end.acquire()
        self._job: Callable[[], None] = lambda: None
        self._error: BaseException | None = None
        threading.Thread(target=self._serve, name="simple_autograd", daemon=True).start()

    def begin(self, job: Callable[[], None]) -> None:
        self._job = job
        self._begin.release()

    def end(self) -> BaseException | None:
        """Wait until the job is done; give what it raised."""
        self._end.acquire()
        error, self._error = self._error, None
        return error

    def _serve(self) -> None:
        while True:
            self._begin.acquire()
            try:
                self._job()
            except BaseException as error:
                self._error = error
            self._job = lambda: None
            self._end.release()


class _Team:
    """The threads beside the one that calls. One kernel has them at a time; another one meanwhile works alone."""

    def __init__(self) -> None:
        self.forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Have no members: a fork of the process has none of its threads."""
        self._free = threading.Lock()
        self._members: list[_Member] = []

    def run(self, work: Work, workers: int) -> None:
        """Call ``work(worker, workers)`` for each worker."""
        if workers == 1 or not self._free.acquire(blocking=False):
            for worker in range(workers):
                work(worker, workers)
            return
        ended = False
        try:
            while len(self._members) < workers - 1:
                self._members.append(_Member())
            members = self._members[: workers - 1]
            for worker, member in enumerate(members, 1):
                # What NumPy is to do about overflow and the like (np.errstate) belongs to the caller's context.
                run = contextvars.copy_context().run
                member.begin(functools.partial(run, work, worker, workers))
            try:
                work(0, workers)
            finally:
                errors = [member.end() for member in members]
                ended = True
            for error in errors:
                if error is not None:
                    raise error
        finally:
            if not ended:  # Ctrl-C: one may still be at work, and would answer the next call with this one's end
                self._members = []
            self._free.release()


_blas = _Blas()
_team = _Team()
