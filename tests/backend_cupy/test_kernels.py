"""The kernels for CuPy compute what the portable bodies compute, in an emulation of CUDA on the host.

Everything runs but the GPU: the kernels' Python, their launches, and the text of the CUDA sources, compiled by g++ (see
``host/``). Whether NVRTC compiles the sources is in ``test_kernel_sources.py``, how operations come to their kernels in
``test_kernels_in_use.py``, and the same cases on a GPU in ``test_kernels_on_gpu.py``.
"""

from __future__ import annotations

import importlib
import inspect
import sys

import numpy as np
import pytest

from simple_autograd.backends import Generator, get_backend
from simple_autograd.nn.functional.dropout import Draw
from simple_autograd.nn.functional.loss import CrossEntropySettings
from simple_autograd.nn.functional.standardization import Settings
from simple_autograd.nn.functional.windows import Window
from simple_autograd_cupy import use_deterministic_algorithms
from tests.backend_cupy.host import cudnn_double, cupy_double
from tests.backend_cupy.host.emulation import NO_COMPILER
from tests.backend_cupy.kernel_cases import (
    CASES,
    DTYPES,
    TOLERANCES,
    Call,
    compare,
    draw,
    mapped,
    portable,
    wide,
)

pytestmark = pytest.mark.skipif(bool(NO_COMPILER), reason=NO_COMPILER)

PACKAGE = "simple_autograd_cupy.kernels"
RUNS = pytest.mark.parametrize(
    ("dtype", "kernels"),
    [*((dtype, "forwards") for dtype in DTYPES), ("float32", "backwards")],
    indirect=["kernels"],
)
"""Every data type, and for one both orders in which the emulation's threads can run."""


@pytest.fixture
def kernels(request, monkeypatch):
    """Give the package of kernels as it is with the double of CuPy; the parameter says in which order threads run."""
    for name in ours():
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cupy", cupy_double.module())
    monkeypatch.setitem(sys.modules, "cudnn", None)
    monkeypatch.setattr(cupy_double, "backwards", getattr(request, "param", "") == "backwards")
    found = importlib.import_module(PACKAGE)
    for name in ("attention", "convolution", "linear"):
        monkeypatch.setattr(family(name), "matmul", sys.modules["cupy"].matmul)
    yield found
    for name in ours():
        del sys.modules[name]


def ours():
    return [name for name in sys.modules if name.partition(".")[0] == "simple_autograd_cupy"]


def family(name):
    return importlib.import_module(f"{PACKAGE}.{name}")


def on_device(value):
    return mapped(lambda array: cupy_double.device_array(array.copy("K")), value)


def agree(kernels, call, dtype):
    """Hold a kernel, and what it wrote into its arguments, against the portable body in float64."""
    kernel = kernels.kernel_of(call.name, None)  # without a namespace no portable body can run
    assert kernel is not None
    given, expected_given = on_device(call.arrays), mapped(wide, call.arrays)
    with np.errstate(all="ignore"):
        result = kernel(*given, **on_device(call.options))
        expected = portable(call.name, *expected_given, **mapped(wide, call.options))
        compare(result, expected, TOLERANCES[dtype])
        compare(given, expected_given, TOLERANCES[dtype])
    return result


@RUNS
@pytest.mark.parametrize("case", CASES)
def test_kernels(kernels, case, dtype):
    for call in CASES[case](dtype):
        agree(kernels, call, dtype)


def test_every_kernel_has_a_case(kernels):
    named = {call.name for case in CASES.values() for call in case("float32")}
    assert named == kernels._HOMES.keys() - {"dropout", "stored_transposed"}


@RUNS
def test_adding_at_positions_can_be_deterministic(kernels, dtype):
    determinism = importlib.import_module("simple_autograd_cupy.determinism")
    determinism.use_deterministic_algorithms(True)
    launch, launched = family("scatter").launch_each, []
    family("scatter").launch_each = lambda *args: (launched.append(args[1]), launch(*args))
    test_kernels(kernels, "scatter", dtype)
    assert set(launched) == {"segment_sums"}


def test_the_switch_takes_true_and_false():
    from simple_autograd_cupy import are_deterministic_algorithms_enabled

    assert not are_deterministic_algorithms_enabled()
    use_deterministic_algorithms(True)
    assert are_deterministic_algorithms_enabled()
    use_deterministic_algorithms(False)
    assert not are_deterministic_algorithms_enabled()


@RUNS
def test_long_groups_and_columns_are_cut_into_chunks(kernels, monkeypatch, dtype):
    for name, value in (("_CHUNK", 16), ("_ROWS", 4), ("_PART", 4)):
        monkeypatch.setattr(family("normalization"), name, value)
    test_kernels(kernels, "normalization", dtype)


# What results are like ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_results_keep_the_data_type(kernels, dtype):
    """But for the statistics of half types, which are in float32."""
    for case in ("activations", "normalization", "softmax", "windows", "convolution"):
        for call in CASES[case](dtype):
            found = kernels.kernel_of(call.name, None)(
                *on_device(call.arrays), **on_device(call.options)
            )
            found = found if isinstance(found, tuple) else (found,)
            if call.name == "max_pool":
                found = found[:1]
            if call.name == "standardize":
                mean, var = found[2:]
                assert mean.dtype == var.dtype == ("float64" if dtype == "float64" else "float32")
                found = found[:2]
            assert {array.dtype for array in found} == {call.arrays[0].dtype}


def test_what_is_no_class_makes_losses_and_gradients_nan(kernels):
    x, ones = cupy_double.device_array(draw(3, 4)), cupy_double.device_array(np.ones(3))
    run, back = (kernels.kernel_of(f"cross_entropy{name}", None) for name in ("", "_backward"))
    for wrong in (-1, 4):
        targets = cupy_double.device_array([0, wrong, 3])
        settings = CrossEntropySettings(None, -100, "none", 0.0)
        losses, probabilities = run(x, targets, settings=settings)
        assert list(np.isnan(losses)) == [False, True, False]
        gradient = back(ones, probabilities, targets, settings=settings)
        assert list(np.isnan(gradient).all(1)) == [False, True, False]
        assert np.isnan(run(x, targets, settings=settings._replace(reduction="mean"))[0])


def test_class_weights_may_lie_apart_and_ignored_classes_be_numpys(kernels):
    x, targets = draw(4, 3, dtype="float32"), np.array([0, 2, 1, 2])
    weight = cupy_double.device_array(np.arange(1, 7, dtype="float32"))[::2]
    settings = CrossEntropySettings(weight, np.int32(1), "mean", 0.1)
    for name, arrays in (
        ("cross_entropy", (x, targets)),
        ("cross_entropy_backward", (np.array(2, "float32"), np.abs(x), targets)),
    ):
        found = kernels.kernel_of(name, None)(*on_device(arrays), settings=settings)
        plain = settings._replace(weight=np.array([1.0, 3.0, 5.0]))
        compare(found, portable(name, *mapped(wide, arrays), settings=plain), 1e-5)


# What is left to the portable bodies ----------------------------------------------------------------------------------


def test_what_a_kernel_does_not_cover_the_portable_body_does(kernels):
    hardswish = kernels.kernel_of("hardswish", np)
    for given in (np.arange(-4, 4), np.zeros((0, 2))):
        found = hardswish(cupy_double.device_array(given))
        np.testing.assert_array_equal(found, portable("hardswish", given))
    x, weight = draw(2, 3, dtype="float32"), draw(3)
    settings, standardize = Settings((1,), 1e-5, True, (3,)), kernels.kernel_of("standardize", np)
    mixed = standardize(*on_device((x, weight, None)), settings=settings)
    compare(mixed, portable("standardize", x, weight, None, settings=settings), 1e-6)
    settings = Settings((0, 1), 1e-5, True, None)
    other_axes = standardize(on_device(draw(2, 3, 4)), None, None, settings=settings)
    assert other_axes[2].shape == (1, 1, 4)


def test_keys_of_other_kinds_are_left_to_the_portable_body(kernels):
    positions = cupy_double.device_array([0, 1])
    for key, values, shape in (
        (slice(0, 2), (2, 3), (4, 3)),
        ((positions, slice(None)), (2, 3), (4, 3)),
        ((slice(0, 2), positions), (2, 2), (4, 3)),
        (cupy_double.device_array([True, False]), (1,), (2,)),
        (positions, (2, 0), (4, 0)),
        ((), (2, 3), (2, 3)),
    ):
        given = cupy_double.device_array(np.ones(values))
        assert family("scatter").put_add(given, key=key, shape=shape) is NotImplemented


def test_a_users_operation_of_the_same_name_has_no_kernel(kernels, monkeypatch):
    assert kernels.kernel_of("mish", np) is not None
    monkeypatch.setitem(kernels.Backend.portable, "mish", lambda xp, x: x)
    assert kernels.kernel_of("mish", np) is None
    assert kernels.kernel_of("sin", np) is None


# Convolution ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_convolution_gathers_as_many_windows_as_memory_allows(kernels, monkeypatch, dtype):
    monkeypatch.setattr(family("convolution"), "_MOST_GATHERED", 100)
    test_kernels(kernels, "convolution", dtype)


def test_parts_of_a_gradient_in_half_precision_are_added_in_single(kernels, monkeypatch):
    """Half precision has no 2049."""
    monkeypatch.setattr(family("convolution"), "_MOST_GATHERED", 1)
    above = np.ones((41, 1, 1), "float16")
    above[0] = 2048
    window = Window((1,), (1,), (1,), ((0, 0),))
    given = [cupy_double.device_array(array) for array in (above, np.ones_like(above))]
    found = family("convolution").convolution_backward_weight(*given, window=window, groups=1)
    assert found.dtype == np.float16
    assert found.item() == 2088


def test_heads_that_one_launch_does_not_copy_are_left_to_the_portable_body(kernels):
    part = cupy_double.device_array(np.ones((2, 3, 5, 4)))
    longer = cupy_double.device_array(np.ones((2, 3, 6, 4)))
    attention = family("attention")
    for parts in (
        [part] * 5,
        [part, longer],
        [part, cupy_double.device_array(np.ones((0, 3, 5, 4)))],
    ):
        assert attention.join_heads(*parts, batch_first=True) is NotImplemented
    whole = cupy_double.device_array(np.ones((2, 5, 60)))
    split = {"num_heads": 3, "batch_first": True}
    assert attention.split_heads(whole, count=5, **split) is NotImplemented


@pytest.mark.parametrize("precision", ["highest", "high"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_convolution_by_cudnn(kernels, monkeypatch, dtype, precision):
    """A graph is built once for each kind of convolution."""
    monkeypatch.setitem(sys.modules, "cudnn", cudnn_double.module())
    importlib.import_module("simple_autograd_cupy.precision").set_float32_matmul_precision(
        precision
    )
    executed, execute = [], cudnn_double.pygraph.execute

    def noted(graph, *args, **options):
        executed.append(graph)
        execute(graph, *args, **options)

    monkeypatch.setattr(cudnn_double.pygraph, "execute", noted)
    for _ in range(2):
        test_kernels(kernels, "convolution", dtype)
    products = [call for call in CASES["convolution"](dtype) if not call.name.endswith("bias")]
    assert len(executed) == 2 * len(products)
    assert len(set(executed)) == 15
    kept_out = (
        ["TENSOR_CORE", "DOWN_CONVERT_INPUTS"]
        if (dtype, precision) == ("float32", "highest")
        else []
    )
    assert all(graph.unwanted == kept_out for graph in executed)


def test_what_cudnn_does_not_do_is_gathered(kernels, monkeypatch):
    monkeypatch.setitem(sys.modules, "cudnn", cudnn_double.module())
    monkeypatch.delattr(cudnn_double.pygraph, "execute")
    for window in (
        Window((2, 2), (1, 1), (3, 3), ((1, 1), (1, 1))),
        Window((2, 2), (1, 1), (1, 1), ((-1, 0), (0, 0))),
    ):
        arrays = (draw(2, 3, 6, 6, dtype="float32"), draw(4, 3, 2, 2, dtype="float32"), None)
        agree(kernels, Call("convolution", arrays, {"window": window, "groups": 1}), "float32")


def test_cudnn_has_what_is_asked_of_it():
    cudnn = pytest.importorskip("cudnn", reason="nvidia-cudnn-frontend is not installed")
    double = cudnn_double.module()
    for name, value in vars(double).items():
        if name.startswith("__"):
            continue
        real = getattr(cudnn, name)
        for member in vars(value) if name in ("data_type", "heur_mode", "numerical_note") else ():
            getattr(real, member)
    methods = [
        "tensor",
        "conv_fprop",
        "conv_dgrad",
        "conv_wgrad",
        "deselect_numeric_notes",
        "execute",
    ]
    for name in [*methods, "get_workspace_size", *cudnn_double.STEPS]:
        assert callable(getattr(cudnn.pygraph, name))
    for name in ("__init__", "tensor"):
        ours = inspect.signature(getattr(cudnn_double.pygraph, name)).parameters
        assert ours.keys() <= inspect.signature(getattr(cudnn.pygraph, name)).parameters.keys()


# Random numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernels", ["forwards", "backwards"], indirect=True)
def test_the_gpu_draws_the_numbers_that_numpy_draws(kernels):
    numpy = get_backend("numpy")
    here, there = family("random").CupyGenerator(numpy, 7), Generator(numpy, 7)
    for shape, low, high, dtype in (
        ((5,), 0.0, 1.0, "float32"),
        ((2, 3), 0.0, 1.0, "float64"),
        ((), 0.0, 1.0, "float32"),
        ((1,), -1.0, 1.0, "float32"),
        ((100, 51), 2.0, 2.5, "float32"),
        ((4001,), 0.0, 1.0, "float64"),
        ((0, 3), 0.0, 1.0, "float32"),
        ((7,), 0.0, 1.0, "float32"),
        ((3,), 0.0, 1.0, "float16"),
    ):
        drawn, expected = (g.uniform(shape, low, high, dtype) for g in (here, there))
        np.testing.assert_array_equal(np.asarray(drawn), np.asarray(expected))
        assert drawn.dtype == expected.dtype
        assert here.state == there.state
    np.testing.assert_array_equal(here.normal((3,)), there.normal((3,)))


@RUNS
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 1.0])
def test_dropout_draws_what_numpy_draws(kernels, dtype, p):
    """The second time, which is a gradient's, nothing is drawn."""
    numpy, run = get_backend("numpy"), kernels.kernel_of("dropout", None)
    here, there = family("random").CupyGenerator(numpy, 7), Generator(numpy, 7)
    for shape, drawn in (
        ((5,), (5,)),
        ((), ()),
        ((60, 71), (60, 71)),
        ((4, 3, 5, 2), (4, 3, 1, 1)),
        ((90, 51, 1), (90, 51, 1)),
        ((1, 6), (1, 1)),
    ):
        x, above = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype)
        if x.size > 20:
            x.reshape(-1)[:4] = np.nan, np.inf, -np.inf, np.nan
        mine, expected = Draw(here, drawn, p), Draw(there, drawn, p)
        for given in (x, above, above.T.copy().T):
            with np.errstate(all="ignore"):
                found = run(on_device(given), draw=mine)
                compare(found, portable("dropout", wide(given), draw=expected), TOLERANCES[dtype])
            assert found.dtype == x.dtype
            assert here.state == there.state
        assert mine.kept.dtype == np.uint8
    np.testing.assert_array_equal(here.uniform((9,)), there.uniform((9,)))


def test_dropout_of_what_kernels_do_not_cover(kernels):
    numpy, run = get_backend("numpy"), kernels.kernel_of("dropout", np)
    here, there = (Draw(Generator(numpy, 7), (3,), 0.5) for _ in range(2))
    x = np.array([1j, 2, 3])
    for given in (x, 2 * x, np.ones(3)):
        found = run(cupy_double.device_array(given), draw=here)
        np.testing.assert_array_equal(found, portable("dropout", given, draw=there))
