"""Held decisions over the REST API: seen with both values, decided alone or together."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Integration, ObjectSync, RecordLink, Review, RunKind, SyncState
from integrations.services import runs
from tests import factories
from tests.api.conftest import Api, holder
from tests.services.desk import Desk


def conflicts(desk: Desk, count: int = 1) -> list[Review]:
    """Let both sides change the same field of some records, and the portal hold them."""
    made = desk.people(count)
    desk.publish()
    desk.settle()
    for place, link in enumerate(RecordLink.objects.filter(hubspot_id__in=made)):
        desk.hubspot.edit(link.hubspot_id, {"name": f"Here {place}"})
        desk.target.edit(link.target_id, {"title": f"There {place}"})
    runs.open_run(desk.sync, RunKind.RECONCILE)
    desk.work()
    found = list(Review.objects.filter(reason="conflict", closed_at=None).order_by("pk"))
    assert len(found) == count
    return found


def test_a_conflict_is_shown_with_both_values(desk: Desk, owner: Api) -> None:
    [review] = conflicts(desk)

    [listed] = owner.get(f"reviews/?object_sync={desk.sync.pk}").json()["items"]
    body = owner.get(f"reviews/{review.pk}/").json()

    assert listed["id"] == body["id"] == review.pk
    [field] = body["conflicts"]
    assert (field["hubspot_value"], field["target_value"]) == ("Here 0", "There 0")
    assert (field["hubspot_field"], field["target_field"]) == ("name", "title")
    assert body["sentence"]
    assert body["remedy"]


@pytest.mark.parametrize(("side", "wins"), [("hubspot", "Here 0"), ("target", "There 0")])
def test_one_side_wins(side: str, wins: str, desk: Desk, owner: Api) -> None:
    [review] = conflicts(desk)
    seen = [one["seen"] for one in owner.get(f"reviews/{review.pk}/").json()["conflicts"]]

    answer = owner.post(f"reviews/{review.pk}/resolve/", {"side": side, "seen": seen})
    desk.settle()

    assert answer.json() == {"resolved": 1}
    [here], [there] = desk.hubspot.rows.values(), desk.target.rows.values()
    assert (here.values["name"], there.values["title"]) == (wins, wins)
    assert owner.get("reviews/").json()["items"] == []
    [closed] = owner.get("reviews/?closed=true").json()["items"]
    assert closed["closed_by"] == "ada"


def test_a_value_that_changed_since_is_not_overwritten(desk: Desk, owner: Api) -> None:
    [review] = conflicts(desk)
    seen = [one["seen"] for one in owner.get(f"reviews/{review.pk}/").json()["conflicts"]]
    link = RecordLink.objects.get()
    desk.target.edit(link.target_id, {"title": "Later"})

    answer = owner.post(f"reviews/{review.pk}/resolve/", {"side": "hubspot", "seen": seen})

    assert answer.status_code == 409
    assert answer.json()["code"] == "changed_since"


def test_only_named_fields_are_decided(desk: Desk, owner: Api) -> None:
    [review] = conflicts(desk)
    path = f"reviews/{review.pk}/resolve/"
    other = {"side": "hubspot", "fields": [{"hubspot": "email", "target": "mail"}]}
    named = {"side": "hubspot", "fields": [{"hubspot": "name", "target": "title"}]}

    assert owner.post(path, other).json() == {"resolved": 0}
    assert owner.post(path, named).json() == {"resolved": 1}


def test_many_are_decided_together(desk: Desk, owner: Api) -> None:
    made = [review.pk for review in conflicts(desk, 3)]

    answer = owner.post("reviews/resolve/", {"side": "hubspot", "ids": [*made[:2], 10**12]})

    assert answer.json() == {"resolved": 2}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"side": "left", "ids": [1]}, {"side"}),
        ({"side": "hubspot"}, {"ids"}),
        ({"side": "hubspot", "ids": []}, {"ids"}),
        ({"side": "hubspot", "ids": list(range(1, 202))}, {"ids"}),
    ],
)
def test_a_wrong_decision_is_named(body: dict[str, Any], wrong: set[str], ada: Api) -> None:
    answer = ada.post("reviews/resolve/", body)

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == wrong


def test_a_review_that_is_no_conflict_is_shown_without_values(ada: Api, sync: ObjectSync) -> None:
    link = factories.record_link(sync, state="held", reason="ambiguous")
    review = Review.objects.create(
        tenant=sync.tenant, object_sync=sync, link=link, reason="ambiguous",
        detail="2 patients.", opened_at=timezone.now(),
    )  # fmt: skip

    body = ada.get(f"reviews/{review.pk}/").json()
    decided = ada.post(f"reviews/{review.pk}/resolve/", {"side": "hubspot"})

    assert body["conflicts"] == []
    assert "2 patients." in body["sentence"]
    assert decided.json() == {"resolved": 0}


def test_a_reader_and_a_stranger_decide_nothing(desk: Desk, owner: Api, stranger: Api) -> None:
    [review] = conflicts(desk)
    reader = holder(desk.acme, desk.ada, "records:read")
    body = {"side": "hubspot"}

    assert reader.get(f"reviews/{review.pk}/").status_code == 200
    assert reader.post(f"reviews/{review.pk}/resolve/", body).status_code == 403
    assert stranger.get("reviews/").json()["items"] == []
    assert stranger.get(f"reviews/{review.pk}/").status_code == 404
    assert stranger.post(f"reviews/{review.pk}/resolve/", body).status_code == 404
    everything = {"side": "hubspot", "ids": [review.pk]}
    assert stranger.post("reviews/resolve/", everything).json() == {"resolved": 0}
    assert RecordLink.objects.get().choices == {}


def test_deletions_are_decided_together_and_only_ones_own(
    desk: Desk, owner: Api, stranger: Api
) -> None:
    [review] = conflicts(desk)
    Review.objects.update(reason="delete_held")
    RecordLink.objects.filter(reviews=review).update(reason="delete_held")
    form = {"verdict": "archive", "ids": [review.pk]}
    viewer = holder(desk.sync.tenant, owner.user, "records:read")

    nothing = {"resolved": 0, "already_decided": 0}
    assert stranger.post("reviews/decide/", form).json() == nothing
    assert viewer.post("reviews/decide/", form).status_code == 403
    assert owner.post("reviews/decide/", {**form, "verdict": "burn"}).status_code == 400
    assert RecordLink.objects.get(reviews=review).choices == {}
    assert owner.post("reviews/decide/", form).json() == {"resolved": 1, "already_decided": 0}
    assert RecordLink.objects.get(reviews=review).choices == {"@verdict": "archive"}
    again = owner.post("reviews/decide/", {**form, "verdict": "keep"})
    assert again.json() == {"resolved": 0, "already_decided": 1}
    assert RecordLink.objects.get(reviews=review).choices == {"@verdict": "archive"}


@pytest.mark.parametrize("model", [Integration, ObjectSync])
@pytest.mark.parametrize(
    ("path", "reason", "said"),
    [
        ("reviews/resolve/", "conflict", {"side": "hubspot"}),
        ("reviews/decide/", "delete_held", {"verdict": "archive"}),
    ],
)
def test_nothing_is_decided_once_the_integration_is_uninstalled(
    model: type[Integration] | type[ObjectSync],
    path: str,
    reason: str,
    said: dict[str, str],
    desk: Desk,
    owner: Api,
) -> None:
    [review] = conflicts(desk)
    Review.objects.update(reason=reason)
    RecordLink.objects.filter(reviews=review).update(reason=reason)
    model.objects.update(state=SyncState.UNINSTALLED)

    answer = owner.post(path, {**said, "ids": [review.pk]})

    assert answer.status_code == 409
    assert RecordLink.objects.get(reviews=review).choices == {}
