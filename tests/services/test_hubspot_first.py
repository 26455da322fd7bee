"""A change made in Magentrix counts as agreed only after HubSpot took it.

Four ways in which HubSpot does not, for companies, contacts and deals, over both stand-ins.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integrations.connectors.sandbox_faults import Fault, FaultKind
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.models import Intent, JobRun, RecordLink, RunKind
from integrations.services import lanes, retries, runs
from tests.services.magentrix_kit import ENTITIES, FIELDS, MagentrixKit

KINDS = sorted(ENTITIES)
SAID = "Our workflow does not allow that."
Refuse = Callable[[MagentrixKit, str], None]


def by_value(status: int) -> Refuse:
    """Let HubSpot refuse the value itself, for as long as it stays."""

    def refuse(kit: MagentrixKit, kind: str) -> None:
        kit.person.refuse(kind, FIELDS[kind][0], "changed", SAID, status=status)

    return refuse


def by_fault(fault: FaultKind) -> Refuse:
    """Let the next write of this kind in HubSpot go without an answer."""

    def refuse(kit: MagentrixKit, kind: str) -> None:
        kit.stage.hubspot.faults.inject(Fault(fault, "POST", f"/{kind}/batch/up"), times=1)

    return refuse


WAYS = {
    "400": (by_value(400), Reason.VALUE_INVALID, SAID),
    "409": (by_value(409), Reason.AMBIGUOUS, SAID),
    "timeout": (by_fault(FaultKind.TIMEOUT), Reason.UNAVAILABLE, "api.hubapi.com"),
    "lost reply": (by_fault(FaultKind.LOST_REPLY), Reason.WRITE_UNKNOWN, "api.hubapi.com"),
}


@pytest.fixture
def kit(db: None, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> MagentrixKit:
    """Give HubSpot and Magentrix with three published syncs."""
    return MagentrixKit(monkeypatch)


def known(link: RecordLink) -> tuple[object, ...]:
    """Return what a refusal must leave as it was."""
    return link.hubspot_id, link.target_id, link.external_key, link.base, link.generation


def written(link: RecordLink) -> int:
    """Return how many writes of a pair HubSpot is known to have taken."""
    return Intent.objects.filter(link=link.pk, side="hubspot", state="confirmed").count()


def refused(kit: MagentrixKit, kind: str, way: str) -> RecordLink:
    """Return a pair whose change in Magentrix HubSpot has just not taken."""
    before = kit.pair(kind)
    WAYS[way][0](kit, kind)
    kit.partner.edit(ENTITIES[kind], before.target_id, **{FIELDS[kind][1]: "changed"})
    kit.look(kind, before.target_id)
    after = kit.link(kind)
    assert known(after) == known(before)
    return after


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_what_hubspot_does_not_take_changes_nothing_and_is_shown_as_failing(
    way: str, kind: str, kit: MagentrixKit
) -> None:
    link = refused(kit, kind, way)
    _refuse, reason, said = WAYS[way]
    assert link.state == LinkState.FAILING
    assert link.reason == reason
    assert said in link.detail
    assert kit.values(kind)[1] == "changed", "nobody wrote to Magentrix"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_passes_that_come_by_meanwhile_change_nothing_either(
    way: str, kind: str, kit: MagentrixKit
) -> None:
    link = refused(kit, kind, way)
    if way in ("timeout", "lost reply"):
        kit.stage.hubspot.faults.inject(Fault(FaultKind.TIMEOUT, "POST", "/batch/up"), times=9)
    row = kit.syncs[kind]
    for _time in range(2):
        run = runs.open_run(row, RunKind.RECONCILE)
        kit.work(kind)
        runs.cancel(JobRun.objects.get(pk=run.pk))
    after = kit.link(kind)
    if way == "lost reply":
        assert (after.state, kit.values(kind)) == (LinkState.LINKED, ("changed", "changed"))
        return
    assert known(after) == known(link)
    assert after.state == LinkState.FAILING
    assert kit.values(kind) == ("agreed", "changed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_once_hubspot_takes_it_both_agree_and_nothing_is_written_twice(
    way: str, kind: str, kit: MagentrixKit
) -> None:
    link = refused(kit, kind, way)
    before = written(link)
    kit.person.refuse_nothing()
    kit.stage.hubspot.faults.clear()
    retries.retry(kit.syncs[kind], kit.stage.ada, link_ids=[link.pk])
    kit.work(kind)
    after = kit.link(kind)
    assert (after.state, kit.values(kind)) == (LinkState.LINKED, ("changed", "changed"))
    assert after.base != link.base
    assert not Intent.objects.filter(state__in=("planned", "unknown")).exists()
    assert written(link) == before + 1
    kit.look(kind, after.target_id)
    assert written(link) == before + 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_magentrix_would_get_in_the_same_breath_waits_as_well(
    kind: str, kit: MagentrixKit
) -> None:
    before = kit.pair(kind)
    by_fault(FaultKind.TIMEOUT)(kit, kind)
    name = {"companies": "name", "contacts": "lastname", "deals": "dealname"}[kind]
    kit.person.edit(kind, before.hubspot_id, {name: "From HubSpot"})
    kit.partner.edit(ENTITIES[kind], before.target_id, **{FIELDS[kind][1]: "changed"})
    kit.look(kind, before.target_id)
    assert known(kit.link(kind)) == known(before)
    assert "From HubSpot" not in map(
        str, kit.partner.get(ENTITIES[kind], before.target_id).values()
    )
    lanes.work(kit.syncs[kind].pk, seconds=60)
    kit.work(kind)
    assert "From HubSpot" in map(str, kit.partner.get(ENTITIES[kind], before.target_id).values())
    assert kit.values(kind) == ("changed", "changed")
