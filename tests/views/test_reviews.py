"""Conflicts: both values side by side, decided one by one or together."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.engine.records import BLANK, Value
from integrations.models import RecordLink, Review, Role
from integrations.services import connectors, tenants
from tests import factories
from tests.services.twin_kit import TwinKit
from tests.views.conftest import Enter

ADA = {"email": "ada@x", "name": "Ada"}


@pytest.fixture
def twin(db: None, monkeypatch: pytest.MonkeyPatch) -> TwinKit:
    """Two systems in memory; none of them remembers what its fields held."""
    kit = TwinKit(monkeypatch)
    monkeypatch.setattr(connectors, "open_connector", lambda *_a, **_k: kit.hubspot)
    return kit


@pytest.fixture
def owner(twin: TwinKit, enter: Enter) -> Client:
    """Give the browser of the tenant's owner."""
    user = User.objects.create_user("ada")
    twin.sync.tenant.memberships.create(user=user, role=Role.OWNER)
    return enter(user)


def conflict(twin: TwinKit, number: int = 0, old: Value = "Old") -> Review:
    """Let both sides change the name of one person to different values."""
    there = {"email": f"p{number}@x", "name": old}
    key = twin.hubspot.put(there)
    twin.run()
    other = next(
        i for i in twin.target.live() if twin.target.rows[i].values["mail"] == f"p{number}@x"
    )
    twin.hubspot.edit(key, {"name": f"Here {number}"})
    twin.target.edit(other, {"title": f"There {number}"})
    twin.run()
    return Review.objects.get(link__hubspot_id=key, closed_at=None)


def address(twin: TwinKit, name: str, *more: object) -> str:
    return reverse(name, args=[twin.sync.tenant.slug, twin.sync.integration_id, *more])


def test_a_conflict_shows_both_values_and_what_was_agreed(twin: TwinKit, owner: Client) -> None:
    review = conflict(twin)

    page = owner.get(address(twin, "review", review.pk)).content.decode()

    assert "Here 0" in page
    assert "There 0" in page
    assert "no longer known" in page
    assert "Take HubSpot's value" in page


def test_what_was_empty_on_both_sides_is_told_as_empty(twin: TwinKit, owner: Client) -> None:
    review = conflict(twin, old=BLANK)

    page = owner.get(address(twin, "review", review.pk)).content.decode()

    assert "no longer known" not in page
    assert "empty" in page


def test_one_click_lets_a_side_win(twin: TwinKit, owner: Client) -> None:
    review = conflict(twin)
    page = owner.get(address(twin, "review", review.pk)).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen

    form = {"review": review.pk, "side": "target", "field": "name|title", "seen": seen[1]}
    answer = owner.post(address(twin, "review-resolve"), form, follow=True)
    twin.run()

    assert "1 conflict is decided." in answer.content.decode()
    assert twin.hubspot.rows[review.link.hubspot_id].values["name"] == "There 0"  # type: ignore[union-attr]
    review.refresh_from_db()
    assert review.closed_at is not None
    assert "This is decided" in owner.get(address(twin, "review", review.pk)).content.decode()


def test_a_value_that_moved_since_is_not_overwritten(twin: TwinKit, owner: Client) -> None:
    review = conflict(twin)

    form = {"review": review.pk, "side": "hubspot", "field": "name|title", "seen": "0-0"}
    answer = owner.post(address(twin, "review-resolve"), form, follow=True)

    assert "has changed since you opened this page" in answer.content.decode()
    assert Review.objects.filter(closed_at=None).count() == 1


@pytest.mark.parametrize("scope", ["chosen", "all"])
def test_conflicts_are_decided_together(scope: str, twin: TwinKit, owner: Client) -> None:
    found = [conflict(twin, number) for number in range(3)]
    chosen = [found[0].pk, found[1].pk] if scope == "chosen" else []

    form = {"review": chosen, "scope": scope, "side": "hubspot"}
    owner.post(address(twin, "review-resolve"), form)
    twin.run()

    titles = {twin.target.rows[i].values["title"] for i in twin.target.live()}
    expected = {"Here 0", "Here 1", "There 2" if scope == "chosen" else "Here 2"}
    assert titles == expected


@pytest.mark.parametrize("form", [{}, {"side": "hubspot"}, {"side": "both", "review": "1"}])
def test_a_press_without_a_choice_decides_nothing(
    form: dict[str, str], twin: TwinKit, owner: Client
) -> None:
    conflict(twin)

    answer = owner.post(address(twin, "review-resolve"), form, follow=True)

    assert "Nothing is chosen." in answer.content.decode()
    assert Review.objects.filter(closed_at=None).count() == 1


def test_a_viewer_sees_the_values_and_no_button(twin: TwinKit, enter: Enter) -> None:
    review = conflict(twin)
    vic = User.objects.create_user("vic")
    twin.sync.tenant.memberships.create(user=vic, role=Role.VIEWER)
    client = enter(vic)

    page = client.get(address(twin, "review", review.pk)).content.decode()

    assert "Here 0" in page
    assert "Take HubSpot" not in page
    form = {"review": review.pk, "side": "hubspot"}
    assert client.post(address(twin, "review-resolve"), form).status_code == 403


def test_another_tenants_conflict_is_neither_shown_nor_decided(twin: TwinKit, enter: Enter) -> None:
    review = conflict(twin)
    bob = User.objects.create_user("bob")
    bolt = tenants.create("Bolt", owner=bob)
    own = factories.object_sync(bolt)
    client = enter(bob)

    borrowed = [bolt.slug, own.integration_id]
    assert client.get(reverse("review", args=[*borrowed, review.pk])).status_code == 404
    form = {"review": review.pk, "side": "hubspot"}
    client.post(reverse("review-resolve", args=borrowed), form)
    assert client.post(address(twin, "review-resolve"), form).status_code == 404
    review.refresh_from_db()
    assert review.link.choices == {}  # type: ignore[union-attr]


# ---------------------------------------------------------------- deletions


def held_deletion(twin: TwinKit) -> Review:
    """Give a pair whose deletion waits for a person."""
    return held_deletions(twin, 1)[0]


def held_deletions(twin: TwinKit, count: int) -> list[Review]:
    """Give some of them."""
    keys = [twin.hubspot.put({"email": f"gone{n}@x", "name": "Ada"}) for n in range(count)]
    twin.run()
    links = RecordLink.objects.filter(hubspot_id__in=keys)
    links.update(state="held", reason="delete_held")
    return [
        Review.objects.create(
            tenant=twin.sync.tenant, object_sync=twin.sync, link=link, reason="delete_held",
            opened_at=timezone.now(),
        )
        for link in links.order_by("pk")
    ]  # fmt: skip


@pytest.mark.parametrize("scope", ["chosen", "all"])
def test_deletions_are_decided_together(twin: TwinKit, owner: Client, scope: str) -> None:
    review = held_deletion(twin)
    page = owner.get(address(twin, "reviews")).content.decode()
    assert "Archive the record that is left" in page
    assert "Restore records" in page
    form = {"verdict": "keep", "scope": scope, "review": str(review.pk)}
    answer = owner.post(address(twin, "review-decide"), form, follow=True)
    assert "1 deletion is decided." in answer.content.decode()
    assert RecordLink.objects.get(reviews=review).choices == {"@verdict": "keep"}


def test_a_deletion_that_is_decided_is_left_as_it_is(twin: TwinKit, owner: Client) -> None:
    review = held_deletion(twin)
    form = {"verdict": "archive", "review": str(review.pk)}
    owner.post(address(twin, "review-decide"), form)
    for scope in ("chosen", "all"):
        form = {"verdict": "keep", "review": str(review.pk), "scope": scope}
        answer = owner.post(address(twin, "review-decide"), form, follow=True)
        assert "1 deletion was decided before and is left as it is." in answer.content.decode()
    assert RecordLink.objects.get(reviews=review).choices == {"@verdict": "archive"}


def test_one_press_decides_so_many_deletions_and_the_next_one_others(
    twin: TwinKit, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.views.deletions.MOST_AT_ONCE", 2)
    held_deletions(twin, 3)
    assert "All open deletions, up to 500" in owner.get(address(twin, "reviews")).content.decode()
    for told in ("2 deletions are decided.", "1 deletion is decided."):
        form = {"verdict": "keep", "scope": "all"}
        answer = owner.post(address(twin, "review-decide"), form, follow=True)
        assert told in answer.content.decode()
    assert not RecordLink.objects.filter(choices={}).exists()


def test_a_deletion_is_not_decided_without_a_choice(twin: TwinKit, owner: Client) -> None:
    review = held_deletion(twin)
    for form in ({"verdict": "keep"}, {"verdict": "burn", "scope": "all"}, {"scope": "all"}):
        answer = owner.post(address(twin, "review-decide"), form, follow=True)
        assert "Nothing is chosen." in answer.content.decode()
    assert RecordLink.objects.get(reviews=review).choices == {}


def test_viewers_and_strangers_decide_no_deletion(twin: TwinKit, enter: Enter) -> None:
    review = held_deletion(twin)
    viewer, stranger = User.objects.create_user("vic"), User.objects.create_user("bob")
    twin.sync.tenant.memberships.create(user=viewer, role=Role.VIEWER)
    tenants.create("Bolt", owner=stranger)
    form = {"verdict": "archive", "scope": "all"}
    assert enter(viewer).post(address(twin, "review-decide"), form).status_code == 403
    assert enter(stranger).post(address(twin, "review-decide"), form).status_code == 404
    page = enter(viewer).get(address(twin, "reviews")).content.decode()
    assert "Archive the record that is left" not in page
    assert RecordLink.objects.get(reviews=review).choices == {}
