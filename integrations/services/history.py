"""Which audit entries a settlement or a merge leaves behind. Writing them is in `audit.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from integrations.engine.config import SyncConfig
from integrations.engine.mapping import Privacy
from integrations.engine.merges import Relink
from integrations.engine.ports import WriteResult
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import ObjectSync
from integrations.services.audit import AuditDraft
from integrations.services.endings import Ending
from integrations.services.link_rows import Row


@dataclass(frozen=True, slots=True)
class History:
    """Makes the drafts of one lane: an entry per write, and one per turn of a link."""

    object_sync: ObjectSync
    version: int
    privacy: dict[Side, dict[str, Privacy]]
    run_id: int | None = None

    @classmethod
    def of(cls, object_sync: ObjectSync, config: SyncConfig, run_id: int | None) -> History:
        """Make one from the configuration that is in force."""
        privacy = {
            Side.HUBSPOT: {rule.hubspot: rule.privacy for rule in config.rules},
            Side.TARGET: {rule.target: rule.privacy for rule in config.rules},
        }
        return cls(object_sync, config.version, privacy, run_id)

    def settled(self, endings: Iterable[Ending], calls: int = 0) -> list[AuditDraft]:
        """Return the entries of settled pairs; nothing to do, as before, makes none.

        `calls` are the requests that were sent for these pairs, reading included. They are dealt
        out among the entries, so that adding up entries gives what was really sent; of a batch of
        a hundred that took one request, one entry says 1. Durations are shares of their call.
        """
        drafts = list(self._settled(endings))
        share, rest = divmod(calls, len(drafts) or 1)
        return [replace(draft, calls=share + (place < rest)) for place, draft in enumerate(drafts)]

    def _settled(self, endings: Iterable[Ending]) -> Iterator[AuditDraft]:
        for ending in endings:
            row = ending.row
            if ending.item.writes:
                for write in ending.item.writes:
                    yield self._write(row, write)
            elif ending.turned and row.id:
                yield self._draft(row, ending.item.decision.action.value, row.reason, row.detail)

    def merged(self, relinks: Iterable[Relink]) -> Iterator[AuditDraft]:
        """Yield one entry per link that a merge moves or ends, with its ids before the merge."""
        for relink in relinks:
            detail = f"{', '.join(relink.old_ids)} → {relink.new_id}"
            ends = ((link, Reason.SUPERSEDED) for link in relink.superseded)
            for link, reason in ((relink.kept, Reason.RELINKED), *ends):
                row = Row(link.key, link.hubspot_id, link.target_id)
                yield self._draft(row, "merge", reason.value, detail)

    def _write(self, row: Row, write: WriteResult) -> AuditDraft:
        reason = write.error.reason.value if write.error else row.reason
        detail = write.error.detail if write.error else row.detail
        return replace(
            self._draft(row, write.action.value, reason, detail),
            side=write.side.value,
            before=write.before,
            after=write.after,
            privacy=self.privacy[write.side],
            duration_ms=round(write.seconds * 1000),
        )

    def _draft(self, row: Row, action: str, reason: str, detail: str) -> AuditDraft:
        return AuditDraft(
            tenant_id=self.object_sync.tenant_id,
            action=action,
            reason=reason,
            detail=detail,
            object_sync_id=self.object_sync.pk,
            link_id=row.id,
            hubspot_id=row.hubspot_id,
            target_id=row.target_id,
            run_id=self.run_id,
            version_number=self.version,
        )
