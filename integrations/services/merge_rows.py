"""Merges as they are stored with a relink: one row per extra target record, and a sealed copy.

Everything that writes runs in the caller's transaction, which holds the lane's fence. What is done
about a merge is in `merging.py` and `merge_choices.py`, undoing one in `unmerging.py`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.config import MergePolicy, SyncConfig
from integrations.engine.merges import Relink
from integrations.engine.pairs import Base, Link
from integrations.engine.reasons import Reason
from integrations.models import Alias, Merge, MergeState, ObjectSync, RecordLink, Review
from integrations.services import dependencies, notices, reviews, vault
from integrations.services.intents_sql import columns, execute

COLUMN: Final = "sealed"
UNDECIDED: Final = (MergeState.OPEN, MergeState.FAILING, MergeState.HELD)
"""States in which something is still to be done about the extra record."""
AUTOMATIC: Final = (MergeState.OPEN, MergeState.FAILING)


LISTED: Final = 300
"""Steps kept with a merge; the history has all of them."""
DECIDED: Final = "decided"
"""The key of the step by which a person let the extra record be removed."""
Step = dict[str, str]
"""What was done: key, object, id, detail, by, at."""


class MergeRefused(Exception):
    """What a person asked for makes no sense, or not now. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Was:
    """A link as it was before a merge. `aliases` are (side, id)."""

    hubspot_id: str
    target_id: str
    external_key: str
    state: str
    reason: str
    detail: str
    base: Mapping[str, Mapping[str, str]]
    refused: Mapping[str, Sequence[str]]
    choices: Mapping[str, Any]
    generation: int
    missing_since: float
    aliases: Sequence[Sequence[str]]

    @property
    def digests(self) -> Base:
        """What both sides last agreed on."""
        return Base(**self.base)


@dataclass(frozen=True, slots=True)
class Before:
    """Both links of a merge as they were before it."""

    kept: Was
    loser: Was


def remember(
    object_sync: ObjectSync, config: SyncConfig, relinks: Sequence[Relink], now: datetime
) -> None:
    """Store a merge per link with a target record that a relink ends; call it before any change.

    Earlier merges whose kept link ends now go on with its heir.
    """
    ending = [(item, link) for item in relinks if item.old_ids for link in item.superseded]
    _follow(relinks)
    reviews.close([link.key for item in relinks for link in item.superseded], now)
    pairs = [(item, link) for item, link in ending if link.target_id]
    if not pairs:
        return
    copies = _copies({key for item, link in pairs for key in (item.kept.key, link.key)})
    is_parent = dependencies.is_pointed_to(object_sync)
    rows = [_row(object_sync, config, item, link, is_parent, now) for item, link in pairs]
    Merge.objects.bulk_create(rows)
    for row in rows:
        plain = json.dumps({"kept": copies[row.kept_id], "loser": copies[row.loser_id]})
        row.sealed = vault.seal(plain.encode(), aad=vault.place(row, COLUMN))
    Merge.objects.bulk_update(rows, (COLUMN,))
    _tell(object_sync, rows, pairs, now)


def _row(
    object_sync: ObjectSync,
    config: SyncConfig,
    item: Relink,
    loser: Link,
    is_parent: bool,
    now: datetime,
) -> Merge:
    policy = config.merge
    if policy is MergePolicy.ARCHIVE and not config.target.can_archive:
        policy = MergePolicy.HOLD
    state = AT_REST[policy]
    if is_parent or policy is MergePolicy.ARCHIVE:
        state = MergeState.OPEN
    return Merge(
        tenant_id=object_sync.tenant_id,
        object_sync=object_sync,
        kept_id=item.kept.key,
        loser_id=loser.key,
        hubspot_id=item.new_id,
        old_ids=list(dict.fromkeys([loser.hubspot_id, item.kept.hubspot_id, *item.old_ids])),
        policy=policy.value,
        state=state,
        reason=Reason.MERGE_CONFLICT if state == MergeState.HELD else "",
        due_at=now if state == MergeState.OPEN else None,
        ended_at=now if state == MergeState.DONE else None,
        created_at=now,
    )


AT_REST: Final = {
    MergePolicy.KEEP: MergeState.DONE,
    MergePolicy.HOLD: MergeState.HELD,
    MergePolicy.ARCHIVE: MergeState.OPEN,
}
"""Where a merge comes to rest once everything that no policy stops is done."""


def _follow(relinks: Sequence[Relink]) -> None:
    """Let undecided merges follow: to the heir of a kept link that ends now, and to its new id.

    The id of before is an old one then, under which notices of the merge may be stored.
    """
    heirs = [
        (link.key, item.kept.key, item.new_id)
        for item in relinks
        for link in (item.kept, *item.superseded)
    ]
    execute(
        """
        UPDATE integrations_merge AS merge SET kept_id = heir.kept, hubspot_id = heir.new_id,
            old_ids = CASE WHEN merge.hubspot_id = heir.new_id THEN merge.old_ids
                ELSE merge.old_ids || to_jsonb(merge.hubspot_id) END
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS heir (old, kept, new_id)
        WHERE merge.kept_id = heir.old AND merge.state = ANY(%s)
        """,
        [*columns(heirs), list(UNDECIDED)],
    )


def _copies(link_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return links as they are stored now, with all their ids."""
    aliases: dict[int, list[list[str]]] = {key: [] for key in link_ids}
    for key, side, record_id in Alias.objects.filter(link__in=link_ids).values_list(
        "link", "side", "record_id"
    ):
        aliases[key].append([side, record_id])
    return {
        row.pk: asdict(
            Was(
                **{name: getattr(row, name) for name in COPIED},
                aliases=sorted(aliases[row.pk]),
            )
        )
        for row in RecordLink.objects.filter(pk__in=link_ids)
    }


COPIED: Final = tuple(name for name in Was.__dataclass_fields__ if name != "aliases")


def _tell(
    object_sync: ObjectSync,
    rows: Sequence[Merge],
    pairs: Sequence[tuple[Relink, Link]],
    now: datetime,
) -> None:
    """Send a mail per record that keeps no HubSpot record of its own, and ask where asked to."""
    for row, (item, link) in zip(rows, pairs, strict=True):
        if row.policy == MergePolicy.ARCHIVE or not item.kept.target_id:
            continue
        detail = f"{item.kept.target_id} is kept up to date, {link.target_id} no longer is."
        ended = RecordLink(
            id=link.key,
            tenant_id=object_sync.tenant_id,
            object_sync=object_sync,
            hubspot_id=link.hubspot_id,
            target_id=link.target_id,
        )
        notices.record_failed(
            ended,
            reason=Reason.MERGE_CONFLICT,
            detail=detail,
            label="",
            attempt_key=f"merged:{row.pk}",
        )
        if row.policy == MergePolicy.HOLD:
            ask(row, detail, now)


def ask(merge: Merge, detail: str, now: datetime) -> None:
    """Open the review of a merge that a person has to decide, unless it is open."""
    Review.objects.bulk_create(
        [
            Review(
                tenant_id=merge.tenant_id,
                object_sync_id=merge.object_sync_id,
                link_id=merge.loser_id,
                reason=Reason.MERGE_CONFLICT,
                detail=detail,
                opened_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def step(key: str, kind: str, record_id: str, detail: str = "", by: str = "") -> Step:
    """Return a step as it is stored; `by` is who did it, "" for the portal itself."""
    at = timezone.now().isoformat(timespec="seconds")
    return {"key": key, "object": kind, "id": record_id, "detail": detail, "by": by, "at": at}


def end(merge: Merge, state: MergeState, user: AbstractBaseUser | None = None) -> None:
    """Let nothing be left to do about a merge, in the caller's transaction."""
    now = timezone.now()
    merge.state, merge.due_at, merge.ended_at = state, None, now
    merge.reason = merge.detail = ""
    merge.ended_by_id = user.pk if user else None
    merge.save(update_fields=["state", "due_at", "ended_at", "reason", "detail", "ended_by"])
    asked = Review.objects.filter(link=merge.loser_id, reason=Reason.MERGE_CONFLICT, closed_at=None)
    asked.update(closed_at=now, closed_by_id=merge.ended_by_id)


def before(merge: Merge) -> Before:
    """Open a merge's copy; raises MergeRefused, saying what to do, if that cannot be done."""
    if not merge.sealed:
        raise MergeRefused(
            _("The copy from before this merge was deleted, so it cannot be undone.")
        )
    try:
        opened = json.loads(vault.unseal(merge.sealed, aad=vault.place(merge, COLUMN)))
    except vault.SealBroken as error:
        raise MergeRefused(
            _(
                "The copy from before this merge cannot be opened (%(why)s). The operator must put "
                "the key it was sealed with back into ENCRYPTION_KEYS; then try again."
            )
            % {"why": error}
        ) from None
    return Before(Was(**opened["kept"]), Was(**opened["loser"]))


def newest_of(link: RecordLink) -> Merge | None:
    """Return the newest merge that a link was in, as the kept or as the ended one."""
    found = [Merge.objects.filter(**{role: link}).order_by("-pk").first() for role in ROLES]
    return max((row for row in found if row), key=lambda row: row.pk, default=None)


ROLES: Final = ("kept", "loser")


def forget(link_ids: Collection[int]) -> None:
    """Destroy the copies of some links' merges, in the caller's transaction: none can be undone."""
    kept = Merge.objects.filter(kept__in=link_ids)
    for rows in (kept, Merge.objects.filter(loser__in=link_ids)):
        rows.exclude(sealed="").update(sealed="", detail="")
