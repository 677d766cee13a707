"""Methods of linear algebra: products, diagonals, decompositions, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from ..types import Axis
from .arguments import axis_of
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
        return self._product("mm", mat2, 2, 2)

    def bmm(self, mat2: Any) -> Variable:
        """The products of two stacks of matrices, (B, N, K) and (B, K, M)."""
        return self._product("bmm", mat2, 3, 3)

    def mv(self, vec: Any) -> Variable:
        """The product of a matrix and a vector."""
        return self._product("mv", vec, 2, 1)

    def _product(self, method: str, other: Any, ndim: int, other_ndim: int) -> Variable:
        if (self.ndim, other.ndim) != (ndim, other_ndim):
            raise ValueError(
                f"{method}: needed are {ndim} and {other_ndim} axes, got shapes {tuple(self.shape)} and "
                f"{tuple(other.shape)}. matmul takes any."
            )
        return ops.matmul(self, other)

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
    ) -> Variable:
        """The norm of vectors along axes, ``sum(abs(v)**p)**(1/p)``; of matrices for ``"nuc"``."""
        axes, keepdims = axis_of("norm", dim, axis), keepdim or keepdims
        if p == "nuc":
            axes = (-2, -1) if axes is None else axes
            return ops.norm(self, ord="nuc", axis=axes, keepdims=keepdims)
        if isinstance(p, str) and p != "fro":
            raise ValueError(f"norm: p is {p!r}; needed is a number, 'fro' or 'nuc'.")
        order = 2 if p is None or isinstance(p, str) else p
        return ops.vector_norm(self, axis=axes, keepdims=keepdims, ord=order)

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
