"""The elementwise methods of ``Variable``, each compared with PyTorch's: names, arguments, values, gradients."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import Variable
from tests.core.arrays import assert_close, assert_equal, variable
from tests.core.raising import raises

DATA = np.random.default_rng(0).permutation(12).reshape(3, 4) / 13 + 0.04  # in (0, 1)
OTHER = np.random.default_rng(1).permutation(12).reshape(3, 4) / 10 - 0.47

# fmt: off
PLAIN = [
    "abs", "absolute", "acos", "arccos", "angle", "asin", "arcsin", "asinh", "arcsinh", "atan",
    "arctan", "atanh", "arctanh", "ceil", "conj", "cos", "cosh", "deg2rad", "digamma", "erf",
    "erfc", "erfinv", "exp", "exp2", "expm1", "fix", "floor", "frac", "i0", "isfinite", "isinf",
    "isnan", "lgamma", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "negative",
    "positive", "rad2deg", "reciprocal", "relu", "round", "rsqrt", "sgn", "sigmoid", "sign",
    "signbit", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh", "trunc",
]
PAIRED = [
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide", "remainder",
    "fmod", "floor_divide", "hypot", "atan2", "arctan2", "copysign", "nextafter", "logaddexp",
    "logaddexp2", "maximum", "minimum", "fmax", "fmin", "eq", "ne", "not_equal", "lt", "less", "le",
    "less_equal", "gt", "greater", "ge", "greater_equal",
]
# fmt: on
CALLS = {
    **{name: lambda v, w, name=name: getattr(v, name)() for name in PLAIN},
    **{name: lambda v, w, name=name: getattr(v, name)(w) for name in PAIRED},
    "acosh": lambda v, w: (v + 1).acosh(),
    "arccosh": lambda v, w: (v + 1).arccosh(),
    "add alpha": lambda v, w: v.add(w, alpha=2),
    "add a number": lambda v, w: v.add(3, alpha=2),
    "sub alpha": lambda v, w: v.sub(w, alpha=0.5),
    "div rounded down": lambda v, w: v.div(w, rounding_mode="floor"),
    "div rounded to 0": lambda v, w: v.div(w, rounding_mode="trunc"),
    "pow": lambda v, w: v.pow(w),
    "float_power": lambda v, w: v.float_power(2),
    "xlogy": lambda v, w: w.xlogy(v),
    "round decimals": lambda v, w: v.round(decimals=1),
    "clamp": lambda v, w: v.clamp(0.2, max=0.6),
    "clip arrays": lambda v, w: v.clip(w, w + 0.5),
    "nan_to_num": lambda v, w: (v / 0.0).nan_to_num(0.0, posinf=2.0),
    "logit eps": lambda v, w: v.logit(eps=0.2),
    "logsumexp": lambda v, w: v.logsumexp(1),
    "logsumexp keepdim": lambda v, w: v.logsumexp((0, 1), keepdim=True),
    "polygamma": lambda v, w: v.polygamma(2),
    "mvlgamma": lambda v, w: (v + 1).mvlgamma(2),
    "where": lambda v, w: v.where(w > 0, w),
    "logical_and": lambda v, w: (v > 0.5).logical_and(w > 0),
    "logical_or": lambda v, w: (v > 0.5).logical_or(w > 0),
    "logical_xor": lambda v, w: (v > 0.5).logical_xor(w > 0),
    "logical_not": lambda v, w: (v > 0.5).logical_not(),
    "bitwise_not": lambda v, w: (v > 0.5).bitwise_not(),
    "bitwise_and": lambda v, w: (v > 0.5).bitwise_and(w > 0),
    "bitwise_or": lambda v, w: (v > 0.5).bitwise_or(w > 0),
    "bitwise_xor": lambda v, w: (v > 0.5).bitwise_xor(w > 0),
    "real": lambda v, w: (v * (1 + 2j)).real,
    "imag": lambda v, w: (v * (1 + 2j)).imag,
    "sgn of complex": lambda v, w: (v * (1 + 2j)).sgn().real,
}
STEPPED = {
    "floor_divide",
    "div rounded down",
    "div rounded to 0",
}  # PyTorch gives no gradient, here it is 0


@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name, torch):
    if name in ("digamma", "erfinv", "i0", "lgamma", "polygamma", "mvlgamma"):
        pytest.importorskip("scipy.special")
    v, w = variable(DATA), variable(OTHER)
    tensors = [torch.tensor(data, requires_grad=True) for data in (DATA, OTHER)]
    with np.errstate(divide="ignore", invalid="ignore"):
        out, expected = CALLS[name](v, w), CALLS[name](*tensors)
    assert isinstance(out, Variable)
    assert_close(out, expected.detach().resolve_conj().numpy())
    if name in STEPPED:
        out.sum().backward()
        assert_equal(v.grad, np.zeros_like(DATA))
        return
    assert out.requires_grad == expected.requires_grad
    if expected.requires_grad:
        above = np.random.default_rng(1).normal(size=tuple(expected.shape))
        with np.errstate(divide="ignore", invalid="ignore"):
            out.backward(above)
        expected.backward(torch.tensor(above))
        for one, tensor in zip((v, w), tensors, strict=True):
            if tensor.grad is not None:
                assert_close(one.grad, tensor.grad.numpy(force=True))


@pytest.mark.parametrize("name", ["bitwise_left_shift", "bitwise_right_shift"])
def test_shifts(name):
    v = variable(np.array([8, 12]))
    expected = {"bitwise_left_shift": [16, 24], "bitwise_right_shift": [4, 6]}[name]
    assert_equal(getattr(v, name)(1), np.array(expected))


def test_heaviside_and_ldexp():
    v = variable([-1.0, 0.0, 2.0])
    assert_equal(v.heaviside(0.5), np.array([0.0, 0.5, 1.0]))
    assert_equal(v.ldexp(3), np.array([-8.0, 0.0, 16.0]))


def test_div_knows_its_rounding_modes():
    with raises(ValueError, "div", "rounding_mode is 'up'", "'trunc' or 'floor'"):
        variable([1.0]).div(2, rounding_mode="up")
