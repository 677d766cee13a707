"""Archives and what datasets make of them: nothing hangs, runs away, or raises another's error."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simple_autograd.datasets import CIFAR10, CIFAR100, EMNIST, KMNIST, QMNIST, DatasetError
from simple_autograd.datasets.download import read_members
from tests.datasets.memory import MIB, frugal

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
LABELS = np.array([1, 9, 3], np.uint8)
fuzzed = settings(deadline=2000, max_examples=60)


def zipped(members, method=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(members, form=tarfile.PAX_FORMAT):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def mutated(data, content):
    content = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4), label="mutations")):
        place = data.draw(st.integers(0, len(content)), label="place")
        length = data.draw(st.integers(0, 12), label="bytes replaced")
        content[place : place + length] = data.draw(st.binary(max_size=12), label="by")
    return bytes(content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzzed")


def outcome(function):
    """Give what a function gives, or None for the package's own error; it keeps to little memory."""
    return frugal(lambda: unless_refused(function))


def unless_refused(function):
    try:
        return function()
    except DatasetError:
        return None


ARCHIVES = {
    "deflated zip": zipped({"a": bytes(range(256)), "b": b"22"}),
    "stored zip": zipped({"a": bytes(range(256)), "b": b"22"}, zipfile.ZIP_STORED),
    "pax tar": tarred({"a": bytes(range(256)), "b" * 120 + "é": b"", "b": b"22"}),
    "gnu tar": tarred({"a": bytes(range(256)), "b" * 120: b"", "b": b"22"}, tarfile.GNU_FORMAT),
}


@fuzzed
@given(st.data(), st.sampled_from(sorted(ARCHIVES)))
def test_mutated_archives(folder, data, kind):
    content = mutated(data, ARCHIVES[kind])
    path = folder / "archive"
    path.write_bytes(gzip.compress(content, 1) if "tar" in kind else content)
    found = outcome(lambda: read_members(path, ["a", "b"], max_bytes=MIB))
    if found is not None and kind == "deflated zip":
        assert found == [bytes(range(256)), b"22"]  # A checksum stands behind them.


@fuzzed
@given(st.data())
def test_mutated_gzip_streams(folder, data):
    path = folder / "archive"
    path.write_bytes(mutated(data, gzip.compress(ARCHIVES["pax tar"], 1)))
    outcome(lambda: read_members(path, ["a", "b"], max_bytes=MIB))


@fuzzed
@given(st.binary(max_size=300))
@example(b"")
@example(b"\x1f\x8b")
@example(b"PK\x05\x06" + bytes(18))
@example(gzip.compress(b""))
def test_random_bytes(folder, content):
    path = folder / "archive"
    for whole in (content, gzip.compress(content, 1)):
        path.write_bytes(whole)
        assert outcome(lambda: read_members(path, ["a"])) is None


# What asks for more than there is -------------------------------------------------------------------


def header(kind, size):
    member = tarfile.TarInfo("a")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.REGTYPE, tarfile.DIRTYPE]
)
@pytest.mark.parametrize("member", ["a", "b"])
def test_a_long_header_or_member_in_a_tar_is_not_inflated(folder, kind, member):
    path = folder / "bomb"
    with gzip.open(path, "wb", 1) as target:
        target.write(header(kind, 50 * MIB))
        for _ in range(50):
            target.write(bytes(MIB))
    with pytest.raises(DatasetError, match=r"bomb: .*more than 1048576 bytes|damaged|missing"):
        read_members(path, [member], max_bytes=MIB)
    assert outcome(lambda: read_members(path, [member], max_bytes=MIB)) is None


def test_a_size_less_than_nothing_does_not_go_round(folder):
    path = folder / "backwards"
    for kind in (tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.DIRTYPE):
        for size in (-512, -1024, -1, -(2**40)):
            path.write_bytes(gzip.compress(header(kind, size) * 3 + bytes(1024)))
            outcome(lambda: read_members(path, ["b"], max_bytes=MIB))


def test_a_zip_with_a_compression_that_knows_no_limit_is_refused(folder):
    path = folder / "zip"
    path.write_bytes(zipped({"a": bytes(20 * MIB)}, zipfile.ZIP_BZIP2))
    assert path.stat().st_size < 4096
    with pytest.raises(DatasetError, match=r"member a: compression method 12; expected 0 .*or 8"):
        read_members(path, ["a"])
    assert outcome(lambda: read_members(path, ["a"])) is None


def test_an_encrypted_zip_is_refused(folder):
    content = bytearray(ARCHIVES["stored zip"])
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (folder / "zip").write_bytes(content)
    with pytest.raises(DatasetError, match=r"damaged or truncated \(.*encrypted"):
        read_members(folder / "zip", ["a"])


@pytest.mark.parametrize("members", [["a"], ["a", "b"]])
def test_a_zip_bomb_is_not_inflated(folder, members):
    path = folder / "zip"
    path.write_bytes(zipped(dict.fromkeys(members, bytes(50 * MIB))))
    with pytest.raises(DatasetError, match="more than 1048576 bytes"):
        read_members(path, members, max_bytes=MIB)
    assert outcome(lambda: read_members(path, members, max_bytes=MIB)) is None


# The datasets ---------------------------------------------------------------------------------------


def place(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def check(dataset, classes):
    if dataset is not None:
        assert dataset.data.dtype == np.uint8
        assert len(dataset.data) == len(dataset.targets)
        assert dataset.targets.dtype == np.int64
        assert not len(dataset) or 0 <= dataset.targets.min() <= dataset.targets.max() < classes


@fuzzed
@given(st.data(), st.binary(max_size=3 * 3074))
def test_cifar_batches(folder, data, content):
    rows = data.draw(st.integers(0, 2), label="rows")
    content = (bytes(3074 * rows) + content)[: data.draw(st.sampled_from([None, 3073, 6148]))]
    place(
        folder,
        "CIFAR100/raw/cifar-100-binary.tar.gz",
        gzip.compress(tarred({"cifar-100-binary/test.bin": content}), 1),
    )
    check(outcome(lambda: CIFAR100(folder, train=False)), 100)
    batches = {f"cifar-10-batches-bin/data_batch_{n}.bin": content for n in range(1, 6)}
    place(folder, "CIFAR10/raw/cifar-10-binary.tar.gz", gzip.compress(tarred(batches), 1))
    check(outcome(lambda: CIFAR10(folder)), 10)


@fuzzed
@given(st.data(), st.booleans())
def test_emnist_zips(folder, encode, data, damage_the_zip):
    contents = {
        "gzip/emnist-digits-train-images-idx3-ubyte.gz": encode(IMAGES),
        "gzip/emnist-digits-train-labels-idx1-ubyte.gz": encode(LABELS),
    }
    if not damage_the_zip:
        name = data.draw(st.sampled_from(sorted(contents)))
        contents[name] = mutated(data, contents[name])
    archive = zipped({name: gzip.compress(content, 1) for name, content in contents.items()})
    place(folder, "EMNIST/raw/gzip.zip", mutated(data, archive) if damage_the_zip else archive)
    check(outcome(lambda: EMNIST(folder, "digits")), 10)


@fuzzed
@given(st.data(), st.sampled_from(["images", "labels"]), st.sampled_from(["", ".gz"]))
def test_idx_files_of_datasets(folder, encode, data, damaged, suffix):
    arrays = {"images": IMAGES, "labels": LABELS}
    for kind, axes in (("images", 3), ("labels", 1)):
        content = encode(arrays[kind], suffix)
        content = mutated(data, content) if kind == damaged else content
        place(folder, f"KMNIST/raw/train-{kind}-idx{axes}-ubyte.gz", content)
    check(outcome(lambda: KMNIST(folder)), 10)


@fuzzed
@given(st.data())
def test_qmnist_labels(folder, encode, data):
    shape = data.draw(st.sampled_from([(3, 8), (3, 0), (0, 8), (3,), (3, 1), (3, 2, 2), (2, 8)]))
    values = data.draw(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=48, max_size=48))
    labels = np.resize(np.array(values), shape).astype(np.int32)
    place(folder, "QMNIST/raw/qmnist-train-images-idx3-ubyte.gz", encode(IMAGES))
    place(folder, "QMNIST/raw/qmnist-train-labels-idx2-int.gz", encode(labels))
    check(outcome(lambda: QMNIST(folder)), 10)
