"""Data for simple_autograd: MNIST, which ships inside this package, and a loader of batches.

Data lives in NumPy, as compact as it comes (uint8 images), until ``DataLoader`` hands a batch to a
backend. Transforms work on whole batches. Nothing here knows of Variables, models or training.

::

    train = MNIST(train=True, transform=standard_transform)
    for images, labels in DataLoader(train, batch_size=64, shuffle=True, seed=0):
        ...                                   # (64, 1, 28, 28) float32 and (64,) int64
"""

from __future__ import annotations

from .errors import DatasetError
from .idx import decode_idx, read_idx
from .loader import DataLoader
from .mnist import MNIST
from .transforms import onehot_transform, standard_transform

__all__ = [
    "MNIST",
    "DataLoader",
    "DatasetError",
    "decode_idx",
    "onehot_transform",
    "read_idx",
    "standard_transform",
]
