"""What must hold once everything has settled, whatever happened on the way."""

from __future__ import annotations

from collections import Counter

from django.utils import timezone

from integrations.connectors.hubspot.spec import SYNC_KEY
from integrations.engine.errors import MappingError
from integrations.engine.explanations import EXPLANATIONS, Tone
from integrations.engine.mapping import BoundRule, Overwrite
from integrations.engine.pairs import LinkState
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import ABSENT, BLANK, FieldType, Side, Value, is_value, same
from integrations.models import Alias, EventOutcome, Intent, ObjectSync, RecordLink, Review
from integrations.services import connectors, syncs, tables
from tests.world.people import People
from tests.world.town import Town

LIVE = ("pending", "linked", "excluded", "held", "failing", "frozen")


def check(town: Town, people: People) -> None:
    """Check the settled state of both objects."""
    for key in town.place.keys:
        row = town.row(key)
        links = list(RecordLink.objects.filter(object_sync=row, state__in=LIVE))
        _every_record_has_a_row(town, row)
        _no_two_links_of_one_record(links)
        _nothing_names_a_loser(town, row, links)
        _pairs_agree(row, links)
        town.place.check(town, row, links)
    _nothing_was_doubled(town)
    if "companies" in town.place.heard:
        _nothing_was_made_beside_a_match(town, people)
    assert not Intent.objects.filter(
        state__in=("planned", "unknown"), link__state="linked"
    ).exists()
    assert not EventOutcome.objects.filter(outcome="").exists(), "an event without an outcome"


def _every_record_has_a_row(town: Town, row: ObjectSync) -> None:
    for side, ids in town.place.live_ids(row).items():
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
    gone = town.place.merged_ids(row.hubspot_object)
    assert not {link.hubspot_id for link in links} & gone


def _nothing_was_doubled(town: Town) -> None:
    """At most one live record per record it was made for (invariant 3)."""
    for kind in town.place.heard:
        keys = Counter(
            town.hubspot.read(kind, one).get(SYNC_KEY.name, "")
            for one in town.place.hubspot_ids(kind)
        )
        assert not [key for key, count in keys.items() if key and count > 1]
    town.place.check_doubles()


def _nothing_was_made_beside_a_match(town: Town, people: People) -> None:
    """No company was made although HubSpot had one of that domain: look before create."""
    kind = "companies"
    found = {one: town.hubspot.read(kind, one) for one in town.place.hubspot_ids(kind)}
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


def _pairs_agree(row: ObjectSync, links: list[RecordLink]) -> None:
    """Both sides of a linked pair agree in every field, or an open reason says why not."""
    config = tables.fill(row.integration, syncs.config_of(row))
    if not config.target.readable:
        return
    pair = connectors.open_pair(row, Priority.PERSON)
    linked = [link for link in links if link.state == LinkState.LINKED]
    sides = {
        Side.HUBSPOT: pair[Side.HUBSPOT].fetch(
            row.hubspot_object, [k.hubspot_id for k in linked], config.fields(Side.HUBSPOT)
        ),
        Side.TARGET: pair[Side.TARGET].fetch(
            row.target_object, [k.target_id for k in linked], config.fields(Side.TARGET)
        ),
    }
    for link in linked:
        mine, theirs = (
            sides[Side.HUBSPOT].get(link.hubspot_id),
            sides[Side.TARGET].get(link.target_id),
        )
        assert mine is not None, f"{link}: {link.reason} but nothing in HubSpot"
        assert theirs is not None, f"{link}: {link.reason} but nothing in the target"
        if EXPLANATIONS[Reason(link.reason)].tone is not Tone.GOOD:
            continue
        for bound in mapper_of(config).rules:
            left, right = mine.get(bound.rule.hubspot), theirs.get(bound.rule.target)
            if bound.rule.type is FieldType.REFERENCE:
                if bound.rule.single and _is_open(row, bound.rule.reference, left, right):
                    continue
                left, right = _paired(row, bound.rule.reference, left, right)
            assert _agree(bound, left, right), (
                f"{bound.label}: {left!r} and {right!r} on {link} ({link.reason})"
            )
    for link in links:
        if link.state == LinkState.HELD:
            assert Review.objects.filter(link=link, closed_at=None).exists(), (
                "held without a review"
            )


def _agree(bound: BoundRule, left: Value, right: Value) -> bool:
    """Tell whether two values are what the field's rule makes of each other, or lets stand."""
    if not bound.rule.clears and BLANK in (left, right):
        return True
    if (
        any(bound.rule.mode(to) is not Overwrite.ALWAYS for to in bound.ways)
        and is_value(left)
        and is_value(right)
    ):
        return True
    # Where two known records met, a value that no table knows replaced nothing.
    if is_value(left) and is_value(right) and not bound.knows(left, Side.TARGET):
        return True
    return any(
        _becomes(bound, value, other, to)
        for value, other, to in ((left, right, Side.TARGET), (right, left, Side.HUBSPOT))
        if to in bound.ways
    )


def _becomes(bound: BoundRule, value: Value, other: Value, to: Side) -> bool:
    try:
        sent = bound.translate(value, to, timezone.now())
    except MappingError:
        return False
    return same(sent, other) or (sent is ABSENT and to in bound.ways)


def _is_open(row: ObjectSync, reference: str, left: Value, right: Value) -> bool:
    """Tell whether a side points only to records that are no pair yet but may become one."""
    sibling = ObjectSync.objects.get(integration=row.integration_id, key=reference)
    for side, value in ((Side.HUBSPOT, left), (Side.TARGET, right)):
        ids = value if isinstance(value, tuple) else ()
        aliases = Alias.objects.filter(object_sync=sibling, side=side, record_id__in=ids)
        states = set(aliases.values_list("link__state", flat=True))
        undecided = {LinkState.PENDING, LinkState.HELD, LinkState.FAILING}
        if ids and states <= undecided:
            return True
    return False


def _paired(row: ObjectSync, reference: str, left: Value, right: Value) -> tuple[Value, Value]:
    """Reduce both sets of parents to pairs, named by the target's ids."""
    sibling = ObjectSync.objects.get(integration=row.integration_id, key=reference)
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
