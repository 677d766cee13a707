"""Indexing by every key that NumPy knows, drawn at random: values, gradients, assignments, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.op import OPS
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable
from tests.core.raising import raises

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.core.index_strategies import shapes_and_basic_keys, shapes_and_mixed_keys

any_key = settings(max_examples=150, deadline=None)
KEYS = shapes_and_basic_keys() | shapes_and_mixed_keys() | shapes_and_mixed_keys()

# NumPy's less known rules, each met by a drawn key only now and then.
MASK = np.array([[True, False, True], [False, False, True]])
CORNERS = [
    ((2, 3, 4), ([0, 1], slice(None), [1, 2])),  # not neighbours: their axis comes first
    ((2, 3, 4), (slice(None), [0, 1], [1, 2])),  # neighbours: it stays where they are
    ((2, 3, 4), (0, slice(None), [1, 2])),  # an integer counts as an index array here
    ((2, 3, 4), (slice(None), 0, [1, 2])),
    ((2, 2, 2, 3), (slice(None), [0, 1], slice(None), [1, 2])),
    ((2, 2, 3), (None, [0, 1], slice(None), [1, 2])),
    ((2, 3, 4), (slice(None), 0, None, [1, 2])),
    ((2, 3, 4), ([0], None, [1])),  # a new axis between separates them
    ((2, 3), ([0], Ellipsis, [1])),  # and so does an Ellipsis for no axis
    ((2, 3), (MASK,)),
    ((2, 3, 4), MASK),
    ((4, 2, 3), (Ellipsis, MASK)),
    ((4, 2, 3), ([1], MASK)),
    ((2, 3), True),
    ((2, 3), False),
    ((), True),
    ((), (None, Ellipsis, None)),
    ((3,), (True, [0, 1])),
    ((2, 3), [[0, 1], [1, 0]]),
    ((2, 3), ([[0], [1]], [[0, 2]])),
    ((5,), slice(10, None, -2)),
    ((5,), slice(-10, 10)),
    ((5,), slice(3, 3)),
    ((3,), np.zeros((0, 2), np.int64)),
    ((3,), []),
    ((3,), [0] * 9 + [2] * 5 + [0] * 4),
    ((0, 3), (slice(None), [0, 0])),
    ((3,), np.array(1)),
    ((3,), np.uint8(2)),
]


def corners(test):
    for corner in CORNERS:
        test = example(corner)(test)
    return test


def filled(shape):
    """Give an array whose elements all differ."""
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def selectable(shape_and_key):
    """Say whether NumPy takes the key."""
    shape, key = shape_and_key
    try:
        np.zeros(shape)[key]
    except IndexError:
        return False
    return True


VALID = KEYS.filter(selectable)


@corners
@given(VALID)
@any_key
def test_value_and_gradient(shape_and_key):
    shape, key = shape_and_key
    array = filled(shape)
    expected = np.asarray(array[key])
    v = variable(array)
    out = v[to_backend(key)]
    assert_equal(out, expected)
    above = filled(expected.shape)
    out.backward(above)
    truth = np.zeros(shape)
    np.add.at(truth, key, above)
    assert_close(v.grad, truth)


@corners
@given(VALID)
@any_key
def test_portable_bodies_do_what_numpy_does(shape_and_key):
    """Those that a backend without kernels runs, here on NumPy's own arrays."""
    shape, key = shape_and_key
    array = filled(shape)
    expected = np.asarray(array[key])
    np.testing.assert_array_equal(OPS["getitem"].body(np, array, key=key), expected)
    truth = np.zeros(shape)
    np.add.at(truth, key, expected)
    np.testing.assert_allclose(OPS["put_add"].body(np, expected, key=key, shape=shape), truth)
    assigned = array.copy()
    assigned[key] = -expected
    np.testing.assert_array_equal(OPS["index_put"].body(np, array, -expected, key=key), assigned)


@corners
@given(VALID)
@any_key
def test_second_order(shape_and_key):
    """The gradient of a sum of squares is twice the count of each element's uses, times the element."""
    shape, key = shape_and_key
    array = filled(shape)
    count = np.zeros(shape)
    np.add.at(count, key, 1.0)
    v = variable(array)
    (first,) = sa.grad((v[to_backend(key)] ** 2).sum(), v, create_graph=True)
    assert_close(first, 2 * count * array)
    (second,) = sa.grad((first * to_backend(array)).sum(), v)
    assert_close(second, 2 * count * array)


@corners
@given(VALID)
@any_key
def test_assignment(shape_and_key):
    shape, key = shape_and_key
    array = filled(shape)
    values = -filled(np.asarray(array[key]).shape)
    assigned = array.copy()
    assigned[key] = values
    plain = variable(array, requires_grad=False)
    plain[to_backend(key)] = to_backend(values)
    assert_equal(plain, assigned)
    # On the tape: what was overwritten gets no gradient, what was written gets that of its place.
    v, w = variable(array), variable(values)
    x = v * 1.0
    x[to_backend(key)] = w
    assert_equal(x, assigned)
    above = filled(shape)
    x.backward(above)
    assert_equal(v.grad, np.where(assigned < 0, 0.0, above))
    written = np.zeros(values.shape)
    for_place = dict(zip(assigned.ravel(), above.ravel(), strict=True))
    written.ravel()[...] = [for_place.get(value, 0.0) for value in values.ravel()]
    assert_equal(w.grad, written)


@given(VALID, st.data())
@settings(max_examples=50, deadline=None)
def test_assignment_broadcasts(shape_and_key, data):
    shape, key = shape_and_key
    selected = np.zeros(shape)[key].shape
    part = tuple(data.draw(st.sampled_from([1, n])) for n in selected)
    part = part[data.draw(st.integers(0, len(part))) :]
    array, values = filled(shape), -filled(part)
    assigned = array.copy()
    assigned[key] = values
    x = variable(array) * 1.0
    w = variable(values)
    x[to_backend(key)] = w
    assert_equal(x, assigned)
    x.backward(np.ones(shape))
    assert to_numpy(w.grad).shape == values.shape
    assert to_numpy(w.grad).sum() == (assigned < 0).sum()


# Written out ----------------------------------------------------------------------------------------


def test_repeated_indices_add_up():
    v = variable([1.0, 2.0, 3.0])
    (v[[0, 0, 2, 0]] * to_backend(np.array([1.0, 10.0, 100.0, 1000.0]))).sum().backward()
    assert_equal(v.grad, np.array([1011.0, 0.0, 100.0]))


def test_many_repeated_indices_add_up():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 7, 1000)
    v = variable(np.zeros((7, 3)))
    above = rng.normal(size=(1000, 3))
    v[to_backend(rows)].backward(above)
    truth = np.zeros((7, 3))
    np.add.at(truth, rows, above)
    assert_close(v.grad, truth)


def test_a_list_may_change_once_it_has_indexed():
    v, rows = variable([1.0, 2.0, 3.0]), [0, 1]
    taken = v[rows] * 1.0
    nested = v[[rows, rows]] * 10.0
    rows[0] = 2
    (taken.sum() + nested.sum()).backward()
    assert_equal(v.grad, np.array([21.0, 21.0, 0.0]))


def test_variables_as_indices():
    v = variable([1.0, 2.0, 3.0])
    index, mask = variable(np.array([2, 0])), v > 1.5
    assert v[index].tolist() == [3.0, 1.0]
    assert v[mask].tolist() == [2.0, 3.0]
    assert v[variable(np.array(1))].item() == 2.0
    square = variable(np.arange(9.0).reshape(3, 3))
    assert square[index, variable(np.array([1, 2]))].tolist() == [7.0, 2.0]


def test_numpy_arrays_index_every_backend():
    v = variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    out = v[:, np.array([2, 0])]
    assert out.tolist() == [[3.0, 1.0], [6.0, 4.0]]
    assert v[np.array([True, False])].tolist() == [[1.0, 2.0, 3.0]]
    out.sum().backward()
    assert_equal(v.grad, np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]))


def test_result_of_an_index_array_is_a_copy_that_can_be_written():
    v = variable([1.0, 2.0, 3.0])
    part = v[to_backend(np.array([1, 2]))]
    part[0] = 9.0
    assert part.tolist() == [9.0, 3.0]
    assert v.tolist() == [1.0, 2.0, 3.0]


def test_raw_array_gives_a_raw_array(backend):
    array = to_backend(np.arange(3.0))
    assert not isinstance(sa.ops.getitem(array, [0, 1]), Variable)
    assert type(sa.ops.getitem(array, [0, 1])) is backend.array_type


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (2, ["index 2 is out of bounds for axis 0"]),
        ((0, -4), ["out of bounds for axis 1"]),
        (([0, 5],), ["out of bounds for axis 0"]),
        ((0, 0, 0), ["too many indices"]),
        ((Ellipsis, Ellipsis), ["llipsis"]),
        (np.array([True, False, True]), ["3"]),
        (([0, 1], [0, 1, 2]), ["broadcast"]),
        (1.5, ["ind"]),
        ("name", [""]),
    ],
    ids=[
        "integer",
        "second axis",
        "list",
        "too many",
        "two Ellipses",
        "mask",
        "shapes",
        "float",
        "text",
    ],
)
def test_wrong_keys_are_refused(key, words):
    v = variable(np.zeros((2, 3)))
    with raises((IndexError, TypeError), *words):
        v[to_backend(key)]
