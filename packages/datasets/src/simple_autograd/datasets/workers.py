"""Worker processes: batches are read in processes of their own, and come out in their order.

Batch i of an epoch is read by worker i modulo their number. Each worker has a pipe of its own, so
one that is killed leaves no lock behind that others wait for, and its end is seen at once. Numbers
and structure of a batch come through the pipe; its arrays, once they are large, through shared
memory, which belongs to the process of the loop, so that no worker can leave it behind either.
Which items a batch has is left to ``epochs.py``. The only caller is ``DataLoader``.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import random
import secrets
import signal
import traceback
import weakref
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simple_autograd.random import manual_seed

from .epochs import Epoch
from .errors import WorkerError
from .reading import batch_reader

__all__ = ["Workers", "start_method"]

# What fits the buffer of a pipe goes through it at no loss. One MB takes 1.3 ms so, and less than a
# tenth of that through shared memory; 38 MB take 53 ms and 8.
_SHARED_FROM = 2**16
_ALIGNMENT = 64
_GRACE = 5  # Seconds that a worker has to end in, before it is killed.


def start_method(context: str | BaseContext | None) -> BaseContext:
    """Give the way in which workers are started: "spawn" unless told.

    A forked process has the locks of the threads that it does not have: of BLAS, of ``prefetch``,
    of the user's own, and one that is held at that moment is held for ever. It has a GPU's context,
    too, and cannot use it. "fork" starts in milliseconds and takes what cannot be pickled.
    """
    if isinstance(context, BaseContext):
        return context
    methods = multiprocessing.get_all_start_methods()
    if context is not None and context not in methods:
        raise ValueError(
            f"DataLoader: multiprocessing_context is {context!r}; needed is a context of "
            f"multiprocessing, or one of {', '.join(map(repr, methods))}."
        )
    return multiprocessing.get_context(context or "spawn")


class _Arrays(NamedTuple):
    """What a worker answers: a batch without the content of its arrays, and where that is."""

    structure: bytes
    sizes: list[int]
    shared: bool


class _Worker:
    """A worker process as its parent sees it: the pipe to it, and the memory shared with it."""

    def __init__(self, process: Any, pipe: Connection) -> None:
        self.process, self.pipe = process, pipe
        self.asked = 0  # Batches that it owes.
        self.slots: dict[int, SharedMemory] = {}

    def send(self, message: Any) -> None:
        with contextlib.suppress(OSError):  # One that has ended is told of in its batch's place.
            self.pipe.send(message)

    def ask(self, batch: int, slot: int) -> None:
        """Have a batch read, and laid into a slot if it fits."""
        memory = self.slots.get(slot)
        self.send((batch, slot, memory.name if memory else None))
        self.asked += 1

    def answer(self, slot: int) -> Any:
        """Wait for the batch that it owes longest."""
        try:
            answer = self.pipe.recv()
            content = self._receive(answer, slot) if isinstance(answer, _Arrays) else []
        except (EOFError, ConnectionError):
            raise self.ended() from None
        self.asked -= 1
        if isinstance(answer, _Arrays):
            return pickle.loads(answer.structure, buffers=content)
        try:
            raise answer
        finally:
            del answer  # It holds this frame by its traceback: a cycle.

    def _receive(self, answer: _Arrays, slot: int) -> list[memoryview]:
        starts = _starts(answer.sizes)
        # Memory of its own, since the slot is to be used again.
        block = np.empty(starts[-1], np.uint8).data
        views = [block[at : at + size] for at, size in zip(starts, answer.sizes, strict=False)]
        if answer.shared:
            block[:] = _content(self.slots[slot])[: starts[-1]]
        else:
            for view in views:
                if view:
                    self.pipe.recv_bytes_into(view)
            if starts[-1] >= _SHARED_FROM:
                _free(self.slots.pop(slot, None))
                memory = _shared_memory(starts[-1])
                if memory is not None:
                    self.slots[slot] = memory
        return views

    def ended(self) -> WorkerError:
        self.process.join(1)
        code = self.process.exitcode
        if code is not None and code < 0:
            how = f"was killed by signal {-code}"
            why = "Often memory ran out: take fewer workers or smaller batches."
        else:
            how = f"ended by itself, with exit code {code}"
            why = (
                "What it printed says why. If that speaks of bootstrapping, put the program's main "
                'part under if __name__ == "__main__":, since each worker imports the program.'
            )
        return WorkerError(
            f"DataLoader: {self.process.name} (process {self.process.pid}) {how}, before it gave "
            f"its batch; needed are workers that live as long as the epoch. {why}"
        )


class Workers:
    """Some worker processes, each with a copy of a dataset.

    Parameters
    ----------
    dataset, collate_fn, worker_init_fn
        As ``DataLoader`` is given them.
    number
        How many workers.
    context
        How they are started.

    Raises
    ------
    TypeError
        If what they need cannot be pickled, and has to be.
    """

    def __init__(
        self,
        dataset: Any,
        collate_fn: Callable[[list[Any]], Any] | None,
        worker_init_fn: Callable[[int], object] | None,
        number: int,
        context: BaseContext,
    ) -> None:
        # Before a fork: else each worker has a tracker of its own, which frees what is not its own.
        resource_tracker.ensure_running()
        self._workers: list[_Worker] = []
        self.stop = weakref.finalize(self, _stop, self._workers, os.getpid())
        try:
            for place in range(number):
                ours, theirs = context.Pipe()
                # A fork has copies of these, by which pipes would stay open when this process ends.
                copies = [worker.pipe for worker in self._workers] + [ours]
                if context.get_start_method() != "fork":
                    copies = []
                with theirs:
                    process = context.Process(  # type: ignore[attr-defined]
                        target=_serve,
                        args=(theirs, copies, place, dataset, collate_fn, worker_init_fn),
                        name=f"worker {place}",
                        daemon=True,
                    )
                    process.start()
                self._workers.append(_Worker(process, ours))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self.stop()
            raise TypeError(
                f"DataLoader: dataset, collate_fn or worker_init_fn cannot be sent to a worker "
                f"process ({error}); needed are objects that pickle takes, with functions from a "
                "module's top level and no lambdas. Or give multiprocessing_context='fork', where "
                "no threads are running."
            ) from error
        except BaseException:
            self.stop()
            raise

    def batches(self, epoch: Epoch, numbers: range, ahead: int) -> Iterator[Any]:
        """Give batches of an epoch in their order, up to `ahead` of which are being read."""
        workers = len(self._workers)
        slots = -(-ahead // workers)

        def place(number: int) -> tuple[_Worker, int]:
            return self._workers[number % workers], number // workers % slots

        for worker in self._workers:
            worker.send(epoch)
        for number in numbers[:ahead]:
            worker, slot = place(number)
            worker.ask(number, slot)
        for number in numbers:
            worker, slot = place(number)
            batch = worker.answer(slot)
            if number + ahead < numbers.stop:
                worker, slot = place(number + ahead)
                worker.ask(number + ahead, slot)
            yield batch


def _stop(workers: list[_Worker], owner: int) -> None:
    if os.getpid() != owner:
        return  # A forked process has a copy of this, and nothing to stop.
    for worker in workers:
        if worker.asked:
            worker.process.terminate()  # Nobody waits for what it reads.
        else:
            worker.send(None)
        worker.pipe.close()
    for worker in workers:
        worker.process.join(_GRACE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.process.close()
        while worker.slots:
            _free(worker.slots.popitem()[1])
    workers.clear()


# In the worker ------------------------------------------------------------------------------------


def _serve(
    pipe: Connection,
    copies: list[Connection],
    number: int,
    dataset: Any,
    collate_fn: Callable[[list[Any]], Any] | None,
    worker_init_fn: Callable[[int], object] | None,
) -> None:
    """Answer what the loop asks, until it says None or is gone."""
    # Ctrl-C reaches all processes of a terminal; what ends is for the loop to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for copy in copies:
        copy.close()
    read = batch_reader(dataset, collate_fn)
    memories: dict[int, SharedMemory] = {}
    with contextlib.suppress(EOFError, ConnectionError):
        while (message := pipe.recv()) is not None:
            if isinstance(message, Epoch):
                epoch = message
                continue
            batch, slot, name = message
            buffers: list[pickle.PickleBuffer] = []
            try:
                if worker_init_fn is not None:
                    worker_init_fn(number)
                    worker_init_fn = None
                _seed(epoch, batch)
                result = epoch.read(read, batch, worker=True)
                structure = pickle.dumps(result, protocol=5, buffer_callback=buffers.append)
            except BaseException as error:
                pipe.send(_portable(error, number))
                continue
            _answer(pipe, structure, [buffer.raw() for buffer in buffers], slot, name, memories)
    for memory in memories.values():
        memory.close()


def _answer(
    pipe: Connection,
    structure: bytes,
    content: list[memoryview],
    slot: int,
    name: str | None,
    memories: dict[int, SharedMemory],
) -> None:
    sizes = [view.nbytes for view in content]
    starts = _starts(sizes)
    if name is not None and (slot not in memories or memories[slot].name != name):
        if slot in memories:
            memories.pop(slot).close()
        memories[slot] = SharedMemory(name)
    if name is not None and starts[-1] <= memories[slot].size:
        for at, view in zip(starts, content, strict=False):
            _content(memories[slot])[at : at + view.nbytes] = view
        pipe.send(_Arrays(structure, sizes, shared=True))
    else:
        pipe.send(_Arrays(structure, sizes, shared=False))
        for view in content:
            if view:
                pipe.send_bytes(view)


def _seed(epoch: Epoch, batch: int) -> None:
    """Seed what a dataset may draw from by default, so that a batch has its numbers wherever it is read."""
    words = epoch.seeds(batch).generate_state(4)
    random.seed(words.tobytes())
    np.random.seed(words)  # noqa: NPY002 - The dataset may draw from it.
    manual_seed(int(words[0]))


def _portable(error: BaseException, number: int) -> BaseException:
    """Give an error that can be sent, and says where it was raised."""
    trace = "".join(traceback.format_exception(error))
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        copy = None
    if type(copy) is not type(error):
        error = WorkerError(f"DataLoader: worker {number} raised {type(error).__name__}: {error}")
    error.add_note(f"\nRaised in worker {number}:\n\n{trace}")
    return error


# On both sides ------------------------------------------------------------------------------------


def _starts(sizes: list[int]) -> list[int]:
    """Give where each part of a block begins, and last how long the block is."""
    starts = [0]
    for size in sizes:
        starts.append(-(-(starts[-1] + size) // _ALIGNMENT) * _ALIGNMENT)
    return starts


def _shared_memory(size: int) -> SharedMemory | None:
    """Give shared memory that is really there, or None: what is not there kills who writes to it."""
    try:
        # Named after its owner; macOS takes no more than 30 letters.
        memory = SharedMemory(f"sa-{os.getpid()}-{secrets.token_hex(6)}", create=True, size=size)
    except OSError:
        return None
    file = Path("/dev/shm", memory.name)  # Linux; elsewhere the system has made it whole.
    try:
        if file.exists():
            with open(file, "r+b") as opened:
                os.posix_fallocate(opened.fileno(), 0, size)
    except OSError:
        _free(memory)
        return None
    return memory


def _content(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None  # As long as it is not closed.
    return memory.buf


def _free(memory: SharedMemory | None) -> None:
    if memory is not None:
        memory.close()
        memory.unlink()
