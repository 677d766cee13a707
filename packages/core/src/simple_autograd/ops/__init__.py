"""Every op, by family. The families are the array API standard's; `activation` is ours.

A family is loaded when one of its names is first asked for: a program uses a few of them, and together they would be
most of the time that importing simple_autograd takes. The tables below say where a name lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import homes_of, load_later

if TYPE_CHECKING:
    from .activation import *
    from .arithmetic import *
    from .comparison import *
    from .complex_parts import *
    from .contractions import *
    from .convolution import *
    from .creation import *
    from .cumulative import *
    from .data_types import *
    from .decompositions import *
    from .diagonals import *
    from .eigenvalues import *
    from .exponential import *
    from .extremes import *
    from .fourier import *
    from .gathering import *
    from .indexing import *
    from .joining import *
    from .manipulation import *
    from .matrix_functions import *
    from .matrix_parts import *
    from .nan_functions import *
    from .norms import *
    from .order_statistics import *
    from .padding import *
    from .powers import *
    from .products import *
    from .rearranging import *
    from .resampling import *
    from .rounding import *
    from .scipy_special import *
    from .searching import *
    from .sets import *
    from .solving import *
    from .sorting import *
    from .special import *
    from .statistical import *
    from .trigonometric import *

PUBLIC = {
    "activation": "gelu log_softmax logsigmoid relu sigmoid silu softmax softplus",
    "arithmetic": (
        "abs add divide floor_divide fmod multiply negative positive reciprocal remainder "
        "sign subtract"
    ),
    "comparison": (
        "bitwise_and bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift "
        "bitwise_xor equal greater greater_equal isfinite isinf isnan less less_equal "
        "logical_and logical_not logical_or logical_xor not_equal"
    ),
    "complex_parts": "angle conj imag real",
    "contractions": "einsum",
    "convolution": "convolve",
    "creation": (
        "arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid "
        "ones ones_like zeros zeros_like"
    ),
    "cumulative": "cummax cummin cumulative_prod cumulative_sum diff logcumsumexp",
    "data_types": "astype can_cast finfo iinfo isdtype result_type",
    "diagonals": "diagonal trace",
    "exponential": "exp exp2 expm1 log log10 log1p log2 logaddexp logaddexp2 logsumexp",
    "extremes": "clip fmax fmin maximum minimum nan_to_num",
    "gathering": (
        "gather index_add masked_fill put_along_axis scatter scatter_add take take_along_axis"
    ),
    "joining": "concat split stack unstack",
    "manipulation": (
        "broadcast_arrays broadcast_to expand_dims flatten moveaxis permute_dims reshape "
        "squeeze swapaxes"
    ),
    "matrix_parts": "diag diag_embed diagflat tril triu",
    "nan_functions": "nanmax nanmean nanmin nanprod nanstd nansum nanvar",
    "order_statistics": "median nanmedian nanquantile quantile",
    "padding": "pad",
    "powers": "cbrt hypot ldexp pow rsqrt sqrt square",
    "products": "cross dot inner kron matmul matrix_transpose outer tensordot vecdot",
    "rearranging": "flip repeat roll rot90 tile",
    "rounding": "ceil copysign floor frac heaviside nextafter round signbit trunc",
    "searching": "all any argmax argmin count_nonzero nonzero searchsorted where",
    "sets": "unique_all unique_counts unique_inverse unique_values",
    "sorting": "argsort sort topk",
    "special": "erf erfc logit xlogy",
    "statistical": "max mean min prod std sum var",
    "trigonometric": (
        "acos acosh asin asinh atan atan2 atanh cos cosh deg2rad rad2deg sin sinc sinh tan tanh"
    ),
}
"""The functions of ``simple_autograd``, by family."""

FURTHER = {
    "cumulative": "cumulative_positions linear_recurrence",
    "data_types": "to",
    "decompositions": "cholesky qr svd svdvals",
    "diagonals": "put_diagonal",
    "eigenvalues": "eig eigh eigvals eigvalsh",
    "equations": "solve_triangular tensorinv tensorsolve",
    "fourier": (
        "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 "
        "irfftn rfft rfft2 rfftfreq rfftn"
    ),
    "gathering": "pick_along_axis place_along_axis scatter_extreme scatter_reduce",
    "indexing": "getitem index_put put_add setitem",
    "matrix_functions": "matrix_exp matrix_power",
    "norms": "cond matrix_norm norm vector_norm",
    "products": "multi_dot",
    "resampling": "resample",
    "sets": "unique_positions",
    "scipy_special": (
        "beta betainc betaln digamma erfcinv erfinv fdtr fdtrc gamma gammainc gammaincc "
        "gammaln i0 i0e i1 i1e iv ive multigammaln ndtri polygamma stdtr"
    ),
    "solving": "cofactors det inv logdet lstsq matrix_rank pinv slogdet solve",
    "sorting": "ranked_positions",
    "special": "entr erfcx log_ndtr ndtr xlog1py",
}
"""Those of ``linalg``, ``fft`` and ``special``, and what only methods, NumPy's functions and rules call."""

_HOMES = homes_of(PUBLIC, FURTHER)

__all__ = list(homes_of(PUBLIC))

__getattr__, __dir__ = load_later(globals(), _HOMES)


def family_of(name: str) -> str | None:
    """Give the family that a function belongs to; None if there is no such function."""
    return _HOMES.get(name)
