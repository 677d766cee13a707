"""``DataLoader``: from a dataset to batches on a backend, at next to no cost per batch.

A dataset that has a method ``take`` (as ``MNIST`` has) is asked once per batch for all its items:
the batch protocol. ``take`` is given a slice or an array of item numbers, and gives one array, or a
tuple of arrays, with as many rows. Any other dataset, a sequence of items, is asked item by item,
and its items are stacked (``reading.py``), or given to the user's `collate_fn`. Which items a batch
has is in ``epochs.py``, reading ahead in ``prefetch.py`` and, by other processes, ``workers.py``.
What the data is, and how it is transformed, is the dataset's affair. Callers: users, and
``ArrayDataset.as_batched``.
"""

from __future__ import annotations

import contextlib
import operator
import secrets
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simple_autograd.backends import Backend, get_backend

from .epochs import Epoch
from .prefetch import prefetched
from .reading import Dataset, absolute, batch_reader, check_dataset, item_numbers

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from .workers import Workers

__all__ = ["DataLoader"]


class DataLoader:
    """Iterates over a dataset in batches: in order, or in a new order each time.

    Every loop is one epoch. The order of an epoch, and what random transforms draw in it, follow
    from `seed` and the epoch's number alone, so that setting both again repeats it.

    Parameters
    ----------
    dataset
        Items by number (``len`` and indexing). If it has a method ``take``, that is called once per
        batch. A NumPy array counts as a dataset of its rows.
    batch_size
        How many items a batch has; the last one may have fewer.
    shuffle
        True draws a new order each epoch.
    drop_last
        True leaves the last batch out if it has fewer items than the others.
    seed
        An int, not negative, from which the orders are drawn. None draws one from the operating
        system; it is then found in the attribute `seed`.
    backend
        The name of the backend that the batches are handed to, or the backend itself. None takes
        the default one at the start of each epoch.
    sampler
        The item numbers of an epoch, in their order, instead of `shuffle`: an array, a list, or an
        object with a length that is iterated over anew each epoch. Numbers may repeat or be missing.
    collate_fn
        A function from the list of a batch's items to the batch. The items are then read one by
        one. Of what it gives, arrays are handed to the backend, also those in a tuple, list or
        dict; anything else stays as it is. None stacks the items.
    prefetch
        How many batches a background thread reads ahead, while the loop is at work; 0 reads each
        when it is asked for. Batches and order are the same. The dataset, its transforms and
        `collate_fn` run in that thread, one epoch in one thread. With worker processes: how many
        batches they read ahead in all; 0 means two for each.
    num_workers
        How many processes read batches, for a dataset whose items are slow to make; 0 reads them
        in this one. Batches and order are the same. Each process has a copy of the dataset.
    worker_init_fn
        A function of the worker's number, called in each before its first batch.
    persistent_workers
        True keeps the workers for the next epoch, except where one is left early; what is changed
        in the dataset is then unknown to them. False starts new ones each time.
    multiprocessing_context
        How workers are started: "spawn" (where None is given), "fork", "forkserver", or a context
        of ``multiprocessing``. With all but "fork" the dataset must be one that pickle takes, and a
        program's main part stand under ``if __name__ == "__main__":``. A forked process may hang:
        it has the locks of threads that it does not have.

    Attributes
    ----------
    epoch : int
        How many epochs have begun, which is also the number of the next one. May be set.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If `batch_size` is less than 1, or `seed`, `prefetch` or `num_workers` less than 0, if both
        `shuffle` and `sampler` are given, or `persistent_workers` without workers.
    BackendUnavailableError
        If there is no such backend.

    Notes
    -----
    A batch is what the items are: for items ``(x, y)`` a tuple of two arrays, for items that are
    arrays or numbers one array. Numbers become int64, float64 or bool, arrays keep their dtype, as
    in PyTorch. In order and with ``take``, batches may be views of the dataset's memory.

    What a dataset raises in a worker is raised in the loop, with the worker's traceback; a worker
    that is killed raises ``WorkerError``. Before each batch Python's, NumPy's and this library's
    default random generators are seeded in the worker, by `seed` and the numbers of epoch and
    batch.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        seed: int | None = None,
        backend: str | Backend | None = None,
        sampler: Collection[int] | np.ndarray | None = None,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        prefetch: int = 0,
        num_workers: int = 0,
        worker_init_fn: Callable[[int], object] | None = None,
        persistent_workers: bool = False,
        multiprocessing_context: str | BaseContext | None = None,
    ) -> None:
        check_dataset(dataset, "DataLoader")
        if sampler is not None:
            if shuffle:
                raise ValueError(
                    "DataLoader: shuffle=True and sampler are two orders; needed is one of them. "
                    "Leave shuffle out."
                )
            if not (hasattr(sampler, "__len__") and hasattr(sampler, "__iter__")):
                raise TypeError(
                    f"DataLoader: sampler is a {type(sampler).__name__}, which has no length or "
                    "cannot be iterated over again; needed are item numbers, or an object with "
                    "__len__ and __iter__. Make a list of an iterator."
                )
        for name, function, of in (
            ("collate_fn", collate_fn, "a list of items"),
            ("worker_init_fn", worker_init_fn, "a worker's number"),
        ):
            if function is not None and not callable(function):
                raise TypeError(
                    f"DataLoader: {name} is a {type(function).__name__}; needed is a function of "
                    f"{of}, or None."
                )
        if backend is not None:
            get_backend(backend)  # A wrong name shall fail here and not in the first epoch.
        self.dataset = dataset
        self.batch_size = _whole_number("batch_size", batch_size, least=1)
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.seed = secrets.randbits(63) if seed is None else _whole_number("seed", seed, least=0)
        self.backend = backend
        self.sampler = sampler
        self.collate_fn = collate_fn
        self.prefetch = _whole_number("prefetch", prefetch, least=0)
        self.num_workers = _whole_number("num_workers", num_workers, least=0)
        self.worker_init_fn = worker_init_fn
        self.persistent_workers = bool(persistent_workers)
        self.multiprocessing_context = multiprocessing_context
        if self.persistent_workers and not self.num_workers:
            raise ValueError(
                "DataLoader: persistent_workers is True and num_workers 0; needed is at least one "
                "worker to keep."
            )
        if self.num_workers:
            from .workers import start_method

            start_method(multiprocessing_context)  # As with the backend.
        self.epoch = 0
        self._resumed = (0, 0)  # An epoch that does not begin at its first batch, and at which.
        self._progress: list[int] | None = None  # The epoch that is running, its batches so far.
        self._idle: Workers | None = None

    def __len__(self) -> int:
        """Give the number of batches in an epoch."""
        return self._number_of_batches(len(self.dataset if self.sampler is None else self.sampler))

    def _number_of_batches(self, length: int) -> int:
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch; after `load_state_dict`, it may go on inside one.

        Yields
        ------
        An array, or a tuple of arrays, of the backend; of `batch_size` rows each, or fewer in the
        last batch. With `collate_fn`, what that gives.
        """
        order = None
        if self.shuffle:
            rng = np.random.default_rng([self.seed, self.epoch])
            order = rng.permutation(len(self.dataset))
        elif self.sampler is not None:
            numbers = self.sampler if isinstance(self.sampler, np.ndarray) else [*self.sampler]
            length, name = len(self.dataset), "DataLoader: sampler"
            order = absolute(item_numbers(numbers, length, name), length, name)
        length = len(self.dataset if order is None else order)
        epoch = Epoch(self.seed, self.epoch, length, self.batch_size, order)
        first = self._first_batch()
        to_come = range(first, self._number_of_batches(length))
        # Here and not in the generators below, whose first lines run only at the first batch.
        progress = self._progress = [self.epoch, first]
        self.epoch += 1
        if self.num_workers:
            batches = self._read_by_workers(epoch, to_come)
        else:
            batches = self._read(epoch, to_come)
            if self.prefetch:
                batches = prefetched(batches, self.prefetch)
        return self._handed_over(batches, get_backend(self.backend), progress)

    def _first_batch(self) -> int:
        epoch, batch = self._resumed
        return batch if epoch == self.epoch else 0

    def _read(self, epoch: Epoch, numbers: range) -> Generator[Any]:
        read = batch_reader(self.dataset, self.collate_fn)
        for number in numbers:
            yield epoch.read(read, number)

    def _read_by_workers(self, epoch: Epoch, numbers: range) -> Generator[Any]:
        from .workers import Workers, start_method

        workers, self._idle = self._idle, None
        if workers is None:
            context = start_method(self.multiprocessing_context)
            workers = Workers(
                self.dataset, self.collate_fn, self.worker_init_fn, self.num_workers, context
            )
        finished = False
        try:
            yield from workers.batches(epoch, numbers, self.prefetch or 2 * self.num_workers)
            finished = True
        finally:
            if finished and self.persistent_workers:
                self._idle = workers
            else:
                workers.stop()

    def _handed_over(
        self, batches: Generator[Any], backend: Backend, progress: list[int]
    ) -> Iterator[Any]:
        # In the loop's own thread, since which device is the current one is a thread's affair.
        try:
            # Closed even where an error's traceback keeps this frame: a thread may read ahead.
            with contextlib.closing(batches), backend.uploading() as upload:
                for batch in batches:
                    handed = _handed(batch, upload, collated=self.collate_fn is not None)
                    progress[1] += 1
                    yield handed
        finally:
            if self._progress is progress:
                self._progress = None

    def state_dict(self) -> dict[str, int]:
        """Give what the batches to come follow from, for `load_state_dict`.

        Within a loop these are the batches behind the one that the loop has in hand, whatever has
        been read ahead. Once a loop has ended, or was left early, the next epoch follows.

        Returns
        -------
        dict
            ``seed``; ``epoch``, the number of the epoch that goes on or begins next; ``batch``, how
            many of its batches have been handed out.

        Notes
        -----
        Not in it are a `sampler`, which must give the same numbers again, and the states of
        generators that random transforms were given.
        """
        epoch, batch = self._progress or (self.epoch, self._first_batch())
        return {"seed": self.seed, "epoch": epoch, "batch": batch}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, so that the next loop gives what would have followed.

        Raises
        ------
        TypeError
            If a value is no int.
        ValueError
            If one is less than 0, the epoch has fewer batches, or `state_dict` has other keys.
            Nothing is taken over then.
        """
        if set(state_dict) != {"seed", "epoch", "batch"}:
            raise ValueError(
                f"DataLoader.load_state_dict: the keys are {', '.join(map(repr, state_dict))}; needed "
                "are 'seed', 'epoch' and 'batch', as state_dict gives them."
            )
        seed, epoch, batch = (
            _whole_number(name, state_dict[name], least=0) for name in ("seed", "epoch", "batch")
        )
        if batch > len(self):
            raise ValueError(
                f"DataLoader.load_state_dict: batch is {batch}, and an epoch has {len(self)}; needed "
                "is a loader of the same dataset with the same batch_size."
            )
        self.seed, self.epoch = seed, epoch
        self._resumed, self._progress = (epoch, batch), None

    def __repr__(self) -> str:
        return (
            f"<DataLoader: {len(self)} batches of {self.batch_size} from "
            f"{type(self.dataset).__name__} of {len(self.dataset)} items, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last}, seed={self.seed}, "
            f"epoch={self.epoch}>"
        )


def _handed(batch: Any, upload: Callable[[list[Any]], list[Any]], *, collated: bool) -> Any:
    """Give a batch with its arrays on the backend. What a `collate_fn` made may hold other things, which stay."""
    if isinstance(batch, tuple | list):
        return tuple(_fields([*batch], upload, collated))
    if isinstance(batch, dict) and collated:
        return dict(zip(batch, _fields([*batch.values()], upload, collated), strict=True))
    (handed,) = _fields([batch], upload, collated)
    return handed


def _fields(
    fields: list[Any], upload: Callable[[list[Any]], list[Any]], collated: bool
) -> list[Any]:
    places = [
        place for place, field in enumerate(fields) if not collated or isinstance(field, np.ndarray)
    ]
    arrays = upload([fields[place] for place in places])
    for place, array in zip(places, arrays, strict=True):
        fields[place] = array
    return fields


def _whole_number(name: str, value: Any, *, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool | np.bool):
        raise TypeError(
            f"DataLoader: {name} is {value!r}, a {type(value).__name__}; needed is an int."
        )
    if number < least:
        raise ValueError(f"DataLoader: {name} is {number}; needed is at least {least}.")
    return number
