"""DataLoader(prefetch=n): the same batches in the same order, and a thread that never outlives its loop."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from simple_autograd.backends import NumPyBackend, use_backend
from simple_autograd.datasets import DataLoader, RandomHorizontalFlip, TensorDataset


class Counting:
    """A dataset of numbers that keeps which were asked for, and may fail at one batch."""

    def __init__(self, length=20, fails_at=None, error=ZeroDivisionError):
        self.length, self.fails_at, self.error = length, fails_at, error
        self.asked = []
        self.threads = set()
        self.reached = threading.Semaphore(0)

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        raise AssertionError("a dataset with take is not asked by item")

    def take(self, rows):
        numbers = np.arange(self.length)[rows]
        self.asked.append(numbers.tolist())
        self.threads.add(threading.current_thread())
        self.reached.release()
        if self.fails_at is not None and self.fails_at in numbers:
            raise self.error("the disk is gone")
        return numbers


def waiting_threads():
    return [thread for thread in threading.enumerate() if "prefetch" in thread.name]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert waiting_threads() == []


@pytest.mark.parametrize("prefetch", [1, 2, 50])
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_same_batches_in_the_same_order(host, prefetch, shuffle):
    plain, ahead = (
        DataLoader(Counting(), 3, shuffle, seed=1, prefetch=number) for number in (0, prefetch)
    )
    for _ in range(2):
        expected = [host(batch).tolist() for batch in plain]
        assert [host(batch).tolist() for batch in ahead] == expected
    assert len(ahead) == len(plain) == 7


def test_random_transforms_draw_the_same():
    images = np.arange(8 * 9, dtype=np.float32).reshape(8, 1, 3, 3)

    class Flipped(TensorDataset):
        def __init__(self):
            super().__init__(images)
            self.flip = RandomHorizontalFlip(generator=3)

        def take(self, indices):
            return (self.flip(super().take(indices)[0]),)

    batches = [
        [batch for (batch,) in DataLoader(Flipped(), 2, prefetch=number, backend="numpy")]
        for number in (0, 2)
    ]
    np.testing.assert_array_equal(*batches)


def test_it_reads_in_another_thread_and_no_further_ahead_than_told():
    dataset = Counting()
    batches = iter(DataLoader(dataset, 2, prefetch=3))
    assert dataset.asked == []
    next(batches)
    # One was taken, three wait, one is in the thread's hands.
    for _ in range(5):
        assert dataset.reached.acquire(timeout=10)
    assert not dataset.reached.acquire(timeout=0.05)
    assert threading.current_thread() not in dataset.threads
    assert len(dataset.threads) == 1
    batches.close()


def test_an_error_comes_in_its_place_and_the_thread_ends():
    batches = iter(DataLoader(Counting(fails_at=7), 2, prefetch=2, backend="numpy"))
    assert [next(batches).tolist() for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(ZeroDivisionError, match="the disk is gone") as caught:
        next(batches)
    assert any(entry.name == "take" for entry in caught.traceback)
    assert next(batches, None) is None


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_comes_too(error):
    with pytest.raises(error):
        list(DataLoader(Counting(fails_at=0, error=error), 2, prefetch=2))


def test_break_stops_the_thread():
    dataset = Counting(1000)
    for _ in DataLoader(dataset, 1, prefetch=2):
        break
    assert waiting_threads() == []
    assert len(dataset.asked) < 10


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_in_the_loop_stops_the_thread(error):
    with pytest.raises(error):  # noqa: PT012 - The loop is what is tested.
        for _ in DataLoader(Counting(1000), 1, prefetch=2):
            raise error
    assert waiting_threads() == []


def test_an_error_in_handing_over_stops_the_thread():
    class Refusing(NumPyBackend):
        def asarray(self, obj, *, dtype=None, copy=None):
            raise RuntimeError("no memory on the device")

    with use_backend(Refusing()):
        try:
            list(DataLoader(Counting(1000), 1, prefetch=2))
        except RuntimeError as error:
            kept = error  # And with it the frames of its traceback.
    assert waiting_threads() == []
    del kept


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="alarms are of POSIX")
@pytest.mark.parametrize("dataset", ["Counting", "Slow"])
def test_ctrl_c_stops_the_thread(dataset):
    """A signal while the loop waits for the next batch, and while it is at work."""
    program = """
import signal, threading, time
import numpy as np
from simple_autograd.datasets import DataLoader

class Counting:
    def __len__(self):
        return 10**6

    def take(self, rows):
        return np.arange(10**6)[rows]

    __getitem__ = take

class Slow(Counting):
    def take(self, rows):
        time.sleep(0.3)
        return super().take(rows)

def interrupted(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupted)
try:
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    for _ in DataLoader(DATASET(), 1, prefetch=2):
        pass
except KeyboardInterrupt:
    print(threading.active_count())
"""
    result = subprocess.run(
        [sys.executable, "-c", program.replace("DATASET", dataset)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (result.stdout, result.stderr) == ("1\n", "")


def test_an_iterator_in_a_cycle_is_stopped_by_the_collector():
    batches = iter(DataLoader(Counting(1000), 1, prefetch=2))
    next(batches)
    cycle = [batches]
    cycle.append(cycle)
    del batches, cycle
    gc.collect()
    assert waiting_threads() == []


def test_two_epochs_at_once(host):
    loader = DataLoader(Counting(), 4, prefetch=2)
    for one, two in zip(loader, loader, strict=True):
        np.testing.assert_array_equal(host(one), host(two))


def test_batches_are_handed_over_in_the_loops_own_thread():
    threads = set()

    class Watching(NumPyBackend):
        def asarray(self, obj, *, dtype=None, copy=None):
            threads.add(threading.current_thread())
            return super().asarray(obj, dtype=dtype, copy=copy)

    with use_backend(Watching()):
        list(DataLoader(Counting(), 4, prefetch=2))
    assert threads == {threading.current_thread()}


def test_context_variables_reach_the_thread():
    class Dividing(Counting):
        def take(self, rows):
            return 1 / np.zeros(2)

    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        list(DataLoader(Dividing(), 4, prefetch=2))


def test_a_program_that_holds_an_iterator_ends():
    program = (
        "import numpy as np\n"
        "from simple_autograd.datasets import DataLoader\n"
        "batches = iter(DataLoader(np.arange(1000), 1, prefetch=2))\n"
        "print(next(batches))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (result.stdout, result.stderr) == ("[0]\n", "")


@pytest.mark.parametrize(
    ("prefetch", "error", "words"),
    [
        (-1, ValueError, "prefetch is -1; needed is at least 0"),
        (True, TypeError, "prefetch is True, a bool; needed is an int"),
        (1.5, TypeError, "prefetch is 1.5"),
    ],
)
def test_a_wrong_number_is_named(prefetch, error, words):
    with pytest.raises(error, match="DataLoader: " + words):
        DataLoader(Counting(), prefetch=prefetch)
