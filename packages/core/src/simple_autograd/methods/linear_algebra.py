"""Methods of linear algebra: products, diagonals, decompositions, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import Axis
from .arguments import axis_of, cast_to
from .base import VariablePart

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["LinearAlgebraMethods"]


class LinearAlgebraMethods(VariablePart):
    """The methods of `Variable` that take vectors and matrices. `simple_autograd.linalg` has all functions."""

    __slots__ = ()

    # Products ---------------------------------------------------------------------------------------------------

    def matmul(self, other: Any) -> Variable:
        """The matrix product ``v @ other``."""
        return ops.matmul(self, other)

    def mm(self, mat2: Any) -> Variable:
        """The product of two matrices."""
        return _product("mm", self, mat2, 2, 2)

    def bmm(self, mat2: Any) -> Variable:
        """The products of two stacks of matrices, (B, N, K) and (B, K, M)."""
        return _product("bmm", self, mat2, 3, 3)

    def mv(self, vec: Any) -> Variable:
        """The product of a matrix and a vector."""
        return _product("mv", self, vec, 2, 1)

    def addmm(self, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Variable:
        """``beta * v + alpha * mat1 @ mat2``, for matrices; with `beta` 0 nothing of `v` counts, NaN neither."""
        return self._sum_with(_product("addmm", mat1, mat2, 2, 2), beta, alpha)

    def addmv(self, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Variable:
        """``beta * v + alpha * mat @ vec``, for a matrix and a vector (see `addmm`)."""
        return self._sum_with(_product("addmv", mat, vec, 2, 1), beta, alpha)

    def addr(self, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Variable:
        """``beta * v`` plus `alpha` times the outer product of two vectors (see `addmm`)."""
        return self._sum_with(ops.outer(vec1, vec2), beta, alpha)

    def baddbmm(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Variable:
        """``beta * v + alpha * batch1 @ batch2``, for stacks of matrices (see `addmm`)."""
        return self._sum_with(_product("baddbmm", batch1, batch2, 3, 3), beta, alpha)

    def addbmm(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Variable:
        """``beta * v`` plus `alpha` times the sum of the products of a stack of matrices (see `addmm`)."""
        product = _product("addbmm", batch1, batch2, 3, 3)
        return self._sum_with(ops.sum(product, axis=0), beta, alpha)

    def _sum_with(self, product: Any, beta: float, alpha: float) -> Variable:
        product = product if alpha == 1 else ops.multiply(product, alpha)
        if beta == 0:
            return product
        return ops.add(self if beta == 1 else ops.multiply(self, beta), product)

    def dot(self, other: Any) -> Variable:
        """The sum of products with a vector; for more axes NumPy's ``dot``."""
        return ops.dot(self, other)

    def vdot(self, other: Any) -> Variable:
        """The sum of products of two vectors, this one conjugated."""
        return ops.vecdot(self, other)

    def inner(self, other: Any) -> Variable:
        """The sums of products over the last axes."""
        return ops.inner(self, other)

    def outer(self, vec2: Any) -> Variable:
        """The products of all elements of two vectors."""
        return ops.outer(self, vec2)

    ger = outer

    def kron(self, other: Any) -> Variable:
        """The Kronecker product."""
        return ops.kron(self, other)

    def cross(self, other: Any, dim: int | None = None, *, axis: int | None = None) -> Variable:
        """The cross product of vectors of length 3 along an axis.

        Without one it is the last; where PyTorch would take another (it takes the first of length 3), this raises.
        """
        found = axis_of("cross", dim, axis)
        if found is None and 3 in self.shape[:-1]:
            raise ValueError(
                f"cross: more than one axis of shape {tuple(self.shape)} may be meant. Pass dim."
            )
        return ops.cross(self, other, axis=-1 if found is None else found)

    # Parts ------------------------------------------------------------------------------------------------------

    @property
    def mH(self) -> Variable:  # noqa: N802 - PyTorch's name
        """The last two axes exchanged, and conjugated."""
        return ops.conj(ops.matrix_transpose(self))

    @property
    def H(self) -> Variable:  # noqa: N802 - PyTorch's name
        """The conjugate transpose of a matrix."""
        if self.ndim != 2:
            raise ValueError(f"H: needed is a matrix, this has shape {tuple(self.shape)}. Use mH.")
        return self.mH

    def adjoint(self) -> Variable:
        """The last two axes exchanged, and conjugated."""
        return self.mH

    def diagonal(
        self,
        offset: int = 0,
        dim1: int | None = None,
        dim2: int | None = None,
        *,
        axis1: int | None = None,
        axis2: int | None = None,
    ) -> Variable:
        """A diagonal of the matrices along two axes, by default the first ones."""
        first, second = axis_of("diagonal", dim1, axis1), axis_of("diagonal", dim2, axis2)
        axes = (0 if first is None else first, 1 if second is None else second)
        return ops.diagonal(ops.moveaxis(self, axes, (-2, -1)), offset=offset)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """The sum of a diagonal, by default of the main one of a matrix."""
        return ops.sum(self.diagonal(offset, axis1, axis2), axis=-1)

    # Functions of matrices --------------------------------------------------------------------------------------

    def norm(
        self,
        p: float | str | None = "fro",
        dim: Axis = None,
        keepdim: bool = False,
        *,
        axis: Axis = None,
        keepdims: bool = False,
        dtype: Any = None,
    ) -> Variable:
        """The norm of vectors along axes, ``sum(abs(v)**p)**(1/p)``; of matrices for ``"nuc"``."""
        axes, keepdims = axis_of("norm", dim, axis, self), keepdim or keepdims
        x = cast_to(self, dtype)
        if p == "nuc":
            axes = (-2, -1) if axes is None else axes
            return ops.norm(x, ord="nuc", axis=axes, keepdims=keepdims)
        if isinstance(p, str) and p != "fro":
            raise ValueError(f"norm: p is {p!r}; needed is a number, 'fro' or 'nuc'.")
        order = 2 if p is None or isinstance(p, str) else p
        return ops.vector_norm(x, axis=axes, keepdims=keepdims, ord=order)

    def dist(self, other: Any, p: float = 2) -> Variable:
        """The norm of the difference from another."""
        return ops.vector_norm(ops.subtract(self, other), ord=p)

    def inverse(self) -> Variable:
        """The inverses of square matrices."""
        return ops.inv(self)

    def pinverse(self, rcond: float = 1e-15) -> Variable:
        """The pseudo-inverses of matrices; singular values up to `rcond` times the largest count as 0."""
        return ops.pinv(self, rtol=rcond)

    def det(self) -> Variable:
        """The determinants of square matrices."""
        return ops.det(self)

    def slogdet(self) -> tuple[Variable, Variable]:
        """The signs of the determinants, and the logarithms of their absolute values."""
        return ops.slogdet(self)

    def logdet(self) -> Variable:
        """The logarithms of the determinants: NaN for a negative one, -inf for 0."""
        return ops.logdet(self)

    def matrix_power(self, n: int) -> Variable:
        """The `n`-th powers of square matrices."""
        return ops.matrix_power(self, n)

    def matrix_exp(self) -> Variable:
        """The exponentials of square matrices."""
        return ops.matrix_exp(self)

    def cholesky(self, upper: bool = False) -> Variable:
        """The triangular factors of Hermitian positive definite matrices."""
        return ops.cholesky(self, upper=upper)

    def qr(self, some: bool = True) -> tuple[Variable, Variable]:
        """Q with orthonormal columns and upper triangular R; the whole Q if not `some`."""
        return ops.qr(self, mode="reduced" if some else "complete")

    def svd(self, some: bool = True) -> tuple[Variable, Variable, Variable]:
        """The singular value decomposition ``(U, S, V)``: PyTorch's method gives V, where the function gives its mH."""
        u, s, vh = ops.svd(self, full_matrices=not some)
        return u, s, vh.mH


def _product(method: str, x1: Any, x2: Any, ndim1: int, ndim2: int) -> Any:
    if (x1.ndim, x2.ndim) != (ndim1, ndim2):
        raise ValueError(
            f"{method}: needed are {ndim1} and {ndim2} axes, got shapes {tuple(x1.shape)} and "
            f"{tuple(x2.shape)}. matmul takes any."
        )
    return ops.matmul(x1, x2)
