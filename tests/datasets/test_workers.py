"""DataLoader(num_workers=k): the same batches, and processes that never outlive their loop."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from simple_autograd.datasets import (
    ArrayDataset,
    DataLoader,
    RandomAffine,
    RandomCrop,
    TensorDataset,
    WorkerError,
)
from tests.datasets.worker_datasets import (
    Drawing,
    Failing,
    Images,
    Killed,
    PickyFailing,
    Squares,
    Stuck,
    as_names,
    ragged,
    refuse,
)

pytestmark = [
    pytest.mark.not_strict("its loaders hand their batches over as those of test_loader.py do"),
    pytest.mark.skipif(os.name != "posix", reason="most start their workers by fork, to be fast"),
    # Here it is safe: no test of this file runs a thread.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
forking = functools.partial(DataLoader, multiprocessing_context="fork", backend="numpy")
SHARED = Path("/dev/shm")
ROOT = Path(__file__).parents[2]


def shared_memory(process):
    return set(SHARED.glob(f"sa-{process}-*"))


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert multiprocessing.active_children() == []
    assert shared_memory(os.getpid()) == set()


def soon(condition):
    """Say whether something becomes true within ten seconds."""
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def has_ended(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # One whose parent was killed waits for somebody to fetch its exit code.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False


def gone(process):
    return soon(lambda: has_ended(process))


def equal(one, two):
    if isinstance(one, tuple | list):
        return len(one) == len(two) and all(map(equal, one, two))
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(equal(one[key], two[key]) for key in one)
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and np.array_equal(one, two)
    return one == two


# The batches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("context", ["spawn", "fork", "forkserver"])
def test_the_same_batches_however_workers_are_started(host, context):
    loaders = [
        DataLoader(Squares(), 3, True, seed=1, num_workers=number, multiprocessing_context=context)
        for number in (0, 2)
    ]
    plain, parallel = ([host(batch) for batch in loader] for loader in loaders)
    assert equal(plain, parallel)
    assert len(parallel) == 7


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("prefetch", [0, 1, 3])
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_same_batches_in_the_same_order(workers, prefetch, shuffle):
    plain, parallel = (
        forking(Squares(), 3, shuffle, seed=1, prefetch=prefetch * bool(number), num_workers=number)
        for number in (0, workers)
    )
    for _ in range(2):
        assert equal(list(plain), list(parallel))
    assert len(parallel) == 7


@pytest.mark.parametrize(
    "options",
    [
        {"dataset": Images()},
        {"dataset": np.arange(40_000.0).reshape(20, 2000)},
        {"dataset": TensorDataset(np.arange(20), np.arange(20.0))},
        {"dataset": Squares(), "collate_fn": as_names},
        {"dataset": Squares(), "collate_fn": ragged},
        {"dataset": Squares(), "sampler": [5, 3, 3, 19, -1]},
        {"dataset": Squares(), "drop_last": True},
        {"dataset": Squares(length=2)},
        {"dataset": Squares(length=0)},
    ],
)
def test_all_kinds_of_batches(options):
    plain, parallel = (
        list(forking(batch_size=3, seed=1, num_workers=number, **options)) for number in (0, 2)
    )
    # They are compared when all have come, since their memory must not be used again.
    assert equal(plain, parallel)


def test_large_batches_come_through_shared_memory_and_are_the_loops_own():
    seen, batches = set(), []
    for images, numbers in forking(Images(length=30), 3, num_workers=2):
        seen |= shared_memory(os.getpid())
        assert images.flags.writeable
        batches.append((images, numbers))
    if SHARED.is_dir():
        assert 1 <= len(seen) <= 4
    for images, numbers in batches:
        assert (images == numbers[:, None, None, None]).all()


def test_without_shared_memory_they_come_through_the_pipe(monkeypatch):
    monkeypatch.setattr("simple_autograd.datasets.workers._shared_memory", lambda size: None)
    for images, numbers in forking(Images(), 3, num_workers=2):
        assert (images == numbers[:, None, None, None]).all()


def test_shared_memory_that_is_not_there_is_none():
    from simple_autograd.datasets.workers import _shared_memory

    if SHARED.is_dir():
        space = os.statvfs(SHARED)
        assert _shared_memory(2 * space.f_blocks * space.f_frsize) is None


# What is drawn ------------------------------------------------------------------------------------


def test_random_transforms_draw_the_same():
    transform = RandomAffine(30, (0.2, 0.2))
    dataset = ArrayDataset(np.random.default_rng(0).random((9, 1, 5, 5)), np.arange(9), transform)
    epochs = [
        [[list(loader), list(loader)] for loader in [forking(dataset, 2, True, seed=3, **options)]]
        for options in ({}, {"num_workers": 2}, {"prefetch": 2})
    ]
    assert equal(epochs[0], epochs[1])
    assert equal(epochs[0], epochs[2])
    first, second = epochs[0][0]
    assert not equal(first, second)


def test_default_generators_are_seeded_for_each_batch():
    one, two = (
        np.concatenate(list(forking(Drawing(), 2, seed=5, num_workers=number))) for number in (1, 3)
    )
    np.testing.assert_array_equal(one, two)
    assert len(np.unique(one[:, 1:])) == 60
    (other,) = forking(Drawing(length=2), 2, seed=6, num_workers=1)
    assert not np.isin(other[:, 1:], one).any()


def test_a_generator_of_its_own_is_refused_in_a_worker():
    dataset = ArrayDataset(np.zeros((4, 1, 5, 5)), np.arange(4), RandomCrop(3, generator=0))
    list(forking(dataset, 2))
    with pytest.raises(ValueError, match=r"RandomCrop: it has a generator of its own.*Leave"):
        list(forking(dataset, 2, num_workers=1))


# Errors and ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ZeroDivisionError("no disk"), ConnectionError(5), SystemExit(3)])
def test_an_error_comes_in_its_place_with_the_workers_traceback(error):
    batches = iter(forking(Failing(error), 2, num_workers=2))
    assert [next(batches).tolist() for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(type(error)) as caught:
        next(batches)
    assert caught.value.args == error.args
    (note,) = caught.value.__notes__
    assert "Raised in worker 1:" in note
    assert "worker_datasets.py" in note
    assert "in __getitem__" in note
    assert next(batches, None) is None


def test_an_error_that_cannot_be_pickled_is_told():
    with pytest.raises(WorkerError, match="worker 0 raised PickyError: 1 and 2") as caught:
        list(forking(PickyFailing(), num_workers=1))
    assert "in __getitem__" in caught.value.__notes__[0]


def test_a_batch_that_cannot_be_pickled_is_an_error():
    with pytest.raises((AttributeError, TypeError), match=r"pickle|local"):
        list(forking(Squares(), collate_fn=lambda items: lambda: items, num_workers=1))


@pytest.mark.parametrize("context", ["spawn", "fork", "forkserver"])
@pytest.mark.parametrize(
    ("by_signal", "words"),
    [
        (True, r"was killed by signal 9, before it gave its batch; .*memory ran out"),
        (False, "ended by itself, with exit code 3, before it gave its batch"),
    ],
)
def test_a_worker_that_ends_is_an_error_and_no_hang(host, context, by_signal, words):
    loader = DataLoader(Killed(by_signal), 2, num_workers=2, multiprocessing_context=context)
    batches = iter(loader)
    assert [host(next(batches)).tolist() for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(WorkerError, match=r"DataLoader: worker 1 \(process \d+\) " + words):
        next(batches)


@pytest.mark.parametrize("how", ["break", "error", "close", "interrupt"])
def test_leaving_early_ends_the_workers_at_once(tmp_path, how):
    loader = forking(Stuck(tmp_path), 1, num_workers=2)
    start = time.monotonic()
    batches = iter(loader)
    next(batches)
    if how == "close":
        next(batches)
        batches.close()
    else:
        error = KeyboardInterrupt if how == "interrupt" else RuntimeError
        with contextlib.suppress(error):
            for _ in batches:
                if how == "break":
                    break
                raise error
        del batches
    assert multiprocessing.active_children() == []
    processes = [int(path.name) for path in tmp_path.iterdir()]
    assert len(processes) == 2
    assert all(map(gone, processes))
    assert time.monotonic() - start < 4  # And not the seconds for which a killed one is waited.


def test_two_epochs_at_once():
    loader = forking(Squares(), 4, num_workers=2, persistent_workers=True)
    for one, two in zip(loader, loader, strict=True):
        assert equal(one, two)
    del loader


def processes_of(folder):
    return {path.name for path in folder.iterdir()}


def test_persistent_workers_stay(tmp_path):
    loader = forking(Squares(tmp_path), 2, True, seed=0, num_workers=2, persistent_workers=True)
    epochs = [list(loader)]
    first = processes_of(tmp_path)
    epochs.append(list(loader))
    assert len(first) == 2
    assert processes_of(tmp_path) == first
    plain = DataLoader(Squares(), 2, True, seed=0, backend="numpy")
    assert equal(epochs, [list(plain), list(plain)])
    for _ in loader:  # One that is left early ends them.
        break
    assert multiprocessing.active_children() == []
    list(loader)
    assert len(processes_of(tmp_path)) > 2
    del loader
    assert multiprocessing.active_children() == []


def test_other_workers_do_not(tmp_path):
    loader = forking(Squares(tmp_path), 2, num_workers=2)
    list(loader)
    list(loader)
    assert len(processes_of(tmp_path)) == 4


def test_worker_init_fn(tmp_path):
    def init(worker):
        (tmp_path / f"init {worker}").touch(exist_ok=False)

    list(forking(Squares(), 2, num_workers=2, worker_init_fn=init))
    assert processes_of(tmp_path) == {"init 0", "init 1"}
    with pytest.raises(RuntimeError, match="worker 0 has no disk"):
        list(forking(Squares(), 2, num_workers=2, worker_init_fn=refuse))


# Whole programs -----------------------------------------------------------------------------------

PROGRAM = """
import sys
from simple_autograd.datasets import DataLoader
from tests.datasets.worker_datasets import Images

def main():
    loader = DataLoader(
        Images(sys.argv[1], 1000, 0.01), 5, num_workers=2, multiprocessing_context=sys.argv[2]
    )
    batches = iter(loader)
    for _ in range(6):
        next(batches)
    print("reading", flush=True)
    {then}

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def program(tmp_path):
    """Run a program whose workers read; give its process once they do, and their numbers."""
    running = []

    def run(then, context):
        path = tmp_path / "program.py"
        path.write_text(PROGRAM.replace("{then}", then))
        folder = tmp_path / "processes"
        folder.mkdir()
        process = subprocess.Popen(
            [sys.executable, str(path), str(folder), context],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, sys.path), str(ROOT)])},
            start_new_session=True,
            # A shell that starts the tests in the background has them, and what they start, ignore it.
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        running.append(process)
        assert process.stdout.readline() == "reading\n", process.stderr.read()
        return process, lambda: [int(path.name) for path in folder.iterdir()]

    yield run
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("context", ["spawn", "fork"])
def test_ctrl_c_ends_the_program_and_its_workers(program, context):
    process, workers = program("list(batches)", context)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert errors.count("Traceback") == errors.count("KeyboardInterrupt") == 1, errors
    assert len(workers()) == 2
    assert all(map(gone, workers()))
    assert shared_memory(process.pid) == set()


@pytest.mark.parametrize("context", ["spawn", "fork"])
def test_workers_end_when_their_program_is_killed(program, context):
    process, workers = program("list(batches)", context)
    assert not SHARED.is_dir() or shared_memory(process.pid)
    process.kill()
    process.wait()
    assert len(workers()) == 2
    assert all(map(gone, workers()))
    assert soon(lambda: not shared_memory(process.pid))


@pytest.mark.parametrize("context", ["spawn", "fork"])
def test_a_program_that_holds_an_iterator_ends(program, context):
    process, workers = program("globals()['held'] = batches", context)
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0
    assert all(map(gone, workers()))
    assert shared_memory(process.pid) == set()


def test_a_program_without_a_main_part_is_told(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(
        "from simple_autograd.datasets import DataLoader\n"
        "list(DataLoader(list(range(9)), num_workers=1))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    result = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60, env=environment
    )
    assert result.returncode == 1
    assert 'put the program\'s main part under if __name__ == "__main__":' in result.stderr


# What it refuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"num_workers": -1}, ValueError, "num_workers is -1; needed is at least 0"),
        ({"num_workers": True}, TypeError, "num_workers is True, a bool"),
        ({"persistent_workers": True}, ValueError, "persistent_workers is True and num_workers 0"),
        ({"worker_init_fn": 3}, TypeError, "worker_init_fn is a int; needed is a function of a"),
        (
            {"multiprocessing_context": "thread", "num_workers": 1},
            ValueError,
            "multiprocessing_context is 'thread'; needed is a context .*'spawn'",
        ),
    ],
)
def test_a_wrong_option_is_named(options, error, words):
    with pytest.raises(error, match="DataLoader: " + words):
        DataLoader(Squares(), **options)


def test_what_cannot_be_sent_to_a_worker_is_named():
    loader = DataLoader(Squares(), num_workers=2, collate_fn=lambda items: items)
    with pytest.raises(TypeError, match=r"cannot be sent to a worker process \(.*no lambdas"):
        list(loader)
