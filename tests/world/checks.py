"""What must hold once everything has settled, whatever happened on the way."""

from __future__ import annotations

from collections import Counter

from django.utils import timezone

from integrations.connectors.hubspot.spec import SYNC_KEY
from integrations.engine.explanations import EXPLANATIONS, Tone
from integrations.engine.pairs import LinkState
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import BLANK, FieldType, Side, Value, same
from integrations.models import Alias, EventOutcome, Intent, ObjectSync, RecordLink, Review
from integrations.services import connectors, syncs
from tests.world.people import People
from tests.world.town import Town

LIVE = ("pending", "linked", "excluded", "held", "failing", "frozen")


def check(town: Town, people: People) -> None:
    """Check the settled state of both objects."""
    for key in ("companies", "contacts"):
        row = town.row(key)
        links = list(RecordLink.objects.filter(object_sync=row, state__in=LIVE))
        _every_record_has_a_row(town, row)
        _no_two_links_of_one_record(links)
        _nothing_names_a_loser(town, row, links)
        _pairs_agree(town, row, links)
    _nothing_was_doubled(town)
    _nothing_was_made_beside_a_match(town, people)
    assert not Intent.objects.filter(
        state__in=("planned", "unknown"), link__state="linked"
    ).exists()
    assert not EventOutcome.objects.filter(outcome="").exists(), "an event without an outcome"


def _every_record_has_a_row(town: Town, row: ObjectSync) -> None:
    for side, ids in _live_ids(town, row).items():
        known = set(
            Alias.objects.filter(object_sync=row, side=side).values_list("record_id", flat=True)
        )
        assert not set(ids) - known, f"{side} {set(ids) - known} have no row"


def _no_two_links_of_one_record(links: list[RecordLink]) -> None:
    """At most one live link per id and side (invariant 4)."""
    for name in ("hubspot_id", "target_id"):
        ids = Counter(getattr(link, name) for link in links if getattr(link, name))
        assert not [one for one, count in ids.items() if count > 1]


def _nothing_names_a_loser(town: Town, row: ObjectSync, links: list[RecordLink]) -> None:
    """After a merge nothing live names a loser (invariant 12)."""
    gone = town.stage.merged_ids(row.hubspot_object)
    assert not {link.hubspot_id for link in links} & gone


def _nothing_was_doubled(town: Town) -> None:
    """At most one live record per record it was made for (invariant 3)."""
    for kind in ("companies", "contacts"):
        keys = Counter(
            town.hubspot.read(kind, one).get(SYNC_KEY.name, "")
            for one in town.stage.hubspot_ids(kind)
        )
        assert not [key for key, count in keys.items() if key and count > 1]
    for kind, name in (("accounts", "primaryDomain"), ("contacts", "email")):
        values = Counter(record[name] for record in town.thena.all(kind))
        assert not [value for value, count in values.items() if count > 1]


def _nothing_was_made_beside_a_match(town: Town, people: People) -> None:
    """No company was made although HubSpot had one of that domain: look before create."""
    kind = "companies"
    found = {one: town.hubspot.read(kind, one) for one in town.stage.hubspot_ids(kind)}
    by_hand = {
        one: values
        for one, values in found.items()
        if not values.get(SYNC_KEY.name) and not values.get("hs_merged_object_ids")
    }
    for one, values in found.items():
        if not values.get(SYNC_KEY.name) or values.get("hs_merged_object_ids"):
            continue
        older = [
            other
            for other, known in by_hand.items()
            if known.get("domain") == values.get("domain")
            and int(other) < int(one)
            and other not in people.restored
        ]
        assert not older, f"{one} was made beside {older}"


def _pairs_agree(town: Town, row: ObjectSync, links: list[RecordLink]) -> None:
    """Both sides of a linked pair agree in every field, or an open reason says why not."""
    config, pair = syncs.config_of(row), connectors.open_pair(row, Priority.PERSON)
    linked = [link for link in links if link.state == LinkState.LINKED]
    sides = {
        Side.HUBSPOT: pair[Side.HUBSPOT].fetch(
            row.hubspot_object, [k.hubspot_id for k in linked], config.fields(Side.HUBSPOT)
        ),
        Side.TARGET: pair[Side.TARGET].fetch(
            row.target_object, [k.target_id for k in linked], config.fields(Side.TARGET)
        ),
    }
    mapper = mapper_of(config)
    for link in linked:
        mine, theirs = (
            sides[Side.HUBSPOT].get(link.hubspot_id),
            sides[Side.TARGET].get(link.target_id),
        )
        assert mine is not None, f"{link}: {link.reason} but nothing in HubSpot"
        assert theirs is not None, f"{link}: {link.reason} but nothing in Thena"
        if EXPLANATIONS[Reason(link.reason)].tone not in (Tone.GOOD,):
            continue
        for bound in mapper.rules:
            left, right = mine.get(bound.rule.hubspot), theirs.get(bound.rule.target)
            if bound.rule.type is FieldType.REFERENCE:
                left, right = _paired(row, left, right)
            elif not bound.rule.clears and BLANK in (left, right):
                continue
            sent = bound.translate(left, Side.TARGET, timezone.now())
            assert same(sent, right), (
                f"{bound.label}: {left!r} and {right!r} on {link} ({link.reason})"
            )
    for link in links:
        if link.state == LinkState.HELD:
            assert Review.objects.filter(link=link, closed_at=None).exists(), (
                "held without a review"
            )


def _paired(row: ObjectSync, left: Value, right: Value) -> tuple[Value, Value]:
    """Reduce both sets of parents to pairs, named by the target's ids."""
    sibling = ObjectSync.objects.get(integration=row.integration_id, key="companies")
    found = []
    for side, value in ((Side.HUBSPOT, left), (Side.TARGET, right)):
        ids = value if isinstance(value, tuple) else ()
        aliases = Alias.objects.filter(object_sync=sibling, side=side, record_id__in=ids)
        pairs = {
            alias.link.target_id
            for alias in aliases.select_related("link")
            if alias.link.hubspot_id and alias.link.target_id and alias.link.state in LIVE
        }
        found.append(tuple(sorted(pairs)) or BLANK)
    return found[0], found[1]


def _live_ids(town: Town, row: ObjectSync) -> dict[Side, list[str]]:
    return {
        Side.HUBSPOT: town.stage.hubspot_ids(row.hubspot_object),
        Side.TARGET: town.stage.thena_ids(row.target_object),
    }
