"""Nonsense in a body is answered as HubSpot answers mistakes; nothing crashes the sandbox."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from integrations.connectors.sandbox_kit import SandboxRequest
from tests.connectors.hubspot.sandbox_rig import CONTACTS, PORTAL, SandboxRig

ASSOCIATIONS = "/crm/associations/2026-09/contacts/companies"
PATHS = [
    CONTACTS,
    f"{CONTACTS}/merge",
    f"{CONTACTS}/gdpr-delete",
    f"{CONTACTS}/search",
    *(f"{CONTACTS}/batch/{verb}" for verb in ("read", "create", "update", "upsert", "archive")),
    "/crm/properties/2026-09/contacts",
    "/crm/properties/2026-09/contacts/groups",
    *(f"/crm/properties/2026-09/contacts/batch/{verb}" for verb in ("read", "create", "archive")),
    *(f"{ASSOCIATIONS}/batch/{verb}" for verb in ("read", "create", "archive")),
    f"{ASSOCIATIONS}/batch/associate/default",
    f"/sandbox/records/{PORTAL}/contacts",
    "/sandbox/faults",
]
ATOMS: list[object] = [None, "", "x", "²", "1", 1, -1, 1.5, True, [], {}, [1], [[1]], [{}], ["x"]]
NAMES = [
    *("properties", "inputs", "id", "idProperty", "filterGroups", "filters", "sorts", "limit"),
    *("after", "query", "primaryObjectId", "objectIdToMerge", "objectId", "name", "label", "type"),
    *("fieldType", "groupName", "options", "associations", "to", "from", "types"),
    *("propertiesWithHistory", "objectWriteTraceId", "propertyName", "operator", "values", "kind"),
]


def nonsense(random_: random.Random, depth: int = 0) -> Any:
    body: dict[str, Any] = {}
    for name in random_.sample(NAMES, random_.randint(0, 6)):
        shape = random_.random() if depth < 3 else 1.0
        if shape < 0.15:
            body[name] = nonsense(random_, depth + 1)
        elif shape < 0.4:
            body[name] = [nonsense(random_, depth + 1) for _ in range(random_.randint(1, 2))]
        else:
            body[name] = random_.choice(ATOMS)
    return body


@pytest.mark.parametrize("path", PATHS)
def test_nonsense_is_answered_not_crashed(hub: SandboxRig, path: str) -> None:
    hub.sandbox.behaviour.rate_limits = False
    random_ = random.Random(path)  # noqa: S311 - repeatable, not secret
    headers = {
        "Authorization": f"Bearer {hub.tokens.access}",
        "Content-Type": "application/json",
    }
    for _ in range(200):
        hub.sandbox.faults.clear()
        body = json.dumps(nonsense(random_)).encode()
        asked = SandboxRequest.build("POST", path, headers=headers, body=body)
        assert hub.sandbox.handle(asked).status in (200, 201, 204, 207, 400, 404, 409)
