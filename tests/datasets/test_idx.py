"""The IDX decoder: what it reads, what it refuses and in which words; nothing makes it run away."""

from __future__ import annotations

import re
import struct
import zlib

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
import hypothesis.extra.numpy as hnp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simple_autograd.datasets import DatasetError, decode_idx, read_idx
from tests.datasets.memory import MIB, frugal

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")

DTYPES = ["uint8", "int8", "int16", "int32", "float32", "float64"]
SUFFIXES = ["", ".gz", ".xz"]


def raises(*words):
    """Expect a DatasetError whose message has these words in this order."""
    return pytest.raises(DatasetError, match="(?s)" + ".*".join(map(re.escape, words)))


# What it reads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_and_compression_round_trips(encode, dtype, suffix):
    array = (np.arange(24).reshape(2, 3, 4) * 7 - 20).astype(dtype)
    decoded = decode_idx(encode(array, suffix))
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == np.dtype(dtype)
    assert decoded.dtype.isnative
    assert decoded.flags.writeable


@pytest.mark.parametrize("shape", [(0,), (5,), (0, 28, 28), (1, 2, 3, 4, 5)])
def test_every_shape_round_trips(encode, shape):
    assert decode_idx(encode(np.zeros(shape, np.uint8))).shape == shape


@given(hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=1, max_dims=4, max_side=6)))
def test_any_array_round_trips(encode, array):
    np.testing.assert_array_equal(decode_idx(encode(array)), array)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_compression_is_seen_from_the_content_and_not_from_the_name(encode, tmp_path, suffix):
    path = tmp_path / "images.gz"
    path.write_bytes(encode(np.arange(6, dtype=np.uint8), suffix))
    np.testing.assert_array_equal(read_idx(path), np.arange(6))
    np.testing.assert_array_equal(read_idx(str(path)), np.arange(6))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_are_taken(encode, kind):
    np.testing.assert_array_equal(decode_idx(kind(encode(np.arange(3, dtype=np.uint8)))), range(3))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_values_longer_than_one_piece(encode, suffix):
    array = np.random.default_rng(0).integers(0, 256, 3 * MIB + 5, dtype=np.uint8)
    np.testing.assert_array_equal(decode_idx(encode(array, suffix)), array)


def test_the_array_owns_its_memory():
    content = bytearray(b"\0\0\x08\x01\0\0\0\x01\x07")
    decoded = decode_idx(content)
    content[-1] = 9
    assert decoded[0] == 7


# What it refuses, and in which words --------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["magic number: the file ends after 0 bytes", "expected 4", "empty"]),
        (b"\0\0\x08", ["magic number: the file ends after 3 bytes", "expected 4"]),
        (b"\x89PNG\r\n\x1a\n", ["magic number: 0x89504e47", "expected 0x0000", "no IDX file"]),
        (b"\0\x01\x08\x01", ["magic number: 0x00010801"]),
        (b"\0\0\x07\x01", ["dtype code: 0x07", "0x00000701", "0x08 (uint8)", "0x0e (float64)"]),
        (b"\0\0\x08\x00", ["number of dimensions: 0", "0x00000800", "expected 1 to 32"]),
        (b"\0\0\x08\xff", ["number of dimensions: 255", "expected 1 to 32"]),
        (b"\0\0\x08\x03\0\0\0\x01\0", ["shape: the file ends after 5 bytes", "expected 12"]),
        (
            b"\0\0\x0b\x02\0\0\0\x02\0\0\0\x03" + bytes(11),
            ["values: 11 bytes", "expected 12 bytes", "(2, 3) of int16", "truncated"],
        ),
        (
            b"\0\0\x08\x01\0\0\0\x02" + bytes(3),
            ["values: more than 2 bytes", "expected exactly 2", "(2,) of uint8"],
        ),
        (
            b"\0\0\x08\x03" + b"\xff" * 12,
            [
                "shape: (4294967295, 4294967295, 4294967295)",
                "at most 1073741824 bytes",
                "max_bytes",
            ],
        ),
        (b"\0\0\x08\x03" + bytes(4) + b"\xff" * 8, ["shape: (0, 4294967295, 4294967295)"]),
    ],
)
def test_a_wrong_field_is_named(compress, content, words, tmp_path):
    path = tmp_path / "digits-idx"
    path.write_bytes(content)
    with raises("digits-idx: ", *words):
        read_idx(path)
    with raises("my bytes: ", *words):
        decode_idx(content, name="my bytes")
    for suffix in (".gz", ".xz"):
        with raises(f"f{suffix}: ", *words):
            decode_idx(compress(content, suffix), name=f"f{suffix}")


@pytest.mark.parametrize(("suffix", "kind"), [(".gz", "gzip"), (".xz", "xz")])
def test_a_damaged_compressed_stream_is_named(encode, suffix, kind):
    whole = encode(np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8), suffix)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x55
    for damaged in (whole[:-1], whole[: len(whole) // 2], bytes(flipped), whole + b"more"):
        with raises(f"f{suffix}: the {kind} stream", "damaged or truncated", f"one whole {kind}"):
            decode_idx(damaged, name="f" + suffix)


def test_a_wrong_checksum_is_seen(encode):
    damaged = bytearray(encode(np.arange(100, dtype=np.uint8), ".gz"))
    damaged[-8] ^= 1
    with raises("the gzip stream", "CRC"):
        decode_idx(bytes(damaged))


def test_the_limit_may_be_set(encode):
    content = encode(np.zeros(101, np.int16))
    assert decode_idx(content, max_bytes=202).nbytes == 202
    with raises("shape: (101,) of int16", "at most 201 bytes"):
        decode_idx(content, max_bytes=201)


def test_a_missing_file_is_an_ordinary_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")


# Nothing makes it run away ------------------------------------------------------------------------

# The one declares 1,000,000,000 bytes and has 100, the other declares 100 and has 300,000,000.
LIAR = b"\0\0\x08\x01" + (10**9).to_bytes(4, "big") + bytes(100)
BOMB = b"\0\0\x08\x01" + (100).to_bytes(4, "big") + bytes(300 * 10**6)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_memory_follows_what_is_there_and_not_what_is_declared(compress, suffix):
    liar = compress(LIAR, suffix)
    with raises("values: 100 bytes", "expected 1000000000"):
        decode_idx(liar)
    frugal(lambda: ignoring_errors(liar))


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_a_decompression_bomb_is_not_inflated(compress, suffix):
    bomb = compress(BOMB, suffix)
    with raises("values: more than 100 bytes"):
        decode_idx(bomb)
    frugal(lambda: ignoring_errors(bomb))


def test_a_stream_that_asks_for_gigabytes_of_working_memory_is_refused(encode):
    stream = bytearray(encode(np.arange(100, dtype=np.uint8), ".xz"))
    # The block header starts at 12: size, flags, filter 0x21, its length 1, the dictionary's size,
    # …, CRC32.
    assert stream[14:16] == b"\x21\x01"
    stream[16] = 40  # 4 GiB
    end = 12 + 4 * stream[12]
    stream[end : end + 4] = struct.pack("<I", zlib.crc32(stream[12:end]))
    with raises("the xz stream", "Memory usage limit"):
        decode_idx(bytes(stream))


def ignoring_errors(content):
    """Decode; only the package's own error may come of it."""
    try:
        return decode_idx(content)
    except DatasetError:
        return None


@settings(deadline=2000)
@given(st.binary(max_size=300))
@example(b"\x1f\x8b")
@example(b"\xfd7zXZ\x00")
def test_random_bytes_give_an_array_or_the_packages_error(content):
    ignoring_errors(content)


@settings(deadline=2000)
@given(
    st.sampled_from([0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x00, 0xFF]),
    st.lists(st.one_of(st.integers(0, 4), st.integers(0, 2**32 - 1)), max_size=40),
    st.binary(max_size=64),
    st.sampled_from(SUFFIXES),
)
def test_random_headers_give_an_array_or_the_packages_error(compress, code, shape, values, suffix):
    content = bytes([0, 0, code, len(shape)])
    content += b"".join(length.to_bytes(4, "big") for length in shape) + values
    content = compress(content, suffix)
    decoded = frugal(lambda: ignoring_errors(content))
    if decoded is not None:
        assert decoded.shape == tuple(shape)
        assert decoded.nbytes == len(values)


@settings(deadline=2000)
@given(st.data(), st.sampled_from(SUFFIXES))
def test_mutated_files_give_an_array_or_the_packages_error(encode, data, suffix):
    array = np.arange(240, dtype=np.uint8).reshape(10, 24)
    content = bytearray(encode(array, suffix))
    for _ in range(data.draw(st.integers(1, 4), label="mutations")):
        place = data.draw(st.integers(0, len(content)), label="place")
        length = data.draw(st.integers(0, 8), label="bytes replaced")
        content[place : place + length] = data.draw(st.binary(max_size=8), label="by")
    decoded = frugal(lambda: ignoring_errors(bytes(content)))
    if decoded is not None and suffix:
        # A checksum stands behind the values, so that what is read is what was written.
        np.testing.assert_array_equal(decoded, array)
