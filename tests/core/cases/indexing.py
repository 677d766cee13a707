"""Cases of ``ops/indexing.py``. Random indices of every kind are in ``test_indexing.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd import ops
from tests.core.op_case import Failing, OpCase, draw, refused, sample

MASK = np.array([[True, False, True], [False, False, True]])
KEYS = [
    1,
    -1,
    slice(None, None, 2),
    (slice(None), 1),
    (Ellipsis, None, 2),
    (None, 0, slice(1, None)),
    (),
    Ellipsis,
    [0, 1, 1, 0],
    ([0, 1, 1], [2, 2, -1]),
    np.array([[0, 1], [1, 1]]),
    (slice(None), [0, 0]),
    (slice(None), np.array([1, 1]), None, slice(0, 2)),
    MASK,
    MASK[0],
    (slice(None), MASK[0]),
    ([0], slice(None), [1, 2, 1]),
    np.array([], dtype=np.int64),
    True,
    False,
]
REPEATED = "of several writes to one place each gets the gradient there, here the last that counts"
TORCH_CANNOT = "PyTorch has no slice with a negative step"


def key_shapes(key):
    """Give the shape of the array that a key is for."""
    if isinstance(key, np.ndarray) and key.dtype == bool:
        return (3, 4) if key.ndim == 1 else (2, 3, 2)
    return (2, 3, 4)


def gets(rng):
    for key in KEYS:
        yield sample(draw(rng, key_shapes(key)), key=key)
    yield refused(sample(draw(rng, (4, 3)), key=slice(None, None, -1)), torch=TORCH_CANNOT)
    yield sample(draw(rng, ()), key=())
    yield sample(draw(rng, (0, 3)), key=(slice(None), 1))


def puts(rng):
    for key in KEYS:
        shape = key_shapes(key)
        yield sample(draw(rng, np.zeros(shape)[key].shape), key=key, shape=shape)


def add_at(values, key, shape):
    out = np.zeros(shape, dtype=values.dtype)
    np.add.at(out, key, values)
    return out


def torch_key(torch):
    """Give a function that turns NumPy's arrays and lists in a key to tensors."""

    def tensors(key):
        if isinstance(key, tuple):
            return tuple(tensors(item) for item in key)
        return torch.asarray(key) if isinstance(key, np.ndarray | list) else key

    return tensors


def torch_get(torch):
    key_of = torch_key(torch)
    return lambda x, key: x[key_of(key)]


def assignments(rng):
    for key in KEYS:
        x = draw(rng, key_shapes(key))
        written = sample(x, draw(rng, x[key].shape, place=1), key=key)
        yield (
            refused(written, torch=REPEATED)
            if add_at(np.ones(x[key].shape), key, x.shape).max() > 1
            else written
        )
        yield sample(x, 1.5, key=key)
    yield sample(draw(rng, (2, 3)), draw(rng, (3,), place=1), key=0)
    yield sample(draw(rng, (2, 3)), draw(rng, (2, 1), place=1), key=(slice(None), [0, 2]))
    yield sample(draw(rng, (2, 3)), draw(rng, (1, 1, 3), place=1), key=0)


def torch_put(torch):
    get = torch_key(torch)

    def index_put(x, values, key):
        out = x.clone()
        # PyTorch puts no real numbers among complex ones.
        out[get(key)] = values.to(x.dtype) if isinstance(values, torch.Tensor) else values
        return out

    return index_put


def write(x, value, key):
    """Assign into a copy of x."""
    with sa.no_grad():
        written = sa.asarray(x, copy=True)
        written[key] = value
    return written


def write_numpy(x, value, key):
    written = np.array(x)
    written[key] = value
    return written


CASES = [
    OpCase(
        "getitem",
        lambda x, key: x[key],
        gets,
        function=lambda x, key: ops.getitem(x, key),
        torch=torch_get,
        complex=True,
        errors=[
            Failing((np.zeros((2, 3)),), ["index", "axis 0"], IndexError, {"key": 2}),
            Failing((np.zeros((2, 3)),), ["index", "axis 1"], IndexError, {"key": ([0], [3])}),
            Failing((np.zeros((2, 3)),), ["indices"], IndexError, {"key": (0, 0, 0)}),
        ],
    ),
    OpCase(
        "index_put",
        write_numpy,
        assignments,
        function=lambda x, values, key: ops.index_put(x, key, values),
        torch=torch_put,
        complex=True,
        errors=[
            Failing(
                (np.zeros((2, 3)), np.zeros(2)),
                ["could not broadcast", "(2,)", "(3,)"],
                ValueError,
                {"key": 0},
            )
        ],
    ),
    OpCase(
        "put_add",
        add_at,
        puts,
        function=lambda values, key, shape: ops.put_add(values, key, shape),
        complex=True,
    ),
    OpCase(
        "setitem",
        write_numpy,
        extra=[
            sample(np.zeros((2, 3)), [1.0, 2.0, 3.0], key=0),
            sample(np.zeros((2, 3)), 5.0, key=(slice(None), 1)),
            sample(np.zeros((2, 3)), 5.0, key=MASK),
        ],
        function=write,
        order=0,
        raw=False,
    ),
]
