"""Kernels that split their work over threads: the same results for any number of them, and nothing left behind."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from simple_autograd.nn.kernels.numpy import threads

pytestmark = pytest.mark.usefixtures("numpy_only")


@pytest.fixture
def numpy_only(backend):
    if not backend.is_host:
        pytest.skip("they are NumPy's kernels")


@pytest.fixture
def workers(monkeypatch):
    """Give a function that has BLAS seem to have so many threads."""

    def have(number):
        monkeypatch.setattr(threads._blas, "limit", lambda: number)
        monkeypatch.setattr(threads._blas, "restore", lambda: None)

    return have


def test_each_worker_is_called_once_and_together(workers):
    workers(4)
    met, meeting = [], threading.Barrier(4, timeout=30)

    def work(worker, workers):
        meeting.wait()
        met.append((worker, workers))

    threads.split(work, 9)
    assert sorted(met) == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_no_more_workers_than_the_work_repays(workers):
    workers(8)
    met = []
    threads.split(lambda worker, workers: met.append((worker, workers)), 1)
    threads.split(lambda worker, workers: met.append((worker, workers)), 0)
    assert met == [(0, 1), (0, 1)]


@pytest.mark.parametrize("guilty", [0, 2])
def test_an_error_reaches_the_caller_and_the_next_work_goes_on(workers, guilty):
    workers(3)

    def work(worker, workers):
        if worker == guilty:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        threads.split(work, 3)
    met = []
    threads.split(lambda worker, workers: met.append(worker), 3)
    assert sorted(met) == [0, 1, 2]


def test_ctrl_c_while_another_thread_is_at_work(workers, monkeypatch):
    """What comes next must not take the end of the interrupted work for its own."""
    workers(2)
    slow, done = threading.Event(), []
    end = threads._Member.end

    def interrupted(member):
        monkeypatch.setattr(threads._Member, "end", end)
        raise KeyboardInterrupt

    threads.split(lambda worker, workers: None, 2)
    monkeypatch.setattr(threads._Member, "end", interrupted)
    with pytest.raises(KeyboardInterrupt):
        threads.split(lambda worker, workers: worker and slow.wait(30), 2)

    def work(worker, workers):
        if worker:
            slow.set()
            time.sleep(0.2)
        done.append(worker)

    threads.split(work, 2)
    assert sorted(done) == [0, 1]


def test_work_within_work_is_done_by_one_thread(workers):
    workers(2)
    met = []

    def inner(worker, workers):
        met.append((worker, threading.get_ident()))

    def outer(worker, workers):
        if worker == 0:
            threads.split(inner, 2)

    threads.split(outer, 2)
    assert [worker for worker, _ in met] == [0, 1]
    assert len({thread for _, thread in met}) == 1


def test_the_callers_handling_of_overflow_holds_in_all_threads(workers):
    workers(2)

    def work(worker, workers):
        np.float32([1e38]) * np.float32(10)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(over="ignore"):
            threads.split(work, 2)


@pytest.mark.parametrize("way", ["split", "one_thread"])
def test_blas_has_its_threads_back_afterwards(way):
    controller = pytest.importorskip("threadpoolctl").ThreadpoolController()
    libraries = controller.select(user_api="blas").lib_controllers
    if not libraries:
        pytest.skip("NumPy's BLAS is none that threadpoolctl knows")

    def work(*_):
        assert all(library.num_threads == 1 for library in libraries)
        raise KeyError("even so")

    def within():
        with threads.one_thread():
            work()

    with controller.limit(limits=2, user_api="blas"):
        with pytest.raises(KeyError, match="even so"):
            threads.split(work, 2) if way == "split" else within()
        assert all(library.num_threads == 2 for library in libraries)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_of_the_process_makes_threads_of_its_own(workers):
    workers(2)
    threads.split(lambda worker, workers: None, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's, on forks beside threads
        child = os.fork()
    if not child:
        met = []
        threads.split(lambda worker, workers: met.append(worker), 2)
        os._exit(0 if sorted(met) == [0, 1] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
