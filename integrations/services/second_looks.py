"""What a changed table of owners or stages means for records that were settled by the old one.

A changed table moves nothing by itself: neither side of such a record has changed. So the records
concerned get a choice ("this side wins, if both values are still what they were when they were
last agreed"), which is what a person's decision about a conflict is, too; a value that somebody
changed since then is left alone. No system is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django_q.models import Schedule

from integrations.engine.config import SyncConfig
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.pairs import LinkState
from integrations.engine.ports import Priority
from integrations.engine.reasons import Reason
from integrations.engine.records import Side, digest
from integrations.engine.transforms.tables import NAME, TABLE
from integrations.models import Integration, ObjectSync, RecordLink, RunKind, SyncState
from integrations.services import hints, leases, runs, slices, syncs, tables
from integrations.services.hints import NewHint
from integrations.services.intents_sql import columns, query
from integrations.services.tables import Table

TASK: Final = "integrations.tasks.look_again"
AGAIN: Final = timedelta(minutes=3)
"""A slice under way may still settle records by the old table; longer than any slice takes."""
AT_ONCE: Final = 1_000
"""More records than this are looked at by a full pass, which asks before it changes very many."""
LIVE: Final = [
    s.value for s in (LinkState.LINKED, LinkState.FAILING, LinkState.HELD, LinkState.FROZEN)
]
IDLE: Final = [LinkState.PENDING.value, LinkState.EXCLUDED.value]
LEFT_OUT: Final = (Reason.FILTERED_OUT, Reason.FROZEN)
"""How records stand whose stage was assigned to nothing, where a filter asks for it."""
H: Final = Side.HUBSPOT
Told = Sequence[tuple[str, str]]
"""HubSpot's values and the target's, or the digests of both."""
OPEN: Final = (Reason.FIELDS_QUARANTINED, Reason.VALUE_INVALID, Reason.PENDING)
"""How records stand that a value without an entry keeps from being settled."""


@dataclass(frozen=True, slots=True)
class Change:
    """One HubSpot value that is translated differently now: to `after`, and before to `before`.

    `before` "": that is as it was, or it was nothing.
    `returns`: nothing led back from `after` to HubSpot so far. Not for what stands in for values
    without an entry: it means none of them.
    """

    value: str
    before: str
    after: str
    returns: bool


def changes_of(before: Table, after: Table, former: Collection[str] = ()) -> list[Change]:
    """Return the HubSpot values that mean another target value now, or lead back anew.

    `former` is what stood in for values without an entry before the settings changed.

    An entry that was taken away, or whose person left, is no change: a stand-in never replaces a
    real owner.
    """
    ways = {
        value: target
        for target, value in after.back.items()
        if target not in before.back and target != after.otherwise
    }
    moved = [
        Change(value, was, target, returns=value in ways)
        for value, target in after.forth.items()
        for was in _meant(before, value, former)
        if was != target
    ]
    told = {change.value for change in moved}
    # An owner who was put away and is back means what it meant, but nothing led back to it.
    return moved + [
        Change(value, "", target, returns=True)
        for value, target in ways.items()
        if value not in told
    ]


def _meant(before: Table, value: str, former: Collection[str]) -> set[str]:
    """Return what records of a HubSpot value may have got so far.

    Besides what stands in for somebody who left, those of earlier still hold the one who left; and
    each holds what stood in when it was last translated.
    """
    if value in before.forth:
        return {before.forth[value]}
    return {before.otherwise, before.stale.get(value, before.otherwise), *former}


def ask(integration: Integration, table: str, changes: Sequence[Change]) -> int:
    """Let the records concerned be looked at again, in the caller's transaction; returns how many.

    Done once more a little later, for what a worker was just settling by the old table.
    """
    if not (changes and _concerned(integration, table)):
        return 0
    count = _mark_all(integration, table, changes)
    packed = [list(astuple(change)) for change in changes]
    Schedule.objects.create(
        func=TASK,
        args=repr((str(integration.pk), table, packed)),
        schedule_type=Schedule.ONCE,
        next_run=timezone.now() + AGAIN,
    )
    return count


def again(integration_id: UUID, table: str, packed: Sequence[Sequence[Any]]) -> int:
    """Do what `ask` did once more; records that were corrected meanwhile stay as they are."""
    integration = Integration.objects.filter(pk=integration_id).select_related("tenant").first()
    if integration is None:
        return 0
    return _mark_all(integration, table, [Change(*change) for change in packed])


def _mark_all(integration: Integration, table: str, changes: Sequence[Change]) -> int:
    found = 0
    told = {change.after for change in changes}
    forth = tables.tables_of(integration)[table].forth.items()
    right = [(value, target) for value, target in forth if target in told]
    for row, config in _concerned(integration, table):
        rules = [rule for rule in config.rules if _uses(rule, table)]
        reasons = (*OPEN, *LEFT_OUT) if tables.filters_use(config, table) else OPEN
        leases.wait_for_settling([row.pk])
        ids = {(H, one) for rule in rules for one in _marked(row, rule, changes, right)}
        ids |= set(_waiting(row, reasons))
        _ask(row, sorted(ids))
        found += len(ids)
    return found


def _concerned(integration: Integration, table: str) -> list[tuple[ObjectSync, SyncConfig]]:
    """Return the published object syncs that use a table, with their configurations."""
    rows = integration.object_syncs.exclude(state=SyncState.UNINSTALLED).exclude(version=None)
    found = []
    for row in rows.select_related("version", "tenant"):
        row.integration = integration
        try:
            config = syncs.config_of(row)
        except ConfigInvalid:
            continue  # it is held for its settings and looks at everything once they are right
        if table in tables.used(config) or tables.filters_use(config, table):
            found.append((row, config))
    return found


def _uses(rule: FieldRule, table: str) -> bool:
    return rule.transform == TABLE and dict(rule.arguments).get(NAME) == table


def _marked(
    row: ObjectSync, rule: FieldRule, changes: Sequence[Change], right: Told
) -> Iterator[str]:
    """Mark links and return their HubSpot ids: HubSpot's value wins, or the target's.

    `right` are pairs of values that mean each other now, so that nothing has to return.
    """
    key = slices.digest_key(row)
    if rule.direction is not Direction.TO_HUBSPOT:
        agreed = [(c.value, c.before) for c in changes if c.before]
        yield from _mark(row, rule, Side.HUBSPOT, _HERE, (_digests(agreed, key), ()))
    if rule.direction is not Direction.TO_TARGET:
        foreign = [(c.value, c.after) for c in changes if c.returns]
        told = _digests(foreign, key), _digests(right, key)
        yield from _mark(row, rule, Side.TARGET, _THERE, told)


def _digests(values: Told, key: bytes) -> Told:
    return [(digest(here, key), digest(there, key)) for here, there in values]


_HERE: Final = "base->'hubspot'->>%s = told.here AND base->'target'->>%s = told.there"
# The target's value could not travel before; HubSpot holds something else.
_THERE: Final = "base->'hubspot'->>%s <> told.here AND base->'target'->>%s = told.there"


def _mark(
    row: ObjectSync, rule: FieldRule, side: Side, where: str, told: tuple[Told, Told]
) -> list[str]:
    """Mark links whose agreed digests are among the first of `told`, and not among the second."""
    if not told[0]:
        return []
    names = rule.hubspot, rule.target
    found = query(
        f"""
        UPDATE integrations_recordlink AS link
        SET choices = choices || jsonb_build_object(%s::text, jsonb_build_object('side', %s::text,
            'seen', jsonb_build_array(base->'hubspot'->>%s, base->'target'->>%s)))
        FROM unnest(%s::text[], %s::text[]) AS told (here, there)
        WHERE object_sync_id = %s AND state = ANY(%s) AND hubspot_id <> '' AND {where}
            AND NOT EXISTS (
                SELECT FROM unnest(%s::text[], %s::text[]) AS kept (here, there)
                WHERE base->'hubspot'->>%s = kept.here AND base->'target'->>%s = kept.there
            )
        RETURNING hubspot_id
        """,  # noqa: S608  one of two conditions of this module
        [
            f"{rule.hubspot}|{rule.target}", side.value, *names, *_pairs(told[0]),
            row.pk, LIVE, *names, *_pairs(told[1]), *names,
        ],
    )  # fmt: skip
    return [hubspot_id for (hubspot_id,) in found]


def _pairs(told: Told) -> list[Any]:
    return list(columns(list(told))) if told else [[], []]


def _waiting(row: ObjectSync, reasons: Sequence[Reason]) -> Iterator[tuple[Side, str]]:
    """Return records that may wait for an entry; they are tried again, nothing is decided."""
    links = RecordLink.objects.filter(
        object_sync=row, state__in=[*LIVE, *IDLE], reason__in=reasons
    ).values_list("hubspot_id", "target_id")
    for hubspot_id, target_id in links:
        yield (H, hubspot_id) if hubspot_id else (Side.TARGET, target_id)


def _ask(row: ObjectSync, ids: Sequence[tuple[Side, str]]) -> None:
    if len(ids) > AT_ONCE:
        runs.open_run(row, RunKind.RECONCILE)
        return
    now: Any = timezone.now()
    wanted = [NewHint(side, one, Priority.RETRY, due_at=now) for side, one in ids]
    hints.raise_hints(row.pk, wanted)
    hints.wake([row.pk])
