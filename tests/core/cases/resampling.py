"""Cases of ``ops/resampling.py``."""

from __future__ import annotations

import numpy as np

from simple_autograd.ops.resampling import AxisMap
from tests.core.op_case import OpCase, other, shapes

WIDER = AxisMap(4, 2, [(0, 0, 1), (1, 0, 0.75), (1, 1, 0.25), (2, 1, 1), (3, 1, 1)])
MIRRORED = AxisMap(7, 3, [(place, abs(2 - abs(place - 2)), 1) for place in range(5)])
NARROWER = AxisMap(2, 5, [(place // 3, place, 0.5 - 0.1 * place) for place in range(5)])
PICKED = AxisMap(2, 3, [(1, 2, 1)])
SCATTERED = AxisMap(3, 4, [(2, 3, 2.0), (2, 0, 1.0), (0, 3, -1.0), (2, 3, 0.5)])


def mapped(x, *, axis, along):
    """Add up term by term."""
    given = np.moveaxis(x, axis, 0)
    out = np.zeros((along.length, *given.shape[1:]), x.dtype)
    for (place, source), weight in along.terms.items():
        out[place] += np.asarray(weight * given[source], x.dtype)
    return np.moveaxis(out, 0, axis)


CASES = [
    OpCase(
        "resample",
        mapped,
        shapes(
            ((2,), {"axis": 0, "along": WIDER}),
            ((3, 2), {"axis": 1, "along": WIDER}),
            ((2, 3, 2), {"axis": 0, "along": WIDER}),
            ((2, 5, 3), {"axis": 1, "along": NARROWER}),
            ((5, 0), {"axis": 0, "along": NARROWER}),
            ((2, 3), {"axis": 1, "along": MIRRORED}),
            ((4, 2), {"axis": 0, "along": SCATTERED}),
            ((2, 3), {"axis": 1, "along": SCATTERED.transpose}),
            ((3,), {"axis": 0, "along": AxisMap(0, 3, [])}),
        ),
        [other(np.arange(6, dtype=np.int32).reshape(2, 3), axis=1, along=PICKED)],
        complex=True,
    ),
]
