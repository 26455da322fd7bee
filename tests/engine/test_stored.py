"""A configuration survives its way through JSON, and a damaged one is refused."""

from __future__ import annotations

import json
import random

import pytest

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.stored import from_json, to_json
from tests.engine.world import one_way, two_way

CONFIGS = [kind.config(random.Random(seed)) for kind in (one_way, two_way) for seed in range(5)]  # noqa: S311


@pytest.mark.parametrize("config", CONFIGS)
def test_a_configuration_survives_json(config: SyncConfig) -> None:
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_members_that_are_not_stored_take_their_defaults() -> None:
    stored = to_json(CONFIGS[0])
    del stored["grace_seconds"], stored["breaker"]
    config = from_json(stored)
    assert (config.grace_seconds, config.breaker.floor) == (300, 50)


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 2},
        {"format": None},
        {"unknown": 1},
        {"conflict": "guess"},
        {"rules": [{"hubspot": "a"}]},
        {"grace_seconds": "soon"},
        {"target": None},
    ],
)
def test_a_damaged_configuration_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ConfigInvalid):
        from_json({**to_json(CONFIGS[0]), **damage})
