"""``no_grad``, ``enable_grad``, ``inference_mode``, ``set_grad_enabled``: nesting, decorators, threads."""

from __future__ import annotations

import threading

import pytest

import simple_autograd as sa
from tests.core.arrays import assert_equal, variable

MODES = {"no_grad": sa.no_grad, "inference_mode": sa.inference_mode}
each_mode = pytest.mark.parametrize("mode", MODES.values(), ids=MODES)


def recorded():
    """Say whether an operation is recorded now; the query must agree."""
    answer = (variable([1.0]) * 2).requires_grad
    assert sa.is_grad_enabled() == answer
    return answer


@each_mode
def test_records_nothing_within(mode):
    assert recorded()
    with mode():
        assert not recorded()
        with mode():
            assert not recorded()
        assert not recorded()
    assert recorded()


def test_leaves_made_within_still_require_grad():
    with sa.no_grad():
        v = variable([1.0])
    assert v.requires_grad
    (v * 2).backward()


def test_what_was_computed_within_is_a_constant():
    v = variable([2.0])
    with sa.no_grad():
        factor = v * v
    (v * factor).backward()
    assert float(v.grad[0]) == 4.0


def test_enable_grad_records_again():
    with sa.no_grad():
        with sa.enable_grad():
            assert recorded()
        assert not recorded()
    with sa.enable_grad():
        assert recorded()


def test_nothing_records_again_inside_inference_mode():
    with sa.inference_mode():
        with sa.enable_grad():
            assert not recorded()
        with sa.set_grad_enabled(True):
            assert not recorded()
    assert recorded()


def test_set_grad_enabled_in_a_block():
    with sa.set_grad_enabled(False):
        assert not recorded()
        with sa.set_grad_enabled(True):
            assert recorded()
        assert not recorded()
    assert recorded()


def test_set_grad_enabled_as_a_call():
    sa.set_grad_enabled(False)
    try:
        assert not recorded()
        sa.set_grad_enabled(True)
        assert recorded()
    finally:
        sa.set_grad_enabled(True)


def test_set_grad_enabled_as_a_decorator_touches_only_its_function():
    @sa.set_grad_enabled(False)
    def compute():
        return recorded()

    assert recorded()
    assert compute() is False
    assert recorded()


@each_mode
def test_an_exception_restores_the_mode(mode):
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert recorded()


@each_mode
def test_one_object_may_be_entered_many_times(mode):
    context = mode()
    with context:
        with context:
            assert not recorded()
        assert not recorded()
    assert recorded()
    with context:
        assert not recorded()


@each_mode
def test_as_a_decorator(mode):
    @mode()
    def compute(n):
        """Recurse through the decorator."""
        assert not recorded()
        return n if n == 0 else compute(n - 1)

    assert compute(3) == 0
    assert compute.__doc__ == "Recurse through the decorator."
    assert recorded()

    @sa.enable_grad()
    def record():
        return recorded()

    with sa.no_grad():
        assert record()


def test_decorator_restores_the_mode_after_an_exception():
    @sa.no_grad()
    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert recorded()


def test_decorated_generator_runs_in_the_mode_and_leaves_its_callers_alone():
    @sa.no_grad()
    def generate():
        yield recorded()
        yield recorded()

    assert [(inside, recorded()) for inside in generate()] == [(False, True), (False, True)]


def test_decorated_generator_passes_on_values_exceptions_and_its_end():
    closed = []

    @sa.no_grad()
    def echo():
        received = yield "ready"
        try:
            yield received
        except KeyError:
            yield recorded()
        try:
            yield "last"
        finally:
            closed.append(recorded())

    generator = echo()
    assert next(generator) == "ready"
    assert generator.send("sent") == "sent"
    assert generator.throw(KeyError) is False
    assert next(generator) == "last"
    generator.close()
    assert closed == [False]
    assert recorded()

    @sa.no_grad()
    def returning():
        yield 1
        return "the end"

    def delegate():
        return (yield from returning())

    delegating = delegate()
    next(delegating)
    with pytest.raises(StopIteration) as stopped:
        next(delegating)
    assert stopped.value.value == "the end"


def test_block_in_a_generator():
    def generate():
        with sa.no_grad():
            yield recorded()

    generator = generate()
    assert not next(generator)
    generator.close()
    assert recorded()


def test_modes_belong_to_their_thread():
    entered, release, seen = threading.Event(), threading.Event(), {}

    def other():
        seen["at the start"] = recorded()
        with sa.no_grad():
            entered.set()
            assert release.wait(10)
            seen["within"] = recorded()
        seen["after"] = recorded()

    thread = threading.Thread(target=other)
    with sa.no_grad():
        thread.start()
        assert entered.wait(10)
    assert recorded()
    release.set()
    thread.join(10)
    assert seen == {"at the start": True, "within": False, "after": True}


def test_a_decorated_function_may_run_in_several_threads():
    inside, failures = threading.Barrier(4), []

    @sa.no_grad()
    def compute():
        inside.wait(10)
        if recorded():
            failures.append("recorded inside no_grad")
        inside.wait(10)

    def run():
        compute()
        if not recorded():
            failures.append("not recorded afterwards")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert failures == []


def test_graphs_are_built_and_walked_in_several_threads():
    shared, results = variable([1.0, 2.0]), {}

    def run(name):
        for _ in range(50):
            mine = variable([1.0, 2.0])
            (mine * shared * name).sum().backward(inputs=[mine])
            results.setdefault(name, []).append(mine.grad)

    threads = [threading.Thread(target=run, args=(name,)) for name in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for name, gradients in results.items():
        assert len(gradients) == 50
        for gradient in gradients:
            assert_equal(gradient, name * variable([1.0, 2.0]).detach().numpy())
    assert shared.grad is None
