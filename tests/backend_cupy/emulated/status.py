"""What functions of CUDA's runtime give: their statuses (cudaError), and what the emulation says of them."""

from __future__ import annotations

INVALID_DIRECTION, INVALID_DEVICE = 21, 101
INVALID_HANDLE, ILLEGAL_STATE, NOT_READY = 400, 401, 600
NOT_WHILE_CAPTURING, INVALIDATED, UNMATCHED, ISOLATED, IMPLICIT, CAPTURED_EVENT = (
    900,
    901,
    903,
    905,
    906,
    907,
)

TEXTS = {
    INVALID_DEVICE: b"invalid device ordinal",
    NOT_WHILE_CAPTURING: b"operation not permitted when stream is capturing",
    INVALIDATED: b"operation failed due to a previous error during capture",
    ISOLATED: b"dependency created on uncaptured work in another stream",
    IMPLICIT: b"operation would make the legacy stream depend on a capturing blocking stream",
    CAPTURED_EVENT: b"operation not permitted on an event last recorded in a capturing stream",
}
