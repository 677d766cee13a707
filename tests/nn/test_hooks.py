"""``hooks.py``: hooks of modules, called with what PyTorch's are called with, in the same order."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

X, Y = np.array([[1.0, -2.0, 3.0]]), np.array([[0.5, 4.0, -1.0]])


class Pair:
    """The same module here and in PyTorch, and what their hooks were given."""

    def __init__(self, torch, forward):
        self.torch = torch
        self.ours = self.module(nn, forward)
        self.theirs = self.module(torch.nn, forward)
        self.seen = {self.ours: [], self.theirs: []}

    @staticmethod
    def module(lib, forward):
        return type("Own", (lib.Module,), {"forward": lambda self, *a, **k: forward(*a, **k)})()

    def register(self, method, make, **options):
        """Register the hook that `make` makes, with what writes down what it is given."""
        return [
            getattr(module, method)(make(self.seen[module].append), **options)
            for module in (self.ours, self.theirs)
        ]

    def run(self, *values, kwargs=None, grads=(True, True)):
        """Call both, go back, and compare the results, the gradients and what hooks saw."""
        kwargs = kwargs or {}
        ours = [
            Variable(to_backend(v), requires_grad=g) for v, g in zip(values, grads, strict=False)
        ]
        theirs = [
            self.torch.tensor(v, requires_grad=g) for v, g in zip(values, grads, strict=False)
        ]
        results = []
        for module, inputs in ((self.ours, ours), (self.theirs, theirs)):
            out = module(*inputs, **kwargs)
            for item in reversed(out if isinstance(out, tuple) else (out,)):
                if item is not None and item.requires_grad:
                    (item * item).sum().backward(retain_graph=True)
            results.append(out)
        same(*results)
        for one, other in zip(ours, theirs, strict=True):
            same(one.grad, other.grad)
        same(*self.seen.values())
        return ours


def same(ours, theirs):
    """Compare nested tuples, lists and dicts of Variables or arrays with those of tensors."""
    if isinstance(theirs, tuple | list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        same(list(ours.values()), list(theirs.values()))
    elif hasattr(theirs, "detach"):
        assert_close(ours, theirs.detach().numpy())
    else:
        assert ours == theirs


# Forward ------------------------------------------------------------------------------------------


def test_forward_hooks_see_and_change(torch):
    pair = Pair(torch, lambda x, y, scale=1.0: x * y * scale)
    pair.register("register_forward_pre_hook", lambda see: lambda module, args: see(("pre", args)))
    pair.register(
        "register_forward_pre_hook", lambda see: lambda module, args: (args[0] + 1, args[1])
    )
    pair.register(
        "register_forward_pre_hook",
        lambda see: lambda module, args, kwargs: (args, {"scale": kwargs["scale"] * 2}),
        with_kwargs=True,
    )
    pair.register(
        "register_forward_hook",
        lambda see: lambda module, args, kwargs, out: see((args, kwargs, out)),
        with_kwargs=True,
    )
    pair.register("register_forward_hook", lambda see: lambda module, args, out: out + 1)
    pair.register(
        "register_forward_hook", lambda see: lambda module, args, out: see("first"), prepend=True
    )
    pair.register("register_forward_hook", lambda see: lambda module, args, out: see(out))
    pair.run(X, Y, kwargs={"scale": 3.0})
    assert [type(item).__name__ for item in pair.seen[pair.ours]] == [
        "tuple",
        "str",
        "tuple",
        "Variable",
    ]


def test_one_new_argument_needs_no_tuple():
    layer = nn.ReLU()
    layer.register_forward_pre_hook(lambda module, args: -args[0])
    assert_equal(layer(to_backend(X)), np.array([[0.0, 2.0, 0.0]]))


def test_hooks_are_removed():
    layer, seen = nn.ReLU(), []
    handles = [layer.register_forward_hook(lambda *given, n=n: seen.append(n)) for n in range(3)]
    layer(to_backend(X))
    handles[1].remove()
    handles[1].remove()
    layer(to_backend(X))
    assert seen == [0, 1, 2, 0, 2]


def test_hooks_that_are_always_called(torch):
    def fail(*args):
        raise KeyError("from forward")

    pair = Pair(torch, fail)
    pair.register(
        "register_forward_hook",
        lambda see: lambda module, args, out: see(("always", out)),
        always_call=True,
    )
    pair.register("register_forward_hook", lambda see: lambda module, args, out: see("never"))
    for module in (pair.ours, pair.theirs):
        with raises(KeyError, "from forward"):
            module(1)
    same(*pair.seen.values())
    assert pair.seen[pair.ours] == [("always", None)]


def test_a_hook_that_fails_does_not_hide_the_failure():
    layer = nn.Module()
    layer.register_forward_hook(lambda module, args, out: 1 / 0, always_call=True)
    with (
        pytest.warns(UserWarning, match="Module: a forward hook raised ZeroDivisionError"),
        raises(NotImplementedError, "forward"),
    ):
        layer(1)


def test_a_pre_hook_that_returns_nonsense():
    layer = nn.ReLU()
    layer.register_forward_pre_hook(lambda module, args, kwargs: 3, with_kwargs=True)
    with raises(RuntimeError, "ReLU: a forward pre-hook with kwargs returned a int", "tuple"):
        layer(to_backend(X))


# Backward -----------------------------------------------------------------------------------------


def watch(pair):
    pair.register(
        "register_full_backward_pre_hook", lambda see: lambda module, out: see(("pre", out))
    )
    pair.register(
        "register_full_backward_hook", lambda see: lambda module, into, out: see((into, out))
    )


@pytest.mark.parametrize(
    "forward",
    [
        lambda x, y: x * y,
        lambda x, y: (x * y, x + y),
        lambda x, y: (x * y, None),
        lambda x, y: x * 2,
        lambda x, y: x,
        lambda x, y: (x, y, x),
    ],
)
@pytest.mark.parametrize("grads", [(True, True), (False, True), (True, False), (False, False)])
def test_backward_hooks_see_what_pytorchs_see(forward, grads, torch):
    pair = Pair(torch, forward)
    watch(pair)
    if isinstance(forward(1.0, 1.0), tuple):
        return one_backward(pair, grads)
    pair.run(X, Y, grads=grads)


def one_backward(pair, grads):
    """Go back once from a module with several outputs, through all of them."""
    for module, make in ((pair.ours, variable), (pair.theirs, pair.torch.tensor)):
        inputs = [make(v, requires_grad=g) for v, g in zip((X, Y), grads, strict=True)]
        outs = [out for out in module(*inputs) if out is not None and out.requires_grad]
        if outs:
            sum((out * (place + 1.0)).sum() for place, out in enumerate(outs)).backward()
        pair.seen[module].append([v.grad for v in inputs])
    same(*pair.seen.values())


def variable(value, requires_grad):
    return Variable(to_backend(value), requires_grad)


def test_an_input_that_is_not_used():
    seen = []
    module = Pair.module(nn, lambda x, y: x * 2)
    module.register_full_backward_hook(lambda module, into, out: seen.append(into))
    x, y = (Variable(to_backend(v)) for v in (X, Y))
    module(x, y).sum().backward()
    assert_equal(seen[0][0], np.full((1, 3), 2.0))
    assert_equal(seen[0][1], np.zeros((1, 3)))
    assert_equal(y.grad, np.zeros((1, 3)))


def test_backward_hooks_change_gradients(torch):
    pair = Pair(torch, lambda x, y: x * y)
    pair.register("register_full_backward_pre_hook", lambda see: lambda m, out: (out[0] * 2,))
    pair.register("register_full_backward_pre_hook", lambda see: lambda m, out: (out[0] + 1,))
    watch(pair)
    pair.register(
        "register_full_backward_hook",
        lambda see: lambda m, into, out: (into[0] * 3, into[1]),
        prepend=True,
    )
    pair.run(X, Y)


def test_other_arguments_keep_their_places(torch):
    pair = Pair(torch, lambda x, factor, y: x * factor + y)
    watch(pair)
    for module, make in ((pair.ours, variable), (pair.theirs, torch.tensor)):
        module(make(X, requires_grad=True), 3.0, make(Y, requires_grad=True)).sum().backward()
    same(*pair.seen.values())
    assert pair.seen[pair.ours][1][0][1] is None


def test_higher_orders_go_through(torch):
    pair = Pair(torch, lambda x: (x**3).sum())
    watch(pair)
    x, t = Variable(to_backend(X)), torch.tensor(X, requires_grad=True)
    (first,) = sa.grad(pair.ours(x), x, create_graph=True)
    (truth,) = torch.autograd.grad(pair.theirs(t), t, create_graph=True)
    same(*pair.seen.values())
    assert isinstance(pair.seen[pair.ours][1][0][0], Variable)
    (second,) = sa.grad((first**2).sum(), x)
    (true_second,) = torch.autograd.grad((truth**2).sum(), t)
    same(second, true_second)


def test_complex_gradients_are_shown_as_users_see_them(torch):
    pair = Pair(torch, lambda x: x * (2 + 1j))
    watch(pair)
    x = Variable(to_backend(X + 1j))
    t = torch.tensor(X + 1j, requires_grad=True)
    sa.real((pair.ours(x) * (1 - 3j)).sum()).backward()
    (pair.theirs(t) * (1 - 3j)).sum().real.backward()
    same(x.grad, t.grad)
    same(*pair.seen.values())


def test_backward_hooks_that_return_nonsense():
    x = Variable(to_backend(X))
    module = Pair.module(nn, lambda x: x * 2)
    handle = module.register_full_backward_hook(lambda module, into, out: (1, 2))
    with raises(RuntimeError, "Own: a backward hook returned 2 gradients", "are 1"):
        module(x).sum().backward()
    handle.remove()
    module.register_full_backward_hook(lambda module, into, out: into)
    weighted = Pair.module(nn, lambda y: x * y)
    weighted.register_full_backward_hook(lambda module, into, out: into)
    with raises(RuntimeError, "Own", "no input requires grad"):
        weighted(to_backend(Y)).sum().backward()


def test_an_output_that_is_no_variable():
    module = Pair.module(nn, lambda x: {"out": x})
    module.register_full_backward_hook(lambda *given: None)
    with pytest.warns(UserWarning, match="Own: it has backward hooks and returned a dict"):
        module(Variable(to_backend(X)))


def test_nothing_is_recorded_for_hooks_alone():
    module = Pair.module(nn, lambda x: x * 2)
    module.register_full_backward_hook(lambda *given: None)
    with sa.no_grad():
        assert not module(Variable(to_backend(X))).requires_grad


def test_hooks_leave_no_cycles():
    # Its gradient depends on what went through it, and so leads back to it.
    module = nn.Sequential(nn.Linear(3, 3, dtype="float64"), nn.Tanh())
    module.register_full_backward_hook(lambda *given: None)
    gc.collect()
    gc.disable()
    try:
        for create_graph in (False, True):
            x = Variable(to_backend(X))
            grads = sa.grad(module(x).sum(), [x, module[0].weight], create_graph=create_graph)
            gone = weakref.ref(x)
            del x, grads
            assert gone() is None
            assert gc.collect() == 0
    finally:
        gc.enable()


def double(module, args, out):
    return out * 2


def test_copies_have_the_hooks():
    layer = nn.ReLU()
    layer.register_forward_hook(double)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert_equal(twin(to_backend(X)), np.maximum(X, 0) * 2)
        twin.register_forward_hook(double)
    assert_equal(layer(to_backend(X)), np.maximum(X, 0) * 2)


# State --------------------------------------------------------------------------------------------


def test_state_hooks(torch):
    def make(lib):
        model = lib.Sequential(lib.Linear(2, 2), lib.Linear(2, 1))
        seen = []
        for name, module in model.named_modules():
            module.register_state_dict_pre_hook(
                lambda module, prefix, keep, name=name: seen.append(("pre", name, prefix, keep))
            )

            def post(module, state, prefix, metadata, name=name):
                seen.append((name, list(state), prefix))
                if name == "0":
                    state["0.extra"] = state.pop("0.bias")

            module.register_state_dict_post_hook(post)
        return list(model.state_dict(keep_vars=True)), seen

    assert make(nn) == make(torch.nn)
    layer = nn.ReLU()
    layer.register_state_dict_post_hook(lambda *given: {})
    with raises(RuntimeError, "ReLU.state_dict: a post-hook returned"):
        layer.state_dict()


def test_load_hooks(torch):
    def run(lib, convert):
        model = lib.Sequential(lib.Linear(2, 1), lib.Linear(2, 1, bias=False))
        seen = []

        def rename(module, state, prefix, metadata, strict, missing, unexpected, errors):
            seen.append((prefix, sorted(state), strict))
            if prefix + "w" in state:
                state[prefix + "weight"] = state.pop(prefix + "w")

        for module in model.modules():
            module.register_load_state_dict_pre_hook(rename)
            module.register_load_state_dict_post_hook(
                lambda module, keys: seen.append((type(module).__name__, list(keys.missing_keys)))
            )
        given = {"0.w": np.ones((1, 2), np.float32), "1.w": np.zeros((1, 2), np.float32)}
        state = {key: convert(value) for key, value in given.items()}
        result = model.load_state_dict(state, strict=False)
        seen.append((result.missing_keys, result.unexpected_keys, sorted(state)))
        return seen, [v.tolist() for v in (model[0].weight, model[1].weight)]

    ours, theirs = run(nn, to_backend), run(torch.nn, torch.tensor)
    # PyTorch calls pre-hooks with strict=True always, and post-hooks while it loads.
    strictness = [(p, k) for p, k, *_ in (entry for entry in ours[0] if len(entry) == 3)]
    assert strictness == [(p, k) for p, k, *_ in (e for e in theirs[0] if len(e) == 3)]
    assert [e[0] for e in ours[0] if len(e) == 2] == [e[0] for e in theirs[0] if len(e) == 2]
    assert ours[1] == theirs[1]


def test_a_post_hook_may_forgive_a_key():
    layer = nn.Linear(2, 1)
    layer.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    assert layer.load_state_dict({"weight": np.ones((1, 2))}) == ([], [])
    assert_equal(layer.weight, np.ones((1, 2), np.float32))
    with raises(RuntimeError, "Linear; all else was loaded", "Unexpected", '"more"'):
        layer.load_state_dict({"weight": np.zeros((1, 2)), "more": np.ones(1)})
    assert_equal(layer.weight, np.zeros((1, 2), np.float32))
    layer.register_load_state_dict_post_hook(lambda module, keys: 1)
    with raises(RuntimeError, "Linear.load_state_dict: a post-hook returned"):
        layer.load_state_dict({"weight": np.zeros((1, 2))})


def test_a_pre_hook_reports_errors():
    layer = nn.Linear(2, 1)
    layer.register_load_state_dict_pre_hook(lambda *given: given[-1].append("too old"))
    before = to_numpy(layer.weight).copy()
    with raises(RuntimeError, "nothing was loaded", "too old"):
        layer.load_state_dict({"weight": np.ones((1, 2)), "bias": np.ones(1)})
    assert_equal(layer.weight, before)
