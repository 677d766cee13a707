"""What functions of CUDA's runtime give: their statuses (cudaError), and what the emulation says of them."""

from __future__ import annotations

INVALID_DIRECTION, INVALID_DEVICE = 21, 101
INVALID_HANDLE, ILLEGAL_STATE, NOT_READY = 400, 401, 600
NOT_WHILE_CAPTURING, INVALIDATED, UNMATCHED = 900, 901, 903
ISOLATED, IMPLICIT, CAPTURED_EVENT = 905, 906, 907

TEXTS = {
    INVALID_DEVICE: "invalid device ordinal",
    NOT_WHILE_CAPTURING: "operation not permitted when stream is capturing",
    INVALIDATED: "operation failed due to a previous error during capture",
    ISOLATED: "dependency created on uncaptured work in another stream",
    IMPLICIT: "operation would make the legacy stream depend on a capturing blocking stream",
    CAPTURED_EVENT: "operation not permitted on an event last recorded in a capturing stream",
}
