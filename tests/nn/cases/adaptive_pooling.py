"""Pooling to a given size: the cases of ``layers/adaptive_pooling.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

LINES = [(draw(2, 3, 7),), (draw(3, 6),)]
IMAGES = [(draw(2, 3, 6, 5),), (draw(3, 6, 4),)]
VOLUMES = [(draw(1, 2, 4, 3, 2),)]

CASES = [
    LayerCase(f"nn.Adaptive{kind}Pool{settings}", calls)
    for kind in ("Avg", "Max")
    for settings, calls in (
        ("1d(3)", [*LINES, (draw(0, 3, 7),)]),
        ("2d(1)", IMAGES),
        ("2d(2)", [*IMAGES, (draw(0, 3, 6, 5),)]),
        ("2d((None, 3))", IMAGES),
        ("2d((4, 7))", IMAGES),
        ("3d((2, 1, 2))", VOLUMES),
        ("3d((3, 2, None))", VOLUMES),
    )
]
