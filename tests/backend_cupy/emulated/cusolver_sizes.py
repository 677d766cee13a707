"""How much memory cuSOLVER's functions ask for to work in: here the least, for they never use it."""

from __future__ import annotations

from typing import Any

from .binding import Int, Size, function_of_words, give, of_letters

_WORK = 16  # bytes

# For which types, of how many arguments, and which of them says where to put the size.
_ON_DEVICE = {
    "getrf": ("SDCZ", 6, 5),
    "geqrf": ("SDCZ", 6, 5),
    "potrf": ("SDCZ", 6, 5),
    "orgqr": ("SD", 8, 7),
    "ungqr": ("CZ", 8, 7),
    "gesvd": ("SDCZ", 4, 3),
    "gesvdjBatched": ("SDCZ", 14, 11),
    "syevjBatched": ("SD", 10, 7),
    "heevjBatched": ("CZ", 10, 7),
}
# Those for all types want memory on the device and on the host; the last two arguments are for the sizes.
_ON_BOTH = {"cusolverDnXsyevd_bufferSize": 13, "cusolverDnXgeev_bufferSize": 19}


def _one_size(place: int) -> Any:
    return lambda *args: give(args[place], _WORK, Int)


def _two_sizes(*args: int) -> None:
    for address in args[-2:]:
        give(address, _WORK, Size)


for name, (letters, count, place) in _ON_DEVICE.items():
    names = of_letters(f"cusolverDn{{}}{name}_bufferSize", letters)
    function_of_words(_one_size(place), count, *names)
for name, count in _ON_BOTH.items():
    function_of_words(_two_sizes, count, name)
