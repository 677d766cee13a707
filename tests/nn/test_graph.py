"""``graph`` of training steps on the host: what is recorded call by call."""

from __future__ import annotations

from tests.graph_cases import Refusals, Replays


class TestReplays(Replays):
    recordings = 2


class TestRefusals(Refusals):
    recordings = 2
