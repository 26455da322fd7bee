"""Records over the REST API: where each is, why, and trying again."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.records import Side
from integrations.models import Hint, Integration, ObjectSync, RecordLink
from integrations.services import explain, lanes
from tests import factories
from tests.api.conftest import Api, holder
from tests.services.stage import PORTAL, Stage

WHOLE = {
    "firstname": "Ann", "lastname": "Brandt", "email": "ann@example.com", "gender": "F",
    "rxnt_date_of_birth": "1988-02-29", "phone": "4105550142",
}  # fmt: skip


def links(sync: ObjectSync) -> None:
    """Make five records with three different outcomes."""
    factories.record_link(sync, "901", "T1")
    for number in ("902", "903"):
        factories.record_link(sync, number, state="failing", reason="required_missing")
    factories.record_link(sync, "904", state="failing", reason="rejected")
    factories.record_link(sync, "", "T9", state="excluded", reason="filtered_out")


def ids(answer: Any) -> list[str]:
    return [row["hubspot_id"] or row["target_id"] for row in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["T9", "904", "903", "902", "901"]),
        ("&state=failing", ["904", "903", "902"]),
        ("&reason=required_missing", ["903", "902"]),
        ("&state=linked&reason=in_step", ["901"]),
        ("&state=held", []),
    ],
)
def test_records_are_listed_by_state_and_reason(
    query: str, expected: list[str], ada: Api, sync: ObjectSync, other: ObjectSync
) -> None:
    links(sync)
    links(other)

    assert ids(ada.get(f"records/?object_sync={sync.pk}{query}")) == expected


def test_pages_follow_each_other_and_keep_the_question(ada: Api, sync: ObjectSync) -> None:
    links(sync)

    page = ada.get(f"records/?object_sync={sync.pk}&state=failing&limit=2")
    after = ada.get(page.json()["next"].removeprefix("https://portal.test/api/v1/"))

    assert ids(page) + ids(after) == ["904", "903", "902"]
    assert after.json()["next"] is None


def test_a_list_must_name_its_object_sync(ada: Api, sync: ObjectSync) -> None:
    answer = ada.get("records/?state=lost")

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"object_sync", "state"}


def test_a_record_says_why_it_is_where_it_is(ada: Api, sync: ObjectSync) -> None:
    link = factories.record_link(sync, "902", state="failing", reason="required_missing")
    RecordLink.objects.filter(pk=link.pk).update(detail="Date of birth.")

    shown = ada.get(f"records/{link.pk}/").json()

    assert "Date of birth." in shown["sentence"]
    assert "Fill in" in shown["remedy"]
    assert "base" not in shown


def test_one_record_is_tried_again(ada: Api, sync: ObjectSync) -> None:
    link = factories.record_link(sync, "902", state="failing", reason="rejected")

    answer = ada.post(f"records/{link.pk}/retry/")

    assert (answer.status_code, answer.json()) == (202, {"retried": 1})
    assert Hint.objects.get().record_id == "902"


def test_all_records_of_a_reason_are_tried_again(ada: Api, sync: ObjectSync) -> None:
    links(sync)

    body = {"object_sync": str(sync.pk), "reason": "required_missing"}

    assert ada.post("records/retry/", body).json() == {"retried": 2}
    assert set(Hint.objects.values_list("record_id", flat=True)) == {"902", "903"}


def test_ids_of_another_tenant_are_left_alone(
    ada: Api, sync: ObjectSync, other: ObjectSync
) -> None:
    mine = factories.record_link(sync, "902", state="failing", reason="rejected")
    theirs = factories.record_link(other, "902", state="failing", reason="rejected")

    body = {"object_sync": str(sync.pk), "ids": [mine.pk, theirs.pk]}

    assert ada.post("records/retry/", body).json() == {"retried": 1}
    assert Hint.objects.get().object_sync == sync


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "ids"),
        ({"ids": [1], "reason": "rejected"}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": list(range(1, 1002))}, "ids"),
        ({"ids": ["x"]}, "ids.0"),
        ({"reason": "no such reason"}, "reason"),
    ],
)
def test_a_wrong_retry_is_refused(
    body: dict[str, Any], wrong: str, ada: Api, sync: ObjectSync
) -> None:
    answer = ada.post("records/retry/", {"object_sync": str(sync.pk), **body})

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {wrong}
    assert not Hint.objects.exists()


@pytest.fixture
def joined(stage: Stage) -> Integration:
    """Acme's HubSpot account joined with its RXNT practice."""
    return stage.connect()


def worked(stage: Stage, joined: Integration, **changes: str) -> str:
    """Create a customer in HubSpot, let the portal work on it; returns its id."""
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "customer"} | changes)
    row = joined.object_syncs.get()
    explain.sync_now(row, Side.HUBSPOT, made, stage.ada)
    lanes.work(row.pk)
    return made


def test_why_masks_health_values_and_writes_nothing(stage: Stage, joined: Integration) -> None:
    made = worked(stage, joined)
    link = RecordLink.objects.get(hubspot_id=made)

    answer = holder(stage.acme, stage.ada).get(f"records/{link.pk}/why/")

    assert answer.status_code == 200
    body = answer.json()
    assert body["found"] is True
    assert body["stored"]["id"] == link.pk
    assert {"Brandt", "••••"} <= {field["hubspot_value"] for field in body["values"]}
    assert "1988" not in answer.content.decode()
    assert "4105550142" not in answer.content.decode()
    assert not Hint.objects.exists()


def test_why_answers_for_a_record_that_was_never_seen(stage: Stage, joined: Integration) -> None:
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "lead"})
    sync = joined.object_syncs.get()

    answer = holder(stage.acme, stage.ada).get(
        f"records/why/?object_sync={sync.pk}&side=hubspot&record={made}"
    )

    assert answer.json()["stored"] is None
    assert answer.json()["reason"] == "filtered_out"
    assert not RecordLink.objects.exists()


def test_a_system_that_does_not_answer_is_a_503_that_passes(
    stage: Stage, joined: Integration
) -> None:
    made = worked(stage, joined)
    stage.hubspot.faults.inject(Fault(FaultKind.STATUS), times=20)
    link = RecordLink.objects.get(hubspot_id=made)

    answer = holder(stage.acme, stage.ada).get(f"records/{link.pk}/why/")

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
    assert answer.json()["code"] == "unavailable"
    assert answer.json()["remedy"]


def test_a_stranger_and_a_viewer_try_nothing_again(bob: Api, vic: Api, sync: ObjectSync) -> None:
    link = factories.record_link(sync, "902", state="failing", reason="rejected")
    body = {"object_sync": str(sync.pk), "ids": [link.pk]}

    assert bob.post(f"records/{link.pk}/retry/").status_code == 404
    assert bob.post("records/retry/", body).status_code == 404
    assert vic.post("records/retry/", body).status_code == 403
    assert not Hint.objects.exists()
