"""Embedding layers: see ``functional/embedding.py``."""

from __future__ import annotations

from typing import Any, Self

from ...types import Array, DType
from ...variable import Variable
from ...writes import written
from .. import init
from ..functional import embedding, embedding_bag
from ..functional.arguments import check_floating, describe
from ..functional.embedding import Mode
from ..module import Module
from ..parameter import Parameter
from .linear import check_sizes, empty_array

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """What the layers share: a table of vectors, and how its rows are looked up."""

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        weight: Parameter | None,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_sizes(name, 0, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if sparse:
            raise ValueError(
                f"{name}: sparse is True, but there are no sparse gradients here. Leave it out: the numbers are the "
                f"same."
            )
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(
                    f"{name}: padding_idx is {padding_idx}; needed is one of the {num_embeddings} rows."
                )
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        if weight is not None:
            self.register_parameter("weight", weight)
            return
        self.weight = Parameter(empty_array((num_embeddings, embedding_dim), dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the vectors from the standard normal distribution; that of `padding_idx` is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx, ...] = 0
            written(self.weight.backend, self.weight.data, "reset_parameters")

    def extra_repr(self) -> str:
        """Give the settings that are not the defaults."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        return text


class Embedding(_Table):
    """A table of vectors, looked up by number. They are drawn from the standard normal distribution.

    Parameters
    ----------
    num_embeddings, embedding_dim
        The number of vectors, V, and their length, D.
    padding_idx
        A row that is 0 and gets no gradient; negative ones count from the end.
    max_norm
        Rows that are looked up and have a larger norm are scaled down to it first, in place.
    norm_type
        The order of that norm.
    scale_grad_by_freq
        Divide each row's gradient by the number of times that it is looked up in a call.
    sparse
        Must be False: gradients are dense.
    dtype
        The table's data type, by default float32. It is made on the default backend.

    Attributes
    ----------
    weight
        (V, D).

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> nn.Embedding(10, 3)(np.array([[1, 2, 4, 5], [4, 3, 2, 9]])).shape
    (2, 4, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Parameter | None = None,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            dtype,
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Array,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """Make a layer of given vectors.

        Parameters
        ----------
        embeddings
            (V, D), floating. The layer shares its memory.
        freeze
            Whether the vectors get no gradient.
        padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
            As for the class; the vector of `padding_idx` stays as it is.
        """
        weight = _given(cls.__name__, embeddings, freeze)
        count, length = weight.shape
        return cls(
            count,
            length,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            weight,
        )

    def forward(self, x: Array) -> Any:
        """Map integers of any shape to vectors, (*, D)."""
        return embedding(
            x,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        """Give the settings that are not the defaults."""
        sizes = f"{self.num_embeddings}, {self.embedding_dim}"
        text = super().extra_repr().removeprefix(sizes)
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return sizes + padding + text


class EmbeddingBag(_Table):
    """Sums, means or maxima of bags of vectors that are looked up by number in a table (see `Embedding`).

    Parameters
    ----------
    num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, sparse, dtype
        As for `Embedding`.
    mode
        ``"sum"``, ``"mean"`` or ``"max"``.
    include_last_offset
        Whether the offsets of a call have one more element, where the last bag ends.
    padding_idx
        A row that counts for nothing; negative ones count from the end.

    Attributes
    ----------
    weight
        (V, D).
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: Mode = "mean",
        sparse: bool = False,
        _weight: Parameter | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            dtype,
        )
        self.mode: Mode = mode
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Array,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: Mode = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """Make a layer of given vectors.

        Parameters
        ----------
        embeddings
            (V, D), floating. The layer shares its memory.
        freeze
            Whether the vectors get no gradient.
        max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_idx
            As for the class.
        """
        weight = _given(cls.__name__, embeddings, freeze)
        count, length = weight.shape
        return cls(
            count,
            length,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            mode,
            sparse,
            weight,
            include_last_offset,
            padding_idx,
        )

    def forward(
        self, x: Array, offsets: Array | None = None, per_sample_weights: Array | None = None
    ) -> Any:
        """Map (B, N), or (L,) with the offsets (B,), to (B, D)."""
        return embedding_bag(
            x,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Give the settings that are not the defaults, and the mode."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{super().extra_repr()}, mode={self.mode!r}{padding}"


def _given(name: str, embeddings: Array, freeze: bool) -> Parameter:
    """Give vectors as the parameter that they become."""
    name = f"{name}.from_pretrained"
    check_floating(name, "embeddings", embeddings)
    if len(embeddings.shape) != 2:
        raise ValueError(
            f"{name}: embeddings is a {describe(embeddings)}; needed is the shape (V, D)."
        )
    data = embeddings.data if isinstance(embeddings, Variable) else embeddings
    return Parameter(data, requires_grad=not freeze)
