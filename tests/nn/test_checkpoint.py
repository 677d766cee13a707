"""``nn/checkpoint.py``: what is saved comes back to the bit, and a damaged file changes nothing."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest

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

    train(*make(), 1)
    nn.save(tmp_path / "ours.safetensors", model=model)
    loaded = load_file(str(tmp_path / "ours.safetensors"))
    theirs.load_state_dict({key.removeprefix("model."): value for key, value in loaded.items()})


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
        lambda content: content.replace(b'\\"version\\": 1', b'\\"version\\": 7', 1),
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
    with pytest.raises(RuntimeError, match=r"(?s)weight.*bias"):
        nn.load(tmp_path / "c.safetensors", model=other, optimizer=fresh)
    assert fresh.state_dict()["state"] == {}


def test_what_is_missing_is_said(tmp_path):
    model, optimizer = make()
    nn.save(tmp_path / "c.safetensors", model=model)
    with pytest.raises(nn.CheckpointError, match="no state of an optimizer"):
        nn.load(tmp_path / "c.safetensors", model=model, optimizer=optimizer)
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "none.safetensors", model=model)
    with pytest.raises(TypeError, match="JSON"):
        nn.save(tmp_path / "d.safetensors", model=model, extra={"model": model})


def test_metadata_is_plain_json(tmp_path):
    model, optimizer = make()
    nn.save(tmp_path / "c.safetensors", model=model, optimizer=optimizer, extra={"epoch": 1})
    content = (tmp_path / "c.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["simple_autograd"])["extra"] == {"epoch": 1}
