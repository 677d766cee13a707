"""Transformers beyond the table of layers: masks, dropout, initial values, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(31)
SRC, TGT = RNG.normal(size=(5, 3, 6)), RNG.normal(size=(4, 3, 6))
PADDED = np.zeros((3, 5), bool)
PADDED[1, 3:] = True


def both(torch, **settings):
    settings = {"dropout": 0.0, "dim_feedforward": 8, **settings}
    theirs = torch.nn.Transformer(6, 2, 1, 1, **settings).double()
    ours = nn.Transformer(6, 2, 1, 1, **settings).to("float64")
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    return ours, theirs


@pytest.mark.filterwarnings("ignore:enable_nested_tensor:UserWarning")
@pytest.mark.parametrize("norm_first", [False, True])
def test_masks(norm_first, torch):
    ours, theirs = both(torch, norm_first=norm_first)
    causal = nn.Transformer.generate_square_subsequent_mask(4, "float64")
    assert_equal(
        causal, torch.nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64).numpy()
    )
    masks = {
        "tgt_mask": to_numpy(causal),
        "src_mask": np.eye(5, k=2) * -1.5,
        "src_key_padding_mask": np.where(PADDED, -np.inf, 0.0),
        "memory_key_padding_mask": np.where(PADDED, -np.inf, 0.0),
        "memory_mask": RNG.normal(size=(4, 5)),
    }
    out = ours(
        to_backend(SRC), to_backend(TGT), **{key: to_backend(mask) for key, mask in masks.items()}
    )
    expected = theirs(
        torch.tensor(SRC),
        torch.tensor(TGT),
        **{key: torch.tensor(mask) for key, mask in masks.items()},
    )
    assert_close(out, expected.detach().numpy())
    booleans = ours(
        to_backend(SRC),
        to_backend(TGT),
        src_mask=to_backend(masks["src_mask"]),
        memory_mask=to_backend(masks["memory_mask"]),
        src_key_padding_mask=to_backend(PADDED),
        memory_key_padding_mask=to_backend(PADDED),
        tgt_is_causal=True,
    )
    assert_close(booleans, out)


def test_dropout_in_training_only():
    layer = nn.TransformerEncoderLayer(6, 2, 8, dropout=0.5).to("float64")
    x = to_backend(SRC)

    def run():
        sa.manual_seed(2)
        return to_numpy(layer(x))

    trained = run()
    assert_equal(run(), trained)
    layer.eval()
    assert not np.allclose(run(), trained)
    assert layer.self_attn.dropout == 0.5


def test_layers_are_copies():
    layer = nn.TransformerEncoderLayer(6, 2, 8)
    stack = nn.TransformerEncoder(layer, 2)
    first, second = (member.linear1.weight for member in stack.layers)
    assert first is not second
    assert_equal(first, to_numpy(second))
    assert stack.norm is None
    assert stack.layers[0].activation is layer.activation


def test_initial_values_are_pytorchs_distribution():
    model = nn.Transformer(64, 4, 1, 1, 100)
    weight = to_numpy(model.encoder.layers[0].linear1.weight)
    bound = np.sqrt(6 / 164)
    assert 0.98 * bound < np.abs(weight).max() <= bound


def test_other_encoders_and_decoders():
    encoder, decoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8), 1), nn.Identity()
    model = nn.Transformer(6, 2, custom_encoder=encoder, custom_decoder=decoder)
    assert model.encoder is encoder
    assert model.decoder is decoder


def test_errors():
    model = nn.Transformer(6, 2, 1, 1, 8).to("float64")
    with raises(ValueError, "Transformer: tgt is a", "(4, 3, 5)", "E is 6"):
        model(to_backend(SRC), to_backend(TGT[..., :5]))
    with raises(ValueError, "Transformer: src has shape (5, 2, 6)", "(4, 3, 6)", "as many"):
        model(to_backend(SRC[:, :2]), to_backend(TGT))
    with raises(ValueError, "TransformerEncoderLayer: activation is 'tanh'", "'gelu'"):
        nn.TransformerEncoderLayer(6, 2, activation="tanh")
    with raises(TypeError, "TransformerEncoder: the layer is a int"):
        nn.TransformerEncoder(3, 2)
