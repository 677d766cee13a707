"""Interpolation: the cases of ``layers/upsampling.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

LINE, IMAGE, VOLUME = [(draw(2, 3, 5),)], [(draw(2, 3, 4, 5),)], [(draw(2, 1, 3, 4, 3),)]

CASES = [
    LayerCase("nn.Upsample(scale_factor=2)", [*LINE, *IMAGE, *VOLUME]),
    LayerCase("nn.Upsample(size=3)", [*LINE, *IMAGE, *VOLUME]),
    LayerCase("nn.Upsample(scale_factor=1.7, mode='nearest-exact')", [*LINE, *IMAGE, *VOLUME]),
    LayerCase("nn.Upsample(size=8, mode='linear')", LINE),
    LayerCase("nn.Upsample(scale_factor=0.7, mode='linear', align_corners=True)", LINE),
    LayerCase("nn.Upsample(size=(7, 3), mode='bilinear')", IMAGE),
    LayerCase(
        "nn.Upsample(scale_factor=(1.7, 2.3), mode='bilinear', recompute_scale_factor=True)", IMAGE
    ),
    LayerCase("nn.Upsample(scale_factor=(2, 1.5), mode='bicubic')", IMAGE),
    LayerCase("nn.Upsample(size=(6, 3), mode='bicubic', align_corners=True)", IMAGE),
    LayerCase("nn.Upsample(scale_factor=2, mode='trilinear')", VOLUME),
    LayerCase("nn.Upsample(size=(2, 5, 3), mode='trilinear', align_corners=True)", VOLUME),
    LayerCase("nn.Upsample(size=2, mode='area')", [*LINE, *IMAGE, *VOLUME]),
    LayerCase("nn.UpsamplingNearest2d(scale_factor=2)", IMAGE),
    LayerCase("nn.UpsamplingBilinear2d(size=7)", IMAGE),
]
