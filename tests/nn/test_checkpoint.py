"""``nn/checkpoint.py``: what is saved comes back to the bit, and a damaged file changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.backends import get_backend


def make(seed=0, hidden=5):
    sa.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 3))
    return model, nn.optim.Adam(model.parameters(), lr=0.01, weight_decay=0.1)


def train(model, optimizer, steps, seed=1):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        x = get_backend().asarray(rng.normal(size=(8, 4)).astype(np.float32))
        targets = get_backend().asarray(rng.integers(0, 3, 8))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), targets).backward()
        optimizer.step()


def arrays(model):
    return {
        key: np.array(get_backend().to_numpy(value), copy=True)
        for key, value in model.state_dict().items()
    }


def same(first, second):
    return all(np.array_equal(first[key], second[key]) for key in {*first, *second})


class Counter:
    """The least that has a state."""

    def __init__(self, count=0):
        self.count = count

    def state_dict(self):
        return {"count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]


def test_training_goes_on_to_the_bit(tmp_path):
    model, optimizer = make()
    train(model, optimizer, 3)
    nn.save(
        tmp_path / "c.safetensors",
        model=model,
        optimizer=optimizer,
        extra={"epoch": 3, "note": "é"},
    )
    train(model, optimizer, 4, seed=2)

    other, resumed = make(seed=9)
    extra = nn.load(tmp_path / "c.safetensors", model=other, optimizer=resumed)
    assert extra == {"epoch": 3, "note": "é"}
    assert resumed.param_groups[0]["lr"] == 0.01
    train(other, resumed, 4, seed=2)
    assert same(arrays(model), arrays(other))


def test_arrays_that_are_not_contiguous_come_back_right(tmp_path):
    model = nn.Linear(3, 2)
    values = np.arange(6, dtype=np.float32).reshape(3, 2).T
    model.weight.data = get_backend().asarray(values)
    nn.save(tmp_path / "c.safetensors", model=model)
    other = nn.Linear(3, 2)
    nn.load(tmp_path / "c.safetensors", model=other)
    np.testing.assert_array_equal(arrays(other)["weight"], values)


def test_weights_go_to_pytorch_and_back(tmp_path, torch):
    from safetensors.torch import load_file, save_file

    model, _ = make()
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    save_file(theirs.state_dict(), str(tmp_path / "torch.safetensors"))
    assert nn.load(tmp_path / "torch.safetensors", model=model) == {}
    x = np.ones((2, 4), np.float32)
    ours = get_backend().to_numpy(model(get_backend().asarray(x)).data)
    np.testing.assert_allclose(ours, theirs(torch.tensor(x)).detach().numpy(), rtol=1e-6, atol=1e-7)

    train(model, nn.optim.SGD(model.parameters(), lr=0.1), 1)
    nn.save(tmp_path / "ours.safetensors", model=model)
    loaded = load_file(str(tmp_path / "ours.safetensors"))
    theirs.load_state_dict({key.removeprefix("model."): value for key, value in loaded.items()})
    ours = get_backend().to_numpy(model(get_backend().asarray(x)).data)
    np.testing.assert_allclose(ours, theirs(torch.tensor(x)).detach().numpy(), rtol=1e-6, atol=1e-7)


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    model, optimizer = make()
    path = tmp_path / "c.safetensors"
    nn.save(path, model=model, optimizer=optimizer)
    before = path.read_bytes()

    def fail(descriptor):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", fail)
    train(model, optimizer, 1)
    with pytest.raises(OSError, match="full"):
        nn.save(path, model=model, optimizer=optimizer)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["c.safetensors"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:4],
        lambda content: b"",
        lambda content: (2**62).to_bytes(8, "little") + content[8:],
        lambda content: content[:8] + b"x" + content[9:],
        lambda content: content.replace(b'"F32"', b'"F99"', 1),
        lambda content: content.replace(b'\\"version\\": 2', b'\\"version\\": 7', 1),
    ],
    ids=["half", "stub", "empty", "huge header", "header", "data type", "version"],
)
def test_a_damaged_file_changes_nothing(tmp_path, damage):
    path = tmp_path / "c.safetensors"
    model, optimizer = make()
    train(model, optimizer, 2)
    nn.save(path, model=model, optimizer=optimizer)
    content = path.read_bytes()
    assert damage(content) != content
    path.write_bytes(damage(content))

    other, fresh = make(seed=5)
    before = arrays(other)
    with pytest.raises(nn.CheckpointError, match=re.escape(str(path))):
        nn.load(path, model=other, optimizer=fresh)
    assert same(arrays(other), before)
    assert fresh.state_dict()["state"] == {}


def test_a_model_that_does_not_fit_leaves_the_optimizer_alone(tmp_path):
    model, optimizer = make()
    nn.save(tmp_path / "c.safetensors", model=model, optimizer=optimizer)
    train(model, optimizer, 1)
    nn.save(tmp_path / "c.safetensors", model=nn.Linear(4, 2), optimizer=optimizer)
    other, fresh = make()
    with pytest.raises(nn.CheckpointError, match=r"(?s)Missing.*weight.*bias.*Unexpected.*weight"):
        nn.load(tmp_path / "c.safetensors", model=other, optimizer=fresh)
    assert fresh.state_dict()["state"] == {}


def test_what_is_missing_is_said(tmp_path):
    model, optimizer = make()
    nn.save(tmp_path / "c.safetensors", model=model)
    with pytest.raises(nn.CheckpointError, match="no state of an optimizer"):
        nn.load(tmp_path / "c.safetensors", model=model, optimizer=optimizer)
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "none.safetensors", model=model)
    with pytest.raises(
        FileNotFoundError, match=r"save: the folder .*runs for c.safetensors does not exist"
    ):
        nn.save(tmp_path / "runs" / "c.safetensors", model=model)
    with pytest.raises(nn.CheckpointError, match="no state of a loader"):
        nn.load(tmp_path / "c.safetensors", loader=Counter())
    nn.save(tmp_path / "o.safetensors", optimizer=optimizer)
    with pytest.raises(nn.CheckpointError, match="no state of a model"):
        nn.load(tmp_path / "o.safetensors", model=model)
    with pytest.raises(TypeError, match="state of extra holds something that JSON cannot say"):
        nn.save(tmp_path / "d.safetensors", model=model, extra={"model": model})
    with pytest.raises(
        TypeError, match="save: scheduler is a int; needed is an object with state_dict"
    ):
        nn.save(tmp_path / "d.safetensors", scheduler=3)
    with pytest.raises(ValueError, match="keep is 0; needed is at least 1"):
        nn.save(tmp_path / "d.safetensors", keep=0)
    assert not (tmp_path / "d.safetensors").exists()


def test_metadata_is_plain_json(tmp_path):
    model, optimizer = make()
    nn.save(tmp_path / "c.safetensors", model=model, optimizer=optimizer, extra={"epoch": 1})
    content = (tmp_path / "c.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["simple_autograd"])["extra"] == {"epoch": 1}


# What else has a state ----------------------------------------------------------------------------


def test_scheduler_loader_and_random_numbers_go_on(tmp_path):
    def parts():
        _, optimizer = make()
        scheduler = nn.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4], gamma=0.5)
        return {"optimizer": optimizer, "scheduler": scheduler, "loader": Counter()}

    def go_on(optimizer, scheduler, loader):
        found = []
        for _ in range(3):
            optimizer.step()
            scheduler.step()
            drawn = get_backend().to_numpy(sa.default_generator().uniform((2,)))
            found.append((scheduler.get_last_lr(), loader.count, drawn.tolist()))
        return found

    first = parts()
    first["loader"].count = 5
    go_on(**first)
    nn.save(tmp_path / "c.safetensors", **first)
    expected = go_on(**first)
    second = parts()
    sa.manual_seed(99)
    nn.load(tmp_path / "c.safetensors", **second)
    assert go_on(**second) == expected

    third = parts()
    sa.manual_seed(99)
    state = sa.default_generator().state
    nn.load(tmp_path / "c.safetensors", **third, random=False)
    assert sa.default_generator().state == state


def test_what_does_not_fit_leaves_everything_as_it_was(tmp_path):
    model, optimizer = make()
    train(model, optimizer, 1)
    scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    path = tmp_path / "c.safetensors"
    nn.save(path, model=model, optimizer=optimizer, scheduler=scheduler, loader=Counter(7))

    wrong = nn.optim.lr_scheduler.StepLR(make()[1], 3)
    other, fresh = make(seed=4, hidden=6)
    decay = nn.optim.lr_scheduler.ExponentialLR(fresh, 0.9)
    loader, random = Counter(1), sa.default_generator().state
    before, rates = arrays(other), decay.state_dict()
    # The states of the scheduler, of the loader and of the generator do fit, and are taken back.
    shapes = r"(?s)does not fit the model.*0\.weight.*\(5, 4\).*0\.bias.*2\.weight"
    with pytest.raises(nn.CheckpointError, match=shapes):
        nn.load(path, model=other, scheduler=decay, loader=loader)
    with pytest.raises(nn.CheckpointError, match="does not fit the optimizer"):
        nn.load(path, model=other, optimizer=fresh, scheduler=decay, loader=loader)
    with pytest.raises(nn.CheckpointError, match=r"does not fit the scheduler.*step_size"):
        nn.load(path, model=other, scheduler=wrong, loader=loader)
    assert same(arrays(other), before)
    assert fresh.state_dict()["state"] == {}
    assert decay.state_dict() == rates
    assert loader.count == 1
    assert sa.default_generator().state == random


# Those before -------------------------------------------------------------------------------------


def kept(folder):
    return {path.name: nn.load(path)["epoch"] for path in folder.iterdir()}


@pytest.mark.parametrize("links", [True, False])
def test_the_last_ones_are_kept(tmp_path, monkeypatch, links):
    def fail(*_):
        raise PermissionError("no links here")

    if not links:
        monkeypatch.setattr(os, "link", fail)
    path = tmp_path / "c.d.safetensors"
    for epoch in range(5):
        nn.save(path, extra={"epoch": epoch}, keep=3)
    names = ["c.d.safetensors", "c.d.1.safetensors", "c.d.2.safetensors"]
    assert kept(tmp_path) == dict(zip(names, [4, 3, 2], strict=True))
    nn.save(path, extra={"epoch": 5})
    assert kept(tmp_path) == dict(zip(names, [5, 3, 2], strict=True))
    path.write_bytes(b"")
    with pytest.raises(
        nn.CheckpointError, match=re.escape(f"predecessor is {tmp_path / names[1]}")
    ):
        nn.load(path)


@pytest.mark.parametrize("call", range(1, 6))
def test_those_before_outlast_a_kill_between_any_two_renames(tmp_path, monkeypatch, call):
    path = tmp_path / "c.safetensors"
    for epoch in range(4):
        nn.save(path, extra={"epoch": epoch}, keep=4)
    calls = 0

    def replace(*names, replace=os.replace):
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        replace(*names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        if call < 5:
            with pytest.raises(KeyboardInterrupt):
                nn.save(path, extra={"epoch": 4}, keep=4)
        else:
            nn.save(path, extra={"epoch": 4}, keep=4)
            assert calls == 4
    assert nn.load(path)["epoch"] == (3 if call < 5 else 4)
    nn.save(path, extra={"epoch": 5}, keep=4)
    expected = [5, 3, 2, 1] if call < 5 else [5, 4, 3, 2]
    assert sorted(kept(tmp_path).values(), reverse=True) == expected


def test_what_a_killed_run_was_writing_is_cleared(tmp_path):
    (tmp_path / ".c.safetensors.77.tmp").write_bytes(b"half")
    (tmp_path / ".other.safetensors.77.tmp").write_bytes(b"half")
    nn.save(tmp_path / "c.safetensors")
    assert sorted(os.listdir(tmp_path)) == [".other.safetensors.77.tmp", "c.safetensors"]


# Damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int32", "uint32", "bool"])
def test_weights_of_another_kind_are_refused(tmp_path, dtype):
    from safetensors.numpy import save_file

    save_file({"weight": np.ones((2, 3), dtype)}, tmp_path / "w.safetensors")
    model = nn.Linear(3, 2, bias=False)
    before = arrays(model)
    with pytest.raises(nn.CheckpointError, match=f"weight has the data type {dtype}; needed is fl"):
        nn.load(tmp_path / "w.safetensors", model=model)
    assert same(arrays(model), before)
    save_file({"weight": np.ones((2, 3), "float64")}, tmp_path / "w.safetensors")
    nn.load(tmp_path / "w.safetensors", model=model)
    np.testing.assert_array_equal(arrays(model)["weight"], np.ones((2, 3)))


def test_types_that_numpy_lacks_are_named(tmp_path):
    header = b'{"weight":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(nn.CheckpointError, match=r"type 'BF16', which NumPy does not have. Save"):
        nn.load(path, model=nn.Linear(1, 1))


positions = st.floats(0, 1, exclude_max=True)  # a place in a file, whatever its length
damages = st.one_of(
    st.tuples(st.just("truncate"), positions, st.none()),
    st.tuples(st.just("flip"), positions, st.integers(0, 7)),
    st.tuples(st.just("flip in the header"), positions, st.integers(0, 7)),
    st.tuples(st.just("header length"), st.none(), st.integers(0, 2**64 - 1)),
    st.tuples(st.just("shape"), st.none(), st.integers(0, 2**70)),
    st.tuples(st.just("end"), st.none(), st.integers(0, 2**70)),
    st.tuples(st.just("dtype"), st.none(), st.sampled_from(["I32", "U32", "F16", "BF16", "F64"])),
    st.tuples(st.just("append"), st.none(), st.integers(0, 255)),
)


def damaged(content, kind, place, value):
    length = int.from_bytes(content[:8], "little")
    if kind == "truncate":
        return content[: int(place * len(content))]
    if kind.startswith("flip"):
        at = int(place * (len(content) if kind == "flip" else 8 + length))
        return content[:at] + bytes([content[at] ^ 1 << value]) + content[at + 1 :]
    if kind == "header length":
        return value.to_bytes(8, "little") + content[8:]
    if kind == "append":
        return content + bytes([value])
    pattern, new = {
        "shape": (rb'"shape":\[\d+', f'"shape":[{value}'),
        "end": (rb'"data_offsets":\[0,\d+', f'"data_offsets":[0,{value}'),
        "dtype": (rb'"dtype":"F32"', f'"dtype":"{value}"'),
    }[kind]
    header = re.sub(pattern, new.encode(), content[8 : 8 + length], count=1)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory):
    """Give a checkpoint and a file of plain weights, as bytes, and the weights that both hold."""
    from safetensors.numpy import save

    model, optimizer = make()
    train(model, optimizer, 1)
    path = tmp_path_factory.mktemp("whole") / "c.safetensors"
    nn.save(path, model=model, optimizer=optimizer, loader=Counter(3), extra={"epoch": 1})
    return {"ours": path.read_bytes(), "plain": save(arrays(model))}, arrays(model)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(damage=damages)
def test_no_damage_is_let_in(whole_files, tmp_path, damage):
    files, weights = whole_files
    path = tmp_path / "c.safetensors"
    path.write_bytes(damaged(files["ours"], *damage))
    model, optimizer = make(seed=5)
    loader, random, before = Counter(1), sa.default_generator().state, arrays(model)
    try:
        extra = nn.load(path, model=model, optimizer=optimizer, loader=loader)
    except nn.CheckpointError:
        assert same(arrays(model), before)
        assert optimizer.state_dict()["state"] == {}
        assert loader.count == 1
        assert sa.default_generator().state == random
    else:  # It says the same in other bytes, such as 1E-3 for 1e-3.
        assert extra == {"epoch": 1}
        assert same(arrays(model), weights)
        assert loader.count == 3


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(damage=damages)
def test_damaged_plain_weights_leave_the_model_untouched(whole_files, tmp_path, damage):
    path = tmp_path / "w.safetensors"
    path.write_bytes(damaged(whole_files[0]["plain"], *damage))
    model, _ = make(seed=5)
    before = arrays(model)
    # Such files have no digest: a number that changed is a number like any other.
    with contextlib.suppress(nn.CheckpointError):
        nn.load(path, model=model)
        return
    assert same(arrays(model), before)
