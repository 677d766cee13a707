"""``module.py``: what a module owns, how it is walked, changed, saved and printed."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_equal, to_backend, to_numpy
from tests.core.raising import raises


class Block(nn.Module):
    """A module with everything: parameters, buffers, modules, and None in their places."""

    def __init__(self, lib=nn, convert=to_backend):
        super().__init__()
        self.scale = lib.Parameter(convert(np.ones(3)))
        self.register_parameter("shift", None)
        self.register_buffer("mean", convert(np.zeros(3)))
        self.register_buffer("count", convert(np.array(0)))
        self.register_buffer("mask", convert(np.ones(3, bool)), persistent=False)
        self.register_buffer("nothing", None)
        self.inner = lib.Linear(3, 2)
        self.gone = None
        self.add_module("absent", None)

    def forward(self, x, twice=False):
        y = self.inner(x * self.scale)
        return y + y if twice else y


def torchs(torch):
    """Make the same block of PyTorch's classes."""
    block = type("Block", (torch.nn.Module,), {})()
    block.scale = torch.nn.Parameter(torch.ones(3))
    block.register_parameter("shift", None)
    block.register_buffer("mean", torch.zeros(3))
    block.register_buffer("count", torch.tensor(0))
    block.register_buffer("mask", torch.ones(3, dtype=bool), persistent=False)
    block.register_buffer("nothing", None)
    block.inner = torch.nn.Linear(3, 2)
    block.gone = None
    block.add_module("absent", None)
    return block


def nested(block):
    return nn.Sequential(nn.ReLU(), block, nn.Sequential(block.inner, nn.Linear(2, 2)))


def torch_nested(torch, block):
    lib = torch.nn
    return lib.Sequential(lib.ReLU(), block, lib.Sequential(block.inner, lib.Linear(2, 2)))


def names(pairs):
    return [name for name, _ in pairs]


# What it owns -------------------------------------------------------------------------------------


def test_names_are_pytorchs(torch):
    ours, theirs = nested(Block()), torch_nested(torch, torchs(torch))
    for method in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        assert names(getattr(ours, method)()) == names(getattr(theirs, method)())
    for method in ("named_parameters", "named_buffers", "named_modules"):
        again = names(getattr(ours, method)(prefix="m", remove_duplicate=False))
        assert again == names(getattr(theirs, method)(prefix="m", remove_duplicate=False))
    assert names(ours[1].named_parameters(recurse=False)) == ["scale"]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert list(ours.state_dict(prefix="m.")) == list(theirs.state_dict(prefix="m."))
    assert repr(ours) == repr(theirs)


def test_a_shared_parameter_counts_once():
    model = nested(Block())
    assert len(list(model.parameters())) == 5
    assert len({id(p) for p in model.parameters()}) == 5
    assert len(list(model.modules())) == len({id(m) for m in model.modules()}) == 6
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    assert names(tied.named_parameters()) == ["0.weight", "0.bias", "1.bias"]
    assert "1.weight" in tied.state_dict()
    assert [len(list(tied.children())), len(list(nn.Sequential(tied[0], tied[0]).children()))] == [
        2,
        1,
    ]


def test_calling_passes_all_arguments_on():
    block = Block()
    x = Variable(to_backend(np.ones((1, 3))))
    assert_equal(block(x, twice=True), 2 * to_numpy(block(x)))
    with raises(NotImplementedError, "Module", "forward"):
        nn.Module()(x)


def test_attributes_change_their_values():
    block = Block()
    first = block.scale
    block.scale = nn.Parameter(to_backend(np.zeros(3)))
    assert block.scale is not first
    assert names(block.named_parameters()) == ["scale", "inner.weight", "inner.bias"]
    block.scale = None
    assert names(block.named_parameters()) == ["inner.weight", "inner.bias"]
    block.shift = nn.Parameter(to_backend(np.zeros(3)))
    assert "shift" in names(block.named_parameters())
    block.mean = to_backend(np.ones(3))
    assert_equal(block.state_dict()["mean"], np.ones(3))
    block.inner = nn.Identity()
    assert names(block.named_modules()) == ["", "inner"]
    block.anything = 3
    assert "anything" not in block.state_dict()


def test_attributes_can_be_deleted():
    block = Block()
    del block.scale, block.mean, block.inner
    assert list(block.state_dict()) == ["count"]
    assert not hasattr(block, "scale")
    block.scale = 3.0
    assert block.scale == 3.0
    with pytest.raises(AttributeError):
        del block.scale_


def test_what_an_attribute_cannot_become():
    block = Block()
    with raises(TypeError, "Block.scale", "parameter", "float", "Parameter or None", "data"):
        block.scale = 3.0
    with raises(TypeError, "Block.scale", "parameter", "Variable"):
        block.scale = Variable(to_backend(np.ones(3)))
    with raises(TypeError, "Block.shift", "parameter", "int"):
        block.shift = 3
    with raises(TypeError, "Block.inner", "module", "builtin_function"):
        block.inner = abs
    with raises(TypeError, "Block.mean", "buffer", "list", "array"):
        block.mean = [1.0]
    with raises(TypeError, "Block.mean", "buffer", "Variable", "does not require grad"):
        block.mean = Variable(to_backend(np.ones(3)))


def test_registering_what_does_not_fit():
    block = Block()
    with raises(TypeError, "Block.register_parameter", "Variable", "Parameter"):
        block.register_parameter("new", Variable(to_backend(np.ones(3))))
    with raises(TypeError, "register_module", "int", "Module"):
        block.register_module("new", 3)
    with raises(TypeError, "register_buffer: name", "int", "string"):
        block.register_buffer(3, None)
    with raises(KeyError, "register_parameter: name is 'a.b'", "no dot"):
        block.register_parameter("a.b", None)
    with raises(KeyError, "register_module: name is ''"):
        block.add_module("", nn.ReLU())
    with raises(KeyError, "register_buffer", "'forward'"):
        block.register_buffer("forward", None)
    with raises(TypeError, "register_buffer", "new is a Variable", "does not require grad"):
        block.register_buffer("new", Variable(to_backend(np.ones(3))))


def test_assigning_before_init_is_told():
    class Early(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(2, 2)

    with raises(AttributeError, "Early.linear", "module", "super().__init__()"):
        Early()


def test_buffers_are_arrays_or_variables():
    module = nn.Module()
    module.register_buffer("raw", np.ones(2))
    module.register_buffer("variable", Variable(to_backend(np.ones(2)), requires_grad=False))
    assert type(module.raw) is get_backend().array_type
    assert isinstance(module.variable, Variable)
    assert all(type(v) is get_backend().array_type for v in module.state_dict().values())
    assert [*map(type, module.buffers())] == [type(module.raw), Variable]


# Changing all of it -------------------------------------------------------------------------------


def test_train_and_eval():
    model = nested(Block())
    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    model[2].train()
    assert [m.training for m in model] == [False, False, True]
    assert model[1].inner.training
    with raises(ValueError, "train: mode is a str"):
        model.train("yes")


def test_apply_meets_children_first():
    met = []
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    assert model.apply(lambda module: met.append(type(module).__name__)) is model
    assert met == ["Linear", "ReLU", "Sequential", "Sequential"]


def test_requires_grad_and_zero_grad():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    x = to_backend(np.ones((1, 2), np.float32))
    model(x).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad(set_to_none=False)
    assert all((to_numpy(p.grad) == 0).all() for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    assert model.requires_grad_(False) is model
    assert not model(x).requires_grad


def test_to_a_data_type():
    block = Block()
    kept = list(block.parameters())
    x = Variable(to_backend(np.ones((1, 3), np.float32)))
    block.inner(x).sum().backward()
    assert block.to("float64") is block
    assert list(map(id, block.parameters())) == list(map(id, kept))
    kinds = {key: str(to_numpy(value).dtype) for key, value in block.state_dict().items()}
    assert kinds == dict.fromkeys(kinds, "float64") | {"count": "int64"}
    assert to_numpy(block.mask).dtype == bool
    assert to_numpy(block.inner.weight.grad).dtype == np.float64
    block.to(sa.float32)
    assert {to_numpy(p).dtype for p in block.parameters()} == {np.dtype("float32")}
    (block.inner(x) ** 2).sum().backward()
    assert to_numpy(block.inner.weight.grad).dtype == np.float32
    with raises(TypeError, "Block.to", "int64", "floating"):
        block.to("int64")
    with raises(RuntimeError, "no backend 'nowhere'"):
        block.to("nowhere")


def test_to_a_backend():
    pytest.importorskip("array_api_strict")
    from tests.strict_backend import StrictBackend

    here = get_backend()
    there = get_backend("numpy") if not here.is_host else StrictBackend()
    sa.register_backend(there)
    block = Block()
    block.register_buffer("variable", Variable(to_backend(np.ones(2)), requires_grad=False))
    x = np.ones((1, 3), np.float32)
    block.inner(Variable(to_backend(x))).sum().backward()
    before = {key: to_numpy(value).copy() for key, value in block.state_dict().items()}
    weight, grad = block.inner.weight, to_numpy(block.inner.weight.grad).copy()

    block.to(there)
    assert block.inner.weight is weight
    for key, value in block.state_dict().items():
        assert type(value) is there.array_type
        np.testing.assert_array_equal(there.to_numpy(value), before[key], strict=True)
    np.testing.assert_array_equal(there.to_numpy(weight.grad), grad)
    with sa.use_backend(there):
        out = block(Variable(there.asarray(x)))
        assert out.backend is there
        out.sum().backward()
    np.testing.assert_array_equal(there.to_numpy(weight.grad), 2 * grad)

    block.to(here.name)
    assert type(block.mask) is here.array_type
    assert_equal(block.inner.weight, before["inner.weight"])


# State --------------------------------------------------------------------------------------------


def test_state_goes_through_npz():
    block, other = Block(), Block()
    file = io.BytesIO()
    np.savez(file, **{key: to_numpy(value) for key, value in block.state_dict().items()})
    file.seek(0)
    result = other.load_state_dict(np.load(file))
    assert repr(result) == "<All keys matched successfully>"
    for key, value in block.state_dict().items():
        assert_equal(other.state_dict()[key], to_numpy(value))


def test_state_is_the_modules_own_arrays():
    layer = nn.Linear(2, 2)
    assert layer.state_dict()["weight"] is layer.weight.data


def test_loading_writes_in_place_and_casts():
    layer = nn.Linear(2, 2)
    array = layer.weight.data
    layer.load_state_dict({"weight": np.eye(2), "bias": Variable(to_backend(np.ones(2)))})
    assert layer.weight.data is array
    assert_equal(layer.weight, np.eye(2, dtype=np.float32))
    assert_equal(layer.bias, np.ones(2, np.float32))


def test_loading_takes_pytorchs_tensors(torch):
    theirs, ours = torch.nn.Linear(3, 2), nn.Linear(3, 2)
    ours.load_state_dict(theirs.state_dict())
    assert_equal(ours.weight, theirs.weight.detach().numpy())


def test_one_error_lists_all_that_does_not_fit():
    block = Block()
    before = {key: to_numpy(value).copy() for key, value in block.state_dict().items()}
    state = {**before, "mean": np.zeros(4), "extra": np.zeros(1), "more": 1}
    state["inner.bias"] = np.full(2, 9.0)
    del state["scale"], state["inner.weight"]
    words = [
        "loading state_dict for Block; nothing was loaded",
        'Missing key(s) in state_dict: "scale", "inner.weight".',
        'Unexpected key(s) in state_dict: "extra", "more".',
        "size mismatch for mean: it has shape (4,)",
        "(3,)",
    ]
    with raises(RuntimeError, *words):
        block.load_state_dict(state)
    for key, value in before.items():
        assert_equal(block.state_dict()[key], value)
    with raises(RuntimeError, "size mismatch for mean"):
        block.load_state_dict(state, strict=False)
    with raises(TypeError, "load_state_dict", "list"):
        block.load_state_dict([1, 2])


def test_loading_loses_no_imaginary_parts():
    layer = nn.Linear(2, 3)
    before = {key: to_numpy(value).copy() for key, value in layer.state_dict().items()}
    state = {"bias": to_backend(np.ones(3)), "weight": to_backend(np.ones((3, 2)) * 1j)}
    with raises(RuntimeError, "nothing was loaded", "weight: it is", "complex128", "float32"):
        layer.load_state_dict(state)
    for key, value in layer.state_dict().items():
        assert_equal(value, before[key])
    layer.load_state_dict(state, assign=True)
    assert_equal(layer.weight, np.ones((3, 2)) * 1j)


def test_loading_into_what_may_not_be_written():
    if not get_backend().is_host:
        pytest.skip("only NumPy's arrays can be read-only")
    table = np.zeros((3, 2))
    table.flags.writeable = False
    model = nn.Sequential(nn.Linear(1, 1), nn.Embedding.from_pretrained(table))
    before = to_numpy(model[0].weight).copy()
    state = {key: np.ones(value.shape) for key, value in model.state_dict().items()}
    with raises(RuntimeError, "nothing was loaded", "1.weight", "may not be written", "assign"):
        model.load_state_dict(state)
    assert_equal(model[0].weight, before)
    model.load_state_dict(state, assign=True)
    assert_equal(model[1].weight, np.ones((3, 2)))


def test_loading_without_strictness():
    block = Block()
    result = block.load_state_dict({"scale": np.full(3, 5.0), "extra": np.zeros(1)}, strict=False)
    assert result.missing_keys == ["mean", "count", "inner.weight", "inner.bias"]
    assert result.unexpected_keys == ["extra"]
    assert "missing_keys=['mean'" in repr(result)
    assert_equal(block.scale, np.full(3, 5.0))


def test_loading_is_seen_by_the_tape():
    layer = nn.Linear(2, 2)
    x = Variable(to_backend(np.ones((1, 2), np.float32)))
    out = layer(x).sum()
    layer.load_state_dict({"weight": np.eye(2), "bias": np.ones(2)})
    with raises(sa.errors.GraphError, "linear", "'weight'", "load_state_dict (weight)"):
        out.backward()


def test_copies_share_nothing_and_keep_ties():
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    twin = copy.deepcopy(tied)
    assert twin[1].weight is twin[0].weight
    assert twin[0].weight is not tied[0].weight
    twin.load_state_dict({key: np.zeros(v.shape) for key, v in twin.state_dict().items()})
    assert (to_numpy(tied[0].weight) != 0).all()


# Printing -----------------------------------------------------------------------------------------


def test_a_shallow_copy_keeps_books_of_its_own():
    block = Block()
    twin = copy.copy(block)
    assert twin.scale is block.scale
    twin.more = nn.Linear(1, 1)
    del twin.inner
    assert "inner.weight" in block.state_dict()
    assert "more.weight" not in block.state_dict()
    assert "more.weight" in twin.state_dict()


def test_repr_with_lines_of_its_own(torch):
    def make(lib):
        class Odd(lib.Module):
            def __init__(self):
                super().__init__()
                self.inner = lib.Sequential(lib.ReLU())

            def extra_repr(self):
                return "first\nsecond"

        class Plain(lib.Module):
            def extra_repr(self):
                return "a=1"

        class Lines(lib.Module):
            def extra_repr(self):
                return "a=1\nb=2"

        return lib.Sequential(Odd(), Plain(), Lines(), lib.Module())

    assert repr(make(nn)) == repr(make(torch.nn))


# Looking up, and loading by assignment ------------------------------------------------------------


def test_parts_are_found_by_dotted_names():
    model = nested(Block())
    assert model.get_submodule("") is model
    assert model.get_submodule("2.1") is model[2][1]
    assert model.get_parameter("1.inner.weight") is model[1].inner.weight
    assert model.get_buffer("1.mask") is model[1].mask
    with raises(AttributeError, "Sequential.get_submodule: target is '1.scale'", "no module"):
        model.get_submodule("1.scale")
    with raises(AttributeError, "get_submodule", "no module 'absent'"):
        model[1].get_submodule("absent")
    with raises(AttributeError, "get_parameter: target is '1.mean'", "Block has no parameter"):
        model.get_parameter("1.mean")
    with raises(AttributeError, "get_buffer: target is '1.scale'", "named_buffers()"):
        model.get_buffer("1.scale")


def test_parts_are_replaced_by_dotted_names():
    model = nested(Block())
    model.set_submodule("2.1", nn.Identity())
    assert type(model[2][1]) is nn.Identity
    model.set_submodule("1.more", nn.ReLU())
    assert type(model[1].more) is nn.ReLU
    with raises(AttributeError, "no module 'other'"):
        model.set_submodule("1.other", nn.ReLU(), strict=True)
    with raises(AttributeError, "set_submodule: target is '1.scale', a parameter"):
        model.set_submodule("1.scale", nn.ReLU())


def test_data_types_by_name():
    layer = nn.Linear(2, 2)
    for method, dtype in (("double", "float64"), ("float", "float32")):
        assert getattr(layer, method)() is layer
        assert str(to_numpy(layer.weight).dtype) == dtype
    assert str(to_numpy(layer.type("float64").weight).dtype) == "float64"
    if get_backend().name == "numpy":
        assert str(to_numpy(layer.half().weight).dtype) == "float16"


def test_state_of_variables_and_into_a_dict(torch):
    block = Block()
    state = block.state_dict(keep_vars=True)
    assert state["scale"] is block.scale
    assert state["mean"] is block.mean
    into = {"other": 1}
    assert block.state_dict(destination=into, prefix="b.") is into
    assert list(into) == ["other", "b.scale", "b.mean", "b.count", "b.inner.weight", "b.inner.bias"]


def test_loading_by_assignment():
    block = Block()
    state = {key: to_numpy(value).astype(np.float64) for key, value in block.state_dict().items()}
    state["scale"] = own = nn.Parameter(to_backend(np.full(3, 5.0)))
    state["mean"] = to_backend(np.full(3, 6.0))
    state["inner.bias"] = Variable(to_backend(np.full(2, 7.0)))
    weight, scale = block.inner.weight, block.scale.requires_grad_(False)
    block.load_state_dict(state, assign=True)
    assert block.scale is own
    assert block.scale is not scale
    assert not own.requires_grad
    assert block.mean is state["mean"]
    assert block.inner.weight is weight
    assert to_numpy(weight).dtype == np.float64
    assert block.inner.bias.data is state["inner.bias"].data
    block.inner(to_backend(np.ones(3))).sum().backward()
    assert to_numpy(weight.grad).dtype == np.float64
    with raises(RuntimeError, "size mismatch for scale"):
        block.load_state_dict({"scale": np.ones(4)}, strict=False, assign=True)
    with raises(TypeError, "int64", "floating"):
        block.load_state_dict({"inner.weight": np.ones((2, 3), int)}, strict=False, assign=True)


def test_loading_one_element_without_axes():
    block = Block()
    block.load_state_dict({"count": np.array([7])}, strict=False)
    assert to_numpy(block.count) == 7
