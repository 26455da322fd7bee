"""The pages of merges: what happened, deciding about the extra record, undoing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrations.engine.config import MergePolicy
from integrations.engine.errors import Unavailable
from integrations.models import Merge, RecordLink, SyncState
from tests.services.merge_kit import Books, MergeKit
from tests.views.conftest import Enter


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give one merge that waits for a person."""
    made = MergeKit(monkeypatch)
    made.use(merge=MergePolicy.HOLD)
    made.merge(*made.two())
    made.load()
    return made


@pytest.fixture
def ada(kit: MergeKit, enter: Enter) -> Client:
    """Give the browser of Acme's owner."""
    return enter(kit.ada)


def address(kit: MergeKit, name: str, *more: object, slug: str = "") -> str:
    integration = kit.syncs["companies"].integration_id
    return reverse(name, args=[slug or kit.acme.slug, integration, *more])


def body(client: Client, there: str) -> str:
    answer = client.get(there)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_leads_to_the_merge_with_both_pairs_and_its_steps(
    kit: MergeKit, ada: Client
) -> None:
    row = kit.row()
    assert address(kit, "merge", row.pk) in body(ada, address(kit, "merges"))
    page = body(ada, address(kit, "merge", row.pk))
    for shown in (row.hubspot_id, row.kept.target_id, row.loser.target_id, *row.old_ids):
        assert shown in page
    assert "What belongs to it is looked at again" in page
    assert "Remove the extra record" in page
    assert "Undo the merge" in page


def test_only_open_ones_are_shown_when_asked_for(kit: MergeKit, ada: Client) -> None:
    row = kit.row()
    there = address(kit, "merge", row.pk)
    assert there in body(ada, address(kit, "merges") + "?open=1")
    ada.post(address(kit, "merge-decide", row.pk), {"action": "keep"})
    assert there not in body(ada, address(kit, "merges") + "?open=1")
    assert there in body(ada, address(kit, "merges"))


@pytest.mark.parametrize(
    ("action", "said", "left"),
    [
        ("remove", "is removed as soon as nothing points to it", 1),
        ("keep", "stays as it is", 2),
        ("by_hand", "it is merged there", 2),
    ],
)
def test_a_button_decides(action: str, said: str, left: int, kit: MergeKit, ada: Client) -> None:
    there = address(kit, "merge-decide", kit.row().pk)
    page = ada.post(there, {"action": action}, follow=True).content.decode()
    kit.work()
    assert said in page
    assert len(kit.accounts.live()) == left
    assert kit.row().state == "done"
    again = ada.post(there, {"action": action}, follow=True).content.decode()
    assert "decided meanwhile" in again


@pytest.mark.parametrize("form", [{}, {"action": "burn"}])
def test_a_button_that_does_not_exist_is_not_found(
    form: dict[str, str], kit: MergeKit, ada: Client
) -> None:
    assert ada.post(address(kit, "merge-decide", kit.row().pk), form).status_code == 404


def test_a_failing_merge_says_why_and_can_be_tried_again(kit: MergeKit, ada: Client) -> None:
    Merge.objects.update(state="failing", reason="rejected", detail="A rule forbids it.")
    page = body(ada, address(kit, "merge", kit.row().pk))
    assert "A rule forbids it." in page
    assert "Try again now" in page
    assert "A rule forbids it." in body(ada, address(kit, "merges"))
    ada.post(address(kit, "merge-decide", kit.row().pk), {"action": "retry"})
    assert kit.row().state == "open"


def test_a_merge_is_undone_with_the_record_that_a_person_names(kit: MergeKit, ada: Client) -> None:
    extra = kit.row().loser.target_id
    again = kit.companies.put({"domain": "firm2.x", "name": "Firm 2"})
    there = address(kit, "merge-undo", kit.row().pk)
    missing = ada.post(there, {"way": "named"}).content.decode()
    assert "Enter the id of the HubSpot record." in missing
    refused = ada.post(there, {"way": "named", "hubspot_id": "h999"}, follow=True)
    assert "no live record h999" in refused.content.decode()
    done = ada.post(there, {"way": "named", "hubspot_id": again}, follow=True).content.decode()
    assert "The merge is undone" in done
    assert "Undo the merge" not in done
    assert kit.account(again) == extra


def test_a_merge_is_undone_with_a_new_record(kit: MergeKit, ada: Client) -> None:
    count = len(kit.companies.live())
    ada.post(address(kit, "merge-undo", kit.row().pk), {"way": "new"})
    kit.work()
    assert len(kit.companies.live()) == count + 1


def test_a_copy_that_cannot_be_opened_is_told(
    kit: MergeKit, ada: Client, settings: Settings
) -> None:
    Merge.objects.update(sealed="v1.lost.AAAA")
    page = body(ada, address(kit, "merge", kit.row().pk))
    assert "put the key it was sealed with back" in page
    assert "Undo the merge" not in page.replace("Undo this merge", "")


def test_a_system_that_is_down_leaves_the_page_readable(
    kit: MergeKit, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: object) -> None:
        raise Unavailable("It is down.")

    monkeypatch.setattr(Books, "fetch", down)
    page = body(ada, address(kit, "merge", kit.row().pk))
    assert "It is down." in page
    there = address(kit, "merge-undo", kit.row().pk)
    answer = ada.post(there, {"way": "new"}, follow=True)
    assert "It is down." in answer.content.decode()


def test_the_why_page_of_either_record_leads_to_the_merge(kit: MergeKit, ada: Client) -> None:
    row = kit.row()
    for side, record_id in (("target", row.loser.target_id), ("hubspot", row.hubspot_id)):
        page = body(ada, address(kit, "why") + f"?id={record_id}&side={side}")
        assert address(kit, "merge", row.pk) in page
    assert "Merged in HubSpot" in page


def test_a_review_of_a_merge_leads_there(kit: MergeKit, ada: Client) -> None:
    assert address(kit, "merges") + "?open=1" in body(ada, address(kit, "reviews"))


def test_a_viewer_looks_and_changes_nothing(kit: MergeKit, enter: Enter) -> None:
    vic = enter(kit.vic)
    page = body(vic, address(kit, "merge", kit.row().pk))
    assert "Remove the extra record" not in page
    assert "Undo the merge</button>" not in page
    for name in ("merge-decide", "merge-undo"):
        there = address(kit, name, kit.row().pk)
        assert vic.post(there, {"action": "keep", "way": "new"}).status_code == 403
    assert kit.row().state == "held"


def test_a_stranger_finds_neither_list_nor_merge(kit: MergeKit, enter: Enter) -> None:
    bob, row = enter(kit.bob), kit.row()
    for slug in (kit.acme.slug, kit.bolt.slug):
        assert bob.get(address(kit, "merges", slug=slug)).status_code == 404
        assert bob.get(address(kit, "merge", row.pk, slug=slug)).status_code == 404
        for name in ("merge-decide", "merge-undo"):
            there = address(kit, name, row.pk, slug=slug)
            assert bob.post(there, {"action": "keep", "way": "new"}).status_code == 404
    assert kit.row().state == "held"


def test_what_was_disconnected_can_be_read_and_not_changed(kit: MergeKit, ada: Client) -> None:
    integration = kit.syncs["companies"].integration
    integration.state = SyncState.UNINSTALLED
    integration.save()
    page = body(ada, address(kit, "merge", kit.row().pk))
    assert "Undo this merge" not in page
    for name in ("merge-decide", "merge-undo"):
        there = address(kit, name, kit.row().pk)
        assert ada.post(there, {"action": "keep", "way": "new"}).status_code == 404
    assert RecordLink.objects.filter(state="superseded").exists()
