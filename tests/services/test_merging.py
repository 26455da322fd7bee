"""A HubSpot merge carried through in the target: kept pair, lookups, the extra record, failures."""

from __future__ import annotations

import pytest

from integrations.engine.reasons import Reason
from integrations.models import Merge, Review
from tests.services.merge_kit import MergeKit


@pytest.fixture
def kit(db: None, monkeypatch: pytest.MonkeyPatch) -> MergeKit:
    """Give two syncs whose target can say what points to a record."""
    return MergeKit(monkeypatch)


def keys(merge: Merge) -> list[str]:
    """Return what was done about a merge."""
    return [step["key"] for step in merge.steps]


def test_the_extra_account_goes_after_everything_points_to_the_kept_one(kit: MergeKit) -> None:
    one, two = kit.two()
    kept, extra = kit.account(one), kit.account(two)
    note = kit.note(extra)
    survivor = kit.merge(one, two)
    kit.load()
    assert kit.link(two) == kit.link(one) == kit.link(survivor)
    assert kit.owners() == {kept}
    assert kit.notes.rows[note].values["about"] == (kept,), "what no sync knows follows too"
    assert kit.accounts.live() == [kept]
    merge = kit.row()
    assert (merge.state, merge.reason) == ("done", "")
    assert keys(merge) == ["in_step", "repoint", "repoint", "repoint", "children", "remove"]
    assert merge.loser.reason == Reason.EXTRA_REMOVED
    before = kit.writes()
    kit.load()
    assert kit.writes() == before
    assert not Review.objects.exists()
