"""Integrations and object syncs over the REST API."""

from __future__ import annotations

from integrations.models import AuditEntry, JobRun, ObjectSync, SyncState
from integrations.services import vault
from tests import factories
from tests.api.conftest import Api


def test_the_list_holds_the_tenants_integrations_only(
    ada: Api, bob: Api, sync: ObjectSync, other: ObjectSync
) -> None:
    [found] = ada.get("integrations/").json()["items"]
    [seen] = bob.get("object-syncs/").json()["items"]

    assert found["id"] == str(sync.integration_id)
    assert found["name"] == "RXNT"
    assert found["hubspot"]["state"] == "active"
    assert seen["id"] == str(other.pk)


def test_object_syncs_are_paged_without_loss(ada: Api, sync: ObjectSync) -> None:
    made = {str(sync.pk), *(str(factories.object_sync(ada.tenant).pk) for _ in range(4))}

    found: list[str] = []
    path = "object-syncs/?limit=2"
    while path:
        page = ada.get(path).json()
        found += [row["id"] for row in page["items"]]
        path = (page["next"] or "").removeprefix("https://portal.test/api/v1/")

    assert len(found) == 5
    assert set(found) == made


def test_an_integration_shows_where_its_records_are(ada: Api, sync: ObjectSync) -> None:
    factories.record_link(sync, "901")
    factories.record_link(sync, "902", state="failing", reason="required_missing")
    factories.record_link(sync, "903", state="failing", reason="required_missing")

    [status] = ada.get(f"integrations/{sync.integration_id}/").json()["objects"]

    assert status["object_sync"]["id"] == str(sync.pk)
    assert status["object_sync"]["version"] == 1
    assert status["records"]["linked"] == 1
    assert status["records"]["failing"] == 2
    worst = status["groups"][0]
    assert (worst["reason"], worst["count"], worst["needs_person"]) == ("required_missing", 2, True)
    assert worst["remedy"]
    assert "{detail}" not in worst["sentence"]


def test_an_object_sync_shows_its_passes_and_what_waits(ada: Api, sync: ObjectSync) -> None:
    JobRun.objects.create(tenant=sync.tenant, object_sync=sync, kind="reconcile", state="done")

    [status] = ada.get(f"integrations/{sync.integration_id}/").json()["objects"]

    assert status["runs"][0]["kind"] == status["last_pass"]["kind"] == "reconcile"
    assert (status["undelivered"], status["dropped"], status["next_runs"]) == (0, 0, {})
    assert status["object_sync"]["drift"] == []
    assert status["object_sync"]["hubspot_total"] is None


def test_no_credential_leaves_the_portal(ada: Api, sync: ObjectSync) -> None:
    vault.set_secrets(sync.integration.hubspot, {"Password": "open-sesame"})

    for path in ("integrations/", f"integrations/{sync.integration_id}/", "object-syncs/"):
        text = ada.get(path).content.decode()
        assert "open-sesame" not in text
        assert "secret" not in text
        assert "installer@" not in text


def test_an_integration_is_paused_and_resumed(ada: Api, sync: ObjectSync) -> None:
    paused = ada.post(f"integrations/{sync.integration_id}/pause/").json()
    resumed = ada.post(f"integrations/{sync.integration_id}/resume/").json()

    assert paused["state"] == paused["objects"][0]["object_sync"]["state"] == "paused"
    assert paused["objects"][0]["object_sync"]["sentence"]
    assert resumed["state"] == resumed["objects"][0]["object_sync"]["state"] == "active"
    assert set(AuditEntry.objects.values_list("action", "actor__username")) >= {
        ("sync.paused", "ada"),
        ("sync.resumed", "ada"),
    }


def test_one_object_sync_is_paused_and_resumed(ada: Api, sync: ObjectSync) -> None:
    paused = ada.post(f"object-syncs/{sync.pk}/pause/").json()
    resumed = ada.post(f"object-syncs/{sync.pk}/resume/").json()

    assert (paused["state"], paused["reason"]) == ("paused", "sync_paused")
    assert (resumed["state"], resumed["reason"]) == ("active", "")


def test_what_was_uninstalled_is_shown_and_not_changed(ada: Api, sync: ObjectSync) -> None:
    sync.integration.state = SyncState.UNINSTALLED
    sync.integration.save()

    assert ada.get(f"integrations/{sync.integration_id}/").json()["state"] == "uninstalled"
    for path in (f"integrations/{sync.integration_id}", f"object-syncs/{sync.pk}"):
        for act in ("pause", "resume"):
            answer = ada.post(f"{path}/{act}/")
            assert answer.status_code == 409
            assert "connect it again" in answer.json()["detail"]


def test_a_viewers_token_looks_and_changes_nothing(vic: Api, sync: ObjectSync) -> None:
    assert vic.get(f"object-syncs/{sync.pk}/").status_code == 200
    assert vic.post(f"object-syncs/{sync.pk}/pause/").status_code == 403
    sync.refresh_from_db()
    assert sync.state == SyncState.ACTIVE


def test_a_stranger_changes_nothing(bob: Api, sync: ObjectSync) -> None:
    assert bob.post(f"integrations/{sync.integration_id}/pause/").status_code == 404
    sync.integration.refresh_from_db()
    assert sync.integration.state == SyncState.ACTIVE
