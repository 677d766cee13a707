"""The downloaded datasets, from tiny files and a server on the loopback."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from simple_autograd.datasets import (
    CIFAR10,
    CIFAR100,
    EMNIST,
    KMNIST,
    QMNIST,
    DataLoader,
    DatasetError,
    FashionMNIST,
    ToFloat,
)
from simple_autograd.datasets.download import read_members

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")

IMAGES = np.arange(6 * 28 * 28, dtype=np.uint8).reshape(6, 28, 28)
LABELS = np.array([1, 9, 3, 0, 5, 1], np.uint8)
ROWS = np.arange(4 * 3072, dtype=np.uint32).astype(np.uint8).reshape(4, 3072)


def zipped(members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(members):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def cifar(*labels):
    return np.concatenate([np.array(labels, np.uint8).T, ROWS], axis=1).tobytes()


@pytest.fixture
def server(monkeypatch):
    """Give a server's address, what it serves by path, and the paths it was asked for."""
    files, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_):
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", files, asked
        running.shutdown()
        thread.join()


@pytest.fixture
def offer(server, monkeypatch):
    """Let a class download these files from the server's folder /good."""
    pytest.importorskip("pooch")
    address, files, _ = server

    def put(cls, contents):
        monkeypatch.setattr(cls, "mirrors", (f"{address}/good",))
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        monkeypatch.setattr(cls, "sha256", sums)
        files.update({f"/good/{name}": content for name, content in contents.items()})

    return put


@pytest.fixture
def like_mnist(encode):
    return {
        "train-images-idx3-ubyte.gz": encode(IMAGES, ".gz"),
        "train-labels-idx1-ubyte.gz": encode(LABELS, ".gz"),
        "t10k-images-idx3-ubyte.gz": encode(IMAGES[:2], ".gz"),
        "t10k-labels-idx1-ubyte.gz": encode(LABELS[:2], ".gz"),
    }


@pytest.mark.parametrize("cls", [FashionMNIST, KMNIST])
def test_relatives_of_mnist(cls, offer, like_mnist, server, tmp_path):
    offer(cls, like_mnist)
    train = cls(tmp_path, download=True)
    np.testing.assert_array_equal(train.data, IMAGES)
    np.testing.assert_array_equal(train.targets, LABELS)
    assert (train.data.dtype, train.targets.dtype) == (np.uint8, np.int64)
    assert train[1][1] == 9
    assert len(train.classes) == 10
    assert len(server[2]) == 2
    assert len(cls(tmp_path, train=False, download=True)) == 2
    # What is there is neither fetched again, nor is pooch needed for it.
    cls(tmp_path, download=True)
    assert len(server[2]) == 4
    assert repr(cls(tmp_path)) == f"<{cls.__name__}: training set, 6 items, {tmp_path}>"
    names = {path.name for path in (tmp_path / cls.__name__ / "raw").iterdir()}
    assert names == set(like_mnist)


def test_qmnist(offer, encode, tmp_path):
    labels = np.stack([LABELS.astype(np.int32) + column for column in range(8)], axis=1)
    contents = {
        "qmnist-test-images-idx3-ubyte.gz": encode(IMAGES, ".gz"),
        "qmnist-test-labels-idx2-int.gz": encode(labels, ".gz"),
    }
    offer(QMNIST, contents)
    dataset = QMNIST(tmp_path, train=False, download=True)
    np.testing.assert_array_equal(dataset.targets, LABELS)
    np.testing.assert_array_equal(dataset.data, IMAGES)


@pytest.mark.parametrize("split", ["balanced", "letters", "digits"])
def test_emnist(split, offer, encode, tmp_path):
    contents = {
        f"gzip/emnist-{split}-{part}-{kind}-ubyte.gz": encode(array, ".gz")
        for part in ("train", "test")
        for kind, array in (("images-idx3", IMAGES), ("labels-idx1", LABELS))
    }
    offer(EMNIST, {"gzip.zip": zipped(contents)})
    for train in (True, False):
        dataset = EMNIST(tmp_path, split, train=train, download=True)
        np.testing.assert_array_equal(dataset.data, IMAGES)
        np.testing.assert_array_equal(dataset.targets, LABELS)
    with pytest.raises(DatasetError, match=r"members: gzip/emnist-mnist-train-images.* missing"):
        EMNIST(tmp_path, "mnist")
    with pytest.raises(ValueError, match="split is 'words'; needed is one of byclass, bymerge"):
        EMNIST(tmp_path, "words")
    with pytest.raises(ValueError, match=r"split is \['digits'\]; needed is one of"):
        EMNIST(tmp_path, ["digits"])


def test_cifar(offer, tmp_path):
    folder = "cifar-10-batches-bin"
    batches = {f"{folder}/data_batch_{n}.bin": cifar([n, 0, 9, 2]) for n in range(5, 0, -1)}
    offer(
        CIFAR10,
        {"cifar-10-binary.tar.gz": tarred({**batches, f"{folder}/test_batch.bin": cifar([7] * 4)})},
    )
    train = CIFAR10(tmp_path, transform=ToFloat(), download=True)
    assert train.data.shape == (20, 3, 32, 32)
    np.testing.assert_array_equal(train.data[:4].reshape(4, -1), ROWS)
    assert train.targets[::4].tolist() == [1, 2, 3, 4, 5]
    assert CIFAR10(tmp_path, train=False).targets.tolist() == [7] * 4
    images, _ = next(iter(DataLoader(train, 8, backend="numpy")))
    assert (images.shape, images.dtype) == ((8, 3, 32, 32), np.float32)
    fine = cifar([1, 2, 3, 4], [99, 0, 50, 7])
    offer(CIFAR100, {"cifar-100-binary.tar.gz": tarred({"cifar-100-binary/test.bin": fine})})
    test = CIFAR100(tmp_path, train=False, download=True)
    assert test.targets.tolist() == [99, 0, 50, 7]
    np.testing.assert_array_equal(test.data.reshape(4, -1), ROWS)


def test_mirrors_are_tried_in_turn_and_a_wrong_file_is_none(
    offer, like_mnist, server, tmp_path, monkeypatch
):
    address, files, asked = server
    offer(FashionMNIST, like_mnist)
    name = "train-images-idx3-ubyte.gz"
    files[f"/forged/{name}"] = b"something else"
    mirrors = (f"{address}/gone", f"{address}/forged")
    monkeypatch.setattr(FashionMNIST, "mirrors", mirrors)
    with pytest.raises(ConnectionError) as caught:
        FashionMNIST(tmp_path, download=True)
    message = str(caught.value)
    for words in (
        f"FashionMNIST: {name} could not be downloaded from any of 2 mirrors",
        f"{address}/gone/{name}: 404",
        f"{address}/forged/{name}: SHA256 hash",
        "Check the network",
        FashionMNIST.sha256[name],
    ):
        assert words in message
    # Nothing is left of it, not even in part.
    assert list((tmp_path / "FashionMNIST" / "raw").iterdir()) == []
    monkeypatch.setattr(FashionMNIST, "mirrors", (*mirrors, f"{address}/good"))
    assert len(FashionMNIST(tmp_path, download=True)) == 6
    assert f"/forged/{name}" in asked


def test_offline_is_said(offer, like_mnist, tmp_path, monkeypatch):
    offer(KMNIST, like_mnist)
    monkeypatch.setattr(KMNIST, "mirrors", ("http://127.0.0.1:1",))
    with pytest.raises(ConnectionError, match=r"(?s)KMNIST: .* 1 mirrors:.*Check the network"):
        KMNIST(tmp_path, download=True)


def test_a_folder_that_cannot_be_made_is_no_fault_of_the_mirrors(
    offer, like_mnist, server, tmp_path
):
    offer(KMNIST, like_mnist)
    (tmp_path / "data").write_bytes(b"a file")
    with pytest.raises(NotADirectoryError, match="data"):
        KMNIST(tmp_path / "data", download=True)
    assert server[2] == []


def test_a_damaged_copy_is_fetched_again(offer, like_mnist, tmp_path):
    offer(KMNIST, like_mnist)
    KMNIST(tmp_path, download=True)
    path = tmp_path / "KMNIST" / "raw" / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DatasetError, match="damaged or truncated"):
        KMNIST(tmp_path)
    assert len(KMNIST(tmp_path, download=True)) == 6


def test_without_download_or_pooch_it_is_said_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"CIFAR10: cifar-10-bin.* not in .*download=True"):
        CIFAR10(tmp_path)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r"CIFAR10: .*simple-autograd-datasets\[download\]"):
        CIFAR10(tmp_path, download=True)


@pytest.mark.parametrize(
    ("name", "images", "labels", "words"),
    [
        ("sizes", IMAGES[:, 1:], LABELS, r"images: shape \(6, 27, 28\) of uint8; expected"),
        ("numbers", IMAGES, LABELS[1:], r"labels: shape \(5,\) of uint8; expected \(6,\)"),
        ("classes", IMAGES, LABELS + 1, "labels: 1 to 10; expected 0 to 9"),
    ],
)
def test_files_that_hold_something_else(encode, tmp_path, name, images, labels, words):
    folder = tmp_path / "KMNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(encode(images, ".gz"))
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(encode(labels, ".gz"))
    with pytest.raises(DatasetError, match=words):
        KMNIST(tmp_path)


def test_a_cifar_batch_that_ends_early(tmp_path):
    folder = tmp_path / "CIFAR100" / "raw"
    folder.mkdir(parents=True)
    content = cifar([1] * 4, [2] * 4)[:-1]
    (folder / "cifar-100-binary.tar.gz").write_bytes(tarred({"cifar-100-binary/test.bin": content}))
    with pytest.raises(DatasetError, match="12295 bytes; expected a multiple of 3074"):
        CIFAR100(tmp_path, train=False)


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["../a", "b/../../a", "/etc/a", "..\\a", "C:/a"])
def test_an_archive_with_a_path_outside_is_refused(tmp_path, pack, name):
    path = tmp_path / "archive"
    path.write_bytes(pack({"good": b"1", name: b"2"}))
    with pytest.raises(DatasetError, match="leads outside of the archive"):
        read_members(path, ["good"])


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_are_read_in_the_order_asked_for_and_not_beyond_the_limit(tmp_path, pack):
    path = tmp_path / "archive"
    path.write_bytes(pack({"a": b"1", "b": b"22", "c": bytes(10**6)}))
    assert read_members(path, ["b", "a"]) == [b"22", b"1"]
    with pytest.raises(DatasetError, match="archive: content: more than 1000 bytes"):
        read_members(path, ["c"], max_bytes=1000)
    path.write_bytes(pack({"a": bytes(600), "b": bytes(600)}))
    with pytest.raises(DatasetError, match="archive: content: more than 1000 bytes"):
        read_members(path, ["a", "b"], max_bytes=1000)
