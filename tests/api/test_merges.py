"""Merges over the REST API: listed, shown with their steps, decided, undone."""

from __future__ import annotations

import pytest

from integrations.engine.config import MergePolicy
from tests.api.conftest import Api, holder
from tests.services.merge_kit import MergeKit


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give one merge that waits for a person."""
    made = MergeKit(monkeypatch)
    made.use(merge=MergePolicy.HOLD)
    made.merge(*made.two())
    made.load()
    return made


@pytest.fixture
def owner(kit: MergeKit) -> Api:
    """Give a program that acts for Ada."""
    return holder(kit.acme, kit.ada)


def test_merges_are_listed_and_shown_with_their_steps(kit: MergeKit, owner: Api) -> None:
    row = kit.row()
    [listed] = owner.get(f"merges/?object_sync={row.object_sync_id}&state=held").json()["items"]
    body = owner.get(f"merges/{row.pk}/").json()
    assert listed.items() <= body.items()
    assert (body["hubspot_id"], body["old_ids"]) == (row.hubspot_id, row.old_ids)
    assert body["extra_target_id"] == row.loser.target_id
    assert [step["key"] for step in body["steps"]] == ["children"]
    assert body["sentence"]
    assert owner.get("merges/?state=done").json()["items"] == []
    assert "sealed" not in body


def test_a_decision_is_carried_out(kit: MergeKit, owner: Api) -> None:
    there = f"merges/{kit.row().pk}/decide/"
    body = owner.post(there, {"decision": "remove"}).json()
    assert (body["state"], body["policy"]) == ("open", "archive")
    kit.work()
    assert kit.accounts.live() == [kit.row().kept.target_id]
    late = owner.post(there, {"decision": "keep"})
    assert (late.status_code, late.json()["code"]) == (409, "merge_refused")
    assert owner.post(there, {"decision": "burn"}).status_code == 400


@pytest.mark.parametrize("named", [True, False])
def test_a_merge_is_undone(kit: MergeKit, owner: Api, named: bool) -> None:
    again = kit.companies.put({"domain": "firm2.x", "name": "Firm 2"}) if named else ""
    there = f"merges/{kit.row().pk}/undo/"
    refused = owner.post(there, {"hubspot_id": kit.row().hubspot_id})
    assert refused.json()["code"] == "merge_refused"
    body = owner.post(there, {"hubspot_id": again} if named else {}).json()
    kit.work()
    assert (body["state"], body["ended_by"]) == ("undone", "ada")
    assert kit.row().loser.state == "linked"


def test_readers_and_strangers_change_nothing(kit: MergeKit, stranger_of: Api) -> None:
    row = kit.row()
    reader = holder(kit.acme, kit.ada, "records:read")
    assert reader.get(f"merges/{row.pk}/").status_code == 200
    for path in ("decide", "undo"):
        body = {"decision": "keep"}
        assert reader.post(f"merges/{row.pk}/{path}/", body).status_code == 403
        assert stranger_of.post(f"merges/{row.pk}/{path}/", body).status_code == 404
    assert stranger_of.get("merges/").json()["items"] == []
    assert stranger_of.get(f"merges/{row.pk}/").status_code == 404
    assert kit.row().state == "held"


@pytest.fixture
def stranger_of(kit: MergeKit) -> Api:
    """Give a program of another organisation."""
    return holder(kit.bolt, kit.bob)
