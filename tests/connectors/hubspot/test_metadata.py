"""Pipelines, owners and merges through the client."""

from __future__ import annotations

import json

from integrations.connectors.hubspot import metadata
from integrations.connectors.sandbox_kit import Fault, FaultKind
from tests.connectors.hubspot.rig import HubSpotRig


def answers(rig: HubSpotRig, path: str, body: object) -> None:
    raw = json.dumps(body).encode()
    rig.sandbox.faults.inject(Fault(FaultKind.STATUS, path=path, status=200, body=raw))


def test_pipelines_and_stages_come_in_display_order(rig: HubSpotRig) -> None:
    def stage(name: str, order: int) -> dict[str, object]:
        return {"id": name, "displayOrder": order}

    answers(
        rig,
        "/pipelines/",
        {
            "results": [
                {"id": "b", "displayOrder": 1, "stages": []},
                {"id": "a", "displayOrder": 0, "stages": [stage("y", 1), stage("x", 0)]},
            ]
        },
    )
    found = metadata.pipelines(rig.connector.client, "deals")
    assert [pipeline["id"] for pipeline in found] == ["a", "b"]
    assert [entry["id"] for entry in found[0]["stages"]] == ["x", "y"]
    assert metadata.pipelines(rig.connector.client, "deals")[0]["stages"]


def test_owners_of_every_page_come_and_deactivated_ones_too(rig: HubSpotRig) -> None:
    for number in range(120):
        rig.person.add_owner(f"9{number:03}", f"o{number}@acme.example", archived=number < 3)
    found = [owner["id"] for owner in metadata.owners(rig.connector.client)]
    assert len(found) == len(set(found)) == 121
    assert {"9000", "9001", "9002", "9119"} <= set(found)


def test_a_merge_returns_the_survivor(rig: HubSpotRig) -> None:
    first, second = rig.fill(2)
    survivor = rig.connector.client.merge("contacts", first, second)
    found = rig.connector.fetch("contacts", [first, second], ["email"])
    assert {record.id for record in found.values()} == {survivor["id"]}
