"""NumPy's functions whose results have no gradient by nature, with the reason; and those that take no array at all."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, MASK, MATRIX, VECTOR, call
from tests.core.numpy_calls.elementwise import NO_GRADIENT, ufunc_calls

SORTED = np.sort(VECTOR)

CALLS = {
    "comparisons and questions": [
        *[c for name in sorted(NO_GRADIENT) for c in ufunc_calls(name)],
        call(np.all, MATRIX, 1),
        call(np.allclose, MATRIX, MATRIX + 1e-9, atol=1e-3),
        call(np.any, MATRIX, axis=0, keepdims=True),
        call(np.array_equal, MATRIX, MATRIX),
        call(np.array_equiv, MATRIX, MATRIX[0]),
        call(np.isclose, MATRIX, VECTOR, rtol=0.5),
        call(np.iscomplex, COMPLEX),
        call(np.iscomplexobj, COMPLEX),
        call(np.isin, MATRIX, [0.1, 0.3]),
        call(np.isneginf, MATRIX),
        call(np.isposinf, MATRIX),
        call(np.isreal, COMPLEX),
        call(np.isrealobj, MATRIX),
        call(np.isscalar, 1.5).then(bool),
        call(np.iterable, MATRIX),
        call(np.may_share_memory, MATRIX, VECTOR),
        call(np.shares_memory, MATRIX, VECTOR),
    ],
    "positions": [
        call(np.argmax, MATRIX, 1),
        call(np.argmin, MATRIX),
        call(np.argpartition, VECTOR, 1),
        call(np.argsort, MATRIX, axis=0),
        call(np.argwhere, MATRIX),
        call(np.digitize, MATRIX, SORTED),
        call(np.flatnonzero, MATRIX),
        call(np.lexsort, (VECTOR, MATRIX[0])),
        call(np.nanargmax, MATRIX),
        call(np.nanargmin, MATRIX, axis=1),
        call(np.nonzero, MATRIX),
        call(np.searchsorted, SORTED, MATRIX),
        call(np.diag_indices_from, MATRIX[:, :3]),
        call(np.tril_indices_from, MATRIX),
        call(np.triu_indices_from, MATRIX),
    ],
    "counts": [
        call(np.count_nonzero, MATRIX, axis=1),
        call(np.linalg.matrix_rank, MATRIX),
        call(np.linalg.matrix_rank, MATRIX, tol=0.1),
    ],
    "shapes and data types": [
        call(np.can_cast, np.float32, np.float64),
        call(np.common_type, MATRIX, COMPLEX),
        call(np.einsum_path, "ij,j->i", MATRIX, VECTOR),
        call(np.min_scalar_type, VECTOR),
        call(np.ndim, MATRIX),
        call(np.result_type, MATRIX, np.float32),
        call(np.shape, MATRIX),
        call(np.size, MATRIX, 1),
    ],
    "new arrays of the same shape": [
        call(np.empty_like, MATRIX).then(np.shape),
        call(np.full_like, MATRIX, 3),
        call(np.ones_like, MATRIX, order="C"),
        call(np.zeros_like, COMPLEX, shape=(2, 2), dtype=np.float32),
    ],
    "texts": [
        call(np.array2string, MATRIX, precision=2),
        call(np.array_repr, MATRIX),
        call(np.array_str, VECTOR),
        call(np.str_, VECTOR).then(type),
    ],
}
"""Each gives what it gives for arrays, with the arrays as Variables that require grad."""

if hasattr(np, "in1d"):  # an old name, which NumPy has given up
    CALLS["comparisons and questions"].append(call(getattr(np, "in1d"), VECTOR, [0.3]))  # noqa: B009

INTEGERS = [
    call(np.bitwise_and, MASK, True),
    call(np.bitwise_count, np.array([3, 8])),
    call(np.bitwise_or, MASK, True),
    call(np.bitwise_xor, MASK, True),
    call(np.gcd, np.array([4, 6]), 2),
    call(np.invert, MASK),
    call(np.lcm, np.array([4, 6]), 4),
    call(np.left_shift, np.array([4, 6]), 1),
    call(np.packbits, MASK),
    call(np.ravel_multi_index, (np.array([1, 2]), np.array([0, 3])), (3, 4)),
    call(np.right_shift, np.array([4, 6]), 1),
    call(np.unpackbits, np.array([3, 8], np.uint8)),
    call(np.unravel_index, np.array([3, 8]), (3, 4)),
]
"""Of integers and booleans only, which never require grad: NumPy refuses floats."""

NO_ARRAY = {
    "about NumPy itself": {
        "errstate", "get_include", "get_printoptions", "getbufsize", "geterr", "geterrcall", "info", "printoptions",
        "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime", "test",
    },
    "of data types and texts": {
        "base_repr", "binary_repr", "busdaycalendar", "datetime_data", "dtype", "finfo", "iinfo", "isdtype",
        "issubdtype", "mintypecode", "promote_types", "typename",
    },
    "of lengths": {
        "broadcast_shapes", "diag_indices", "empty", "eye", "identity", "indices", "mask_indices", "memmap",
        "ndarray", "ndindex", "ones", "recarray", "tri", "tril_indices", "triu_indices", "zeros",
    },
    "of dates": {
        "busday_count", "busday_offset", "datetime64", "datetime_as_string", "is_busday", "isnat",
        "timedelta64",
    },
    "from files, texts and functions": {
        "frombuffer", "fromfile", "fromfunction", "frompyfunc", "fromregex", "fromstring", "genfromtxt",
        "load", "loadtxt",
    },
    "abstract types": {
        "character", "complexfloating", "flatiter", "flexible", "floating", "generic", "inexact", "integer", "number",
        "signedinteger", "ufunc", "unsignedinteger",
    },
    "values": {
        "False_", "ScalarType", "True_", "c_", "e", "euler_gamma", "index_exp", "inf", "little_endian",
        "mgrid", "nan", "newaxis", "ogrid", "pi", "r_", "s_", "sctypeDict", "typecodes",
    },
    "modules": {
        "char", "core", "ctypeslib", "dtypes", "emath", "exceptions", "f2py", "fft", "lib", "linalg", "ma",
        "polynomial", "random", "rec", "strings", "testing", "typing",
    },
    "of the memory of v.data": {"isfortran"},
    "errors": {"LinAlgError"},
    "of lengths, in np.fft": {"fftfreq", "rfftfreq"},
}  # fmt: skip
"""What takes no array that could require grad."""
