"""The methods of linear algebra, each compared with PyTorch's: names, arguments, values, gradients."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import Variable
from tests.core.arrays import assert_close, variable
from tests.core.matrices import normal, spread
from tests.core.raising import raises

RNG = np.random.default_rng(2)
MATRIX, STACK, VECTOR = spread(RNG, 3, 3), normal(RNG, 2, 3, 3), normal(RNG, 3)
TALL = spread(RNG, 4, 3)

CALLS = {
    "matmul": lambda m, s, v, t: m.matmul(s),
    "mm": lambda m, s, v, t: t.mm(m),
    "bmm": lambda m, s, v, t: s.bmm(s),
    "mv": lambda m, s, v, t: m.mv(v),
    "dot": lambda m, s, v, t: v.dot(v),
    "vdot": lambda m, s, v, t: (v * 1j).vdot(v * (1 + 2j)).real,
    "inner": lambda m, s, v, t: s.inner(m),
    "outer": lambda m, s, v, t: v.outer(v * 2),
    "ger": lambda m, s, v, t: v.ger(v * 2),
    "kron": lambda m, s, v, t: m.kron(v),
    "cross": lambda m, s, v, t: v.cross(v * v),
    "cross dim": lambda m, s, v, t: m.cross(m * m, dim=0),
    "mH": lambda m, s, v, t: (s * (1 + 2j)).mH.imag,
    "H": lambda m, s, v, t: (t * (1 + 2j)).H.imag,
    "adjoint": lambda m, s, v, t: s.adjoint(),
    "diagonal": lambda m, s, v, t: s.diagonal(),
    "diagonal dims": lambda m, s, v, t: s.diagonal(1, -2, dim2=2),
    "trace": lambda m, s, v, t: m.trace(),
    "norm": lambda m, s, v, t: s.norm(),
    "norm p": lambda m, s, v, t: s.norm(3, 1),
    "norm dims": lambda m, s, v, t: s.norm("fro", (0, 2), keepdim=True),
    "norm nuc": lambda m, s, v, t: m.norm("nuc"),
    "norm inf": lambda m, s, v, t: s.norm(float("inf"), dim=(0, 1)),
    "inverse": lambda m, s, v, t: m.inverse(),
    "pinverse": lambda m, s, v, t: t.pinverse(),
    "det": lambda m, s, v, t: s.det(),
    "slogdet": lambda m, s, v, t: m.slogdet()[1],
    "logdet": lambda m, s, v, t: m.logdet(),
    "matrix_power": lambda m, s, v, t: m.matrix_power(3),
    "matrix_exp": lambda m, s, v, t: m.matrix_exp(),
    "cholesky": lambda m, s, v, t: m.matmul(m.mT).cholesky(upper=True),
    "qr": lambda m, s, v, t: t.qr()[1],
    "qr whole": lambda m, s, v, t: m.qr(some=False)[0],
    "svd": lambda m, s, v, t: t.svd()[0] @ t.svd()[2].mT,
    "svd whole": lambda m, s, v, t: m.svd(some=False)[1],
}


@pytest.mark.filterwarnings("ignore:The use of `x.T`|torch.(qr|svd|cholesky)|.*deprecated")
@pytest.mark.parametrize("name", CALLS)
def test_as_in_pytorch(name, torch):
    arrays = (MATRIX, STACK, VECTOR, TALL)
    variables = [variable(array) for array in arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    out, expected = CALLS[name](*variables), CALLS[name](*tensors)
    assert isinstance(out, Variable)
    assert_close(out, expected.detach().resolve_conj().resolve_neg().numpy())
    above = np.random.default_rng(1).normal(size=tuple(expected.shape))
    out.backward(above)
    expected.backward(torch.tensor(above))
    for one, tensor in zip(variables, tensors, strict=True):
        assert (one.grad is None) == (tensor.grad is None)
        if one.grad is not None:
            assert_close(one.grad, tensor.grad.numpy(), 1e-9)


def test_numpys_names_of_axes():
    v = variable(STACK)
    assert_close(v.trace(axis1=1, axis2=2), STACK.trace(axis1=1, axis2=2))
    assert_close(v.diagonal(axis1=1, axis2=2), STACK.diagonal(axis1=1, axis2=2))
    assert_close(v.norm(axis=1, keepdims=True), np.linalg.norm(STACK, axis=1, keepdims=True))
    assert_close(v.cross(v * v, axis=1), np.cross(STACK, STACK**2, axis=1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda v: v.mm(v), ["mm", "2 and 2 axes", "(2, 3, 3)", "matmul"]),
        (lambda v: v.mv(v), ["mv", "2 and 1 axes"]),
        (lambda v: v.cross(v), ["cross", "more than one axis", "dim"]),
        (lambda v: v.H, ["H", "matrix", "mH"]),
        (lambda v: v.norm("max"), ["norm", "'max'", "'nuc'"]),
    ],
)
def test_what_does_not_fit_is_named(call, words):
    with raises(ValueError, *words):
        call(variable(STACK))
