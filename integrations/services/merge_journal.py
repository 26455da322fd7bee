"""What an attempt at a merge commits: intents before writes, their ends, steps, audit entries.

Every commit checks the lane's fence, and that nobody decided about the merge meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction
from django.utils import timezone

from integrations.engine.extras import Referrer
from integrations.engine.mapping import Privacy
from integrations.engine.pairs import Action, IntentState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Intent, Merge, MergeState, RecordLink
from integrations.services import audit, intents_sql, ledger_sql, merge_children, merge_rows
from integrations.services.audit import AuditDraft
from integrations.services.merge_rows import step
from integrations.services.progress import Progress
from integrations.services.slices import Session

UNSETTLED: Final = (IntentState.PLANNED.value, IntentState.UNKNOWN.value)
End = tuple[int, IntentState, str]


class StepFailed(Exception):
    """A step could not be done now; the sentence is for people and names no values."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Stopped(Exception):
    """Somebody decided about the merge meanwhile: nothing more is done."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The commits of one attempt. `merge` has its links and its object sync at hand."""

    session: Session
    merge: Merge
    progress: Progress

    def plan(self, action: Action, writes: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """Commit an intent per record about to be written (its name, fields); name to intent."""
        now = timezone.now()
        with self._held():
            rows = [
                Intent(
                    object_sync_id=self.merge.object_sync_id,
                    link_id=self.merge.loser_id,
                    side=Side.TARGET.value,
                    action=action.value,
                    external_key=name[:200],
                    fields=list(fields),
                    state=IntentState.PLANNED.value,
                    fence=self.session.fence,
                    run=self.progress.run,
                    created_at=now,
                )
                for name, fields in writes.items()
            ]
            stored = Intent.objects.bulk_create(rows)
        return {name: row.pk for name, row in zip(writes, stored, strict=True)}

    def unsettled(self, action: Action) -> dict[int, str]:
        """Return the names of earlier attempts' writes whose end is not known, by intent."""
        rows = Intent.objects.filter(
            object_sync=self.merge.object_sync_id,
            link=self.merge.loser_id,
            state__in=UNSETTLED,
            action=action.value,
        )
        return dict(rows.values_list("pk", "external_key"))

    def close(self, ends: Iterable[End]) -> None:
        """Store how writes ended, and nothing else."""
        ends = list(ends)
        if ends:
            with transaction.atomic():
                ledger_sql.check_fence(self.merge.object_sync_id, self.session.fence)
                self._close(ends)

    def moved(self, ends: Sequence[End], moved: Collection[Referrer]) -> None:
        """Store which records point to the kept one now, and let their pairs be looked at."""
        kept = self.merge.kept.target_id

        def go_on() -> None:
            self._add(
                [step("repoint", one.object_type, one.id, f"{one.field}: {kept}") for one in moved]
            )
            merge_children.look_again(self.merge.object_sync, moved)

        self._written(ends, [self._repointed(one) for one in moved], go_on)

    def note(self, key: str, kind: str, record_id: str, detail: str = "") -> None:
        """Store a step without a write; the same one as before only anew."""
        with self._held():
            steps = [s for s in self.merge.steps if (s["key"], s["id"]) != (key, record_id)]
            self.merge.steps = steps
            self._add([step(key, kind, record_id, detail)])

    def removed(self, ends: Sequence[End], detail: str, *, by_us: bool) -> None:
        """Store that the extra record is gone: the merge is carried through."""
        kind, extra = self.session.config.target.object_type, self.merge.loser.target_id
        now = timezone.now()

        def go_on() -> None:
            self._add([step("remove", kind, extra, detail)])
            merge_rows.end(self.merge, MergeState.DONE)
            RecordLink.objects.filter(pk=self.merge.loser_id).update(
                reason=Reason.EXTRA_REMOVED, detail=detail, decided_at=now
            )

        action = Action.ARCHIVE.value if by_us else "merge"
        self._written(ends, [self._draft(action, Reason.EXTRA_REMOVED, detail, extra)], go_on)

    def count_calls(self) -> None:
        """Add the requests of this attempt to the run that notices are counted in."""
        with transaction.atomic():
            ledger_sql.check_fence(self.merge.object_sync_id, self.session.fence)
            self.progress.save(timezone.now())

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the merge in one transaction; raises LeaseLost or Stopped before any change."""
        with transaction.atomic():
            if not self._goes_on():
                raise Stopped
            yield

    def _written(
        self, ends: Sequence[End], drafts: Sequence[AuditDraft], go_on: Callable[[], None]
    ) -> None:
        """Store what was written, which stays true whatever was decided meanwhile; then go on.

        Raises LeaseLost before any change, or Stopped once the writes are stored.
        """
        with transaction.atomic():
            undecided = self._goes_on()
            self._close(ends)
            audit.append(drafts)
            if undecided:
                go_on()
        if not undecided:
            raise Stopped

    def _goes_on(self) -> bool:
        """Lock the merge and tell whether nobody has decided about it; raises LeaseLost."""
        ledger_sql.check_fence(self.merge.object_sync_id, self.session.fence)
        row = Merge.objects.select_for_update(no_key=True).get(pk=self.merge.pk)
        self.merge.steps = row.steps
        return row.state in merge_rows.AUTOMATIC

    def _close(self, ends: Sequence[End]) -> None:
        intents_sql.close_intents(self.merge.object_sync_id, ends, timezone.now())

    def _add(self, steps: Sequence[merge_rows.Step]) -> None:
        """Add steps; of too many the oldest go, but never what a person decided."""
        found = [*self.merge.steps, *steps]
        early, late = found[: -merge_rows.LISTED], found[-merge_rows.LISTED :]
        self.merge.steps = [*(s for s in early if s["key"] == merge_rows.DECIDED), *late]
        self.merge.save(update_fields=["steps"])

    def _repointed(self, one: Referrer) -> AuditDraft:
        detail = f"{one.object_type} {one.id}: {one.field}."
        return replace(
            self._draft("repoint", Reason.REPOINTED, detail, one.id),
            before={one.field: self.merge.loser.target_id},
            after={one.field: self.merge.kept.target_id},
            privacy={one.field: Privacy.PUBLIC},
        )

    def _draft(self, action: str, reason: Reason, detail: str, target_id: str) -> AuditDraft:
        return AuditDraft(
            tenant_id=self.merge.tenant_id,
            action=action,
            reason=reason.value,
            detail=detail,
            object_sync_id=self.merge.object_sync_id,
            link_id=self.merge.loser_id,
            hubspot_id=self.merge.hubspot_id,
            target_id=target_id,
            side=Side.TARGET.value,
            run_id=self.progress.run.pk,
            version_number=self.session.config.version,
        )
