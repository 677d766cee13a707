"""MNIST's files: the embedded ones are the canonical ones, the user's are found and checked."""

from __future__ import annotations

import hashlib
import lzma
import re
from importlib.resources import files

import numpy as np
import pytest

from simple_autograd.datasets import MNIST, DatasetError

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")

DATA = files("simple_autograd.datasets") / "data"


@pytest.mark.parametrize(
    "line", (DATA / "RAW_SHA256").read_text().splitlines(), ids=lambda line: line.split()[1]
)
def test_the_embedded_files_are_the_canonical_ones(line):
    digest, name = line.split()
    content = lzma.decompress((DATA / f"{name}.xz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == digest


def test_there_are_four_of_them_with_their_attribution():
    lines = (DATA / "RAW_SHA256").read_text().splitlines()
    assert len([line for line in lines if "digits" not in line]) == 4
    assert len([file for file in DATA.iterdir() if file.name.endswith(".xz")]) == len(lines) == 6
    attribution = (DATA / "README.md").read_text()
    assert "Yann LeCun and Corinna Cortes" in attribution
    assert "CC BY-SA 3.0" in attribution


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize("folder", ["", "raw", "MNIST", "MNIST/raw"])
def test_the_users_files_are_found(write_set, digits, folder, mark, suffix):
    root = write_set(*digits, folder, mark, suffix)
    for dataset in (MNIST(root), MNIST(str(root)), MNIST(data_root=root)):
        np.testing.assert_array_equal(dataset.data, digits[0])
        np.testing.assert_array_equal(dataset.targets, digits[1])
        assert dataset.targets.dtype == np.int64
        assert not dataset.data.flags.writeable
        assert repr(dataset) == f"<MNIST: training set, 20 items, {root}>"


def test_training_and_test_files_are_told_apart(write_set, digits):
    root = write_set(*digits)
    (root / "train-images-idx3-ubyte").rename(root / "t10k-images-idx3-ubyte")
    (root / "train-labels-idx1-ubyte").rename(root / "t10k-labels-idx1-ubyte")
    assert len(MNIST(root, train=False)) == 20
    with pytest.raises(FileNotFoundError, match="no files of the training set"):
        MNIST(root, train=True)


def test_missing_files_say_where_they_were_looked_for(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        MNIST(tmp_path, train=False)
    for words in (
        f"no files of the test set in {tmp_path};",
        "t10k-images-idx3-ubyte or t10k-images.idx3-ubyte",
        "t10k-labels-idx1-ubyte or t10k-labels.idx1-ubyte",
        ".gz or .xz",
        str(tmp_path / "MNIST" / "raw"),
        "Leave root out",
    ):
        assert words in str(caught.value)


def test_a_root_that_is_no_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError, match="nowhere, which does not exist; looked for"):
        MNIST(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="file, which is a file; looked for"):
        MNIST(tmp_path / "file")


@pytest.mark.parametrize(("missing", "there"), [("images", "labels"), ("labels", "images")])
@pytest.mark.parametrize("download", [False, True])
def test_half_a_set_is_refused(write_set, digits, missing, there, download):
    root = write_set(
        digits[0] if there == "images" else None, digits[1] if there == "labels" else None, "raw"
    )
    axes = {"images": 3, "labels": 1}[missing]
    words = rf"train-{there}-idx\d-ubyte is there, but no file of {missing}.*train-{missing}-idx{axes}-ubyte"
    with pytest.raises(FileNotFoundError, match=words):
        MNIST(root, download=download)


def test_images_and_labels_come_from_one_folder(write_set, digits):
    write_set(digits[0], None, "raw")
    root = write_set(None, digits[1], "MNIST/raw")
    with pytest.raises(FileNotFoundError, match="no file of labels beside it"):
        MNIST(root)


def test_download_falls_back_on_the_embedded_files_and_writes_nothing(tmp_path):
    dataset = MNIST(tmp_path, train=False, download=True)
    assert dataset.data is MNIST(train=False).data
    assert list(tmp_path.iterdir()) == []


def test_download_prefers_the_users_files(write_set, digits):
    assert len(MNIST(write_set(*digits), download=True)) == 20


def test_two_roots_are_refused(tmp_path):
    with pytest.raises(TypeError, match=r"root=.* and data_root=.* two names of one argument"):
        MNIST(tmp_path, data_root=tmp_path)


IMAGES = np.zeros((4, 28, 28), np.uint8)
LABELS = np.array([1, 2, 3, 4], np.uint8)


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (
            LABELS,
            LABELS,
            "images-idx3-ubyte: shape: (4,) of uint8; expected images of shape (N, 28, 28) of "
            "uint8. It looks like a file of labels.",
        ),
        (
            IMAGES,
            IMAGES,
            "labels-idx1-ubyte: shape: (4, 28, 28) of uint8; expected labels of shape (N,) of "
            "uint8. It looks like a file of images.",
        ),
        (IMAGES[:, :27], LABELS, "images-idx3-ubyte: shape: (4, 27, 28) of uint8; expected images"),
        (IMAGES.astype(np.int16), LABELS, "images-idx3-ubyte: shape: (4, 28, 28) of int16;"),
        (IMAGES, LABELS.astype(np.int32), "labels-idx1-ubyte: shape: (4,) of int32; expected"),
        (IMAGES, LABELS[:3], "labels-idx1-ubyte: number of items: 3 labels; expected 4, one for"),
        (IMAGES[:2], LABELS, "number of items: 4 labels; expected 2, one for each image of "),
        (IMAGES, LABELS + np.uint8(6), "labels-idx1-ubyte: label 3: 10; expected 0 to 9."),
        (b"", LABELS, "images-idx3-ubyte: magic number: the file ends after 0 bytes"),
        (IMAGES, b"\0\0\x08\x01\0\0\0\x04\1\2\3", "labels-idx1-ubyte: values: 3 bytes; expected 4"),
        (IMAGES, b"<html>not found</html>", "labels-idx1-ubyte: magic number: 0x3c68746d"),
    ],
)
def test_a_damaged_or_mislabelled_file_is_named(write_set, images, labels, words):
    root = write_set(images, labels)
    with pytest.raises(DatasetError, match=re.escape(str(root)) + ".*" + re.escape(words)):
        MNIST(root)
