"""Batches on their way to the GPU, on the double: nothing is read or written too early, and copies run beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simple_autograd.backends import Backend
from simple_autograd.datasets import DataLoader, TensorDataset
from tests.backend_cupy.double import streams
from tests.backend_cupy.double.memory import MemoryPointer

IMAGES = np.arange(60, dtype=np.float32).reshape(20, 3)
LABELS = np.arange(20)


class Reused(TensorDataset):
    """A dataset that gives every batch in the same memory."""

    def __init__(self) -> None:
        super().__init__(IMAGES, LABELS)
        self.images, self.labels = np.empty((4, 3), np.float32), np.empty(4, np.int64)

    def take(self, indices: Any) -> tuple[np.ndarray, np.ndarray]:
        images, labels = super().take(indices)
        self.images[...], self.labels[...] = images, labels
        return self.images, self.labels


def loader(**options: Any) -> DataLoader:
    return DataLoader(Reused(), 4, backend="cupy", **options)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_batches_arrive_as_they_were(on_double: Backend, prefetch: int) -> None:
    """All are kept and read at the end, when each buffer has been used again."""
    dataset = TensorDataset(IMAGES, LABELS)
    kept = list(DataLoader(dataset, 3, backend="cupy", prefetch=prefetch))
    assert len(kept) == 7
    for number, (images, labels) in enumerate(kept):
        assert type(images) is type(labels) is on_double.array_type
        rows = slice(3 * number, 3 * number + 3)
        np.testing.assert_array_equal(images.get(), IMAGES[rows], strict=True)
        np.testing.assert_array_equal(labels.get(), LABELS[rows], strict=True)


def test_the_hosts_memory_may_be_written_to_at_once(on_double: Backend) -> None:
    for number, (images, labels) in enumerate([*loader()]):
        np.testing.assert_array_equal(images.get(), IMAGES[4 * number : 4 * number + 4])
        np.testing.assert_array_equal(labels.get(), LABELS[4 * number : 4 * number + 4])


def test_batches_that_are_dropped_do_no_harm(on_double: Backend) -> None:
    sums = [float(images.sum()) for images, _ in loader()]
    assert sums == [float(IMAGES[4 * i : 4 * i + 4].sum()) for i in range(5)]


def test_a_loop_that_is_left_leaves_no_copy_behind(on_double: Backend) -> None:
    for batch in loader():
        kept = batch
        break
    np.testing.assert_array_equal(kept[0].get(), IMAGES[:4])


def test_batches_of_any_size_and_kind(on_double: Backend) -> None:
    with on_double.uploading() as upload:
        for arrays in (
            [np.float32(1).reshape(()), np.empty((0, 3)), np.array([True, False])],
            [np.arange(1000), np.asfortranarray(np.arange(6.0).reshape(2, 3))],
            [np.arange(4, dtype=">i4"), [1.0, 2.0], np.arange(6)[::2]],
            [],
        ):
            there = upload(arrays)
            assert all(type(array) is on_double.array_type for array in there)
            for array, original in zip(there, arrays, strict=True):
                np.testing.assert_array_equal(array.get(), original)
                assert array.dtype == np.asarray(original).dtype.newbyteorder("=")
                assert not on_double.is_view(array)


def test_collated_batches_keep_what_is_no_array(on_double: Backend) -> None:
    def collate(items: list[Any]) -> dict[str, Any]:
        return {"x": np.array([x for _, x in items]), "names": [str(x) for _, x in items]}

    (batch,) = DataLoader(TensorDataset(IMAGES, LABELS), 20, backend="cupy", collate_fn=collate)
    assert batch["x"].get().tolist() == LABELS.tolist()
    assert batch["names"][3] == "3"


# The order of things ------------------------------------------------------------------------------


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Note the stream and the number of bytes of each copy from the host."""
    found: list[tuple[int, int]] = []
    plain = MemoryPointer.copy_from_host_async

    def noted(self: MemoryPointer, mem: int, size: int, stream: Any = None) -> None:
        found.append((streams.get_current_stream().ptr if stream is None else stream.ptr, size))
        plain(self, mem, size, stream)

    monkeypatch.setattr(MemoryPointer, "copy_from_host_async", noted)
    return found


def test_a_batch_is_one_copy_on_a_stream_of_its_own(on_double: Backend, copies: Any) -> None:
    list(loader())
    assert len(copies) == 5
    assert len({stream for stream, _ in copies}) == 1
    assert copies[0][0] != streams.Stream.null.ptr
    assert {size for _, size in copies} == {1024}  # 48 and 32 bytes, each from a boundary of 512


def test_copies_do_not_wait_for_the_program(on_double: Backend) -> None:
    """While the program's stream is busy, two batches come through to where they are taken from."""
    busy: list[bool] = []
    with on_double.uploading() as upload:
        upload([np.zeros(3)])  # which makes the buffers
        upload([np.zeros(3)])
        on_double.synchronize()
        streams.queue_of(streams.get_current_stream()).add(lambda: busy.append(True))
        first, second = upload([np.ones(3)]), upload([np.full(3, 2.0)])
        for buffer in upload._buffers:
            buffer.copied.synchronize()
        assert not busy, "a copy has waited for the program's stream"
        assert first[0].tolist() == [1, 1, 1]
        assert second[0].tolist() == [2, 2, 2]
        assert busy


def test_the_program_need_not_be_on_the_default_stream(
    cupy_double: Any, on_double: Backend
) -> None:
    with cupy_double.cuda.Stream(non_blocking=True):
        kept = [images for images, _ in loader()]
        for number, images in enumerate(kept):
            np.testing.assert_array_equal(images.get(), IMAGES[4 * number : 4 * number + 4])
