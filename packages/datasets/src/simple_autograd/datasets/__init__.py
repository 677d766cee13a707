"""Data for simple_autograd: MNIST and Digits, which ship inside, others, and a loader of batches.

Data lives in NumPy, as compact as it comes (uint8 images), until ``DataLoader`` hands a batch to a
backend. Transforms work on whole batches. Nothing here knows of Variables, models or training.

::

    train = MNIST(train=True, transform=standard_transform)
    for images, labels in DataLoader(train, batch_size=64, shuffle=True, seed=0):
        ...                                   # (64, 1, 28, 28) float32 and (64,) int64
"""

from __future__ import annotations

from .affine import RandomAffine
from .arrays import ArrayDataset, TensorDataset
from .augmentation import RandomCrop, RandomHorizontalFlip
from .digits import Digits
from .downloaded import CIFAR10, CIFAR100, EMNIST, KMNIST, QMNIST, FashionMNIST
from .epochs import batch_generator
from .errors import DatasetError, WorkerError
from .idx import decode_idx, read_idx
from .loader import DataLoader
from .mnist import MNIST
from .subsets import ConcatDataset, Subset, random_split
from .transforms import Compose, Normalize, OneHot, ToFloat, onehot_transform, standard_transform

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "EMNIST",
    "KMNIST",
    "MNIST",
    "QMNIST",
    "ArrayDataset",
    "Compose",
    "ConcatDataset",
    "DataLoader",
    "DatasetError",
    "Digits",
    "FashionMNIST",
    "Normalize",
    "OneHot",
    "RandomAffine",
    "RandomCrop",
    "RandomHorizontalFlip",
    "Subset",
    "TensorDataset",
    "ToFloat",
    "WorkerError",
    "batch_generator",
    "decode_idx",
    "onehot_transform",
    "random_split",
    "read_idx",
    "standard_transform",
]
