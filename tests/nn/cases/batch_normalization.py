"""Batch and instance normalization: the cases of ``layers/batch_normalization.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

FLAT = [(draw(5, 4),), (draw(2, 4, 3),), (draw(2, 4, 1),)]
IMAGES = [(draw(3, 4, 2, 3),), (draw(1, 4, 3, 1),)]
VOLUMES = [(draw(2, 4, 2, 1, 3),)]
SAMPLES = [(draw(2, 4, 3),), (draw(4, 3),)]

CASES = [
    LayerCase("nn.BatchNorm1d(4)", FLAT),
    LayerCase("nn.BatchNorm2d(4)", IMAGES),
    LayerCase("nn.BatchNorm2d(4, 0.1, None)", IMAGES),
    LayerCase("nn.BatchNorm2d(4, eps=1e-3, momentum=0.5, affine=False)", IMAGES),
    LayerCase("nn.BatchNorm2d(4, bias=False)", IMAGES),
    LayerCase("nn.BatchNorm2d(4, track_running_stats=False)", IMAGES),
    LayerCase("nn.BatchNorm2d(4, track_running_stats=False).eval()", IMAGES),
    LayerCase("nn.BatchNorm3d(4)", VOLUMES),
    *[
        LayerCase(f"nn.BatchNorm1d(4{settings}).eval()", FLAT)
        for settings in ("", ", affine=False", ", bias=False")
    ],
    LayerCase("nn.InstanceNorm1d(4)", SAMPLES),
    LayerCase("nn.InstanceNorm2d(4, affine=True)", [(draw(2, 4, 2, 3),), (draw(4, 3, 2),)]),
    LayerCase("nn.InstanceNorm3d(4, affine=True, bias=False)", VOLUMES),
    LayerCase("nn.InstanceNorm1d(4, 0.1, 0.3, True, True)", SAMPLES),
    LayerCase("nn.InstanceNorm1d(4, track_running_stats=True).eval()", SAMPLES),
]
